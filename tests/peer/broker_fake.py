"""A broker with one fault, for what a good one does not do.

broker_fake.py VERSION FAULT: listens on a free port of 127.0.0.1, says "ready PORT",
and serves one connection after the other. FAULT:

  connack=CODE            refuses the login
  silent                  takes the login and says nothing
  hang-up                 closes instead of answering it
  refuse-subscriptions    SUBACK 0x80 (MQTT 5: 0x87, not authorised)
  allow=PREFIX            the same for all filters that do not begin with PREFIX; for one that
                          does, an upload follows
  hang-up-subscriptions   closes instead of SUBACK
  silent-subscriptions    no SUBACK
  silent-publications     no PUBACK
  nul-topic               after SUBACK: a message whose topic is "a\\0b"
"""
import socket
import sys

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14


def exactly(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def packet(sock):
    head = exactly(sock, 1)[0]
    length = shift = 0
    while True:
        byte = exactly(sock, 1)[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return head >> 4, head & 15, exactly(sock, length)


def send(sock, kind, body, flags=0):
    assert len(body) < 128
    sock.sendall(bytes([kind << 4 | flags, len(body)]) + body)


def serve(sock, five, fault):
    none = b"\0" if five else b""  # no properties
    while True:
        kind, flags, body = packet(sock)
        if kind == CONNECT:
            if fault == "hang-up":
                return
            code = int(fault[8:]) if fault.startswith("connack=") else 0
            if fault != "silent":
                send(sock, CONNACK, bytes([0, code]) + none)
            if code:
                return
        elif kind == SUBSCRIBE and fault != "silent-subscriptions":
            if fault == "hang-up-subscriptions":
                return
            allowed = fault[6:].encode() if fault.startswith("allow=") else None
            refused = fault == "refuse-subscriptions" if allowed is None \
                else not body[4 + len(none):].startswith(allowed)
            code = (0x87 if five else 0x80) if refused else 1
            send(sock, SUBACK, body[:2] + none + bytes([code]))
            if allowed and not refused:
                topic = allowed + b"a/b/json-v2/analog/0"
                load = b'{"data":[{"point":[{"id":0,"val":"4711"},{"id":1,"val":230.1}]}]}'
                send(sock, PUBLISH, bytes([0, len(topic)]) + topic + none + load)
            if fault == "nul-topic":
                send(sock, PUBLISH, b"\0\3a\0b" + none + b"x\0y")
        elif kind == PUBLISH and flags & 2 and fault != "silent-publications":
            at = 2 + int.from_bytes(body[:2], "big")
            send(sock, PUBACK, body[at:at + 2])
        elif kind == PINGREQ:
            send(sock, 13, b"")
        elif kind == DISCONNECT:
            return


def main():
    five, fault = sys.argv[1] == "5", sys.argv[2]
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(8)
    print("ready", server.getsockname()[1], flush=True)
    while True:
        sock, _ = server.accept()
        with sock:
            try:
                serve(sock, five, fault)
            except (ConnectionError, OSError):
                pass


main()
