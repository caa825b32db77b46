"""What mosquitto_sub wrote down: see heard.bash."""

import json
import os
import statistics
from collections import namedtuple

Heard = namedtuple("Heard", "at retained qos topic payload")

# The item numbers of json-v2, from the public guide.
ITEMS = """voltage.a voltage.b voltage.c voltage.ab voltage.bc voltage.ca current.a current.b
current.c power.active.a power.active.b power.active.c power.active.total power.reactive.a
power.reactive.b power.reactive.c power.reactive.total power.apparent.a power.apparent.b
power.apparent.c power.apparent.total pf.a pf.b pf.c pf.total frequency signal.strength
energy.active.import.total energy.active.export.total energy.reactive.import.total
energy.reactive.export.total demand.active.import.present""".split()
KEYS = dict(enumerate(ITEMS, 1))
KEYS.update({34: "ratio.pt", 35: "ratio.ct", 36: "temperature.a", 37: "temperature.b",
             38: "temperature.c", 39: "temperature.n", 41: "di.status"})


def heard(name):
    out = []
    for line in open(os.environ["TMP"] + "/" + name + ".heard"):
        at, retained, qos, topic, payload = line.rstrip("\n").split(" ")
        if topic.startswith("ready/"):
            continue
        out.append(Heard(float(at), retained == "1", int(qos), topic, bytes.fromhex(payload)))
    return out


def good(m):
    try:
        return json.loads(m.payload)
    except ValueError:
        return None


def points(m):
    """The values of a json-v2 upload by item, or None."""
    doc = good(m)
    if not isinstance(doc, dict) or "data" not in doc:
        return None
    (one,) = doc["data"]
    return {p["id"]: p["val"] for p in one["point"]}


def stamp(m):
    return good(m)["data"][0]["tp"] / 1000


def uploads(name, sn):
    """The json-v2 uploads of one meter."""
    return [m for m in heard(name) if (points(m) or {}).get(0) == sn]


def frames(name, sn, cmd):
    """The acrelhw frames of one meter, as documents."""
    return [good(m) for m in heard(name) if m.topic == "/gw/acrelHW/null/%s/%s" % (cmd, sn)]


def gaps(messages):
    return [b.at - a.at for a, b in zip(messages, messages[1:])]


def pace(messages):
    """How far apart they are, as a rule: one that is late on a busy machine is late, and
    the next one soon behind it."""
    return statistics.median(gaps(messages))
