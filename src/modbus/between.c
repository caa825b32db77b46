#include "between.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "mbap.h"
#include "port.h"
#include "sock.h"
#include "tool_side.h"

#define CONNECT_MS 10000
/* A serial server that hangs up so soon would do so again. */
#define HELD_US 5000000

/* What one side has said and the other one has not taken yet. */
struct waiting {
	uint8_t bytes[BETWEEN_LUMP];
	size_t from, n;
};

struct between {
	struct target meter;
	struct port port;
	int fd;			/* of the meter's side; -1: lent */
	int64_t opened_us;
	struct tool_side tool;
	struct waiting to_meter, to_tool;
	struct mbap from_tool, from_meter;	/* of Modbus TCP */
	int64_t said_us;	/* the last byte of either */
	int cancel_fd;
	between_heard *heard;
	void *arg;
};

/* ---- the meter's side ---------------------------------------------------------------- */

static int between_refuse(const struct target *t, struct err *e)
{
	if (target_is_simulated(t))
		return err_set(e, ERR_USAGE, "cannot stand between a tool and '%s' (use simulate --pty and the port)", t->text);
	return err_set(e, ERR_USAGE, "cannot stand between a tool and '%s' (needs rtu:, rtutcp: or tcp:)", t->text);
}

static int between_possible(const struct between *b, const char *serve, struct err *e)
{
	const struct target *t = &b->meter, *own = &b->tool.target;

	if (!target_is_serial(t) && (!target_is_network(t) || target_is_datagram(t)))
		return between_refuse(t, e);
	if (target_frames_tcp(t) && strncmp(serve, "tcp:", 4) != 0)
		return err_set(e, ERR_USAGE, "'%s' is Modbus TCP: cannot serve it as '%s' (use tcp:[ADDR:]PORT, or rtutcp: for a meter "
			       "behind a serial server)", t->text, serve);
	if (target_is_serial(t) && b->tool.kind == TOOL_PORT && strcmp(t->path, own->path) == 0)
		return err_set(e, ERR_USAGE, "'%s' is the port of the meter: the tool needs another one", own->path);
	return 0;
}

static int between_meter_open(struct between *b, struct err *e)
{
	if (target_is_serial(&b->meter)) {
		if (port_open(&b->port, &b->meter, e))
			return -1;
		b->fd = b->port.fd;
	} else {
		b->fd = sock_open(&b->meter, CONNECT_MS, b->cancel_fd, e);
	}
	b->opened_us = time_mono_us();
	return b->fd < 0 ? -1 : 0;
}

static void between_meter_close(struct between *b)
{
	if (b->fd >= 0 && target_is_serial(&b->meter))
		port_close(&b->port);
	else if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	b->to_meter.n = 0;
	b->from_tool.n = b->from_meter.n = 0;
}

/* A serial server may hang up after some minutes without a frame: that is made good once. */
static int between_meter_lost(struct between *b, struct err *e)
{
	if (target_is_serial(&b->meter))
		return err_set(e, ERR_SILENT, "port of the meter lost: '%s' was unplugged or its driver failed (plug it in, then repeat)",
			       b->meter.path);
	if (time_mono_us() - b->opened_us < HELD_US)
		return err_set(e, ERR_SILENT, "connection to the meter lost: '%s' port %d has closed it (a serial server may allow one "
			       "client only)", b->meter.host, b->meter.port);
	between_meter_close(b);
	return between_meter_open(b, e);
}

static ssize_t between_meter_read(struct between *b, uint8_t *buf, size_t size, struct err *e)
{
	ssize_t n = read(b->fd, buf, size);

	if (n > 0)
		return n;
	if (n < 0 ? errno == EAGAIN || errno == EINTR : target_is_serial(&b->meter) && !port_hung_up(b->fd))
		return 0;
	return between_meter_lost(b, e);
}

static ssize_t between_meter_write(struct between *b, const uint8_t *bytes, size_t n, struct err *e)
{
	ssize_t taken = target_is_serial(&b->meter) ? port_pass(&b->port, &b->meter, bytes, n)
						    : send(b->fd, bytes, n, MSG_NOSIGNAL);

	if (taken >= 0)
		return taken;
	return errno == EAGAIN || errno == EINTR ? 0 : between_meter_lost(b, e);
}

/* ---- passing on ---------------------------------------------------------------------- */

static void between_tell(struct between *b, bool from_meter, const uint8_t *bytes, size_t n)
{
	struct mbap *m = from_meter ? &b->from_meter : &b->from_tool;
	uint8_t frame[FRAME_MAX];
	size_t len;

	b->said_us = time_mono_us();
	if (!target_frames_tcp(&b->meter)) {
		b->heard(b->arg, from_meter, bytes, n, b->said_us);
		return;
	}
	while ((len = mbap_next(m, &bytes, &n, frame)) > 0)
		b->heard(b->arg, from_meter, frame, len, b->said_us);
}

