//! What is done to records on the way: a function, dynamic partitioning, Parquet by a table's columns, a line end. Part of the form of a new delivery stream.
//!
//! Belongs here: these settings and the members they make. Does not belong here: what becomes of a record.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sluice_core::account::{ApiError, Call};

use crate::components::Fault;
use crate::figures::{Choice, Switch, TextField};
use crate::host::{Host, parse, query, use_host};

/// A demo record, to try a function on.
const SAMPLE: &str = "{\"TICKER_SYMBOL\": \"QXZ\", \"SECTOR\": \"HEALTHCARE\", \"CHANGE\": -0.05, \"PRICE\": 84.51}";
const FUNCTION: &str = "if PRICE < 10 then Dropped else with(record, {price: PRICE})";
/// MB that Firehose wants at least where it converts or partitions.
pub const LARGE: f64 = 64.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Processing {
    pub transforms: bool,
    /// An expression of ours.
    pub source: String,
    pub partitions: bool,
    /// jq: `{sector: .SECTOR}`.
    pub keys: String,
    /// `database.table`, empty: records stay as they are.
    pub table: String,
    pub delimits: bool,
}

/// Names of the keys that a jq object makes: what stands before its colons.
fn key_names(jq: &str) -> Vec<String> {
    jq.trim()
        .trim_start_matches('{')
        .trim_end_matches('}')
        .split(',')
        .filter_map(|pair| Some(pair.split_once(':')?.0.trim().trim_matches('"').to_owned()))
        .filter(|name| !name.is_empty())
        .collect()
}

impl Processing {
    /// Whether the buffer has to be large.
    pub fn is_large(&self) -> bool {
        self.partitions || !self.table.is_empty()
    }

    /// A prefix that names every partition key, as AWS wants it.
    pub fn prefix(&self) -> Option<String> {
        self.partitions.then(|| {
            key_names(&self.keys)
                .iter()
                .map(|name| format!("{name}=!{{partitionKeyFromQuery:{name}}}/"))
                .collect()
        })
    }

    /// Makes the function, and answers what the destination's configuration says of all this.
    pub async fn members(&self, host: Host, stream: &str, role: &str) -> Result<Map<String, Value>, ApiError> {
        let mut members = Map::new();
        let mut processors = Vec::new();
        let processor = |kind: &str, parameters: &[(&str, &str)]| {
            let parameters: Vec<Value> = parameters
                .iter()
                .map(|(name, value)| json!({"ParameterName": name, "ParameterValue": value}))
                .collect();
            json!({"Type": kind, "Parameters": parameters})
        };
        if self.transforms {
            let put = json!({"FunctionName": format!("{stream}-transform").replace('.', "-"), "Source": self.source});
            let put = host.call("sluice", "PutFunction", put).await?;
            let arn = put.get("FunctionArn").and_then(Value::as_str).unwrap_or_default();
            processors.push(processor("Lambda", &[("LambdaArn", arn)]));
        }
        if self.partitions {
            processors.push(processor(
                "MetadataExtraction",
                &[("MetadataExtractionQuery", &self.keys), ("JsonParsingEngine", "JQ-1.6")],
            ));
            members.insert("DynamicPartitioningConfiguration".into(), json!({"Enabled": true}));
        }
        if self.delimits {
            processors.push(processor("AppendDelimiterToRecord", &[("Delimiter", "\\n")]));
        }
        if !processors.is_empty() {
            members.insert("ProcessingConfiguration".into(), json!({"Enabled": true, "Processors": processors}));
        }
        if let Some((database, table)) = self.table.split_once('.') {
            let conversion = json!({
                "Enabled": true, "SchemaConfiguration": {"DatabaseName": database, "TableName": table, "RoleARN": role},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}}, "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            });
            members.insert("DataFormatConversionConfiguration".into(), conversion);
        }
        Ok(members)
    }
}

/// `sluice:TryFunction`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tried {
    result: String,
    data: Option<String>,
    message: Option<String>,
}

/// Tables of the catalog, as `database.table`.
async fn tables(host: Host) -> Vec<String> {
    let names = |answer: Result<Value, ApiError>, list: &str| -> Vec<String> {
        let answer = answer.ok();
        let found = answer.as_ref().and_then(|answer| answer.get(list)?.as_array());
        found
            .into_iter()
            .flatten()
            .filter_map(|one| Some(one.get("Name")?.as_str()?.to_owned()))
            .collect()
    };
    let mut all = Vec::new();
    for database in names(host.call("glue", "GetDatabases", json!({})).await, "DatabaseList") {
        let asked = json!({"DatabaseName": database});
        for table in names(host.call("glue", "GetTables", asked).await, "TableList") {
            all.push(format!("{database}.{table}"));
        }
    }
    all
}

