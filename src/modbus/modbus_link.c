#include "modbus_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "broadcast.h"
#include "confirm.h"
#include "modbus_own.h"

static struct modbus_link *modbus_link_of(struct link *l)
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

/* The one guarded read of unit 0 on a serial line. From the reply on the link is of the
 * unit that it came from. By function 03 only: what Q asks by another is asked of that
 * unit then. 0: A answers Q; 1: Q is still to be asked; -1 and E. */
static int ask_everybody(struct modbus_link *m, const struct request *q, struct answer *a, struct err *e)
{
	struct request all = *q;
	struct target to;

	if (q->function != FUNCTION_HOLDING) {
		all.function = FUNCTION_HOLDING;
		all.count = 1;
	}
	if (broadcast_read(&m->line, &all, a, e))
		return -1;
	to = m->base.target;
	to.unit = m->line.target.unit;
	if (name_again(&m->given, &to, &m->base.target, e))
		return -1;
	return q->function != FUNCTION_HOLDING;
}

struct request modbus_request(const struct modbus_link *m, enum space space,
			      uint16_t addr, uint16_t n)
{
	return (struct request){
		.unit = (uint8_t)m->line.target.unit,
		.function = space == SPACE_INPUT ? FUNCTION_INPUT : FUNCTION_HOLDING,
		.addr = addr, .count = n,
	};
}

/* "Not now", or a gateway that has heard nothing: worth another try. A meter that could
 * not do it may do it the second time. */
static bool passes(const struct answer *a, unsigned tried)
{
	if (!a->refused)
		return false;
	return exception_busy(a->exception) || exception_unheard(a->exception)
	    || (a->exception == EXCEPTION_FAILURE && tried == 0);
}

int modbus_ask(struct modbus_link *m, const struct request *q, const struct request *small,
	       size_t nsmall, struct answer *a, struct err *e)
{
	unsigned budget = m->turned_away ? 0 : (unsigned)m->line.retries;
	struct request named = *q;
	int rc;

	if (q->unit == 0 && target_frames_rtu(&m->line.target)) {
		rc = ask_everybody(m, q, a, e);
		if (rc <= 0)
			return rc;
		named.unit = (uint8_t)m->line.target.unit;
		q = &named;
		nsmall = 0;
	}
	for (unsigned i = 0;; i++) {
		bool other = nsmall && i && i == budget;

		rc = line_ask_or(&m->line, other ? small : q, other ? NULL : small,
				 other ? 0 : nsmall, a, e);
		if (rc < 0)
			return -1;
		rc = rc || other;
		if (!passes(a, i) || i >= budget)
			break;
		if (exception_busy(a->exception) && line_pause(&m->line, (int64_t)BUSY_US << i, e))
			return -1;
	}
	m->turned_away = passes(a, 1);
	/* "not now" to a part says nothing of the whole */
	if (m->turned_away)
		rc = 0;
	if (a->refused && exception_unheard(a->exception) && !request_writes(q))
		return diagnosis_unheard(&m->line.target, q, a->exception, e);
	return rc;
}

/* PROOF becomes a short read whose answer has another length than that to Q, and comes before
 * the silence would be over. False: there is none. */
static bool proof_by_asking(const struct modbus_link *m, enum space space, const struct request *q,
			    struct request *proof)
{
	struct span_cost cost = line_cost(&m->line);

	*proof = modbus_request(m, space, q->addr, 1);
	/* datagrams may overtake each other */
	if (!m->line.hurried || target_is_datagram(&m->line.target) || m->line.fd < 0 || m->as_planned || q->unit == 0
	    || (q->count == 1 && !confirm_longer(&m->read_plan, space, q->addr, 1, proof)))
		return false;
	return cost.frame_us + proof->count * cost.word_us < (double)line_tail_us(&m->line);
}

/* A meter, and whatever stands before it, answers in order: a second answer would come before
 * that to PROOF, or in the time in which that should have come. */
static int prove_by_asking(struct modbus_link *m, const struct request *proof, struct err *e)
{
	struct err why = { 0 };
	struct answer a;
	int rc;

	m->line.brisk = true;
	rc = line_ask(&m->line, proof, &a, &why);
	m->line.brisk = false;
	if (rc == 0 || why.code != ERR_INTERRUPTED)
		return 0;	/* a line that fails now says so the next time */
	if (e)
		*e = why;
	return -1;
}

int modbus_prove(struct modbus_link *m, enum space space, const struct request *q, struct err *e)
{
	struct request proof;

	return proof_by_asking(m, space, q, &proof) ? prove_by_asking(m, &proof, e) : line_tail(&m->line, e);
}

int modbus_make_sure(struct modbus_link *m, enum space space, const struct request *q,
		     unsigned long before, bool any, struct answer *a, struct err *e)
{
	struct confirm c = {
		.line = &m->line, .read_plan = &m->read_plan, .space = space,
		.profile = m->read_plan.profile, .any = any,
	};

	if (m->line.private)
		return 0;
	if (!heard_shared(&m->line.heard, time_mono_us())) {
		if (m->line.heard.surplus == before
		    && (a->refused ? line_tail(&m->line, e) : modbus_prove(m, space, q, e)))
			return -1;
		if (m->line.heard.surplus == before)
			return 0;
	}
	return confirm(&c, q, a, e);
}

