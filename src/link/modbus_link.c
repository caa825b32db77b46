#include "modbus_link.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../codec.h"
#include "../sim/sim.h"
#include "../value.h"
#include "broadcast.h"
#include "hint.h"
#include "line.h"
#include "route.h"

/* Exceptions (Modbus Application Protocol V1.1b3, section 7). */
enum { BAD_FUNCTION = 1, BAD_ADDRESS = 2, BAD_COUNT = 3, ACKNOWLEDGE = 5, BUSY = 6, NO_ANSWER = 11 };

/* A meter that is busy is given 0.1, 0.2, 0.4 and 0.8 s. */
#define BUSY_TRIES 4
#define BUSY_US 100000

struct modbus_link {
	struct link base;
	struct target given;	/* base.target as it was opened */
	struct line line;
	struct route route;
	struct sim *sim;
	bool only_06;		/* this meter has refused function 10H as unknown */
};

/* One link_read() under way. */
struct job {
	struct modbus_link *m;
	const struct profile *profile;
	link_sink *sink;
	void *arg;
	struct err *e;
	struct answer a;
};

static struct modbus_link *of(struct link *l)
{
	return (struct modbus_link *)l;
}

static bool same_line(const struct target *a, const struct target *b)
{
	return a->baud == b->baud && a->parity == b->parity && a->stop == b->stop;
}

/* OUT becomes what was opened, with the parameters of T. */
static int name_again(const struct target *given, const struct target *t,
		      struct target *out, struct err *e)
{
	*out = *given;
	if (same_line(t, given) && t->unit == given->unit)
		return 0;
	out->unit = t->unit;
	out->baud = t->baud;
	out->parity = t->parity;
	out->stop = t->stop;
	if (target_follow(out, given, e))
		return -1;
	target_format(out, 0, out->text, sizeof(out->text));
	return 0;
}

/* As line_ask(); for unit 0 of a serial line only once, and guarded. From the reply on
 * the link, and Q, are of the unit that it came from. */
static int ask(struct modbus_link *m, struct request *q, struct answer *a, struct err *e)
{
	struct request all = *q;
	struct target to;

	if (q->unit != 0 || !target_serial(&m->line.target))
		return line_ask(&m->line, q, a, e);
	/* by function 03 only: an exception has an address, too */
	if (q->function != FUNCTION_HOLDING) {
		all.function = FUNCTION_HOLDING;
		all.count = 1;
	}
	if (broadcast_read(&m->line, &all, a, e))
		return -1;
	q->unit = (uint8_t)m->line.target.unit;
	to = m->base.target;
	to.unit = m->line.target.unit;
	if (name_again(&m->given, &to, &m->base.target, e))
		return -1;
	if (q->function == FUNCTION_HOLDING)
		return 0;
	return q->unit ? line_ask(&m->line, q, a, e) : broadcast_read(&m->line, q, a, e);
}

/* As ask(), but a meter that says it is busy is asked again. */
static int ask_patiently(struct modbus_link *m, struct request *q,
			 struct answer *a, struct err *e)
{
	for (unsigned i = 0;; i++) {
		if (ask(m, q, a, e))
			return -1;
		if ((a->exception != ACKNOWLEDGE && a->exception != BUSY) || i == BUSY_TRIES)
			return 0;
		if (line_pause(&m->line, (int64_t)BUSY_US << i, e))
			return -1;
	}
}

static struct request request_for(const struct modbus_link *m, enum space space,
				  uint16_t addr, uint16_t n)
{
	return (struct request){
		.unit = (uint8_t)m->line.target.unit,
		.function = space == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING,
		.addr = addr, .count = n,
	};
}

static void deliver(struct job *j, const struct route_span *s)
{
	const struct span_want *w = &j->m->route.wants[s->span.first];

	for (size_t i = 0; i < s->span.count; i++) {
		const struct point *p = &j->profile->points[w[i].tag];
		const uint16_t *regs = &j->a.regs[p->addr - s->span.addr];
		struct reading r = {
			.quality = QUALITY_OK,
			.words = (uint8_t)(p->words < VALUE_WORDS ? p->words : VALUE_WORDS),
			.at_us = j->a.at_us, .mono_us = j->a.mono_us,
		};

		memcpy(r.raw, regs, r.words * sizeof(*regs));
		if (codec_decode(p, regs, &r.value, &r.err))
			r.quality = QUALITY_FAILED;
		j->sink(j->arg, w[i].tag, &r);
	}
}

