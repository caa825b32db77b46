#include "watch_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "output/printer.h"
#include "broker_listen.h"
#include "failure.h"

#define LISTEN_US 1000000	/* how often we look whether the broker is still there */
#define PARTING_US 5000000	/* for what has come when an interrupt does */

struct watch {
	const struct app *app;
	struct broker_listener listen;
	struct meter meter;		/* of the upload under way; no link */
	struct printer out;
	struct meter_ratios ratios;
	bool *shown;			/* by point; NULL: all */
	uint16_t *list;			/* points of the upload, as they came */
	size_t n;
	int64_t *next_us;		/* by row: not printed before; NULL: no interval */
	size_t room;
	int64_t step_us;
	long left;			/* uploads to print; -1: no end */
	int64_t end_us;			/* monotonic */
	int64_t since_us, over_us;	/* the round under way; it is over without an upload */
	struct err silent;		/* the last round brought none */
	bool told;			/* ... and that was said */
	bool failed;
	struct err err;
};

static bool watch_fleet_give_up(struct watch *w)
{
	w->failed = true;
	return false;
}

static void watch_fleet_on_reading(void *arg, size_t idx, const struct reading *r)
{
	struct watch *w = arg;
	struct reading *mine = &w->meter.readings[idx];

	/* what a number does not use is most of a reading */
	mine->quality = r->quality;
	mine->at_us = r->at_us;
	mine->received_us = r->received_us;
	mine->item = r->item;
	mine->value.kind = r->value.kind;
	mine->value.num = r->value.num;
	if (r->value.kind != VALUE_NUMBER)
		memcpy(mine->value.text, r->value.text, sizeof(mine->value.text));
	if (r->quality != QUALITY_OK)
		mine->err = r->err;
	if (!w->shown || w->shown[idx])
		w->list[w->n++] = (uint16_t)idx;
}

/* Ratios hold for the upload that brought them: the next is another meter's. */
static void forget_ratios(struct watch *w)
{
	const struct ratio_points both[] = { w->ratios.pt, w->ratios.ct };

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			if (both[i].of[k] >= 0)
				w->meter.readings[both[i].of[k]].quality = QUALITY_NEVER;
}

/* Is an upload of ROW due? */
static bool is_due(struct watch *w, size_t row, int64_t now_us)
{
	if (w->step_us == 0)
		return true;
	if (row >= w->room) {
		size_t room = row + 1024;
		int64_t *more = realloc(w->next_us, room * sizeof(*more));

		if (!more) {
			err_set(&w->err, ERR_NO, "out of memory");
			return watch_fleet_give_up(w);
		}
		memset(more + w->room, 0, (room - w->room) * sizeof(*more));
		w->next_us = more;
		w->room = room;
	}
	if (now_us < w->next_us[row])
		return false;
	w->next_us[row] = now_us + w->step_us;
	return true;
}

static void watch_fleet_next_round(struct watch *w)
{
	w->since_us = time_mono_us();
	w->over_us = w->app->timeout_ms ? w->since_us + w->app->timeout_ms * 1000LL : INT64_MAX;
}

/* With -t: the round is over and no upload came. Said once, the last as what ends us. */
static void watch_fleet_silent(struct watch *w)
{
	if (time_mono_us() < w->over_us || w->left == 0)
		return;
	w->silent = (struct err){ 0 };
	fleet_source_silence(w->listen.source, w->since_us, &w->silent);
	watch_fleet_next_round(w);
	w->left -= w->left > 0;
	if (w->left == 0 || w->told)
		return;
	app_complain(w->app, &w->silent);
	w->told = true;
}

/* Fails when the last round brought nothing. */
static int watch_fleet_verdict(const struct watch *w, struct err *e)
{
	if (!w->silent.code)
		return 0;
	*e = w->silent;
	if (w->told) {
		failure_print(w->app, e);
		e->text[0] = '\0';
	}
	return -1;
}

static int print_upload(struct watch *w, const char *id)
{
	const struct readings upload = { .meter = &w->meter, .id = id, .idx = w->list, .n = w->n };

	return printer_readings(&w->out, &upload, &w->err);
}

