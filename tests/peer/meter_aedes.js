// An MQTT broker by npm aedes, and a meter by npm mqtt.
//
//   meter_aedes.js NODE_MODULES
//
// Listens on a free port of 127.0.0.1 and prints "ready PORT", then "subscribed FILTER"
// for everything somebody wants to hear. Lines on stdin, "TOPIC PAYLOAD", are published
// by a client of its own with QoS 1; each is answered by "published".
"use strict";

const net = require("net");
const path = require("path");
const readline = require("readline");
const aedes = require(path.join(process.argv[2], "aedes"))();
const mqtt = require(path.join(process.argv[2], "mqtt"));

aedes.on("subscribe", (subscriptions) => {
	for (const s of subscriptions)
		console.log("subscribed " + s.topic);
});

const server = net.createServer(aedes.handle);
server.listen(0, "127.0.0.1", () => {
	const port = server.address().port;
	const meter = mqtt.connect("mqtt://127.0.0.1:" + port, { clientId: "meter" });

	meter.on("connect", () => console.log("ready " + port));
	readline.createInterface({ input: process.stdin }).on("line", (line) => {
		const space = line.indexOf(" ");

		meter.publish(line.slice(0, space), line.slice(space + 1), { qos: 1 },
			() => console.log("published"));
	});
});
