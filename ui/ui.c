#include "ui.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cmd/auto.h"
#include "profile/base.h"
#include "target/config.h"
#include "target/password.h"
#include "target/secret.h"
#include "ui/bus/bus.h"
#include "stage.h"
#include "term.h"

/* One loop: keys, signals, the bus and the clock. A prompt that reads the
 * terminal itself becomes one more row of FDS. */
enum { FD_KEYS, FD_SIGNALS, FD_BUS, FD_COMMAND, FD_SCREENS, FD_COUNT = FD_SCREENS + SCREEN_COUNT };

#define COMMAND_PARTING_MS 3000	/* for a command to see a write through, and the journal to say so */

struct run {
	struct app *app;
	struct ui ui;
	struct bus *bus;
	char identified[64];		/* the name of its profile, where -p is auto */
	char based[256];		/* the profile whose registers were found at the start; "": none */
	uint16_t base;			/* ... where, */
	char based_at[TARGET_TEXT];	/* ... and in which meter */
	const struct profile *profile;	/* of the meter chosen; before, of -p */
	struct target broker;		/* whose user's password was asked for at the start */
	char *password;			/* ... and what it is; NULL: none */
	bool remembered;		/* the meter is among the recent ones */
	bool abandoned;			/* a command was left before it had ended */
	enum err_code status;
};

static bool no_color(const struct app *a)
{
	const char *env = getenv("NO_COLOR");

	return a->color == COLOR_NEVER || (a->color == COLOR_AUTO && env && *env);
}

static void set_clocks(struct ui *u)
{
	u->now_us = time_mono_us();
	u->wall_us = time_wall_us();
}

static void tell_wants(struct run *r)
{
	struct selection sel;

	stage_wants(&r->ui, &sel);
	bus_want(r->bus, sel.idx, sel.n);
	bus_others(r->bus, r->ui.others);
	selection_release(&sel);
}

/* The password for T: the one given at the start if it is of the same broker; nobody
 * is asked while the screens are up. */
static int password_of(const struct run *r, const struct target *t, char **out, struct err *e)
{
	const struct target *b = &r->broker;

	if (!r->password || strcmp(b->host, t->host) != 0 || b->port != t->port
	    || b->mqtt.tls != t->mqtt.tls || strcmp(b->mqtt.user, t->mqtt.user) != 0)
		return password_fetch(t, false, out, e);
	*out = strdup(r->password);
	return *out ? 0 : err_set(e, ERR_NO, "out of memory");
}

/* The same for a command, on its thread: what it looks at is constant. */
static int password_for_command(void *arg, const struct target *t, char **out, struct err *e)
{
	return password_of(arg, t, out, e);
}

/* The profile NAME, with its registers where the meter of T has them. */
static const struct profile *ui_open_profile(const struct run *r, const char *name, const struct target *t, struct err *e)
{
	const struct profile *p = profile_open(name, e), *made;
	char at[TARGET_TEXT];

	if (!p || !base_is_sought(p))
		return p;
	if (strcmp(r->based, name) == 0 && strcmp(r->based_at, target_format(t, 0, at, sizeof(at))) == 0)
		made = base_apply(p, r->base, e);
	else
		made = NULL, err_set(e, ERR_USAGE, "profile '%s' needs its registers found first: start meterctl -p %s -c TARGET", name, name);
	if (!made)
		profile_free(p);
	return made;
}

/* Opens the profile twice: one copy for the screens, one that belongs to the
 * meter and goes with it. */
static int choose_meter(struct ui *u, const struct target *t, const char *name, struct err *e)
{
	struct run *r = u->loop->hooks.arg;
	const struct profile *mine, *its;
	char *password = NULL;

	if (job_writing(&u->job))
		return err_set(e, ERR_DENIED, "a write is under way: wait for its verdict");
	if (bus_lent(r->bus))
		return err_set(e, ERR_DENIED, BUS_LENT);
	mine = ui_open_profile(r, name, t, e);
	if (!mine)
		return -1;
	its = ui_open_profile(r, name, t, e);
	if (!its)
		goto fail_mine;
	if (its->npoints != mine->npoints) {
		err_set(e, ERR_NO, "profile '%s' changed while it was read", name);
		goto fail;
	}
	if (password_of(r, t, &password, e))
		goto fail;
	/* it may refuse, and has then changed nothing; what it reads is taken over by this
	 * thread alone, later */
	if (bus_connect(r->bus, its, t, password, e))
		goto fail;
	stage_target(u, t);
	if (stage_profile(u, mine, e)) {
		u->line = LINE_NONE;	/* out of memory: what comes is of another model */
		goto fail_mine;
	}
	profile_free(r->profile);
	r->profile = mine;
	u->line = LINE_CONNECTING;
	u->reason[0] = '\0';
	if (u->loop->profile != name)
		snprintf(u->loop->profile, sizeof(u->loop->profile), "%s", name);
	r->remembered = false;
	tell_wants(r);
	return 0;
fail:
	secret_free(password);
	profile_free(its);
fail_mine:
	profile_free(mine);
	return -1;
}

