use alloc::string::ToString;

use serde_json::{Value, json};

use super::Firehose;
use crate::sim::SimTime;

impl Firehose {
    /// `sluice:GetDelivery`: the open buffer, what was delivered last, and where every record is. `None`: there is no such stream.
    pub fn shown(&self, name: &str, now: SimTime) -> Option<Value> {
        let stream = self.streams.get(name)?;
        let (records, bytes) = stream.buffered();
        let under_way = self.under_way(name);
        let waiting = self.deliveries.values().filter(|delivery| delivery.stream == name);
        let oldest = waiting.clone().map(|delivery| delivery.oldest).chain(stream.buffer.oldest).min();
        let age = oldest.map_or(0.0, |oldest| (now.micros() - oldest.micros()).max(0) as f64 / 1e6);
        let delivered = stream.delivered.iter().rev().map(|one| {
            json!({
                "At": one.at.to_string(),
                "Bucket": one.bucket,
                "Key": one.key,
                "Records": one.records,
                "Bytes": one.bytes,
                "Because": one.because.as_str(),
            })
        });
        let under = waiting.map(|one| {
            json!({
                "At": one.at.to_string(),
                "Bucket": one.bucket,
                "Key": one.key,
                "Records": one.count(),
                "Bytes": one.bytes,
                "Because": one.because.as_str(),
                "Tries": one.tries,
                "NextTry": one.again_at.map(|at| at.to_string()),
            })
        });
        let counts = &stream.counts;
        Some(json!({
            "DeliveryStreamName": name,
            "Status": stream.status.as_str(),
            "Buffer": {
                "Records": records,
                "Bytes": bytes,
                "Since": stream.buffer.since.map(|since| since.to_string()),
                "SizeLimitBytes": stream.size_limit(),
                "IntervalSeconds": stream.destination.interval,
                "FlushAt": stream.interval_at().map(|at| at.to_string()),
            },
            "Waiting": under.collect::<alloc::vec::Vec<_>>(),
            "Delivered": delivered.collect::<alloc::vec::Vec<_>>(),
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
