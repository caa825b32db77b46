"""The ADW300's registers once more, independent of meterctl.

Written from the register chapters of the vendor's manual (6.2 to 6.5, with the
readings of its ambiguous rows that meterctl-profile(5) lists too), as a table
of its own, a set of stored values and a decoder. Nothing here is made from
src/profiles: where the two disagree, one of them is wrong.

  registers.py store       the stored set, one "ADDRESS VALUE" a line
  registers.py records     the keys of history and extremes, all months
  registers.py get KEY     the value of one point of it, as `meterctl get` should say it
"""

import random
import struct
import sys
from decimal import Decimal

PHASES = "abc"
TARIFFS = ("sharp", "peak", "flat", "valley")


class Point:
    """One quantity: where it stands and how its words are read."""

    def __init__(self, key, addr, kind, scale="1", unit="", choices=None):
        self.key, self.addr, self.kind = key, addr, kind
        self.scale, self.unit, self.choices = Decimal(scale), unit, choices
        self.words = WORDS.get(kind) or int(kind[3:])


WORDS = {"u16": 1, "i16": 1, "pf": 1, "bits": 1, "choice": 1, "frame": 1,
         "freeze": 1, "u32": 2, "i32": 2, "stamp": 2, "clock": 3, "day": 21}


def series(addr, kind, scale, unit, keys):
    """Points that follow each other."""
    out = []
    for key in keys:
        p = Point(key, addr, kind, scale, unit)
        out.append(p)
        addr += p.words
    return out


def phases(stem, total=None):
    return [f"{stem}.{p}" for p in PHASES] + ([f"{stem}.{total}"] if total else [])


def energies(prefix, suffix):
    """The five energies of one column of 6.2: total or a phase."""
    return [f"{prefix}energy.active.combined.{suffix}",
            f"{prefix}energy.active.import.{suffix}",
            f"{prefix}energy.active.export.{suffix}",
            f"{prefix}energy.reactive.import.{suffix}",
            f"{prefix}energy.reactive.export.{suffix}"]


def energy_block(addr, prefix):
    out = []
    for suffix in ("total", "a", "b", "c"):
        for key in energies(prefix, suffix):
            unit = "kvarh" if "reactive" in key else "kWh"
            out.append(Point(key, addr, "u32", "0.01", unit))
            addr += 2
    return out


def tou_block(addr, prefix):
    out = []
    for what in ("active.combined", "active.import", "active.export",
                 "reactive.import", "reactive.export"):
        unit = "kvarh" if what.startswith("reactive") else "kWh"
        for tariff in TARIFFS:
            out.append(Point(f"{prefix}energy.tou.{what}.{tariff}", addr, "u32", "0.01", unit))
            addr += 2
    return out


def maximum_demands():
    out, addr = [], 0x64
    for what in ("active.import", "active.export", "reactive.import", "reactive.export"):
        unit = "kvar" if what.startswith("reactive") else "kW"
        out.append(Point(f"demand.{what}.max", addr, "u32", "0.001", unit))
        out.append(Point(f"demand.{what}.max.time", addr + 2, "stamp"))
        addr += 4
    return out


def harmonics():
    out, addr = [], 0x7A
    for what in ("voltage", "current"):
        for p in PHASES:
            for order in range(2, 32):
                out.append(Point(f"harmonic.{what}.{p}.{order}", addr, "u16", "0.01", "%"))
                addr += 1
    return out


def delayed(addr, kind, rows):
    """Alarm limits: a threshold and its delay in 0.01 s."""
    out = []
    for stem, scale, unit in rows:
        p = Point(f"{stem}.threshold", addr, kind, scale, unit)
        out += [p, Point(f"{stem}.delay", addr + p.words, "u16", "0.01", "s")]
        addr += p.words + 1
    return out


def names(*words):
    """Codes from 0 and what they mean."""
    return dict(enumerate(words))


