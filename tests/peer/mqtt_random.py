#!/usr/bin/env python3
"""Random uploads of meters that nobody here wrote, and what is true of each.

mqtt_random.py send PORT SEED COUNT FOLDER   publishes COUNT of them, a third of what a meter can
                                             get wrong in each: when, whose, what; writes
                                             FOLDER/truth, a JSON object a line
mqtt_random.py retain PORT SEED COUNT FOLDER the same, kept by the broker: nobody listens yet
mqtt_random.py check FOLDER SEED < READINGS  holds `watch -f jsonl` against what is true
mqtt_random.py proofs SEED COUNT             a line for each: serial number, topic=, and whether its
                                             uploads prove it (yes, no)
mqtt_random.py prove PORT SEED COUNT         publishes two uploads of each of those

Every upload has a voltage that no other has, so that a reading tells which upload it is of.
"""
import json
import random
import sys
import time

import paho.mqtt.client as mqtt

OLD_S = (600, 30 * 86400)   # so long ago was measured what is late
LAST = "20990000000000"     # comes last, and is in order


class Uploads:
    def __init__(self, seed, first):
        self.random, self.n = random.Random(seed), first
        self.said = []      # (topic, payload)
        self.truth = []

    def volts(self):
        self.n += 1
        return round(150 + self.n * 0.1, 1)

    def stamp(self, kind):
        """Seconds since 1970 that the meter says; None: it says nothing."""
        if kind == "none":
            return None
        off = {"now": self.random.uniform(-20, 5), "skewed": self.random.uniform(-100, 100),
               "ahead": self.random.uniform(200, 86400), "old": -self.random.uniform(*OLD_S)}[kind]
        return time.time() + off

    def loads(self):
        """Volts, amperes, kW of three inputs."""
        u = [self.volts(), 230.0, 231.0]
        i = [round(self.random.uniform(0.2, 6), 2) for _ in u]
        return u, i, [round(u[k] * i[k] * self.random.uniform(0.6, 1) / 1000, 4) for k in range(3)]

    def one(self, old=None, sn=None):
        r = self.random
        when = "old" if old else r.choice(("now", "now", "skewed", "ahead", "old", "none"))
        t = {"sn": sn or "2099%010d" % r.randrange(10 ** 9, 10 ** 10), "old": when == "old", "when": when}
        {"json": self.json_v2, "hw": self.acrelhw, "shadow": self.shadow}[r.choice(("json", "json", "hw", "hw", "shadow"))](
            t, self.stamp(when))
        self.truth.append(t)

    def put(self, topic, message):
        self.said.append((topic, json.dumps(message)))

    def json_v2(self, t, stamp):
        r = self.random
        (u, i, p), device = self.loads(), r.choice(("meter",) * 6 + ("gateway", "adl400", "ADW300-4G"))
        whose = r.choice(("payload",) * 5 + ("none", "two"))
        factor = r.choice((1, 1, 1, 1000))      # watts where kilowatts belong
        point = [{"id": 0, "val": t["sn"]}] if whose != "none" else []
        if whose == "two":
            point.append({"id": 0, "val": "1" + t["sn"][1:]})
        point += [{"id": 1 + k, "val": v} for k, v in enumerate(u)] + [{"id": 7 + k, "val": v} for k, v in enumerate(i)]
        point += [{"id": 13, "val": round(sum(p) * factor, 4)}]
        if r.random() < 0.1:
            point.append({"id": 26, "val": r.choice((500, 5, 1e6))})
        t.update(dialect="json-v2", u=u[0], kw=round(sum(p), 4), whose=whose,
                 known=device in ("meter", "ADW300-4G") and whose == "payload", frequency=False)
        t["must"] = t["known"] and t["when"] in ("now", "skewed")
        t["must_kw"] = t["must"] and factor == 1
        element = {"point": point}
        if stamp is not None:
            element["tp"] = int(stamp * 1000)
        self.put("platform/acrel/%s/json-v2/analog/%04d" % (device, self.n), {"data": [element]})

    def acrelhw(self, t, stamp):
        r = self.random
        u, i, p = self.loads()
        unit, ct, beside = r.choice(("W", "kW")), r.random() < 0.3, r.choice(("all", "all", "one", "none"))
        m = {"type": "data", "gwSN": t["sn"], "meterStatus": "normal", "ch": 0, "wh": self.n, "ua": u[0]}
        if beside == "all":
            m.update(ub=u[1], uc=u[2], ia=i[0], ib=i[1], ic=i[2])
        elif beside == "one":
            m.update(ia=i[0])
        if ct:
            m.update(ct=r.randrange(1, 400), pt=1)
            unit = "kW"
        m["p"] = round(sum(p) * (1000 if unit == "W" else 1), 4)
        if stamp is not None:
            m["time"] = time.strftime("%Y%m%d%H%M%S", time.localtime(stamp))
        t.update(dialect="acrelhw", u=u[0], kw=round(sum(p), 4), whose="payload", known=True)
        t["must"] = t["when"] in ("now", "skewed")
        t["must_kw"] = t["must"] and (ct or beside == "all")
        self.put("/gw/acrelHW/null/data/" + t["sn"], m)

    def shadow(self, t, stamp):
        r = self.random
        (u, i, p), whose = self.loads(), r.choice(("payload", "payload", "topic", "two"))
        source = r.choice(("REALTIME",) * 4 + ("HISTORY",))
        m = {"method": "report", "reported": {"source": source, "meters": [
            {"addr": "x", "state": "ONLINE", "Ua": u[0], "Ub": u[1], "Uc": u[2], "Ia": i[0], "Ib": i[1], "Ic": i[2],
             "P": round(sum(p), 4)}]}, "msgid": self.n}
        if whose != "topic":
            m["sn"] = t["sn"] if whose == "payload" else "1" + t["sn"][1:]
        if stamp is not None:
            m["timestamp"] = int(stamp)
        t["old"] = t["old"] or source == "HISTORY"
        t.update(dialect="shadow", u=u[0], kw=round(sum(p), 4), whose=whose, known=whose != "two")
        t["must"] = t["known"] and t["when"] in ("now", "skewed") and not t["old"]
        t["must_kw"] = t["must"]
        self.put("data/up/key/" + t["sn"], m)

    def backlog(self):
        """A meter that comes back: what it has kept, at once, then one of now; its clock is right."""
        sn, n = "2099%010d" % self.random.randrange(10 ** 9, 10 ** 10), self.random.randrange(2, 6)
        begin = time.time() - self.random.uniform(7200, 86400)
        for k in range(n + 1):
            u, stamp = self.volts(), begin + 300 * k if k < n else time.time()
            self.truth.append({"sn": sn, "old": k < n, "when": "backlog", "dialect": "json-v2", "u": u, "kw": None,
                               "whose": "payload", "known": True, "must": k == n, "must_kw": False})
            self.put("platform/acrel/meter/json-v2/analog/0000", {"data": [{"tp": int(stamp * 1000), "point": [
                {"id": 0, "val": sn}, {"id": 1, "val": u}]}]})


