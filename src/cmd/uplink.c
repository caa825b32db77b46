/*
 * uplink.c - `meterctl uplink`: the proof that a meter's wireless uplink works, as the
 * broker sees it.
 */
#include <math.h>
#include <poll.h>
#include <string.h>

#include "base/time.h"
#include "output/printer.h"
#include "mqtt/broker.h"
#include "base/text.h"
#include "report/uplink_doc.h"
#include "meter/uplink_regs.h"
#include "cmd.h"
#include "keep.h"
#include "own.h"

static const struct opt options[] = {
	OPT_NUMBER(0, "deadline", "SECONDS", struct uplink_own, deadline_s, 1, 86400, "deadline in seconds",
		   "give up after so long (default 700)"),
	OPT_NUMBER(0, "interval", "SECONDS", struct uplink_own, wanted.interval_s, 1, 86400, "interval in seconds",
		   "how often it should upload (default: as the meter says)"),
	OPT_FLAG(0, "from-start", struct uplink_own, wanted.from_start,
		 "the meter is switched on now: login and time must be seen"),
	OPT_FLAG(0, "assume-identity", struct uplink_own, wanted.assume_identity,
		 "uploads without a serial number are this meter's"),
	OPT_NUMBER(0, "clock-tolerance", "SECONDS", struct uplink_own, wanted.clock_tolerance_s, 1, 86400,
		   "tolerance in seconds", "what the meter's clock may be off (default 120)"),
	OPT_TEXT(0, "with", "TARGET", "@target", struct uplink_own, with,
		 "compare values with the registers over this connection"),
};

static void uplink_defaults(void *own)
{
	/* two uploads of the usual 5 minutes, and some */
	((struct uplink_own *)own)->deadline_s = 700;
}

/* A proof under way. */
struct proving {
	const struct app *app;
	const struct uplink_own *own;
	struct uplink uplink;
	struct target target;
	struct meter m;		/* behind the broker */
	struct uplink_regs regs;	/* the second way; regs.m.link NULL: none */
	struct app other;	/* its options: the link looks into their trace */
	enum uplink_state said[UPLINK_STEPS];
};

static void uplink_on_upload(void *arg, const struct upload *up, enum rhythm_verdict v,
			     int64_t mono_us, int64_t wall_us)
{
	uplink_take(&((struct proving *)arg)->uplink, up, v, mono_us, wall_us);
}

static void uplink_on_refused(void *arg, const char *why)
{
	uplink_refused(&((struct proving *)arg)->uplink, why);
}

static void uplink_on_reading(void *arg, size_t idx, const struct reading *r)
{
	uplink_regs_note(&((struct proving *)arg)->regs, idx, r);
}

/* Steps as they are reached, for the person who waits. */
static void uplink_tell(struct proving *p)
{
	const struct printer out = app_printer(p->app);

	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		const struct uplink_check *c = &p->uplink.steps[s];

		if (c->state == p->said[s])
			continue;
		p->said[s] = c->state;
		if (c->state == UPLINK_NONE)
			continue;
		if (!printer_prose(&out) && c->state != UPLINK_FAILED && c->state != UPLINK_UNDECIDED)
			continue;
		app_say(p->app, "%s: %s%s%s", uplink_step_names[s], uplink_state_names[c->state],
			*c->what ? ", " : "", c->what);
	}
}

/* Reads what the upload has brought over the second way, too. */
static void cmd_uplink_compare(struct proving *p)
{
	struct err e = { 0 };
	int rc = uplink_regs_read(&p->regs, &e);

	if (rc > 0)
		uplink_regs_compare(&p->regs, &p->uplink, p->m.readings, time_wall_us());
	/* ended by a person it says nothing; uplink_listen() sees it next */
	else if (rc < 0 && e.code != ERR_INTERRUPTED)
		uplink_no_registers(&p->uplink, e.text, time_wall_us());
}

