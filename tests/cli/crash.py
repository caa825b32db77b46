"""meterctl ended, or left without a disk, at every step of a write.

  crash.py KILLER PORT LOG kill|full fresh|kept
  crash.py KILLER PORT -   address

A slave answers Modbus TCP on PORT and logs its requests to LOG (see
tests/peer/slave_pymodbus.py). For N = 1, 2, ... `set` is run with KILLER
preloaded, which strikes at its Nth step, until it comes through. After each the
meter and the journal must agree or the entry be open, and the next run must
settle it by reading, and write only what is not there. "fresh" begins with no
journal each time. Prints what went wrong; the last line says how many steps.
"""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys

KILLER, PORT, LOG, MODE = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
FRESH = sys.argv[5:] == ["fresh"]
METERCTL = os.environ["METERCTL"]
PATIENCE = os.environ["PATIENCE"]
STATE = os.environ["XDG_STATE_HOME"] + "/meterctl"
TARGET = f"tcp:127.0.0.1:{PORT}"
ADDRESS = {"ratio.ct": 0x0F, "lora.channel": 0x03, "comm.address": 0}
troubles = []


def meterctl(*args, unit=1, **env):
    return subprocess.run([METERCTL, "-c", f"{TARGET}?unit={unit}", "-t", PATIENCE + "000", "-r", "1", *args],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=float(os.environ["RUN_LIMIT"]), check=False,
                          env={**os.environ, **env})


