"""`meterctl learn --from` on traces of a maker's tool, one for each of many meters (maker_map.py).

  maker_maps.py COUNT [FIRST]
  maker_maps.py clear FIRST     the first seed from there on by which all values can be known

Says what was claimed wrongly, what was claimed that cannot be known, and what was missed; 0 when
nothing was. Right is a claim by which another value, written as the draft says, is what the meter
then has. Which values can be known is found by trying every form at every register that was seen.
"""

import json
import os
import subprocess
import sys

from crc import crc16
from maker_map import SECONDS, Setting, make_map, typed
from maker_session import MANY, ONE, READ, Meter, session

METERCTL, TMP = os.environ["METERCTL"], os.environ["TMP"]
ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")


def frames(m, meter, step):
    """Request and reply, without their checks."""
    function, addr, what = step
    head = bytes((m.unit, function)) + addr.to_bytes(2, "big")
    if function == READ:
        regs = b"".join(meter.regs[a].to_bytes(2, "big") for a in range(addr, addr + what))
        return head + what.to_bytes(2, "big"), bytes((m.unit, function, len(regs))) + regs
    assert meter.may_write(addr, len(what)), step
    meter.write(addr, what)
    regs = b"".join(r.to_bytes(2, "big") for r in what)
    if function == ONE:
        return head + regs, head + regs
    head += len(what).to_bytes(2, "big")
    return head + bytes((len(regs),)) + regs, head


def write_trace(path, m, values):
    """Returns the registers that are seen there, as they are at the end."""
    meter, seen, ms = Meter(m), set(), 0
    with open(path, "w", encoding="ascii") as f:
        for step in session(m, values):
            for way, frame in zip("><", frames(m, meter, step)):
                ms += 40
                print(f"10:{ms // 60000:02}:{ms // 1000 % 60:02}.{ms % 1000:03}000 {way}", (frame + crc16(frame)).hex(" ").upper(),
                      file=f)
            seen.update(range(step[1], step[1] + (step[2] if step[0] == READ else len(step[2]))))
    return {a: meter.regs[a] for a in seen}


def forms(key, value):
    """Every way to keep it."""
    kinds = [("string", (len(value) + 1) // 2, 1)]
    if value.isdigit():
        scales = (1, 60) if key == SECONDS else (1,)
        kinds += [(t, n, s) for t, n in (("u16", 1), ("u32", 2), ("bcd", 1), ("bcd", 2)) for s in scales]
    if value.count(".") == 3 and value.replace(".", "").isdigit():
        kinds.append(("ipv4", 2, 1))
    for kind, n, scale in kinds:
        for order in ORDERS if kind in ("u32", "bcd", "ipv4") and n == 2 else ("ABCD", "BADC") if kind == "string" else ORDERS[:1]:
            for pad in ("zero", "blank") if kind == "string" and len(value) % 2 else ("",):
                s = Setting(key, kind, n, order, pad, scale)
                try:
                    yield s, s.encode(value)
                except (ValueError, OverflowError, KeyError):
                    pass
                except Exception as e:  # struct.error: it is too much for that type
                    if type(e).__name__ != "error":
                        raise


def places(seen, key, value):
    """Where it may be: (address, type, order, scale), each that looks different once."""
    found = set()
    for s, regs in forms(key, value):
        for addr in seen:
            if [seen.get(addr + i) for i in range(len(regs))] == regs:
                found.add((addr, s.type, s.order, s.scale))
    return found


def learn(trace, m, values):
    """The claims by their keys."""
    draft = f"{trace}.yaml"
    args = [a for k, v in values.items() for a in ("--value", f"{k}={v}")]
    run = subprocess.run([METERCTL, "learn", "--from", trace, *args, "-o", draft], capture_output=True, text=True, check=False,
                         stdin=subprocess.DEVNULL)
    assert run.returncode in (0, 1), (run.returncode, run.stderr)
    if not os.path.exists(draft):
        return {}
    run = subprocess.run([METERCTL, "-f", "json", "profile", "show", draft], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return {p["key"]: p for p in json.loads(run.stdout)["points"] if p["from"] == "learned" and p["key"] in values}


def other_value(claim, setting, value):
    """One that it may be set to, of the same kind."""
    if setting.type == "ipv4":
        return "10.201.30.4"
    if value.isdigit():
        step, most = 60 if setting.key == SECONDS else 1, min(claim["max"] or 9000, 9000)
        return str(int(most) // step * step - 7 * step)
    return "q7" if claim["words"] < 4 else "q7.xz.w"


def is_right(m, seen, claim, setting, value):
    new = other_value(claim, setting, value)
    said = Setting(setting.key, claim["type"], claim["words"], claim.get("order") or "ABCD", claim.get("pad") or "zero",
                   int(claim["scale"]))
    regs = dict(seen)
    regs.update(enumerate(said.encode(new), claim["address"]))
    return setting.decode([regs[a] for a in range(setting.addr, setting.addr + setting.words)]) == new


def judge(seed):
    """Lines of what is bad, how many were claimed, how many had to be."""
    m, bad, due = make_map(seed), [], 0
    values = typed(seed, m)
    trace = f"{TMP}/map{seed}.trace"
    seen = write_trace(trace, m, values)
    claims = learn(trace, m, values)
    for s in m.settings:
        known = s.key not in (m.unsent, (m.twice or ("",))[0])
        where = places(seen, s.key, values[s.key])
        must = known and len(where) == 1
        due += must
        claim = claims.get(s.key)
        what = f"seed {seed} {s.key}={values[s.key]} at {s.addr:#06x} {s.type} {s.order} {s.pad} x{s.scale} {s.words} words"
        if must and not claim:
            bad.append(f"missed: {what}")
        elif claim and not known:
            bad.append(f"cannot be known: {what}: {claim['address']:#06x}")
        elif claim and not is_right(m, seen, claim, s, values[s.key]):
            bad.append(f"wrong: {what}: " + " ".join(str(claim.get(k)) for k in ("address", "type", "words", "order", "pad", "scale")))
    return bad, len(claims), due


def is_clear(seed):
    m = make_map(seed, plain=True)
    values = typed(seed, m)
    seen = write_trace(f"{TMP}/clear.trace", m, values)
    return all(len(places(seen, s.key, values[s.key])) == 1 for s in m.settings)


def main():
    if sys.argv[1] == "clear":
        print(next(seed for seed in range(int(sys.argv[2]), 1 << 32) if is_clear(seed)))
        return
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    bad, claimed, due = [], 0, 0
    for seed in range(first, first + int(sys.argv[1])):
        lines, n, must = judge(seed)
        bad += lines
        claimed += n
        due += must
    print(*bad, sep="\n", end="\n" if bad else "")
    print(f"{sys.argv[1]} meters: {claimed} values claimed, {due} had to be found, {len(bad)} bad")
    sys.exit(bool(bad) or not due)


if __name__ == "__main__":
    main()
