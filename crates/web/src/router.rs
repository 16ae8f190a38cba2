//! Where the reader stands: the fragment of the address, parsed into a [`Route`].
//!
//! Belongs here: the grammar of `#/…`. Does not belong here: what a screen shows there.

use leptos::ev;
use leptos::prelude::*;

/// One place in the page. `Display` gives its `href`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Home,
    /// `#/storage`, `#/storage/<bucket>/<key>`: a key that ends in `/` (or is empty) is a folder, any other an object in its folder.
    Storage {
        bucket: Option<String>,
        key: String,
    },
    /// `#/storage/<bucket>?tab=properties`: what is set on a bucket. A key's own `?` is percent-encoded, so the two cannot meet.
    Bucket {
        bucket: String,
        tab: BucketTab,
    },
    Catalog,
    Table {
        database: String,
        table: String,
    },
    /// `#/catalog/crawlers/<name>`; without a name the form for a new one (`#/catalog/crawlers`).
    Crawler {
        name: Option<String>,
    },
    Etl {
        job: Option<String>,
    },
    /// `#/streams`, `#/streams/<name>`.
    Streams {
        name: Option<String>,
    },
    /// `#/streams/delivery/<name>`; without a name the form for a new one (`#/streams/delivery/`).
    Delivery {
        name: Option<String>,
    },
    /// `#/streams/scenes/<id>`: a stream's name has no `/`, so the two cannot meet.
    Scene {
        id: String,
    },
    /// `#/streams/flink/<id>`.
    Flink {
        id: String,
    },
    /// `#/alarms`, `#/alarms/<name>`.
    Alarms {
        name: Option<String>,
    },
    /// `#/alarms?new=<metric>`: the form of a new alarm on a metric, said as namespace, name and dimensions with spaces between.
    NewAlarm {
        metric: String,
    },
    Security(Security),
    Activity,
    /// `#/figures`, `#/figures/<id>`.
    Figures {
        id: Option<String>,
    },
    Bill,
    /// `#/labs`, `#/labs/<id>`.
    Labs {
        id: Option<String>,
    },
    /// Nothing is there: the fragment as it stood.
    Unknown(String),
}

/// A place under `#/security`: users and roles (`#/security`, `#/security/users/<name>`, `#/security/roles/<name>`), policies (`#/security/policies`,
/// `#/security/policies/<name>`), keys (`#/security/keys`, `#/security/keys/<id>`), the account's Block Public Access (`#/security/public-access`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    Identities,
    User(String),
    Role(String),
    Policies,
    Policy(String),
    Keys,
    Key(String),
    /// Block Public Access of the account.
    Account,
}

impl Security {
    fn parse(rest: &str) -> Option<Security> {
        let (head, name) = rest.split_once('/').unwrap_or((rest, ""));
        let name = filled(decode(name)?);
        Some(match (head, name) {
            ("users", Some(name)) => Security::User(name),
            ("roles", Some(name)) => Security::Role(name),
            ("keys", Some(id)) => Security::Key(id),
            ("keys", None) => Security::Keys,
            ("policies", Some(name)) => Security::Policy(name),
            ("policies", None) => Security::Policies,
            ("public-access", None) => Security::Account,
            ("" | "users" | "roles", None) => Security::Identities,
            _ => return None,
        })
    }
}

impl Route {
    /// Parses a fragment with or without its `#`.
    pub fn parse(hash: &str) -> Route {
        let path = hash.trim_start_matches('#').trim_start_matches('/');
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        let unknown = || Route::Unknown(hash.into());
        match head {
            "" => Route::Home,
            "storage" => {
                if let Some((bucket, tab)) = rest.split_once("?tab=") {
                    return match (decode(bucket).and_then(filled), BucketTab::parse(tab)) {
                        (Some(bucket), Some(tab)) => Route::Bucket { bucket, tab },
                        _ => unknown(),
                    };
                }
                let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
                match (decode(bucket), decode(key)) {
                    (Some(bucket), Some(key)) => Route::Storage { bucket: filled(bucket), key },
                    _ => unknown(),
                }
            }
            "catalog" => match rest.split_once('/').unwrap_or((rest, "")) {
                ("", "") => Route::Catalog,
                ("crawlers", name) => decode(name).map_or_else(unknown, |name| Route::Crawler { name: filled(name) }),
                (database, table) => match (decode(database), decode(table)) {
                    (Some(database), Some(table)) if !table.is_empty() => Route::Table { database, table },
                    _ => Route::Catalog,
                },
            },
            "etl" => decode(rest).map_or_else(unknown, |job| Route::Etl { job: filled(job) }),
            "streams" => match rest.split_once('/') {
                Some(("scenes", id)) => decode(id).and_then(filled).map_or_else(unknown, |id| Route::Scene { id }),
                Some(("flink", id)) => decode(id).and_then(filled).map_or_else(unknown, |id| Route::Flink { id }),
                Some(("delivery", name)) => decode(name).map_or_else(unknown, |name| Route::Delivery { name: filled(name) }),
                Some(_) => unknown(),
                None => decode(rest).map_or_else(unknown, |name| Route::Streams { name: filled(name) }),
            },
            _ if path.starts_with("alarms?new=") => {
                let metric = path.trim_start_matches("alarms?new=");
                decode(metric).and_then(filled).map_or_else(unknown, |metric| Route::NewAlarm { metric })
            }
            "alarms" => decode(rest).map_or_else(unknown, |name| Route::Alarms { name: filled(name) }),
            "security" => Security::parse(rest).map_or_else(unknown, Route::Security),
            "activity" => Route::Activity,
            "figures" => decode(rest).map_or_else(unknown, |id| Route::Figures { id: filled(id) }),
            "bill" => Route::Bill,
            "labs" => decode(rest).map_or_else(unknown, |id| Route::Labs { id: filled(id) }),
            _ => unknown(),
        }
    }

