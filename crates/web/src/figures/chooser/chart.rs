//! The queueing curve of one way: latency against load up to where it saturates, with the workload's own point.
//!
//! Belongs here: its geometry. Does not belong here: the curve's numbers, which are the account's.

use leptos::html;
use leptos::prelude::*;

use super::super::axis::{label, measured, ticks, width_of};
use super::super::text::{latency, latency_unit, number};
use super::answer::{Point, Way};

const TOP: f64 = 22.0;
const RIGHT: f64 = 12.0;
/// Curves are cut at this many times the latency without load: above it the queue is all there is to see.
const CUT: f64 = 8.0;

/// Operations a second to pixels: straight where workload and saturation are of one size, else by powers of ten.
#[derive(Clone, Copy)]
struct Scale {
    left: f64,
    right: f64,
    least: f64,
    most: f64,
    log: bool,
}

impl Scale {
    fn of(load: f64, saturation: f64, left: f64, right: f64) -> Scale {
        let (small, large) = (load.min(saturation), load.max(saturation));
        let log = small > 0.0 && large / small > 25.0;
        let straight = || ticks(large * 1.05, 5).last().copied().unwrap_or(1.0);
        Scale {
            left,
            right,
            least: if log { 10_f64.powf((small * 0.8).log10().floor()) } else { 0.0 },
            most: if log { 10_f64.powf((large * 1.2).log10().ceil()) } else { straight() },
            log,
        }
    }

    fn x(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(self.least) / self.least).ln() / (self.most / self.least).ln()
        } else {
            value / self.most
        };
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// As many ticks as there is room for.
    fn ticks(&self) -> Vec<f64> {
        let room = ((self.right - self.left) / (width_of(&number(self.most)) + 14.0)).max(1.0) as usize;
        if !self.log {
            let mut marks = ticks(self.most, room.clamp(2, 5));
            marks.retain(|mark| *mark <= self.most * 1.000_001);
            return marks;
        }
        let tens = (self.most / self.least).log10().round().max(1.0) as usize;
        let powers = (0..=tens).step_by(tens.div_ceil(room).max(1));
        powers.map(|power| self.least * 10_f64.powi(power as i32)).collect()
    }
}

/// Whether reads and writes take the same at every load: then they are one line.
fn is_one(way: &Way) -> bool {
    way.curve.iter().all(|point| point.read_latency_ms == point.write_latency_ms)
}

/// What the lines are.
#[component]
pub fn Key(way: Way, reads: bool, writes: bool) -> impl IntoView {
    let names: Vec<&'static str> = match (reads, writes) {
        (true, true) if is_one(&way) => vec!["reads and writes"],
        (true, true) => vec!["reads", "writes"],
        (true, false) => vec!["reads"],
        (false, true) => vec!["writes"],
        (false, false) => Vec::new(),
    };
    let entries = names.into_iter().enumerate().map(|(at, name)| {
        view! {
            <li>
                <svg width="28" height="8" aria-hidden="true" focusable="false">
                    <path class=format!("curve c{at}") d="M0 4H28" />
                </svg>
                {name}
            </li>
        }
    });
    view! {
        <ul class="curve-key" role="list">
            {entries.collect_view()}
        </ul>
    }
}

/// `load`: the workload's operations a second; `allowed`: milliseconds that an operation may take.
#[component]
pub fn Curve(way: Way, load: f64, allowed: Option<f64>, reads: bool, writes: bool) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = measured(node);
    view! {
        <div node_ref=node class="queue-chart" aria-hidden="true">
            {move || {
                let width = width.get();
                (width > 0.0).then(|| picture(&way, load, allowed, (reads, writes), width))
            }}
        </div>
    }
}

/// One line: a point's latency, and that of the workload itself.
type Line = (fn(&Point) -> f64, Option<f64>);

fn lines_of(way: &Way, (reads, writes): (bool, bool)) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    if reads {
        lines.push((|point| point.read_latency_ms, way.read_latency_ms));
    }
    if writes && !(reads && is_one(way)) {
        lines.push((|point| point.write_latency_ms, way.write_latency_ms));
    }
    lines
}