static int do_job(struct ui *u, const struct job *w, struct err *e)
{
	struct run *r = u->loop->hooks.arg;

	return bus_job(r->bus, w, e);
}

static int ui_prove(struct ui *u, const struct uplink_options *o, const struct target *with,
		    struct err *e)
{
	struct run *r = u->loop->hooks.arg;
	const struct profile *its = with ? profile_open(u->loop->profile, e) : NULL;

	if (with && !its)
		return -1;
	if (its && its->npoints != u->profile->npoints) {
		profile_free(its);
		return err_set(e, ERR_NO, "profile '%s' has changed meanwhile", u->loop->profile);
	}
	bus_prove(r->bus, o, with, its);
	return 0;
}

/* A meter that has answered is worth offering again. */
static void ui_remember(struct run *r)
{
	struct err e = { 0 };
	char text[sizeof(r->ui.target.text)];

	/* unit 0 of a line is no meter: the address that it led to is remembered */
	if (r->remembered || r->ui.line != LINE_LIVE
	    || (r->ui.target.unit == 0 && target_frames_rtu(&r->ui.target)))
		return;
	r->remembered = true;
	target_format(&r->ui.target, 0, text, sizeof(text));
	if (recent_add(text, &e))
		ui_say(&r->ui, "%s", e.text);
}

/* The meter answers at NOW instead of WAS: so must the saved connection that led
 * there, and the recent ones. */
static void ui_follow(struct run *r, const char *was, const char *now)
{
	struct config config;
	struct err e = { 0 };
	const char *name = was;

	if (config_load(&config, &e) == 0)
		for (size_t i = 0; i < config.nconnections; i++) {
			char text[sizeof(r->ui.target.text)];
			struct target t;

			if (target_parse(config.connections[i].target, &t, NULL) == 0
			    && strcmp(target_format(&t, 0, text, sizeof(text)), was) == 0)
				name = config.connections[i].name;
		}
	if (config_follow(name, was, now, &e))
		ui_say(&r->ui, "%s", e.text);
	config_release(&config);
}

static void take_keys(struct run *r)
{
	bool light;
	int key;

	while (!r->ui.loop->leave && (key = term_key()) >= 0)
		stage_key(&r->ui, key);
	if (term_background(&light))
		stage_background(&r->ui, light);
	tell_wants(r);
}

static void take_signals(struct run *r)
{
	enum term_event ev;
	int rows, cols;

	while ((ev = term_event()) != TERM_NOTHING) {
		if (ev == TERM_LEAVE) {
			r->status = ERR_INTERRUPTED;
			stage_leave(&r->ui);
		} else if (ev == TERM_SUSPEND) {
			term_suspend();
			r->ui.loop->redraw = true;
		}
	}
	if (term_size(&rows, &cols) && (rows != r->ui.rows || cols != r->ui.cols)) {
		resizeterm(rows, cols);
		stage_resize(&r->ui, rows, cols);
	}
	r->ui.dirty = true;
	tell_wants(r);
}

static void take_bus(struct run *r)
{
	char was[sizeof(r->ui.target.text)], now[sizeof(was)];
	/* a connection that finds the meter's address goes on finding it */
	bool finds = r->ui.target.unit == 0;

	target_format(&r->ui.target, 0, was, sizeof(was));
	if (bus_take(r->bus, &r->ui, stage_job)) {
		stage_update(&r->ui);
		/* a screen that wants some points once wants others now */
		tell_wants(r);
	}
	if (!finds && strcmp(was, target_format(&r->ui.target, 0, now, sizeof(now))) != 0)
		ui_follow(r, was, now);
	ui_remember(r);
}

/* Milliseconds until the screen changes by itself, rounded up. */
static int wait_ms(const struct ui *u)
{
	int64_t us = stage_next(u) - u->now_us;

	return us <= 0 ? 0 : (int)(us / 1000) + 1;
}