#[component]
pub fn ProcessingForm(processing: RwSignal<Processing>) -> impl IntoView {
    let host = use_host();
    let known = RwSignal::new(Vec::<String>::new());
    spawn_local(async move {
        let all = tables(host).await;
        let _ = known.try_set(all);
    });
    let tried = query(host, move || {
        processing.with(|processing| {
            processing
                .transforms
                .then(|| Call::new("sluice", "TryFunction", json!({"Source": processing.source, "Data": SAMPLE})))
        })
    });
    let conversions = Signal::derive(move || {
        let mut options = vec![(String::new(), "No: as they come".to_owned())];
        options.extend(known.get().into_iter().map(|name| (name.clone(), format!("Parquet, by the columns of {name}"))));
        options
    });
    let outcome = move || {
        tried.answer.get().map(|answer| match answer.and_then(|answer| parse::<Tried>(&answer)) {
            Ok(tried) => {
                let became = tried.data.or(tried.message).unwrap_or_default();
                view! { <p class="mono meta break">{format!("{}: {became}", tried.result)}</p> }.into_any()
            }
            Err(error) => view! { <Fault error=error /> }.into_any(),
        })
    };
    let update = move |change: &dyn Fn(&mut Processing)| processing.update(|processing| change(processing));
    view! {
        <fieldset>
            <legend>"On the way"</legend>
            <Switch
                label="Transform each record by a function"
                value=Signal::derive(move || processing.with(|processing| processing.transforms))
                set=Callback::new(move |on| update(&|processing| {
                    processing.transforms = on;
                    if processing.source.is_empty() {
                        processing.source = FUNCTION.into();
                    }
                }))
            />
            {move || {
                processing
                    .with(|processing| processing.transforms)
                    .then(|| {
                        view! {
                            <label class="field">
                                <span class="label">"Function, an expression over the record’s JSON"</span>
                                <textarea
                                    class="input mono"
                                    rows="3"
                                    spellcheck="false"
                                    prop:value=move || processing.with(|processing| processing.source.clone())
                                    on:input=move |event| update(&|processing| processing.source = event_target_value(&event))
                                ></textarea>
                            </label>
                            <p class="hint">"It stands for a Lambda function: a value is Ok, Dropped and ProcessingFailed are the other results. Of a demo record it makes:"</p>
                            {outcome}
                        }
                    })
            }}
            <Switch
                label="Partition by keys of the record"
                value=Signal::derive(move || processing.with(|processing| processing.partitions))
                set=Callback::new(move |on| update(&|processing| {
                    processing.partitions = on;
                    if processing.keys.is_empty() {
                        processing.keys = "{sector: .SECTOR}".into();
                    }
                }))
            />
            {move || {
                processing
                    .with(|processing| processing.partitions)
                    .then(|| {
                        view! {
                            <TextField
                                label="Keys (jq)"
                                value=Signal::derive(move || processing.with(|processing| processing.keys.clone()))
                                numeric=false
                                set=Callback::new(move |keys: String| update(&|processing| processing.keys.clone_from(&keys)))
                            />
                        }
                    })
            }}
            <Choice
                label="Convert"
                choices=conversions
                value=Signal::derive(move || processing.with(|processing| processing.table.clone()))
                set=Callback::new(move |table: String| update(&|processing| processing.table.clone_from(&table)))
            />
            <Switch
                label="A line end after each record"
                value=Signal::derive(move || processing.with(|processing| processing.delimits))
                set=Callback::new(move |on| update(&|processing| processing.delimits = on))
            />
            {move || {
                processing
                    .with(Processing::is_large)
                    .then(|| view! { <p class="hint">"Converting and partitioning want a buffer of 64 MB or more, and an error prefix; both are set."</p> })
            }}
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_the_prefix() {
        let processing = Processing {
            partitions: true,
            keys: "{sector: .SECTOR, \"sym\": .TICKER_SYMBOL}".into(),
            ..Processing::default()
        };
        assert_eq!(
            processing.prefix().as_deref(),
            Some("sector=!{partitionKeyFromQuery:sector}/sym=!{partitionKeyFromQuery:sym}/")
        );
        assert!(processing.is_large());
    }
}