/* 0: the proof is over, one way or the other; -1: interrupted. */
static int uplink_listen(struct proving *p, struct err *e)
{
	int64_t began = time_mono_us(), until = began + p->own->deadline_s * 1000000LL;

	while (!uplink_over(&p->uplink) && time_mono_us() < until) {
		int64_t next = time_mono_us() + 1000000;
		struct err line = { 0 };
		int rc = meter_receive(&p->m, next < until ? next : until, uplink_on_reading, p, &line);

		if (rc < 0 && line.code == ERR_INTERRUPTED)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (rc < 0)
			uplink_lost(&p->uplink, line.text, time_wall_us());
		else
			uplink_connected(&p->uplink, time_wall_us());
		/* a broker that is lost is tried again by itself; no hot loop meanwhile */
		if (rc < 0 && poll(&(struct pollfd){ p->m.link->cancel_fd, POLLIN, 0 }, 1, 200) > 0)
			return err_set(e, ERR_INTERRUPTED, "%s", "");
		if (rc > 0 && p->regs.m.link && p->uplink.steps[UPLINK_REGISTERS].state == UPLINK_WAITING)
			cmd_uplink_compare(p);
		if (rc == 0)
			uplink_tick(&p->uplink, time_mono_us(), time_wall_us());
		uplink_tell(p);
	}
	return 0;
}

/* What a person is told below the steps. */
static void uplink_notes(struct printer *out, const struct uplink *u, const char *verdict, const char *step)
{
	char text[240] = "", why[sizeof(struct reason)];
	size_t at = 0;

	text_append(text, sizeof(text), &at, "%lu upload%s", u->uploads, u->uploads == 1 ? "" : "s");
	if (u->gap_s > 0)
		text_append(text, sizeof(text), &at, ", the last two %.1f s apart", u->gap_s);
	if (u->set_s)
		text_append(text, sizeof(text), &at, ", %d s set", u->set_s);
	printer_note(out, "%s; %lu late, %lu retained, %lu again, %lu out of order, %lu not understood", text, u->late,
		     u->retained, u->duplicates, u->old, u->refused);
	for (size_t i = 0; i < u->drops.n; i++)
		printer_note(out, "dropped: %lu x %s", u->drops.list[i].n, reason_text(&u->drops.list[i], why, sizeof(why)));
	if (u->drops.others)
		printer_note(out, "dropped: %lu x other reasons", u->drops.others);
	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++)
		if (u->steps[s].state == UPLINK_UNDECIDED)
			printer_note(out, "%s undecided: %s", uplink_step_names[s], u->steps[s].what);
	printer_note(out, "verdict: %s%s%s", verdict, step ? " at " : "", step ? step : "");
}

static int uplink_print(const struct proving *p, const char *verdict, const char *step, struct err *e)
{
	struct link_uplink known = { 0 };
	const struct uplink_about about = {
		.profile = p->app->profile, .target = &p->target, .dialect = known.dialect,
		.with = p->own->with, .points = p->m.profile,
	};
	struct printer out = app_printer(p->app);
	int rc;

	if (p->m.link)
		link_uplink(p->m.link, &known);
	rc = printer_begin(&out, &uplink_list, uplink_head_json(&about, verdict, step), e);
	if (!rc)
		rc = uplink_rows(&out, &p->uplink, e);
	if (!rc) {
		uplink_notes(&out, &p->uplink, verdict, step);
		rc = printer_end(&out, uplink_tail_json(&p->uplink, &about), e);
	}
	printer_drop(&out);
	return rc;
}

/* For the checklist of the meter; and, when its registers are reached as well, for that of
 * the meter over there, of which no register says what it is called here. */
static void uplink_keep_proof(struct proving *p, const char *verdict, const char *step)
{
	struct record_whose whose;
	struct record r;

	record_whose(&whose, &p->m);
	record_uplink(&r, &p->uplink, verdict, step);
	keep_proof(p->app, &whose, &r);
	if (!p->regs.m.link)
		return;
	record_ask_whose(&whose, &p->regs.m);
	record_uplink(&r, &p->uplink, verdict, step);
	keep_proof(p->app, &whose, &r);
}