static bool watch_fleet_on_upload(void *arg, const struct fleet_row *row, struct upload *up,
				  const struct broker_message *msg)
{
	struct watch *w = arg;

	if (up->n == 0 || !row->fresh)
		return true;
	w->n = 0;
	forget_ratios(w);
	dialect_deliver(up, w->listen.profile, msg->at_us, msg->mono_us, watch_fleet_on_reading, w);
	if (w->n == 0)
		return true;
	if (!is_due(w, (size_t)(row - fleet_source_fleet(w->listen.source)->rows), msg->mono_us))
		return !w->failed;
	if (print_upload(w, row->sn))
		return watch_fleet_give_up(w);
	if (!up->late) {
		w->left -= w->left > 0;
		w->silent = (struct err){ 0 };
		w->told = false;
		watch_fleet_next_round(w);
	}
	return w->left != 0;
}

/* Interrupted: what the broker has been told was received is printed, as it will not
 * send it again. */
static int watch_fleet_print_rest(struct watch *w)
{
	int64_t end = time_mono_us() + PARTING_US;
	int n = 1;

	fleet_source_leave(w->listen.source);
	while (n > 0 && w->left != 0 && !w->failed && w->step_us == 0 && time_mono_us() < end)
		n = fleet_source_receive(w->listen.source, 0, watch_fleet_on_upload, w, NULL);
	return w->failed ? -1 : printer_flush(&w->out, &w->err);
}

static int watch_fleet_loop(struct watch *w, struct err *e)
{
	watch_fleet_next_round(w);
	while (w->left != 0 && time_mono_us() < w->end_us) {
		int64_t end_us = w->end_us < w->over_us ? w->end_us : w->over_us;
		int64_t look_us = time_mono_us() + LISTEN_US;
		int n = broker_listen_receive(w->app, &w->listen, look_us < end_us ? look_us : end_us,
				       watch_fleet_on_upload, w, e);

		broker_listen_tell_dropped(w->app, &w->listen);
		if (w->failed || (n < 0 && e->code == ERR_INTERRUPTED && watch_fleet_print_rest(w))) {
			*e = w->err;
			return -1;
		}
		if (printer_flush(&w->out, e) || n < 0)
			return -1;
		watch_fleet_silent(w);
	}
	return watch_fleet_verdict(w, e);
}

static int select_points(struct watch *w, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };
	int rc = 0;

	if (argc == 0)
		return 0;
	for (int i = 0; i < argc && rc == 0; i++)
		rc = profile_select(w->meter.profile, argv[i], &sel, e);
	w->shown = calloc(w->meter.profile->npoints, sizeof(*w->shown));
	if (rc == 0 && !w->shown)
		rc = err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < sel.n && rc == 0; i++)
		w->shown[sel.idx[i]] = true;
	selection_release(&sel);
	return rc;
}

static int watch_fleet_prepare(struct watch *w, int argc, char **argv, struct err *e)
{
	const struct profile *p = w->meter.profile = profile_open(w->app->profile, e);

	/* a misspelt key never reaches the broker */
	if (!p || select_points(w, argc, argv, e))
		return -1;
	w->ratios = meter_ratios(p);
	w->meter.readings = calloc(p->npoints, sizeof(*w->meter.readings));
	w->list = calloc(p->npoints + UPLOAD_VALUES, sizeof(*w->list));
	return w->meter.readings && w->list ? 0 : err_set(e, ERR_NO, "out of memory");
}

int watch_fleet(struct app *a, int argc, char **argv, const struct target *t,
		double interval, long rounds, double for_s, struct err *e)
{
	struct watch w = { .app = a, .out = app_printer(a), .left = rounds, .step_us = (int64_t)(interval * 1e6),
			   .listen = { .cancel_fd = -1 } };
	char topics[400];
	int rc = -1;

	w.end_us = for_s > 0 ? time_mono_us() + (int64_t)(for_s * 1e6) : INT64_MAX;
	if (watch_fleet_prepare(&w, argc, argv, e) || broker_listen_open(a, t, &w.listen, e))
		goto out;
	if (a->verbose)
		app_say(a, "listening on %s", fleet_source_topics(w.listen.source, topics, sizeof(topics)));
	rc = printer_begin(&w.out, &reading_fleet, json_object(), e);
	if (rc == 0)
		rc = watch_fleet_loop(&w, e);
	broker_listen_close(a, &w.listen);
out:
	printer_drop(&w.out);
	free(w.meter.readings);
	free(w.shown);
	free(w.list);
	free(w.next_us);
	if (w.meter.profile)
		profile_free(w.meter.profile);
	return rc;
}