/* What waits for the side that can take it now. */
static int between_push(struct between *b, bool from_meter, struct err *e)
{
	struct waiting *w = from_meter ? &b->to_tool : &b->to_meter;
	ssize_t taken = from_meter ? tool_side_write(&b->tool, w->bytes + w->from, w->n, e)
				   : between_meter_write(b, w->bytes + w->from, w->n, e);

	if (taken < 0)
		return -1;
	/* a connection that was lost has taken with it what waited */
	taken = taken < (ssize_t)w->n ? taken : (ssize_t)w->n;
	w->from += (size_t)taken;
	w->n -= (size_t)taken;
	return 0;
}

/* What one side has said, to the other one first. 1: there was something; -1 and E. */
static int between_carry(struct between *b, bool from_meter, struct err *e)
{
	struct waiting *w = from_meter ? &b->to_tool : &b->to_meter;
	uint8_t bytes[BETWEEN_LUMP];
	ssize_t n;

	if (w->n)
		return 0;
	n = from_meter ? between_meter_read(b, bytes, sizeof(bytes), e) : tool_side_read(&b->tool, bytes, sizeof(bytes), e);
	if (n <= 0)
		return (int)n;
	*w = (struct waiting){ .from = 0, .n = (size_t)n };
	memcpy(w->bytes, bytes, (size_t)n);
	if (between_push(b, from_meter, e))
		return -1;
	between_tell(b, from_meter, bytes, (size_t)n);
	return 1;
}

static int between_tool(struct between *b, const struct pollfd f[2], struct err *e)
{
	int rc = 1;

	if (f[0].revents || f[1].revents)
		if (tool_side_look(&b->tool))
			b->to_tool.n = 0;
	if (f[0].revents & POLLOUT && b->to_tool.n && between_push(b, true, e))
		return -1;
	if (!(f[0].revents & (POLLIN | POLLHUP | POLLERR)) && !b->tool.left)
		return 0;
	while (rc > 0) {
		rc = between_carry(b, false, e);
		if (rc <= 0)
			return rc;
		tool_side_look(&b->tool);
		rc = b->tool.left;
	}
	return 0;
}

static int between_meter(struct between *b, const struct pollfd *f, struct err *e)
{
	if (f->revents & POLLOUT && b->to_meter.n && between_push(b, false, e))
		return -1;
	if (f->revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL) && between_carry(b, true, e) < 0)
		return -1;
	return 0;
}

static int between_turn(struct between *b, int64_t left_us, struct err *e)
{
	enum { CANCEL, METER, TOOL, TOOL_DOOR, FDS };
	struct timespec ts = { left_us / 1000000, left_us % 1000000 * 1000 };
	struct pollfd f[FDS] = { [CANCEL] = { b->cancel_fd, POLLIN, 0 }, [METER] = { .fd = b->fd } };

	f[METER].events = (short)((b->to_tool.n ? 0 : POLLIN) | (b->to_meter.n ? POLLOUT : 0));
	tool_side_wants(&b->tool, !b->to_meter.n, b->to_tool.n, &f[TOOL]);
	if (ppoll(f, FDS, &ts, NULL) < 0)
		return errno == EINTR ? 0 : err_set(e, ERR_NO, "cannot wait for '%s': %s", b->meter.text, strerror(errno));
	if (f[CANCEL].revents)
		return err_set(e, ERR_INTERRUPTED, "interrupted");
	/* the reply to who has gone is dropped before one has come */
	if (between_tool(b, &f[TOOL], e))
		return -1;
	return between_meter(b, &f[METER], e);
}

int between_run(struct between *b, int64_t until_us, between_heard *heard, void *arg, struct err *e)
{
	int64_t left;

	b->heard = heard;
	b->arg = arg;
	while ((left = until_us - time_mono_us()) > 0)
		if (between_turn(b, left, e))
			return -1;
	return 0;
}

int between_lend(struct between *b, int64_t quiet_us, int64_t until_us, between_heard *heard, void *arg, struct err *e)
{
	for (;;) {
		int64_t quiet_at = b->said_us + quiet_us;

		if (time_mono_us() >= quiet_at && !b->to_meter.n) {
			between_meter_close(b);
			return 1;
		}
		if (time_mono_us() >= until_us)
			return 0;
		if (between_run(b, quiet_at < until_us ? quiet_at : until_us, heard, arg, e))
			return -1;
	}
}

int between_resume(struct between *b, struct err *e)
{
	return b->fd >= 0 ? 0 : between_meter_open(b, e);
}

/* ---- opening --------------------------------------------------------------------------- */

int between_open(struct between **out, const struct target *meter, const char *serve, int cancel_fd, struct err *e)
{
	struct between *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(e, ERR_NO, "out of memory");
	b->meter = *meter;
	b->fd = -1;
	b->cancel_fd = cancel_fd;
	b->said_us = time_mono_us();
	if (tool_side_open(&b->tool, serve, e) == 0 && between_possible(b, serve, e) == 0 && between_meter_open(b, e) == 0) {
		*out = b;
		return 0;
	}
	between_close(b);
	return -1;
}

void between_close(struct between *b)
{
	if (!b)
		return;
	between_meter_close(b);
	tool_side_close(&b->tool);
	free(b);
}

const char *between_where(const struct between *b)
{
	return b->tool.where;
}
