use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::state::{Mail, Sns, Subscription, Topic, not_found, topic_arn};
use crate::account::params::{ANY, BOOLEAN, Member, NAME, TEXT, TEXT_MAP, optional, required};
use crate::account::{AccountOptions, ApiError, Params};
use crate::gather::object;
use crate::sim::{Rng, SimTime};

type Response = Result<Map<String, Value>, ApiError>;

const CREATE: &[Member] = &[
    required("Name", TEXT),
    optional("Attributes", TEXT_MAP),
    optional("Tags", ANY),
    optional("DataProtectionPolicy", TEXT),
];
const TOPIC: &[Member] = &[required("TopicArn", TEXT)];
const SUBSCRIBE: &[Member] = &[
    required("TopicArn", TEXT),
    required("Protocol", TEXT),
    optional("Endpoint", TEXT),
    optional("Attributes", TEXT_MAP),
    optional("ReturnSubscriptionArn", BOOLEAN),
];
const CONFIRM: &[Member] = &[required("TopicArn", TEXT), required("Token", TEXT), optional("AuthenticateOnUnsubscribe", TEXT)];
const UNSUBSCRIBE: &[Member] = &[required("SubscriptionArn", TEXT)];
const LIST: &[Member] = &[optional("NextToken", TEXT)];
const LIST_BY_TOPIC: &[Member] = &[required("TopicArn", TEXT), optional("NextToken", TEXT)];
const PUBLISH: &[Member] = &[
    optional("TopicArn", TEXT),
    optional("TargetArn", TEXT),
    optional("PhoneNumber", TEXT),
    required("Message", TEXT),
    optional("Subject", TEXT),
    optional("MessageStructure", TEXT),
    optional("MessageAttributes", ANY),
    optional("MessageDeduplicationId", TEXT),
    optional("MessageGroupId", TEXT),
];
const INBOX: &[Member] = &[optional("Address", NAME)];

const PAGE: usize = 100;
const MAX_MESSAGE: usize = 262_144;
const PROTOCOLS: &[&str] = &["http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"];

fn bad(what: impl AsRef<str>) -> ApiError {
    ApiError::new("InvalidParameter", format!("Invalid parameter: {}", what.as_ref()))
}

fn not_done(what: &str) -> ApiError {
    ApiError::new("NotImplemented", format!("Sluice does not do sns:{what} yet."))
}

