#include "link.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "scaled.h"

void link_close(struct link *l)
{
	int own_fd;

	if (!l)
		return;
	own_fd = l->owns_cancel_fd ? l->cancel_fd : -1;
	l->ops->close(l);
	if (own_fd >= 0)
		close(own_fd);
}

int link_read(struct link *l, const struct profile *profile,
	      const uint16_t *idx, size_t n, link_sink *sink, void *arg,
	      struct err *e)
{
	int rc = scaled_any(profile, idx, n) ? scaled_read(l, profile, idx, n, sink, arg, e)
					     : l->ops->read(l, profile, idx, n, sink, arg, e);

	l->more = false;
	return rc;
}

void link_more(struct link *l, void (*settled)(void *arg), void *arg)
{
	l->more = true;
	l->settled = settled;
	l->settled_arg = arg;
}

void link_over(struct link *l, bool failed)
{
	void (*settled)(void *arg) = l->settled;

	l->settled = NULL;
	if (settled && !failed)
		settled(l->settled_arg);
}

int link_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
		  uint16_t *out, struct err *e)
{
	if (!l->ops->raw_read)
		return err_set(e, ERR_USAGE, "this connection has no registers: the meter uploads values "
			       "(registers are reached over RS485, or through dialect=tunnel)");
	return l->ops->raw_read(l, space, addr, n, out, e);
}

bool link_has_registers(const struct link *l)
{
	return l->ops->raw_read != NULL;
}

int link_probe(struct link *l, uint8_t function, uint16_t addr, uint16_t count, uint8_t *buf, size_t *n,
	       struct err *e)
{
	*n = 0;
	return l->ops->probe ? l->ops->probe(l, function, addr, count, buf, n, e)
			     : err_set(e, ERR_USAGE, "this connection has no registers to identify the meter by");
}

int link_write(struct link *l, uint16_t addr, uint16_t n, const uint16_t *regs,
	       bool *sent, struct err *e)
{
	*sent = false;
	if (!l->ops->write)
		return err_set(e, ERR_DENIED, "this connection cannot write registers");
	if (target_may_write(&l->target, e))
		return -1;
	return l->ops->write(l, addr, n, regs, sent, e);
}

int link_retarget(struct link *l, const struct target *t, struct err *e)
{
	if (!l->ops->retarget)
		return err_set(e, ERR_DENIED, "this connection has no address, speed or parity to change");
	return l->ops->retarget(l, t, e);
}

void link_tune(struct link *l, const struct link_opts *o)
{
	if (l->ops->tune)
		l->ops->tune(l, o);
}

bool link_pushes(const struct link *l)
{
	return l->ops->receive != NULL;
}

int link_receive(struct link *l, const struct profile *profile, int64_t until_us,
		 link_sink *sink, void *arg, struct err *e)
{
	return l->ops->receive(l, profile, until_us, sink, arg, e);
}

void link_leave(struct link *l)
{
	l->ops->leave(l);
}

void link_uplink(const struct link *l, struct link_uplink *out)
{
	*out = (struct link_uplink){ 0 };
	if (l->ops->uplink)
		l->ops->uplink(l, out);
}

int link_silence(const struct link *l, int64_t since_us, struct err *e)
{
	return l->ops->silence(l, since_us, e);
}

void link_tap(struct link *l, const struct link_tap *tap)
{
	l->ops->tap(l, tap);
}

void link_replay(struct link *l, const struct broker_message *m)
{
	if (l->ops->replay)
		l->ops->replay(l, m);
}

bool link_sets_points(const struct link *l)
{
	return l->ops->set != NULL;
}

int link_can_set(struct link *l, const struct point *p, const struct value *want,
		 struct err *e)
{
	return l->ops->can_set ? l->ops->can_set(l, p, want, e) : 0;
}

int link_set(struct link *l, const struct profile *profile, size_t idx,
	     const struct value *want, struct value *after, bool *sent, struct err *e)
{
	*sent = false;
	return l->ops->set(l, profile, idx, want, after, sent, e);
}

void link_stats(const struct link *l, struct link_stats *out)
{
	l->ops->stats(l, out);
}

const char *link_heard_text(const struct link *l, const struct link_stats *s, char *buf, size_t size)
{
	snprintf(buf, size, "shared %s: another master heard%s%s", target_tunnels(&l->target) ? "tunnel" : "line",
		 *s->heard ? ", " : "", s->heard);
	return buf;
}

const char *link_port(const struct link *l)
{
	return l->ops->port_now ? l->ops->port_now(l) : NULL;
}

void link_cancel(struct link *l)
{
	cancel_raise(l->cancel_fd);
}

void link_uncancel(struct link *l)
{
	cancel_clear(l->cancel_fd);
}

bool link_wait(const struct link *l, int64_t mono_us)
{
	struct pollfd p = { .fd = l->cancel_fd, .events = POLLIN };
	int64_t left;

	while ((left = mono_us - time_mono_us()) > 0) {
		struct timespec ts = { left / 1000000, left % 1000000 * 1000 };

		if (ppoll(&p, 1, &ts, NULL) > 0)
			return false;
	}
	return true;
}
