"""A broker with one fault, for what a good one does not do.

broker_fake.py FAULT: listens on a free port of 127.0.0.1, says "ready PORT",
and serves one connection after the other. FAULT:

  connack=CODE            refuses the login
  only=LEVEL              refuses it unless it is in that level of the protocol (4: 3.1.1, 5)
  only-hang-up=LEVEL      closes instead
  silent                  takes the login and says nothing
  hang-up                 closes instead of answering it
  refuse-subscriptions    SUBACK 0x80 (MQTT 5: 0x87, not authorised)
  allow=PREFIX            the same for all filters that do not begin with PREFIX; for one that
                          does, an upload follows
  hang-up-subscriptions   closes instead of SUBACK
  hang-up-at=PREFIX       the same on a subscription that begins so; else as no-share
  deaf                    takes all subscriptions and gives nothing
  route                   gives back what is published, also through $share/
  no-share                the same, but $share/ is a topic like any other
  says-no-share           the same, and the login of MQTT 5 says so
  silent-subscriptions    no SUBACK
  silent-publications     no PUBACK
  nul-topic               after SUBACK: a message whose topic is "a\\0b"
"""
import socket
import sys

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, DISCONNECT = \
    1, 2, 3, 4, 8, 9, 10, 11, 12, 14
ROUTES = ("route", "no-share", "says-no-share")


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


def subscribe(sock, fault, none, body, filters):
    """False: hang up."""
    end = 4 + len(none) + int.from_bytes(body[2 + len(none):4 + len(none)], "big")
    text = body[4 + len(none):end].decode()
    word, _, prefix = fault.partition("=")
    if fault == "hang-up-subscriptions" or (word == "hang-up-at" and text.startswith(prefix)):
        return False
    if fault == "silent-subscriptions":
        return True
    refused = fault == "refuse-subscriptions" or (word == "allow" and not text.startswith(prefix))
    send(sock, SUBACK, body[:2] + none + bytes([(0x87 if none else 0x80) if refused else 1]))
    filters.append(text)
    if word == "allow" and not refused:
        topic = prefix.encode() + b"a/meter/json-v2/analog/0"
        load = b'{"data":[{"point":[{"id":0,"val":"4711"},{"id":1,"val":230.1}]}]}'
        send(sock, PUBLISH, bytes([0, len(topic)]) + topic + none + load)
    if fault == "nul-topic":
        send(sock, PUBLISH, b"\0\3a\0b" + none + b"x\0y")
    return True


def publish(sock, fault, none, body, filters):
    """An acknowledgement, and the message back to our one client when it listens to exactly that."""
    end = 2 + int.from_bytes(body[:2], "big")
    topic = body[2:end].decode()
    send(sock, PUBACK, body[end:end + 2])
    for have in filters if fault in ROUTES or fault.startswith("hang-up-at=") else []:
        shared = have.startswith("$share/") and fault == "route"
        if have == topic or (shared and have.split("/", 2)[2] == topic):
            send(sock, PUBLISH, body[:end] + none)


def login(sock, fault, level):
    """False: hang up."""
    word, _, value = fault.partition("=")
    wrong = word.startswith("only") and level != int(value)
    if fault == "hang-up" or (wrong and word == "only-hang-up"):
        return False
    five = int(value) == 5 if wrong else level == 5
    code = (0x84 if five else 1) if wrong else int(value) if word == "connack" else 0
    properties = b"" if not five else b"\2\x2a\0" if fault == "says-no-share" else b"\0"
    if fault != "silent":
        send(sock, CONNACK, bytes([0, code]) + properties)
    return code == 0


def serve(sock, fault):
    none, filters = b"", []     # no properties
    while True:
        kind, flags, body = packet(sock)
        if kind == CONNECT:
            none = b"\0" if body[6] == 5 else b""
            if not login(sock, fault, body[6]):
                return
        elif kind == SUBSCRIBE:
            if not subscribe(sock, fault, none, body, filters):
                return
        elif kind == UNSUBSCRIBE:
            send(sock, UNSUBACK, body[:2] + none + none)
        elif kind == PUBLISH and flags & 2 and fault != "silent-publications":
            publish(sock, fault, none, body, filters)
        elif kind == PINGREQ:
            send(sock, 13, b"")
        elif kind == DISCONNECT:
            return


def main():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(8)
    print("ready", server.getsockname()[1], flush=True)
    while True:
        sock, _ = server.accept()
        with sock:
            try:
                serve(sock, sys.argv[1])
            except (ConnectionError, OSError):
                pass


main()