    /// The screen that draws it: what the rail marks.
    pub fn area(&self) -> Area {
        match self {
            Route::Home | Route::Unknown(_) => Area::Home,
            Route::Storage { .. } | Route::Bucket { .. } => Area::Storage,
            Route::Catalog | Route::Table { .. } | Route::Crawler { .. } => Area::Catalog,
            Route::Etl { .. } => Area::Etl,
            Route::Streams { .. } | Route::Delivery { .. } | Route::Scene { .. } | Route::Flink { .. } => Area::Streams,
            Route::Alarms { .. } | Route::NewAlarm { .. } => Area::Alarms,
            Route::Security(_) => Area::Security,
            Route::Activity => Area::Activity,
            Route::Figures { .. } => Area::Figures,
            Route::Bill => Area::Bill,
            Route::Labs { .. } => Area::Labs,
        }
    }

    pub fn storage(bucket: &str, key: &str) -> Route {
        Route::Storage {
            bucket: filled(bucket.into()),
            key: key.into(),
        }
    }

    pub fn href(&self) -> String {
        self.to_string()
    }

    /// Goes there, as a new entry of the tab's history.
    pub fn open(&self) {
        // A refused fragment leaves the reader where they are, which is all that can be done about it.
        let _ = window().location().set_hash(&self.to_string());
    }

    /// Goes there in place of the present entry.
    pub fn replace(&self) {
        let _ = window().location().replace(&self.to_string());
    }
}

impl core::fmt::Display for Route {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Route::Home => f.write_str("#/"),
            Route::Storage { bucket: None, .. } => f.write_str("#/storage"),
            Route::Storage { bucket: Some(bucket), key } => write!(f, "#/storage/{}/{}", encode(bucket), encode(key)),
            Route::Bucket { bucket, tab } => write!(f, "#/storage/{}?tab={}", encode(bucket), tab.name()),
            Route::Catalog => f.write_str("#/catalog"),
            Route::Table { database, table } => write!(f, "#/catalog/{}/{}", encode(database), encode(table)),
            Route::Crawler { name: None } => f.write_str("#/catalog/crawlers"),
            Route::Crawler { name: Some(name) } => write!(f, "#/catalog/crawlers/{}", encode(name)),
            Route::Etl { job: None } => f.write_str("#/etl"),
            Route::Etl { job: Some(job) } => write!(f, "#/etl/{}", encode(job)),
            Route::Streams { name: None } => f.write_str("#/streams"),
            Route::Streams { name: Some(name) } => write!(f, "#/streams/{}", encode(name)),
            Route::Delivery { name } => write!(f, "#/streams/delivery/{}", encode(name.as_deref().unwrap_or_default())),
            Route::Scene { id } => write!(f, "#/streams/scenes/{}", encode(id)),
            Route::Flink { id } => write!(f, "#/streams/flink/{}", encode(id)),
            Route::Security(Security::Identities) => f.write_str("#/security"),
            Route::Security(Security::User(name)) => write!(f, "#/security/users/{}", encode(name)),
            Route::Security(Security::Role(name)) => write!(f, "#/security/roles/{}", encode(name)),
            Route::Security(Security::Policies) => f.write_str("#/security/policies"),
            Route::Security(Security::Policy(name)) => write!(f, "#/security/policies/{}", encode(name)),
            Route::Security(Security::Account) => f.write_str("#/security/public-access"),
            Route::Security(Security::Keys) => f.write_str("#/security/keys"),
            Route::Security(Security::Key(id)) => write!(f, "#/security/keys/{}", encode(id)),
            Route::Alarms { name: None } => f.write_str("#/alarms"),
            Route::Alarms { name: Some(name) } => write!(f, "#/alarms/{}", encode(name)),
            Route::NewAlarm { metric } => write!(f, "#/alarms?new={}", encode(metric)),
            Route::Activity => f.write_str("#/activity"),
            Route::Figures { id: None } => f.write_str("#/figures"),
            Route::Figures { id: Some(id) } => write!(f, "#/figures/{}", encode(id)),
            Route::Bill => f.write_str("#/bill"),
            Route::Labs { id: None } => f.write_str("#/labs"),
            Route::Labs { id: Some(id) } => write!(f, "#/labs/{}", encode(id)),
            Route::Unknown(hash) => f.write_str(hash),
        }
    }
}

