#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "diagnosis.h"
#include "port_owner.h"

/* <linux/serial.h> has it unsigned, and the flags it belongs to signed. */
static const int low_latency = (int)ASYNC_LOW_LATENCY;

static const struct port_rate {
	int baud;
	speed_t code;
} rates[] = {
	{ 1200, B1200 }, { 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 },
	{ 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 }, { 115200, B115200 },
};

static struct usb_tree tree_of(const struct port *p)
{
	return (struct usb_tree){ p->tree.sys ? p->tree.sys : "/sys", p->tree.dev ? p->tree.dev : "/dev" };
}

/* Which adapter is it that has been opened? */
static void know_adapter(struct port *p)
{
	struct usb_tree tree = tree_of(p);
	struct stat st;

	if (fstat(p->guard, &st) == 0)
		usb_of(&tree, st.st_rdev, &p->adapter);
}

/* Where the adapter is now, to BUF; NULL: nowhere. */
static const char *device(const struct port *p, char *buf, size_t size)
{
	struct usb_tree tree = tree_of(p);
	struct stat named, found;

	if (!*p->adapter.vendor)
		return access(p->path, F_OK) == 0 ? p->path : NULL;
	if (!usb_find(&tree, &p->adapter, buf, size))
		return NULL;
	return stat(p->path, &named) == 0 && stat(buf, &found) == 0 && named.st_rdev == found.st_rdev ? p->path : buf;
}

bool port_present(const struct port *p)
{
	char buf[PATH_MAX];

	return device(p, buf, sizeof(buf)) != NULL;
}

int port_gone(const struct port *p, const struct target *t, struct err *e)
{
	struct usb_tree tree = tree_of(p);
	char other[PATH_MAX];

	if (*p->adapter.vendor && usb_find_kind(&tree, &p->adapter, other, sizeof(other)))
		return err_set(e, ERR_SILENT, "adapter is gone: '%s' was unplugged or its driver failed; '%.100s' is one of its"
			       " kind, and nothing shows that it is the same (connect there if it is)", t->path, other);
	return diagnosis_gone(t, e);
}

/* Opening raises DTR and RTS, so other programs' locks are looked at first. */
static int open_guard(struct port *p, const char *path, int mode, struct err *e)
{
	p->busy = port_uucp_locked(path, e) != 0;
	if (p->busy)
		return -1;
	p->guard = open(path, mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	p->busy = p->guard < 0 && errno == EBUSY;
	if (p->guard < 0)
		return port_complain(path, errno, e);
	if (!isatty(p->guard))
		return err_set(e, ERR_USAGE, "'%s' is not a serial port", path);
	p->busy = flock(p->guard, LOCK_EX | LOCK_NB) < 0;
	return p->busy ? port_complain(path, EBUSY, e) : 0;
}

static speed_t rate_code(int baud)
{
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i].baud == baud)
			return rates[i].code;
	return 0;
}

/* A pty has no parity: Linux clears PARENB there, and glibc takes that for an
 * error. Majors 136 to 143: UNIX98 pty slaves (Documentation/admin-guide/
 * devices.txt). */
static bool is_pty(const struct port *p)
{
	struct stat st;

	return fstat(p->guard, &st) == 0 && major(st.st_rdev) >= 136 && major(st.st_rdev) <= 143;
}

static char parity_for(const struct port *p, const struct target *t)
{
	return is_pty(p) ? 'N' : t->parity;
}

/* Has the driver taken what T says? */
static bool took(const struct port *p, const struct target *t, const struct termios *tio)
{
	char parity = !(tio->c_cflag & PARENB) ? 'N' : tio->c_cflag & PARODD ? 'O' : 'E';

	return cfgetospeed(tio) == rate_code(t->baud) && parity == parity_for(p, t)
	    && !(tio->c_cflag & CSTOPB) == (t->stop == 1);
}

static int cannot_do(const struct port *p, const struct target *t, struct err *e)
{
	char line[24];

	return err_set(e, ERR_USAGE, "port '%s' cannot do %s", p->now,
		       target_line(t, line, sizeof(line)));
}

/* libmodbus opens the port once more (the lock stays with the guard), and falls
 * back to 9600 baud without a word: what the driver took is read back. */
static int port_open_modbus(struct port *p, const char *path, const struct target *t,
			    struct err *e)
{
	struct termios tio;

	p->ctx = modbus_new_rtu(path, t->baud, parity_for(p, t), 8, t->stop);
	if (!p->ctx)
		return err_set(e, ERR_NO, "cannot set up '%s': %s", path, modbus_strerror(errno));
	modbus_set_error_recovery(p->ctx, MODBUS_ERROR_RECOVERY_NONE);
	if (modbus_connect(p->ctx) < 0)
		return errno == EINVAL ? cannot_do(p, t, e) : port_complain(path, errno, e);
	p->fd = modbus_get_socket(p->ctx);
	if (tcgetattr(p->fd, &tio) < 0)
		return port_complain(path, errno, e);
	return took(p, t, &tio) ? 0 : cannot_do(p, t, e);
}

/* A USB adapter keeps bytes back for up to 16 ms to fill a packet; for frames of
 * a few bytes that is most of the round trip. Drivers without the flag refuse. */
static void set_low_latency(struct port *p)
{
	struct serial_struct s;

	if (ioctl(p->fd, TIOCGSERIAL, &s) < 0 || (s.flags & low_latency))
		return;
	s.flags |= low_latency;
	p->low_latency = ioctl(p->fd, TIOCSSERIAL, &s) == 0;
}

