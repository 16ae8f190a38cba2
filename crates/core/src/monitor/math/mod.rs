//! Metric math: queries, the language of their expressions, and its evaluation ("Using math expressions with CloudWatch metrics").
//!
//! Belongs here: `MetricDataQuery` and what its expressions mean; the parser (`parse`), the values and functions (`functions`).
//! Does not belong here: anomaly detection, Metrics Insights, search and service quotas, which are refused by name; how an API pages results.

mod functions;
mod parse;
mod query;

pub use functions::Window;
pub use query::{MAX_PERIOD, Query, all, check, needs_no_data, parse_queries, returned};
