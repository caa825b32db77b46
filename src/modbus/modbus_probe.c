/*
 * modbus_probe.c - asks a meter for what it may not have, to find out which it is. Not having it is no
 * failure of the line, and leaves the next request its full number of tries.
 */
#include <string.h>

#include "exchange.h"
#include "modbus_own.h"

#define PROBE_WAIT_US 150000	/* at least: what stands between may hand over a reply when it is whole */

/* No reply: the meter is there, and the line. */
static int probe_forgive(struct modbus_link *m, const struct err *why, struct err *e)
{
	if (why->code != ERR_SILENT || m->line.fd < 0) {
		if (e)
			*e = *why;
		return -1;
	}
	m->line.failures = 0;
	m->line.next_try_us = 0;
	return 0;
}

static int probe_registers(struct modbus_link *m, const struct request *q, uint8_t *buf, size_t *n, struct err *e)
{
	struct err why = { 0 };
	struct answer a;
	int rc;

	m->line.brisk = m->line.stats.replies > 0;
	rc = modbus_ask(m, q, NULL, 0, &a, &why);
	m->line.brisk = false;
	if (rc < 0)
		return probe_forgive(m, &why, e);
	for (size_t i = 0; !a.refused && i < q->count; i++) {
		buf[2 * i] = (uint8_t)(a.regs[i] >> 8);
		buf[2 * i + 1] = (uint8_t)a.regs[i];
	}
	*n = a.refused ? 0 : 2U * q->count;
	return 0;
}

/* A reply whose length nobody knows before. */
static int probe_report(struct modbus_link *m, const struct request *q, uint8_t *buf, size_t *n, struct err *e)
{
	int64_t wait_us = 4 * pace_slowest_us(&m->line.pace) + 2 * LINK_PROBE * exchange_char_us(&m->line);
	struct sighting seen = { 0 };
	uint8_t got[FRAME_BUFFER];
	size_t ngot = 0;

	if (m->line.fd < 0 || line_pause(&m->line, m->base.target.pause_ms * 1000LL, e))
		return m->line.fd < 0 ? 0 : -1;
	if (exchange_gather(&m->line, q, wait_us > PROBE_WAIT_US ? wait_us : PROBE_WAIT_US, true, got, sizeof(got), &ngot, NULL)
	    == OUTCOME_LOST)
		return diagnosis_gone(&m->line.target, e);
	exchange_sight(&m->line, q, got, ngot, &seen);
	exchange_show(&m->line, q, &(struct frame){ .kind = seen.replies ? FRAME_ANSWER : FRAME_CORRUPT, .len = ngot,
						    .note = "no reply to the request" }, got, ngot);
	if (!seen.replies || seen.refused)
		return 0;
	*n = seen.ndata < LINK_PROBE ? seen.ndata : LINK_PROBE;
	memcpy(buf, seen.data, *n);
	return 0;
}

int modbus_probe(struct link *l, uint8_t function, uint16_t addr, uint16_t count, uint8_t *buf, size_t *n,
		 struct err *e)
{
	struct modbus_link *m = (struct modbus_link *)l;
	struct request q = {
		.unit = (uint8_t)m->line.target.unit, .function = function, .addr = addr, .count = count,
	};

	*n = 0;
	if (function == FUNCTION_REPORT || function == FUNCTION_DEVICE)
		return probe_report(m, &q, buf, n, e);
	return probe_registers(m, &q, buf, n, e);
}