def main_map():
    m = [Point("comm.address", 0, "u16"),
         Point("comm.baud", 1, "choice", choices={1: "1200", 2: "2400", 3: "4800", 4: "9600"}),
         Point("lora.sf", 2, "u16"), Point("lora.channel", 3, "u16"),
         Point("comm.frame", 4, "frame"),
         Point("reserved.0005", 5, "hex2"),
         Point("display.backlight_time", 7, "u16"), Point("security.code", 8, "u16"),
         Point("reserved.0009", 9, "hex5"),
         Point("ratio.pt", 14, "u16"), Point("ratio.ct", 15, "u16"),
         Point("temperature.n", 16, "i16", "0.1", "degC"),
         Point("clock", 0x11, "clock")]
    m += series(0x14, "u16", "0.1", "V", phases("voltage") + ["voltage.ab", "voltage.bc", "voltage.ca"])
    m += series(0x1A, "u16", "0.01", "A", phases("current", "vector_sum"))
    m += series(0x1E, "i32", "0.001", "kW", phases("power.active", "total"))
    m += series(0x26, "i32", "0.001", "kvar", phases("power.reactive", "total"))
    m += series(0x2E, "u32", "0.001", "kVA", phases("power.apparent", "total"))
    m += series(0x36, "pf", "0.001", "", phases("pf", "total"))
    m += [Point("di.status", 0x3A, "bits"), Point("frequency", 0x3B, "u16", "0.01", "Hz")]
    m += energy_block(0x3C, "") + maximum_demands()
    m += series(0x74, "u16", "0.01", "%", phases("thd.voltage") + phases("thd.current"))
    m += harmonics()
    m += series(0x12E, "u16", "0.1", "V", phases("voltage.fundamental") + phases("voltage.harmonic"))
    m += series(0x134, "u16", "0.01", "A", phases("current.fundamental") + phases("current.harmonic"))
    for i, part in enumerate(("fundamental", "harmonic")):
        m += series(0x13A + 16 * i, "i32", "0.001", "kW", phases(f"power.active.{part}", "total"))
        m += series(0x142 + 16 * i, "i32", "0.001", "kvar", phases(f"power.reactive.{part}", "total"))
    m += series(0x15A, "u32", "0.001", "kW", ["demand.active.import.present", "demand.active.export.present"])
    m += series(0x15E, "u32", "0.001", "kvar", ["demand.reactive.import.present", "demand.reactive.export.present"])
    m += series(0x162, "u16", "0.01", "%", ["unbalance.voltage", "unbalance.current"])
    m += series(0x164, "i16", "0.1", "degC", phases("temperature"))
    m += series(0x167, "hex1", "1", "", [f"tou.zone.word{i}" for i in range(1, 7)])
    m += series(0x16D, "day", "1", "", ["tou.table1", "tou.table2"])
    m += tou_block(0x197, "")
    m += [Point("signal.strength", 0x1BF, "i16"), Point("freeze.time", 0x1C0, "freeze"),
          Point("current.residual", 0x1C1, "u16", "1", "mA"),
          Point("do.1", 0x1C2, "bits"), Point("do.2", 0x1C3, "bits"),
          Point("demand.cycle", 0x1C4, "choice", choices={1: "15min", 2: "30min", 3: "45min", 4: "60min"}),
          Point("reserved.01c5", 0x1C5, "hex11"), Point("alarm1.enable", 0x1D0, "bits")]
    m += delayed(0x1D1, "u16", [(f"alarm1.{q}.{side}", scale, unit)
                                for q, scale, unit in (("voltage", "0.1", "V"), ("current", "0.01", "A"),
                                                       ("power", "0.001", "kW"))
                                for side in ("over", "under")])
    for i in range(4):
        m += [Point(f"di.{i + 1}.normal_state", 0x1DD + 2 * i, "choice", choices=names("normally-open", "normally-closed")),
              Point(f"di.{i + 1}.linked_do", 0x1DE + 2 * i, "choice", choices=names("none", "DO1", "DO2"))]
    for i in range(2):
        m += [Point(f"do.{i + 1}.mode", 0x1E5 + 3 * i, "choice", choices=names("level", "pulse")),
              Point(f"do.{i + 1}.source", 0x1E6 + 3 * i, "choice", choices=names(
                  "remote", "any-alarm", "any-alarm+di1+di2", "di1", "di2", "di1+di2")),
              Point(f"do.{i + 1}.pulse_width", 0x1E7 + 3 * i, "u16", "1", "s")]
    m += [Point("alarm1.status", 0x1EB, "bits")]
    m += series(0x1EC, "u16", "0.01", "deg", phases("angle.voltage"))
    m += [Point("reserved.01ef", 0x1EF, "hex1"),
          Point("protocol.select", 0x1F0, "choice", choices=names("electrical-safety", "power-om")),
          Point("reserved.01f1", 0x1F1, "hex1"),
          Point("demand.apparent.present", 0x1F2, "u32", "0.001", "kVA")]
    m += series(0x1F4, "u32", "0.001", "kvarh", ["energy.reactive.combined.total"]
                + [f"energy.reactive.q{q}.total" for q in (1, 2, 3, 4)])
    m += series(0x1FE, "u16", "0.01", "deg", phases("angle.current"))
    m += [Point("tou.table3", 0x201, "day"),
          Point("alarm2.enable", 0x216, "bits"), Point("alarm3.enable", 0x217, "bits")]
    m += delayed(0x218, "u16",
                 [(f"alarm2.{k}", "0.001", "") for k in phases("pf", "total")]
                 + [(f"alarm2.{k}", "0.1", "degC") for k in phases("temperature", "n")]
                 + [(f"alarm2.{k}", "0.01", "%") for k in phases("thd.voltage") + phases("thd.current")
                    + ["unbalance.voltage", "unbalance.current"]])
    m += delayed(0x238, "u32", [("alarm3.demand.active.import", "0.001", "kW"),
                                ("alarm3.demand.active.export", "0.001", "kW"),
                                ("alarm3.demand.reactive.import", "0.001", "kvar"),
                                ("alarm3.demand.reactive.export", "0.001", "kvar"),
                                ("alarm3.current.residual", "0.001", "A"),
                                ("alarm3.demand.apparent", "0.001", "kVA")])
    m += [Point("reserved.024a", 0x24A, "hex30"),
          Point("alarm2.status", 0x268, "bits"), Point("alarm3.status", 0x269, "bits")]
    return m


