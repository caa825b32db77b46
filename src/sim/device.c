#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "site.h"

#define S 1000000LL
#define DAY (86400 * S)
#define TRIES 2

/* A meter's memory for what it could not send yet. */
#define WAITING_MAX 64

/* An upload that leaves later. */
struct outgoing {
	struct outgoing *next;
	int64_t at;
	struct dialect_outgoing outgoing;
};

static const enum upload_kind stage_kinds[] = {
	[DEVICE_LOGIN] = UPLOAD_LOGIN, [DEVICE_TIME] = UPLOAD_TIME, [DEVICE_PARA] = UPLOAD_PARA,
};

void device_init(struct sim_device *d, const struct dialect *dialect,
		 const struct dialect_device *as, const struct scenario_uplink *faults,
		 uint64_t luck, device_post *post, void *arg)
{
	*d = (struct sim_device){
		.dialect = dialect, .as = *as, .faults = faults, .luck = luck,
		.post = post, .post_arg = arg,
	};
	d->as.no_stamp = faults->no_stamp;
	d->as.no_sn = faults->no_sn;
}

static void drop_outgoing(struct sim_device *d)
{
	while (d->out) {
		struct outgoing *o = d->out;

		d->out = o->next;
		free(o);
	}
	d->waiting = 0;
}

void device_release(struct sim_device *d)
{
	drop_outgoing(d);
}

void device_connect(struct sim_device *d, int64_t at)
{
	d->stage = DEVICE_LOGIN;
	d->due_us = at;
	d->tries = 0;
	d->answered = false;
}

void device_disconnect(struct sim_device *d)
{
	d->stage = DEVICE_OFF;
	drop_outgoing(d);
}

static bool device_happens(struct sim_device *d, struct chance c)
{
	return c.percent > 0 && site_chance(d->luck++, 253, 0) * 100 < c.percent;
}

static void send(struct sim_device *d, const struct dialect_outgoing *l)
{
	d->post(d->post_arg, l->topic, l->payload, l->n, d->faults->retained);
}

/* What its clock shows when it is WALL. */
static int64_t device_clock(struct sim_device *d, int64_t wall)
{
	const struct scenario_uplink *f = d->faults;
	int64_t clock = wall + (int64_t)(f->clock_off * S);

	if (f->jump_s && d->uploads > (unsigned long)f->jump_after)
		clock += f->jump_s * S;
	if (!d->stuck_us)
		d->stuck_us = clock;
	return f->stuck ? d->stuck_us : clock;
}

/* False: the dialect has no such message. */
static bool device_say(struct sim_device *d, enum upload_kind kind, int64_t wall)
{
	struct dialect_outgoing l;

	d->as.now_us = device_clock(d, wall);
	if (!d->dialect->device(&d->as, kind, &l))
		return false;
	d->post(d->post_arg, l.topic, l.payload, l.n, false);
	return true;
}

static int64_t interval(const struct sim_device *d)
{
	return (d->faults->interval_s ? d->faults->interval_s : d->as.interval_s) * S;
}

static int64_t at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool skipped(const struct sim_device *d, enum device_stage stage)
{
	return (stage == DEVICE_LOGIN && d->faults->no_login)
		|| (stage == DEVICE_TIME && d->faults->no_time)
		|| (stage == DEVICE_PARA && d->faults->no_para);
}

static void go_on(struct sim_device *d, int64_t now)
{
	bool logged_in = d->stage == DEVICE_LOGIN && d->answered;

	d->stage++;
	d->tries = 0;
	d->due_us = now;
	/* the time is asked for 5 to 10 s after the answer to the login (acrelHW
	 * platform document); a short interval would be over by then */
	if (logged_in)
		d->due_us += at_most(5 * S, interval(d) / 10);
	if (d->stage == DEVICE_ON) {
		d->heartbeat_us = now + d->faults->heartbeat_s * S;
		d->time_us = now + DAY;
		d->backlog = d->faults->backlog;
	}
}

/* One step of logging in. */
static void device_ask(struct sim_device *d, int64_t now, int64_t wall)
{
	bool must = d->stage == DEVICE_LOGIN && d->faults->wait_login;

	/* where nobody ever answers, a meter begins with its uploads */
	if (!d->dialect->answer || (d->tries >= TRIES && !must)) {
		go_on(d, now);
		return;
	}
	if ((skipped(d, d->stage) && !must)
	    || (!skipped(d, d->stage) && !device_say(d, stage_kinds[d->stage], wall))) {
		go_on(d, now);
		return;
	}
	/* who has not answered a login will not answer the rest */
	if (d->stage != DEVICE_LOGIN && !d->answered) {
		go_on(d, now);
		return;
	}
	d->tries++;
	d->due_us = now + at_most(5 * S, interval(d) / 4);
}

static void queue(struct sim_device *d, const struct dialect_outgoing *l, int64_t at)
{
	struct outgoing **slot = &d->out, *o;

	if (d->waiting >= WAITING_MAX || !(o = malloc(sizeof(*o))))
		return;
	while (*slot && (*slot)->at <= at)
		slot = &(*slot)->next;
	*o = (struct outgoing){ *slot, at, *l };
	*slot = o;
	d->waiting++;
}

