//! What alarms are billed for ("Amazon CloudWatch pricing"): each metric that one looks at, by the month.

use super::alarm::{Alarm, Kind};
use super::state::CloudWatch;
use crate::sim::SimTime;
use crate::storage::cost::{Flow, Meter, Usage};

fn owes(alarm: &Alarm, now: SimTime, meter: &mut Meter) {
    let (flow, each) = match &alarm.kind {
        Kind::Metric(metric) if metric.period() < 60 => (Flow::FastAlarms, metric.metrics().len()),
        Kind::Metric(metric) => (Flow::Alarms, metric.metrics().len()),
        Kind::Composite(_) => (Flow::CompositeAlarms, 1),
    };
    meter.add_span(alarm.metered.unwrap_or(alarm.configured), now, Usage::Flow(flow), each as u128);
}

impl CloudWatch {
    /// Meters all alarms up to `now`: before one is made, changed or deleted.
    pub(super) fn charge(&mut self, now: SimTime) {
        let meter = &mut self.meter;
        for alarm in self.alarms.values_mut() {
            owes(alarm, now, meter);
            alarm.metered = Some(now);
        }
    }

    /// What was used up to `now`.
    pub fn usage(&self, now: SimTime) -> Meter {
        let mut meter = self.meter.clone();
        self.alarms.values().for_each(|alarm| owes(alarm, now, &mut meter));
        meter
    }
}
