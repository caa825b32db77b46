/*
 * test_link_slave.h - a meter that misbehaves as told, for the link's tests.
 *
 * It serves a pty, a TCP or a UDP port from a thread. Register A holds A x 7919 + 13,
 * so that a value that belongs to another register is seen at once. How each
 * request is answered is the test's own function; without one it is answered
 * well. What is written is acknowledged and counted, and changes nothing.
 */
#ifndef METERCTL_TEST_LINK_SLAVE_H
#define METERCTL_TEST_LINK_SLAVE_H

#include "meter/open.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/crc16.h"
#include "link/link.h"
#include "profile/value.h"

#define UNIT 1

static inline uint16_t register_value(unsigned addr)
{
	return (uint16_t)(addr * 7919U + 13U);
}

struct slave {
	int fd;			/* pty master, or the connection; -1 */
	int keep;		/* slave side, held open so that no hang-up is seen */
	int listener;		/* TCP; -1 */
	bool datagram;		/* UDP, on FD */
	struct sockaddr_in peer;	/* of the last datagram */
	int stop_fd;
	bool mbap;		/* Modbus TCP, not RTU frames */
	char path[128];		/* of the pty */
	int port;
	int baud;		/* of slave_link(); 0: 115200 */
	pthread_t thread;
	void (*serve)(struct slave *s, const uint8_t *pdu, unsigned nth);
	atomic_uint requests, writes, connections, ended;	/* ended: of the connections */
	atomic_bool go;		/* slave_await_go() goes on */
	uint8_t in[600], head[6];
	uint8_t written[600];	/* unit and PDU of the last write, NWRITTEN bytes; a test looks
				   at it after slave_stop(), or by slave_written() */
	size_t nwritten;
	pthread_mutex_t lock;	/* of these two */
	size_t n;
	unsigned seed;
	int mode;		/* the test's own */
};

/* Waits without missing the end of the test. */
static inline void slave_wait(struct slave *s, int ms)
{
	struct pollfd p = { s->stop_fd, POLLIN, 0 };

	poll(&p, 1, ms);
}

/* For what is to come when the test says so, by setting go. */
static inline void slave_await_go(struct slave *s)
{
	int64_t end = unit_now_ms() + UNIT_PATIENCE_MS;

	while (!atomic_load(&s->go) && unit_now_ms() < end)
		slave_wait(s, 1);
}

/* Until the master has said more; nobody else reads it meanwhile. */
static inline void slave_await_more(struct slave *s)
{
	unit_readable(s->fd, UNIT_PATIENCE_MS);
}

static inline void slave_send(struct slave *s, const uint8_t *bytes, size_t n)
{
	if (s->datagram) {
		sendto(s->fd, bytes, n, 0, (struct sockaddr *)&s->peer, sizeof(s->peer));
		return;
	}
	while (n > 0) {
		ssize_t rc = send(s->fd, bytes, n, MSG_NOSIGNAL);

		if (rc < 0 && errno == ENOTSOCK)
			rc = write(s->fd, bytes, n);
		if (rc <= 0)
			return;
		bytes += rc;
		n -= (size_t)rc;
	}
}

/* Builds the whole frame of unit + PDU; returns its length. */
static inline size_t slave_frame(struct slave *s, const uint8_t *pdu, size_t n, uint8_t *out)
{
	if (!s->mbap) {
		memcpy(out, pdu, n);
		return crc16_append(out, n);
	}
	memcpy(out, s->head, 4);
	out[4] = (uint8_t)(n >> 8);
	out[5] = (uint8_t)n;
	memcpy(out + 6, pdu, n);
	return n + 6;
}

/* The right answer to PDU (unit, function, address, count), whole. */
static inline size_t slave_answer(struct slave *s, const uint8_t *pdu, uint8_t *out)
{
	unsigned addr = (unsigned)(pdu[2] << 8 | pdu[3]), count = (unsigned)(pdu[4] << 8 | pdu[5]);
	uint8_t body[260];

	/* never more than an answer has room for */
	if (count > 125)
		count = 125;
	body[0] = pdu[0];
	body[1] = pdu[1];
	body[2] = (uint8_t)(2 * count);
	for (unsigned i = 0; i < count; i++) {
		body[3 + 2 * i] = (uint8_t)(register_value(addr + i) >> 8);
		body[4 + 2 * i] = (uint8_t)register_value(addr + i);
	}
	return slave_frame(s, body, 3 + 2 * count, out);
}

static inline bool slave_writes(const uint8_t *pdu)
{
	return pdu[1] == 16 || pdu[1] == 6;
}

static inline void slave_good(struct slave *s, const uint8_t *pdu)
{
	uint8_t out[270];

	slave_send(s, out, slave_writes(pdu) ? slave_frame(s, pdu, 6, out)
					     : slave_answer(s, pdu, out));
}

static inline void slave_exception(struct slave *s, const uint8_t *pdu, uint8_t code)
{
	uint8_t body[3] = { pdu[0], (uint8_t)(pdu[1] | 0x80), code }, out[16];

	slave_send(s, out, slave_frame(s, body, 3, out));
}

static inline unsigned slave_addr(const uint8_t *pdu)
{
	return (unsigned)(pdu[2] << 8 | pdu[3]);
}

static inline unsigned slave_count(const uint8_t *pdu)
{
	return (unsigned)(pdu[4] << 8 | pdu[5]);
}

/* Of the request that s->in begins with; 0: not known yet. */
static inline size_t slave_request_length(const struct slave *s)
{
	if (s->n < (s->mbap ? 12U : 8U))
		return 0;
	if (s->mbap)
		return 6U + (size_t)(s->in[4] << 8 | s->in[5]);
	return s->in[1] == 16 ? 9U + s->in[6] : 8U;
}

