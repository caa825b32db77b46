"""Every exception code from 00 to FF, every command: a refusal is a refusal.

Exit 5 (3 where a gateway says that the meter was not reached), the code by its
number, and nothing on standard output that could be taken for a value. A write
that was refused is never called verified, and what it reads back is what stood there.
"""

import json
import re

from field import LONG, Meter, Peer, together
import registers
from tap import Tap

ACKNOWLEDGE, NO_PATH, NO_ANSWER = 5, 10, 11
CT = 15             # ratio.ct
# those with a meaning, some without, and the edges
CODES = range(256) if LONG else (0, 1, 2, 4, 5, 6, 10, 11, 99, 128, 255)
FEW = range(256) if LONG else (0, 2, 11, 255)       # for commands that take their time
SLOW = ("backup", "check", "report", "history")
KINDS = ("tcp", "rtutcp", "rtu")
SETTINGS = "profile: adw300\nsettings:\n  ratio.ct: 60\n"
ONCE = ("-r", "0", "-t", "2000")


def no_readings(out):
    """JSON or one JSON a line, in which no value is."""
    docs = [json.loads(line) for line in out.splitlines()]
    readings = [r for d in docs for r in d.get("readings", d.get("steps", [d]))]
    return all(r.get("value") is None and r.get("before") is None and r.get("after") is None
               and r.get("state", "refused") in ("refused", "failed", "unknown") for r in readings)


def no_numbers(out):
    """Not one number but for those in the words of the refusal."""
    return not re.search(r"\b[0-9]+\b", re.sub(r"\[failed: .*\]|\(.*\)", "", out))


def nothing(out):
    return out == ""


def no_settings(out):
    return not [line for line in out.splitlines() if line.startswith("  ") and not line.lstrip().startswith("#")]


def no_pass(out):
    return out == "" or json.loads(out).get("verdict") != "pass"


# What is asked, and what its standard output must be like. FILE is a file of settings.
READING = {
    ("get", "voltage.a"): nothing,
    ("-f", "json", "read", "voltage", "energy.active.import.total"): no_readings,
    ("read", "voltage"): no_numbers,
    ("-f", "jsonl", "watch", "-n", "1", "voltage"): no_readings,
    ("raw", "read", "20:3"): nothing,
    ("raw", "write", "15", "60", "--yes"): nothing,
    ("-f", "json", "set", "ratio.ct=60", "--yes"): no_readings,
    ("-f", "json", "apply", "FILE", "--yes"): no_readings,
    ("-f", "json", "restore", "FILE", "--yes"): no_readings,
    ("backup",): no_settings,
    ("-f", "json", "check"): no_pass,
    ("report", "--text"): nothing,
    ("-f", "csv", "history", "--months", "1"): lambda out: not re.search(r",[0-9.]+,[^,]*,ok", out),
}
WRITING = (("raw", "write", "15", "60", "--yes"), ("-f", "json", "set", "ratio.ct=60", "--yes"),
           ("-f", "json", "apply", "FILE", "--yes"), ("-f", "json", "restore", "FILE", "--yes"))


def meant(words, peer):
    path = f"{peer.folder}/settings.yaml"
    if "FILE" in words:
        with open(path, "w", encoding="ascii") as out:
            out.write(SETTINGS)
    return [path if w == "FILE" else w for w in words]


def named(code, text):
    """By its number, in the hexadecimal of the standard or as a decimal."""
    return re.search(rf"exception (0x)?0*({code}|{code:x})\b", text, re.I)


def status(code):
    return (3,) if code in (NO_PATH, NO_ANSWER) else (5,)


def write_status(code):
    """05 is a promise, not kept here; 0A and 0B leave open what the meter has heard."""
    return {ACKNOWLEDGE: (5, 6), NO_PATH: (3, 5, 6), NO_ANSWER: (3, 5, 6)}.get(code, (5,))


def complaint(run, code, want, clean):
    """What is wrong with it, or nothing."""
    out = []
    if run.code not in want:
        out.append(f"exit {run.code}, not {' or '.join(map(str, want))}")
    if not named(code, run.err + run.out):
        out.append("the code is not named")
    try:
        if not clean(run.out):
            out.append("something like a value")
    except ValueError:
        out.append("not what was asked for")
    return ", ".join(out)


def summed(tap, name, found):
    """One check for many codes: which of them went wrong, and how the first did."""
    bad = [(code, why, run) for code, why, run in found if why]
    lines = ["wrong: " + " ".join(f"{code:02X}" for code, _, _ in bad)]
    lines += [f"{code:02X}: {why}" for code, why, _ in bad[:8]]
    lines += [str(run) for _, _, run in bad[:1]]
    tap.ok(not bad, f"{name}: {len(found)} codes", "\n".join(lines))


def all_refused(kind, words, codes):
    """Nothing but refusals comes back."""
    found = []
    with Peer(kind) as peer:
        for code in codes:
            peer.answer = lambda peer, q, code=code: [(0, peer.refuse(q, code))]
            run = peer.run(*ONCE, *meant(words, peer))
            found.append((code, complaint(run, code, status(code), READING[words]), run))
    return found


def unwritten(out):
    return not re.search("verified", out)


def write_refused(kind, words, codes):
    """Reads are answered, writes are not."""
    found = []
    with Peer(kind, Meter({**registers.store(), CT: 40})) as peer:
        for code in codes:
            peer.answer = lambda peer, q, code=code: [(0, peer.refuse(q, code) if q.writes else peer.reply(q))]
            run = peer.run(*ONCE, *meant(words, peer))
            why = complaint(run, code, write_status(code), unwritten)
            now = re.findall(r'(?:"after":|now )([0-9.]+)', run.out)
            if now not in ([], ["40"]):
                why += f", read back as {now}"
            found.append((code, why, run))
    return found


def spread(codes, n):
    return [codes[i::n] for i in range(n)]


def main():
    whole = range(256)
    jobs, names = [], []

    def row(how, kind, words, codes, name):
        for part in spread(codes, 4 if len(codes) > 64 else 1):
            jobs.append(lambda part=part: how(kind, words, part))
            names.append(f"{kind}: {name}{' '.join(words)}")

    for words in READING:
        for kind in KINDS if LONG else KINDS[:1]:
            codes = whole if words[0] == "get" else FEW if set(SLOW) & set(words) else CODES
            row(all_refused, kind, words, codes, "everything refused: ")
    for words in WRITING:
        for kind in KINDS if LONG else KINDS[:1]:
            every = words[0] == "raw"
            row(write_refused, kind, words, whole if every else CODES, "the write refused: ")
    if not LONG:
        for kind in KINDS[1:]:
            row(all_refused, kind, ("get", "voltage.a"), CODES, "everything refused: ")
            row(write_refused, kind, WRITING[0], CODES, "the write refused: ")
    with Tap() as tap:
        found = {}
        for name, part in zip(names, together(jobs, 8)):
            found.setdefault(name, []).extend(part)
        for name, rows in found.items():
            summed(tap, name, sorted(rows, key=lambda r: r[0]))


main()
