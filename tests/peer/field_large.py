"""Meters that answer short reads only, and registers that are deaf.

The read is divided until the rest has come, what was found is remembered for the
line, and a person is told what to write into the profile.
"""

import datetime
import json
import os
import re

from field import POINTS, Meter, Peer, much, together
import registers
from tap import Tap

MOST = 20
DEAF = POINTS["voltage.c"].addr
SILENT = "silence"
HOW = (SILENT, 1, 2, 3, 4)
QUICK = ("-t", "300")       # a silent meter is missed sooner
BIG = ("-f", "json", "read", "voltage", "current", "power", "pf", "energy.*")
SMALL = ("-f", "json", "read", "voltage", "current.a")


def name_of(how):
    return how if how == SILENT else f"exception {how:02X}"


def unless(good, how):
    """GOOD(q): answered; else refused with that code, or not at all."""
    return lambda peer, q: [(0.002, peer.reply(q))] if good(q) else [] if how == SILENT else [(0.002, peer.refuse(q, how))]


def short_only(how, most=MOST):
    return unless(lambda q: q.count <= most, how)


def deaf_at(addr, how):
    return unless(lambda q: not q.addr <= addr < q.addr + q.count, how)


def told(run):
    return {r["key"]: r for r in json.loads(run.out)["readings"]} if run.out.startswith("{") else {}


def wrong(run, clean):
    """Keys whose value is not that of the whole reading."""
    got = told(run)
    return [k for k, r in told(clean).items() if got.get(k, {}).get("value") != r["value"]]


def remembered(peer):
    """The file in which lines are remembered."""
    path = os.path.join(peer.folder, "meterctl", "lines.yaml")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def meter():
    return Meter(registers.store())


def clean_of(words):
    with Peer("tcp", meter()) as peer:
        return peer.run(*words)


def largest(peer, since):
    return max((q.count for q in peer.requests[since:]), default=0)


def short_reads(tap, kind, how, clean):
    name = f"{kind}: {name_of(how)} above {MOST} registers"
    with Peer(kind, meter(), answer=short_only(how)) as peer:
        run = peer.run(*QUICK, *BIG)
        tap.ok(run.code == 0 and not wrong(run, clean), f"{name}: all values", f"wrong: {wrong(run, clean)[:9]}\n{run}")
        said = re.search(r"this meter answers at most ([0-9]+) registers a read: read: \{most: ([0-9]+)\}", run.err)
        tap.ok(said and said[1] == said[2] == str(MOST), f"{name}: says so", str(run))
        text, today = remembered(peer), datetime.datetime.now(datetime.timezone.utc).date()
        dates = {str(today + datetime.timedelta(days=d)) for d in (-1, 0, 1)}
        tap.ok(peer.port.where in text and any(d in text for d in dates), f"{name}: remembered with the target and a date",
               f"want {peer.port.where} and {today} in lines.yaml: {text!r}")
        since = peer.asked()
        run = peer.run(*QUICK, *BIG)
        tap.ok(run.code == 0 and not wrong(run, clean) and largest(peer, since) <= MOST, f"{name}: no large read the next time",
               f"largest {largest(peer, since)}: {peer.requests[since:]}\n{run}")


def shorter_still(tap):
    """What is remembered holds no longer: found again, not believed."""
    clean = clean_of(BIG)
    with Peer("tcp", meter(), answer=short_only(2)) as peer:
        peer.run(*QUICK, *BIG)
        peer.answer = short_only(2, 8)
        run = peer.run(*QUICK, *BIG)
        tap.ok(run.code == 0 and not wrong(run, clean), "tcp: a meter that takes less than remembered: all values", str(run))
        since = peer.asked()
        peer.run(*QUICK, *BIG)
        tap.ok(largest(peer, since) <= 8, "tcp: ... and that is remembered", f"{peer.requests[since:]}\n{remembered(peer)}")


def larger_again(tap):
    """On another day it is tried whether the meter still takes no more."""
    with Peer("tcp", meter(), answer=short_only(2)) as peer:
        peer.run(*QUICK, *BIG)
        path = os.path.join(peer.folder, "meterctl", "lines.yaml")
        for most, name in ((MOST, "takes no more still"), (125, "takes more again")):
            with open(path, "w", encoding="utf-8") as f:
                f.write(re.sub(r"date: \S+", "date: 2020-01-01", remembered(peer)) if remembered(peer)
                        else f"tcp:{peer.port.where}:\n  date: 2020-01-01\n  most:\n    holding: {MOST}\n")
            peer.answer, since = short_only(2, most), peer.asked()
            run = peer.run(*QUICK, *BIG)
            over = [q for q in peer.requests[since:] if q.count > MOST]
            tap.ok(run.code == 0 and len(over) == 1, f"tcp: another day, {name}: tried once", f"{over}\n{run}")
            text = remembered(peer)
            tap.ok(("most" in text) == (most == MOST) and "2020" not in text, f"tcp: ... {name}: remembered", text)