/// Points of a curve, cut where it leaves the picture; what the account's points don't reach goes up at the edge.
fn outline(curve: &[Point], of: fn(&Point) -> f64, top: f64, edge: f64, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut points: Vec<String> = Vec::new();
    let mut before: Option<(f64, f64)> = None;
    for point in curve {
        let (load, millis) = (point.operations_per_second, of(point));
        if millis > top {
            if let Some((from, below)) = before {
                let share = (top - below) / (millis - below);
                points.push(format!("{:.1},{TOP}", x(from + (load - from) * share)));
            }
            return points.join(" ");
        }
        points.push(format!("{:.1},{:.1}", x(load), y(millis)));
        before = Some((load, millis));
    }
    points.push(format!("{edge:.1},{TOP}"));
    points.join(" ")
}

fn picture(way: &Way, load: f64, allowed: Option<f64>, done: (bool, bool), width: f64) -> AnyView {
    let Some(saturation) = way.saturation.as_ref().map(|saturation| saturation.operations_per_second) else {
        return view! { <p class="meta">"Without load there is no queue to draw."</p> }.into_any();
    };
    let height = if width < 480.0 { 150.0 } else { 210.0 };
    let base = TOP + height;
    let lines = lines_of(way, done);
    let first = way.curve.first();
    let idle = first.map_or(0.0, |point| lines.iter().map(|(of, _)| of(point)).fold(0.0, f64::max));
    let own = lines.iter().filter_map(|(_, own)| *own).fold(0.0, f64::max);
    let wanted = allowed.filter(|allowed| *allowed < idle * 50.0).unwrap_or(0.0);
    let most = (idle * CUT).max(own * 1.15).max(wanted * 1.15).max(1e-6);
    let unit = latency_unit(most);
    let marks: Vec<f64> = ticks(most / unit, 4).into_iter().map(|mark| mark * unit).collect();
    let top = marks.last().copied().unwrap_or(most);
    let left = marks.iter().map(|value| width_of(&latency(*value))).fold(0.0, f64::max) + 10.0;
    let right = width - RIGHT;
    let scale = Scale::of(load, saturation, left, right);
    let y = move |millis: f64| base - (millis / top).clamp(0.0, 1.0) * height;
    let (at, edge) = (scale.x(load), scale.x(saturation));
    let curves = lines.iter().enumerate().map(|(index, (of, _))| {
        let points = outline(&way.curve, *of, top, edge, |load| scale.x(load), y);
        view! { <polyline class=format!("curve c{index}") points=points /> }
    });
    let curves = curves.collect_view();
    let points = lines.iter().map(|(_, own)| match own {
        Some(millis) => view! { <circle class="own" cx=at cy=y(*millis) r="5" /> }.into_any(),
        None => view! { <path class="own over" d=format!("M{:.1} {:.1}l10 10m0 -10l-10 10", at - 5.0, base - 5.0) /> }.into_any(),
    });
    let points = points.collect_view();
    let here = format!("{}/s", number(load));
    // Left of its line where the curve rises close to its right.
    let close = at < edge && edge - at < width_of(&here) + 40.0;
    let here_x = if close { at - 8.0 - width_of(&here) } else { at + 8.0 };
    let full = format!("full at {}/s", number(saturation));
    let full_x = edge - width_of(&full) / 2.0;
    let loads = scale.ticks().into_iter().map(|value| {
        let (x, text) = (scale.x(value), number(value));
        let start = x - width_of(&text) / 2.0;
        view! {
            <path class="tick" d=format!("M{x:.1} {base}v5") />
            {label("", text, start, base + 18.0, (0.0, width))}
        }
    });
    let latencies = marks.into_iter().map(|value| {
        let at = y(value);
        view! {
            <path class="line" d=format!("M{left} {at:.1}H{right}") />
            <text x=left - 6.0 y=at + 4.0 text-anchor="end">
                {latency(value)}
            </text>
        }
    });
    let limit = allowed.filter(|allowed| *allowed <= top).map(|allowed| {
        view! {
            <path class="allowed" d=format!("M{left} {:.1}H{right}", y(allowed)) />
            <text x=left + 6.0 y=y(allowed) - 5.0>
                {format!("allowed {}", latency(allowed))}
            </text>
        }
    });
    let title = if scale.log {
        "operations a second, by powers of ten"
    } else {
        "operations a second"
    };
    view! {
        <svg class="plot" width=width height=base + 38.0 focusable="false">
            {latencies.collect_view()}
            <rect class="beyond" x=edge y=TOP width=(right - edge).max(0.0) height=height />
            <path class="edge" d=format!("M{edge:.1} {TOP}V{base}") />
            {label("", full, full_x, 14.0, (left, right))}
            {loads.collect_view()}
            <text x=right y=base + 33.0 text-anchor="end">
                {title}
            </text>
            {limit}
            {curves}
            <path class="guide" d=format!("M{at:.1} {TOP}V{base}") />
            {label("mark", here, here_x, TOP + 14.0, (left, right))}
            {points}
        </svg>
    }
    .into_any()
}

