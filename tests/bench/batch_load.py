"""Meters for `meterctl batch`: on four serial lines, and behind a broker.

As a program it is the meters behind a broker (player PORT COUNT DELAY_MS), each with a heart
beat a second, which answer a new upload interval so long after it came.
"""

import atexit
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

BITS = 10               # a character at 8N1
TURNAROUND_MS = 5
FIRST_SN = 20990000100000


class Lines:
    """Simulated meters on four lines at 9600; no two have the same address."""

    def __init__(self, meterctl, folder, env, counts=(13, 13, 12, 12)):
        self.ports, self.line_of, unit = [], {}, 1
        for n, count in enumerate(counts):
            port = os.path.join(folder, f"batch{n}")
            process = subprocess.Popen(
                [meterctl, "simulate", f"frozen,pace=9600,turnaround={TURNAROUND_MS},unit={unit}", "--pty", port,
                 "--count", str(count)], stdout=subprocess.PIPE, env=env)
            atexit.register(process.kill)
            process.stdout.readline()
            self.line_of.update({u: n for u in range(unit, unit + count)})
            self.ports.append(port)
            unit += count

    def csv(self, path, head, cells):
        with open(path, "w", encoding="ascii") as f:
            print("target", *head, sep=",", file=f)
            for unit, line in self.line_of.items():
                print(f"rtu:{self.ports[line]}?unit={unit}", *cells, sep=",", file=f)

    def limit(self, trace, baud=9600):
        """Seconds in which the longest line can carry what a trace shows: its characters, 3.5
        of silence a frame, and the turnaround of the slave for each request."""
        took = [0.0] * len(self.ports)
        with open(trace, encoding="ascii") as f:
            for row in f:
                _, way, *frame = row.split()
                if way in "<>" and len(frame) > 3:
                    took[self.line_of[int(frame[0], 16)]] += ((len(frame) + 3.5) * BITS / baud
                                                              + (way == ">") * TURNAROUND_MS / 1e3)
        return max(took)


def measured(argv, env):
    """Seconds, exit status, and MiB that were resident at most."""
    start = time.monotonic()
    with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - start, process.returncode, usage.ru_maxrss / 1024


class Fleet:
    """The player as a process of its own."""

    def __init__(self, port, count, delay_ms):
        self.count, self.port = count, port
        self.process = subprocess.Popen(["/usr/bin/python3", __file__, str(port), str(count), str(delay_ms)],
                                        stdout=subprocess.PIPE)
        atexit.register(self.process.kill)
        self.process.stdout.readline()

    def csv(self, path, minutes):
        with open(path, "w", encoding="ascii") as f:
            print("target,network.upload_interval", file=f)
            for n in range(self.count):
                print(f"mqtt://127.0.0.1:{self.port}/{FIRST_SN + n}?dialect=acrelhw,{60 * minutes}", file=f)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def play(port, count, delay_ms):
    import paho.mqtt.client as mqtt     # pylint: disable=import-outside-toplevel

    client = mqtt.Client()
    due, more = [], threading.Condition()

    def said(_client, _arg, message):
        wish = json.loads(message.payload)
        if "upInterval" in wish:
            with more:
                due.append((time.monotonic() + delay_ms / 1e3, message.topic.rsplit("/", 1)[1], wish["upInterval"]))
                more.notify()

    def answers():
        while True:
            with more:
                while not due:
                    more.wait()
                at, sn, minutes = due.pop(0)
            time.sleep(max(0, at - time.monotonic()))
            client.publish(f"/gw/acrelHW/null/para/{sn}", json.dumps(
                {"type": "para", "gwSN": sn, "meterSN": sn, "upInterval": minutes}))

    client.on_message = said
    client.connect("127.0.0.1", port)
    client.subscribe("/server/acrelHW/null/para/+", 1)
    client.loop_start()
    threading.Thread(target=answers, daemon=True).start()
    print("ready", flush=True)
    while True:
        for n in range(count):
            sn = str(FIRST_SN + n)
            client.publish(f"/gw/acrelHW/null/heart/{sn}", json.dumps({"type": "heart", "gwSN": sn, "meterSN": sn}))
            time.sleep(1 / count)


if __name__ == "__main__":
    play(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