static void deliver_refusal(struct job *j, const struct route_span *s, uint8_t code)
{
	const struct span_want *w = &j->m->route.wants[s->span.first];
	struct request q = request_for(j->m, s->space, s->span.addr, s->span.words);
	struct reading r = {
		.quality = QUALITY_FAILED,
		.at_us = time_wall_us(), .mono_us = time_mono_us(),
	};

	hint_exception(&q, code, &r.err);
	for (size_t i = 0; i < s->span.count; i++)
		j->sink(j->arg, w[i].tag, &r);
}

static int fetch(struct job *j, const struct route_span *s, unsigned *refused);

/* Reads the wants of S without the registers between them. */
static int fetch_without_holes(struct job *j, const struct route_span *s, unsigned *refused)
{
	struct route_span *parts = calloc(s->span.count, sizeof(*parts));
	int rc = 0;
	size_t n;

	if (!parts)
		return err_set(j->e, ERR_NO, "out of memory");
	route_ban_holes(&j->m->route, s);
	n = route_without_holes(&j->m->route, s, parts);
	line_note(&j->m->line, "0x%04X+%u refused: read again without the registers between",
		  s->span.addr, s->span.words);
	for (size_t i = 0; i < n && !rc; i++)
		rc = fetch(j, &parts[i], refused);
	free(parts);
	return rc;
}

/* The meter refuses S: not all of it, as a rule. Halves it at a point's edge;
 * when every point of both halves then comes, it was the crossing of that edge
 * that it minded. */
static int divide(struct job *j, const struct route_span *s, unsigned *refused)
{
	struct route *p = &j->m->route;
	size_t at = route_divide(p, s);
	unsigned bad = 0;
	int rc;

	if (at == 0) {
		route_refuse(p, s, j->a.exception, time_mono_us());
		deliver_refusal(j, s, j->a.exception);
		(*refused)++;
		return 0;
	}
	struct route_span low = route_part(p, s, 0, at);
	struct route_span high = route_part(p, s, at, s->span.count - at);

	line_note(&j->m->line, "0x%04X+%u refused: read in two parts, from 0x%04X",
		  s->span.addr, s->span.words, high.span.addr);
	rc = fetch(j, &low, &bad);
	if (!rc)
		rc = fetch(j, &high, &bad);
	if (!rc && !bad)
		route_cut(p, s->space, high.span.addr);
	*refused += bad;
	return rc;
}

static int fetch(struct job *j, const struct route_span *s, unsigned *refused)
{
	struct route *p = &j->m->route;
	const struct route_refused *known = route_refusal(p, s);
	struct request q = request_for(j->m, s->space, s->span.addr, s->span.words);

	if (known && time_mono_us() - known->at_us < ROUTE_FORGIVE_US) {
		deliver_refusal(j, s, known->code);
		(*refused)++;
		return 0;
	}
	if (ask_patiently(j->m, &q, &j->a, j->e))
		return -1;
	switch (j->a.exception) {
	case 0:
		if (known)
			route_forgive(p, s);
		deliver(j, s);
		return 0;
	case BAD_ADDRESS:
	case BAD_COUNT:
		if (route_has_holes(p, s))
			return fetch_without_holes(j, s, refused);
		return divide(j, s, refused);
	default:
		deliver_refusal(j, s, j->a.exception);
		(*refused)++;
		return 0;
	}
}

static int read_points(struct link *l, const struct profile *profile,
		       const uint16_t *idx, size_t n, link_sink *sink, void *arg,
		       struct err *e)
{
	struct modbus_link *m = of(l);
	struct job j = { m, profile, sink, arg, e, { 0 } };
	unsigned refused = 0;

	if (route_make(&m->route, profile, idx, n, line_cost(&m->line), e))
		return -1;
	for (size_t i = 0; i < m->route.nspans; i++)
		if (fetch(&j, &m->route.spans[i], &refused))
			return -1;
	return 0;
}

static int raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
		    uint16_t *out, struct err *e)
{
	struct modbus_link *m = of(l);
	struct request q = request_for(m, space, addr, n);
	struct answer a;

	if (n < 1 || n > READ_MOST || addr + n > 65536)
		return err_set(e, ERR_USAGE, "cannot read %u registers from 0x%04X (1 to %d at once, none beyond 0xFFFF)", n, addr, READ_MOST);
	if (ask_patiently(m, &q, &a, e))
		return -1;
	if (a.exception)
		return hint_exception(&q, a.exception, e);
	memcpy(out, a.regs, n * sizeof(*out));
	return 0;
}

static enum write_function write_function(const struct modbus_link *m)
{
	const struct profile *p = m->line.profile;

	return m->only_06 ? WRITE_BY_06 : p ? p->write_function : WRITE_BY_ANY;
}

