"""formats.py - every command, in every format, with a meter that is fine, one that is dead, and
words that are wrong: what it prints can be read by a program, and its exit status is the one
of meterctl(1), EXIT STATUS.

A row of TABLE: what it is, what the words are for each outcome, and the exit status. Prints a
line for each thing that is wrong, and nothing when all is well. Runs in the folder $TMP, which
formats.sh has prepared."""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

MC = os.environ["METERCTL"]
LIMIT = int(os.environ["RUN_LIMIT"])
FORMATS = ["table", "json", "jsonl", "csv", "influx"]
FINE, DEAD = "-c sim:frozen", "-c sim:dead -t 20 -r 0"
NO_BROKER = "-c mqtt://127.0.0.1:1/20990000000009 -t 20 --allow-plaintext"

# flags: R readings, also as influx; P text, -f is refused; E goes on until it is told to end, so
# that JSON is lines, too; V its lines end with a verdict; - text or JSON only; 1 one bare thing
TABLE = [
    # name, flags, fine, dead, bad: (words, status), None: there is no such thing
    ("read", "R", (FINE + " read voltage.a 'ratio.*' alarm1.enable", 0), (DEAD + " read voltage.a", 3), ("-c sim: read no.such", 2)),
    ("read --expect", "R", (FINE + " read --expect voltage.a=1..2", 1), (DEAD + " read --expect voltage.a=1..2", 3), ("-c sim: read --expect voltage.a", 2)),
    ("get", "R", (FINE + " get voltage.a ratio.ct", 0), (DEAD + " get voltage.a ratio.ct", 3), ("-c sim: get voltage", 2)),
    ("watch", "RE", (FINE + " watch voltage.a -n 2 -i 0", 0), (DEAD + " watch voltage.a -n 1", 3), ("-c sim: watch -n x", 2)),
    ("watch --until", "RE", (FINE + " watch --until voltage.a=1..2 -n 1", 1), (DEAD + " watch --until voltage.a=1..2 -n 1", 3), ("-c sim: watch --until x=1", 2)),
    ("wait", "R", (FINE + " wait voltage.a=1..400", 0), (DEAD + " wait voltage.a=1..400 --for 0.1", 3), ("-c sim: wait voltage.a=x", 2)),
    ("set", "V", (FINE + " set ratio.ct=60 --yes", 0), (DEAD + " set ratio.ct=60 --yes", 3), ("-c sim: set ratio.ct=x --yes", 2)),
    ("set, range", "V", (FINE + " set ratio.ct=0 --yes", 7), None, None),
    ("set --dry-run", "V", (FINE + " set ratio.ct=60 --dry-run", 0), None, None),
    ("set, read-only", "V", (FINE + " --read-only set ratio.ct=60 --yes", 7), None, None),
    ("plan", "V", (FINE + " plan want.yaml", 1), (DEAD + " plan want.yaml", 3), ("-c sim: plan broken.yaml", 2)),
    ("apply", "V", (FINE + " apply want.yaml --yes", 0), (DEAD + " apply want.yaml --yes", 3), ("-c sim: apply broken.yaml --yes", 2)),
    ("restore", "V", (FINE + " restore want.yaml --yes", 0), (DEAD + " restore want.yaml --yes", 3), ("-c sim: restore none.yaml --yes", 2)),
    ("backup", "P", (FINE + " backup", 0), (DEAD + " backup", 3), ("-c sim: backup word", 2)),
    ("diff", "V", (FINE + " diff want.yaml", 1), (DEAD + " diff want.yaml", 3), ("-c sim: diff broken.yaml", 2)),
    ("undo", "V", None, None, ("-c sim: undo x", 2)),
    ("check", "V", (FINE + " check", 0), (DEAD + " check", 3), ("-c sim: check --wires 9", 2)),
    ("check, a fault", "V", ("-c sim:frozen,ct-reversed=b check", 1), None, None),
    ("checklist", "V", (FINE + " checklist", 1), (DEAD + " checklist", 3), ("-c sim: checklist word", 2)),
    ("connect", "", None, None, ("connect what:ever", 2)),
    ("scan", "", ("scan rtu:$PWD/line --baud 9600 --unit 1 --first 1", 0), ("scan tcp:127.0.0.1:1 --unit 1", 3), ("scan what:ever", 2)),
    ("listen", "", ("listen frames", 0), ("listen nothing", 3), ("listen frames -n x", 2)),
    ("learn", "V", ("learn --from frames --value network.apn=cmiot", 1), ("learn --from nothing --value network.apn=cmiot", 1), ("learn --from none --value network.apn=cmiot", 1)),
    ("batch", "V", ("batch fine.csv --yes", 0), ("batch dead.csv --yes -t 20 -r 0", 8), ("batch broken.csv --yes", 2)),
    ("report", "-", (FINE + " report", 0), (DEAD + " report", 3), ("-c sim: report --nameplate-ct x", 2)),
    ("report --verify", "-", ("report --verify want.yaml", 1), None, ("report --verify none.html", 2)),
    ("uplink", "V", None, (NO_BROKER + " uplink --deadline 1", 3), ("-c sim: uplink", 2)),
    ("platform", "E", None, (NO_BROKER + " platform --for 1", 3), ("-c sim: platform", 2)),
    ("history", "", (FINE + " history", 0), (DEAD + " history", 3), ("-c sim: history --months x", 2)),
    ("raw read", "", (FINE + " raw read 0:4", 0), (DEAD + " raw read 0", 3), ("-c sim: raw read x", 2)),
    ("raw read, rejected", "", ("-c sim:exception=2 raw read 0", 5), None, None),
    ("raw write", "V", (FINE + " raw write 15 60 --yes", 0), (DEAD + " raw write 15 60 --yes", 3), ("-c sim: raw write 1 x --yes", 2)),
    ("profile list", "", ("profile list", 0), None, ("profile what", 2)),
    ("profile show", "", ("profile show adw300", 0), None, ("profile show none", 2)),
    ("profile check", "V", ("profile check adw300", 0), None, ("profile check none.yaml", 2)),
    ("journal", "", ("journal", 0), None, ("journal show x", 2)),
    ("config check", "V", ("config check", 0), None, ("config what", 2)),
    ("config show", "", ("config show", 0), None, ("config show word", 2)),
    ("config path", "1", ("config path", 0), None, ("config path word", 2)),
    ("simulate", "P", None, None, ("simulate what=ever", 2)),
    ("help", "P", ("help read", 0), None, ("help what", 2)),
    ("completion", "P", ("completion bash", 0), None, ("completion what", 2)),
    ("tui", "P", None, None, ("tui word", 2)),
    ("no command", "", None, None, ("what", 2)),
    ("no option", "", None, None, ("read --what", 2)),
]