static void restore_latency(struct port *p)
{
	struct serial_struct s;

	if (p->low_latency && ioctl(p->fd, TIOCGSERIAL, &s) == 0) {
		s.flags &= ~low_latency;
		ioctl(p->fd, TIOCSSERIAL, &s);
	}
	p->low_latency = false;
}

/* Keeps programs that know no lock off the line. Not on a pty: there the flag
 * would outlive a crash, as the other side keeps the terminal alive. */
static void port_set_exclusive(struct port *p)
{
	p->exclusive = !is_pty(p) && ioctl(p->fd, TIOCEXCL) == 0;
}

int port_open(struct port *p, const struct target *t, struct err *e)
{
	char buf[PATH_MAX];
	const char *path;

	p->guard = p->fd = -1;
	p->ctx = NULL;
	p->exclusive = p->low_latency = p->rs485.begun = p->passive = false;
	snprintf(p->path, sizeof(p->path), "%s", t->path);
	path = device(p, buf, sizeof(buf));
	/* an adapter that has only taken over the name is not opened */
	if (!path && *p->adapter.vendor)
		return port_gone(p, t, e);
	snprintf(p->now, sizeof(p->now), "%.255s", path ? path : p->path);
	if (open_guard(p, p->now, O_RDWR, e) || port_open_modbus(p, p->now, t, e)
	    || (is_pty(p) && port_set_line(p, t, e)) || rs485_begin(&p->rs485, p->fd, p->now, t, e)) {
		port_close(p);
		return -1;
	}
	set_low_latency(p);
	port_set_exclusive(p);
	if (!*p->adapter.vendor)
		know_adapter(p);
	return 0;
}

/* Bytes as they come. What the flags of hang-up and flow control are, they stay. */
static int port_set_raw(struct port *p, struct err *e)
{
	struct termios raw;

	if (tcgetattr(p->fd, &p->before) < 0)
		return port_complain(p->now, errno, e);
	raw = p->before;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= ~(tcflag_t)CSIZE;
	raw.c_cflag |= CS8 | CREAD | CLOCAL;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(p->fd, TCSANOW, &raw) < 0)
		return port_complain(p->now, errno, e);
	/* what came before has no time */
	tcflush(p->fd, TCIFLUSH);
	p->passive = true;
	return 0;
}

int port_open_passive(struct port *p, const struct target *t, struct err *e)
{
	*p = (struct port){ .guard = -1, .fd = -1 };
	snprintf(p->path, sizeof(p->path), "%s", t->path);
	snprintf(p->now, sizeof(p->now), "%s", t->path);
	if (open_guard(p, p->now, O_RDONLY, e) == 0) {
		p->fd = p->guard;
		if (port_set_raw(p, e) == 0 && port_set_line(p, t, e) == 0) {
			know_adapter(p);
			return 0;
		}
	}
	port_close(p);
	return -1;
}

void port_close(struct port *p)
{
	if (p->passive)
		tcsetattr(p->fd, TCSANOW, &p->before);
	if (p->fd >= 0) {
		rs485_end(&p->rs485, p->fd);
		restore_latency(p);
		if (p->exclusive)
			ioctl(p->fd, TIOCNXCL);
	}
	if (p->ctx) {
		modbus_close(p->ctx);
		modbus_free(p->ctx);
	}
	if (p->guard >= 0)
		close(p->guard);
	p->ctx = NULL;
	p->guard = p->fd = -1;
}

int port_send(struct port *p, const uint8_t *bytes, int n, int64_t frame_us)
{
	int rc, why;

	rs485_send(&p->rs485, p->fd);
	rc = modbus_send_raw_request(p->ctx, bytes, n);
	why = errno;
	rs485_sent(&p->rs485, p->fd, frame_us);
	errno = why;
	return rc;
}

ssize_t port_pass(struct port *p, const struct target *t, const uint8_t *bytes, size_t n)
{
	ssize_t taken;
	int why;

	rs485_send(&p->rs485, p->fd);
	taken = write(p->fd, bytes, n);
	why = errno;
	rs485_sent(&p->rs485, p->fd, taken > 0 ? taken * target_char_us(t) : 0);
	errno = why;
	return taken;
}

bool port_hung_up(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* A pty is told all of it as well: whoever stands behind it may look at it. */
int port_set_line(struct port *p, const struct target *t, struct err *e)
{
	char parity = t->parity;
	struct termios before, tio;

	if (tcgetattr(p->fd, &before) < 0)
		return port_complain(p->now, errno, e);
	tio = before;
	cfsetspeed(&tio, rate_code(t->baud));
	tio.c_cflag &= ~(tcflag_t)(PARENB | PARODD | CSTOPB);
	tio.c_iflag &= ~(tcflag_t)INPCK;
	if (parity != 'N') {
		tio.c_cflag |= PARENB;
		tio.c_iflag |= INPCK;
	}
	if (parity == 'O')
		tio.c_cflag |= PARODD;
	if (t->stop == 2)
		tio.c_cflag |= CSTOPB;
	if (tcsetattr(p->fd, TCSADRAIN, &tio) < 0 && errno != EINVAL)
		return port_complain(p->now, errno, e);
	if (tcgetattr(p->fd, &tio) == 0 && took(p, t, &tio))
		return 0;
	tcsetattr(p->fd, TCSADRAIN, &before);
	return cannot_do(p, t, e);
}
