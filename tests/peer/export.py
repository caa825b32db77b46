"""What `profile export` writes for other programs, followed to a slave of pymodbus: its addresses, types and
byte orders give the values that `meterctl read` shows. Nothing here is the program's: each form is read as
the program that it is for reads it, by its own document.

EXPORT_SEED=N: other numbers in the registers.
"""

import csv
import io
import json
import os
import struct
import subprocess
import sys
import tomllib
from decimal import Decimal

import yaml
from pymodbus.client import ModbusTcpClient

from tap import Tap

PEER = os.environ["PEER"]
PROGRAM = os.environ["METERCTL"]
SEED = os.environ.get("EXPORT_SEED", "1")
TABLES = os.path.join(PEER, "..", "data", "models")
# integers, floats, the low word first, 64 bits, input and holding registers, codes of no value
MODELS = ("abb-b23", "acrel-adl400", "em24", "em340", "iem3000", "pac3200", "sdm120", "umg96", "we514", "shelly-pro-3em")
MOST = {"em24": 11, "em340": 50}


class Meter:
    """A slave, asked by pymodbus."""

    def __init__(self, port):
        self.client = ModbusTcpClient("127.0.0.1", port=port)
        self.client.connect()

    def words(self, address, count, is_input):
        ask = self.client.read_input_registers if is_input else self.client.read_holding_registers
        return ask(address, count, slave=1).registers

    def value(self, kind, address, is_input, byte_turn=False, word_turn=False):
        """KIND is a letter of struct."""
        words = self.words(address, struct.calcsize(">" + kind) // 2, is_input)
        if word_turn:
            words.reverse()
        data = b"".join(w.to_bytes(2, "little" if byte_turn else "big") for w in words)
        return struct.unpack(">" + kind, data)[0]


KINDS = {"uint16": "H", "int16": "h", "uint32": "I", "int32": "i", "uint64": "Q", "int64": "q", "float32": "f", "float64": "d"}


def homeassistant(text, meter):
    for hub in yaml.safe_load(text)["modbus"]:
        for s in hub["sensors"]:
            is_input, swap = s["input_type"] == "input", s.get("swap", "")
            raw = meter.value(KINDS[s["data_type"]], s["address"], is_input, "byte" in swap, "word" in swap)
            size = struct.calcsize(">" + KINDS[s["data_type"]])
            if "nan_value" in s and raw & (256 ** size - 1 if isinstance(raw, int) else 0) == s["nan_value"]:
                yield s["address"], is_input, None, 1
            else:
                yield s["address"], is_input, raw * Decimal(str(s.get("scale", 1))) + Decimal(str(s.get("offset", 0))) \
                    if isinstance(raw, int) else raw * s.get("scale", 1) + s.get("offset", 0), 1


def telegraf(text, meter):
    for plugin in tomllib.loads(text)["inputs"]["modbus"]:
        for registers in ("holding_registers", "input_registers"):
            for s in plugin.get(registers, []):
                count, kind = len(s["address"]), s["data_type"]
                letter = {"FLOAT32-IEEE": "f", "FLOAT64-IEEE": "d"}.get(kind, {1: "h", 2: "i", 4: "q"}[count])
                if kind.startswith("U"):
                    letter = letter.upper()
                assert s["address"] == list(range(s["address"][0], s["address"][0] + count))
                words = meter.words(s["address"][0], count, registers[0] == "i")
                data = b"".join(w.to_bytes(2, "big") for w in words)
                # the letters say where on the wire each byte stands, A the highest
                letters = "ABCDEFGH"[:2 * count]
                assert sorted(s["byte_order"]) == sorted(letters)
                data = bytes(data[s["byte_order"].index(c)] for c in letters)
                raw = struct.unpack(">" + letter, data)[0]
                assert "FIXED" in kind or isinstance(raw, float) or s["scale"] == 1, "an integer would be cut"
                scale = s["scale"]
                yield s["address"][0], registers[0] == "i", raw * (Decimal(str(scale)) if isinstance(raw, int) else scale), 1


def evcc(text, meter):
    watts = ("power", "powers")
    for m in yaml.safe_load(text)["meters"]:
        assert m["type"] == "custom"
        for name in ("power", "energy", "currents", "voltages", "powers"):
            sources = m.get(name, [])
            for s in sources if isinstance(sources, list) else [sources]:
                r = s["register"]
                kind = r["decode"].removesuffix("s")
                raw = meter.value(KINDS[kind], r["address"], r["type"] == "input", word_turn=r["decode"].endswith("s"))
                scale = s.get("scale", 1)
                yield (r["address"], r["type"] == "input", raw * (Decimal(str(scale)) if isinstance(raw, int) else scale),
                       1000 if name in watts else 1)


def modpoll(text, meter):
    poll = None
    for row in csv.reader(io.StringIO(text)):
        if row[0] == "poll":
            _, what, start, size, endian = row
            poll = what == "input_register", int(start), int(size), endian.split("_")
            assert int(size) <= 125
            meter.words(int(start), int(size), poll[0])
        elif row[0] == "ref":
            _, _, address, kind, access, _, scale = row
            is_input, start, size, (of_bytes, of_words) = poll
            assert access == "r" and start <= int(address) < start + size
            raw = meter.value(KINDS[kind], int(address), is_input, of_bytes == "LE", of_words == "LE")
            yield int(address), is_input, raw * (Decimal(scale) if isinstance(raw, int) else float(scale)), 1


def gateway(text, meter):
    kinds = {"6": "H", "7": "h", "8": "I", "9": "i", "10": "Q", "11": "q", "12": "f"}
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == "id,group,data_name,unit,reg_add,reg_type,endian,dcm,k,fun_num,calc,style".split(",")
    for n, row in enumerate(rows[1:]):
        assert len(row) == 12 and row[0] == str(n + 1) and row[6] == "1" and row[7] == row[8], row
        raw = meter.value(kinds[row[5]], int(row[4]), row[9] == "4")
        yield int(row[4]), row[9] == "4", raw / Decimal(10) ** int(row[7]) if isinstance(raw, int) else raw / 10 ** int(row[7]), 1


FORMS = {"homeassistant": homeassistant, "telegraf": telegraf, "evcc": evcc, "modpoll": modpoll, "acrel-gateway": gateway}
# What a form can say none of.
EMPTY = {("acrel-gateway", "em24"), ("acrel-gateway", "em340"), ("acrel-gateway", "iem3000"), ("evcc", "shelly-pro-3em"),
         ("acrel-gateway", "shelly-pro-3em")}


def meterctl(*args):
    return subprocess.run([PROGRAM, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def places(model):
    """The key at each register."""
    with open(os.path.join(TABLES, model + ".csv"), newline="", encoding="ascii") as f:
        return {(int(r["address"], 0), r["function"] == "04"): r["key"] for r in csv.DictReader(f)}


def same(got, want):
    if got is None or want is None:
        return got is None and want is None
    got, want = Decimal(str(got)), Decimal(str(want))
    return abs(got - want) <= abs(want) * Decimal("1e-6")


def follow(tap, form, model, slave):
    target = f"tcp:127.0.0.1:{slave['port']}"
    run = meterctl("-c", target, "profile", "export", "--to", form, model, "*")
    said = json.loads(meterctl("-f", "json", "-p", model, "-c", target, "read", "*").stdout, parse_float=Decimal, parse_int=Decimal)
    shown = {r["key"]: r["value"] for r in said["readings"]}
    lost = {w.split("'")[1] for w in run.stderr.splitlines() if "are lost" in w}
    left_out = {w.split("'")[1] for w in run.stderr.splitlines() if "is left out" in w}
    keys, wrong, n = places(model), [], 0
    try:
        for address, is_input, value, factor in FORMS[form](run.stdout, Meter(slave["port"])):
            key = keys[address, is_input]
            want = shown[key]
            n += 1
            left_out.discard(key)
            if want is None and key in lost:
                continue
            if not same(value, want if want is None else want * factor):
                wrong.append(f"{key} at {address}: {value}, not {want}")
    except Exception as e:  # pylint: disable=broad-exception-caught
        wrong.append(f"{type(e).__name__}: {e}")
    missing = len(shown) - n - len(left_out)
    tap.ok(run.returncode == 0 and n and not wrong and missing <= 0, f"{form}, {model}: {n} values, {len(left_out)} left out",
           "\n".join([*wrong, f"{missing} missing", run.stderr[:300]]))


def main():
    with Tap() as tap:
        slaves = [f"{m}={m},most:{MOST.get(m, 125)}" for m in MODELS]
        # pylint: disable-next=consider-using-with
        process = subprocess.Popen([sys.executable, os.path.join(PEER, "slave_models.py"), SEED, *slaves],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            made = json.loads(process.stdout.readline())
            for _ in slaves:
                assert process.stdout.readline() == "ready\n"
            for form in FORMS:
                for model in MODELS:
                    if (form, model) not in EMPTY:
                        follow(tap, form, model, made[model])
        finally:
            process.terminate()
            process.communicate()


main()
