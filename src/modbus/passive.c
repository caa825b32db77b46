#include "passive.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "port_wait.h"
#include "sock.h"

#define CONNECT_MS 10000

static int passive_refuse(const struct target *t, struct err *e)
{
	if (target_is_broker(t))
		return err_set(e, ERR_USAGE, "cannot listen to '%s': a broker sends uploads, no frames (use watch or scan)", t->text);
	if (target_is_simulated(t))
		return err_set(e, ERR_USAGE, "cannot listen to '%s': no master talks to it (use simulate --pty and the port)", t->text);
	return err_set(e, ERR_USAGE, "cannot listen to '%s': such a server sends replies only, to who sent the request "
		       "(listen needs rtu: or rtutcp:)", t->text);
}

int passive_open(struct passive *p, const struct target *t, int timeout_ms, int wait_s, int cancel_fd, struct err *e)
{
	*p = (struct passive){ .target = *t, .fd = -1 };
	if (target_is_serial(t)) {
		if (port_wait(port_open_passive, &p->port, t, wait_s, cancel_fd, e))
			return -1;
		p->fd = p->port.fd;
		return 0;
	}
	if (!target_is_network(t) || target_is_datagram(t) || target_frames_tcp(t))
		return passive_refuse(t, e);
	p->fd = sock_open(t, timeout_ms ? timeout_ms : CONNECT_MS, cancel_fd, e);
	return p->fd < 0 ? -1 : 0;
}

void passive_close(struct passive *p)
{
	if (p->fd >= 0 && target_is_serial(&p->target))
		port_close(&p->port);
	else if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static int passive_gone(const struct passive *p, struct err *e)
{
	if (target_is_serial(&p->target))
		return port_gone(&p->port, &p->target, e);
	return err_set(e, ERR_SILENT, "'%s' has closed the connection", p->target.text);
}

int passive_read(struct passive *p, uint8_t *buf, size_t size, int64_t until_us, int cancel_fd, struct err *e)
{
	struct pollfd in[2] = { { cancel_fd, POLLIN, 0 }, { p->fd, POLLIN, 0 } };

	for (;;) {
		int64_t left = until_us - time_mono_us();
		struct timespec ts = { left / 1000000, left % 1000000 * 1000 };
		ssize_t n;

		if (left < 0)
			ts = (struct timespec){ 0, 0 };
		if (ppoll(in, 2, &ts, NULL) < 0 && errno != EINTR)
			return err_set(e, ERR_NO, "cannot wait for '%s': %s", p->target.text, strerror(errno));
		if (in[0].revents)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		n = in[1].revents ? read(p->fd, buf, size) : -1;
		if (n > 0)
			return (int)n;
		if (in[1].revents && (n == 0 || (errno != EAGAIN && errno != EINTR)))
			return passive_gone(p, e);
		if (left <= 0)
			return 0;
	}
}

int passive_set_line(struct passive *p, const struct target *t, struct err *e)
{
	if (port_set_line(&p->port, t, e))
		return -1;
	tcflush(p->fd, TCIFLUSH);
	p->target = *t;
	return 0;
}
