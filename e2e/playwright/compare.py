"""Compares a Parquet file with the CSV it came from, by another reader than ours.

usage: compare.py [--hive] CSV PARQUET [COLUMN | COLUMN=TYPE]...
TYPE is a name of pyarrow's (string, int64, double), string unless it is given; the file must have exactly these columns and types.
An empty CSV field is null (Spark's CSV reader); with --hive it is "" in a string column and null in others (Hive's LazySimpleSerDe). Prints one JSON line; exits 1 when columns, types or rows differ.
"""

import csv
import json
import sys

import pyarrow.parquet as pq

READ = {"string": str, "int64": int, "int32": int, "double": float}


def main() -> int:
    arguments = sys.argv[1:]
    hive = arguments[0] == "--hive"
    csv_path, parquet_path, *columns = arguments[1:] if hive else arguments
    types = {}
    for column in columns:
        name, _, kind = column.partition("=")
        types[name] = kind or "string"

    def read(text: str, kind: str) -> object:
        if text == "":
            return "" if hive and kind == "string" else None
        return READ[kind](text)

    table = pq.read_table(parquet_path)
    got = table.to_pylist()
    with open(csv_path, newline="", encoding="utf-8") as file:
        want = [{name: read(row[name], kind) for name, kind in types.items()} for row in csv.DictReader(file)]
    metadata = pq.ParquetFile(parquet_path).metadata
    report = {
        "rows": len(got),
        "expected": len(want),
        "columns": table.column_names,
        "types": [str(field.type).removeprefix("large_") for field in table.schema],
        "compression": sorted({metadata.row_group(0).column(i).compression for i in range(metadata.num_columns)}) if got else [],
    }
    differing = [index for index, (a, b) in enumerate(zip(got, want)) if a != b]
    report["differing"] = len(differing)
    if differing:
        report["first"] = {"row": differing[0], "got": got[differing[0]], "expected": want[differing[0]]}
    report["all_strings"] = set(report["types"]) == {"string"}
    print(json.dumps(report))
    same = not differing and len(got) == len(want)
    return 0 if same and report["columns"] == list(types) and report["types"] == list(types.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
