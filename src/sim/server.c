#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "pty.h"
#include "unit.h"

#define MAX_METERS 247
#define MAX_LINES 17	/* the pty's and sixteen clients */
#define MS 1000000LL

/* Readings move this often, as in a meter that measures over several cycles. */
#define UPDATE (250 * MS)
#define IDLE (1000 * MS)

struct sim {
	struct sim_meter *meters[MAX_METERS];
	int nmeters;
	struct pty pty;
	int tcp, rtutcp;	/* listening; -1 none */
	int tcp_port, rtutcp_port;
	struct line *lines[MAX_LINES];	/* [0] is the pty's, or NULL */
	int64_t advanced;
	uint64_t luck;
	char *targets;
	int stop;		/* eventfd */
	pthread_t thread;
	bool running;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void advance(struct sim *s, int64_t now)
{
	if (now - s->advanced < UPDATE)
		return;
	for (int i = 0; i < s->nmeters; i++)
		sim_meter_advance(s->meters[i], (double)(now - s->advanced) / 1e9);
	s->advanced = now;
}

/* A meter that cannot keep a setting says so (exception 04, device failure). */
static size_t keep(struct sim_meter *m, size_t n, uint8_t *pdu)
{
	if (!m->scenario.state[0] || !state_save(m, m->scenario.state, NULL))
		return n;
	pdu[0] |= 0x80;
	pdu[1] = 4;
	return 2;
}

static void broadcast(struct sim *s, const struct request *rq)
{
	uint8_t pdu[PDU_MOST];
	bool written;

	for (int i = 0; i < s->nmeters; i++) {
		unit_answer(s->meters[i], rq->pdu, rq->n, pdu, &written);
		if (!written)
			continue;
		keep(s->meters[i], 0, pdu);
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
		if (s->meters[i]->address == unit)
			return s->meters[i];
	return NULL;
}

/* At another speed than its own a meter hears nothing it understands. A line
 * without a pace is also heard at the speed that `sim:` opens it with. */
static bool understood(const struct sim_meter *m, int speed)
{
	return speed == 0 || speed == m->baud || (!m->scenario.pace && speed == 115200);
}

static void serve(struct sim *s, struct line *l, const struct request *rq, int64_t now)
{
	struct sim_meter *m = addressed(s, l, rq->unit);
	uint8_t pdu[PDU_MOST] = { rq->pdu[0] | 0x80 };
	bool written = false;
	size_t n = 2;

	if (rq->unit == 0 && l->framing == FRAMING_RTU && !rq->fate.lost)
		broadcast(s, rq);
	if (!m || rq->fate.lost) {
		/* a gateway says that nobody answers (exception 0B) */
		pdu[1] = 0x0B;
		line_answer(l, rq, pdu, l->framing == FRAMING_MBAP && !rq->fate.lost ? n : 0,
			    s->meters[0]->baud, s->meters[0]->bits, now);
		return;
	}
	if (l == s->lines[0] && !understood(m, pty_speed(&s->pty)))
		return;
	advance(s, now);
	if (rq->fate.exception)
		pdu[1] = (uint8_t)rq->fate.exception;
	else
		n = unit_answer(m, rq->pdu, rq->n, pdu, &written);
	if (written)
		n = keep(m, n, pdu);
	line_answer(l, rq, pdu, n, m->baud, m->bits, now);
	/* the answer still leaves as the link was */
	if (written)
		unit_adopt_link(m);
}

static void drop_line(struct sim *s, int i)
{
	close(s->lines[i]->fd);
	free(s->lines[i]);
	s->lines[i] = NULL;
}

static void take_client(struct sim *s, int listening, enum framing framing)
{
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
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
	if (!line_send(l, now_ns()))
		return false;
	if (readable && !line_hear(l, now_ns()))
		return false;
	while (line_request(l, now_ns(), &rq))
		serve(s, l, &rq, now_ns());
	return line_send(l, now_ns());
}

static bool wants_input(const struct line *l)
{
	return l->framing == FRAMING_RTU || !line_busy(l);
}

static int64_t next_event(const struct sim *s)
{
	int64_t next = s->advanced + IDLE;

	for (int i = 0; i < MAX_LINES; i++)
		if (s->lines[i] && line_next(s->lines[i]) < next)
			next = line_next(s->lines[i]);
	return next;
}

static void *serve_thread(void *arg)
{
	enum { STOP, TCP, RTUTCP, LINES, FDS = LINES + MAX_LINES };
	struct sim *s = arg;
	struct pollfd fds[FDS];

	/* replies are to leave within some us of their time, not within the 50
	 * that the kernel allows itself */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	fds[STOP] = (struct pollfd){ .fd = s->stop, .events = POLLIN };
	fds[TCP] = (struct pollfd){ .fd = s->tcp, .events = POLLIN };
	fds[RTUTCP] = (struct pollfd){ .fd = s->rtutcp, .events = POLLIN };
	for (;;) {
		int64_t wait = next_event(s) - now_ns();
		struct timespec t = { wait / 1000000000LL, wait % 1000000000LL };

		for (int i = 0; i < MAX_LINES; i++)
			fds[LINES + i] = (struct pollfd){
				.fd = s->lines[i] && wants_input(s->lines[i])
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
		for (int i = 0; i < MAX_LINES; i++)
			if (s->lines[i] && !run_line(s, s->lines[i], fds[LINES + i].revents != 0)
			    && i > 0)
				drop_line(s, i);
		if (fds[TCP].revents)
			take_client(s, s->tcp, FRAMING_MBAP);
		if (fds[RTUTCP].revents)
			take_client(s, s->rtutcp, FRAMING_RTU);
		if (now_ns() - s->advanced >= IDLE)
			advance(s, now_ns());
	}
	return NULL;
}

/* PORT 0: any free one; *PORT is then what it became. -1: none. */
static int listen_on(int *port, struct err *e)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)*port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(a);
	int fd, on = 1;

	if (*port < 0)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 8)
	    || getsockname(fd, (struct sockaddr *)&a, &len)) {
		err_set(e, ERR_NO, "cannot listen on 127.0.0.1 port %d: %s", *port,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return -2;
	}
	*port = ntohs(a.sin_port);
	return fd;
}

