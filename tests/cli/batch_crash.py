"""A batch ended by SIGKILL at every step of it, and at random moments, then resumed.

  batch_crash.py KILLER PORT REFUSING steps|taken|moments

Simulated meters answer Modbus TCP on PORT; what is written to them passes a relay, which
counts. On the port REFUSING are two more, of which 4 refuses what is written to it. "steps": a batch of two meters, one of which is given the time, the other another
address, is run with KILLER preloaded, which strikes before its Nth step, for N = 1, 2, ...
until it comes through. "taken": the same with meter 4, which is to have the address
of another and refuses: the other one must not be written to. "moments": a batch of twelve meters on four lines is
killed a hundred times. A run that is resumed must leave every meter as wished and write nothing that it has
verified; the journal and the state of the run must be whole. Prints what went wrong; the
last line says how often it was struck.
"""

import collections
import glob
import json
import os
import random
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

KILLER, PORT, REFUSING, MODE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
METERCTL = os.environ["METERCTL"]
STATE = os.environ["XDG_STATE_HOME"] + "/meterctl"
OPTIONS = ["-t", os.environ["PATIENCE"] + "000", "-r", "1"]
CT, CHANNEL, ADDRESS, CLOCK = 0x0F, 0x03, 0x00, 0x11    # registers
KILLS = 100
AWAY = 100              # an address at which is nobody
troubles = []


class Relay:
    """A port that leads to the meters. Requests to write are counted by unit and register."""

    def __init__(self, port=PORT):
        self.to = port
        self.writes = collections.Counter()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.listener.accept()[0]
            meters = socket.create_connection(("127.0.0.1", self.to))
            for args in ((client, meters, self.count), (meters, client, lambda frame: None)):
                threading.Thread(target=self.carry, args=args, daemon=True).start()

    def count(self, frame):
        unit, function, addr = struct.unpack(">BBH", frame[6:10])
        if function == 0x10:
            self.writes[unit, addr] += 1

    @staticmethod
    def carry(source, to, each):
        """Whole frames, so that a request that is cut off is none."""
        pending = b""
        try:
            while data := source.recv(4096):
                pending += data
                while len(pending) >= 6 and len(pending) >= 6 + struct.unpack(">H", pending[4:6])[0]:
                    n = 6 + struct.unpack(">H", pending[4:6])[0]
                    each(pending[:n])
                    to.sendall(pending[:n])
                    pending = pending[n:]
        except OSError:
            pass
        for end in (source, to):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def command(*args):
    return [METERCTL, *OPTIONS, *args]


def batch(file, *options):
    return command("-f", "jsonl", "batch", file, "--yes", "--allow-provisional", *options)


def run(argv, **env):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=float(os.environ["RUN_LIMIT"]), env={**os.environ, **env})


