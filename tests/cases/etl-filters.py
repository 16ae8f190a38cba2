"""Writes etl-filters.json: which rows a Glue Filter keeps, by running the lambda that Glue Studio generates.

Run by hand with any Python 3: `python etl-filters.py > etl-filters.json`. `keeps` follows awsglue.dynamicframe.DynamicFrame.filter: KeyError,
ValueError and TypeError count as False. Dates are days since the epoch.
"""

import datetime
import itertools
import json
import re

OPERATORS = {"EQ": "==", "LT": "<", "GT": ">", "LTE": "<=", "GTE": ">="}
COLUMNS = [("n", "bigint"), ("d", "double"), ("s", "string"), ("b", "boolean"), ("day", "date"), ("m", "decimal(10,2)"), ("a", "struct<z:string>")]
TYPES = dict(COLUMNS)


def constant(text, kind):
    if kind in ("bigint", "double", "decimal(10,2)"):
        return text
    if kind == "boolean":
        return text.capitalize()
    return repr(text)


def operand(value, kind):
    if value["Type"] == "CONSTANT":
        return constant(value["Value"][0], kind)
    return "row" + "".join(f"[{name!r}]" for name in value["Value"])


def kind_of(values):
    for value in values:
        if value["Type"] == "COLUMNEXTRACTED":
            return TYPES[value["Value"][0]] if len(value["Value"]) == 1 else "string"
    return "string"


def expression(filter):
    values, kind = filter["Values"], kind_of(filter["Values"])
    if filter["Operation"] == "ISNULL":
        text = f"({operand(values[0], kind)} is None)"
    elif filter["Operation"] == "REGEX":
        text = f"bool(re.match({values[1]['Value'][0]!r}, {operand(values[0], kind)}))"
    else:
        text = f"({operand(values[0], kind)} {OPERATORS[filter['Operation']]} {operand(values[1], kind)})"
    return f"(not {text})" if filter.get("Negated") else text


def decimal(text):
    from decimal import Decimal

    return None if text is None else Decimal(text)


def keeps(filters, operator, row):
    code = (" and " if operator == "AND" else " or ").join(expression(filter) for filter in filters)
    day = None if row[4] is None else datetime.date(1970, 1, 1) + datetime.timedelta(days=row[4])
    record = {"n": row[0], "d": row[1], "s": row[2], "b": row[3], "day": day, "m": decimal(row[5]), "a": None if row[6] is None else {"z": row[6][0]}}
    try:
        return bool(eval(code, {"re": re, "row": record}))
    except (KeyError, ValueError, TypeError):
        return False


ROWS = [
    [1, 1.5, "PAID", True, 0, "1.50", ["x"]],
    [None, None, None, None, None, None, None],
    [0, -0.0, "", False, -1, "0.00", [None]],
    [30, 0.1, "5", True, 19023, "0.10", [""]],
    [-5, 1e300, "paid", None, 19023, "-99999999.99", ["PAID"]],
    [9007199254740993, 9007199254740992.0, "30", False, None, "99999999.99", ["y"]],
    [2, None, "an email", True, 1, None, None],
    [None, 2.0, "email@x.y", False, 2, "2.00", ["email"]],
]


def column(*path):
    return {"Type": "COLUMNEXTRACTED", "Value": list(path)}


def value(text):
    return {"Type": "CONSTANT", "Value": [text]}


def term(operation, *values, negated=False):
    return {"Operation": operation, "Negated": negated, "Values": list(values)}


singles = []
for operation in OPERATORS:
    for left, right in [
        (column("n"), value("1")), (column("n"), value("-5")), (column("n"), value("1.5")), (value("2"), column("n")), (column("n"), value("9007199254740992")),
        (column("d"), value("1.5")), (column("d"), value("0")), (column("d"), value("1e300")), (column("d"), value("9007199254740993")), (column("d"), column("n")), (column("n"), column("d")),
        (column("s"), value("PAID")), (column("s"), value("30")), (column("s"), value("")), (column("s"), column("n")), (column("s"), column("a", "z")),
        (column("b"), value("true")), (column("b"), column("n")), (column("day"), value("2022-01-31")), (column("day"), column("day")), (column("m"), value("1.5")), (column("m"), value("0")), (column("m"), value("0.1")),
        (column("m"), column("d")), (column("m"), column("n")), (column("a", "z"), value("PAID")),
    ]:
        singles.append(term(operation, left, right))