static void ui_ui_loop(struct run *r)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_KEYS] = { .fd = term_fd(), .events = POLLIN },
		[FD_SIGNALS] = { .fd = term_signal_fd(), .events = POLLIN },
		[FD_BUS] = { .fd = bus_fd(r->bus), .events = POLLIN },
	};
	struct ui *u = &r->ui;

	while (!u->loop->leave) {
		int64_t second = u->wall_us / 1000000;
		int n;

		if (u->dirty) {
			stage_draw(u);
			doupdate();
		}
		fds[FD_COMMAND] = (struct pollfd){ u->loop->running ? running_fd(u->loop->running) : -1, POLLIN, 0 };
		for (size_t i = 0; i < SCREEN_COUNT; i++)
			fds[FD_SCREENS + i] = (struct pollfd){ stage_fd(u, i), POLLIN, 0 };
		n = poll(fds, FD_COUNT, wait_ms(u));
		set_clocks(u);
		if (u->wall_us / 1000000 != second || n == 0) {
			stage_tick(u);
			tell_wants(r);
		}
		if (n <= 0)
			continue;	/* EINTR: the signal is in its pipe */
		if (fds[FD_SIGNALS].revents)
			take_signals(r);
		if (fds[FD_BUS].revents)
			take_bus(r);
		if (fds[FD_COMMAND].revents)
			stage_prompt.running(u);
		for (size_t i = 0; i < SCREEN_COUNT; i++)
			if (fds[FD_SCREENS + i].revents)
				stage_take(u, i);
		if (fds[FD_KEYS].revents & POLLIN)
			take_keys(r);
		else if (fds[FD_KEYS].revents) {
			/* the terminal is gone */
			r->status = ERR_INTERRUPTED;
			fds[FD_KEYS].fd = -1;
			stage_leave(u);
		}
	}
}

static int open_stage(struct run *r, const struct target *t, struct err *e)
{
	const struct stage_hooks hooks = {
		.connect = choose_meter, .ports = ports_list, .job = do_job, .prove = ui_prove, .arg = r, .app = r->app,
		.place = { r->bus, password_for_command, r },
	};
	struct ui *u = &r->ui;
	bool light;

	set_clocks(u);
	u->ascii = r->app->ascii || !term_glyphs();
	u->mono = no_color(r->app);
	u->primary = r->app->primary;
	u->read_only = r->app->read_only;
	if (stage_init(u, &hooks, e))
		return -1;
	snprintf(u->loop->profile, sizeof(u->loop->profile), "%s", r->app->profile);
	if (term_background(&light))
		stage_background(u, light);
	if (!t) {
		stage_show(u, &screen_connect);
		return 0;
	}
	if (choose_meter(u, t, u->loop->profile, e))
		return -1;
	stage_home(u);
	return 0;
}

/* As SIGINT would; what it has sent is seen through. */
static void end_command(struct run *r)
{
	struct ui_loop *l = r->ui.loop;

	r->abandoned = !running_free(l->running, COMMAND_PARTING_MS);
	l->running = NULL;
}

/* What the screens can say no more when they are gone. */
static int ui_parting(const struct run *r, struct err *e)
{
	const struct job *w = &r->ui.job;

	if (job_writing(w) || r->abandoned)
		err_set(e, ERR_UNVERIFIED, "left before the meter had said what became of a write: "
			"see 'meterctl journal'");
	else if (r->ui.loop->leave_by && w->rc)
		*e = w->err;
	else
		e->code = r->status;
	return e->code ? -1 : 0;
}

/* Of the meter T, who is asked before a screen is up: with `auto` which model it is, and where its registers are. */
static const struct profile *ui_ask_profile(struct run *r, const struct target *t, struct err *e)
{
	struct app *a = r->app;
	const struct profile *p = app_profile(a, e);

	if (p && profile_is_auto(a->profile)) {
		snprintf(r->identified, sizeof(r->identified), "%s", p->name);
		a->profile = r->identified;
	}
	if (p && p->based) {
		snprintf(r->based, sizeof(r->based), "%s", a->profile);
		r->base = (uint16_t)(p->points[0].addr - p->based->points[0].addr);
		target_format(t, 0, r->based_at, sizeof(r->based_at));
	}
	return p;
}

/* Where no meter is named yet, what is chosen on Connect names its own. */
static const struct profile *ui_first_profile(struct run *r, const struct target *t, struct err *e)
{
	if (r->app->connect)
		return ui_ask_profile(r, t, e);
	return profile_is_auto(r->app->profile) ? profile_builtin_named("adw300") : profile_open(r->app->profile, e);
}

int ui_run(struct app *a, struct err *e)
{
	struct run r = { .app = a };
	struct link_opts opts = app_link_opts(a);
	struct target t;
	int rc = -1;

	/* what is wrong with the command line is said before a screen is up */
	if (a->connect && target_parse(a->connect, &t, e))
		return -1;
	r.profile = ui_first_profile(&r, &t, e);
	if (!r.profile)
		return -1;
	if (a->connect && password_fetch(&t, true, &r.password, e))
		goto out_profile;
	if (r.password)
		r.broker = t;
	r.bus = bus_new(&opts, &a->trace, a->journal, e);
	if (!r.bus || term_start(e))
		goto out;
	rc = open_stage(&r, a->connect ? &t : NULL, e);
	if (rc == 0) {
		ui_ui_loop(&r);
		end_command(&r);
		rc = ui_parting(&r, e);
	}
out:
	stage_release(&r.ui);
	term_stop();
	/* a command that is left behind may use it still */
	if (!r.abandoned)
		bus_free(r.bus, BUS_PARTING_MS);
out_profile:
	secret_free(r.password);
	profile_free(r.profile);
	return rc;
}
