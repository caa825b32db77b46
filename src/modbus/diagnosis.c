#include "diagnosis.h"

#include <stdio.h>
#include <string.h>

#include "port_owner.h"

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

const char *diagnosis_exception_name(uint8_t code)
{
	return code < KNOWN && exceptions[code].name ? exceptions[code].name : "unknown exception";
}

static void name_registers(const struct request *q, char *buf, size_t size)
{
	if (q->count == 1)
		snprintf(buf, size, "register 0x%04X", q->addr);
	else
		snprintf(buf, size, "registers 0x%04X-0x%04X", q->addr,
			 (unsigned)q->addr + q->count - 1);
}

int diagnosis_deaf(const struct request *q, struct err *e)
{
	char where[32];

	name_registers(q, where, sizeof(where));
	return err_set(e, ERR_SILENT, "no reply from unit %u for %s, while others are answered (this meter may not have it)",
		       q->unit, where);
}

int diagnosis_one_register(const struct request *q, struct err *e)
{
	return err_set(e, ERR_REFUSED, "unit %u writes one register at a time, by function 06: registers 0x%04X-0x%04X cannot be written together",
		       q->unit, q->addr, (unsigned)q->addr + q->count - 1);
}

int diagnosis_exception(const struct request *q, uint8_t code, struct err *e)
{
	const char *meaning = code < KNOWN ? exceptions[code].meaning : NULL;
	bool writes = request_writes(q);
	char where[32];

	name_registers(q, where, sizeof(where));
	if (writes && code < KNOWN && exceptions[code].of_write)
		meaning = exceptions[code].of_write;
	return err_set(e, ERR_REFUSED, "unit %u refused %s%s: exception %02u, %s%s%s%s",
		       q->unit, writes ? "a write to " : "", where, code, diagnosis_exception_name(code),
		       meaning ? " (" : "", meaning ? meaning : "", meaning ? ")" : "");
}

void diagnosis_where(const struct target *t, char *buf, size_t size)
{
	char speed[24];

	if (target_is_serial(t) || target_is_simulated(t))
		snprintf(buf, size, "'%.120s' (%s)", t->path,
			 target_line(t, speed, sizeof(speed)));
	else
		snprintf(buf, size, "'%.120s' port %d", t->host, t->port);
}

/* What else to check where the driver of a port may not be turned round. */
static const char *const turn_hints[] = {
	[RS485_ADAPTER] = "an on-board RS485 port may need rs485=kernel or rs485=rts",
	[RS485_KERNEL] = "this port may need rs485=rts instead",
	[RS485_RTS] = "this port may need rs485=rts-inverted instead",
	[RS485_RTS_INVERTED] = "this port may need rs485=rts instead",
};
/* The target T is when its bytes are framed the other way: RTU over TCP for Modbus TCP,
 * and the reverse. */
static const char *other_way(const struct target *t, char *buf, size_t size)
{
	struct target other = *t;

	other.scheme = target_other_frames(t);
	return target_format(&other, 0, buf, size);
}

/* What came instead of a reply shows what is wrong on the other side. False: it does not. */
static bool clued(const struct target *t, const struct trouble *b, const char *where, struct err *e)
{
	bool network = target_is_network(t) && !target_is_datagram(t);
	char other[160];

	/* noise of a line may begin like it */
	if (network && b->clues[CLUE_TELNET])
		err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: telnet on the connection, which doubles each FF (set the serial server to raw TCP mode instead of telnet or RFC 2217)",
			t->unit, where);
	else if (target_frames_tcp(t) && b->clues[CLUE_RTU])
		err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: RTU frames, not Modbus TCP (use %s)",
			t->unit, where, other_way(t, other, sizeof(other)));
	else if (target_is_network(t) && b->clues[CLUE_MBAP])
		err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: Modbus TCP frames, not RTU (use %s)",
			t->unit, where, other_way(t, other, sizeof(other)));
	else if (b->clues[CLUE_RENUMBERED] && b->clues[CLUE_RENUMBERED] >= b->tries)
		err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: every reply has another transaction number than its request (the gateway counts on its own: use its RTU over TCP mode with rtutcp:, or other firmware)",
			t->unit, where);
	else
		return false;
	return true;
}

static int silent(const struct target *t, const struct trouble *b,
		  const char *where, struct err *e)
{
	const char *s = b->tries == 1 ? "try" : "tries";
	char other[160];

	if (b->echo && target_is_serial(t))
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s, only the echo of our own request: the adapter echoes and the meter is silent (check its power, wires A and B, unit address, baud rate; %s)",
			       t->unit, where, b->tries, s, turn_hints[t->rs485]);
	if (b->echo)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s, only the echo of our own request: the adapter echoes and the meter is silent (check its power, wires A and B, address, speed)",
			       t->unit, where, b->tries, s);
	if (target_is_datagram(t))
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (UDP has no connection: check host and port, that the gateway is set to UDP and to this framing, the unit address, and the gateway's wiring, baud rate and parity)",
			       t->unit, where, b->tries, s);
	if (b->late)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s, only late replies to earlier requests (wait longer with -t MS)",
			       t->unit, where, b->tries, s);
	if (target_is_serial(t) && t->rs485)
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (check the meter's power, wires A and B (try them swapped), unit address, speed and parity; %s)",
			       t->unit, where, b->tries, s, turn_hints[t->rs485]);
	if (target_is_serial(t))
		return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (check the meter's power, wires A and B (try them swapped), unit address, speed and parity)",
			       t->unit, where, b->tries, s);
	if (target_is_broker(t))
		return err_set(e, ERR_SILENT, "no reply from unit %d through %s in %u %s (the broker is connected; is the gateway of '%s' online, on these topics and in this coding? then unit address, and its wiring, speed and parity)",
			       t->unit, where, b->tries, s, t->mqtt.sn);
	return err_set(e, ERR_SILENT, "no reply from unit %d at %s in %u %s (the connection stands; check the unit address, and the gateway's wiring, speed and parity; %s needs %s)",
		       t->unit, where, b->tries, s, target_frames_tcp(t)
		       ? "a serial server that passes RTU frames on" : "a Modbus TCP gateway",
		       other_way(t, other, sizeof(other)));
}

