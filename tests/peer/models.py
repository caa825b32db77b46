"""Every model that comes along, against a slave of pymodbus; see slave_models.py.

Every value of `read '*'` is what the slave's own table says; no read is longer than the model takes; and
`scan` tells each model by its identification, and by nothing else.

MODELS_SEED=N: other numbers in the registers.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
from decimal import Decimal

from tap import Tap

PEER = os.environ["PEER"]
PROGRAM = os.environ["METERCTL"]
SEED = os.environ.get("MODELS_SEED", "1")
AT_ONCE = 4

# The longest read that the maker or public code allows, where there is one.
MOST = {"sdm72": 60, "sdm630": 80, "em24": 11, "em340": 50}
# What else it refuses.
REFUSES = {"sdm72": ",even", "sdm120": ",even", "sdm630": ",even", "em340": ",alone:0x000B,alone:0x0302", "em24-e1": ",alone:0x000B"}
# A table that is no more than what is new in a profile.
PART = {"sdm630"}


def text(letters, turned=False):
    """Words of a text, two characters in each."""
    data = letters.encode().ljust(len(letters) + len(letters) % 2, b"\0")
    return "+".join((data[i:i + 2][::-1] if turned else data[i:i + 2]).hex() for i in range(0, len(data), 2))


# What identifies a meter: its table, registers, the model that is told.
CODES = (
    [("sdm120", "0xFC02:0020", "SDM120"), ("sdm630", "0xFC02:0070", "SDM630"), ("sdm630", "0xFC02:0079", "SDM630MCT-V2"),
     ("sdm72", "0xFC02:0084", "SDM72D-M"), ("sdm72", "0xFC02:0089", "SDM72D-M-V2"),
     ("em340", "0x000B:0155", "GNM3D"), ("em340", "0x000B:0156", "GNM3T"), ("we514", "0x000B:00A2,0x0118:07D0", "OR-WE-514"),
     ("nd30iot", "0x1131:00D9", "ND30"), ("ecr380d", "0x1010:" + text("ECR380D"), "ECR380D"),
     ("countis-e2x", "0xC38A:" + text("COUNTIS E23 MID "), "COUNTIS E2x"),
     ("shelly-pro-3em", "i0x0006:" + text("SPEM-003CEBEU", True) + "+0000+0000+0000", "Shelly Pro 3EM"),
     ("shelly-pro-3em", "i0x0006:" + text("SPEM-003CEBEU63", True) + "+0000+0000", "Shelly Pro 3EM")]
    + [("em24-e1", f"0x000B:{code:04X}", "EM24 E1") for code in range(1648, 1654)]
    + [("abb-b23", "0x8960:" + text(f"B{n} "), f"B{n}") for n in (21, 23, 24)])
# No register that identifies them is public.
UNKNOWN = ("acrel-adl400", "acrel-djsf1352", "acrel-dtsy", "ddsu666", "dtsu666", "eem375", "em112", "em24", "iem3000", "pac3200",
           "pro380", "umg604", "umg96", "we516")
# An energy of theirs passes by the number that tells another model.
PASSING = {"acrel-adl400 at 1.62 kWh": "acrel-adl400,fill:0,0x000A:0000+00A2",
           "acrel-adl400 at 16.50 kWh": "acrel-adl400,fill:0,0x000A:0000+0672",
           "acrel-adl400 at 1.62 kWh, and 5 elsewhere": "acrel-adl400,fill:5,0x000A:0000+00A2"}
# A meter in which all registers hold the same.
VACUOUS = {"all 0": "0x0000", "all FFFF": "0xFFFF"}


def models():
    return sorted(f[:-4] for f in os.listdir(os.path.join(PEER, "..", "data", "models")))


def serve():
    """The slaves by name. Those that are read refuse what they do not have, as most meters do; those that
    are sought answer zeros, as some do, which is the harder case."""
    slaves = [f"{m}={m},most:{MOST.get(m, 125)}{REFUSES.get(m, '')}" for m in models()]
    slaves += ["variant=abb-b23,absent"]
    slaves += [f"{model} {regs}={model},fill:0,{regs}" for model, regs, _ in CODES]
    slaves += [f"{m} sought={m},fill:0" for m in UNKNOWN]
    slaves += ["adw300 sought=none,adw300,fill:0"]
    slaves += [f"{name}={options}" for name, options in PASSING.items()]
    slaves += [f"{name}=none,fill:{word}" for name, word in VACUOUS.items()]
    # pylint: disable-next=consider-using-with
    process = subprocess.Popen([sys.executable, os.path.join(PEER, "slave_models.py"), SEED, *slaves],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    made = json.loads(process.stdout.readline())
    for _ in slaves:
        line = process.stdout.readline()
        assert line == "ready\n", line
    return process, made


def meterctl(*args):
    run = subprocess.run([PROGRAM, "-f", "json", *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return run, json.loads(run.stdout, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return run, {}


def same(got, want, exact):
    if want is None or got is None:
        return got is want
    try:
        got, want = Decimal(str(got)), Decimal(want)
    except ArithmeticError:
        return str(got) == want
    # a float times its scale has a last digit of its own
    return got == want if exact else abs(got - want) <= abs(want) * Decimal("1e-6")


def is_exact(types, key):
    return types[key] not in ("f32", "f64")


def types_of(model):
    with open(os.path.join(PEER, "..", "data", "models", model + ".csv"), encoding="ascii") as f:
        rows = [line.split(",") for line in f]
    return {r[0]: r[3] for r in rows[1:]}


def read(tap, name, model, slave):
    run, said = meterctl("-p", model, "-c", f"tcp:127.0.0.1:{slave['port']}", "read", "*")
    got = {r["key"]: r for r in said.get("readings", [])}
    want, types = slave["expected"], types_of(model)
    # the bits of a word follow from it
    extra = {k for k in got if k not in want and k.rpartition(".")[0] not in want}
    if model in PART:
        extra = set()
    wrong = [f"{k}: {got[k]['value'] if k in got else 'missing'}, not {v}" for k, v in want.items()
             if k not in got or not same(got[k]["value"], v, is_exact(types, k))]
    wrong += [f"{k} is in {got[k]['unit']}" for k, u in slave["units"].items() if k in got and (got[k]["unit"] or "") != u]
    wrong += [f"{k} is {got[k]['quality']}" for k, v in want.items()
              if k in got and (got[k]["quality"] == "absent") != (v is None)]
    tap.ok(not wrong and not extra, f"{name}: {len(want)} values", "\n".join([*wrong, *sorted(extra), run.stderr]))


def sought(tap, name, slave, profile, model):
    run, said = meterctl("scan", f"tcp:127.0.0.1:{slave['port']}", "--unit", "1")
    got = [(m.get("profile"), m.get("model")) for m in said.get("found", [])]
    tap.ok(got == [(profile, model)], f"{name}: {model or 'unidentified'}", f"got {got}\n{run.stdout}\n{run.stderr}")
    key = "comm.baud" if profile == "adw300" else "*"
    run, said = meterctl("-p", "auto", "-c", f"tcp:127.0.0.1:{slave['port']}", "read", key)
    ok = said.get("meter", {}).get("profile") == profile if profile else run.returncode == 4 and "readings" not in said
    tap.ok(ok, f"{name}: -p auto", f"exit {run.returncode}\n{run.stdout}\n{run.stderr}")


def jobs(tap, made):
    for m in models():
        yield read, tap, m, m, made[m]
    yield read, tap, "a variant without phases B and C", "abb-b23", made["variant"]
    for profile, regs, model in CODES:
        yield sought, tap, profile, made[f"{profile} {regs}"], profile, model
    for m in UNKNOWN:
        yield sought, tap, m, made[m + " sought"], None, None
    yield sought, tap, "adw300", made["adw300 sought"], "adw300", "ADW300"
    for name in [*PASSING, *VACUOUS]:
        yield sought, tap, name, made[name], None, None


def main():
    with Tap() as tap:
        tap.equal(sorted({*UNKNOWN, *(c[0] for c in CODES)}), models(), "each model is sought")
        process, made = serve()
        try:
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                for done in [pool.submit(*job) for job in jobs(tap, made)]:
                    done.result()
        finally:
            process.terminate()
            rest = process.communicate()[0]
        tap.equal(rest, "", "no read is longer than the meter takes")


main()
