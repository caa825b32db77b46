/*
 * rs485_port.c - preloaded into the program under test: its pseudo terminal becomes a
 * port with modem lines and an RS485 driver, and what is done to them is written down.
 *
 * RS485_LOG=FILE gets a line each, with the microseconds of CLOCK_MONOTONIC: "rts 0|1"
 * when RTS changes, "write N", "drain", "rs485 FLAGS BEFORE AFTER" when the driver is
 * set, "close" when the port is closed for good. RS485_LINES=1: RTS is on to begin with;
 * RS485_FOUND="FLAGS BEFORE AFTER": how the driver is. What has no variable the port
 * does not have. RS485_MOST_BEFORE=N: the driver cannot wait longer than that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/serial.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The function of that name in the library behind this one. */
#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static void note(const char *format, ...)
{
	static FILE *log;
	struct timespec t;
	va_list ap;

	if (!log)
		log = fopen(getenv("RS485_LOG"), "ae");
	if (!log)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	fprintf(log, "%lld ", (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
	va_start(ap, format);
	vfprintf(log, format, ap);
	va_end(ap);
	fputc('\n', log);
	fflush(log);
}

static int lines(unsigned long request, int *bits)
{
	static int now = -1;
	const char *first = getenv("RS485_LINES");
	int before;

	if (!first) {
		errno = ENOTTY;
		return -1;
	}
	if (now < 0)
		now = TIOCM_DTR | (atoi(first) ? TIOCM_RTS : 0);
	before = now;
	if (request == TIOCMGET)
		*bits = now;
	else if (request == TIOCMSET)
		now = *bits;
	else
		now = request == TIOCMBIS ? now | *bits : now & ~*bits;
	if ((before ^ now) & TIOCM_RTS)
		note("rts %d", (now & TIOCM_RTS) != 0);
	return 0;
}

static int driver(unsigned long request, struct serial_rs485 *s)
{
	static struct serial_rs485 now;
	static int begun;
	const char *found = getenv("RS485_FOUND"), *most = getenv("RS485_MOST_BEFORE");

	if (!found) {
		errno = ENOTTY;
		return -1;
	}
	if (!begun++)
		sscanf(found, "%u %u %u", &now.flags, &now.delay_rts_before_send,
		       &now.delay_rts_after_send);
	if (request == TIOCSRS485) {
		if (most && s->delay_rts_before_send > (unsigned)atoi(most))
			s->delay_rts_before_send = (unsigned)atoi(most);
		now = *s;
		note("rs485 %u %u %u", s->flags, s->delay_rts_before_send, s->delay_rts_after_send);
	}
	*s = now;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	REAL(ioctl);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch (request) {
	case TIOCMGET:
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return lines(request, arg);
	case TIOCGRS485:
	case TIOCSRS485:
		return driver(request, arg);
	default:
		return real(fd, request, arg);
	}
}

int tcdrain(int fd)
{
	REAL(tcdrain);

	note("drain");
	return real(fd);
}

ssize_t write(int fd, const void *buf, size_t n)
{
	REAL(write);
	ssize_t rc = real(fd, buf, n);

	/* not what goes to a terminal, for a person */
	if (fd > STDERR_FILENO && isatty(fd))
		note("write %zd", rc);
	return rc;
}
