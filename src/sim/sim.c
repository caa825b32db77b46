#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"
#include "modbus/sock.h"
#include "server.h"

/* Models for any number of meters that only upload. Making one takes some 10 ms:
 * it lives through a year. */
#define SHARED_MODELS 32

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

/* At a broker many meters may share few models: registers only have those that a
 * line or a tunnel leads to. */
static int models_of(const struct sim_opts *o)
{
	bool registers = !o->no_pty || o->tcp_port >= 0 || o->rtutcp_port >= 0
		|| !o->uplink || target_tunnels(&o->uplink->target);

	return registers || o->fleet || o->count < SHARED_MODELS ? o->count : SHARED_MODELS;
}

static int make_meters(struct sim *s, const struct sim_opts *o, struct err *e)
{
	int count = o->count > 0 ? models_of(o) : 1;
	double start = local_now();

	if (count > MAX_METERS && o->fleet)
		return err_set(e, ERR_USAGE, "a fleet file has room for %d meters, not %d", MAX_METERS, count);
	if (count > MAX_METERS)
		return err_set(e, ERR_USAGE, "a line has room for %d meters, not %d%s",
			       MAX_METERS, count, o->uplink ? "; more of them only upload to a broker (no "
			       "line, no tunnel)" : "");
	for (int i = 0; i < count; i++) {
		struct sim_meter *m = unit_new(o->profile, o->fleet ? o->fleet[i].scenario : o->scenario,
					       i, start, e);

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
	if (s->tcp_port >= 0 && (s->tcp = sock_listen("127.0.0.1", &s->tcp_port, e)) < 0)
		return -1;
	if (s->rtutcp_port >= 0 && (s->rtutcp = sock_listen("127.0.0.1", &s->rtutcp_port, e)) < 0)
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

static int make_uplink(struct sim *s, const struct sim_opts *o, struct err *e)
{
	if (!o->uplink)
		return 0;
	s->uplink = uplink_new(o->uplink, o->fleet, o->count > 0 ? o->count : 1, s->meters, s->nmeters, e);
	return s->uplink ? 0 : -1;
}

static int sim_list_targets(struct sim *s, struct err *e)
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
	if (s->uplink)
		uplink_targets(s->uplink, f);
	return fclose(f) ? err_set(e, ERR_NO, "out of memory for the list of targets") : 0;
}

/* Signals are for the program's own threads. */
static int start_thread(struct sim *s, struct err *e)
{
	int error = thread_start(&s->thread, server_run, s);

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
	s->pty.master = s->pty.slave = s->pty.watch = -1;
	if (make_meters(s, o, e))
		goto failed;
	s->luck = s->meters[0]->scenario.seed;
	s->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop < 0) {
		err_set(e, ERR_NO, "cannot make an event: %s", strerror(errno));
		goto failed;
	}
	if (make_lines(s, o, e) || make_uplink(s, o, e) || sim_list_targets(s, e))
		goto failed;
	s->advanced = server_now();
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
	uplink_free(s->uplink);
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
