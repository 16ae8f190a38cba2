//! A bounded watermark and a keyed tumbling count over a stream of pseudo-random events: the same natively, in a browser and, in Java, on Flink
//! (`xtask/parity/flink/FlinkBench.java`).

use sluice_core::event_time::EventTime;
use sluice_core::event_time::watermark::{Generator, Strategy};
use sluice_core::event_time::window::{Assigner, Cause, Domain, Fold, Output, TimeWindow, Trigger, TriggerKind, WindowOperator};

#[derive(Clone, Debug)]
struct Counting;

impl Fold for Counting {
    type In = ();
    type Acc = u64;

    fn first(&self, (): &()) -> u64 {
        1
    }

    fn add(&self, count: &mut u64, (): &()) {
        *count += 1;
    }

    fn merge(&self, count: &mut u64, other: u64) {
        *count += other;
    }
}

#[derive(Default)]
struct Sum {
    fired: u64,
    counted: u64,
}

impl Output<Counting> for Sum {
    fn fire(&mut self, _: &Counting, _: u32, _: TimeWindow, count: &u64, _: Cause) {
        self.fired += 1;
        self.counted += count;
    }
}

/// What came of a run.
pub struct Counted {
    pub fired: u64,
    /// Events in firings, and those that came too late: all of them.
    pub counted: u64,
    pub late: u64,
}

fn operator() -> WindowOperator<Counting> {
    let assigner = Assigner::Tumbling {
        size: 5_000,
        offset: 0,
        natural: false,
        domain: Domain::Event,
    };
    let trigger = Trigger {
        kind: TriggerKind::EventTime,
        purging: false,
    };
    WindowOperator::new(assigner, trigger, None, 0, Counting).expect("parameters")
}

/// An operator with an open window for each key, to be weighed.
pub fn held(keys: u32) -> impl Sized {
    let mut operator = operator();
    let mut sum = Sum::default();
    for key in 0..keys {
        operator.element(key, &(), EventTime(0), 0, &mut sum).expect("a verdict");
    }
    operator
}

/// `events` at 1,000 a millisecond, up to 2 s out of order, over tumbling windows of 5 s; a tick each 200 ms.
pub fn run(events: u32, keys: u32) -> Counted {
    let mut operator = operator();
    let mut generator = Generator::new(Strategy::Bounded(2_000));
    let mut sum = Sum::default();
    let mut state = 1u64;
    for event in 0..events {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = ((state >> 33) * u64::from(keys)) >> 31;
        let ts = EventTime(i64::from(event / 1_000) - (state >> 20 & 0x7ff) as i64 % 2_000);
        generator.on_event(ts);
        operator.element(key as u32, &(), ts, 0, &mut sum).expect("a verdict");
        if event % 200_000 == 0
            && let Some(watermark) = generator.on_periodic_emit()
        {
            operator.advance_watermark(watermark, &mut sum);
        }
    }
    operator.advance_watermark(EventTime::MAX, &mut sum);
    Counted {
        fired: sum.fired,
        counted: sum.counted,
        late: operator.late(),
    }
}
