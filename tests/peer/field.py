"""A Modbus slave as the field has them: what comes back, and when, is a script.

    peer = Peer("rtutcp")                                    # answers well, at once
    peer = Peer("tcp", answer=lambda peer, q: [(0.3, peer.reply(q))])
    run = peer.run("get", "voltage.a")                       # meterctl on it

KIND is the scheme of the target: rtu (a pty), rtutcp, tcp, udp or rtuudp. An
answer function gets the peer and a Request and gives (delay, frame) pairs, the
delay in seconds from the piece before; frames are bytes as they go out, so that
anything at all can be said. None in place of a frame closes the connection.

A Meter is what is behind it: the content of a register is a function of its
address, another one for every address, so that a value out of a wrong answer is
known at once.

Whoever sends unasked (another master's traffic) uses peer.at() and peer.send();
all of a peer runs in one thread, its own, so a script needs no lock.
"""

import concurrent.futures
import heapq
import itertools
import os
import pty
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
import tty

import registers
from crc import crc16

METERCTL = os.environ.get("METERCTL", "./meterctl")
UNIT = 1
LATE_S = 0.002      # more than that is no scheduler's usual delay
READS, WRITES = (3, 4), (6, 16)
POINTS = {p.key: p for p in registers.main_map()}


def content(addr):
    """What stands in a register: an odd factor, so no two addresses agree."""
    return (addr * 40503 + 12345) & 0xFFFF


class Meter:
    """Registers and the two functions that read, the two that write them."""

    def __init__(self, words=None, functions=(3, 16), end=0x5400):
        self.words = dict(words or {})
        self.functions, self.end = functions, end
        self.writes = []        # (address, words) in the order they came

    def word(self, addr):
        return self.words.get(addr, content(addr))

    def value(self, key):
        """As `meterctl get` should print it."""
        p = POINTS[key]
        return registers.text(p, registers.decode(p, [self.word(p.addr + i) for i in range(p.words)]))

    def reply(self, pdu):
        """The PDU that answers PDU."""
        function, = pdu[:1]
        if function not in self.functions:
            return refusal(function, 1)
        addr, n = struct.unpack(">HH", pdu[1:5])
        if addr + (1 if function == 6 else n) > self.end:
            return refusal(function, 2)
        if function in READS:
            return struct.pack(f">BB{n}H", function, 2 * n, *(self.word(addr + i) for i in range(n)))
        self.store(addr, (n,) if function == 6 else struct.unpack(f">{n}H", pdu[6:6 + 2 * n]))
        return pdu[:5]

    def store(self, addr, words):
        self.writes.append((addr, tuple(words)))
        self.words.update(enumerate(words, addr))


def refusal(function, code):
    return bytes((function | 0x80, code))


def read_pdu(addr, n, function=3):
    return struct.pack(">BHH", function, addr, n)


class Request:
    """One request as it came: PDU, where it came from, and its fields."""

    def __init__(self, unit, pdu, tid=0, channel=None):
        self.unit, self.pdu, self.tid, self.channel = unit, pdu, tid, channel
        self.at = time.monotonic()
        self.function = pdu[0]
        self.addr, self.count = struct.unpack(">HH", pdu[1:5]) if len(pdu) >= 5 else (None, 0)
        self.writes = self.function in WRITES

    def __repr__(self):
        return f"{'write' if self.writes else 'read'} {self.addr}+{self.count}" if self.addr is not None else self.pdu.hex()


# ---- framing ---------------------------------------------------------------

def rtu_frame(unit, pdu):
    frame = bytes((unit,)) + pdu
    return frame + crc16(frame)


def mbap_frame(unit, pdu, tid):
    return struct.pack(">3HB", tid, 0, len(pdu) + 1, unit) + pdu


def rtu_length(raw):
    """Of the request at the head of RAW; more than is there when that cannot be told yet."""
    if len(raw) < 2 or raw[1] == 16 and len(raw) < 7:
        return len(raw) + 1
    return 9 + raw[6] if raw[1] == 16 else {0x11: 4, 0x2B: 7}.get(raw[1], 8)


def take_rtu(raw):
    """The requests in RAW as (unit, pdu, 0), and what is left of it."""
    out = []
    while (n := rtu_length(raw)) <= len(raw):
        if crc16(raw[:n - 2]) == raw[n - 2:n]:
            out.append((raw[0], raw[1:n - 2], 0))
            raw = raw[n:]
        else:
            raw = raw[1:]
    return out, raw


