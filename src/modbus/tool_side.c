#include "tool_side.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sock.h"

#define TCP_WORD "tcp:"
#define PTY_WORD "pty"
/* A machine that was switched off says nothing: its place is free again after so many s. */
#define DEAD_AFTER_S 20

static int serve_unknown(const char *serve, struct err *e)
{
	return err_set(e, ERR_USAGE, "cannot serve '%s' (use pty, tcp:[ADDR:]PORT or rtu:PORT)", serve);
}

/* ---- a TCP port ------------------------------------------------------------------ */

/* "[ADDR:]PORT", an IPv6 address in brackets. */
static int parse_tcp(const char *text, char *addr, size_t size, int *port)
{
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end;
	long number = strtol(digits, &end, 10);

	if (*digits < '0' || *digits > '9' || *end || number > 65535 || n >= size)
		return -1;
	*port = (int)number;
	if (n > 1 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	snprintf(addr, size, "%.*s", colon ? (int)n : 9, colon ? text : "127.0.0.1");
	return 0;
}

static int serve_tcp(struct tool_side *s, const char *serve, struct err *e)
{
	char addr[64];
	int port;

	if (parse_tcp(serve + strlen(TCP_WORD), addr, sizeof(addr), &port))
		return serve_unknown(serve, e);
	s->door = sock_listen(addr, &port, e);
	snprintf(s->where, sizeof(s->where), strchr(addr, ':') ? "tcp [%s]:%d" : "tcp %s:%d", addr, port);
	return s->door < 0 ? -1 : 0;
}

static void tool_gone(struct tool_side *s)
{
	close(s->fd);
	s->fd = -1;
	s->ended = false;
}

/* He has hung up, and the end of what he has said is still to be read. */
static bool client_leaves(const struct tool_side *s)
{
	struct pollfd p = { s->fd, POLLRDHUP, 0 };

	return poll(&p, 1, 0) > 0;
}

static void watch_client(int fd)
{
	const int on = 1, idle = DEAD_AFTER_S / 2, every = DEAD_AFTER_S / 4, times = 2;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static bool look_at_door(struct tool_side *s)
{
	bool taken = s->fd >= 0 && !s->ended;
	int fd = taken && client_leaves(s) ? -1 : sock_accept(s->door);

	if (fd < 0)
		return false;
	if (taken) {
		close(fd);
		return false;
	}
	if (s->fd >= 0)
		tool_gone(s);
	watch_client(fd);
	s->fd = fd;
	return true;
}

/* ---- another serial port ----------------------------------------------------------- */

static int serve_port(struct tool_side *s, const char *serve, struct err *e)
{
	char line[24];

	if (target_parse(serve, &s->target, e))
		return -1;
	if (!target_is_serial(&s->target))
		return serve_unknown(serve, e);
	if (port_open(&s->port, &s->target, e))
		return -1;
	s->fd = s->port.fd;
	snprintf(s->where, sizeof(s->where), "port %s at %s", s->target.path, target_line(&s->target, line, sizeof(line)));
	return 0;
}

static int port_lost(const struct tool_side *s, struct err *e)
{
	return err_set(e, ERR_SILENT, "port of the tool lost: '%s' was unplugged or its driver failed (plug it in, then repeat)",
		       s->target.path);
}

/* ---- any of them ------------------------------------------------------------------- */

static int serve_pty(struct tool_side *s, const char *serve, struct err *e)
{
	const char *link = serve[strlen(PTY_WORD)] ? serve + strlen(PTY_WORD) + 1 : NULL;

	if (pty_open(&s->pty, link, e))
		return -1;
	s->fd = s->pty.master;
	snprintf(s->where, sizeof(s->where), "pty %s", link ? link : s->pty.path);
	return 0;
}

int tool_side_open(struct tool_side *s, const char *serve, struct err *e)
{
	size_t pty = strlen(PTY_WORD);

	*s = (struct tool_side){ .kind = TOOL_PORT, .fd = -1, .door = -1 };
	if (strncmp(serve, TCP_WORD, strlen(TCP_WORD)) == 0) {
		s->kind = TOOL_TCP;
		return serve_tcp(s, serve, e);
	}
	if (strncmp(serve, PTY_WORD, pty) == 0 && (!serve[pty] || (serve[pty] == ':' && serve[pty + 1]))) {
		s->kind = TOOL_PTY;
		return serve_pty(s, serve, e);
	}
	return strchr(serve, ':') ? serve_port(s, serve, e) : serve_unknown(serve, e);
}

void tool_side_close(struct tool_side *s)
{
	if (s->kind == TOOL_PTY && s->fd >= 0)
		pty_close(&s->pty);
	else if (s->kind == TOOL_PORT && s->fd >= 0)
		port_close(&s->port);
	else if (s->fd >= 0)
		close(s->fd);
	if (s->door >= 0)
		close(s->door);
	s->fd = s->door = -1;
}

void tool_side_wants(const struct tool_side *s, bool hear, bool speak, struct pollfd f[2])
{
	bool silent = s->ended || (s->kind == TOOL_PTY && s->pty.unused && !s->left);
	short events = (short)((hear && !silent ? POLLIN : 0) | (speak ? POLLOUT : 0));

	/* who hangs up says so whatever is waited for */
	f[0] = (struct pollfd){ .fd = events ? s->fd : -1, .events = events };
	/* another client is let in when nothing of the one before is unread any more */
	f[1] = (struct pollfd){ .fd = s->kind == TOOL_PTY ? s->pty.watch : hear ? s->door : -1, .events = POLLIN };
}

bool tool_side_look(struct tool_side *s)
{
	bool was_unused = s->pty.unused;

	if (s->kind == TOOL_TCP)
		return look_at_door(s);
	if (s->kind != TOOL_PTY)
		return false;
	s->left = pty_forget_unread(&s->pty);
	return was_unused && !s->pty.unused;
}

static ssize_t read_client(struct tool_side *s, uint8_t *buf, size_t size)
{
	ssize_t n = s->ended ? 0 : recv(s->fd, buf, size, 0);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return n > 0 ? n : 0;
	/* he who has ended his sending may wait for a reply; another is let in at once */
	if (n == 0 && !s->ended)
		s->ended = true;
	else
		tool_gone(s);
	return 0;
}

ssize_t tool_side_read(struct tool_side *s, uint8_t *buf, size_t size, struct err *e)
{
	ssize_t n;

	if (s->fd < 0)
		return 0;
	if (s->kind == TOOL_TCP)
		return read_client(s, buf, size);
	n = read(s->fd, buf, size);
	if (n > 0)
		return n;
	if (s->kind == TOOL_PORT && (n == 0 ? port_hung_up(s->fd) : errno != EAGAIN && errno != EINTR))
		return port_lost(s, e);
	return 0;
}

ssize_t tool_side_write(struct tool_side *s, const uint8_t *bytes, size_t n, struct err *e)
{
	ssize_t taken;

	if (s->fd < 0 || s->pty.unused)
		return (ssize_t)n;
	taken = s->kind == TOOL_TCP ? send(s->fd, bytes, n, MSG_NOSIGNAL)
		: s->kind == TOOL_PORT ? port_pass(&s->port, &s->target, bytes, n) : write(s->fd, bytes, n);
	if (taken >= 0)
		return taken;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	if (s->kind == TOOL_PORT)
		return port_lost(s, e);
	if (s->kind == TOOL_TCP)
		tool_gone(s);
	return (ssize_t)n;
}
