"""Streams drawn at random through Flink and through `sluice:RunEventTime`: the same watermarks, the same firings with the same contents, the same late side output.

Called by `cargo xtask parity flink`, which brings Flink's jars and compiles FlinkParity.java. Writes its section of docs/parity.md and a sample of the streams, with what
Flink answered, as cases.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

SECTION = "## Event time"
# Cases that are kept: the first so many of each kind of window.
KEPT = 5


def assigners(draw):
    size = draw.choice([1_000, 2_500, 5_000, 10_000])
    return {
        "tumbling": {"type": "tumbling", "size": size, "offset": draw.choice([0, 0, 300, size - 1, -700])},
        "sliding": {"type": "sliding", "size": size, "slide": draw.choice([500, 1_000, 2_000, size, size + 500]), "offset": draw.choice([0, 0, 250])},
        "session": {"type": "session", "gap": draw.choice([200, 800, 2_000])},
        "dynamic_session": {"type": "dynamic_session"},
        "global": {"type": "global"},
        "count": {"type": "count", "size": draw.randint(1, 6)},
        "sliding-count": {"type": "count", "size": draw.randint(2, 6), "slide": draw.randint(1, 4)},
    }


def stream(draw, kind):
    """Parameters of sluice:RunEventTime, all of them said."""
    assigner = assigners(draw)[kind]
    keys = [f"k{number}" for number in range(draw.choice([1, 2, 3]))]
    splits = draw.choice([1, 1, 2, 3, 4])
    sources = draw.randint(1, splits)
    # Some streams lie around the epoch, so that windows begin before it.
    origin = draw.choice([0, 3_000, -6_000, 1_700_000_000_000])
    disorder = draw.choice([0, 300, 1_500, 6_000])
    silent = draw.choice([None, None, draw.randrange(splits)])
    arrival, events = 10_000, []
    for number in range(draw.randint(5, 60)):
        arrival += draw.choice([0, 0, 20, 60, 150, 400, draw.choice([50, 3_000])])
        split = draw.randrange(splits)
        if split == silent and number > 4:
            split = (split + 1) % splits
        time = origin + arrival - 10_000 - draw.choice([0, 0, draw.randint(0, disorder) if disorder else 0])
        event = {"Id": f"e{number}", "Key": draw.choice(keys), "EventTime": time, "ArrivalTime": arrival, "Split": split}
        if kind == "dynamic_session":
            # Of no two events the same: where an element's window is exactly a merged one, Flink 2.3 loses what that held (see the report).
            event["Gap"] = draw.choice([100, 500, 1_500]) + number
        events.append(event)
    interval = draw.choice([50, 200, 200, 1_000, 0])
    strategy = draw.choice([
        {"type": "bounded", "outOfOrderness": draw.choice([0, 200, 1_000, 5_000])},
        {"type": "bounded", "outOfOrderness": draw.choice([0, 200, 1_000])},
        {"type": "ascending"},
        {"type": "punctuated", "outOfOrderness": draw.choice([0, 500])},
        {"type": "none"} if draw.random() < 0.2 else {"type": "ascending"},
    ])
    said = {
        "Events": events, "Strategy": strategy, "EmitInterval": interval, "Assigner": assigner, "Aggregate": "list",
        "AllowedLateness": draw.choice([0, 0, 400, 3_000]), "SideOutput": True, "Splits": splits, "SourceParallelism": sources, "Parallelism": 1,
        "StartTime": 10_000, "Until": arrival + draw.choice([0, 1_000, 8_000]), "EndOfInput": False,
    }
    if draw.random() < 0.5:
        said["IdleTimeout"] = draw.choice([100, 700, 2_000])
    if kind == "global":
        # No continuous one: at the greatest watermark, with which a finite source ends, Flink fires it for ever.
        said["Trigger"] = draw.choice([{"count": draw.randint(1, 5)}, {"purging": {"count": draw.randint(1, 5)}}])
    elif kind not in ("count", "sliding-count") and draw.random() < 0.4:
        triggers = [{"count": draw.randint(1, 4)}, {"purging": "event_time"}, {"purging": {"count": draw.randint(1, 4)}}, {"continuous_event_time": draw.choice([500, 1_000])},
                    {"purging": {"continuous_event_time": 1_000}}]
        said["Trigger"] = draw.choice(triggers)
    if kind not in ("count", "sliding-count") and draw.random() < 0.2:
        said["Evictor"] = draw.choice([{"count": draw.randint(1, 3)}, {"time": 800}, {"count": 2, "after": True}, {"time": 500, "after": True}])
    return said


def ours(binary, streams):
    """What the account answers, in the form of Flink's answer."""
    calls = "".join(json.dumps({"service": "sluice", "operation": "RunEventTime", "params": stream}) + "\n" for stream in streams)
    done = subprocess.run([binary, "call"], input=calls, capture_output=True, text=True, check=True)
    answers = []
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        if "response" not in answer:
            answers.append({"error": answer})
            continue
        response = answer["response"]
        panes = response["Panes"]
        firings = []
        for firing in response["Firings"]:
            pane = panes[firing["Pane"]]
            told = {"Key": pane["Key"], "Events": firing["Events"], "Watermark": number(firing["Watermark"])}
            if pane["Start"] is not None:
                told["Start"], told["End"] = number(pane["Start"]), number(pane["End"])
            firings.append(told)
        steps = [[number(step[0]), number(step[1])] for step in response["Watermarks"]["Subtasks"][0]["Steps"]]
        answers.append({"Watermarks": steps, "Firings": firings, "LateOutput": response["LateOutput"]})
    return answers


def number(value):
    # There is none yet: Flink says the least number.
    return -(2**63) if value is None else int(value)