def instance(points, n, stride):
    """The same block again: month n of a record, keys ending in @n."""
    for p in points:
        p.addr += n * stride
        p.key += f"@{n}" if n else ""
    return points


def extremes(n):
    """Month n back of 6.5: value and time, thirteen quantities, maxima then minima."""
    out, addr = [], 0x400
    rows = ([("u16", "0.1", "V", f"voltage.{k}") for k in ("a", "b", "c", "ab", "bc", "ca")]
            + [("u16", "0.01", "A", k) for k in phases("current", "vector_sum")]
            + [("i32", "0.001", "kW", k) for k in phases("power.active", "total")]
            + [("i32", "0.001", "kvar", k) for k in phases("power.reactive", "total")]
            + [("u32", "0.001", "kVA", k) for k in phases("power.apparent", "total")])
    for side in ("max", "min"):
        for kind, scale, unit, key in rows:
            p = Point(f"extreme.{side}.{key}", addr, kind, scale, unit)
            out += [p, Point(f"{p.key}.time", addr + p.words, "stamp")]
            addr += p.words + 2
    return instance(out, n, 0x100)


def history(n):
    """Month n+1 back of 6.4."""
    out = [Point("history.time", 0x4800, "clock")]
    out += energy_block(0x4803, "history.") + tou_block(0x482B, "history.")
    return instance(out, n, 0x100)


def whole_map():
    m = main_map()
    for n in range(4):
        m += extremes(n)
    for n in range(12):
        m += history(n)
    return m


# ---- the stored set ------------------------------------------------------

