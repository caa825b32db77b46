"""Another master asks the same meter: what is printed as a value must be the one asked for.

On RS485 an answer names no register. So a value counts only when nothing else on
the line could have been meant, and a shared line costs time, not truth.
"""

import datetime
import json
import os
import random
import re
import time
from decimal import Decimal

from field import LONG, POINTS, SEED, Meter, Peer, much, read_pdu, serve, together
from field_bus import BAUD, STYLES, Bus, Exchange
from tap import Tap

# What is asked for: one register, as everybody asks for; blocks; points of two words.
WISHES = (["voltage.a"], ["voltage.a", "voltage.b", "voltage.ca", "current.a"],
          ["power.active.a", "power.active.total", "power.apparent.b", "frequency"],
          ["current.b", "energy.active.import.total"], ["ratio.ct"])
# Who is heard, and what the wires do to him. READ: the least share of readings that
# must come; where frames are destroyed, that is the line's to say. LOST: the meter
# does not answer us, and only a program that knows the line for shared can tell that
# what comes then is not ours: no case for a single `get`.
LINES = (
    dict(kind="rtu", hears="all", read=0.95),
    dict(kind="rtu", hears="all", collide=True, rounds=much(10, 300), read=0.4),
    dict(kind="rtutcp", hears="replies", read=0.95),
    dict(kind="rtutcp", hears="all", read=0.95),
    dict(kind="rtutcp", hears="replies", twice=0.1, read=0.9),
    dict(kind="rtutcp", hears="replies", lost=0.02, read=0.9),
    dict(kind="rtuudp", hears="replies", read=0.95),
)
ROUNDS = much(30, 850)      # of each line; 6 times 850 and 300 are 5,400
GETS = much(8, 100)
GET_SLACK = much(0.25, 0.1)     # a single value has no second round; and a few say little
QUERY = {"rtu": f"baud={BAUD}"}
# An answer of ours may stand 21 ms behind a foreign one here, 30 ms where the moment is
# chosen. A bench that adds as much again as there is to the 40 ms of silence that
# tell a line free has shown nothing.
LATE_BUS_S, LATE_MOMENT_S = 0.015, 0.004
REACH_S = 0.1       # what the bench did so long before and after a reading can have changed it
TRIES = 25          # for a moment that must be met to the millisecond


def bus_of(peer, seed, line, wish):
    rnd = random.Random(seed)
    options = {k: v for k, v in line.items() if k not in ("kind", "rounds", "read")}
    return Bus(peer, rnd, style=STYLES[seed % 3], lengths=(POINTS[wish[0]].words,), **options)


def name_of(line):
    extra = "".join(f", {k}" for k in ("collide", "twice", "lost") if k in line)
    return f"{line['kind']}, {line['hears']} heard{extra}"


class Score:
    """Of what was asked for: read rightly, wrong, missed; and wrong at a time when the
    bench itself was late, so that silence on the line was no silence."""

    def __init__(self):
        self.right = self.missed = self.excused = 0
        self.wrong, self.why, self.trace = [], {}, ""

    def total(self):
        return self.right + self.missed + self.excused + len(self.wrong)

    def miss(self, why):
        self.missed += 1
        self.why[why] = self.why.get(why, 0) + 1

    def err(self, what, punctual, trace=""):
        if punctual:
            self.wrong.append(what)
            self.trace = self.trace or trace
        else:
            self.excused += 1

    def __str__(self):
        reasons = sorted(self.why.items(), key=lambda w: -w[1])[:3]
        return (f"{self.right} right, {self.missed} missed, {self.excused} excused, {len(self.wrong)} wrong {self.wrong[:5]}"
                + "".join(f"\n{n} x {why}" for why, n in reasons) + self.trace)


def wrong_primary(reading, meter):
    """Value times PT, CT or both: the ratios are read over the same line."""
    if reading.get("primary") is None:
        return False
    ratio = {"voltage": ("pt",), "current": ("ct",)}.get(reading["key"].split(".")[0], ("pt", "ct"))
    want = Decimal(str(reading["value"]))
    for which in ratio:
        want *= Decimal(meter.value(f"ratio.{which}"))
    return abs(Decimal(str(reading["primary"])) - want) > abs(want) / 1000 + Decimal("0.1")


def around(peer, at):
    """Was the bench punctual when that reading came? AT is the wall clock's."""
    when = datetime.datetime.fromisoformat(at).timestamp() - time.time() + time.monotonic()
    return peer.punctual(LATE_BUS_S, when - REACH_S, when + REACH_S)


