"""Measures meterctl against the line it speaks on and against mbpoll, in one run.

  bench.py METERCTL [PART ...]    parts: line oneshot shell startup check screens keys decode fleet batch

Every row: what, value, limit or peer, ratio, bar, ok/OVER. It never fails: a
number here is for a person to read, on a machine that does nothing else.
"""

import atexit
import fcntl
import json
import os
import pty
import re
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "peer")]
import batch_load  # noqa: E402 # pylint: disable=wrong-import-position
import fleet_load  # noqa: E402 # pylint: disable=wrong-import-position
import line_limit  # noqa: E402 # pylint: disable=wrong-import-position
import registers  # noqa: E402 # pylint: disable=wrong-import-position

TURNAROUND_MS = 5
ENV = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")
WIDTHS = (52, 12, 12, 7, 7)


def row(what, value, limit, ratio=None, bar=None):
    verdict = "" if bar is None else "ok" if ratio <= bar else "OVER"
    cells = (what, value, limit, "" if ratio is None else f"{ratio:.3f}", "" if bar is None else f"{bar:g}")
    print(" ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, WIDTHS))),
          verdict, flush=True)


def ms(seconds):
    return f"{seconds * 1e3:.2f} ms"


class Slave:
    """A paced slave on a pty of its own."""

    def __init__(self, folder, baud, *options):
        self.port = os.path.join(folder, f"line{baud}{''.join(options)}")
        self.log = self.port + ".log"
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "paced_slave.py"), self.port, str(baud),
             str(TURNAROUND_MS), self.log, *options], stdout=subprocess.PIPE, env=ENV)
        atexit.register(self.process.kill)
        if not self.process.stdout.readline():
            sys.exit("the paced slave did not start")
        self.target = f"rtu:{self.port}?baud={baud}"

    def transactions(self):
        with open(self.log, encoding="ascii") as f:
            return [line.split() for line in f if not line.startswith("bad")]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        os.unlink(self.port)


# ---- the line ------------------------------------------------------------

def rounds(transactions):
    """Seconds from the start of a round to the start of the next one."""
    first = transactions[0][1:3]
    starts = [float(t[0]) for t in transactions if t[1:3] == first]
    return [b - a for a, b in zip(starts, starts[1:])]


def live_points(meterctl):
    """Addresses of the live page, by the register table of the tests."""
    out = subprocess.run([meterctl, "-c", "sim:frozen", "-f", "json", "read"], env=ENV, check=True,
                         capture_output=True).stdout
    keys = {r["key"] for r in json.loads(out)["readings"]}
    return [(p.addr, p.words) for p in registers.main_map() if p.key in keys]


def bench_line(meterctl, folder):
    whole = [(p.addr, p.words) for p in registers.main_map()]
    for baud in (9600, 19200):
        for name, words, points, bar in (("live page", [], live_points(meterctl), 1.10),
                                         ("whole main map", ["*"], whole, 1.06)):
            slave = Slave(folder, baud)
            subprocess.run([meterctl, "-c", slave.target, "-f", "jsonl", "watch", *words, "-i", "0", "-n", "12"],
                           env=ENV, check=True, stdout=subprocess.DEVNULL)
            seen = slave.transactions()
            slave.stop()
            took = statistics.median(rounds(seen)[2:])
            best, count = line_limit.limit(points, baud, turnaround=TURNAROUND_MS / 1e3)
            early = sum("early" in t for t in seen)
            per_round = len(seen) / 12
            row(f"{name} ({sum(w for _, w in points)} registers) at {baud}", ms(took), ms(best), took / best, bar)
            note = f", {early} of them too early after the last answer" if early else ""
            print(f"    {per_round:.1f} transactions a round, least {count}{note}")


# ---- the wiring check: five readings and the verdict on them ---------------

def bench_check(meterctl, _folder):
    times = [timed([meterctl, "-c", "sim:frozen,seed=4,pace=9600", "check"])[0] for _ in range(5)]
    took = statistics.median(times)
    row("wiring check, start to verdict, at 9600", ms(took), "3 s", took / 3, 1)


# ---- one shot and start-up -----------------------------------------------

def timed(argv):
    start = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, ENV, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    status = os.waitpid(pid, 0)[1]
    return time.perf_counter() - start, os.waitstatus_to_exitcode(status)


def alternate(ours, theirs, n):
    """Medians of runs by turns, so that both see the same machine."""
    times = ([], [])
    for _ in range(n):
        for argv, to in zip((ours, theirs), times):
            seconds, code = timed(argv)
            to.append(seconds)
            if code not in (0, 1):      # mbpoll -V says 0; nothing here may crash
                sys.exit(f"{argv[0]} ended with {code}")
    return statistics.median(times[0]), statistics.median(times[1])