/// What a bucket's page shows beside its objects: the tabs of S3's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketTab {
    Properties,
    Permissions,
    Management,
}

impl BucketTab {
    pub const ALL: [BucketTab; 3] = [BucketTab::Properties, BucketTab::Permissions, BucketTab::Management];

    fn name(self) -> &'static str {
        match self {
            BucketTab::Properties => "properties",
            BucketTab::Permissions => "permissions",
            BucketTab::Management => "management",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            BucketTab::Properties => "Properties",
            BucketTab::Permissions => "Permissions",
            BucketTab::Management => "Management",
        }
    }

    fn parse(text: &str) -> Option<BucketTab> {
        BucketTab::ALL.into_iter().find(|tab| tab.name() == text)
    }
}

/// The entries of the rail, and home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    Home,
    Storage,
    Catalog,
    Etl,
    Streams,
    Alarms,
    Security,
    Activity,
    Labs,
    Figures,
    Bill,
}

/// The present route; changes with the address. Provided as context by the app.
#[derive(Clone, Copy)]
pub struct Router(pub RwSignal<Route>);

impl Router {
    pub fn start() -> Router {
        let route = RwSignal::new(Route::parse(&hash()));
        window_event_listener(ev::hashchange, move |_| {
            let next = Route::parse(&hash());
            if route.with_untracked(|now| *now != next) {
                route.set(next);
            }
        });
        Router(route)
    }
}

/// The present route, from any component.
pub fn use_route() -> RwSignal<Route> {
    expect_context::<Router>().0
}

fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Percent-decodes; `None` when it is no UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|pair| core::str::from_utf8(pair).ok());
        match (byte, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Percent-encodes all but RFC 3986's unreserved characters and `/`, so that a key reads as a path.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_survive_their_own_text() {
        for route in [
            Route::Home,
            Route::storage("", ""),
            Route::storage("parking", ""),
            Route::storage("parking", "a b/ü%2F/#?.csv"),
            Route::storage("parking", "//double//"),
            Route::storage("parking", "a?tab=properties"),
            Route::Bucket {
                bucket: "parking".into(),
                tab: BucketTab::Management,
            },
            Route::Catalog,
            Route::Table {
                database: "db".into(),
                table: "t/1".into(),
            },
            Route::Crawler { name: None },
            Route::Crawler { name: Some("c 1".into()) },
            Route::Etl {
                job: Some("job/with slash".into()),
            },
            Route::Streams { name: None },
            Route::Streams {
                name: Some("telemetry".into()),
            },
            Route::Streams { name: Some("scenes".into()) },
            Route::Delivery { name: None },
            Route::Delivery { name: Some("ml.to_s3".into()) },
            Route::Scene { id: "hot-shard".into() },
            Route::Flink { id: "late-data".into() },
            Route::Alarms { name: None },
            Route::Alarms {
                name: Some("a?new=b/c".into()),
            },
            Route::NewAlarm {
                metric: "AWS/Firehose DeliveryToS3.Records DeliveryStreamName=a".into(),
            },
            Route::Security(Security::Identities),
            Route::Security(Security::User("a@b, c".into())),
            Route::Security(Security::Role("AWSGlueServiceRole-x".into())),
            Route::Security(Security::Policies),
            Route::Security(Security::Policy("read=lake@x".into())),
            Route::Security(Security::Account),
            Route::Security(Security::Keys),
            Route::Security(Security::Key("1234abcd".into())),
            Route::Activity,
            Route::Figures { id: None },
            Route::Figures {
                id: Some("storage-cost".into()),
            },
            Route::Bill,
            Route::Labs { id: Some("glue-csv".into()) },
        ] {
            assert_eq!(Route::parse(&route.to_string()), route, "{route}");
        }
    }

    #[test]
    fn what_is_not_there_is_unknown() {
        assert_eq!(Route::parse("#/nowhere"), Route::Unknown("#/nowhere".into()));
        assert_eq!(Route::parse("#/etl/%FF"), Route::Unknown("#/etl/%FF".into()));
        assert_eq!(Route::parse("#/security/nothing"), Route::Unknown("#/security/nothing".into()));
        assert_eq!(Route::parse("#/storage/parking?tab=none"), Route::Unknown("#/storage/parking?tab=none".into()));
        assert_eq!(Route::parse(""), Route::Home);
        assert_eq!(Route::parse("#/etl/100%"), Route::Etl { job: Some("100%".into()) });
    }
}
