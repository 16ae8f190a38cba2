use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

/// What an account is made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOptions {
    /// Twelve digits.
    pub account_id: String,
    pub region: String,
    /// Every number that looks like chance comes from it.
    pub seed: u64,
}

impl Default for AccountOptions {
    fn default() -> Self {
        AccountOptions {
            account_id: "123456789012".to_string(),
            region: "us-east-1".to_string(),
            seed: 0,
        }
    }
}
