"""Every built-in profile follows the schema that `profile schema` prints, and what the program refuses does not.

The keywords of JSON schema (draft 2020-12) that it uses are checked here; one that is not known here fails.
"""

import json
import re
import subprocess
import sys

import yaml

PROGRAM, *FILES = sys.argv[1:]
SCHEMA = json.loads(subprocess.run([PROGRAM, "profile", "schema"], capture_output=True, check=True).stdout)
TYPES = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int}
KNOWN = {"$schema", "$defs", "$ref", "title", "type", "properties", "additionalProperties", "required", "items", "enum", "pattern",
         "minimum", "maximum", "anyOf"}


def wrong(value, schema, place):
    """The first thing that does not fit, or None."""
    assert set(schema) <= KNOWN, schema
    if "$ref" in schema:
        return wrong(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], place)
    if "anyOf" in schema:
        return None if any(not wrong(value, s, place) for s in schema["anyOf"]) else f"{place}: none of anyOf"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and (isinstance(value, bool) or not any(isinstance(value, TYPES[t]) for t in types)):
        return f"{place}: {value!r} is not {types}"
    if "enum" in schema and not any(value == e and isinstance(value, bool) == isinstance(e, bool) for e in schema["enum"]):
        return f"{place}: {value!r} is not in {schema['enum']}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return f"{place}: {value!r} is not like {schema['pattern']}"
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"{place}: {value} is out of range"
    if isinstance(value, list) and "items" in schema:
        return next((w for i, v in enumerate(value) if (w := wrong(v, schema["items"], f"{place}[{i}]"))), None)
    if not isinstance(value, dict):
        return None
    if missing := [r for r in schema.get("required", []) if r not in value]:
        return f"{place}: {missing} missing"
    for k, v in value.items():
        of = schema.get("properties", {}).get(k, schema.get("additionalProperties", True))
        if of is False:
            return f"{place}: unknown {k}"
        if of is not True and (w := wrong(v, of, f"{place}.{k}")):
            return w
    return None


def main():
    count = bad = 0

    def ok(good, name, why=""):
        nonlocal count, bad
        count += 1
        bad += not good
        print(f"{'ok' if good else 'not ok'} {count} - {name}" + (f"\n# {why}" if not good else ""))

    for file in FILES:
        with open(file, encoding="utf-8") as f:
            why = wrong(yaml.safe_load(f), SCHEMA, "profile")
        ok(why is None, file.rpartition("/")[2], why)
    point = "groups: [{group: g, title: G, points: [{key: a, at: 1, name: A, %s}]}]"
    for text in ("title: no name", "profile: x\ncolour: red", "profile: x\nread: {most: 126}", "profile: x\nline: {baud: [9601]}",
                 "profile: x\norder: ACBD", "profile: x\nunlock: {lock: {on: 1}}", "profile: x\nidentify: [{at: 1, equal: 5}]",
                 "profile: x\n" + point % "type: u17", "profile: x\n" + point % "at: 65536", "profile: x\n" + point % "unit2: V",
                 "profile: x\nvectors: [{at: 1, regs: [1]}]", "profile: x\nline: {pause: 100}"):
        ok(wrong(yaml.safe_load(text), SCHEMA, "profile"), f"refused: {text.splitlines()[-1][:60]}", "accepted")
    print(f"1..{count}")
    sys.exit(bad > 0)


main()
