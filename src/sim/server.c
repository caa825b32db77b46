#include "server.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "modbus/sock.h"

#define MS 1000000LL

/* Readings move this often, as in a meter that measures over several cycles. */
#define UPDATE (250 * MS)
#define IDLE (1000 * MS)

int64_t server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void server_advance(struct sim *s, int64_t now)
{
	if (now - s->advanced < UPDATE)
		return;
	for (int i = 0; i < s->nmeters; i++)
		sim_meter_advance(s->meters[i], (double)(now - s->advanced) / 1e9);
	s->advanced = now;
}

/* A meter that cannot keep a setting says so (exception 04, device failure). */
static size_t server_keep(struct sim_meter *m, size_t n, uint8_t *pdu)
{
	if (!m->scenario.state[0] || !state_save(m, m->scenario.state, NULL))
		return n;
	pdu[0] |= 0x80;
	pdu[1] = 4;
	return 2;
}

static void broadcast(struct sim *s, const struct line *l, const struct request *rq)
{
	uint8_t pdu[PDU_MAX];
	bool written;

	for (int i = 0; i < s->nmeters; i++) {
		if (l->only && l->only != s->meters[i])
			continue;
		unit_answer(s->meters[i], rq->pdu, rq->n, pdu, &written);
		if (!written)
			continue;
		server_keep(s->meters[i], 0, pdu);
		unit_adopt_link(s->meters[i]);
	}
}

static struct sim_meter *addressed(struct sim *s, const struct line *l, uint8_t unit)
{
	/* 0 and 255 mean the device itself on Modbus TCP (messaging on TCP/IP
	 * implementation guide V1.0b, 4.4.2) */
	if (l->framing == FRAMING_MBAP && (unit == 0 || unit == 255))
		return s->meters[0];
	for (int i = 0; i < s->nmeters; i++)
		if (s->meters[i]->address == unit && (!l->only || l->only == s->meters[i]))
			return s->meters[i];
	return NULL;
}

/* At another speed than its own a meter hears nothing it understands. A line
 * without a pace is also heard at the speed that `sim:` opens it with. */
static bool understood(const struct sim_meter *m, int speed)
{
	return speed == 0 || speed == m->baud || (!m->scenario.pace && speed == 115200);
}

/* What the scenario has befall M's writes, and M after one. */
static struct fate write_fate(struct sim_meter *m, const struct request *rq, int64_t now)
{
	const struct scenario *c = &m->scenario;
	struct fate f = rq->fate;

	if (now < m->deaf_until)
		f.lost = true;
	if ((rq->pdu[0] != 0x10 && rq->pdu[0] != 0x06) || f.lost)
		return f;
	if (!c->first_write_only || !m->write_seen) {
		f.lost = c->write_lost == LOST_REQUEST;
		f.mute |= c->write_lost == LOST_REPLY;
	}
	m->write_seen = true;
	return f;
}

void server_answer(struct sim *s, struct line *l, struct request *rq, int64_t now)
{
	struct sim_meter *m = addressed(s, l, rq->unit);
	uint8_t pdu[PDU_MAX] = { rq->pdu[0] | 0x80 };
	bool written = false;
	size_t n = 2;

	if (m && l == s->lines[0] && !understood(m, pty_speed(&s->pty)))
		return;
	if (m)
		rq->fate = write_fate(m, rq, now);
	if (rq->unit == 0 && l->framing == FRAMING_RTU && !rq->fate.lost)
		broadcast(s, l, rq);
	if (!m || rq->fate.lost) {
		/* a gateway says that nobody answers (exception 0B) */
		pdu[1] = 0x0B;
		line_answer(l, rq, pdu, l->framing == FRAMING_MBAP && !rq->fate.lost ? n : 0,
			    s->meters[0]->baud, s->meters[0]->bits, now);
		return;
	}
	server_advance(s, now);
	if (rq->fate.exception)
		pdu[1] = (uint8_t)rq->fate.exception;
	else
		n = unit_answer(m, rq->pdu, rq->n, pdu, &written);
	if (written)
		n = server_keep(m, n, pdu);
	line_answer(l, rq, pdu, n, m->baud, m->bits, now);
	if (!written)
		return;
	/* the answer still leaves as the link was */
	unit_adopt_link(m);
	if (m->scenario.mute_ms)
		m->deaf_until = l->free_at + m->scenario.mute_ms * MS;
}

