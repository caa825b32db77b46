"""A SunSpec meter is found wherever its models begin, and every value of it is what its slave says; what is
no such meter is refused. SUNSPEC_SEED=N: other numbers in the registers."""

import json
import os
import subprocess
import sys
from decimal import Decimal

from tap import Tap

PEER = os.environ["PEER"]
PROGRAM = os.environ["METERCTL"]
SEED = os.environ.get("SUNSPEC_SEED", "1")
FOUND = {"40000": "40000:1+203", "50000": "50000:1+203", "0": "0:1+203", "behind others": "40000:1+64020+64021+203+1",
         "single phase": "40000:1+201", "split phase": "50000:1+202", "delta": "0:204", "two of them": "40000:1+203+203",
         "a second chain": "50000:1+203"}
REFUSED = {"floats": "40000:1+213", "an inverter": "40000:1+103", "no mark": "40000:none", "length 0": "40000:empty+203",
           "no end": "40000:endless", "the end of all registers": "40000:far"}


def serve():
    texts = [f"{name}={text}" for name, text in {**FOUND, **REFUSED}.items()]
    # pylint: disable-next=consider-using-with
    process = subprocess.Popen([sys.executable, os.path.join(PEER, "slave_sunspec.py"), SEED, *texts],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    made = json.loads(process.stdout.readline())
    for _ in texts:
        assert process.stdout.readline() == "ready\n"
    return process, made


def meterctl(*args):
    run = subprocess.run([PROGRAM, "-f", "json", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return run, json.loads(run.stdout, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return run, {}


def differs(got, want):
    if want is None or got is None:
        return got is not want
    try:
        return Decimal(str(got)) != Decimal(want)
    except ArithmeticError:
        return got != want


def read(tap, name, profile, slave):
    run, said = meterctl("-p", profile, "-c", f"tcp:127.0.0.1:{slave['port']}", "read", "*", "scale", "sunspec")
    got = {r["key"]: r["value"] for r in said.get("readings", [])}
    want = slave["expected"]
    wrong = [f"{k}: {got.get(k, 'missing')}, not {v}" for k, v in want.items() if k not in got or differs(got[k], v)]
    tap.ok(not wrong and len(got) == len(want), f"{name}, -p {profile}: {len(want)} values", "\n".join([*wrong, run.stderr]))


def main():
    with Tap() as tap:
        process, made = serve()
        try:
            for name in FOUND:
                read(tap, name, "sunspec203", made[name])
                read(tap, name, "auto", made[name])
            for name in REFUSED:
                for profile in ("sunspec203", "auto"):
                    run, said = meterctl("-p", profile, "-c", f"tcp:127.0.0.1:{made[name]['port']}", "read")
                    tap.ok(run.returncode == 4 and "readings" not in said, f"{name}, -p {profile}: refused", run.stdout + run.stderr)
            sites = os.path.join(os.environ["TMP"], "sites.csv")
            with open(sites, "w", encoding="ascii") as f:
                f.write("target,profile,expect.energy.active.import.total\n")
                f.writelines(f"tcp:127.0.0.1:{made[name]['port']},sunspec203,0..1e14\n" for name in ("40000", "0"))
            run, said = meterctl("batch", sites, "--yes")
            tap.ok(run.returncode == 0 or "no such value" in run.stderr, "a batch finds each", run.stdout + run.stderr)
            run, said = meterctl("scan", f"tcp:127.0.0.1:{made['50000']['port']}", "--unit", "1")
            tap.equal([m.get("profile") for m in said.get("found", [])], ["sunspec203"], "a scan finds it")
        finally:
            process.terminate()
            process.communicate()


main()