def register(unit, addr):
    """What stands there, asked by other means; None: nobody answers."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=float(os.environ["PATIENCE"])) as s:
        s.sendall(struct.pack(">3HBBHH", 1, 0, 6, unit, 3, addr, 1))
        reply = s.recv(260)
        return struct.unpack(">H", reply[9:])[0] if len(reply) == 11 else None


def entries(last=[0]):  # pylint: disable=dangerous-default-value
    """Of the journal, since the last look."""
    rows = [json.loads(line) for line in run(command("-f", "jsonl", "journal", "--all")).stdout.splitlines()]
    new = [r for r in rows if r["id"] > last[0]]
    last[0] = max([r["id"] for r in rows], default=0)
    return new


def check_files(what):
    for file in glob.glob(STATE + "/*.db"):
        with sqlite3.connect(file) as db:
            answer = db.execute("PRAGMA integrity_check").fetchall()
        if answer != [("ok",)]:
            troubles.append(f"{what}: {file}: {answer}")


def check_journal(what):
    """Nothing is left open, and nothing begun that was verified before."""
    verified = set()
    for row in entries():
        setting = row["target"], row["key"]
        if row["open"]:
            troubles.append(f"{what}: still open: {row}")
        if setting in verified:
            troubles.append(f"{what}: written again after it was verified: {row}")
        if row["state"] == "verified":
            verified.add(setting)


def check_done(what, done, meters):
    summary = (done.stdout.splitlines() or [""])[-1]
    if done.returncode or summary != f'{{"event":"summary","done":{meters},"failed":0}}':
        troubles.append(f"{what}: exit {done.returncode}: {summary} {done.stderr}")


def write_csv(file, head, rows):
    with open(file, "w", encoding="ascii") as f:
        f.write("\n".join([head, *rows]) + "\n")


def steps():
    relay = Relay()
    struck = 0
    for n in range(1, 600):
        here = next(u for u in (2, AWAY) if register(u, ADDRESS) == u)
        there = AWAY + 2 - here
        wants = {(1, CT): 1000 + n, (there, CHANNEL): 20 + n % 2, (there, ADDRESS): there}
        target = f"tcp:127.0.0.1:{relay.port}?unit="
        write_csv(f"steps{n}.csv", "target,ratio.ct,clock,lora.channel,comm.address",
                  [f"{target}1,{1000 + n},now,,", f"{target}{here},,,{20 + n % 2},{there}"])
        relay.writes.clear()
        done = run(batch(f"steps{n}.csv"), LD_PRELOAD=KILLER, KILL_AT=str(n))
        if done.returncode not in (0, -signal.SIGKILL):
            troubles.append(f"step {n}: exit {done.returncode}: {done.stderr}")
        check_done(f"after step {n}", run(batch(f"steps{n}.csv", "--resume")), 2)
        check_files(f"after step {n}")
        check_journal(f"after step {n}")
        for (unit, addr), want in wants.items():
            if register(unit, addr) != want:
                troubles.append(f"after step {n}: register {addr:#x} of {unit} is not {want}")
        # each goes out once; not the time, when the clock is right before it is sent
        relay.writes.setdefault((1, CLOCK), 1)
        if relay.writes != {(1, CT): 1, (1, CLOCK): 1, (here, CHANNEL): 1, (here, ADDRESS): 1}:
            troubles.append(f"after step {n}: written {dict(relay.writes)}")
        struck += done.returncode != 0
        if done.returncode == 0 or troubles:
            break
    return struck


def taken():
    relay = Relay(REFUSING)
    struck = 0
    for n in range(1, 600):
        write_csv(f"taken{n}.csv", "target,comm.address", [f"tcp:127.0.0.1:{relay.port}?unit=4,5"])
        done = run(batch(f"taken{n}.csv"), LD_PRELOAD=KILLER, KILL_AT=str(n))
        resumed = run(batch(f"taken{n}.csv", "--resume"))
        if resumed.returncode != 8 or '"done":0,"failed":1}' not in resumed.stdout:
            troubles.append(f"after step {n}: exit {resumed.returncode}: {resumed.stdout}")
        if any(unit != 4 for unit, _ in relay.writes):
            troubles.append(f"after step {n}: another meter was written to: {dict(relay.writes)}")
        check_journal(f"after step {n}")
        struck += done.returncode == -signal.SIGKILL
        if done.returncode != -signal.SIGKILL or troubles:
            break
    return struck


def killed(argv, seconds):
    """Did it not come through within that time?"""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode == -signal.SIGKILL


def moments():
    lines = [Relay() for _ in range(4)]
    luck = random.Random(1)
    kills = turn = 0
    took = 0.0
    while kills < KILLS and not troubles:
        file, turn = f"moments{turn}.csv", turn + 1
        ct, channel = 2000 + turn, 20 + turn % 2
        write_csv(file, "target,ratio.ct,lora.channel",
                  [f"tcp:127.0.0.1:{relay.port}?unit={unit + 10},{ct},{channel}"
                   for i, relay in enumerate(lines) for unit in range(i * 3, i * 3 + 3)])
        began = time.monotonic()
        again = []
        # the first one shows how long it takes
        while took and kills < KILLS and killed(batch(file, *again), luck.uniform(0.1, 0.8) * took):
            kills += 1
            again = ["--resume"]
        check_done(file, run(batch(file, "--resume")), 12)
        took = took or time.monotonic() - began
        check_files(file)
        check_journal(file)
        for unit in range(10, 22):
            if (register(unit, CT), register(unit, CHANNEL)) != (ct, channel):
                troubles.append(f"{file}: unit {unit} is not as wished")
    return kills


entries()
count = {"steps": steps, "taken": taken, "moments": moments}[MODE]()
print("\n".join(troubles[:20]) if troubles else f"struck {count} times")
sys.exit(1 if troubles else 0)