/* Half of an upload, or one that a byte of has been hurt. */
static void damage(struct sim_device *d, struct dialect_outgoing *l)
{
	size_t at = (size_t)(site_chance(d->luck++, 253, 1) * (double)l->n);

	if (at % 2)
		l->n = at;
	else if (l->n)
		l->payload[0] = (char)0xFF;	/* in no UTF-8 text */
}

static void upload(struct sim_device *d, int64_t now, int64_t wall)
{
	const struct scenario_uplink *f = d->faults;
	struct dialect_outgoing l;
	int64_t at = now;

	if (f->silent_after >= 0 && d->uploads >= (unsigned long)f->silent_after)
		return;
	d->uploads++;
	d->as.now_us = device_clock(d, wall);
	if (!d->dialect->device(&d->as, UPLOAD_DATA, &l) || device_happens(d, f->drop))
		return;
	if (device_happens(d, f->garbage))
		damage(d, &l);
	if (device_happens(d, f->late))
		at += f->late_s * S;
	/* one at a time: all of them would be in order again */
	if (!d->out && device_happens(d, f->disorder))
		at += interval(d) + interval(d) / 4;
	if (at > now)
		queue(d, &l, at);
	else
		send(d, &l);
	if (device_happens(d, f->duplicate))
		queue(d, &l, at + at_most(S, interval(d) / 4));
}

static void device_flush(struct sim_device *d, int64_t now)
{
	while (d->out && d->out->at <= now) {
		struct outgoing *o = d->out;

		d->out = o->next;
		d->waiting--;
		send(d, &o->outgoing);
		free(o);
	}
}

/* What it could not send while it was off: with the values of now, since nothing else of then
 * is known. */
static void send_backlog(struct sim_device *d, int64_t wall)
{
	int64_t step = d->faults->backlog_s ? d->faults->backlog_s * S : interval(d);

	for (; d->backlog > 0; d->backlog--)
		device_say(d, UPLOAD_DATA, wall - d->backlog * step);
}

static void serve(struct sim_device *d, int64_t now, int64_t wall)
{
	send_backlog(d, wall);
	if (d->due_us <= now) {
		upload(d, now, wall);
		/* from when it was due: no drift. Who was held up leaves out what
		 * he has missed */
		d->due_us += interval(d);
		if (d->due_us <= now)
			d->due_us = now + interval(d);
	}
	if (d->faults->heartbeat_s && d->heartbeat_us <= now) {
		device_say(d, UPLOAD_HEART, wall);
		d->heartbeat_us = now + d->faults->heartbeat_s * S;
	}
	if (d->time_us <= now) {
		if (!d->faults->no_time)
			device_say(d, UPLOAD_TIME, wall);
		d->time_us = now + DAY;
	}
}

int64_t device_run(struct sim_device *d, int64_t now, int64_t wall)
{
	int64_t next;

	if (d->stage == DEVICE_OFF)
		return INT64_MAX;
	while (d->stage != DEVICE_ON && d->due_us <= now)
		device_ask(d, now, wall);
	if (d->stage == DEVICE_ON)
		serve(d, now, wall);
	device_flush(d, now);
	next = d->due_us;
	if (d->stage == DEVICE_ON && d->faults->heartbeat_s)
		next = at_most(next, d->heartbeat_us);
	if (d->out)
		next = at_most(next, d->out->at);
	return next;
}

static void acknowledge(struct sim_device *d, const struct upload *new_value, bool good, int64_t wall)
{
	static const char yes[] = "\"res\":1";
	struct dialect_outgoing l;
	char *res;

	if (!d->dialect->answer || !d->dialect->answer(new_value, wall, &l))
		return;
	res = memmem(l.payload, l.n, yes, strlen(yes));
	if (res && !good)
		res[strlen(yes) - 1] = '0';
	d->post(d->post_arg, l.topic, l.payload, l.n, false);
}

static void take_new(struct sim_device *d, const struct upload *new_value, int64_t now, int64_t wall)
{
	int interval_s = new_value->interval_s;
	bool good = interval_s > 0 && interval_s <= 86400 && !d->faults->refuse_para;

	if (d->faults->lose_para)
		return;
	acknowledge(d, new_value, good, wall);
	if (!good || d->faults->ignore_para)
		return;
	d->as.interval_s = interval_s;
	device_say(d, UPLOAD_PARA, wall);
	if (d->stage == DEVICE_ON)
		d->due_us = now + interval(d);
}

void device_hear(struct sim_device *d, const struct upload *down, int64_t now, int64_t wall)
{
	bool refused = down->has_result && down->result != 1;

	if (d->stage == DEVICE_OFF || !down->down)
		return;
	if (down->kind == UPLOAD_PARA && !down->has_result) {
		take_new(d, down, now, wall);
		return;
	}
	if (d->stage == DEVICE_ON || down->kind != stage_kinds[d->stage])
		return;
	d->answered = true;
	if (refused && d->stage == DEVICE_LOGIN) {
		d->tries = 0;
		d->due_us = now + interval(d);
		return;
	}
	go_on(d, now);
}