def store_point(p, rnd):
    """Words for one point: any the type can hold, edges among them."""
    def edge(*values):
        return rnd.choice(values) if rnd.random() < 0.15 else None

    if p.key == "comm.address":
        return [1]
    if p.key.startswith("ratio."):
        return [rnd.randint(1, 600)]
    if p.kind in ("u16", "bits"):
        e = edge(0, 1, 0x7FFF, 0x8000, 0xFFFF)
        return [rnd.randint(0, 0xFFFF) if e is None else e]
    if p.kind == "i16":
        return [rnd.choice((rnd.randint(-990, -1), rnd.randint(0, 990))) & 0xFFFF]
    if p.kind == "pf":
        return [rnd.choice((rnd.randint(0, 1000), rnd.randint(-1000, -1) & 0xFFFF))]
    if p.kind in ("u32", "i32"):
        e = edge(0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
        v = rnd.choice((rnd.getrandbits(32), rnd.getrandbits(18))) if e is None else e
        return [v >> 16, v & 0xFFFF]
    if p.kind == "choice":
        return [rnd.choice(sorted(p.choices))]
    if p.kind == "frame":
        return [rnd.randint(0, 2) << 8 | rnd.randint(0, 1)]
    if p.kind == "freeze":
        return [rnd.randint(0, 23) << 8 | rnd.randint(1, 28)]
    if p.kind == "stamp":
        return [rnd.randint(0, 59) << 8 | rnd.randint(0, 23), rnd.randint(1, 28) << 8 | rnd.randint(1, 12)]
    if p.kind == "clock":
        return [rnd.randint(0, 59) << 8 | rnd.randint(0, 59), rnd.randint(0, 23) << 8 | rnd.randint(1, 28),
                rnd.randint(1, 12) << 8 | rnd.randint(20, 40)]
    if p.kind == "day":
        slots = rnd.randint(1, 14)
        minutes = [0] + sorted(rnd.sample(range(1, 24 * 60), slots - 1))
        raw = b"".join(bytes((rnd.randint(1, 4), m % 60, m // 60)) for m in minutes)
        return list(struct.unpack(">21H", raw.ljust(42, b"\0")))
    return [rnd.getrandbits(16) for _ in range(p.words)]


def store(points=None, seed=20260715):
    """{address: word} for every point. The same each time."""
    rnd = random.Random(seed)
    out = {}
    for p in points or whole_map():
        for i, w in enumerate(store_point(p, rnd)):
            out[p.addr + i] = w
    return out


# ---- the decoder ---------------------------------------------------------

def decode(p, w):
    """The words of a point as the number, or the text, that should be shown."""
    if p.kind == "u16":
        return w[0] * p.scale
    if p.kind == "i16":
        return (w[0] - 0x10000 if w[0] & 0x8000 else w[0]) * p.scale
    if p.kind == "pf":
        return (w[0] - 0x10000 if w[0] > 1000 else w[0]) * p.scale
    if p.kind in ("bits", "choice"):
        return Decimal(w[0])
    if p.kind == "u32":
        return (w[0] * 65536 + w[1]) * p.scale
    if p.kind == "i32":
        return struct.unpack(">i", struct.pack(">2H", *w))[0] * p.scale
    hi, lo = [x >> 8 for x in w], [x & 0xFF for x in w]
    if p.kind == "frame":
        return f"8{'NEO'[hi[0]]}{lo[0] + 1}"
    if p.kind == "freeze":
        return f"{lo[0]} {hi[0]:02}:00"
    if p.kind == "stamp":
        return f"{lo[1]:02}-{hi[1]:02} {lo[0]:02}:{hi[0]:02}"
    if p.kind == "clock":
        return f"{2000 + lo[2]}-{hi[2]:02}-{lo[1]:02} {hi[1]:02}:{lo[0]:02}:{hi[0]:02}"
    if p.kind == "day":
        raw = struct.pack(">21H", *w)
        slots = [raw[i:i + 3] for i in range(0, 42, 3)]
        return ", ".join(f"{h:02}:{m:02} {TARIFFS[r - 1]}" for r, m, h in slots if r)
    return " ".join(f"{x:04X}" for x in w)


def expect(points, words):
    return {p.key: decode(p, [words[p.addr + i] for i in range(p.words)]) for p in points}


def text(p, value):
    """As a person reads it: a code by its name, decimals by the scale."""
    return p.choices[int(value)] if p.kind == "choice" else str(value)


def main():
    words = store()
    if sys.argv[1:] == ["store"]:
        for addr in sorted(words):
            print(addr, words[addr])
    elif sys.argv[1:] == ["records"]:
        print("\n".join(p.key for p in whole_map() if p.addr >= 0x400))
    elif sys.argv[1:2] == ["get"] and len(sys.argv) == 3:
        p = {p.key: p for p in whole_map()}[sys.argv[2]]
        print(text(p, expect([p], words)[p.key]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
