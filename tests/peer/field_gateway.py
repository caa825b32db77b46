"""A gateway in front of the meter: exceptions 05, 06, 0A and 0B mean "not now".

They are asked again; what is whole then is exactly what a good gateway gives, and
what is missing is said, in the exit status and in the file.
"""

import json
import random

from field import POINTS, SEED, Meter, Peer, much, together
import registers
from tap import Tap

ACKNOWLEDGE, BUSY, NO_PATH, NO_ANSWER = 5, 6, 10, 11
FAILURE = 4
BEHIND = "the gateway answers, the meter behind it does not"
LOST = range(POINTS["alarm1.enable"].addr, POINTS["alarm1.status"].addr)    # settings


def meter():
    return Meter(registers.store())


def lossy(seed, code, share=0.1, row=2):
    """One request in ten is refused, but never more than ROW in a row: what retries are for."""
    rnd, lost = random.Random(seed), [0]

    def answer(peer, q):
        lost[0] = lost[0] + 1 if lost[0] < row and rnd.random() < share else 0
        return [(0.002, peer.refuse(q, code) if lost[0] else peer.reply(q))]
    return answer


def at_turn(k, code):
    """The Kth request only."""
    return lambda peer, q: [(0, peer.refuse(q, code) if peer.asked() == k else peer.reply(q))]


def around(block, code):
    """Whatever touches one of these registers."""
    return lambda peer, q: [(0, peer.refuse(q, code) if set(block) & set(range(q.addr, q.addr + q.count))
                             else peer.reply(q))]


def readings(run):
    """Key to what was said of it, without times."""
    return {r["key"]: {k: v for k, v in r.items() if k != "at"} for r in json.loads(run.out)["readings"]}


def settings(run):
    return [line for line in run.out.splitlines() if not line.startswith("#")]


def holes(run):
    """Of a report: the lines that lack something, but for those about time."""
    return [line for line in run.out.splitlines() if "--" in line]


# What is asked, and what of its output must be as through a good gateway.
WHOLE = ((("-f", "json", "read", "*"), readings), (("backup",), settings), (("report", "--text"), holes),
         (("-f", "csv", "history"), lambda run: run.out.splitlines()))


def good_ones(kind):
    with Peer(kind, meter()) as peer:
        return [peer.run(*words) for words, _ in WHOLE]


def difference(got, want):
    if isinstance(got, dict):
        got, want = ([f"{k} {v}" for k, v in x.items()] for x in (got, want))
    return "\n".join([f"missing: {x}" for x in want if x not in got][:5] + [f"surplus: {x}" for x in got if x not in want][:5])


def whole(tap, kind, good, name, answer, commands=WHOLE):
    """Each command through such a gateway; ANSWER makes the script of one."""
    for (words, part), clean in zip(WHOLE, good):
        if (words, part) not in commands:
            continue
        with Peer(kind, meter(), answer=answer()) as peer:
            run = peer.run(*words)
            try:
                got = part(run)
            except (ValueError, KeyError):
                got = []
            tap.ok(run.code == clean.code == 0 and got == part(clean), f"{kind}: {name}: {' '.join(words)} is whole",
                   f"{difference(got, part(clean))}\n{run}")


def losses(tap, good):
    jobs = []
    for kind in ("tcp", "rtutcp"):
        for i in range(much(2, 20)):
            for code in (NO_ANSWER, BUSY):
                jobs.append(lambda kind=kind, code=code, seed=SEED + i: whole(
                    tap, kind, good[kind], f"10 % lost with {code:02X}, seed {seed}", lambda: lossy(seed, code)))
    together(jobs)


def single_ones(tap, good):
    """One refusal in all, wherever it falls: also 04, which once may be anything."""
    turns = {"backup": range(1, 4), "report": much((1, 4, 9, 16), range(1, 40)), "-f": much((1, 3), range(1, 25))}
    jobs = []
    for code in (NO_ANSWER, FAILURE, NO_PATH, ACKNOWLEDGE):
        for entry in WHOLE[:3] if code == NO_ANSWER else WHOLE[1:2]:
            for k in turns[entry[0][0]]:
                jobs.append(lambda entry=entry, k=k, code=code: whole(
                    tap, "tcp", good["tcp"], f"request {k} answered with {code:02X}", lambda: at_turn(k, code), (entry,)))
    together(jobs)


def for_ever(tap, kind, code):
    """After the retries: 05 and 06 are the meter's word, 0A and 0B that it was not reached."""
    want = 3 if code in (NO_PATH, NO_ANSWER) else 5
    with Peer(kind, answer=lambda peer, q: [(0, peer.refuse(q, code))]) as peer:
        for words in (("get", "voltage.a"), ("-f", "json", "read", "voltage")):
            run = peer.run(*words)
            name = f"{kind}: always {code:02X}: {' '.join(words)}"
            tap.ok(run.code == want, f"{name}: exit {want}", str(run))
            tap.ok(want == 5 or BEHIND in run.err, f"{name}: says so", f"want: {BEHIND}\n{run}")
            tap.ok(run.seconds < 9, f"{name}: in time", str(run))


def incomplete(tap, kind, code):
    """One block of settings cannot be had: nothing is given, or it says that it is not all."""
    want = 3 if code == NO_ANSWER else 5
    file = f"block {code:02X}"
    with Peer(kind, meter(), answer=around(LOST, code)) as peer:
        run = peer.run("backup")
        given = settings(run)
        tap.ok(run.code == want and (not given or "incomplete" in run.err),
               f"{kind}: {file}: backup: exit {want}, incomplete", str(run))
        tap.ok(not given or "incomplete" in run.out, f"{kind}: {file}: ... and the file says so", str(run))
        if given:
            path = f"{peer.folder}/site.yaml"
            with open(path, "w", encoding="utf-8") as out:
                out.write(run.out)
            again = peer.run("restore", path, "--dry-run")
            tap.ok("incomplete" in again.err, f"{kind}: {file}: ... and restore knows it", str(again))
        run = peer.run("-f", "json", "read", "*")
        told = readings(run) if run.out else {}
        anyway = [k for k, r in told.items() if POINTS[k].addr in LOST and r["value"] is not None]
        tap.ok(run.code == want and run.err.strip(), f"{kind}: {file}: read '*': exit {want}, and why", str(run))
        tap.ok(told and not anyway, f"{kind}: {file}: ... and no value of those", f"given {anyway}\n{run}")
        run = peer.run("report", "--text")
        tap.ok(run.code == want and run.err.strip(), f"{kind}: {file}: report: exit {want}, and why", str(run))


def main():
    with Tap() as tap:
        tap.note(f"seed {SEED}")
        good = {kind: good_ones(kind) for kind in ("tcp", "rtutcp")}
        for run in good["tcp"] + good["rtutcp"]:
            tap.ok(run.code == 0, f"through a good gateway: {' '.join(run.argv[1:])}", str(run))
        losses(tap, good)
        single_ones(tap, good)
        jobs = [lambda kind=kind, code=code: for_ever(tap, kind, code) for kind in ("tcp", "rtutcp")
                for code in (ACKNOWLEDGE, BUSY, NO_PATH, NO_ANSWER)]
        jobs += [lambda code=code: incomplete(tap, "tcp", code) for code in (NO_ANSWER, BUSY)]
        together(jobs, 16)


main()
