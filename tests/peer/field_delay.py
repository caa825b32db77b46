"""How long is waited: for slow gateways and slow lines, and for meters that are not there."""

import json
import random
import re
from decimal import Decimal

from field import SEED, Peer, much, together
from tap import Tap

DELAYS = much((0, 0.3, 0.9, 1.1, 2.4), [n / 10 for n in range(31)])
DEAD_S = 8          # a meter that never answered is told within
GRACE_S = 2         # ... on a machine that does other things, too
CHAR_1200 = 10 / 1200
FIRST_S = 8 * CHAR_1200 + 0.05      # the request on the line, and the meter's turnaround
PIECE = 8           # characters a server hands over at once


def late(delay):
    return lambda peer, q: [(delay, peer.reply(q))]


# ---- tcp: the transaction number says whose an answer is -------------------------

def one_delay(tap, delay):
    with Peer("tcp", answer=late(delay)) as peer:
        run = peer.run("get", "voltage.a")
        tap.ok(run.code == 0 and run.out.strip() == peer.meter.value("voltage.a"), f"tcp: an answer after {delay} s", str(run))
        tap.equal(peer.port.connections, 1, f"tcp: an answer after {delay} s: nobody hangs up")


def never_wrong(run, meter):
    """Values that are there and not the meter's."""
    out = []
    for line in run.out.splitlines():
        r = json.loads(line, parse_float=Decimal)
        if r.get("value") is not None and Decimal(str(r["value"])) != Decimal(meter.value(r["key"])):
            out.append(f"{r['key']} {r['value']} for {meter.value(r['key'])}")
    return out


def mixed_delays(tap, seed):
    """Answers overtaken by the next question: each is its own question's, or nobody's."""
    rnd = random.Random(seed)
    with Peer("tcp", answer=lambda peer, q: [(rnd.choice((0, 0.1, 0.4, 1.1)), peer.reply(q))]) as peer:
        run = peer.run("-f", "jsonl", "watch", "-i", "0", "-n", str(much(4, 100)), "voltage.a", "signal.strength",
                       limit=much(60, 600))
        wrong = never_wrong(run, peer.meter)
        tap.ok(run.code == 0 and not wrong and '"value":null' not in run.out, f"tcp: any delay, seed {seed}: all values",
               f"wrong: {wrong}\n{run}")
        tap.equal(peer.port.connections, 1, f"tcp: any delay, seed {seed}: one connection")


def slower_than_allowed(tap):
    """-t is shorter than the gateway takes: no value that is wrong, and nobody is blamed."""
    with Peer("tcp", answer=late(0.7)) as peer:
        run = peer.run("-t", "300", "-f", "jsonl", "watch", "-i", "0", "-n", "3", "voltage.a", "signal.strength")
        wrong = never_wrong(run, peer.meter)
        tap.ok(not wrong, "tcp: answers later than -t: never for another request", f"wrong: {wrong}\n{run}")
        tap.ok("master" not in run.out + run.err, "tcp: answers later than -t: no other master is made out of them", str(run))
    with Peer("tcp", answer=late(0.7)) as peer:
        run = peer.run("-t", "300", "-r", "0", "get", "voltage.a")
        tap.ok(run.code == 3 and not run.out, "tcp: one try, too short: exit 3", str(run))


# ---- lines that take seconds for an answer ------------------------------------------

def paced(peer, q):
    """As 1200 baud hand it over, in pieces."""
    frame = peer.reply(q)
    return [(PIECE * CHAR_1200 + (0 if i else FIRST_S), frame[i:i + PIECE]) for i in range(0, len(frame), PIECE)]


def at_the_end(peer, q):
    """A server that packs: nothing, and then all of it."""
    frame = peer.reply(q)
    return [(FIRST_S + len(frame) * CHAR_1200, frame)]


def slow_line(tap, kind, name, answer, n, query=""):
    with Peer(kind, answer=answer, query=query) as peer:
        run = peer.run("raw", "read", f"0x14:{n}")
        words = [int(w[1], 16) for w in re.findall(r"(0x[0-9A-F]{4}) +([0-9A-F]{4})\b", run.out)]
        want = [peer.meter.word(0x14 + i) for i in range(n)]
        tap.ok(run.code == 0 and words == want, f"{kind}: {n} registers at 1200 baud, {name}", str(run))
        if answer is paced:     # what has begun is waited for; before, a retry is fair
            tap.equal(peer.asked(), 1, f"{kind}: {n} registers at 1200 baud, {name}: asked once")


# ---- nobody there ----------------------------------------------------------------------

def dead(tap, kind, words):
    with Peer(kind, answer=lambda peer, q: ()) as peer:
        run = peer.run(*words)
        name = f"{kind}: a meter that never answers: {' '.join(words)}"
        tap.ok(run.code == 3 and not re.search(r"[0-9] V", run.out), f"{name}: exit 3", str(run))
        tap.ok(run.seconds < DEAD_S + GRACE_S, f"{name}: told within {DEAD_S} s", str(run))


# ---- a good line: the wait is what the meter needs -----------------------------------------

def wait_shrinks(tap, kind, name, lost, rounds):
    """LOST(n): the Nth request is not answered. The last of them must be missed soon."""
    with Peer(kind, answer=lambda peer, q: () if lost(peer.asked()) else [(0.005, peer.reply(q))]) as peer:
        run = peer.run("-f", "jsonl", "watch", "-i", "0", "-n", str(rounds), "frequency", limit=20)
        missed = [i for i in range(peer.asked() - 1) if lost(i + 1)]
        waits = [peer.requests[i + 1].at - peer.requests[i].at for i in missed]
        tap.ok(run.code == 0 and waits and waits[-1] < 1, f"{kind}: {name}: the wait is short",
               f"waits {[round(w, 3) for w in waits]}\n{run}")


def main():
    with Tap() as tap:
        tap.note(f"seed {SEED}")
        jobs = [lambda kind=kind, words=words: dead(tap, kind, words) for kind in ("tcp", "rtutcp", "rtu")
                for words in (("get", "voltage.a"), ("read",))]
        jobs += [lambda kind=kind, name=name, f=f, n=n: slow_line(tap, kind, name, f, n)
                 for kind in ("rtutcp",) for name, f in (("in pieces", paced), ("in one piece", at_the_end)) for n in (60, 125)]
        jobs.append(lambda: slow_line(tap, "rtu", "in pieces", paced, 125, "baud=1200"))
        jobs += [lambda delay=delay: one_delay(tap, delay) for delay in DELAYS]
        jobs += [lambda seed=SEED + i: mixed_delays(tap, seed) for i in range(much(1, 8))]
        jobs.append(lambda: slower_than_allowed(tap))
        for kind in ("tcp", "rtutcp", "rtu"):
            jobs.append(lambda kind=kind: wait_shrinks(tap, kind, "one lost of forty", lambda n: n == 25, 40))
            jobs.append(lambda kind=kind: wait_shrinks(tap, kind, "one lost of six", lambda n: n % 6 == 0, 60))
        together(jobs, 20)


main()
