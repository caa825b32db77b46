"""What meterctl says against the stored set of registers.py, one by one.

  compare.py FILE.json [KEY ...]   the keys that must be there (none: whole main map)

Numbers are compared as decimals, digit by digit of their value: 230.5 is not
230.49999. Names the first few that differ; its exit status is the answer.
"""

import json
import sys
from decimal import Decimal

import registers

ALL = registers.whole_map()


def factor(point, want):
    """What makes a value primary: by its unit, as U, I and their products are
    measured at the inputs. None where the ratios do not matter."""
    if point.key.startswith("alarm") or point.unit == "mA":
        return None
    pt, ct = want["ratio.pt"], want["ratio.ct"]
    return {"V": pt, "A": ct, "kW": pt * ct, "kvar": pt * ct, "kVA": pt * ct,
            "kWh": pt * ct, "kvarh": pt * ct}.get(point.unit)


def wrong_primary(point, want, reading):
    times = factor(point, want)
    got = reading.get("primary")
    if times is None:
        return f"primary {got}, want none" if got is not None and not point.key.startswith("alarm") else None
    if got is None:
        return "no primary value"
    # a double holds 15 digits
    exact = want[point.key] * times
    return None if abs(got - exact) <= abs(exact) * Decimal("1e-14") else f"primary {got}, want {exact}"


def wrong(point, wanted, reading):
    """Why this reading is not the stored value, or None."""
    want, value = wanted[point.key], reading["value"]
    if point.key == "security.code":
        return None if value.strip("*") == "" and "raw" not in reading else "is shown"
    if reading["quality"] != "ok":
        return f"quality {reading['quality']}: {reading.get('error')}"
    if (reading.get("unit") or "") != point.unit:
        return f"unit {reading.get('unit')!r}, want {point.unit!r}"
    if point.kind == "choice":
        name = point.choices[int(want)]
        if reading.get("raw") != int(want):
            return f"raw {reading.get('raw')!r}, want {want}"
        return f"{value!r}, want {name!r}" if value != name else None
    if isinstance(want, Decimal):
        same = isinstance(value, (int, Decimal)) and Decimal(value) == want
    else:
        same = value == want
    return None if same else f"{value!r}, want {want}"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        got = {r["key"]: r for r in json.load(f, parse_float=Decimal)["readings"]}
    points = {p.key: p for p in ALL}
    want = registers.expect(ALL, registers.store())
    keys = sys.argv[2:] or [p.key for p in registers.main_map()]
    troubles = [f"{k}: not there" for k in keys if k not in got]
    troubles += [f"{k}: not a key of the map" for k in got if k not in points]
    for k in got:
        if k in points and (why := wrong(points[k], want, got[k]) or wrong_primary(points[k], want, got[k])):
            troubles.append(f"{k}: {why}")
    for t in troubles[:20]:
        print("#", t, file=sys.stderr)
    if troubles:
        print(f"# {len(troubles)} of {len(keys)} differ", file=sys.stderr)
    else:
        print(f"# {len(got)} values are the stored ones")
    sys.exit(1 if troubles else 0)


main()
