#include "rs485.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

#include "base/time.h"

static bool by_rts(const struct rs485 *r)
{
	return r->mode == RS485_RTS || r->mode == RS485_RTS_INVERTED;
}

static int set_rts(int fd, bool on)
{
	const int rts = TIOCM_RTS;

	return ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &rts);
}

static void wait_until(int64_t until_us)
{
	const struct timespec ts = { until_us / 1000000, until_us % 1000000 * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static int no_kernel_mode(const char *path, int why, struct err *e)
{
	return err_set(e, ERR_USAGE, "port '%s' cannot do rs485=kernel: %s (use rs485=rts where RTS switches its driver, none for an adapter that switches by itself)",
		       path, strerror(why));
}

/* Polarity stays as the board's description has it; without one, RTS is on while
 * sending, which is what every driver takes. */
static int begin_kernel(struct rs485 *r, int fd, const char *path, struct err *e)
{
	const unsigned polarity = SER_RS485_RTS_ON_SEND | SER_RS485_RTS_AFTER_SEND;
	struct serial_rs485 s, want;

	if (ioctl(fd, TIOCGRS485, &r->found) < 0)
		return no_kernel_mode(path, errno, e);
	want = r->found;
	want.flags |= SER_RS485_ENABLED;
	if (!(want.flags & polarity))
		want.flags |= SER_RS485_RTS_ON_SEND;
	if (r->before_ms)
		want.delay_rts_before_send = (unsigned)r->before_ms;
	if (r->after_ms)
		want.delay_rts_after_send = (unsigned)r->after_ms;
	s = want;
	if (ioctl(fd, TIOCSRS485, &s) < 0)
		return no_kernel_mode(path, errno, e);
	r->begun = true;
	/* what the driver cannot do it has taken out, and says so in S */
	if (!(s.flags & SER_RS485_ENABLED))
		return no_kernel_mode(path, ENOTSUP, e);
	if (s.delay_rts_before_send != want.delay_rts_before_send
	    || s.delay_rts_after_send != want.delay_rts_after_send)
		return err_set(e, ERR_USAGE, "port '%s' cannot do rs485-before=%u and rs485-after=%u, only %u and %u (give these, or none)",
			       path, want.delay_rts_before_send, want.delay_rts_after_send,
			       s.delay_rts_before_send, s.delay_rts_after_send);
	return 0;
}

static int begin_rts(struct rs485 *r, int fd, const char *path, struct err *e)
{
	int lines;

	if (ioctl(fd, TIOCMGET, &lines) < 0 || set_rts(fd, r->mode == RS485_RTS_INVERTED) < 0)
		return err_set(e, ERR_USAGE, "port '%s' has no RTS to switch its driver by: %s (use rs485=kernel, or none for an adapter that switches by itself)",
			       path, strerror(errno));
	r->found_rts = lines & TIOCM_RTS;
	r->begun = true;
	return 0;
}

int rs485_begin(struct rs485 *r, int fd, const char *path, const struct target *t,
		struct err *e)
{
	*r = (struct rs485){
		.mode = t->rs485, .before_ms = t->rs485_before, .after_ms = t->rs485_after,
	};
	if (r->mode == RS485_KERNEL)
		return begin_kernel(r, fd, path, e);
	return by_rts(r) ? begin_rts(r, fd, path, e) : 0;
}

void rs485_end(struct rs485 *r, int fd)
{
	if (!r->begun)
		return;
	if (r->mode == RS485_KERNEL)
		ioctl(fd, TIOCSRS485, &r->found);
	else
		set_rts(fd, r->found_rts);
	r->begun = false;
}

void rs485_send(const struct rs485 *r, int fd)
{
	if (!by_rts(r))
		return;
	/* a port that is gone is told by the write */
	set_rts(fd, r->mode == RS485_RTS);
	if (r->before_ms)
		wait_until(time_mono_us() + r->before_ms * (int64_t)1000);
}

void rs485_sent(const struct rs485 *r, int fd, int64_t frame_us)
{
	int64_t began = time_mono_us();

	if (!by_rts(r))
		return;
	/* a USB adapter says so before the bytes it holds have left: no earlier than
	 * they can have */
	while (tcdrain(fd) < 0 && errno == EINTR)
		;
	if (began + frame_us > time_mono_us())
		wait_until(began + frame_us);
	if (r->after_ms)
		wait_until(time_mono_us() + r->after_ms * (int64_t)1000);
	set_rts(fd, r->mode == RS485_RTS_INVERTED);
}
