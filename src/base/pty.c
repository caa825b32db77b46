#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* No meter speaks at 50 baud: a pty that still has it was set by nobody. */
#define UNSET B50

static const struct {
	speed_t code;
	int baud;
} speeds[] = {
	{ B300, 300 }, { B600, 600 }, { B1200, 1200 }, { B2400, 2400 },
	{ B4800, 4800 }, { B9600, 9600 }, { B19200, 19200 }, { B38400, 38400 },
	{ B57600, 57600 }, { B115200, 115200 }, { B230400, 230400 },
};

/* Made beside and renamed, so that the name never stands for nothing. */
static int make_link(struct pty *p, const char *link, struct err *e)
{
	char beside[sizeof(p->link) + 24];
	struct stat st;

	if (strlen(link) >= sizeof(p->link))
		return err_set(e, ERR_USAGE, "the name '%s' is too long", link);
	if (lstat(link, &st) == 0 && !S_ISLNK(st.st_mode))
		return err_set(e, ERR_DENIED, "cannot link '%s': something else has that name", link);
	/* one that leads nowhere was left behind */
	if (stat(link, &st) == 0)
		return err_set(e, ERR_DENIED, "cannot link '%s': it leads to a port that is there "
			       "(is another meterctl running? else remove it)", link);
	snprintf(beside, sizeof(beside), "%s.%ld", link, (long)getpid());
	unlink(beside);
	if (symlink(p->path, beside))
		return err_set(e, ERR_NO, "cannot link '%s': %s", link, strerror(errno));
	if (rename(beside, link)) {
		err_set(e, ERR_NO, "cannot link '%s': %s", link, strerror(errno));
		unlink(beside);
		return -1;
	}
	snprintf(p->link, sizeof(p->link), "%s", link);
	return 0;
}

static int make_raw(struct pty *p)
{
	struct termios t;

	if (tcgetattr(p->slave, &t))
		return -1;
	cfmakeraw(&t);
	cfsetspeed(&t, UNSET);
	return tcsetattr(p->slave, TCSANOW, &t);
}

int pty_open(struct pty *p, const char *link, struct err *e)
{
	*p = (struct pty){ .master = -1, .slave = -1, .watch = -1 };
	if (openpty(&p->master, &p->slave, NULL, NULL, NULL)
	    || ttyname_r(p->slave, p->path, sizeof(p->path)) || make_raw(p)) {
		err_set(e, ERR_NO, "cannot make a pseudo terminal: %s", strerror(errno));
		goto failed;
	}
	fcntl(p->master, F_SETFL, O_NONBLOCK);
	fcntl(p->master, F_SETFD, FD_CLOEXEC);
	fcntl(p->slave, F_SETFD, FD_CLOEXEC);
	/* without inotify a port only keeps what nobody was there to read */
	p->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (p->watch >= 0)
		inotify_add_watch(p->watch, p->path, IN_OPEN | IN_CLOSE);
	/* without it the slave is held open: else the master of a port that
	 * nobody has open reads an error, again and again */
	if (p->watch >= 0) {
		close(p->slave);
		p->slave = -1;
		p->unused = true;
	}
	if (link && make_link(p, link, e))
		goto failed;
	return 0;
failed:
	pty_close(p);
	return -1;
}

void pty_close(struct pty *p)
{
	char now[sizeof(p->path)];
	ssize_t n;

	/* another simulator may have taken the name over */
	n = p->link[0] ? readlink(p->link, now, sizeof(now)) : -1;
	if (n > 0 && (size_t)n == strlen(p->path) && memcmp(now, p->path, (size_t)n) == 0)
		unlink(p->link);
	if (p->watch >= 0)
		close(p->watch);
	if (p->slave >= 0)
		close(p->slave);
	if (p->master >= 0)
		close(p->master);
	*p = (struct pty){ .master = -1, .slave = -1, .watch = -1 };
}

int pty_speed(const struct pty *p)
{
	struct termios t;

	if (tcgetattr(p->master, &t))
		return 0;
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].code == cfgetospeed(&t))
			return speeds[i].baud;
	return 0;
}

/* True: somebody has gone and somebody come since the last look. Counting them
 * would be wrong at times: inotify(7) tells two alike in a row as one. */
static bool changed_hands(struct pty *p)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool gone = false, come = false;
	ssize_t n;

	while ((n = read(p->watch, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n; ) {
			const struct inotify_event *ev = (const void *)(buf + at);

			gone |= (ev->mask & IN_CLOSE) != 0;
			come |= gone && ev->mask & IN_OPEN;
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	return come;
}

/* POLLHUP: nobody has it open. POLLIN: something has been sent here. */
static int pty_state_of(const struct pty *p)
{
	struct pollfd f = { .fd = p->master, .events = POLLIN };

	return poll(&f, 1, 0) == 1 ? f.revents : 0;
}

/* What is on its way, then what has arrived. The master reaches only the first. */
static void drop_unread(struct pty *p)
{
	int fd = open(p->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	tcflush(p->master, TCOFLUSH);
	if (fd < 0)
		return;
	tcflush(fd, TCIFLUSH);
	close(fd);
	/* this was nobody */
	changed_hands(p);
}

bool pty_forget_unread(struct pty *p)
{
	bool was_unused = p->unused;
	int state;

	if (p->watch < 0)
		return false;
	if (changed_hands(p) || was_unused || pty_state_of(p) & POLLHUP)
		drop_unread(p);
	state = pty_state_of(p);
	p->unused = (state & POLLHUP) != 0;
	return p->unused && state & POLLIN;
}
