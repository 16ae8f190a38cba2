"""Compares a Parquet file with the CSV it came from, by another reader than ours.

usage: compare.py CSV PARQUET COLUMN...
All columns are compared as strings, an empty CSV field as null (Spark's CSV reader). Prints one JSON line; exits 1 when rows differ.
"""

import csv
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq


def main() -> int:
    csv_path, parquet_path, *columns = sys.argv[1:]
    table = pq.read_table(parquet_path)
    got = table.to_pylist()
    with open(csv_path, newline="", encoding="utf-8") as file:
        want = [{name: (row[name] if row[name] != "" else None) for name in columns} for row in csv.DictReader(file)]
    report = {
        "rows": len(got),
        "expected": len(want),
        "columns": table.column_names,
        "types": [str(field.type) for field in table.schema],
        "compression": sorted({pq.ParquetFile(parquet_path).metadata.row_group(0).column(i).compression for i in range(len(columns))}) if got else [],
    }
    differing = [index for index, (a, b) in enumerate(zip(got, want)) if a != b]
    report["differing"] = len(differing)
    if differing:
        report["first"] = {"row": differing[0], "got": got[differing[0]], "expected": want[differing[0]]}
    ok = not differing and len(got) == len(want) and table.column_names == columns
    strings = all(pa.types.is_string(field.type) or pa.types.is_large_string(field.type) for field in table.schema)
    report["all_strings"] = strings
    print(json.dumps(report))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
