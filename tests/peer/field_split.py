"""Answers that come in pieces: cut at every byte, with a pause of up to 300 ms.

Serial servers, virtual ports and a lost segment do that. An answer that can still
become whole is waited for: not one request more than without the pause.
"""

import json
from decimal import Decimal

from field import Meter, Peer, much, together
from tap import Tap

GROUP, KEYS = "thd", 6      # six registers, and no ratio to be read for them
PAUSES = much((0.02, 0.3), (0, 0.001, 0.02, 0.05, 0.1, 0.2, 0.3))
LATE_S = 0.02               # a pause longer by that is another one
QUICK = 12                  # answers that come at once before: the wait has shrunk then


def pieces(frame, cuts, pause):
    """FRAME in pieces that end at CUTS, PAUSE behind each."""
    edges = [0, *cuts, len(frame)]
    return [(pause if a else 0, frame[a:b]) for a, b in zip(edges, edges[1:])]


def wrong_values(run, meter):
    out = []
    for line in run.out.splitlines():
        r = json.loads(line, parse_float=Decimal)
        if r["value"] is None or Decimal(str(r["value"])) != Decimal(meter.value(r["key"])):
            out.append(f"{r['key']} {r['value']} for {meter.value(r['key'])}: {r.get('error', '')}")
    return out


def watched(tap, kind, name, rounds, answer):
    """ROUNDS readings: all right, and none asked for twice. A bench that was late has made another
    pause than it was to make: it shows nothing, and tries again."""
    for _ in range(3):
        with Peer(kind, answer=answer) as peer:
            run = peer.run("-f", "jsonl", "watch", "-i", "0", "-n", str(rounds), GROUP)
            wrong, lines = wrong_values(run, peer.meter), len(run.out.splitlines())
            whole = run.code == 0 and not wrong and lines == rounds * KEYS
            once, late = peer.asked() == rounds, not peer.punctual(LATE_S)
        if whole and once or not late:
            break
    else:
        tap.note(f"the bench was late each time: {kind}: {name}")
    tap.ok(whole or late, f"{kind}: {name}: all values",
           f"{len(wrong)} of {lines} wrong, {rounds * KEYS} wanted: {wrong[:3]}\n{run}")
    tap.ok(once or late, f"{kind}: {name}: nothing is asked twice", f"asked {peer.asked()} times, not {rounds}")


def length(kind):
    """Of such an answer, as it goes out."""
    return (9 if kind == "tcp" else 5) + 2 * KEYS


def every_byte(tap, kind, pause):
    watched(tap, kind, f"cut at every byte, {pause * 1e3:.0f} ms", length(kind) - 1,
            lambda peer, q: pieces(peer.reply(q), [peer.asked()], pause))


def each_byte_alone(tap, kind):
    watched(tap, kind, "each byte alone", 3, lambda peer, q: pieces(peer.reply(q), range(1, length(kind)), 0.015))


def after_quick_ones(tap, kind):
    """The wait has become short: what has begun is waited for all the same."""
    cuts = much((1, 3, length(kind) - 1), range(1, length(kind)))
    watched(tap, kind, "cut after quick answers, 300 ms", QUICK + len(cuts), lambda peer, q: pieces(
        peer.reply(q), [] if peer.asked() <= QUICK else [cuts[(peer.asked() - QUICK - 1) % len(cuts)]], 0.3))


def refused_in_pieces(tap, kind, cut):
    with Peer(kind, answer=lambda peer, q: pieces(peer.refuse(q, 2), [cut], 0.3)) as peer:
        run = peer.run("get", "voltage.a")
        tap.ok(run.code == 5 and not run.out and peer.asked() == 1, f"{kind}: a refusal cut at byte {cut}: exit 5",
               f"asked {peer.asked()} times\n{run}")


def written_in_pieces(tap, kind, cut):
    with Peer(kind, Meter({15: 40}), answer=lambda peer, q: pieces(peer.reply(q), [cut], 0.3 if q.writes else 0)) as peer:
        run = peer.run("raw", "write", "15", "60", "--yes")
        tap.ok(run.code == 0 and "verified" in run.out and len(peer.meter.writes) == 1,
               f"{kind}: the answer to a write cut at byte {cut}: verified", f"writes {peer.meter.writes}\n{run}")


def never_whole(tap, kind, cut):
    with Peer(kind, answer=lambda peer, q: [(0, peer.reply(q)[:cut])]) as peer:
        run = peer.run("get", "voltage.a")
        tap.ok(run.code in (3, 4) and not run.out and run.seconds < 12, f"{kind}: {cut} bytes and no more: no value", str(run))


def main():
    with Tap() as tap:
        kinds = ("tcp", "rtutcp", "rtu")
        jobs = [lambda kind=kind, pause=pause: every_byte(tap, kind, pause) for kind in kinds for pause in reversed(PAUSES)]
        jobs += [lambda kind=kind, f=f: f(tap, kind) for kind in kinds for f in (each_byte_alone, after_quick_ones)]
        for kind in kinds:
            end = 9 if kind == "tcp" else 5         # of an exception
            cuts = much((1, 2, end - 1), range(1, end))
            jobs += [lambda kind=kind, cut=cut: refused_in_pieces(tap, kind, cut) for cut in cuts]
            cuts = much((1, end), range(1, end + 3))
            jobs += [lambda kind=kind, cut=cut: written_in_pieces(tap, kind, cut) for cut in cuts]
            jobs += [lambda kind=kind, cut=cut: never_whole(tap, kind, cut) for cut in (1, 4)]
        together(jobs, 12)


main()