def trace_of(peer):
    if not os.path.exists(f"{peer.folder}/trace"):
        return []
    with open(f"{peer.folder}/trace", encoding="utf-8") as f:
        return f.read().splitlines()


def traced(peer, at):
    """What went over the line just before that reading, and just after."""
    lines = trace_of(peer)
    clock = at[11:23]       # both are in UTC
    before = [line for line in lines if line[:12] <= clock]
    return "\n" + "\n".join(before[-12:] + lines[len(before):len(before) + 3])


def score_lines(out, peer):
    score, meter = Score(), peer.meter
    for line in out.splitlines():
        if not line.endswith("}"):
            continue            # the program was ended in the middle of it
        r = json.loads(line, parse_float=Decimal)
        if r["value"] is None:
            score.miss(r.get("error", r["quality"]))
        elif Decimal(str(r["value"])) != Decimal(meter.value(r["key"])):
            score.err(f"{r['key']} {r['value']} for {meter.value(r['key'])}", around(peer, r["at"]), traced(peer, r["at"]))
        elif wrong_primary(r, meter):
            score.err(f"{r['key']} primary {r['primary']} of {r['value']}", around(peer, r["at"]))
        else:
            score.right += 1
    return score


def watch(line, wish, rounds, seed):
    """One process that reads round after round."""
    with Peer(line["kind"], query=QUERY.get(line["kind"])) as peer:
        bus_of(peer, seed, line, wish).start()
        run = peer.run("-f", "jsonl", "--trace", f"{peer.folder}/trace", "watch", "-i", "0", "-n", str(rounds), *wish,
                       limit=much(60, 900))
        score = score_lines(run.out, peer)
        while score.total() < rounds * len(wish):
            score.miss(f"not told within {run.seconds:.0f} s: exit {run.code}, {run.err.strip()[-300:]}")
    return score


def gets(line, n, seed):
    """Many processes, each with its own moment in the other master's time."""
    score = Score()
    with Peer(line["kind"], query=QUERY.get(line["kind"])) as peer:
        bus = bus_of(peer, seed, line, ["voltage.a"])
        bus.start()
        for _ in range(n):
            key = bus.rnd.choice(("voltage.a", "current.b", "ratio.ct", "power.active.total"))
            began = time.monotonic()
            run = peer.run("get", key)
            punctual = peer.punctual(LATE_BUS_S, began, time.monotonic())
            if run.code == 0 and run.out.strip() == peer.meter.value(key):
                score.right += 1
            elif run.out.strip():
                score.err(f"{key} {run.out.strip()} for {peer.meter.value(key)}", punctual)
            elif run.code in (3, 4):
                score.miss(f"exit {run.code}: {run.err.strip()}")
            else:
                score.wrong.append(f"exit {run.code}: {run.err.strip()[:100]}")
    return score


def true_ones(tap, score, name):
    tap.note(f"{name}: {score}".splitlines()[0])
    tap.ok(not score.wrong and score.excused <= max(1, score.total() / 50), f"{name}: no wrong value", str(score))


def enough(tap, scores, read, name):
    """Of all lines of one sort together: a few dozen readings are no measure of one."""
    right = sum(s.right for s in scores)
    total = sum(s.total() - s.excused for s in scores)
    tap.ok(right >= read * total, f"{name}: at least {read:.0%} read",
           f"{right} of {total}\n" + "\n".join(str(s) for s in scores))


