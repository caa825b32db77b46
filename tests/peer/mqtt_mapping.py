"""Devices that publish plain JSON, by other hands: the forms are those of their documentation.

  mqtt_mapping.py PORT NAME [ROUNDS [APART [retain]]]

Publishes the messages of device NAME (below), ROUNDS times (1), APART seconds apart, each
round with the time of it; the broker keeps the last of each topic with `retain`. Ends when
the broker has them all.
"""

import json
import sys
import time
from datetime import datetime, timezone

import paho.mqtt.client as mqtt

port, name = int(sys.argv[1]), sys.argv[2]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1
kept = len(sys.argv) > 5
apart = float(sys.argv[4]) if len(sys.argv) > 4 else 0


def iso(at):
    return datetime.fromtimestamp(at, timezone.utc).isoformat()


def shelly(at):
    sn = "shellypro3em-0123456789ab"
    em = {"id": 0, "n_current": None, "total_current": 11.083, "total_act_power": 715.5, "total_aprt_power": 2619.9,
          "user_calibrated_phase": []}
    for phase, (u, i, p) in {"a": (236.1, 4.029, 951.2), "b": (236.2, 4.027, -951.1), "c": (236.4, 3.03, 715.4)}.items():
        em |= {f"{phase}_voltage": u, f"{phase}_current": i, f"{phase}_act_power": p, f"{phase}_aprt_power": u * i,
               f"{phase}_pf": 1.0, f"{phase}_freq": 50.0}
    data = {"id": 0, "total_act": 65000.75, "total_act_ret": 19.75}
    return [(sn + "/status/em:0", em), (sn + "/status/emdata:0", data), (sn + "/status/sys", {"mac": "0123456789AB"})]


def tasmota(at):
    energy = {"TotalStartTime": "2026-01-02T08:00:00", "Total": 1.31, "Yesterday": 0.2, "Today": 0.031, "Period": 3,
              "Power": 34, "ApparentPower": 40, "ReactivePower": 21, "Factor": 0.85, "Voltage": 236, "Current": 0.17}
    return [("tele/tasmota_A1B2C3/SENSOR", {"Time": iso(at), "ENERGY": energy}),
            ("tele/tasmota_A1B2C3/STATE", {"Time": iso(at), "POWER": "ON"})]


def zigbee(at):
    return [("zigbee2mqtt/0x00158d0001dc126a",
             {"state": "ON", "power": 34.5, "voltage": 231, "current": 0.17, "energy": 12.34, "linkquality": 120,
              "last_seen": round(at * 1000)})]


def decoded(at):
    return {"Ua": 230.5, "Ia": 1.25, "P": 0.25, "PF": 0.87}


def chirpstack(at):
    return [("application/4b3e1b8a-0d0c-4b68-9cf7-6a3f5f4c1c11/device/0102030405060708/event/up",
             {"deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "time": iso(at),
              "deviceInfo": {"deviceName": "meter", "devEui": "0102030405060708"}, "fPort": 2, "data": "qg==",
              "object": decoded(at), "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -48, "snr": 9}]})]


def things_stack(at):
    return [("v3/site@tenant/devices/meter-1/up",
             {"end_device_ids": {"device_id": "meter-1", "application_ids": {"application_id": "site"},
                                 "dev_eui": "0102030405060708"},
              "received_at": iso(at), "uplink_message": {"f_port": 2, "decoded_payload": decoded(at)}})]


def plant(at):
    return [("plant/hall2/meter", {"id": "M17", "ts": int(at), "u": [2301, 2298, 2312], "p": -450})]


def lamp(at):
    return [("zigbee2mqtt/lamp", {"state": "ON", "brightness": 215}), ("zigbee2mqtt/door", {"contact": True, "voltage": 3005})]


def hostile(at):
    return [("h1/status/em:0", '{"total_act_power":1,"total_act_power":2}'), ("h2/status/em:0", '{"total_act_power":NaN}'),
            ("h3/status/em:0", '{"total_act_power":' + "[" * 100 + "]" * 100 + "}"), ("h4/status/em:0", b"\xff\xfe"),
            ("a b/status/em:0", {"total_act_power": 1}),
            ("hostile/status/em:0", {"total_act_power": 10, "a_voltage": 23610, "b_voltage": "230", "c_voltage": 230.0})]


devices = {"shelly-gen2": shelly, "tasmota": tasmota, "zigbee2mqtt": zigbee, "chirpstack": chirpstack,
           "things-stack": things_stack, "plant": plant, "plant-late": lambda at: plant(at - 3600), "lamp": lamp,
           "hostile": hostile}

client = mqtt.Client()
client.connect("127.0.0.1", port)
client.loop_start()
for number in range(rounds):
    if number:
        time.sleep(apart)       # the interval of the device, of which nothing here depends
    for topic, payload in devices[name](time.time()):
        text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        client.publish(topic, text, qos=1, retain=kept).wait_for_publish(60)
client.disconnect()
client.loop_stop()
