//! CloudWatch and SNS: metrics, their statistics and math, alarms, and topics with an inbox.
//!
//! Belongs here: the metrics store (`metrics`), statistics of a period (`statistics`), metric math (`math`), one evaluation of an alarm as a pure function (`evaluate`) and
//! its words (`reason`), what one would have done (`preview`), alarms and what time does to them (`alarm`, `composite`, `poll`), the API operations (`commands`), and SNS (`sns`).
//! Does not belong here: who may call, where a notification goes (the account routes an alarm's action to SNS), and the counters of other services.

mod alarm;
mod charges;
mod commands;
mod composite;
mod evaluate;
mod math;
mod metrics;
mod poll;
mod preview;
mod reason;
pub mod sns;
mod state;
mod statistics;

pub use evaluate::{Comparison, Evaluation, Missing, Rule, evaluate, range};
pub use metrics::{MetricId, Metrics, Sample};
pub use reason::{Datapoint, reason};
pub use state::{Changed, CloudWatch, Notification, StateValue};
pub use statistics::{Bucket, Statistic};