/// The curve in small, without words: the row's own numbers say the rest.
pub fn small(way: &Way) -> AnyView {
    const WIDTH: f64 = 64.0;
    const HEIGHT: f64 = 24.0;
    let share = way.utilisation.unwrap_or(f64::INFINITY);
    // Saturation stands at three quarters of the width.
    let x = |share: f64| (share * 0.75).clamp(0.05, 0.95) * WIDTH;
    let idle = way.curve.first().map_or(1.0, |point| point.read_latency_ms.max(f64::MIN_POSITIVE));
    let y = |millis: f64| (HEIGHT - 4.0 - (millis / idle - 1.0) * 5.0).max(1.0);
    let points: Vec<String> = way
        .curve
        .iter()
        .map(|point| format!("{:.1},{:.1}", x(point.utilisation), y(point.read_latency_ms)))
        .collect();
    let own = match way.read_latency_ms {
        Some(millis) => view! { <circle class="own" cx=x(share) cy=y(millis) r="3" /> }.into_any(),
        None => view! { <path class="own over" d=format!("M{:.1} {:.1}l6 6m0 -6l-6 6", x(share) - 3.0, HEIGHT - 8.0) /> }.into_any(),
    };
    view! {
        <svg class="small-curve" width=WIDTH height=HEIGHT aria-hidden="true" focusable="false">
            <path class="edge" d=format!("M{:.1} 0V{HEIGHT}", x(1.0)) />
            <polyline class="curve c0" points=points.join(" ") />
            {own}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_straight_where_it_can_be() {
        let near = Scale::of(20_000.0, 25_000.0, 0.0, 100.0);
        assert!(!near.log && near.most == 30_000.0);
        assert_eq!(near.x(15_000.0), 50.0);
        let far = Scale::of(20_000.0, 250.0, 0.0, 100.0);
        assert!(far.log && far.least == 100.0 && far.most == 100_000.0);
        assert!(far.x(250.0) < far.x(20_000.0) && far.x(1.0) == 0.0);
        assert!(Scale::of(0.0, 500.0, 0.0, 100.0).x(0.0) == 0.0);
    }

    #[test]
    fn a_curve_is_cut_at_the_top() {
        let point = |load: f64, millis: f64| Point {
            operations_per_second: load,
            utilisation: load / 100.0,
            read_latency_ms: millis,
            write_latency_ms: millis,
        };
        let curve = [point(0.0, 1.0), point(50.0, 2.0), point(90.0, 6.0)];
        let drawn = |top: f64| outline(&curve, |point| point.read_latency_ms, top, 100.0, |load| load, |millis| millis);
        assert_eq!(drawn(4.0), format!("0.0,1.0 50.0,2.0 70.0,{TOP}"));
        assert_eq!(drawn(8.0), format!("0.0,1.0 50.0,2.0 90.0,6.0 100.0,{TOP}"));
    }
}
