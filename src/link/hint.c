#include "hint.h"

#include <stdio.h>

/* Modbus Application Protocol V1.1b3, section 7, and what it means here. */
static const struct {
	const char *name, *meaning;
	const char *of_write;	/* NULL: the same */
} exceptions[] = {
	[1] = { "illegal function", "the meter does not know this function", NULL },
	[2] = { "illegal data address", "the meter has no such register",
		"the meter has no such register, or it cannot be written" },
	[3] = { "illegal data value", "the meter does not give that many registers at once",
		"the meter does not take this value, or not that many registers at once" },
	[4] = { "device failure", "the meter could not do it", NULL },
	[5] = { "acknowledge", "the meter is still working on it", NULL },
	[6] = { "device busy", "try again later", NULL },
	[7] = { "negative acknowledge", "the meter will not do it", NULL },
	[8] = { "memory parity error", "the meter's memory is damaged", NULL },
	[10] = { "gateway path unavailable", "check the gateway's settings", NULL },
	[11] = { "gateway target did not respond",
		 "check address, wiring and power behind the gateway", NULL },
};

#define KNOWN (sizeof(exceptions) / sizeof(exceptions[0]))

const char *hint_exception_name(uint8_t code)
{
	return code < KNOWN && exceptions[code].name ? exceptions[code].name : "unknown exception";
}

int hint_exception(const struct request *q, uint8_t code, struct err *e)
{
	const char *meaning = code < KNOWN ? exceptions[code].meaning : NULL;
	bool writes = request_writes(q);
	char where[32];

	if (writes && code < KNOWN && exceptions[code].of_write)
		meaning = exceptions[code].of_write;
	if (q->count == 1)
		snprintf(where, sizeof(where), "register 0x%04X", q->addr);
	else
		snprintf(where, sizeof(where), "registers 0x%04X-0x%04X", q->addr,
			 (unsigned)q->addr + q->count - 1);
	return err_set(e, ERR_REFUSED, "unit %u refused %s%s: exception %02u, %s%s%s%s",
		       q->unit, writes ? "a write to " : "", where, code, hint_exception_name(code),
		       meaning ? " (" : "", meaning ? meaning : "", meaning ? ")" : "");
}

/* "/dev/ttyUSB0 (9600 8N1)", "'host' port 502" */
static void name_line(const struct target *t, char *buf, size_t size)
{
	char speed[24];

	if (t->scheme == SCHEME_RTU || t->scheme == SCHEME_SIM)
		snprintf(buf, size, "'%.120s' (%s)", t->path,
			 target_line(t, speed, sizeof(speed)));
	else
		snprintf(buf, size, "'%.120s' port %d", t->host, t->port);
}

static int silent(const struct target *t, const struct trouble *b,
		  const char *where, struct err *e)
{
	const char *s = b->tries == 1 ? "try" : "tries";

	if (b->echo)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s, only the echo of our own request: the adapter echoes and the meter is silent (check its power, wires A and B, address, speed)",
			       t->unit, where, b->tries, s);
	if (b->late)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s, only late replies to earlier requests (wait longer with -t MS)",
			       t->unit, where, b->tries, s);
	if (t->scheme == SCHEME_RTU)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (check the meter's power, wires A and B (try them swapped), unit address, speed and parity)",
			       t->unit, where, b->tries, s);
	if (t->scheme == SCHEME_MQTT)
		return err_set(e, ERR_SILENT, "no reply from unit %d through %s in %u %s (the broker is connected; is the gateway of '%s' online, on these topics and in this coding? then unit address, and its wiring, speed and parity)",
			       t->unit, where, b->tries, s, t->mqtt.sn);
	return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (the connection stands; check the unit address, and the gateway's wiring, speed and parity)",
		       t->unit, where, b->tries, s);
}

int hint_trouble(const struct target *t, const struct trouble *b, struct err *e)
{
	const char *note = b->note ? b->note : "";
	char where[160];

	name_line(t, where, sizeof(where));
	if (t->scheme == SCHEME_TCP && (b->corrupt || b->foreign || b->noise))
		return err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: %s (check that a Modbus TCP gateway listens there, and the unit address)",
			       t->unit, where, note);
	if (b->corrupt)
		return err_set(e, ERR_FOREIGN, "damaged reply from unit %d at %s: %s in %u of %u tries (check termination and cable shield, a second master on the line, speed and parity)",
			       t->unit, where, note, b->corrupt, b->tries);
	if (b->foreign && b->master)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, but a request to unit %u: another master is on the line (disconnect it)",
			       t->unit, where, b->unit);
	if (b->foreign && b->unit != t->unit)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, but one from unit %u (check the unit address; is another master asking?)",
			       t->unit, where, b->unit);
	if (b->foreign)
		return err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: %s (is another master asking the same meter?)",
			       t->unit, where, note);
	if (b->noise >= TROUBLE_NOISE && t->scheme == SCHEME_MQTT)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d through %s, only bytes that are no frame (is the gateway's coding another: coding=binary or hex? then its wiring, speed and parity)",
			       t->unit, where);
	if (b->noise >= TROUBLE_NOISE)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, only bytes that are no frame (check speed and parity; then noise, termination, a second master)",
			       t->unit, where);
	return silent(t, b, where, e);
}

int hint_gone(const struct target *t, struct err *e)
{
	if (t->scheme == SCHEME_RTU)
		return err_set(e, ERR_SILENT, "adapter is gone: '%s' was unplugged or its driver failed (plug it in again; reading resumes by itself)",
			       t->path);
	if (t->scheme == SCHEME_MQTT)
		return err_set(e, ERR_SILENT, "connection to the broker at '%s' port %d was lost (it is tried again)",
			       t->host, t->port);
	return err_set(e, ERR_SILENT, "connection to '%s' port %d was closed by the other side (a gateway may allow one client only)",
		       t->host, t->port);
}
