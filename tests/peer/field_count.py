"""A good line with one master: not one transaction more than it needs, and a wait
behind the last one only where somebody else could be talking."""

import time

from field import Meter, Peer, serve, together
import registers
from tap import Tap

# At most so many requests: what each took before lines were watched for other masters,
# of a meter with that turnaround. A slower one is asked less often: reading through a
# hole is cheaper then. (A quick one more often, as soon as that is known.) Of check, the
# last is for the energy registers.
TURNAROUND_S = 0.03
COMMANDS = {
    ("get", "voltage.a"): {"rtu": 1, "rtutcp": 1, "tcp": 1},
    ("read",): {"rtu": 6, "rtutcp": 6, "tcp": 4},
    ("read", "*"): {"rtu": 6, "rtutcp": 6, "tcp": 6},
    ("-f", "csv", "watch", "-i", "0", "-n", "20"): {"rtu": 120, "rtutcp": 120, "tcp": 80},
    ("-f", "csv", "watch", "-i", "0", "-n", "20", "voltage"): {"rtu": 20, "rtutcp": 20, "tcp": 20},
    ("backup",): {"rtu": 3, "rtutcp": 3, "tcp": 3},
    ("check",): {"rtu": 12, "rtutcp": 12, "tcp": 11},
    ("history",): {"rtu": 21, "rtutcp": 21, "tcp": 21},
}
FEW = 4
RUNS = 8            # the quickest of so many: the machine has other work
TAIL_S = 0.040      # of silence behind the last answer, on a line that may be shared
SPARE_S = 0.010


def counted(tap, kind, words):
    """The fewest of a few runs: how the registers are parted depends on how fast the first answers were."""
    most = COMMANDS[words][kind]
    for _ in range(FEW):
        with Peer(kind, Meter(registers.store()), answer=lambda peer, q: [(TURNAROUND_S, peer.reply(q))]) as peer:
            run = peer.run("-t", "5000", *words)    # a machine with other work loses nothing
            good = run.code in (0, 1) and peer.asked() <= most
            asked = f"{peer.asked()}: {peer.requests}\n{run}"
        if good:
            break
    tap.ok(good, f"{kind}: {' '.join(words)}: at most {most} transactions", asked)


def quickest_end(kind, query=""):
    """Seconds from the only answer to the end of the process."""
    best = 60.0
    with Peer(kind, answer=serve, query=query) as peer:
        for _ in range(RUNS):
            run = peer.run("get", "voltage.a")
            if run.code != 0:
                return None, str(run)
            best = min(best, time.monotonic() - peer.sent[-1][0])
    return best, ""


def tails(tap):
    """What a single value waits for: silence where another master could be, else nothing."""
    lines = {(kind, query): kind != "tcp" and not query for kind in ("rtu", "rtutcp") for query in ("", "exclusive=yes")}
    lines[("tcp", "")] = False
    took = dict(zip(lines, together([lambda line=line: quickest_end(*line) for line in lines], 1)))
    for line, shared in lines.items():
        seconds, why = took[line]
        name = f"{line[0]}{'?' if line[1] else ''}{line[1]}"
        want = "waited for silence" if shared else "ended at once"
        base = took[("tcp", "")][0]
        if seconds is None or base is None:
            tap.ok(False, f"{name}: {want}", why or took[("tcp", "")][1])
            continue
        good = seconds >= TAIL_S if shared else seconds < base + TAIL_S - SPARE_S
        tap.ok(good, f"{name}: {want}", f"{seconds * 1e3:.1f} ms from the answer to the end; tcp: {base * 1e3:.1f} ms")


def main():
    with Tap() as tap:
        together([lambda kind=kind, words=words: counted(tap, kind, words)
                  for words in COMMANDS for kind in ("rtu", "rtutcp", "tcp")], 12)
        tails(tap)


main()
