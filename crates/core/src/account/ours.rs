//! The operations of `sluice:`, which are ours and no AWS service's.
//!
//! Belongs here: their names, whether one only reads, and the part that answers it. Does not belong here: what they take and answer, which is said where it is done.

use super::Part;

/// One operation.
pub(super) struct Ours {
    pub name: &'static str,
    /// It changes nothing, and hosts do not log it.
    pub reads: bool,
    /// What it needs; the first is the part that answers it.
    pub parts: &'static [Part],
}

const fn acts(name: &'static str) -> Ours {
    Ours {
        name,
        reads: false,
        parts: &[],
    }
}

/// An operation that changes applications at the ends of streams.
const fn drives(name: &'static str) -> Ours {
    Ours {
        name,
        reads: false,
        parts: &[Part::Streams],
    }
}

/// An operation that changes what stands for a Lambda function.
const fn changes_function(name: &'static str) -> Ours {
    Ours {
        name,
        reads: false,
        parts: &[Part::Delivery, Part::Streams],
    }
}

const fn reads(name: &'static str, parts: &'static [Part]) -> Ours {
    Ours { name, reads: true, parts }
}

const OPERATIONS: &[Ours] = &[
    acts("SetDataEvents"),
    // A lab's check may read any service.
    reads(
        "EvaluateLab",
        &[Part::Glue, Part::Access, Part::S3, Part::Monitor, Part::Streams, Part::Delivery],
    ),
    reads("WhoCan", &[Part::Access]),
    reads("Simulate", &[Part::Access]),
    reads("CheckPolicy", &[Part::Access]),
    reads("GetKmsUsage", &[Part::Access]),
    reads("GetBill", &[Part::Figures]),
    reads("GetObjectCost", &[Part::Figures]),
    reads("GetStorageEvents", &[]),
    reads("GetObjectSchedule", &[]),
    reads("GetPrices", &[Part::Figures]),
    reads("PlanStorage", &[Part::Figures]),
    reads("BestStoragePlan", &[Part::Figures]),
    reads("ChooseStorage", &[Part::Figures]),
    reads("CompareBatchAndStream", &[Part::Figures]),
    reads("GetInbox", &[Part::Monitor]),
    reads("PreviewAlarm", &[Part::Monitor]),
    drives("AddProducer"),
    drives("UpdateProducer"),
    drives("RemoveProducer"),
    drives("AddConsumer"),
    drives("UpdateConsumer"),
    drives("RemoveConsumer"),
    reads("ListProducers", &[Part::Streams]),
    reads("ListConsumers", &[Part::Streams]),
    reads("GetStreamTraffic", &[Part::Streams]),
    reads("GetDelivery", &[Part::Delivery, Part::Streams]),
    changes_function("PutFunction"),
    changes_function("DeleteFunction"),
    reads("ListFunctions", &[Part::Delivery, Part::Streams]),
    reads("TryFunction", &[Part::Delivery, Part::Streams]),
    reads("GetTraceEvents", &[Part::Streams]),
    reads("ExplainEvent", &[Part::Streams]),
    reads("PlayScenario", &[Part::Streams]),
    reads("HashKey", &[Part::Streams]),
    reads("RouteKeys", &[Part::Streams]),
    reads("RunEventTime", &[Part::EventTime]),
    reads("CompareWatermarkRules", &[Part::EventTime]),
    reads("RunFlinkCluster", &[Part::EventTime]),
    reads("RunFlinkSql", &[Part::FlinkSql]),
    reads("ExportScript", &[Part::Export]),
    reads("ExportCloudFormation", &[Part::Export]),
];

/// The operation of that name.
pub(super) fn find(name: &str) -> Option<&'static Ours> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// Whether an operation changes applications at the ends of streams.
pub(super) fn is_traffic(name: &str) -> bool {
    find(name).is_some_and(|found| !found.reads && found.parts.contains(&Part::Streams))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::account::{Account, AccountOptions, Call, Parts};
    use crate::sim::SimTime;

    #[test]
    fn every_operation_is_answered_and_named_once() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        let mut account = Account::new(AccountOptions::default());
        // Whose code is a crate of its own, which a host brings.
        assert!(!account.has(Part::FlinkSql));
        account.link(Parts::flink_sql(|_| Err("it runs".into()))).expect("a part without state links");
        for operation in OPERATIONS {
            let answer = account.apply(SimTime::EPOCH, &Call::new("sluice", operation.name, serde_json::json!({})));
            let code = answer.err().map(|error| error.code).unwrap_or_default();
            assert!(code != "NotImplemented" && code != "ServiceUnavailable", "{}: {code}", operation.name);
        }
    }
}
