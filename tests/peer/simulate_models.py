"""Every model that comes along, simulated as its profile is; see slave_models.py for the tables.

pymodbus reads the registers, and what they are by the table is what `read '*'` says. The values belong
together, `scan` tells the model where registers do, a setting is written and stays, a longer read and
registers that the model has not are refused.
"""

import concurrent.futures
import json
import os
import struct
import subprocess
from decimal import Decimal

from pymodbus.client import ModbusTcpClient

from slave_models import FORMATS, TABLE, in_order, table
from tap import Tap

PEER = os.environ["PEER"]
PROGRAM = os.environ["METERCTL"]
AT_ONCE = 3
ILLEGAL_ADDRESS, ILLEGAL_VALUE = 2, 3


def meterctl(*args):
    run = subprocess.run([PROGRAM, "-f", "json", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return run, json.loads(run.stdout, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return run, {}


class Meter:
    """A simulated meter of that profile, and pymodbus before it."""

    def __init__(self, profile, scenario="frozen"):
        self.profile = profile
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([PROGRAM, "-p", profile, "simulate", scenario, "--tcp", "0", "--rtu-tcp", "0"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline() for _ in range(3)]
        self.target = next(line for line in lines if line.startswith("tcp:")).partition("?")[0]
        self.client = ModbusTcpClient("127.0.0.1", port=int(self.target.rpartition(":")[2]))
        assert self.client.connect()

    def close(self):
        self.client.close()
        self.process.terminate()
        self.process.communicate()

    def answer(self, function, address, count):
        read = self.client.read_input_registers if function == "04" else self.client.read_holding_registers
        return read(address, count, slave=1)

    def told(self):
        run, said = meterctl("-p", self.profile, "-c", self.target, "read", "*")
        return run, {r["key"]: r["value"] for r in said.get("readings", [])}

    def meterctl(self, *args):
        return meterctl("-p", self.profile, "-c", self.target, *args)


def decoded(row, words):
    """What the table says that these registers are."""
    if row["type"] == "daytable":
        return None
    words = in_order(struct.pack(f">{len(words)}H", *words), row["order"])      # each order is its own inverse
    data = struct.pack(f">{len(words)}H", *words)
    if row["type"] in ("string", "chars"):
        return (data if row["type"] == "string" else data[1::2]).rstrip(b"\0 ").decode()
    raw = struct.unpack(FORMATS[row["type"]], data)[0]
    codes = dict(c.split("=", 1) for c in row["codes"].split())
    return codes[f"{raw:g}"] if codes else Decimal(raw) * Decimal(row["scale"])


def same(row, got, want):
    if isinstance(want, str):
        return str(got) == want
    if row["type"] in ("f32", "f64"):
        return abs(got - want) <= abs(want) * Decimal("1e-6") + Decimal("1e-6")
    return got == want


def compare(tap, meter, rows, told, stderr):
    wrong = []
    for row in (r for r in rows if r["type"] in FORMATS):
        reply = meter.answer(row["function"], int(row["address"], 0), int(row["words"]))
        if reply.isError():
            wrong.append(f"{row['key']}: {reply}")
            continue
        want = decoded(row, reply.registers)
        got = told.get(row["key"])
        if row["type"] != "daytable" and (got is None or not same(row, got, want)):
            wrong.append(f"{row['key']}: {got}, pymodbus reads {want}")
    tap.ok(not wrong and told, f"{meter.profile}: {len(rows)} values as pymodbus reads them", "\n".join([*wrong, stderr]))


def near(a, b, share="0.02"):
    return abs(a - b) <= abs(b) * Decimal(share)


def plausible(tap, name, told):
    """Voltages of a site of 230 V (48 V direct), a few ampere, and powers that these make."""
    phases = [p for p in "abc" if f"voltage.{p}" in told and f"current.{p}" in told]
    wrong = [p for p in phases if not (220 < told[f"voltage.{p}"] < 240 and Decimal("0.5") < told[f"current.{p}"] < 6)]
    made = [told[f"voltage.{p}"] * told[f"current.{p}"] / 1000 for p in phases]
    for p, s in zip(phases, made):
        if not near(told.get(f"power.apparent.{p}", s), s):
            wrong.append(f"power.apparent.{p}: {told[f'power.apparent.{p}']}, not {s}")
    if phases and not near(told.get("power.apparent.total", sum(made)), sum(made)):
        wrong.append(f"power.apparent.total: {told['power.apparent.total']}, not {sum(made)}")
    if phases and "power.active.total" in told and not sum(made) * 7 / 10 < told["power.active.total"] < sum(made):
        wrong.append(f"power.active.total: {told['power.active.total']} of {sum(made)}")
    if "voltage.dc" in told and not near(told["power.dc"], told["voltage.dc"] * told["current.dc"] / 1000):
        wrong.append(f"power.dc: {told['power.dc']}")
    tap.ok(not wrong, f"{name}: values that belong together", "\n".join(map(str, wrong)))


def limits(tap, meter, profile, rows):
    row = rows[0]
    most = int(profile["read"]["most"])
    reply = meter.answer(row["function"], int(row["address"], 0), most + 1) if most < 125 else None
    tap.ok(reply is None or getattr(reply, "exception_code", 0) == ILLEGAL_VALUE, f"{meter.profile}: no read of more than {most}",
           str(reply))
    free = next(a for a in range(0xFFFF, 0, -1) if not any(int(r["address"], 0) <= a < int(r["address"], 0) + int(r["words"])
                                                          for r in rows))
    reply = meter.answer(row["function"], free, 1)
    tap.equal(getattr(reply, "exception_code", 0), ILLEGAL_ADDRESS, f"{meter.profile}: exception 2 for a register it has not")


def sought(tap, meter, profile):
    _, said = meterctl("scan", meter.target, "--unit", "1")
    got = [(m.get("profile"), m.get("model")) for m in said.get("found", [])]
    models = [r["model"] for r in profile["identify"]]
    want = [(meter.profile, models[0])] if models else [(None, None)]
    tap.equal(got, want, f"{meter.profile}: scan says {models[0] if models else 'unidentified'}")


def other_value(point):
    """Something that POINT may be set to, and is not by default."""
    if point["choices"]:
        return point["choices"][-1]["name"]
    if point["max"] is not None:
        return str(point["max"])
    return None


def written(tap, meter, points):
    may = [p for p in points if p["access"] == "rw" and p["from"] not in ("provisional",) and other_value(p)
           and not any(p[f] for f in ("ambiguous", "secret", "drops_link", "reserved", "switches", "part", "unlock"))
           and not p["key"].startswith("comm.")]
    for p in may[:2]:
        value = other_value(p)
        run, _ = meter.meterctl("set", f"{p['key']}={value}", "--yes", "--journal", os.path.join(os.environ["TMP"], meter.profile))
        _, said = meter.meterctl("read", p["key"])
        got = str(said["readings"][0]["value"]) if said.get("readings") else ""
        tap.ok(run.returncode == 0 and (got == value or Decimal(got) == Decimal(value)),
               f"{meter.profile}: {p['key']}={value} is written and stays", f"{got}\n{run.stdout}\n{run.stderr}")
    return len(may)


def check(tap, name):
    run, shown = meterctl("-p", name, "profile", "show")
    profile, points = shown["profile"], shown["points"]
    tables = os.path.join(PEER, "..", "data", "models", name + ".csv")
    rows = table(name) if os.path.exists(tables) else [
        {"key": "ratio.pt", "address": "14", "words": "1", "type": "u16", "order": "ABCD", "scale": "1", "function": "03",
         "codes": ""}]
    meter = Meter(name)
    try:
        run, told = meter.told()
        tap.ok(run.returncode == 0 and None not in told.values(), f"{name}: every point has a value", run.stderr)
        compare(tap, meter, rows, told, run.stderr)
        plausible(tap, name, told)
        limits(tap, meter, profile, rows)
        sought(tap, meter, profile)
        written(tap, meter, points)
    finally:
        meter.close()


def main():
    _, listed = meterctl("profile", "list")
    names = sorted(p["name"] for p in listed["profiles"] if p["origin"] == "built in" and p["name"] != "sunspec203")
    # (sunspec203 has no addresses of its own, and is refused)
    with Tap() as tap:
        tap.ok(len(names) > 20 and TABLE, f"{len(names)} profiles", str(names))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(check, tap, name) for name in names]:
                done.result()


main()
