"""The section of docs/parity.md that is kinesalite's. The rest of the page is left as it is."""

import rules

HEAD = "## Kinesis\n"


def section(run, options):
    calls = sum(run.count.values())
    refused = sum(run.errors.values())
    lines = [HEAD, f"`cargo xtask parity kinesis`: {calls:,} calls drawn from seed {options.seed}, valid and not, played to kinesalite 3.3.3 and to an account of ours, both under one clock.",
             "Compared: every answer's members, with sequence numbers by their rank in the shard and iterators by what they read, without timestamps; every refusal's code.", "",
             "| operation | calls |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in sorted(run.count.items())]
    lines += ["", "| refused alike | calls |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in sorted(run.errors.items())]
    worded = sum(run.messages.values())
    lines += ["", f"Of {refused:,} refusals alike, {refused - worded:,} are so to the word.", "", "Differ by a rule:", "", "| rule | calls |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in run.excused.most_common()]
    lines += ["", "Not drawn:", ""] + [f"- {one}" for one in rules.AWAY]
    lines += [f"- operations that kinesalite lacks: {', '.join(rules.LACKS)}"]
    newer = ", ".join(f"{name} ({why})" for name, why in rules.NEWER.items())
    lines += ["", f"Members of today's model that kinesalite does not answer, and that are not compared: {newer}. Nor is MillisBehindLatest, which kinesalite gives as 0 but at the end of a closed shard.", "",
              f"Differences: {len(run.differences) or 'none'}."]
    return "\n".join(lines) + "\n"


def write_section(path, run, options):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    before = text.split(HEAD)[0].rstrip("\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + "\n\n" + section(run, options))