def random_phases(tap):
    jobs, names = [], []
    parts = much(1, 5)
    for i, line in enumerate(LINES):
        for part in range(parts):
            seed = SEED + 7 * i + part
            wish = WISHES[seed % len(WISHES)]
            jobs.append(lambda line=line, wish=wish, seed=seed: watch(
                line, wish, line.get("rounds", ROUNDS) // parts, seed))
            names.append(("watch", f"{' '.join(wish)}, {name_of(line)}, seed {seed}", line["read"]))
        if "lost" not in line:
            seed = SEED + 100 + i
            jobs.append(lambda line=line, seed=seed: gets(line, GETS, seed))
            names.append(("get", f"{name_of(line)}, seed {seed}", line["read"] - GET_SLACK))
    sorts = {}
    for (command, name, read), score in zip(names, together(jobs, 2 * len(LINES))):
        true_ones(tap, score, f"{command}: {name}")
        sorts.setdefault((command, read), []).append(score)
    for (command, read), scores in sorts.items():
        enough(tap, scores, read, f"{command}, {len(scores)} lines")


# ---- one foreign frame at a chosen moment ------------------------------------

OTHER = 0x1A        # current.a, which is no voltage
SHIFT_AT = 9        # which request another one is put before


def other_reply(peer, n):
    return peer.frame(peer.meter.reply(read_pdu(OTHER, n)))


def only_first(script):
    """SCRIPT for the first request, a good answer for those after it."""
    return lambda peer, q: script(peer, q) if peer.asked() == 1 else [(0, peer.reply(q))]


def before(peer, q):
    return [(0, other_reply(peer, q.count)), (0.015, peer.reply(q))]


def request_before(peer, q):
    return [(0, peer.frame(read_pdu(OTHER, q.count))), *before(peer, q)]


def after(delay):
    return lambda peer, q: [(0, peer.reply(q)), (delay, other_reply(peer, q.count))]


def in_its_place(peer, q):
    """Ours comes late, when the other one has been taken for it."""
    return [(0, other_reply(peer, q.count)), (0.03, peer.reply(q))]


def same_again(peer, q):
    return [(0, peer.reply(q)), (0.01, peer.reply(q))]


MOMENTS = {
    "a foreign answer before ours": before,
    "a foreign request and its answer before ours": request_before,
    "a foreign answer, ours 30 ms behind it": in_its_place,
    "a foreign answer in one piece with ours": after(0),
    "a foreign answer 10 ms after ours": after(0.010),
    "a foreign answer 35 ms after ours": after(0.035),
    "our answer twice": same_again,
}


def shown(tap, name, kind, answer, words, good, greet=None, meter=Meter):
    """GOOD(peer, run) holds, in a run in which every frame came when it should: a bench
    that was late shows nothing, and tries again."""
    for _ in range(TRIES):
        with Peer(kind, meter(), answer=answer) as peer:
            peer.greet = greet
            run = peer.run("--trace", f"{peer.folder}/trace", *words)
            run.trace = "\n".join(trace_of(peer)[:20])
        late = not peer.punctual(LATE_MOMENT_S)
        if good(peer, run) or not late:
            break
    else:
        tap.note(f"the bench was late each time: {name}")
    tap.ok(late or good(peer, run), f"{kind}: {name}", f"written: {peer.meter.writes}\n{run}\n{run.trace}")


def the_value(key):
    return lambda peer, run: run.code == 0 and run.out.strip() == peer.meter.value(key)


def moment(tap, kind, name, script, key):
    shown(tap, f"{name}: get {key}", kind, only_first(script), ("get", key), the_value(key))


class Moving(Meter):
    """What is measured is never twice the same."""

    reads = 0

    def reply(self, pdu):
        self.reads += 1
        return super().reply(pdu)

    def word(self, addr):
        return min(super().word(addr) * (100 + self.reads % 3) // 100, 0xFFFF)


def moving(tap, kind):
    """Asked a second time, it is another value, and still the one that was asked for."""
    least = float(Meter().value("voltage.a"))
    shown(tap, "a foreign answer, and values that move", kind, only_first(before), ("get", "voltage.a"),
          lambda peer, run: run.code == 0 and least <= float(run.out) <= 1.03 * least, meter=Moving)


def right_after_connecting(tap, delay):
    """A serial server has an answer to somebody else for whoever comes."""
    shown(tap, f"a foreign answer {delay * 1e3:.0f} ms after connecting", "rtutcp", serve, ("get", "voltage.a"),
          the_value("voltage.a"), greet=lambda peer: peer.say([(delay, other_reply(peer, 1))], None))


def chosen_moments(tap):
    jobs = [lambda kind=kind, name=name, script=script: moment(tap, kind, name, script, "voltage.a")
            for kind in ("rtu", "rtutcp", "rtuudp") for name, script in MOMENTS.items()]
    jobs += [lambda kind=kind: moment(tap, kind, "a foreign answer before ours", before, "ratio.ct")
             for kind in ("rtu", "rtutcp")]
    jobs += [lambda delay=delay: right_after_connecting(tap, delay) for delay in (0, 0.005, 0.02)]
    jobs += [lambda kind=kind: moving(tap, kind) for kind in ("rtu", "rtutcp")]
    together(jobs)


# ---- when it stays unclear -----------------------------------------------------

# Unit, how many registers, how often: a technician finds the other master by them.
NAMED = (r"another master", r"unit 1\b", r"\bregisters?\b",
         r"[0-9]+ (times|requests|replies|answers|frames)|[0-9]+ x\b|once|twice")


def readings(run):
    return json.loads(run.out)["readings"] if run.out else []


def steps(run):
    return json.loads(run.out)["steps"] if run.out else []


def unclear(tap, kind):
    """Whatever is asked, somebody else's answer of that length comes first."""
    shown(tap, "always a foreign answer: exit 4, no value", kind, before, ("get", "voltage.a"),
          lambda peer, run: run.code == 4 and not run.out)
    shown(tap, f"... and says who is on the line: {' '.join(NAMED)}", kind, before, ("get", "voltage.a"),
          lambda peer, run: all(re.search(n, run.err) for n in NAMED))
    shown(tap, "... read: exit 4, two times null", kind, before, ("-f", "json", "read", "voltage.a", "ratio.ct"),
          lambda peer, run: run.code == 4 and [r["value"] for r in readings(run)] == [None, None])


def unsure_before_write(tap, kind):
    """Nothing is written over a value that was not read for certain."""
    shown(tap, "always a foreign answer: set: no old value, no write", kind, before,
          ("-f", "json", "set", "ratio.ct=60", "--yes"),
          lambda peer, run: run.code == 4 and not peer.meter.writes and all(s["before"] is None for s in steps(run)))


def said_with_v(tap, kind):
    shown(tap, "-v says that the line is shared", kind, only_first(before), ("-v", "get", "voltage.a"),
          lambda peer, run: re.search("another master|shared", run.err))


def shifted_watch(kind, key):
    with Peer(kind) as peer:
        bus = Bus(peer, random.Random(SEED), hears="replies")

        def behind_another(peer, q):
            if peer.asked() == SHIFT_AT:
                bus.submit(Exchange(peer.frame(read_pdu(OTHER, q.count)), False))
            return bus.ours(peer, q)
        peer.answer = behind_another
        bus.tick()
        run = peer.run("-f", "jsonl", "--trace", f"{peer.folder}/trace", "watch", "-i", "0", "-n", "30", key)
        return run, score_lines(run.out, peer)


def shifted(tap, kind, key):
    """The other master's request was sent to the meter just before one of ours. Who asks
    for the same again at once takes each answer for that to the next request from then
    on, and never hears one too many."""
    for _ in range(TRIES):
        run, score = shifted_watch(kind, key)
        if not score.excused:
            break
    name = f"{kind}: watch {key}, a foreign answer and then always ours one late"
    tap.ok(not score.wrong and not score.excused, f"{name}: no wrong value", f"{score}\n{run}")
    tap.ok(score.right >= 28, f"{name}: the others are read", f"{score}\n{run}")


def settings(tap, kind, seed):
    """Writes while another master reads: old and new value are the meter's, or none."""
    with Peer(kind, Meter({15: 40})) as peer:
        Bus(peer, random.Random(seed), hears="replies", style=STYLES[seed % 3]).start()
        held = 40
        for want in (60, 80, 41):
            began = time.monotonic()
            run = peer.run("-f", "json", "set", f"ratio.ct={want}", "--yes")
            (step,) = steps(run) or [{"before": None, "state": "none", "after": None}]
            now = peer.meter.word(15)
            so = (step["before"] in (held, None) and step["after"] in (now, None)
                  and (step["state"] == "verified") == (run.code == 0) and (run.code != 0 or now == want))
            tap.ok(so or not peer.punctual(LATE_BUS_S, began, time.monotonic()),
                   f"{kind}: set {held} -> {want} beside another master, seed {seed}: only what is so", str(run))
            held = now


def main():
    with Tap() as tap:
        tap.note(f"seed {SEED}, {ROUNDS} rounds a line{'' if LONG else '; FIELD=long: more'}")
        chosen_moments(tap)
        jobs = [lambda kind=kind, f=f: f(tap, kind) for kind in ("rtu", "rtutcp")
                for f in (unclear, unsure_before_write, said_with_v)]
        jobs += [lambda kind=kind, key=key: shifted(tap, kind, key)
                 for kind in ("rtu", "rtutcp") for key in ("ratio.ct", "frequency")]
        together(jobs + [lambda kind=kind, i=i: settings(tap, kind, SEED + i)
                         for i, kind in enumerate(("rtu", "rtutcp", "rtutcp"))])
        random_phases(tap)


main()