static int raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
		    uint16_t *out, struct err *e)
{
	struct modbus_link *m = modbus_link_of(l);
	struct request q = modbus_request(m, space, addr, n);
	unsigned long before = m->line.heard.surplus;
	struct answer a;

	if (n < 1 || n > READ_MAX || addr + n > 65536)
		return err_set(e, ERR_USAGE, "cannot read %u registers from 0x%04X (1 to %d at once, none beyond 0xFFFF)", n, addr, READ_MAX);
	if (m->line.profile)
		known_profile(m, m->line.profile);
	if (modbus_ask(m, &q, NULL, 0, &a, e) || modbus_make_sure(m, space, &q, before, true, &a, e))
		return -1;
	if (a.refused)
		return diagnosis_exception(&q, a.exception, e);
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
	if (!a->refused || a->exception != EXCEPTION_FUNCTION || q->function != FUNCTION_WRITE
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
	struct modbus_link *m = modbus_link_of(l);
	bool by_06 = write_function(m) == WRITE_BY_06;
	struct request q = {
		.unit = (uint8_t)m->line.target.unit,
		.function = by_06 ? FUNCTION_WRITE_ONE : FUNCTION_WRITE,
		.addr = addr, .count = n,
	};
	unsigned long before;
	struct answer a;

	*sent = false;
	if (n < 1 || n > WRITE_MAX || addr + n > 65536)
		return err_set(e, ERR_USAGE, "cannot write %u registers from 0x%04X (1 to %d at once, none beyond 0xFFFF)", n, addr, WRITE_MAX);
	if (by_06 && n > 1)
		return diagnosis_one_register(&q, e);
	memcpy(q.regs, regs, n * sizeof(*regs));
	before = m->line.heard.surplus;
	if (send_write(m, &q, &a, sent, e))
		return -1;
	if (!a.refused)
		return 0;
	if (a.exception == EXCEPTION_FUNCTION && n > 1 && m->only_06)
		return diagnosis_one_register(&q, e);
	diagnosis_exception(&q, a.exception, e);
	/* accepted, and not yet done (V1.1b3, section 7) */
	if (a.exception == EXCEPTION_ACKNOWLEDGE) {
		e->code = ERR_NONE;
		return 0;
	}
	/* the gateway's word, or perhaps somebody else's refusal: the meter may well
	 * have heard it */
	if (exception_unheard(a.exception) || m->line.heard.surplus != before)
		e->code = ERR_SILENT;
	return -1;
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
	struct modbus_link *m = modbus_link_of(l);
	struct target to;
	char line[24];
	bool other;

	if (!same_place(t, &l->target))
		return err_set(e, ERR_USAGE, "another place is another connection");
	if (same_line(t, &l->target) && t->unit == l->target.unit)
		return 0;
	if (!same_line(t, &l->target) && !target_is_serial(t) && !target_is_simulated(t))
		return err_set(e, ERR_DENIED, "the line behind '%s' port %d is the gateway's: set it to %s there",
			       t->host, t->port, target_line(t, line, sizeof(line)));
	other = t->unit != l->target.unit;
	if (name_again(&m->given, t, &to, e))
		return -1;
	if (other)
		known_keep(m);
	if (line_retarget(&m->line, &to, e))
		return -1;
	l->target = to;
	/* what was learned about a meter may not hold for the one there now */
	if (other) {
		modbus_forget(m);
		read_plan_release(&m->read_plan);
		m->only_06 = false;
		known_recall(m);
	}
	return 0;
}

static void modbus_link_stats(const struct link *l, struct link_stats *out)
{
	const struct modbus_link *m = (const struct modbus_link *)l;

	line_stats(&m->line, out);
	snprintf(out->learned, sizeof(out->learned), "%s", m->learned);
}

static const char *port_now(const struct link *l)
{
	return line_port(&((const struct modbus_link *)l)->line);
}

static void modbus_link_tune(struct link *l, const struct link_opts *o)
{
	line_tune(&modbus_link_of(l)->line, o);
}

static void modbus_link_close_link(struct link *l)
{
	struct modbus_link *m = modbus_link_of(l);

	known_keep(m);
	line_close(&m->line);
	modbus_forget(m);
	read_plan_release(&m->read_plan);
	free(m->lines);
	if (m->way.end)
		m->way.end(m->way.arg);
	free(m);
}

static const struct link_ops modbus_ops = {
	.name = "modbus",
	.close = modbus_link_close_link,
	.read = modbus_read_points,
	.raw_read = raw_read,
	.probe = modbus_probe,
	.stats = modbus_link_stats,
	.port_now = port_now,
	.write = write_registers,
	.retarget = retarget,
	.tune = modbus_link_tune,
};

struct link *modbus_link_by(const struct target *t, const struct way *way,
			    const struct link_opts *o, int cancel_fd, struct err *e)
{
	struct modbus_link *m = calloc(1, sizeof(*m));

	if (!m) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	m->base = (struct link){ .ops = &modbus_ops, .target = *t, .cancel_fd = cancel_fd };
	m->given = *t;
	m->way = *way;
	if (line_open(&m->line, t, o, way->arg ? &m->way : NULL, cancel_fd, e)) {
		free(m);
		return NULL;
	}
	m->way.wire = NULL;
	if (o->lines && !(m->lines = strdup(o->lines)))
		line_remark(&m->line, "out of memory");
	known_recall(m);
	return &m->base;
}

struct link *modbus_link_open(const struct target *t, const struct link_opts *o,
			      int cancel_fd, struct err *e)
{
	return modbus_link_by(t, &(struct way){ 0 }, o, cancel_fd, e);
}