static void drop_line(struct sim *s, int i)
{
	close(s->lines[i]->fd);
	free(s->lines[i]);
	s->lines[i] = NULL;
}

static void take_client(struct sim *s, int listening, enum framing framing)
{
	int fd = sock_accept(listening);

	if (fd < 0)
		return;
	for (int i = 1; i < MAX_LINES; i++) {
		if (s->lines[i])
			continue;
		s->lines[i] = malloc(sizeof(*s->lines[i]));
		if (!s->lines[i])
			break;
		line_init(s->lines[i], fd, framing, &s->meters[0]->scenario, s->luck++ << 32);
		return;
	}
	close(fd);
}

/* Everything a line can do now. False: it is gone. */
static bool run_line(struct sim *s, struct line *l, bool readable)
{
	struct request rq;

	/* what is due leaves first: an answer that is out no longer deafens */
	if (!line_send(l, server_now()))
		return false;
	if (readable && !line_hear(l, server_now()) && l != s->lines[0])
		return false;
	while (l == s->lines[0] && pty_forget_unread(&s->pty))
		line_hear(l, server_now());
	while (line_request(l, server_now(), &rq)) {
		server_answer(s, l, &rq, server_now());
		if (!line_send(l, server_now()))
			return false;
	}
	return !l->broken;
}

static bool wants_input(const struct sim *s, const struct line *l)
{
	if (l == s->lines[0] && s->pty.unused)
		return false;
	return l->framing == FRAMING_RTU || !line_busy(l);
}

static int64_t next_event(const struct sim *s)
{
	int64_t next = s->advanced + IDLE;

	for (int i = 0; i < MAX_LINES; i++)
		if (s->lines[i] && line_next(s->lines[i]) < next)
			next = line_next(s->lines[i]);
	if (s->uplink && uplink_next(s->uplink) < next)
		next = uplink_next(s->uplink);
	return next;
}

void *server_run(void *arg)
{
	enum { STOP, TCP, RTUTCP, USERS, BROKER, LINES, FDS = LINES + MAX_LINES };
	struct sim *s = arg;
	struct pollfd fds[FDS];

	/* replies are to leave within some us of their time, not within the 50
	 * that the kernel allows itself */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	fds[STOP] = (struct pollfd){ .fd = s->stop, .events = POLLIN };
	fds[TCP] = (struct pollfd){ .fd = s->tcp, .events = POLLIN };
	fds[RTUTCP] = (struct pollfd){ .fd = s->rtutcp, .events = POLLIN };
	fds[USERS] = (struct pollfd){ .fd = s->pty.watch, .events = POLLIN };
	fds[BROKER] = (struct pollfd){
		.fd = s->uplink ? uplink_fd(s->uplink) : -1, .events = POLLIN,
	};
	for (;;) {
		int64_t wait = next_event(s) - server_now();
		struct timespec t = { wait / 1000000000LL, wait % 1000000000LL };

		for (int i = 0; i < MAX_LINES; i++)
			fds[LINES + i] = (struct pollfd){
				.fd = s->lines[i] && wants_input(s, s->lines[i])
					? s->lines[i]->fd : -1,
				.events = POLLIN,
			};
		if (wait > 0 && ppoll(fds, FDS, &t, NULL) < 0 && errno != EINTR)
			break;
		if (wait <= 0 && ppoll(fds, FDS, &(struct timespec){ 0, 0 }, NULL) < 0
		    && errno != EINTR)
			break;
		if (fds[STOP].revents)
			break;
		/* who has opened the port may have written to it already: only what is
		 * there by now may bear the time that is taken next */
		if (fds[USERS].revents) {
			fds[LINES].fd = s->lines[0]->fd;
			poll(&fds[LINES], 1, 0);
		}
		for (int i = 0; i < MAX_LINES; i++)
			if (s->lines[i] && !run_line(s, s->lines[i], fds[LINES + i].revents != 0)
			    && i > 0)
				drop_line(s, i);
		if (fds[TCP].revents)
			take_client(s, s->tcp, FRAMING_MBAP);
		if (fds[RTUTCP].revents)
			take_client(s, s->rtutcp, FRAMING_RTU);
		if (s->uplink)
			uplink_run(s->uplink, s);
		if (server_now() - s->advanced >= IDLE)
			server_advance(s, server_now());
	}
	return NULL;
}
