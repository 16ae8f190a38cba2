use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::buffer::{Buffer, Channel};
use super::{Delivery, DeliveryStream, Firehose};
use crate::sim::SimTime;

impl DeliveryStream {
    fn shown_buffer(&self, channel: &Channel, buffer: &Buffer) -> Value {
        let (size, interval) = self.hints(channel);
        let keys = match channel {
            Channel::Good(keys) => {
                let mut all = keys.lambda.clone();
                all.extend(keys.query.clone());
                json!(all)
            }
            Channel::Failed(failure) => json!({"error-output-type": failure.as_str()}),
            Channel::Backup => json!({}),
        };
        json!({
            "Kind": channel.kind(),
            "Keys": keys,
            "Records": buffer.records.len(),
            "Bytes": buffer.records.bytes(),
            "Since": buffer.since.map(|since| since.to_string()),
            "SizeLimitBytes": size,
            "IntervalSeconds": interval,
            "FlushAt": self.flush_at(channel, buffer).map(|at| at.to_string()),
        })
    }

    /// What waits for a function.
    fn shown_intake(&self) -> Value {
        let Some(lambda) = &self.destination.steps.lambda else {
            return Value::Null;
        };
        json!({
            "Function": lambda.function,
            "Records": self.intake.records.len(),
            "Bytes": self.intake.records.bytes(),
            "Since": self.intake.since.map(|since| since.to_string()),
            "SizeLimitBytes": lambda.bytes,
            "IntervalSeconds": lambda.interval,
            "InvokeAt": self.intake_at().map(|at| at.to_string()),
        })
    }
}

impl Firehose {
    /// `sluice:GetDelivery`: the open buffers, what was delivered last, and where every record is. `None`: there is no such stream.
    pub fn shown(&self, name: &str, now: SimTime) -> Option<Value> {
        let stream = self.streams.get(name)?;
        let (records, _) = stream.buffered();
        let under_way = self.under_way(name);
        let waiting = self.deliveries.values().filter(|delivery| delivery.stream == name);
        let oldest = waiting.clone().map(|delivery| delivery.oldest).chain(stream.oldest()).min();
        let age = oldest.map_or(0.0, |oldest| (now.micros() - oldest.micros()).max(0) as f64 / 1e6);
        let delivered = stream.delivered.iter().rev().map(|one| {
            json!({
                "At": one.at.to_string(),
                "Bucket": one.bucket,
                "Key": one.key,
                "Kind": one.kind,
                "Records": one.records,
                "Bytes": one.bytes,
                "Because": one.because.as_str(),
            })
        });
        let under = waiting.map(|one: &Delivery| {
            json!({
                "At": one.at.to_string(),
                "Bucket": one.bucket,
                "Key": one.key,
                "Kind": one.channel.kind(),
                "Records": one.count(),
                "Bytes": one.bytes,
                "Because": one.because.as_str(),
                "Tries": one.tries,
                "NextTry": one.again_at.map(|at| at.to_string()),
            })
        });
        // The fullest of the records' buffers is the one to look at; without dynamic partitioning there is one.
        let good = stream.buffers.iter().filter(|(channel, _)| matches!(channel, Channel::Good(_)));
        let fullest = good.max_by_key(|(_, buffer)| buffer.records.bytes());
        let buffer = match fullest {
            Some((channel, buffer)) => stream.shown_buffer(channel, buffer),
            None => stream.shown_buffer(&Channel::default(), &Buffer::default()),
        };
        let buffers = stream.buffers.iter().map(|(channel, buffer)| stream.shown_buffer(channel, buffer));
        let counts = &stream.counts;
        Some(json!({
            "DeliveryStreamName": name,
            "Status": stream.status.as_str(),
            "VersionId": stream.version.to_string(),
            "Intake": stream.shown_intake(),
            "Buffer": buffer,
            "Buffers": buffers.collect::<Vec<_>>(),
            "Waiting": under.collect::<Vec<_>>(),
            "Delivered": delivered.collect::<Vec<_>>(),
            "Counts": {
                "Read": counts.read,
                "ReadBytes": counts.read_bytes,
                "Delivered": counts.delivered,
                "DeliveredBytes": counts.delivered_bytes,
                "Buffered": records + under_way,
                "Dropped": counts.dropped,
                "InErrorObjects": counts.in_error_objects,
                "GivenUp": counts.given_up,
                "Objects": counts.objects,
            },
            "FreshnessSeconds": age,
        }))
    }
}