# One value, and the silence behind it in which another master would be heard; none of
# that where the person has said that there is no other master.
ONESHOT = (("get voltage.a", "", 2.5), ("the same, exclusive=yes", "&exclusive=yes", 0.7))


def bench_oneshot(meterctl, folder):
    mbpoll = shutil.which("mbpoll")
    for baud in (9600, 19200):
        for name, query, bar in ONESHOT:
            slave = Slave(folder, baud)
            ours, theirs = alternate(
                [meterctl, "-c", slave.target + query, "get", "voltage.a"],
                [mbpoll, "-m", "rtu", "-a", "1", "-b", str(baud), "-P", "none", "-0", "-r", "20", "-c", "1", "-1", slave.port],
                25)
            slave.stop()
            row(f"{name}, mbpoll -r 20 -1, at {baud}", ms(ours), ms(theirs), ours / theirs, bar)


def bench_startup(meterctl, _folder):
    ours, theirs = alternate([meterctl, "--version"], [shutil.which("mbpoll"), "-V"], 200)
    row("--version, mbpoll -V", ms(ours), ms(theirs), ours / theirs)
    row("--version, and 10 ms", ms(ours), "10.00 ms", ours / 0.010, 1)


# ---- the screens ---------------------------------------------------------

class Screens:
    """The screens in a terminal of 80x24 of our own."""

    def __init__(self, meterctl, target, *options):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(meterctl, [meterctl, "-c", target, *options, "tui"], ENV)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))

    def read(self, seconds):
        """Everything that comes within that time."""
        end, out = time.monotonic() + seconds, b""
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                try:
                    out += os.read(self.fd, 65536)
                except OSError:
                    sys.exit("the screens ended by themselves")
        return out

    def settle(self, quiet=0.1):
        """Until nothing has come for so long."""
        while select.select([self.fd], [], [], quiet)[0]:
            os.read(self.fd, 65536)

    def until(self, size, seconds=5):
        """Time until so many bytes have been drawn, or None."""
        start, got = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            if select.select([self.fd], [], [], 0.2)[0]:
                got += len(os.read(self.fd, 65536))
                if got >= size:
                    return time.perf_counter() - start
        return None

    def key(self, key):
        os.write(self.fd, key.encode())

    def cpu(self):
        """Seconds on a processor, all threads (proc(5): schedstat, in ns)."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def memory(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024

    def quit(self):
        self.key("q")
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def bench_screens(meterctl, folder):
    slave = Slave(folder, 9600, "wander")
    screens = Screens(meterctl, slave.target)
    screens.read(3)
    cpu, before = screens.cpu(), len(slave.transactions())
    sent = len(screens.read(20))
    cpu, seen = screens.cpu() - cpu, slave.transactions()
    refreshes = max(1, len(rounds(seen[before:])))
    row(f"bytes to the terminal per refresh ({refreshes} in 20 s)", f"{sent / refreshes:.0f}", "")
    row("CPU per refresh", ms(cpu / refreshes), "")
    for key in "12345678?":
        screens.key(key)
        screens.read(0.4)
        if key == "?":
            screens.key("\x1b")
            screens.read(0.4)
    memory = screens.memory()
    screens.quit()
    slave.stop()
    row("memory of the screens, all of them opened", f"{memory:.1f} MiB", "20 MiB", memory / 20, 1)


def key_time(meterctl, target, settle):
    """Median time from a key to its new screen: Energy and Alarms by turns."""
    screens = Screens(meterctl, target)
    screens.read(settle)
    times = []
    for _ in range(25):
        for key in KEYS:
            screens.key(key)
            took = screens.until(WHOLE)
            if took is None:
                screens.quit()
                return None
            times.append(took)
            screens.read(0.05)
    screens.quit()
    return statistics.median(times)


# Energy and Alarms: from one to the other some 4000 bytes are drawn, a
# refresh in between is 200 at most.
KEYS = "47"
WHOLE = 1000


def bench_keys(meterctl, folder):
    slave = Slave(folder, 9600, "wander")
    live = key_time(meterctl, slave.target, 3)
    slave.stop()
    dead = key_time(meterctl, "sim:dead", 3)
    if live is None or dead is None:
        print("key to screen: a screen did not come")
        return
    row("key to screen, dead meter against live one", ms(dead), ms(live), dead / live, 1.5)
    row("key to screen, dead meter", ms(dead), "50 ms", dead / 0.05, 1)


# ---- a broker with its meters ---------------------------------------------

METERS = 10000
STREAM = 40000		# messages of one measurement


# What takes the stream, as `name: (start, where it shows that it listens)`: START gives the processes. The
# one of the broker prints what was kept; ours says that it listens.
def watch(meterctl, broker, *words, form="jsonl"):
    return lambda out, err: [subprocess.Popen(
        [meterctl, "-v", "-c", broker.url + "?dialect=json-v2", "-f", form, "watch", *words, "-n", str(STREAM)],
        stdout=out, stderr=err, env=ENV)], ".err"


def subscribe(broker):
    return lambda out, _err: [broker.subscriber(STREAM + 1, out)], ""


def subscribe_jq(broker):
    def start(out, _err):
        source = broker.subscriber(STREAM + 1, subprocess.PIPE)
        value = subprocess.Popen(["jq", "--unbuffered", ".data[].point[] | select(.id == 1).val"],
                                 stdin=source.stdout, stdout=out)
        source.stdout.close()
        return [source, value]
    return start, ""


def ended(process):
    """Seconds on a processor."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def stream(broker, folder, who, lines):
    """Seconds from the first message to the last line (when its file was last written: how long a program
    takes to leave says nothing of its pace), and of a processor, by subscriber."""
    files = {name: os.path.join(folder, name.replace(" ", "_")) for name in who}
    running, took = {}, {}
    for name, (start, _) in who.items():
        with open(files[name], "wb") as out, open(files[name] + ".err", "wb") as err:
            running[name] = start(out, err)
    for name, (_, where) in who.items():
        while not os.path.getsize(files[name] + where):
            if any(os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) for p in running[name]):
                sys.exit(f"{name} ended by itself")
    start = time.time()
    fleet_load.publish(broker, lines)
    for name, processes in running.items():
        cpu = sum(ended(process) for process in processes)
        took[name] = (os.stat(files[name]).st_mtime - start, cpu)
    return took