def publish(port, said, retain):
    client = mqtt.Client()
    client.connect("127.0.0.1", port)
    client.max_inflight_messages_set(100)
    client.loop_start()
    infos = [client.publish(topic, payload, qos=1, retain=retain) for topic, payload in said]
    for info in infos:
        info.wait_for_publish()
    client.disconnect()
    client.loop_stop()


def send(port, seed, count, folder, retain):
    # voltages of those that are kept stand before the others'
    up = Uploads(seed + (1 if retain else 0), 0 if retain else 200)
    while len(up.truth) < count - (0 if retain else 1):
        if not retain and up.random.random() < 0.05:
            up.backlog()
        else:
            up.one()
    if retain:
        for t in up.truth:      # it says nothing of now, whatever its time
            t.update(old=True, must=False, must_kw=False)
    else:
        up.one(sn=LAST)
        up.truth[-1].update(must=False, must_kw=False)
        up.said[-1] = ("platform/acrel/meter/json-v2/analog/0000", json.dumps({"data": [
            {"tp": int(time.time() * 1000), "point": [{"id": 0, "val": LAST}, {"id": 1, "val": up.truth[-1]["u"]}]}]}))
        up.truth[-1].update(old=False, known=True)
    with open(folder + "/truth", "a") as f:
        f.writelines(json.dumps(t) + "\n" for t in up.truth)
    publish(port, up.said, retain)


