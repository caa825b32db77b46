// A Modbus TCP slave by npm modbus-serial, holding the stored set.
//
//   slave_modbus_serial.js NODE_MODULES FILE PORT
//
// FILE has lines "ADDRESS VALUE". Unit 1 on 127.0.0.1; prints "ready". PORT 0 would be
// taken for 502, which is root's. An address that is not in the set is answered with
// exception 2.
"use strict";

const fs = require("fs");
const path = require("path");
const { ServerTCP } = require(path.join(process.argv[2], "modbus-serial"));

const words = new Map();
for (const line of fs.readFileSync(process.argv[3], "utf8").trim().split("\n")) {
	const [addr, value] = line.split(" ").map(Number);
	words.set(addr, value);
}

function holding(addr) {
	if (!words.has(addr))
		throw { modbusErrorCode: 2 };
	return words.get(addr);
}

const server = new ServerTCP({ getHoldingRegister: holding },
	{ host: "127.0.0.1", port: Number(process.argv[4]), unitID: 1 });
server.on("initialized", () => console.log("ready"));
server.on("serverError", (error) => console.error(error.message));
server.on("socketError", () => {});