/* Sends Q. A meter that does not know function 10H says so (exception 01): that
 * proves that nothing is written, and one register can go by 06. */
static int send_write(struct modbus_link *m, struct request *q, struct answer *a, bool *sent,
		      struct err *e)
{
	if (line_write(&m->line, q, a, sent, e))
		return -1;
	if (a->exception != BAD_FUNCTION || q->function != FUNCTION_WRITE
	    || write_function(m) != WRITE_BY_ANY)
		return 0;
	m->only_06 = true;
	if (q->count > 1)
		return 0;
	line_note(&m->line, "function 10H refused as unknown: written by 06 from now on");
	q->function = FUNCTION_WRITE_ONE;
	*sent = false;
	return line_write(&m->line, q, a, sent, e);
}

static int write_registers(struct link *l, uint16_t addr, uint16_t n,
			   const uint16_t *regs, bool *sent, struct err *e)
{
	struct modbus_link *m = of(l);
	bool by_06 = write_function(m) == WRITE_BY_06;
	struct request q = {
		.unit = (uint8_t)m->line.target.unit,
		.function = by_06 ? FUNCTION_WRITE_ONE : FUNCTION_WRITE,
		.addr = addr, .count = n,
	};
	struct answer a;

	*sent = false;
	if (n < 1 || n > WRITE_MOST || addr + n > 65536)
		return err_set(e, ERR_USAGE, "cannot write %u registers from 0x%04X (1 to %d at once, none beyond 0xFFFF)", n, addr, WRITE_MOST);
	if (by_06 && n > 1)
		return hint_one_register(&q, e);
	memcpy(q.regs, regs, n * sizeof(*regs));
	if (send_write(m, &q, &a, sent, e))
		return -1;
	switch (a.exception) {
	case 0:
	case ACKNOWLEDGE:	/* accepted, and not yet done (V1.1b3, section 7) */
		return 0;
	case NO_ANSWER:
		/* the gateway's word: the meter may well have heard it */
		hint_exception(&q, a.exception, e);
		e->code = ERR_SILENT;
		return -1;
	case BAD_FUNCTION:
		if (n > 1 && m->only_06)
			return hint_one_register(&q, e);
		/* fall through */
	default:
		return hint_exception(&q, a.exception, e);
	}
}

/* One place, whatever is asked of it there. */
static bool same_place(const struct target *a, const struct target *b)
{
	return a->scheme == b->scheme && strcmp(a->path, b->path) == 0
	    && strcmp(a->host, b->host) == 0 && a->port == b->port
	    && strcmp(a->mqtt.sn, b->mqtt.sn) == 0;
}

static int retarget(struct link *l, const struct target *t, struct err *e)
{
	struct modbus_link *m = of(l);
	struct target to;
	char line[24];

	if (!same_place(t, &l->target))
		return err_set(e, ERR_USAGE, "another place is another connection");
	if (same_line(t, &l->target) && t->unit == l->target.unit)
		return 0;
	if (!same_line(t, &l->target) && t->scheme != SCHEME_RTU && t->scheme != SCHEME_SIM)
		return err_set(e, ERR_DENIED, "the line behind '%s' port %d is the gateway's: set it to %s there",
			       t->host, t->port, target_line(t, line, sizeof(line)));
	if (name_again(&m->given, t, &to, e) || line_retarget(&m->line, &to, e))
		return -1;
	/* what was learned about a meter may not hold for the one there now */
	if (to.unit != l->target.unit) {
		route_release(&m->route);
		m->only_06 = false;
	}
	l->target = to;
	return 0;
}

static void stats(const struct link *l, struct link_stats *out)
{
	line_stats(&((const struct modbus_link *)l)->line, out);
}

static void close_link(struct link *l)
{
	struct modbus_link *m = of(l);

	line_close(&m->line);
	route_release(&m->route);
	if (m->sim)
		sim_stop(m->sim);
	free(m);
}

static const struct link_ops modbus_ops = {
	.name = "modbus",
	.close = close_link,
	.read = read_points,
	.raw_read = raw_read,
	.stats = stats,
	.write = write_registers,
	.retarget = retarget,
};

struct link *modbus_link_open(const struct target *t, const struct target *wire,
			      const struct link_opts *o, struct sim *sim,
			      int cancel_fd, struct err *e)
{
	struct modbus_link *m = calloc(1, sizeof(*m));

	if (!m) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	m->base = (struct link){ .ops = &modbus_ops, .target = *t, .cancel_fd = cancel_fd };
	m->given = *t;
	if (line_open(&m->line, wire, o, cancel_fd, e)) {
		free(m);
		return NULL;
	}
	m->sim = sim;
	return &m->base;
}