def complain(what, count, rows):
    print("%s %d - %s" % ("ok" if not rows else "not ok", count, what))
    for row in rows[:3]:
        print("# %s" % (row,))
    return count + 1


def check(folder, seed):
    truth = [json.loads(line) for line in open(folder + "/truth")]
    rows = [r for r in map(json.loads, sys.stdin) if "key" in r]
    of = {}
    for t in truth:
        of.setdefault(t["sn"], []).append(t)
    good = [r for r in rows if r["quality"] == "ok"]
    volts = [r for r in good if r["key"] == "voltage.a"]
    powers = [r for r in good if r["key"] == "power.active.total"]
    late, nobody, guessed, unknown = [], [], [], []
    for r in good:
        those = [t for t in of.get(r["id"], []) if t["known"]]
        if not those:
            nobody.append(r)
        elif all(t["old"] for t in those):
            late.append(r)
    for r in volts:
        t = [t for t in of.get(r["id"], []) if t["u"] == r["value"]]
        if not t:
            nobody.append(r)
        elif t[0]["old"]:
            late.append(r)
    for r in powers:
        if not any(t["kw"] is not None and abs(t["kw"] - r["value"]) < 1e-3 for t in of.get(r["id"], [])):
            guessed.append((r, of.get(r["id"])))
    frequencies = [r for r in good if r["key"] == "frequency"]
    seen = {(r["id"], r["value"]) for r in volts}
    missing = [t for t in truth if t["must"] and (t["sn"], t["u"]) not in seen]
    seen = {r["id"] for r in powers}
    missing += [t for t in truth if t["must_kw"] and t["sn"] not in seen]
    n = complain("of %d uploads (seed %s) no late one is shown as one of now" % (len(truth), seed), 1, late)
    n = complain("no value is shown of a meter that the message does not name, or of an unknown device", n, nobody)
    n = complain("no power is shown in a unit that is guessed", n, guessed)
    n = complain("no frequency that no mains have", n, frequencies)
    n = complain("and what is in order is shown, %d of them" % sum(t["must"] for t in truth), n, missing)
    enough = [] if len(truth) >= 1000 and sum(t["must"] for t in truth) > 100 and len(powers) > 100 else [len(truth), len(powers)]
    n = complain("which is no small part", n, enough)
    print("1..%d" % (n - 1))


def proofs(seed, count):
    """Serial number, topic in the target, topic of the uploads, the number in them, seconds off, proven?"""
    r = random.Random(seed + 2)
    for k in range(count):
        sn = "2099%010d" % r.randrange(10 ** 9, 10 ** 10)
        kind = ("payload", "topic", "none", "other", "old")[k % 5] if k < 5 else r.choice(("payload", "topic", "none", "other", "old"))
        topic = "site/%d" % k
        form = topic + "/{sn}" if kind == "topic" else topic
        yield (sn, form, form.replace("{sn}", sn), {"none": None, "topic": None, "other": "1" + sn[1:]}.get(kind, sn),
               -r.uniform(*OLD_S) if kind == "old" else 0, kind in ("payload", "topic"))


def prove(port, seed, count):
    for volts in (230.1, 230.7):
        said = []
        for _, _, topic, number, off, _ in proofs(seed, count):
            point = [{"id": 1, "val": volts}] + ([{"id": 0, "val": number}] if number else [])
            said.append((topic, json.dumps({"data": [{"tp": int((time.time() + off) * 1000), "point": point}]})))
        publish(port, said, False)
        time.sleep(0.6)     # the meters' own interval: what comes faster than 0.25 s is none


if __name__ == "__main__":
    if sys.argv[1] == "proofs":
        for sn, form, _, _, _, proven in proofs(int(sys.argv[2]), int(sys.argv[3])):
            print(sn, form.replace("{", "%7B").replace("}", "%7D"), "yes" if proven else "no")
    elif sys.argv[1] == "prove":
        prove(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "check":
        check(sys.argv[2], sys.argv[3])
    else:
        send(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], sys.argv[1] == "retain")
