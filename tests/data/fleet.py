#!/usr/bin/env python3
"""Uploads of many meters, one json-v2 message a line, for mosquitto_pub -l.

fleet.py COUNT [ROUNDS [FIRST]]: meter I has the serial 2024 and eight digits of I, a
signal of -50 - I % 60 dBm, and I volts in tenths above 220 on phase A. The rounds are 20 s
apart, the first is of now, or of FLEET_MS in the environment.
"""
import json
import os
import sys
import time

BEGIN_MS = int(os.environ.get("FLEET_MS") or time.time() * 1000)

VALUES = {2: 229.5, 3: 231.4, 4: 398.1, 5: 399.2, 6: 397.9, 7: 4.52, 8: 4.61, 9: 4.48,
          10: 1.012, 11: 1.034, 12: 1.001, 13: 3.047, 14: 0.11, 15: 0.12, 16: 0.1,
          17: 0.33, 18: 1.02, 19: 1.04, 20: 1.01, 21: 3.07, 22: 0.98, 23: 0.97, 24: 0.99,
          25: 0.982, 26: 50.01, 28: 1234.56, 29: 3.25, 30: 55.5, 31: 1.1, 32: 3.3, 34: 1,
          35: 40, 36: 25.1, 37: 25.2, 38: 25.3, 39: 25.4, 40: 0.01, 41: 5}


def upload(i, at_ms):
    points = dict(VALUES)
    points[1] = round(220 + i % 100 * 0.1, 1)
    points[27] = -50 - i % 60
    return {"data": [{"tp": at_ms, "point":
                      [{"id": 0, "val": "2024%08d" % i}]
                      + [{"id": n, "val": points[n]} for n in sorted(points)]}]}


def line(i, turn):
    return json.dumps(upload(i, BEGIN_MS + turn * 20000), separators=(",", ":")) + "\n"


def main():
    count = int(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    out = sys.stdout
    for turn in range(rounds):
        for i in range(first, first + count):
            out.write(line(i, turn))


if __name__ == "__main__":
    main()