def register(addr, unit=1):
    """What stands there, asked by other means; None: it says that nobody answers."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=float(PATIENCE)) as s:
        s.sendall(struct.pack(">3HBBHH", 1, 0, 6, unit, 3, addr, 1))
        reply = s.recv(260)
        return struct.unpack(">H", reply[9:])[0] if len(reply) == 11 else None


def entries():
    done = meterctl("-f", "json", "journal", "--all")
    if done.returncode:
        raise SystemExit(f"the journal cannot be read: {done.stderr}")
    return json.loads(done.stdout)["entries"]


class Requests:
    """What the slave has logged since the last look."""

    def __init__(self):
        self.file = open(LOG, encoding="ascii")  # pylint: disable=consider-using-with

    def new(self):
        return [line.split() for line in self.file.read().splitlines()]


def writes(requests):
    """{address: word} of the single registers written; more than once is a trouble."""
    out = {}
    for r in requests:
        if r[0] == "w":
            if int(r[2], 16) in out:
                troubles.append(f"{r}: written twice")
            out[int(r[2], 16)] = int(r[3], 16)
    return out


def strike(n, wants, unit=1):
    """One `set` that is struck at its step N; True when it came through."""
    if MODE == "full":
        done = meterctl("set", "--yes", "-q", *(f"{k}={v}" for k, v in wants.items()), unit=unit,
                        LD_PRELOAD=KILLER, FULL_AT=str(n))
    else:
        done = meterctl("set", "--yes", "-q", *(f"{k}={v}" for k, v in wants.items()), unit=unit,
                        LD_PRELOAD=KILLER, KILL_AT=str(n))
        if done.returncode not in (0, -signal.SIGKILL):
            troubles.append(f"step {n}: exit {done.returncode}: {done.stderr}")
    return done


def check_struck(n, done, wants, requests, old):
    """The state it left behind; what stands in the meter now."""
    now = {k: register(ADDRESS[k]) for k in wants}
    rows = [e for e in entries() if e["id"] not in old]
    sent = writes(requests)

    for k, v in wants.items():
        row = next((e for e in rows if e["key"] == k), None)
        if ADDRESS[k] in sent and (row is None or row["want"] != str(v)):
            troubles.append(f"step {n}: {k} was written, the journal has {row}")
        if row and row["state"] == "verified" and now[k] != v:
            troubles.append(f"step {n}: {k} holds {now[k]}, the journal says {row}")
        if row and row["state"] in ("failed", "refused") and now[k] == v:
            troubles.append(f"step {n}: {k} holds {now[k]}, the journal says {row}")
        if done.returncode == 0 and (now[k] != v or not row or row["state"] != "verified"):
            troubles.append(f"step {n}: exit 0, but {k} holds {now[k]}, the journal says {row}")
    unrecorded = done.returncode == 6 and "written and verified, not recorded" in done.stderr
    if MODE == "full" and done.returncode not in (0, 7) and not unrecorded:
        troubles.append(f"step {n}: exit {done.returncode}: {done.stderr}")
    if unrecorded and not any(now[k] == v and ADDRESS[k] in sent for k, v in wants.items()):
        troubles.append(f"step {n}: {now} is not what was wanted: {done.stderr}")
    if done.returncode == 7 and (len(done.stderr.splitlines()) != 1 or "journal" not in done.stderr):
        troubles.append(f"step {n}: says {done.stderr!r}")
    return now, rows


def check_next(n, wants, now, rows, log):
    """The next run: reads what was left open, first; writes what is missing."""
    left = [e for e in rows if e["open"]]
    log.new()
    done = meterctl("set", "--yes", "-q", *(f"{k}={v}" for k, v in wants.items()))
    requests = log.new()
    if done.returncode:
        troubles.append(f"after step {n}: exit {done.returncode}: {done.stderr}")
    for request, e in zip(requests, left):
        if request[:3] != ["r", "03", f"{ADDRESS[e['key']]:04X}"]:
            troubles.append(f"after step {n}: {request} instead of reading {e['key']} first")
    if set(writes(requests)) != {ADDRESS[k] for k, v in wants.items() if now[k] != v}:
        troubles.append(f"after step {n}: {now} stood there, {requests}")
    after = {e["id"]: e for e in entries()}
    for e in left:
        k, row = e["key"], after[e["id"]]
        want = "verified" if now[k] == wants[k] else "failed"
        if (row["state"], row["after"], row["open"]) != (want, str(now[k]), False):
            troubles.append(f"after step {n}: {k} held {now[k]}, settled as {row}")
    for k, v in wants.items():
        if register(ADDRESS[k]) != v:
            troubles.append(f"after step {n}: {k} is not {v} in the end")
    if any(e["open"] for e in after.values()):
        troubles.append(f"after step {n}: an entry is still open")


def settings():
    log = Requests()
    open_rows = failures = 0

    for n in range(1, 400):
        if FRESH:
            shutil.rmtree(STATE, ignore_errors=True)
        old = {e["id"] for e in entries()}
        wants = {"ratio.ct": 1000 + n, "lora.channel": n % 2 + 20}
        log.new()
        done = strike(n, wants)
        now, rows = check_struck(n, done, wants, log.new(), old)
        open_rows += any(e["open"] for e in rows)
        failures += done.returncode != 0
        check_next(n, wants, now, rows, log)
        if done.returncode == 0 and n > failures + 20 or troubles:
            break
    return f"{failures} steps struck, {open_rows} of them left an entry open"


def address():
    """The meter's own address, which is also where it is asked next."""
    struck = 0

    for n in range(1, 400):
        here = next(u for u in (1, 7) if register(0, u) == u)
        there = 8 - here
        done = strike(n, {"comm.address": there}, unit=here)
        now = next((u for u in (1, 7) if register(0, u) == u), None)
        if done.returncode == 0 and now != there:
            troubles.append(f"step {n}: exit 0, and the meter is at {now}")
        left = [e["id"] for e in entries() if e["open"]]
        after = meterctl("set", "--yes", "-q", "lora.channel=20", unit=now)
        if after.returncode:
            troubles.append(f"after step {n}: exit {after.returncode}: {after.stderr}")
        want = "verified" if now == there else "failed"
        troubles.extend(f"after step {n}: the meter is at {now}, settled as {e}" for e in entries()
                        if e["id"] in left and e["state"] != want)
        if any(e["open"] for e in entries()):
            troubles.append(f"after step {n}: an entry is still open")
        struck += done.returncode != 0
        if done.returncode == 0 or troubles:
            break
    return f"{struck} steps struck"


summary = address() if MODE == "address" else settings()
print("\n".join(troubles[:20]) if troubles else summary)
sys.exit(1 if troubles else 0)