def by_pane(firings):
    """Firings of each window of a key in their order: windows of one key that fire at the same watermark have none among them, at Flink that of a heap."""
    found = {}
    for firing in firings:
        found.setdefault((firing["Key"], firing.get("Start"), firing.get("End")), []).append((firing["Watermark"], firing["Events"]))
    return found


def difference(one, other):
    if "error" in one:
        return f"refused here: {one['error']}"
    # Several of one millisecond are one step of the trace: the last.
    here, there = dict(one["Watermarks"]), dict(other["Watermarks"])
    here = {at: watermark for at, watermark in here.items() if watermark != -(2**63)}
    if here != there:
        return f"watermarks {sorted(set(here.items()) - set(there.items()))[:4]} here, {sorted(set(there.items()) - set(here.items()))[:4]} there"
    if one["LateOutput"] != other["LateOutput"]:
        return f"late {one['LateOutput']} here, {other['LateOutput']} there"
    here, there = by_pane(one["Firings"]), by_pane(other["Firings"])
    for pane in sorted(set(here) | set(there), key=str):
        if here.get(pane, []) != there.get(pane, []):
            return f"firings of {pane}: {here.get(pane)} here, {there.get(pane)} there"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sluice", required=True)
    parser.add_argument("--classes", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--case", required=True, type=pathlib.Path)
    parser.add_argument("--report", required=True, type=pathlib.Path)
    parser.add_argument("--streams", type=int, default=420)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    kinds = ["tumbling", "sliding", "session", "dynamic_session", "global", "count", "sliding-count"]
    streams = [stream(draw, kinds[place % len(kinds)]) for place in range(options.streams)]
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = f"{scratch}/streams.json", f"{scratch}/answers.json"
        pathlib.Path(asked).write_text(json.dumps(streams))
        opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ["java.lang", "java.util", "java.time", "java.util.concurrent.atomic"]]
        began = time.monotonic()
        subprocess.run(["java", "-Xmx2g", *opens, "-cp", options.classes, "FlinkParity", asked, answered], check=True, timeout=600)
        took = time.monotonic() - began
        flink = json.loads(pathlib.Path(answered).read_text())
    here = ours(options.sluice, streams)
    faults, counts = [], {}
    for place, (said, one, other) in enumerate(zip(streams, here, flink, strict=True)):
        kind = kinds[place % len(kinds)]
        fault = difference(one, other)
        tally = counts.setdefault(kind, [0, 0, 0, 0, 0])
        tally[0] += 1
        tally[1] += len(said["Events"])
        tally[2] += len(other["Firings"])
        tally[3] += len(other["LateOutput"])
        tally[4] += fault is not None
        if fault:
            faults.append(f"stream {place} ({kind}): {fault}")
    print(f"{'windows':<16} {'streams':>8} {'events':>8} {'firings':>8} {'late':>6} {'differ':>7}")
    for kind, tally in counts.items():
        print(f"{kind:<16} {tally[0]:>8} {tally[1]:>8} {tally[2]:>8} {tally[3]:>6} {tally[4]:>7}")
    for fault in faults[:12]:
        print(fault[:900])
    print(f"{len(streams)} streams through Flink {options.version} in {took:.0f} s, {len(faults)} differences")
    if not faults:
        freeze(options, streams, flink, kinds)
        report(options, counts)
    sys.exit(1 if faults else 0)


def freeze(options, streams, flink, kinds):
    kept = []
    for place, (said, answer) in enumerate(zip(streams, flink)):
        if place // len(kinds) < KEPT:
            kept.append({"id": f"flink-{kinds[place % len(kinds)]}-{place // len(kinds)}", "stream": said, "expect": answer})
    file = {
        "about": "Streams drawn at random, and what Apache Flink answered: watermarks that reached the window operator, firings in order, the late side output.",
        "source": f"Apache Flink {options.version}, run by `cargo xtask parity flink`, seed {options.seed}",
        "cases": kept,
    }
    lines = ",\n".join("    " + json.dumps(case, sort_keys=True) for case in kept)
    head = json.dumps({name: value for name, value in file.items() if name != "cases"}, indent=2)[:-2]
    options.case.write_text(head + ',\n  "cases": [\n' + lines + "\n  ]\n}\n", encoding="utf-8")


def report(options, counts):
    lines = [
        SECTION,
        "",
        f"What `cargo xtask parity flink` found, with Apache Flink {options.version} on Java 17: streams drawn at random (out of order, late, idle splits, several splits and",
        "sources, triggers, evictors, lateness, times before the epoch). Watermarks come from Flink's generators, multiplexers and valve under a clock moved by hand, windows from",
        "its window operator in local jobs. Compared: every watermark, every firing of a window in its order with its contents, the late side output. Not compared: the end of input, a window operator of several subtasks, continuous triggers on global windows; processing-time",
        "windows and CUMULATE, whose cases stand in `tests/cases/flink-cases.json`; the order in which several windows of one key fire at one watermark, at Flink that of a heap.",
        "Not followed: with dynamic gaps, an element whose own window is exactly the merged one gives that window a new state in Flink 2.3.0 (`MergingWindowSet.addWindow`), and",
        "what it held is never seen again; here it stays. Several watermarks of one millisecond are compared by the last.",
        "",
        "| windows | streams | events | firings | late | differences |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {kind} | {' | '.join(str(count) for count in tally)} |" for kind, tally in counts.items()]
    text = options.report.read_text(encoding="utf-8") if options.report.exists() else "# Parity\n"
    # Other runs write the other sections.
    before, _, after = text.partition(f"\n{SECTION}\n")
    rest = after.partition("\n## ")[2] if after else ""
    options.report.write_text(before.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n" + (f"\n## {rest}" if rest else ""), encoding="utf-8")


if __name__ == "__main__":
    main()