class Wrong(Exception):
    pass


def want(truth, why):
    if not truth:
        raise Wrong(why)


def objects(text):
    """The lines of TEXT, each an object."""
    want(text == "" or text.endswith("\n"), "the last line has no end")
    found = [json.loads(line) for line in text.splitlines()]
    want(all(isinstance(o, dict) for o in found), "a line is no object")
    return found


def is_error(o, status):
    return (o.get("schema") == "meterctl.error/1" and o["exit"] == status and isinstance(o["code"], str) and o["code"]
            and isinstance(o["message"], str) and o["message"] and isinstance(o["check"], list))


def is_verdict(o):
    return (o.get("schema", "meterctl.error/1") != "meterctl.error/1" and "at" not in o) or o.get("event") == "summary"


def check_json(flags, out, status, said):
    if "E" in flags:
        return check_jsonl(flags, out, status, said)
    found = json.loads(out)
    want(isinstance(found, dict), "no object")
    want(found.get("schema", "").startswith("meterctl."), "no schema")
    if found["schema"] == "meterctl.error/1":
        want(is_error(found, status), "an odd error object: %s" % found)


def check_jsonl(flags, out, status, said):
    found = objects(out)
    verdict = "V" in flags and bool(found) and is_verdict(found[-1])
    if status and said and not verdict:
        want(found, "nothing about the failure")
        want(is_error(found[-1], status), "the last line is no error object: %s" % found[-1])
        found.pop()
    want("V" not in flags or verdict or status, "no verdict at the end: %s" % found[-1:])
    want(all(o.get("schema") != "meterctl.error/1" for o in found), "an error object that is not the last")


def check_csv(flags, out, status, said):
    rows = list(csv.reader(io.StringIO(out, newline=""), strict=True))
    want(len({len(r) for r in rows}) <= 1, "rows of different length")
    want(out == "" or out.endswith("\r\n"), "the last line has no end")


def check_influx(flags, out, status, said):
    for line in out.splitlines():
        parts = line.replace("\\ ", "_").split(" ")
        want(len(parts) == 3 and "," in parts[0] and "=" in parts[1] and parts[2].isdigit(), "no line protocol: %s" % line)


CHECKS = {"json": check_json, "jsonl": check_jsonl, "csv": check_csv, "influx": check_influx}


def refused(flags, form):
    """Is FORM refused, whatever else is the matter?"""
    if form == "table":
        return False
    if "P" in flags:
        return True
    if form == "influx":
        return "R" not in flags
    return "-" in flags and form == "csv"


def run(case):
    flags, words, status, form = case
    # what others write at the same time is not this one's to settle
    state = tempfile.mkdtemp(prefix="state.", dir=".")
    done = subprocess.run("exec \"$METERCTL\" -f %s %s </dev/null" % (form, words), shell=True, timeout=LIMIT,
                          env=dict(os.environ, XDG_STATE_HOME=os.path.abspath(state)),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    said = any(line.startswith("meterctl: ") for line in err.splitlines())
    try:
        want(done.returncode == (2 if refused(flags, form) else status), "exit status %d" % done.returncode)
        want("meterctl: " not in out, "a message on standard output")
        want(done.returncode < 2 or said, "no message on standard error")
        want("Sanitizer" not in err, "a sanitizer complains")
        if form in CHECKS and ("1" not in flags or done.returncode):
            CHECKS[form](flags, out, done.returncode, said and done.returncode)
    except (Wrong, ValueError, KeyError, csv.Error) as why:
        return "-f %s %s: %s\n  out: %s\n  err: %s" % (form, words, why, out[-300:], err[-300:])
    return None


def missing():
    """Commands that have no row."""
    text = subprocess.run([MC, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    commands = text.split("commands:\n")[1].split("\n\n")[0].splitlines()
    rows = {row[0].split()[0].rstrip(",") for row in TABLE}
    # its lines are commands, and it has a test of its own
    return [c.split()[0] for c in commands if c.split()[0] not in rows | {"shell"}]


def main():
    for command in missing():
        print("%s: no row in TABLE" % command)
    cases = [(flags, *outcome, form) for _, flags, *outcomes in TABLE for outcome in outcomes if outcome for form in FORMATS]
    alone = [c for c in cases if "rtu:" in c[1] or "batch" in c[1]]	# one at a time: a port, a file
    with ThreadPoolExecutor(4) as pool:
        wrong = list(pool.map(run, [c for c in cases if c not in alone]))
    wrong += [run(c) for c in alone]
    for line in filter(None, wrong):
        print(line)
    print("%d cases" % len(cases), file=sys.stderr)


main()
