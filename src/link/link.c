#include "link.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "modbus/modbus_link.h"
#include "mqtt/mqtt_link.h"
#include "modbus/port_owner.h"
#include "sim/sim.h"

static struct link *link_open_modbus(const struct target *t, const struct link_opts *o,
				     int cancel_fd, struct err *e)
{
	return modbus_link_open(t, t, o, NULL, cancel_fd, e);
}

/* A simulated meter behind a pty, spoken to as to one on a serial port. */
static struct link *open_sim(const struct target *t, const struct link_opts *o,
			     int cancel_fd, struct err *e)
{
	struct target wire = *t;
	struct link_opts alone = *o;
	struct sim_opts so = {
		.profile = o->profile, .scenario = t->scenario,
		.tcp_port = -1, .rtutcp_port = -1, .count = 1,
	};
	struct link *l;
	struct sim *sim;

	if (!so.profile)
		so.profile = profile_builtin_named("adw300");
	sim = sim_start(&so, e);
	if (!sim)
		return NULL;
	wire.scheme = SCHEME_RTU;
	snprintf(wire.path, sizeof(wire.path), "%s", sim_pty(sim));
	alone.private = true;
	l = modbus_link_open(t, &wire, &alone, sim, cancel_fd, e);
	if (!l)
		sim_stop(sim);
	return l;
}

static struct link *link_open_broker(const struct target *t, const struct link_opts *o,
				     int cancel_fd, struct err *e)
{
	return mqtt_link_open(t, o, cancel_fd, e);
}

typedef struct link *link_opener(const struct target *t, const struct link_opts *o,
				 int cancel_fd, struct err *e);

static link_opener *const openers[] = {
	[SCHEME_RTU] = link_open_modbus,
	[SCHEME_TCP] = link_open_modbus,
	[SCHEME_RTUTCP] = link_open_modbus,
	[SCHEME_UDP] = link_open_modbus,
	[SCHEME_RTUUDP] = link_open_modbus,
	[SCHEME_SIM] = open_sim,
	[SCHEME_MQTT] = link_open_broker,
};

struct link *link_open(const struct target *t, const struct link_opts *o, struct err *e)
{
	int cancel_fd = o->cancel_fd ? o->cancel_fd : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct link *l;

	if (cancel_fd < 0) {
		err_set(e, ERR_NO, "cannot make an event descriptor: %s", strerror(errno));
		return NULL;
	}
	l = openers[t->scheme](t, o, cancel_fd, e);
	if (l)
		l->owns_cancel_fd = !o->cancel_fd;
	else if (!o->cancel_fd)
		close(cancel_fd);
	return l;
}

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
	int rc = l->ops->read(l, profile, idx, n, sink, arg, e);

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

void link_tap(struct link *l, const struct link_tap *tap)
{
	l->ops->tap(l, tap);
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

const char *link_heard_text(const struct link_stats *s, char *buf, size_t size)
{
	snprintf(buf, size, "shared line: another master heard%s%s", *s->heard ? ", " : "", s->heard);
	return buf;
}

const char *link_port(const struct link *l)
{
	return l->ops->port ? l->ops->port(l) : NULL;
}

bool link_shared(const struct link *l, char *buf, size_t size)
{
	const char *now = link_port(l);

	return l->target.scheme == SCHEME_RTU && port_shared(now ? now : l->target.path, buf, size);
}

void cancel_raise(int fd)
{
	const uint64_t one = 1;
	int before = errno;
	/* only a full counter makes this fail, and then it is readable already */
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
	errno = before;
}

void cancel_clear(int fd)
{
	uint64_t count;
	/* nothing to read is what is wanted, too */
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
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