/* The broker itself is the step that fails: a verdict as well. */
static int no_broker(struct proving *p, int reached, struct err *e)
{
	struct uplink_check *c = &p->uplink.steps[UPLINK_BROKER];
	struct err lost = { 0 };

	c->state = UPLINK_FAILED;
	c->at_us = time_wall_us();
	snprintf(c->what, sizeof(c->what), "%s: %.140s", broker_step_names[reached], e->text);
	if (uplink_print(p, "fail", uplink_step_names[UPLINK_BROKER], &lost))
		*e = lost;
	return -1;
}

static int uplink_conclude(struct proving *p, int64_t began, struct err *e)
{
	enum uplink_step step = UPLINK_STEPS;
	bool timeout = uplink_end(&p->uplink, time_wall_us(), (double)(time_mono_us() - began) / 1e6);
	bool pass = uplink_verdict(&p->uplink, &step) == UPLINK_PASSED;
	const char *verdict = pass ? "pass" : timeout ? "timeout" : "fail";
	const char *at = pass ? NULL : uplink_step_names[step];

	uplink_tell(p);
	if (uplink_print(p, verdict, at, e))
		return -1;
	/* a broker that was not reached from here says nothing of the meter */
	if (pass || step != UPLINK_BROKER)
		uplink_keep_proof(p, verdict, at);
	if (pass)
		return 0;
	return err_set(e, timeout || step == UPLINK_BROKER ? ERR_SILENT : ERR_NO, "uplink of '%s' not proven: %s: %s",
		       p->target.mqtt.sn, uplink_step_names[step], p->uplink.steps[step].what);
}

/* The second way to the meter. */
static int open_registers(struct proving *p, struct err *e)
{
	const struct profile *profile;
	struct meter m;

	if (!p->own->with)
		return 0;
	profile = profile_open(p->app->profile, e);
	if (!profile)
		return -1;
	p->other = *p->app;
	p->other.connect = p->own->with;
	/* what ends the one ends the other */
	p->other.cancel_fd = p->m.link->cancel_fd;
	if (app_open_way(&p->other, profile, &m, NULL, e) == 0)
		return uplink_regs_init(&p->regs, &m, e);
	profile_free(profile);
	return err_prefix(e, "--with");
}

static int uplink_prove(struct proving *p, struct err *e)
{
	const struct link_tap tap = { uplink_on_upload, uplink_on_refused, p };
	int64_t began = time_mono_us();

	link_tap(p->m.link, &tap);
	uplink_connected(&p->uplink, time_wall_us());
	uplink_tell(p);
	return uplink_listen(p, e) ? -1 : uplink_conclude(p, began, e);
}

static int cmd_uplink_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct uplink_own *own = a->own;
	struct proving p = { .app = a, .own = own };
	const struct profile *profile;
	int rc = -1, reached = 0;

	(void)argv;
	if (cmd_words(&cmd_uplink, argc, 0, 0, e) || app_target(a, &p.target, e))
		return -1;
	if (!target_pushes(&p.target) || !p.target.mqtt.sn[0])
		return err_set(e, ERR_USAGE, "'%s' is no meter that uploads to a broker (write mqtt://HOST/SN)", p.target.text);
	own->wanted.dialect = dialect_find(p.target.mqtt.dialect);
	own->wanted.registers = own->with != NULL;
	own->wanted.nameless = !mqtt_names(&p.target.mqtt);
	uplink_init(&p.uplink, &own->wanted);
	profile = profile_open(a->profile, e);
	if (!profile)
		return -1;
	if (app_open_way(a, profile, &p.m, &reached, e)) {
		profile_free(profile);
		return e->code == ERR_SILENT || e->code == ERR_REFUSED ? no_broker(&p, reached, e) : -1;
	}
	app_catch_signals(a, &p.m);
	if (open_registers(&p, e) == 0)
		rc = uplink_prove(&p, e);
	if (p.regs.m.link)
		app_say_line(a, &p.regs.m);
	uplink_regs_close(&p.regs);
	app_close_meter(a, &p.m);
	return rc;
}

const struct cmd cmd_uplink = {
	.name = "uplink",
	.args = "",
	.help = "prove the wireless uplink end to end through the broker",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct uplink_own),
	.defaults = uplink_defaults,
	.endless = true,
	.run = cmd_uplink_run,
};
