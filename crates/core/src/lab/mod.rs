//! Labs: steps whose checks are pure functions over what the account answers.