def take_mbap(raw):
    out = []
    while len(raw) >= 8:
        tid, _, length = struct.unpack(">3H", raw[:6])
        if len(raw) < 6 + length:
            break
        out.append((raw[6], raw[7:6 + length], tid))
        raw = raw[6 + length:]
    return out, raw


# ---- where it is reached -----------------------------------------------------

class PtyPort:
    """A serial port. It is always open here, too: no error between two masters."""

    def __init__(self):
        self.fd, self.far = pty.openpty()
        tty.setraw(self.far)
        self.where = os.ttyname(self.far)
        self.watched = [self.fd]

    def receive(self, fd):
        return [(None, os.read(fd, 4096))]

    def send(self, data, _channel):
        if select.select([], [self.fd], [], 0)[1]:      # a line nobody reads takes no more
            os.write(self.fd, data)

    def fresh(self):
        """A port forgets what came before it was opened."""
        termios.tcflush(self.far, termios.TCIOFLUSH)

    def close(self):
        os.close(self.fd)
        os.close(self.far)


class TcpPort:
    """ALL: what is sent goes to every client, as a transparent serial server does it."""

    def __init__(self, everybody):
        self.everybody = everybody
        self.server = socket.create_server(("127.0.0.1", 0))
        self.where = f"127.0.0.1:{self.server.getsockname()[1]}"
        self.clients = []
        self.watched = [self.server]
        self.connections = self.hangups = 0

    def receive(self, sock):
        if sock is self.server:
            client = sock.accept()[0]
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self.clients.append(client)
            self.watched.append(client)
            return [(client, None)]
        try:
            data = sock.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.hangups += 1
            self.drop(sock)
        return [(sock, data)] if data else []

    def drop(self, sock):
        if sock in self.clients:
            self.clients.remove(sock)
            self.watched.remove(sock)
            sock.close()

    def send(self, data, channel):
        for client in list(self.clients) if self.everybody else [channel]:
            if client not in self.clients:
                continue
            try:
                client.sendall(data)
            except OSError:
                self.drop(client)

    def fresh(self):
        pass

    def close(self):
        for client in list(self.clients):
            self.drop(client)
        self.server.close()


class UdpPort:
    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.where = f"127.0.0.1:{self.sock.getsockname()[1]}"
        self.watched = [self.sock]
        self.last = None

    def receive(self, sock):
        try:
            data, self.last = sock.recvfrom(4096)
        except OSError:         # the client has closed its port: ICMP says so
            return []
        return [(self.last, data)]

    def send(self, data, channel):
        if channel or self.last:
            try:
                self.sock.sendto(data, channel or self.last)
            except OSError:
                pass

    def fresh(self):
        pass

    def close(self):
        self.sock.close()


PORTS = {"rtu": PtyPort, "rtutcp": lambda: TcpPort(True), "tcp": lambda: TcpPort(False),
         "udp": UdpPort, "rtuudp": UdpPort}


# ---- the peer ------------------------------------------------------------------

class Run:
    """What meterctl said and how it ended. CODE None: it had to be ended."""

    def __init__(self, argv, code, out, err, seconds):
        self.argv, self.code, self.out, self.err, self.seconds = argv, code, out, err, seconds

    def __str__(self):
        return (f"exit {self.code} after {self.seconds:.2f} s: {' '.join(self.argv)}\n"
                f"stdout: {self.out[:800]}\nstderr: {self.err[:800]}")


def serve(peer, q):
    """What a good meter answers, at once."""
    return [(0, peer.reply(q))]