singles += [term("ISNULL", column(*path)) for path in (["n"], ["s"], ["a"], ["a", "z"])]
singles += [term("REGEX", column(*path), value(pattern)) for path in (["s"], ["a", "z"], ["n"]) for pattern in ("email", "^P", "(?i)paid$", "", "[0-9]+$")]

cases = []


def add(operator, filters):
    cases.append({"LogicalOperator": operator, "Filters": filters, "keeps": [keeps(filters, operator, row) for row in ROWS]})


for single in singles:
    add("AND", [single])
    add("AND", [{**single, "Negated": True}])
chosen = [singles[0], singles[12], singles[27], {**singles[11], "Negated": True}, singles[-1], singles[-15], singles[-19], {**singles[-16], "Negated": True}]
for pair in itertools.permutations(chosen, 2):
    for operator in ("AND", "OR"):
        add(operator, list(pair))
for triple in itertools.permutations(chosen[:5], 3):
    add("OR", list(triple))

PATTERNS = [
    "a", "^a", "a$", "a|b", "(a|b)c", "[abc]+", "[^abc]", "[]a]", "[[a]", "[a-]", "[-a]", "[a\\]]", "\\d+", "\\D", "\\w+$", "\\W", "\\s", "\\S+", "a{2}", "a{,2}b", "a{2,}", "a{1,2}?b",
    "a{", "a{b}", "a{,}", "{", "}", "a}", "x*", "x*?y", "(?i)ABC", "(?i:A)bc", "(?s)a.b", "a.b", "(?m)a$", "a\\Z", "\\Aa", "\\bfoo\\b", "foo\\B", "\\.", "\\x41", "\\u00e9", "\\101", "\\0",
    "(?P<n>a)b", "(?:a)b", "a(?#c)b", "[\\d.]+$", "[\\w-]+$", "[a&&b]", "[~~]", "a\\-b", "\\/", "é", "[é-ü]", ".", "..", "", "$", "^$", "^\\s*$", "[ \\t]+", "\\t", "a+?b", "(a)?b", "[+--]", "\\$", "[$^]", "[\\b]", "a\\ b", "#", "a#b",
    "K[1-9][A-Z]", "(?i)straße", "(?i)É", "\\S$", "[\\S]", "[^\\s]", "[^\\d\\s]+$",
]
TEXTS = [
    "", "a", "b", "ab", "aab", "aaab", "abc", "ABC", "Abc", "bc", "c", "a\n", "a\nb", "a\nc", "]", "[", "-", "a]", "a{", "a{b}", "{", "}", "a}", "a{,}", "1", "12.5", "1a", "x", "xxy", "y", " ", "\t", "\n", "\u00a0", "\u001c",
    "foo", "foobar", "foo bar", "a.b", "axb", ".", "A", "é", "É", "ü", "\u0000", "a-b", "/", "&", "~", "+", ",", "$", "^", "\b", "a b", "#", "a#b", "K1A", "straße", "STRASSE", "٣", "日本", "word_1", "a\r\n",
]
patterns = [{"pattern": pattern, "matches": [bool(re.match(pattern, text)) for text in TEXTS]} for pattern in PATTERNS]

print('{\n"source": "the lambda that Glue Studio generates, run by CPython",')
print('"columns": ' + json.dumps(COLUMNS) + ",")
print('"rows": ' + json.dumps(ROWS) + ",")
print('"cases": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n],")
print('"texts": ' + json.dumps(TEXTS) + ",")
print('"patterns": [\n' + ",\n".join(json.dumps(case) for case in patterns) + "\n]\n}")