impl Sns {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        matches!(
            operation,
            "ListTopics" | "ListSubscriptions" | "ListSubscriptionsByTopic" | "GetTopicAttributes"
        )
    }

    /// Applies one operation of service `sns`. `rng` gives new ids and tokens.
    ///
    /// Errors with the codes of the model: `InvalidParameter`, `NotFound`; `ParamValidation`; `NotImplemented` naming what is not done.
    pub fn call(&mut self, options: &AccountOptions, now: SimTime, rng: &mut Rng, operation: &str, params: &Value) -> Response {
        let check = |members| Params::check(params, members);
        match operation {
            "CreateTopic" => self.create(options, &check(CREATE)?),
            "DeleteTopic" => {
                let params = check(TOPIC)?;
                // A topic that is not there is deleted.
                if let Ok(name) = self.named(options, params.required_text("TopicArn")?) {
                    self.topics.remove(&name);
                }
                Ok(Map::new())
            }
            "GetTopicAttributes" => {
                let params = check(TOPIC)?;
                self.attributes(options, &self.named(options, params.required_text("TopicArn")?)?)
            }
            "Subscribe" => self.subscribe(options, now, rng, &check(SUBSCRIBE)?),
            "ConfirmSubscription" => self.confirm(options, &check(CONFIRM)?),
            "Unsubscribe" => self.unsubscribe(options, &check(UNSUBSCRIBE)?),
            "ListTopics" => {
                let arns = self.topics.keys().map(|name| json!({"TopicArn": topic_arn(options, name)}));
                page(&check(LIST)?, "Topics", arns.collect())
            }
            "ListSubscriptions" => {
                let shown = self
                    .topics
                    .iter()
                    .flat_map(|(name, topic)| topic.subscriptions.iter().map(|one| shown(options, name, one)));
                page(&check(LIST)?, "Subscriptions", shown.collect())
            }
            "ListSubscriptionsByTopic" => {
                let params = check(LIST_BY_TOPIC)?;
                let name = self.named(options, params.required_text("TopicArn")?)?;
                let topic = self.topics.get(&name).ok_or_else(not_found)?;
                page(
                    &params,
                    "Subscriptions",
                    topic.subscriptions.iter().map(|one| shown(options, &name, one)).collect(),
                )
            }
            "Publish" => {
                let params = check(PUBLISH)?;
                if let Some(name) = ["PhoneNumber", "MessageStructure", "MessageDeduplicationId", "MessageGroupId"]
                    .into_iter()
                    .find(|name| params.has(name))
                {
                    return Err(not_done(&format!("Publish with {name}")));
                }
                let arn = params
                    .text("TopicArn")
                    .or(params.text("TargetArn"))
                    .ok_or_else(|| bad("TopicArn or TargetArn Reason: no value for required parameter"))?;
                let (message, subject) = (params.required_text("Message")?, params.text("Subject"));
                if message.is_empty() {
                    return Err(bad("Empty message"));
                }
                if message.len() > MAX_MESSAGE {
                    return Err(bad("Message too long"));
                }
                if subject.is_some_and(|subject| subject.is_empty() || subject.chars().count() > 100 || subject.chars().any(char::is_control)) {
                    return Err(bad("Subject"));
                }
                let id = self.publish(options, now, arn, subject.unwrap_or_default(), message)?;
                Ok(one("MessageId", json!(id)))
            }
            _ => Err(not_done(operation)),
        }
    }

    /// `sluice:GetInbox`: the mails of `Address`, newest first, or of everybody.
    pub fn get_inbox(&self, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, INBOX)?;
        Ok(self.inbox(params.text("Address")))
    }

    /// Answers the topic that is there already, as SNS does.
    fn create(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let name = params.required_text("Name")?;
        if name.ends_with(".fifo")
            || params
                .map("Attributes")
                .is_some_and(|map| map.get("FifoTopic").is_some_and(|value| value == "true"))
        {
            return Err(not_done("CreateTopic for FIFO topics"));
        }
        if params.has("DataProtectionPolicy") {
            return Err(not_done("CreateTopic with DataProtectionPolicy"));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 256 || !name.bytes().all(fits) {
            return Err(bad("Topic Name"));
        }
        let attributes = params.map("Attributes").into_iter().flatten();
        let attributes = attributes
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_string())))
            .collect();
        let tags = params
            .structures("Tags")
            .filter_map(|tag| Some((tag.text("Key")?.to_string(), tag.text("Value")?.to_string())))
            .collect();
        self.topics.entry(name.to_string()).or_insert_with(|| Topic {
            attributes,
            tags,
            ..Topic::default()
        });
        Ok(one("TopicArn", json!(topic_arn(options, name))))
    }

    fn attributes(&self, options: &AccountOptions, name: &str) -> Response {
        let topic = self.topics.get(name).ok_or_else(not_found)?;
        let pending = topic.subscriptions.iter().filter(|one| one.token.is_some()).count();
        let mut attributes: Map<String, Value> = topic.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        attributes.insert("TopicArn".into(), json!(topic_arn(options, name)));
        attributes.insert("Owner".into(), json!(options.account_id));
        attributes.insert("SubscriptionsPending".into(), json!(pending.to_string()));
        attributes.insert("SubscriptionsConfirmed".into(), json!((topic.subscriptions.len() - pending).to_string()));
        attributes.insert("SubscriptionsDeleted".into(), json!(topic.deleted_subscriptions.to_string()));
        attributes.entry("DisplayName").or_insert_with(|| json!(""));
        Ok(one("Attributes", Value::Object(attributes)))
    }

    fn subscribe(&mut self, options: &AccountOptions, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let arn = params.required_text("TopicArn")?;
        let protocol = params.required_text("Protocol")?;
        if !PROTOCOLS.contains(&protocol) {
            return Err(bad(format!("Amazon SNS does not support this protocol string: {protocol}")));
        }
        if protocol != "email" {
            return Err(not_done(&format!("Subscribe with protocol {protocol}")).with_help("Subscribe an email address."));
        }
        let endpoint = params.text("Endpoint").unwrap_or_default().trim().to_ascii_lowercase();
        let is_address = endpoint
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'));
        if !is_address || endpoint.len() > 320 || endpoint.contains(char::is_whitespace) {
            return Err(bad("Email address"));
        }
        if params.map("Attributes").is_some_and(|map| !map.is_empty()) {
            return Err(not_done("Subscribe with Attributes"));
        }
        let name = self.named(options, arn)?;
        let topic = self.topics.get_mut(&name).ok_or_else(not_found)?;
        let known = topic.subscriptions.iter().position(|one| one.endpoint == endpoint);
        let at = known.unwrap_or_else(|| {
            let id = rng.uuid();
            let token: String = (0..4).map(|_| rng.uuid().replace('-', "")).collect();
            topic.subscriptions.push(Subscription {
                endpoint: endpoint.clone(),
                id,
                token: Some(token),
            });
            topic.subscriptions.len() - 1
        });
        let Some(subscription) = topic.subscriptions.get(at).cloned() else {
            return Err(not_found());
        };
        let full = format!("{arn}:{}", subscription.id);
        if let Some(token) = &subscription.token {
            self.deliver(Mail {
                at: now,
                to: endpoint,
                topic: arn.to_string(),
                subject: "AWS Notification - Subscription Confirmation".to_string(),
                body: format!(
                    "You have chosen to subscribe to the topic:\n{arn}\n\nTo confirm this subscription, confirm it with this token (If this was in error no action is necessary):\n{token}"
                ),
                message_id: rng.uuid(),
                token: Some(token.clone()),
            });
        }
        let pending = subscription.token.is_some() && params.boolean("ReturnSubscriptionArn") != Some(true);
        Ok(one("SubscriptionArn", json!(if pending { "pending confirmation" } else { &full })))
    }

    fn confirm(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let arn = params.required_text("TopicArn")?;
        let name = self.named(options, arn)?;
        let token = params.required_text("Token")?;
        // The mail remembers whom a token was for: one that was used confirms again.
        let address = self
            .mails
            .iter()
            .find(|mail| mail.topic == arn && mail.token.as_deref() == Some(token))
            .map(|mail| mail.to.clone());
        let topic = self.topics.get_mut(&name).ok_or_else(not_found)?;
        let found = topic.subscriptions.iter_mut().find(|one| match &one.token {
            Some(pending) => pending == token,
            None => address.as_ref() == Some(&one.endpoint),
        });
        let subscription = found.ok_or_else(|| bad("Token"))?;
        subscription.token = None;
        Ok(one("SubscriptionArn", json!(format!("{arn}:{}", subscription.id))))
    }

    fn unsubscribe(&mut self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let arn = params.required_text("SubscriptionArn")?;
        let (topic, id) = arn.rsplit_once(':').filter(|_| arn.split(':').count() == 7).ok_or_else(|| {
            bad(format!(
                "SubscriptionArn Reason: An ARN must have at least 6 elements, not {}",
                arn.split(':').count()
            ))
        })?;
        let name = self
            .named(options, topic)
            .map_err(|_| ApiError::new("NotFound", "Subscription does not exist"))?;
        let topic = self.topics.get_mut(&name).ok_or_else(not_found)?;
        let before = topic.subscriptions.len();
        topic.subscriptions.retain(|one| one.id != id);
        if topic.subscriptions.len() == before {
            return Err(ApiError::new("NotFound", "Subscription does not exist"));
        }
        topic.deleted_subscriptions += 1;
        Ok(Map::new())
    }
}

fn shown(options: &AccountOptions, topic: &str, subscription: &Subscription) -> Value {
    let arn = topic_arn(options, topic);
    json!({
        "SubscriptionArn": if subscription.token.is_some() { "PendingConfirmation".to_string() } else { format!("{arn}:{}", subscription.id) },
        "Owner": options.account_id,
        "Protocol": "email",
        "Endpoint": subscription.endpoint,
        "TopicArn": arn,
    })
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    object([(name.to_string(), value)])
}

fn page(params: &Params<'_>, name: &str, all: Vec<Value>) -> Response {
    let first: usize = match params.text("NextToken") {
        None => 0,
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| bad("NextToken"))?,
    };
    let more = all.len() > first.saturating_add(PAGE);
    let mut response = one(name, all.into_iter().skip(first).take(PAGE).collect());
    if more {
        response.insert("NextToken".to_string(), json!(format!("after-{}", first + PAGE)));
    }
    Ok(response)
}
