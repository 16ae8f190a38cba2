"""Writes etl-casts.json: what Spark's non-ANSI cast gives, cell by cell.

Run by hand where PySpark 3.5 and a JRE 17 are installed: `python etl-casts.py > etl-casts.json`. Inputs are texts, read by type:
timestamps as microseconds since the epoch, dates as yyyy-MM-dd, nested values as JSON. Outputs are Spark's cast of the result to string,
binary as hex digits. Java 17's Double.toString is not always the shortest text (fixed in JDK 19), so inputs where the two differ are left out.
"""

import json
import re
import struct

from pyspark.sql import SparkSession

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.sql.ansi.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)

SCALARS = [
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(38,10)", "decimal(3,0)",
    "string", "binary", "date", "timestamp",
]

TEXTS = [
    "", " ", "0", "1", "-1", "+5", "-0", "12", " 12 ", "\t12\n", "1 2", "1.5", "-1.9", "1.", ".5", ".", "-", "+", "-.", "+.5", "1.5.2", "1,5", "0x10", "1e3", "1E-2", "1e", "e1",
    "127", "128", "-128", "-129", "32767", "32768", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "99999999999999999999", "0.005", "0.015", "0.025", "-0.005", "-0.015", "1.005",
    "12345678.994", "12345678.995", "99999999.994", "99999999.995", "99999999.99", "100000000", "999", "999.4", "999.5", "1e400", "-1e400", "1e-400", "1e37", "1e38",
    "0.00000000005", "0.000000000049", "NaN", "nan", "-NaN", "+NaN", "Infinity", "-Infinity", "infinity", "inf", "-inf", "+Inf", "INF", "1d", "1.5f", "2D", "3F", "1fd", "1L", "d",
    "t", "true", "TRUE", " True ", "y", "yes", "f", "false", "n", "no", "NO", "on", "off", "tr", "10", "00", "abc", "é", "日本", "1\u00a0", "\u00a01", "\u20071", "\x001", "1\x00", "\x7f1",
    "2022", "2022-01", "2022-1", "2022-01-31", "2022-1-3", "20220131", "0915", "2022-02-29", "2024-02-29", "2022-13-01", "2022-00-10", "2022-01-32", "2022-01-31 ", "2022-01-31T",
    "2022-01-31 junk", "2022-01-31Tjunk", "2022-01-31x", "2022/01/31", "31-01-2022", "01/31/2022", "22-01-31", "-0044-03-15", "+2022-01-31", "10000-01-01", "+10000-01-01", "0000-01-01",
    "123456-01-01", "1234567-01-01", "12345678-01-01", "1969-12-31", "1900-01-01", "1582-10-10", "2022-01-", "2022--01", "2022-01-31-", "-", "--1",
    "2022-01-31 09:15:00", "2022-01-31T09:15:00", "2022-01-31 9:5:1", "2022-01-31 09", "2022-01-31 09:15", "2022-01-31 09:15:00.1", "2022-01-31 09:15:00.123456", "2022-01-31 09:15:00.123456789",
    "2022-01-31 09:15:00.", "2022-01-31 09:15:00Z", "2022-01-31T09:15:00.5Z", "2022-01-31 09:15:00+01:00", "2022-01-31 09:15:00 +01:00", "2022-01-31 09:15:00-0530", "2022-01-31 09:15:00+5",
    "2022-01-31 09:15:00+05", "2022-01-31 09:15:00 UTC", "2022-01-31 09:15:00 GMT+2", "2022-01-31 09:15:00UTC", "2022-01-31 09:15:00+19:00", "2022-01-31 09:15:00+18:00", "2022-01-31 09:15:00+18:01", "2022-01-31 24:00:00", "2022-01-31 23:60:00",
    "2022-01-31 23:59:60", "2022-01-31 09:15Z", "2022-01-31 09:15:00 junk", "2022-01-31  09:15:00", "2022-01-31 09:15:00:00", "2022-01-31 :15:00", "2022-01-31 09::00", "2022-01-31 009:15:00", "2022-01-31 09:15:000",
    "2022-01-31 09:15:00+1:00", "2022-01-31 09:15:00+01:0", "2022-01-31 09:15:00+01:00:00", "2022-01-31 09:15:00+01:00:01", "2022-01-31 09:15:00+010", "2022-01-31 09:15:00z", "2022-01-31 09:15:00.5 +02:00", "-2022-01-31 09:15:00", "1969-12-31 23:59:59.999999",
    "2022-01-31 09:15:00+01:00:1", "2022-01-31 09:15:00+011:00", "2022-01-31 09:15:00+", "2022-01-31 09:15:00 UT", "2022-01-31 09:15:00 Z", "2022-01-31 09:15:00UTC+01:00", "2022-01-31 09:15:00 UTC+1", "2022-01-31 09:15:00 UTC+1:30",
]