static int describe_trouble(const struct target *t, const struct trouble *b, struct err *e)
{
	const char *note = b->note ? b->note : "";
	char where[160];

	diagnosis_where(t, where, sizeof(where));
	if (clued(t, b, where, e))
		return -1;
	if (target_frames_tcp(t) && (b->corrupt || b->foreign || b->noise))
		return err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: %s (check that a %s gateway listens there, and the unit address)",
			       t->unit, where, note, target_is_datagram(t) ? "Modbus UDP" : "Modbus TCP");
	if (b->corrupt)
		return err_set(e, ERR_FOREIGN, "damaged reply from unit %d at %s: %s in %u of %u tries (check termination and cable shield, a second master on the line, speed and parity)",
			       t->unit, where, note, b->corrupt, b->tries);
	if (b->foreign && b->master && target_is_broker(t))
		return err_set(e, ERR_FOREIGN, "no reply from unit %d through %s, but a request to unit %u: another master uses this tunnel (stop that program, or repeat)",
			       t->unit, where, b->unit);
	if (b->foreign && b->master)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, but a request to unit %u: another master is on the line (disconnect it)",
			       t->unit, where, b->unit);
	if (b->foreign && b->unit != t->unit)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, but one from unit %u (check the unit address; is another master asking?)",
			       t->unit, where, b->unit);
	if (b->foreign)
		return err_set(e, ERR_FOREIGN, "no valid reply from unit %d at %s: %s (is another master asking the same meter?)",
			       t->unit, where, note);
	if (b->noise >= TROUBLE_NOISE && target_is_broker(t))
		return err_set(e, ERR_FOREIGN, "no reply from unit %d through %s, only bytes that are no frame (is the gateway's coding another: coding=binary or hex? then its wiring, speed and parity)",
			       t->unit, where);
	if (b->noise >= TROUBLE_NOISE)
		return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s, only bytes that are no frame (check speed and parity; then noise, termination, a second master)",
			       t->unit, where);
	return silent(t, b, where, e);
}

bool exception_busy(uint8_t code)
{
	return code == EXCEPTION_ACKNOWLEDGE || code == EXCEPTION_BUSY;
}

bool exception_unheard(uint8_t code)
{
	return code == EXCEPTION_PATH || code == EXCEPTION_UNHEARD;
}

int diagnosis_unheard(const struct target *t, const struct request *q, uint8_t code, struct err *e)
{
	char where[160];

	diagnosis_where(t, where, sizeof(where));
	return err_set(e, ERR_SILENT, "no reply from unit %u behind %s: exception %02u, %s (the gateway answers, the meter behind it does not: check its power, wires A and B, unit address, the gateway's baud rate and parity)",
		       q->unit, where, code, diagnosis_exception_name(code));
}

int diagnosis_shared(const struct target *t, const struct heard *h, struct err *e)
{
	char where[160], heard[200];

	diagnosis_where(t, where, sizeof(where));
	heard_text(h, heard, sizeof(heard));
	if (target_is_broker(t))
		return err_set(e, ERR_FOREIGN, "no reply from unit %d through %s that is surely its own: another master uses this tunnel%s%s (stop that program, or repeat)",
			       t->unit, where, heard[0] ? ", heard: " : "", heard);
	return err_set(e, ERR_FOREIGN, "no reply from unit %d at %s that is surely its own: another master is on this line%s%s (disconnect it, or repeat)",
		       t->unit, where, heard[0] ? ", heard: " : "", heard);
}

/* Cuts the advice, which is the last thing in parentheses. */
static void cut_advice(char *text)
{
	size_t n = strlen(text);
	int depth = 0;

	if (n == 0 || text[n - 1] != ')')
		return;
	while (n > 0) {
		n--;
		depth += (text[n] == ')') - (text[n] == '(');
		if (depth == 0)
			break;
	}
	if (n > 0)
		text[n - 1] = '\0';
}

int diagnosis_trouble(const struct target *t, const struct trouble *b, struct err *e)
{
	char who[128];
	struct err why;

	describe_trouble(t, b, &why);
	if (!target_is_serial(t) || !port_shared(t->path, who, sizeof(who))) {
		if (e)
			*e = why;
		return -1;
	}
	/* of all causes the one that is seen */
	cut_advice(why.text);
	return err_set(e, why.code, "%s: %s has the port open, too, and takes replies away (end that program first)",
		       why.text, who);
}

int diagnosis_gone(const struct target *t, struct err *e)
{
	char other[160];

	if (target_is_serial(t))
		return err_set(e, ERR_SILENT, "adapter is gone: '%s' was unplugged or its driver failed (plug it in again; reading resumes by itself)",
			       t->path);
	if (target_is_broker(t))
		return err_set(e, ERR_SILENT, "connection to the broker at '%s' port %d was lost (it is tried again)",
			       t->host, t->port);
	if (target_is_network(t) && !target_is_datagram(t) && !target_frames_tcp(t))
		return err_set(e, ERR_SILENT, "connection to '%s' port %d was closed by the other side (a serial server may allow one client only; a Modbus TCP gateway needs %s)",
			       t->host, t->port, other_way(t, other, sizeof(other)));
	return err_set(e, ERR_SILENT, "connection to '%s' port %d was closed by the other side (a gateway may allow one client only)",
		       t->host, t->port);
}