/* The local time of day, as the meter's clock shows it. */
static double local_now(void)
{
	time_t t = time(NULL);
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return (double)timegm(&tm);
}

/* The second and further meters keep their state beside the first one's. */
static int load_state(struct sim_meter *m, int index, struct err *e)
{
	char *file = m->scenario.state;
	size_t len = strlen(file);

	if (!file[0])
		return 0;
	if (index > 0 && (size_t)snprintf(file + len, sizeof(m->scenario.state) - len,
					  ".%d", m->scenario.unit) >= sizeof(m->scenario.state) - len)
		return err_set(e, ERR_USAGE, "the name '%s' is too long", file);
	/* saved at once: a folder that cannot be written to is told now */
	return state_load(m, file, e) || state_save(m, file, e) ? -1 : 0;
}

static int make_meters(struct sim *s, const struct sim_opts *o, struct err *e)
{
	int count = o->count > 0 ? o->count : 1;
	double start = local_now();

	if (count > MAX_METERS)
		return err_set(e, ERR_USAGE, "a line has room for %d meters, not %d",
			       MAX_METERS, count);
	for (int i = 0; i < count; i++) {
		struct sim_meter *m = unit_new(o->profile, o->scenario, i, start, e);

		if (!m)
			return -1;
		s->meters[s->nmeters++] = m;
		if (m->scenario.unit > MAX_METERS)
			return err_set(e, ERR_USAGE, "%d meters from address %d on pass address %d",
				       count, s->meters[0]->scenario.unit, MAX_METERS);
		if (load_state(m, i, e))
			return -1;
	}
	return 0;
}

