"""A broker on a free port of 127.0.0.1, and meters that upload through it."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data"))
import fleet  # noqa: E402 # pylint: disable=wrong-import-position

TOPIC = "platform/acrel/meter/json-v2/analog/0000"


class Broker:
    """mosquitto; without limits of its own to what waits for a subscriber."""

    def __init__(self, folder):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        path = os.path.join(folder, "mosquitto.conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                    "max_queued_bytes 0\nmax_inflight_messages 0\nlog_dest none\n")
        binary = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not binary:
            sys.exit("no mosquitto: make deps-test")
        self.process = subprocess.Popen([binary, "-c", path])
        atexit.register(self.process.kill)
        self.url = f"mqtt://127.0.0.1:{self.port}"
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if time.monotonic() > end:
                    sys.exit("mosquitto does not start")

    def subscriber(self, count, out):
        return subprocess.Popen(["mosquitto_sub", "-p", str(self.port), "-q", "1", "-t", TOPIC,
                                 "-C", str(count)], stdout=out)

    def publisher(self, *options):
        return subprocess.Popen(["mosquitto_pub", "-p", str(self.port), "-q", "1", "-t", TOPIC, "-l", *options],
                                stdin=subprocess.PIPE)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def uploads(count, turn=0):
    """One message a meter, each some 1,000 bytes, as lines."""
    return "".join(fleet.line(i, turn) for i in range(count)).encode()


def publish(broker, lines, *options):
    """Sends all of it; returns when the broker has it."""
    pub = broker.publisher(*options)
    pub.communicate(lines)


class Feed:
    """COUNT meters that upload in turn, RATE messages a second, until stopped."""

    def __init__(self, broker, count, rate):
        self.pub = broker.publisher()
        self.over = threading.Event()
        self.count, self.step = count, max(1, rate // 20)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        at = turn = 0
        while not self.over.wait(0.05):
            part = []
            for _ in range(self.step):
                part.append(fleet.line(at, turn + 1))
                at += 1
                if at == self.count:
                    at, turn = 0, turn + 1
            self.pub.stdin.write("".join(part).encode())
            self.pub.stdin.flush()

    def stop(self):
        self.over.set()
        self.thread.join()
        self.pub.stdin.close()
        self.pub.wait()