class Peer:
    def __init__(self, kind, meter=None, answer=serve, query=""):
        self.kind, self.meter, self.answer = kind, meter or Meter(), answer
        self.framed = kind in ("tcp", "udp")
        self.port = PORTS[kind]()
        self.target = f"{kind}:{self.port.where}" + (f"?{query}" if query else "")
        self.requests, self.sent = [], []   # Request; (time, frame)
        self.ended = 0.0                    # when meterctl did
        self.late = []                      # (time, seconds) whenever something was sent late
        self.greet = None                   # called with the peer on each connection
        self.folder = tempfile.mkdtemp(prefix="peer.", dir=os.environ.get("TMP"))
        self.left = {}                      # bytes of a request not whole yet, by channel
        self.due, self.order = [], itertools.count()
        self.wake, self.waker = os.pipe()
        self.stopped = False
        self.fault = None
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopped = True
        os.write(self.waker, b"!")
        self.thread.join()
        os.close(self.wake)
        os.close(self.waker)
        self.port.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.fault:
            raise self.fault

    # ---- in the peer's own thread

    def frame(self, pdu, unit=UNIT, tid=0):
        return mbap_frame(unit, pdu, tid) if self.framed else rtu_frame(unit, pdu)

    def wrap(self, q, pdu):
        """PDU as the answer to Q."""
        return self.frame(pdu, q.unit, q.tid)

    def reply(self, q):
        return self.wrap(q, self.meter.reply(q.pdu))

    def refuse(self, q, code):
        return self.wrap(q, refusal(q.function, code))

    def send(self, data, channel=None):
        self.sent.append((time.monotonic(), data))
        self.port.send(data, channel)

    def at(self, when, action):
        """Calls ACTION, in the peer's thread, when the monotonic clock says WHEN."""
        heapq.heappush(self.due, (when, next(self.order), action))      # atomic in CPython
        if threading.current_thread() is not self.thread:
            os.write(self.waker, b"!")

    def act(self, when, _order, action):
        now = time.monotonic()
        if now - when > LATE_S:
            self.late.append((now, now - when))
        action()

    def punctual(self, by, since=0.0, until=float("inf")):
        """Was all that was sent then at most BY seconds late? On a busy machine it is not always."""
        unsent = (self.ended - when for when, *_ in list(self.due))     # when it ended
        return not any(since <= when <= until and late > by for when, late in self.late) \
            and (since > 0 or not any(late > by for late in unsent))

    def say(self, pairs, channel):
        """Sends what an answer function gave."""
        when = time.monotonic()
        for delay, data in pairs or ():
            when += delay
            if data is None:
                self.at(when, lambda: self.port.drop(channel))
            elif delay == 0 and not self.due:
                self.send(data, channel)
            else:
                self.at(when, lambda data=data: self.send(data, channel))

    def heard(self, channel, data):
        if data is None:
            if self.greet:
                self.greet(self)
            return
        take = take_mbap if self.framed else take_rtu
        found, self.left[channel] = take(self.left.get(channel, b"") + data)
        for unit, pdu, tid in found:
            q = Request(unit, pdu, tid, channel)
            self.requests.append(q)
            self.say(self.answer(self, q), channel)

    def loop(self):
        try:
            while not self.stopped:
                while self.due and self.due[0][0] <= time.monotonic():
                    self.act(*heapq.heappop(self.due))
                wait = max(0, self.due[0][0] - time.monotonic()) if self.due else None
                ready = select.select([self.wake, *self.port.watched], [], [], wait)[0]
                for fd in ready:
                    if fd == self.wake:
                        os.read(fd, 4096)
                        continue
                    for channel, data in self.port.receive(fd):
                        self.heard(channel, data)
        except Exception as fault:  # pylint: disable=broad-except
            self.fault = fault      # told by stop()

    # ---- in the test's

    def command(self, *words, target=None):
        return [METERCTL, "-c", target or self.target, *words]

    def environment(self):
        """What is remembered of a line must not reach the next test: ports come again."""
        return dict(os.environ, XDG_STATE_HOME=self.folder)

    def run(self, *words, limit=60, target=None):
        self.port.fresh()
        argv = self.command(*words, target=target)
        start = time.monotonic()
        done = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment(), text=True, errors="replace")
        try:
            out, err = done.communicate(timeout=limit)
            self.ended = time.monotonic()
            code = done.returncode
        except subprocess.TimeoutExpired:
            done.terminate()
            out, err = done.communicate()
            code = None
        return Run(argv[1:], code, out, err, time.monotonic() - start)

    def asked(self):
        """How many requests so far."""
        return len(self.requests)


# ---- how much of it ---------------------------------------------------------------

LONG = os.environ.get("FIELD") == "long"
SEED = int(os.environ.get("FIELD_SEED", "20260715"))


def much(few, many):
    """FEW in the check, MANY when there is time (make field)."""
    return many if LONG else few


def together(jobs, n=8):
    """Runs the functions beside each other, most of them wait; their results in order."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        return [f.result() for f in [pool.submit(job) for job in jobs]]
