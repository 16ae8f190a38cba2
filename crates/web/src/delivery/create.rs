//! A new delivery stream: source, destination, buffer. What it needs and is not there is made with it, as the console does.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::processing::{LARGE, Processing, ProcessingForm};
use super::settings::FORMATS;
use crate::components::Fault;
use crate::figures::{Choice, LogNumber, TextField, choices};
use crate::format::listed;
use crate::host::{Host, query, use_host};
use crate::router::Route;

/// What the form holds.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wanted {
    name: String,
    /// `direct`, `new`, or the name of a stream.
    source: String,
    new_stream: String,
    /// `new` or the name of a bucket.
    bucket: String,
    new_bucket: String,
    prefix: String,
    error_prefix: String,
    size: f64,
    interval: f64,
    compression: String,
    processing: Processing,
}

impl Wanted {
    fn stream(&self) -> Option<&str> {
        match self.source.as_str() {
            "direct" => None,
            "new" => Some(self.new_stream.trim()),
            name => Some(name),
        }
    }

    fn bucket(&self) -> &str {
        if self.bucket == "new" { self.new_bucket.trim() } else { &self.bucket }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The role that reads the source and writes the bucket, made if it is not there; its ARN.
async fn role(host: Host, name: &str, bucket: &str, stream: Option<&str>) -> Result<String, ApiError> {
    let role = format!("KinesisFirehoseServiceRole-{name}").chars().take(64).collect::<String>();
    if let Ok(there) = host.call("iam", "GetRole", json!({"RoleName": role})).await {
        return Ok(text(&there, "/Role/Arn").to_owned());
    }
    let trust =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let made = host
        .call("iam", "CreateRole", json!({"RoleName": role, "AssumeRolePolicyDocument": trust.to_string()}))
        .await?;
    let mut statements = vec![json!({
        "Effect": "Allow",
        "Action": ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutObject"],
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
    })];
    if let Some(stream) = stream {
        statements.push(json!({
            "Effect": "Allow", "Action": ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"],
            "Resource": format!("arn:aws:kinesis:*:*:stream/{stream}"),
        }));
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let put = json!({"RoleName": role, "PolicyName": "firehose-delivery", "PolicyDocument": policy.to_string()});
    host.call("iam", "PutRolePolicy", put).await?;
    Ok(text(&made, "/Role/Arn").to_owned())
}

async fn make(host: Host, wanted: &Wanted) -> Result<(), ApiError> {
    let (bucket, stream) = (wanted.bucket(), wanted.stream());
    if wanted.source == "new" {
        let made = json!({"StreamName": wanted.new_stream.trim(), "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
        host.call("kinesis", "CreateStream", made).await?;
    }
    if wanted.bucket == "new" {
        host.call("s3", "CreateBucket", json!({"Bucket": bucket})).await?;
    }
    let role = role(host, &wanted.name, bucket, stream).await?;
    let processing = &wanted.processing;
    let size = if processing.is_large() { wanted.size.max(LARGE) } else { wanted.size };
    let mut destination = json!({
        "RoleARN": role, "BucketARN": format!("arn:aws:s3:::{bucket}"), "CompressionFormat": wanted.compression,
        "BufferingHints": {"SizeInMBs": size.round() as i64, "IntervalInSeconds": wanted.interval.round() as i64},
    });
    let prefix = if wanted.prefix.is_empty() {
        processing.prefix().unwrap_or_default()
    } else {
        wanted.prefix.clone()
    };
    let errors = if wanted.error_prefix.is_empty() && (processing.is_large() || processing.transforms) {
        "errors/!{firehose:error-output-type}/".to_owned()
    } else {
        wanted.error_prefix.clone()
    };
    let members = processing.members(host, &wanted.name, &role).await?;
    if let Some(destination) = destination.as_object_mut() {
        destination.extend(members);
        for (member, value) in [("Prefix", &prefix), ("ErrorOutputPrefix", &errors)] {
            if !value.is_empty() {
                destination.insert(member.into(), json!(value));
            }
        }
    }
    let mut params = json!({"DeliveryStreamName": wanted.name, "DeliveryStreamType": "DirectPut", "ExtendedS3DestinationConfiguration": destination});
    if let (Some(stream), Some(params)) = (stream, params.as_object_mut()) {
        let summary = host.call("kinesis", "DescribeStreamSummary", json!({"StreamName": stream})).await?;
        let arn = text(&summary, "/StreamDescriptionSummary/StreamARN");
        params.insert("DeliveryStreamType".into(), json!("KinesisStreamAsSource"));
        params.insert("KinesisStreamSourceConfiguration".into(), json!({"KinesisStreamARN": arn, "RoleARN": role}));
    }
    host.call("firehose", "CreateDeliveryStream", params).await?;
    Ok(())
}

#[component]
pub fn CreateDelivery() -> impl IntoView {
    let host = use_host();
    let wanted = RwSignal::new(Wanted {
        source: "new".into(),
        bucket: "new".into(),
        size: 5.0,
        interval: 300.0,
        compression: "UNCOMPRESSED".into(),
        ..Wanted::default()
    });
    let processing = RwSignal::new(Processing::default());
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<ApiError>));
    let names = |query: crate::host::Query, of: fn(&Value) -> Option<Vec<String>>| {
        Memo::new(move |_| {
            query
                .answer
                .with(|answer| answer.as_ref().and_then(|answer| of(answer.as_ref().ok()?)).unwrap_or_default())
        })
    };
    let streams = names(query(host, || Some(Call::new("kinesis", "ListStreams", json!({"Limit": 1_000})))), |answer| {
        let names = answer.get("StreamNames")?.as_array()?;
        Some(names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect())
    });
    let buckets = names(query(host, || Some(Call::new("s3", "ListBuckets", json!({})))), |answer| {
        let buckets = answer.get("Buckets")?.as_array()?;
        Some(buckets.iter().filter_map(|bucket| Some(bucket.get("Name")?.as_str()?.to_owned())).collect())
    });
    let sources = Signal::derive(move || {
        let mut options = vec![
            ("new".to_owned(), "A new Kinesis data stream".to_owned()),
            ("direct".to_owned(), "Direct PUT: producers put on it".to_owned()),
        ];
        options.extend(streams.get().into_iter().map(|name| (name.clone(), format!("Kinesis data stream {name}"))));
        options
    });
    let places = Signal::derive(move || {
        let mut options = vec![("new".to_owned(), "A new bucket".to_owned())];
        options.extend(buckets.get().into_iter().map(|name| (name.clone(), name)));
        options
    });
    let read = move |of: fn(&Wanted) -> String| Signal::derive(move || wanted.with(of));
    let set = move |change: fn(&mut Wanted, String)| Callback::new(move |value: String| wanted.update(|wanted| change(wanted, value)));
    // Fields answer when they are left, as the button takes the focus: so it is the press that looks at them.
    let missing = move || {
        wanted.with_untracked(|wanted| {
            let empty = [
                (wanted.stream().is_some_and(str::is_empty), "the stream’s name"),
                (wanted.bucket().is_empty(), "the bucket’s name"),
                (wanted.name.trim().is_empty(), "the Firehose stream’s name"),
            ];
            let names: Vec<String> = empty.iter().filter(|(empty, _)| *empty).map(|(_, name)| (*name).to_owned()).collect();
            (!names.is_empty()).then(|| format!("Not given: {}.", listed(names.into_iter())))
        })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if let Some(missing) = missing() {
            refused.set(Some(ApiError::new("ParamValidation", missing)));
            return;
        }
        let mut wanted = wanted.get_untracked();
        wanted.processing = processing.get_untracked();
        wanted.name = wanted.name.trim().to_owned();
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let made = make(host, &wanted).await;
            let _ = busy.try_set(false);
            match made {
                Ok(()) => {
                    host.announce(format!("The Firehose stream {} is being created.", wanted.name));
                    Route::Delivery { name: Some(wanted.name) }.open();
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <h1>"Create a Firehose stream"</h1>
        <form class="form delivery-form" on:submit=submit novalidate>
            <fieldset>
                <legend>"Source"</legend>
                <Choice label="Records come from" choices=sources value=read(|wanted| wanted.source.clone()) set=set(|wanted, value| wanted.source = value) />
                {move || {
                    (wanted.with(|wanted| wanted.source == "new"))
                        .then(|| view! { <TextField label="Stream name" value=read(|wanted| wanted.new_stream.clone()) numeric=false set=set(|wanted, value| wanted.new_stream = value) /> })
                }}
            </fieldset>
            <fieldset>
                <legend>"Destination"</legend>
                <Choice label="S3 bucket" choices=places value=read(|wanted| wanted.bucket.clone()) set=set(|wanted, value| wanted.bucket = value) />
                {move || {
                    (wanted.with(|wanted| wanted.bucket == "new"))
                        .then(|| view! { <TextField label="Bucket name" value=read(|wanted| wanted.new_bucket.clone()) numeric=false set=set(|wanted, value| wanted.new_bucket = value) /> })
                }}
                <TextField label="Prefix" value=read(|wanted| wanted.prefix.clone()) numeric=false set=set(|wanted, value| wanted.prefix = value) />
                <TextField label="Error prefix" value=read(|wanted| wanted.error_prefix.clone()) numeric=false set=set(|wanted, value| wanted.error_prefix = value) />
                <p class="hint">"Left out, keys begin with the hour: 2026/11/23/07/. Expressions such as !{timestamp:yyyy-MM-dd} are filled in."</p>
                <Choice label="Compression" choices=choices(&FORMATS) value=read(|wanted| wanted.compression.clone()) set=set(|wanted, value| wanted.compression = value) />
            </fieldset>
            <fieldset>
                <legend>"Buffer: whichever comes first"</legend>
                <LogNumber
                    label="Size"
                    unit="MB"
                    least=1.0
                    most=128.0
                    value=Signal::derive(move || wanted.with(|wanted| wanted.size))
                    set=Callback::new(move |value: f64| wanted.update(|wanted| wanted.size = value.round()))
                />
                <LogNumber
                    label="Interval"
                    unit="s"
                    least=1.0
                    most=900.0
                    zero=true
                    value=Signal::derive(move || wanted.with(|wanted| wanted.interval))
                    set=Callback::new(move |value: f64| wanted.update(|wanted| wanted.interval = value.round()))
                />
            </fieldset>
            <ProcessingForm processing=processing />
            <TextField label="Firehose stream name" value=read(|wanted| wanted.name.clone()) numeric=false set=set(|wanted, value| wanted.name = value) />
            <p class="hint">"A role that may read the source and write the bucket is made with it."</p>
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            <div class="actions">
                <a class="btn" href=Route::Streams { name: None }.href()>
                    "Cancel"
                </a>
                <button type="submit" class="btn primary" disabled=move || busy.get()>
                    "Create Firehose stream"
                </button>
            </div>
        </form>
    }
}
