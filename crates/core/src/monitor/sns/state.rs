use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::{AccountOptions, ApiError};
use crate::sim::{Rng, SimTime};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Topic {
    pub attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// In the order in which they were made.
    pub subscriptions: Vec<Subscription>,
    #[serde(default)]
    pub deleted_subscriptions: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Subscription {
    /// An address, in lower case.
    pub endpoint: String,
    /// A UUID: the end of its ARN.
    pub id: String,
    /// What ConfirmSubscription takes; `None`: confirmed.
    pub token: Option<String>,
}

/// A mail in the inbox of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mail {
    pub at: SimTime,
    pub to: String,
    pub topic: String,
    pub subject: String,
    pub body: String,
    pub message_id: String,
    /// The token of a mail that asks for confirmation.
    #[serde(default)]
    pub token: Option<String>,
}

/// Mails kept in all; the oldest go first.
const MAX_MAILS: usize = 10_000;

/// Topics by name, and every mail they sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sns {
    #[serde(default)]
    pub(super) topics: BTreeMap<String, Topic>,
    /// Oldest first.
    #[serde(default)]
    pub(super) mails: Vec<Mail>,
    /// Messages published in all: numbers their ids.
    #[serde(default)]
    pub(super) published: u64,
}

pub(super) fn topic_arn(options: &AccountOptions, name: &str) -> String {
    format!("arn:aws:sns:{}:{}:{name}", options.region, options.account_id)
}

pub(super) fn not_found() -> ApiError {
    ApiError::new("NotFound", "Topic does not exist")
}

impl Sns {
    /// The name of a topic of this account that is there. Errors: `InvalidParameter`, `NotFound`.
    pub(super) fn named(&self, options: &AccountOptions, arn: &str) -> Result<String, ApiError> {
        let parts: Vec<&str> = arn.split(':').collect();
        let ["arn", _, "sns", region, account, name] = parts.as_slice() else {
            return Err(ApiError::new("InvalidParameter", "Invalid parameter: TopicArn"));
        };
        if *region != options.region || *account != options.account_id || !self.topics.contains_key(*name) {
            return Err(not_found());
        }
        Ok((*name).to_string())
    }

    /// Publishes a message to a topic and answers its id. Every confirmed address gets a mail. Errors: `InvalidParameter`, `NotFound`.
    pub fn publish(&mut self, options: &AccountOptions, now: SimTime, arn: &str, subject: &str, message: &str) -> Result<String, ApiError> {
        let name = self.named(options, arn)?;
        self.published += 1;
        // A stream of its own, by number: an alarm publishes without a call.
        let message_id = Rng::stream(options.seed ^ 0x534e_5300, self.published).uuid();
        let confirmed = self.topics.get(&name).map(|topic| &topic.subscriptions).into_iter().flatten();
        let to: Vec<String> = confirmed
            .filter(|subscription| subscription.token.is_none())
            .map(|subscription| subscription.endpoint.clone())
            .collect();
        for to in to {
            self.deliver(Mail {
                at: now,
                to,
                topic: arn.to_string(),
                subject: if subject.is_empty() {
                    "AWS Notification Message".to_string()
                } else {
                    subject.to_string()
                },
                body: message.to_string(),
                message_id: message_id.clone(),
                token: None,
            });
        }
        Ok(message_id)
    }

    pub(super) fn deliver(&mut self, mail: Mail) {
        self.mails.push(mail);
        if self.mails.len() > MAX_MAILS {
            self.mails.drain(..self.mails.len() - MAX_MAILS);
        }
    }

    /// Mails of an address, newest first; of every address where none is named.
    pub(super) fn inbox(&self, address: Option<&str>) -> Value {
        let mails = self
            .mails
            .iter()
            .rev()
            .filter(|mail| address.is_none_or(|address| address.eq_ignore_ascii_case(&mail.to)));
        let shown = mails.map(|mail| {
            let mut shown = json!({
                "Time": mail.at.to_string(),
                "From": "AWS Notifications <no-reply@sns.amazonaws.com>",
                "To": mail.to,
                "Subject": mail.subject,
                "Body": mail.body,
                "TopicArn": mail.topic,
                "MessageId": mail.message_id,
            });
            if let Some(token) = &mail.token {
                shown["Token"] = json!(token);
            }
            shown
        });
        json!({"Mails": shown.collect::<Vec<_>>()})
    }
}