static int make_lines(struct sim *s, const struct sim_opts *o, struct err *e)
{
	s->tcp_port = o->tcp_port;
	s->rtutcp_port = o->rtutcp_port;
	s->tcp = listen_on(&s->tcp_port, e);
	if (s->tcp == -2)
		return -1;
	s->rtutcp = listen_on(&s->rtutcp_port, e);
	if (s->rtutcp == -2)
		return -1;
	if (o->no_pty)
		return 0;
	if (pty_open(&s->pty, o->pty_link, e))
		return -1;
	s->lines[0] = malloc(sizeof(*s->lines[0]));
	if (!s->lines[0])
		return err_set(e, ERR_NO, "out of memory for a line");
	line_init(s->lines[0], s->pty.master, FRAMING_RTU, &s->meters[0]->scenario,
		  s->luck++ << 32);
	return 0;
}

static int list_targets(struct sim *s, struct err *e)
{
	size_t size = 0;
	FILE *f = open_memstream(&s->targets, &size);

	if (!f)
		return err_set(e, ERR_NO, "out of memory for the list of targets");
	for (int i = 0; i < s->nmeters; i++) {
		const struct sim_meter *m = s->meters[i];

		if (s->lines[0] && m->baud != 9600)
			fprintf(f, "rtu:%s?baud=%d&unit=%d\n", sim_pty(s), m->baud, m->address);
		else if (s->lines[0])
			fprintf(f, "rtu:%s?unit=%d\n", sim_pty(s), m->address);
		if (s->tcp >= 0)
			fprintf(f, "tcp:127.0.0.1:%d?unit=%d\n", s->tcp_port, m->address);
		if (s->rtutcp >= 0)
			fprintf(f, "rtutcp:127.0.0.1:%d?unit=%d\n", s->rtutcp_port, m->address);
	}
	return fclose(f) ? err_set(e, ERR_NO, "out of memory for the list of targets") : 0;
}

/* Signals are for the program's own threads. */
static int start_thread(struct sim *s, struct err *e)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, serve_thread, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return err_set(e, ERR_NO, "cannot start a thread: %s", strerror(error));
	s->running = true;
	return 0;
}

struct sim *sim_start(const struct sim_opts *o, struct err *e)
{
	struct sim *s = calloc(1, sizeof(*s));

	if (!s) {
		err_set(e, ERR_NO, "out of memory for the simulated meter");
		return NULL;
	}
	s->tcp = s->rtutcp = s->stop = -1;
	s->pty.master = s->pty.slave = -1;
	if (make_meters(s, o, e))
		goto failed;
	s->luck = s->meters[0]->scenario.seed;
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop < 0) {
		err_set(e, ERR_NO, "cannot make an event: %s", strerror(errno));
		goto failed;
	}
	if (make_lines(s, o, e) || list_targets(s, e))
		goto failed;
	s->advanced = now_ns();
	if (start_thread(s, e))
		goto failed;
	return s;
failed:
	sim_stop(s);
	return NULL;
}

void sim_stop(struct sim *s)
{
	if (!s)
		return;
	if (s->running) {
		eventfd_write(s->stop, 1);
		pthread_join(s->thread, NULL);
	}
	for (int i = 0; i < MAX_LINES; i++) {
		if (s->lines[i] && i > 0)
			close(s->lines[i]->fd);
		free(s->lines[i]);
	}
	pty_close(&s->pty);
	if (s->tcp >= 0)
		close(s->tcp);
	if (s->rtutcp >= 0)
		close(s->rtutcp);
	if (s->stop >= 0)
		close(s->stop);
	for (int i = 0; i < s->nmeters; i++) {
		/* settings are in the file since they were written; what is lost
		 * if this fails is some energy */
		if (s->running && s->meters[i]->scenario.state[0])
			state_save(s->meters[i], s->meters[i]->scenario.state, NULL);
		sim_meter_free(s->meters[i]);
	}
	free(s->targets);
	free(s);
}

const char *sim_pty(const struct sim *s)
{
	if (s->pty.master < 0)
		return NULL;
	return s->pty.link[0] ? s->pty.link : s->pty.path;
}

int sim_tcp_port(const struct sim *s)
{
	return s->tcp >= 0 ? s->tcp_port : -1;
}

int sim_rtutcp_port(const struct sim *s)
{
	return s->rtutcp >= 0 ? s->rtutcp_port : -1;
}

const char *sim_targets(const struct sim *s)
{
	return s->targets;
}
