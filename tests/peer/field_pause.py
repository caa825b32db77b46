"""Meters that lose a request which comes too soon after their last answer."""

import json
import os
import time

from field import Meter, Peer, much, together
import registers
from tap import Tap

# Requests it may cost to find out: three in a row, and a busy machine may spoil two more. Of one
# that is not learned every other is lost: seven of fourteen.
LEARNED = 5
SHORTEST_S = 0.1    # pause that is learned
TRIES = 20


class Drowsy:
    """Deaf for DEAF_S after each answer. When an answer's last byte has left is known here."""

    def __init__(self, deaf_s):
        self.deaf_s, self.free, self.lost, self.gaps = deaf_s, 0.0, 0, []
        self.lucky = 0      # answered without a pause, by a busy machine's doing

    def __call__(self, peer, q):
        if self.free:
            self.gaps.append(q.at - self.free)
        if self.free and q.at - self.free < self.deaf_s:
            self.lost += 1
            return ()
        if self.free and q.at - self.free < SHORTEST_S - 0.01:
            self.lucky += 1
        self.free = time.monotonic() + 0.005
        return [(0.005, peer.reply(q))]


def values(run):
    """Key and value of all readings, in their order."""
    out = []
    for line in run.out.splitlines():
        doc = json.loads(line)
        out += [(r["key"], r["value"]) for r in doc.get("readings", [doc])]
    return out


def all_values(tap, run, words, name):
    """As of a meter that is always awake."""
    with Peer("tcp", Meter(registers.store())) as peer:
        want = values(peer.run(*words))
    got = values(run)
    tap.ok(run.code == 0 and got == want, f"{name}: all values",
           f"wrong: {[g for g, w in zip(got, want) if g != w][:9]}, {len(got)} of {len(want)}\n{run}")


def learned(tap, kind, deaf_s, words):
    drowsy = Drowsy(deaf_s)
    with Peer(kind, Meter(registers.store()), answer=drowsy) as peer:
        run = peer.run(*words)
        name = f"{kind}: deaf for {deaf_s * 1e3:.0f} ms after an answer: {' '.join(words)}"
        all_values(tap, run, words, name)
        # each of the lucky ones says that no pause is needed
        tap.ok(drowsy.lost <= LEARNED * (1 + drowsy.lucky), f"{name}: learned",
               f"{drowsy.lost} of {peer.asked()} requests lost, {drowsy.lucky} lucky, {LEARNED} allowed\n{run}")


def another_day(tap, kind):
    """A pause of another day is left out once, to see, and not each time after that. Where
    the machine itself makes a pause, nothing is seen: then again. A reply that came late on a
    busy machine proves nothing, and it is left out once more."""
    drowsy = Drowsy(0.08)
    with Peer(kind, Meter(registers.store()), answer=drowsy) as peer:
        path = os.path.join(peer.folder, "meterctl", "lines.yaml")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        tries = []
        for _ in range(TRIES):
            with open(path, "w", encoding="utf-8") as f:
                f.write(f"{kind}:{peer.port.where}:\n  date: 2020-01-01\n  pause: 100\n")
            lost = []
            for _ in range(2):
                drowsy.lost, drowsy.free = 0, 0.0
                run = peer.run("-f", "json", "read", "*")
                lost.append(drowsy.lost)
            with open(path, encoding="utf-8") as f:
                text = f.read()
            good = run.code == 0 and 1 <= lost[0] <= LEARNED and lost[1] == 0 and "pause: 100" in text and "2020" not in text
            tries.append((lost, run.code, text, [round(gap, 3) for gap in drowsy.gaps]))
            drowsy.gaps = []
            if good:
                break
        tap.ok(good, f"{kind}: a pause of another day: left out once, and found to hold",
               "\n".join(f"lost {lost}, exit {code}: {text!r}, gaps {gaps}" for lost, code, text, gaps in tries) + f"\n{run}")


def given(tap, kind, pause, deaf_s):
    """?pause=MS: nothing is lost, not even at first."""
    drowsy = Drowsy(deaf_s)
    with Peer(kind, Meter(registers.store()), answer=drowsy, query=f"pause={pause}") as peer:
        words = ("-f", "json", "read")
        run = peer.run(*words)
        name = f"{kind}: pause={pause}"
        all_values(tap, run, words, name)
        tap.equal(drowsy.lost, 0, f"{name}: no request lost")
        tap.ok(drowsy.gaps and min(drowsy.gaps) >= pause / 1e3, f"{name}: so long, or longer",
               f"gaps {[round(g, 3) for g in drowsy.gaps]}")


def undisturbed(tap, kind):
    """A request lost for another reason teaches no pause."""
    gaps = []

    def answer(peer, q):
        gaps.append(q.at)
        return () if peer.asked() == 10 else [(0.005, peer.reply(q))]
    with Peer(kind, answer=answer) as peer:
        run = peer.run("-f", "jsonl", "watch", "-i", "0", "-n", "40", "frequency")
        last = sorted(b - a for a, b in zip(gaps[20:], gaps[21:]))
        tap.ok(run.code == 0 and last and last[len(last) // 2] < 0.08, f"{kind}: one lost request costs the later ones nothing",
               f"from one to the next {[round(x, 3) for x in last]}\n{run}")


def main():
    with Tap() as tap:
        jobs = []
        for kind in ("rtu", "rtutcp", "tcp"):
            for deaf_s in much((0.05,), (0.02, 0.05, 0.1, 0.2)):
                jobs.append(lambda kind=kind, deaf_s=deaf_s: learned(tap, kind, deaf_s, ("-f", "json", "read")))
                jobs.append(lambda kind=kind, deaf_s=deaf_s: learned(
                    tap, kind, deaf_s, ("-f", "jsonl", "watch", "-i", "0", "-n", "5", "voltage.a", "signal.strength")))
            if kind != "tcp":
                jobs.append(lambda kind=kind: given(tap, kind, 100, 0.08))
            jobs += [lambda kind=kind: undisturbed(tap, kind), lambda kind=kind: another_day(tap, kind)]
        together(jobs, 12)


main()