static inline void slave_requests(struct slave *s)
{
	size_t len;

	while ((len = slave_request_length(s)) > 0 && s->n >= len) {
		size_t head = s->mbap ? 6 : 0;
		uint8_t pdu[6];

		if (!s->mbap && !crc16_good(s->in, len)) {
			s->n = 0;
			return;
		}
		memcpy(s->head, s->in, head);
		memcpy(pdu, s->in + head, 6);
		if (slave_writes(pdu)) {
			pthread_mutex_lock(&s->lock);
			s->nwritten = len - head - (s->mbap ? 0 : 2);
			memcpy(s->written, s->in + head, s->nwritten);
			pthread_mutex_unlock(&s->lock);
			atomic_fetch_add(&s->writes, 1);
		}
		s->n -= len;
		memmove(s->in, s->in + len, s->n);
		atomic_fetch_add(&s->requests, 1);
		if (s->serve)
			s->serve(s, pdu, atomic_load(&s->requests));
		else
			slave_good(s, pdu);
	}
}

/* Unit and PDU of the last write while the slave goes on; their length. */
static inline size_t slave_written(struct slave *s, uint8_t out[600])
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->nwritten;
	memcpy(out, s->written, n);
	pthread_mutex_unlock(&s->lock);
	return n;
}

/* Whoever sent the last one is answered. */
static inline void slave_datagram(struct slave *s)
{
	socklen_t len = sizeof(s->peer);
	ssize_t n = recvfrom(s->fd, s->in, sizeof(s->in), 0, (struct sockaddr *)&s->peer, &len);

	s->n = n > 0 ? (size_t)n : 0;
	slave_requests(s);
	s->n = 0;
}

static inline void *slave_run(void *arg)
{
	struct slave *s = arg;

	for (;;) {
		struct pollfd p[3] = {
			{ s->stop_fd, POLLIN, 0 },
			{ s->listener, POLLIN, 0 },
			{ s->fd, POLLIN, 0 },
		};
		ssize_t n;

		poll(p, 3, -1);
		if (p[0].revents)
			return NULL;
		if (p[1].revents) {
			if (s->fd >= 0)
				close(s->fd);
			s->fd = accept(s->listener, NULL, NULL);
			s->n = 0;
			atomic_fetch_add(&s->connections, 1);
			continue;
		}
		if (!p[2].revents)
			continue;
		if (s->datagram) {
			slave_datagram(s);
			continue;
		}
		n = read(s->fd, s->in + s->n, sizeof(s->in) - s->n);
		if (n <= 0) {
			if (s->listener >= 0) {
				close(s->fd);
				s->fd = -1;
				atomic_fetch_add(&s->ended, 1);
			} else {
				slave_wait(s, 1);
			}
			continue;
		}
		s->n += (size_t)n;
		slave_requests(s);
	}
}

static inline void slave_start(struct slave *s)
{
	s->stop_fd = eventfd(0, EFD_CLOEXEC);
	assert_true(s->stop_fd >= 0);
	pthread_mutex_init(&s->lock, NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, slave_run, s), 0);
}

static inline void slave_pty(struct slave *s)
{
	struct termios tio;

	s->listener = -1;
	s->n = 0;
	assert_int_equal(openpty(&s->fd, &s->keep, s->path, NULL, NULL), 0);
	assert_int_equal(tcgetattr(s->keep, &tio), 0);
	cfmakeraw(&tio);
	assert_int_equal(tcsetattr(s->keep, TCSANOW, &tio), 0);
	slave_start(s);
}

/* s->port of 127.0.0.1; 0: a free one, which is then there. */
static inline int slave_bind(struct slave *s, int type)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)s->port);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	s->fd = s->keep = s->listener = -1;
	s->n = 0;
	return fd;
}

static inline void slave_tcp(struct slave *s)
{
	s->listener = slave_bind(s, SOCK_STREAM);
	assert_int_equal(listen(s->listener, 4), 0);
	slave_start(s);
}

static inline void slave_udp(struct slave *s)
{
	s->fd = slave_bind(s, SOCK_DGRAM);
	s->datagram = true;
	slave_start(s);
}

/* Where a target of SCHEME leads to, in its frames. */
static inline void slave_at(struct slave *s, enum scheme scheme)
{
	const struct target t = { .scheme = scheme };

	s->mbap = target_frames_tcp(&t);
	if (target_is_serial(&t))
		slave_pty(s);
	else if (target_is_datagram(&t))
		slave_udp(s);
	else
		slave_tcp(s);
}

static inline void slave_stop(struct slave *s)
{
	const uint64_t one = 1;

	assert_int_equal(write(s->stop_fd, &one, sizeof(one)), sizeof(one));
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	close(s->stop_fd);
	if (s->fd >= 0)
		close(s->fd);
	if (s->keep >= 0)
		close(s->keep);
	if (s->listener >= 0)
		close(s->listener);
	s->fd = s->keep = s->listener = -1;
}

/* A link to UNIT of S: RTU on its pty, or with SCHEME on its port. */
static inline struct link *slave_link_unit(const struct slave *s, enum scheme scheme, int unit,
					   const struct link_opts *o)
{
	struct target t = {
		.scheme = scheme, .host = "127.0.0.1", .port = s->port,
		.baud = s->baud ? s->baud : 115200, .parity = 'N', .stop = 1, .unit = unit,
	};
	struct err e = { 0 };
	struct link *l;

	snprintf(t.path, sizeof(t.path), "%s", s->path);
	l = link_open(&t, o, &e);
	if (!l)
		fail_msg("%s", e.text);
	return l;
}

static inline struct link *slave_link(const struct slave *s, enum scheme scheme,
				      const struct link_opts *o)
{
	return slave_link_unit(s, scheme, UNIT, o);
}

#endif
