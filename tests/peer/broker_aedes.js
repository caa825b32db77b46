// A broker by npm aedes, which speaks MQTT 3.1.1.
//
//   broker_aedes.js NODE_MODULES
//
// A free port on 127.0.0.1; prints "ready PORT". Users have the password "right";
// "secret/..." may not be subscribed to.
"use strict";

const net = require("net");
const path = require("path");
const aedes = require(path.join(process.argv[2], "aedes"))();

aedes.authenticate = (client, user, password, done) => {
	if (!user || String(password) === "right")
		done(null, true);
	else
		done(Object.assign(new Error("no"), { returnCode: 4 }), false);
};
aedes.authorizeSubscribe = (client, sub, done) =>
	done(null, sub.topic.startsWith("secret/") ? null : sub);

const server = net.createServer(aedes.handle);
server.listen(0, "127.0.0.1", () => console.log("ready " + server.address().port));