def bench_value(meterctl, folder, broker, lines):
    """One value out of each upload: ours, and the peers that a shell has for it."""
    if not shutil.which("jq"):
        print("one value of each upload: no jq here to measure against")
        return
    who = {"watch": watch(meterctl, broker, "voltage.a", form="csv"), "mosquitto_sub | jq": subscribe_jq(broker)}
    took = [stream(broker, folder, who, lines) for _ in range(3)]
    ours, theirs = ([statistics.median(run[name][i] for run in took) for i in (0, 1)] for name in who)
    row("one value of each as CSV, mosquitto_sub | jq at once: time", f"{STREAM / ours[0]:.0f}/s",
        f"{STREAM / theirs[0]:.0f}/s", ours[0] / theirs[0], 1.0)
    row("... and of a processor, for each upload", f"{ours[1] / STREAM * 1e6:.0f} us",
        f"{theirs[1] / STREAM * 1e6:.0f} us", ours[1] / theirs[1], 0.6)


def bench_stream(meterctl, folder, broker):
    lines = b"".join(fleet_load.uploads(1000, turn) for turn in range(STREAM // 1000))
    fleet_load.publish(broker, fleet_load.uploads(1), "-r")
    both = {"watch": watch(meterctl, broker), "mosquitto_sub": subscribe(broker)}
    at_once, alone = [], {name: [] for name in both}
    for _ in range(5):
        times = {name: took[0] for name, took in stream(broker, folder, both, lines).items()}
        at_once.append((times["watch"] / times["mosquitto_sub"], times))
        for name, how in both.items():
            alone[name].append(stream(broker, folder, {name: how}, lines)[name][0])
    ratio, times = sorted(at_once, key=lambda a: a[0])[2]
    rates = [f"{STREAM / times[name]:.0f}/s" for name in both]
    size = len(lines) // STREAM
    row(f"{size} B uploads as jsonl, mosquitto_sub at once: time", *rates, round(ratio, 2), 1.0)  # a run tells no more than 1 %
    ours, theirs = (statistics.median(alone[name]) for name in both)
    row("the same, in turn", f"{STREAM / ours:.0f}/s", f"{STREAM / theirs:.0f}/s", ours / theirs)
    bench_value(meterctl, folder, broker, lines)


def bench_decode(_meterctl, _folder):
    """One upload understood by our reader, and merely parsed by the JSON library."""
    out = subprocess.run([os.path.join(HERE, "../../build/default/tests/bench/decode")],
                         stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    ours, theirs = float(out[1]), float(out[2])
    row(f"{out[0]} B upload understood, jansson's parse of it", f"{ours:.1f} us", f"{theirs:.1f} us", ours / theirs)


def fleet_key_time(meterctl, broker, meters):
    """Median time from a key to its screen: Trace and Fleet by turns."""
    screens = Screens(meterctl, broker.url)
    screens.read(1.5)
    fleet_load.publish(broker, fleet_load.uploads(meters))
    screens.read(2)
    times = []
    for _ in range(40):
        for key in "90":
            screens.key(key)
            took = screens.until(200)
            if took is None:
                sys.exit("fleet: a screen did not come")
            times.append(took)
            screens.settle()
    return screens, statistics.median(times)


def bench_fleet(meterctl, folder):
    broker = fleet_load.Broker(folder)
    bench_stream(meterctl, folder, broker)
    screens, one = fleet_key_time(meterctl, broker, 1)
    screens.quit()
    screens, many = fleet_key_time(meterctl, broker, METERS)
    row(f"key to screen, {METERS} meters against one", ms(many), ms(one), many / one, 2)
    feed = fleet_load.Feed(broker, METERS, METERS // 10)
    screens.read(3)
    cpu, seconds = screens.cpu(), 10
    sent = len(screens.read(seconds))
    cpu = (screens.cpu() - cpu) / seconds
    row(f"{METERS} meters, an upload each in 10 s: bytes drawn a second", f"{sent / seconds:.0f}", "")
    row("... and of a processor", f"{cpu * 100:.1f} %", "")
    feed.stop()
    memory = screens.memory()
    row("memory of the screens with them", f"{memory:.1f} MiB", "64 MiB", memory / 64, 1)
    screens.quit()
    broker.stop()


# ---- many meters from a file -----------------------------------------------

BATCH_KEYS = ("ratio.ct", "demand.cycle", "lora.channel", "alarm1.voltage.over.threshold",
              "alarm1.voltage.under.threshold", "alarm2.pf.a.threshold")


def bench_batch(meterctl, folder):
    lines = batch_load.Lines(meterctl, folder, ENV)
    file, trace = os.path.join(folder, "lines.csv"), os.path.join(folder, "lines.trace")
    lines.csv(file, BATCH_KEYS, ("60", "30min", "21", "250.0", "200.0", "0.800"))
    for name in ("50 meters on four lines at 9600, 6 settings each", "the same again, nothing to write"):
        if os.path.exists(trace):
            os.unlink(trace)
        took, code, _ = batch_load.measured([meterctl, "--trace", trace, "batch", file, "--yes"], ENV)
        best = lines.limit(trace)
        row(name, f"{took:.2f} s", f"{best:.2f} s", took / best, 1.15)
        if code:
            print(f"    exit {code}")
    broker = fleet_load.Broker(folder)
    meters = batch_load.Fleet(broker.port, 1000, 200)
    file = os.path.join(folder, "fleet.csv")
    meters.csv(file, 2)
    took, code, memory = batch_load.measured([meterctl, "batch", file, "--yes", "--allow-provisional"], ENV)
    row("1000 meters of a broker, answering in 200 ms", f"{took:.1f} s", "60 s", took / 60, 1)
    row("... memory", f"{memory:.1f} MiB", "64 MiB", memory / 64, 1)
    if code:
        print(f"    exit {code}")
    meters.stop()
    broker.stop()


# ---- many commands over one connection --------------------------------------

VALUES = 100
# What a line that may be shared costs behind each value (meterctl(1), SHARED LINES): a read of two registers.
PROOF = line_limit.transaction(2, 9600, 10, TURNAROUND_MS / 1e3)


def shell_time(meterctl, slave, query):
    """Seconds from the first request to the end of the shell, and what it printed."""
    run = subprocess.run([meterctl, "-c", slave.target + query, "shell"], env=ENV, check=True,
                         input=b"get voltage.a\n" * VALUES, stdout=subprocess.PIPE)
    return time.monotonic() - float(slave.transactions()[0][0]), run.stdout.split()


def bench_shell(meterctl, folder):
    for name, query, proof in (("each with a second read that proves it", "", PROOF), ("exclusive=yes", "&exclusive=yes", 0)):
        took = []
        for _ in range(3):
            slave = Slave(folder, 9600)
            seconds, values = shell_time(meterctl, slave, query)
            slave.stop()
            if len(values) != VALUES:
                sys.exit(f"shell: {len(values)} values of {VALUES}")
            took.append(seconds)
        took = statistics.median(took)
        best = VALUES * (line_limit.transaction(1, 9600, 10, TURNAROUND_MS / 1e3) + proof)
        row(f"{VALUES} get in one shell at 9600, {name}", ms(took), ms(best), took / best, 1.3)


PARTS = {"startup": bench_startup, "oneshot": bench_oneshot, "line": bench_line, "shell": bench_shell,
         "check": bench_check,
         "screens": bench_screens, "keys": bench_keys, "decode": bench_decode,
         "fleet": bench_fleet, "batch": bench_batch}


def main():
    meterctl = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="meterctl-bench.") as folder:
        ENV.update(HOME=folder, XDG_CONFIG_HOME=folder, XDG_STATE_HOME=folder)
        print(f"line limit: least time over all ways to split the registers into reads of at most "
              f"{line_limit.MOST},\nfrom bytes x 10 bits / baud, 3.5 characters of silence per frame, "
              f"{TURNAROUND_MS} ms turnaround\n")
        row("what", "value", "limit/peer")
        for name in sys.argv[2:] or PARTS:
            PARTS[name](meterctl, folder)


main()
