"""A transparent gateway by other hands: Modbus RTU frames in MQTT messages.

  gateway_paho.py PORT SN FILE [hex]

FILE has lines "ADDRESS VALUE" (registers.py store). Unit 1 on the request topic of SN
is answered from it with a CRC of its own; 10H writes into it. Lines on stdin say what
goes wrong from then on; each is answered by "ok":

  fault none              every request answered once, at once
  fault late MS           every answer so much later
  fault behind            every answer when the next request comes
  fault duplicate         every answer twice
  fault duplicate MS      ... the second so much later, after answers to other requests
  fault garbage           noise instead of each answer but the third
  fault unit              another unit's answer instead
  fault crc               a wrong CRC
  fault cut               half of the answer
  fault text              the answer of the other coding
  fault before            an answer to something else first, then the right one
  fault rival             somebody else asks as much of another register just before every
                          other request, and is answered first
  fault silent            nothing
  send HEX                this, now, on the reply topic
  retain HEX              ... retained
"""

import struct
import sys
import threading

import paho.mqtt.client as mqtt

from crc import crc16

port, sn, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
as_hex = len(sys.argv) > 4
words = {int(a): int(v) for a, v in (line.split() for line in open(path))}
fault = ["none"]
asked = 0
rivals = []     # what somebody else has asked for, and we have not heard yet
later = []
held = []       # by fault behind


def answer(frame):
    """The reply to a request frame, or None."""
    if len(frame) < 8 or crc16(frame[:-2]) != frame[-2:] or frame[0] != 1:
        return None
    unit, function, addr, count = struct.unpack(">BBHH", frame[:6])
    span = range(addr, addr + count)
    if function not in (3, 16):
        return struct.pack("BBB", unit, function | 0x80, 1)
    if not 1 <= count <= 125 or any(a not in words for a in span):
        return struct.pack("BBB", unit, function | 0x80, 2)
    if function == 16:
        for a, (value,) in zip(span, struct.iter_unpack(">H", frame[7:-2])):
            words[a] = value
        return frame[:6]
    return struct.pack("BBB", unit, function, 2 * count) + b"".join(
        struct.pack(">H", words[a]) for a in span)


def publish(frame, retain=False, coding=None, topic="reply"):
    if as_hex if coding is None else coding:
        frame = frame.hex(" ").encode() + b"\r\n"
    client.publish("modbus/%s/%s" % (sn, topic), frame, qos=1, retain=retain)


def spoil(pdu):
    """What the fault makes of an answer: messages, and the delay of each in ms."""
    whole = pdu + crc16(pdu)
    name, ms = fault[0], float(fault[1]) if len(fault) > 1 else 0
    if name == "late":
        return [(whole, ms)]
    if name == "behind":
        held.append(whole)
        return [(held.pop(0), 0)] if len(held) > 1 else []
    if name == "duplicate":
        return [(whole, 0), (whole, ms)]
    if name == "garbage":
        return [(whole if asked % 3 == 0 else bytes([asked & 255, 0x99, 7] * 5), 0)]
    if name == "unit":
        other = bytes([2]) + pdu[1:]
        return [(other + crc16(other), 0)]
    if name == "crc":
        return [(pdu + bytes(b ^ 0xFF for b in crc16(pdu)), 0)]
    if name == "cut":
        return [(whole[:len(whole) // 2], 0)]
    if name == "before":
        n = len(pdu) - 1    # one register more than was asked for
        longer = struct.pack("BBB", 1, 3, n) + bytes(n)
        return [(longer + crc16(longer), 0), (whole, 0)]
    return [] if name == "silent" else [(whole, 0)]


def rival(addr, count):
    """Somebody asks for as many registers, of those before these, and is answered."""
    head = struct.pack(">BBHH", 1, 3, max(addr - count, 0), count)
    theirs = answer(head + crc16(head))
    if len(theirs) > 3:
        rivals.append(head + crc16(head))
        publish(rivals[-1], topic="request")
        publish(theirs + crc16(theirs))


def on_message(_client, _data, message):
    global asked
    frame = bytes.fromhex(message.payload.decode()) if as_hex else message.payload
    pdu = answer(frame)
    if pdu is None:
        return
    if frame in rivals:
        rivals.remove(frame)
        return
    asked += 1
    if fault[0] == "rival" and asked % 2:
        rival(*struct.unpack(">HH", frame[2:6]))
    if fault[0] == "text":
        publish(pdu + crc16(pdu), coding=not as_hex)
        return
    for reply, ms in spoil(pdu):
        if ms:
            later.append(threading.Timer(ms / 1000, publish, [reply]))
            later[-1].start()
        else:
            publish(reply)


def on_connect(*_):
    client.subscribe("modbus/%s/request" % sn, 1)


client = mqtt.Client(client_id="gateway-" + sn)
client.on_connect, client.on_message = on_connect, on_message
client.on_subscribe = lambda *_: print("ready", flush=True)
client.connect("127.0.0.1", port)
client.loop_start()
for line in sys.stdin:
    command, *rest = line.split()
    if command == "fault":
        # what is still to come belongs to who asked for it, not to who asks next
        while later:
            later.pop().join()
        held.clear()
        fault = rest
    else:
        publish(bytes.fromhex("".join(rest)), command == "retain", False)
    print("ok", flush=True)