def kept_by_others(tap):
    """A command that reads no points forgets nothing."""
    with Peer("tcp", meter(), answer=short_only(2)) as peer:
        peer.run(*QUICK, *BIG)
        before = remembered(peer)
        for words in (("raw", "read", "20"), ("-f", "json", "set", "ratio.ct=41", "--yes"), ("get", "voltage.a")):
            run = peer.run(*QUICK, *words)
            tap.ok(run.code == 0 and remembered(peer) == before, f"tcp: {' '.join(words)}: what was learned stays",
                   f"before: {before}\nnow: {remembered(peer)}\n{run}")


def spoiled(tap):
    """A file that is no good: said, not used, not written over."""
    with Peer("tcp", meter(), answer=short_only(2)) as peer:
        path = os.path.join(peer.folder, "meterctl", "lines.yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        for text in ("most: 20\n", "x:\n  colour: red\n", "x: {refused: [[holding, 1]]}\n", "- 1\n", "x: {most: {holding: 0}}\n"):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            run = peer.run(*QUICK, "get", "voltage.c")
            tap.ok(run.code == 0 and "lines.yaml:" in run.err and remembered(peer) == text, f"spoiled file {text!r}", str(run))


def deaf(tap, kind, how, clean):
    name = f"{kind}: one register with {name_of(how)}"
    want = 3 if how == SILENT else 5
    with Peer(kind, meter(), answer=deaf_at(DEAF, how)) as peer:
        run = peer.run(*QUICK, *SMALL)
        tap.equal(wrong(run, clean), ["voltage.c"], f"{name}: all others are read")
        tap.ok(run.code == want, f"{name}: exit {want}", str(run))
        tap.ok(re.search(rf"voltage\.c|0x0*{DEAF:X}\b", run.err, re.I), f"{name}: named", str(run))
        since = peer.asked()
        run = peer.run(*QUICK, *SMALL)
        over = [q for q in peer.requests[since:] if q.count > 1 and q.addr <= DEAF < q.addr + q.count]
        tap.ok(wrong(run, clean) == ["voltage.c"] and not over, f"{name}: no read over it the next time",
               f"{over} of {peer.requests[since:]}\n{run}")


def healed(tap, how):
    """A deaf register that answers again is asked when it is wanted, and forgotten."""
    with Peer("tcp", meter(), answer=deaf_at(DEAF, how)) as peer:
        peer.run(*QUICK, *SMALL)
        before = remembered(peer)
        peer.answer = short_only(how, 125)
        run = peer.run(*QUICK, "get", "voltage.c")
        tap.ok(run.code == 0 and run.out.strip() == peer.meter.value("voltage.c"),
               f"tcp: the register with {name_of(how)} answers again: its value", str(run))
        tap.ok(before and remembered(peer) != before, "tcp: ... and what was remembered is forgotten",
               f"before: {before!r}\nnow: {remembered(peer)!r}")


def whole_page(tap, kind, how):
    """`read` without an argument, with one deaf register: one value less, no more."""
    clean = clean_of(("-f", "json", "read"))
    with Peer(kind, meter(), answer=deaf_at(DEAF, how)) as peer:
        run = peer.run(*QUICK, "-f", "json", "read")
        tap.equal(wrong(run, clean), ["voltage.c"], f"{kind}: one register with {name_of(how)}: one value less on the page")


def main():
    with Tap() as tap:
        big, small = clean_of(BIG), clean_of(SMALL)
        tap.ok(big.code == 0 and len(told(big)) > 40, "the whole reading", str(big))
        kinds = ("tcp", "rtutcp", "rtu")
        jobs = []
        for kind in kinds:
            for how in HOW if kind == "tcp" else much((SILENT, 4), HOW):
                jobs.append(lambda kind=kind, how=how: short_reads(tap, kind, how, big))
                jobs.append(lambda kind=kind, how=how: deaf(tap, kind, how, small))
        jobs += [lambda how=how: healed(tap, how) for how in (SILENT, 2)]
        jobs += [lambda kind=kind, how=how: whole_page(tap, kind, how) for kind, how in (("tcp", 1), ("rtu", SILENT))]
        jobs += [lambda: shorter_still(tap), lambda: larger_again(tap), lambda: kept_by_others(tap),
             lambda: spoiled(tap)]
        together(jobs, 12)


main()