NUMBERS = {
    "boolean": ["true", "false"],
    "tinyint": ["0", "1", "-1", "127", "-128"],
    "smallint": ["0", "128", "-129", "32767", "-32768"],
    "int": ["0", "1", "-1", "255", "256", "32768", "65536", "2147483647", "-2147483648", "100000000"],
    "bigint": ["0", "1", "-1", "300", "4294967296", "4294967297", "9223372036854775807", "-9223372036854775808", "9007199254740993", "16777217", "253402300800", "-62135596801"],
    "float": ["0.0", "-0.0", "0.1", "1.5", "-1.5", "16777216", "1e10", "3.4e38", "1e-45", "NaN", "Infinity", "-Infinity", "123456.79", "0.001", "1e-4", "1e7", "9999999"],
    "double": ["0.0", "-0.0", "0.1", "0.5", "-0.5", "1.5", "2.5", "-1.9", "127.9", "128.0", "-129.5", "40000.0", "3e9", "1e19", "-1e19", "NaN", "Infinity", "-Infinity", "1e7", "9999999.999", "12345678.9",
               "0.001", "0.0001", "1e-5", "1e22", "1.7976931348623157E308", "0.005", "0.015", "1.005", "99999999.99", "99999999.995", "1e36", "123456789012345680", "1643620500.25", "-0.000001", "0.3333333333333333", "100", "1e300"],
    "decimal(10,2)": ["0", "0.00", "1.50", "-1.50", "0.5", "99999999.99", "-99999999.99", "127.99", "128", "300.75", "999.49", "999.50", "-999.50", "1643620500"],
    "decimal(38,10)": ["0", "0.0000000001", "1234567890123456789012345678.0123456789", "-1.0000000001", "9223372036854775808.5", "99999999.9949999999", "0.0050000000", "-0.0050000000"],
    "decimal(20,0)": ["0", "18446744073709551616", "18446744073709551617", "99999999999999999999", "12345"],
    "date": ["1970-01-01", "2022-01-31", "1969-12-31", "0001-01-01", "9999-12-31", "+10000-01-01", "-0001-06-01"],
    "timestamp": ["0", "1", "-1", "1643620500000000", "1643620500123456", "1643620500100000", "-62135596800000000", "253402300800000000", "999999", "-999999", "2147483648000000"],
}

NESTED = [
    ("array<int>", "[1,null,3]", ["string", "array<string>", "array<double>", "array<tinyint>"]),
    ("array<string>", '["a","",null,"1.5"]', ["string", "array<int>", "array<double>"]),
    ("array<array<int>>", "[[1],[],null]", ["string"]),
    ("struct<a:int,b:string>", '{"a":1,"b":"x"}', ["string", "struct<a:string,b:string>", "struct<c:bigint,d:int>"]),
    ("struct<a:int,b:string>", "{}", ["string"]),
    ("struct<a:struct<b:double>,c:array<boolean>>", '{"a":{"b":1e10},"c":[true,null]}', ["string"]),
    ("map<string,int>", '{"k":1,"l":null}', ["string", "map<string,string>"]),
    ("map<string,array<int>>", "{}", ["string"]),
]


def quote(text):
    return "'" + "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in "'\\" or 0x7F <= ord(c) < 0x10000 else c for c in text) + "'"


def source(kind, text):
    if kind == "string":
        return quote(text)
    if kind == "timestamp":
        return f"timestamp_micros({text})"
    if "<" in kind:
        return f"from_json({quote(text)}, '{kind}')"
    return f"cast({quote(text)} as {kind})"


def shortest(text, to):
    """Whether Java 17 printed no more digits than needed, as JDK 19 and later do."""
    if text is None or not re.fullmatch(r"-?[0-9.]+(E-?[0-9]+)?", text):
        return True
    value = float(text)

    def single(number):
        return struct.unpack("f", struct.pack("f", number))[0]

    for length in range(1, 18):
        short = "%.*e" % (length, value)
        if float(short) == value if to == "double" else single(float(short)) == single(value):
            break
    return len(re.sub(r"E.*|[-.]", "", text).strip("0")) <= len(re.sub(r"e.*|[-.]", "", short).strip("0"))


wanted = [("string", text, to) for text in dict.fromkeys(TEXTS) for to in SCALARS if to != "string"]
wanted += [(kind, text, to) for kind, texts in NUMBERS.items() for text in texts for to in SCALARS if to != kind]
wanted += [(kind, text, to) for kind, text, targets in NESTED for to in targets]

cases, refused = [], {}
for start in range(0, len(wanted), 60):
    batch = wanted[start : start + 60]
    columns = []
    for kind, text, to in batch:
        show = "hex({})" if to == "binary" else "cast({} as string)"
        columns.append(show.format(f"cast({source(kind, text)} as {to})"))
    try:
        rows = spark.sql("select " + ", ".join(columns)).collect()[0]
        results = list(rows)
    except Exception:
        results = []
        for column, (kind, text, to) in zip(columns, batch):
            try:
                results.append(spark.sql("select " + column).collect()[0][0])
            except Exception as error:
                refused[(kind, to)] = str(error).split("\n")[0]
                results.append("REFUSED")
    for (kind, text, to), result in zip(batch, results):
        floating = to if to in ("float", "double") else kind if to == "string" and kind in ("float", "double") else None
        if result != "REFUSED" and (floating is None or shortest(result, floating)):
            cases.append({"from": kind, "in": text, "to": to, "out": result})

print('{\n"source": "Spark %s, spark.sql.ansi.enabled=false, session time zone UTC",' % spark.version)
print('"refused": ' + json.dumps(sorted(f"{kind} to {to}" for kind, to in refused)) + ",")
print('"cases": [')
print(",\n".join(json.dumps(case, ensure_ascii=True) for case in cases))
print("]\n}")
