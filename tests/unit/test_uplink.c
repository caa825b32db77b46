/* The proof of an uplink: every step passing, failing and implied, and who is blamed. */
#include "fake_link.h"
#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "mqtt/uplink.h"
#include "meter/uplink_regs.h"

#define S 1000000LL
#define WALL (1700000000LL * S)

/* A proof, and its clock. */
struct scene {
	struct uplink u;
	int64_t now;
	const struct dialect *dialect;
};

static struct scene begin(const char *dialect, struct uplink_options o)
{
	struct scene c = { .dialect = dialect_find(dialect) };

	assert_non_null(c.dialect);
	uplink_init(&c.u, &o);
	uplink_connected(&c.u, WALL);
	return c;
}

static struct upload *message(const struct scene *c, enum upload_kind kind, bool down)
{
	struct upload *up = calloc(1, sizeof(*up));

	assert_non_null(up);
	up->dialect = c->dialect;
	up->kind = kind;
	up->down = down;
	return up;
}

static void take(struct scene *c, double at, struct upload *up, enum rhythm_verdict v)
{
	c->now = (int64_t)(at * 1e6);
	uplink_take(&c->u, up, v, 100 * S + c->now, WALL + c->now);
	free(up);
}

static void says(struct scene *c, double at, enum upload_kind kind)
{
	take(c, at, message(c, kind, false), RHYTHM_ON_TIME);
}

static void answers(struct scene *c, double at, enum upload_kind kind, int result)
{
	struct upload *up = message(c, kind, true);

	up->has_result = true;
	up->result = result;
	take(c, at, up, RHYTHM_ON_TIME);
}

static void parameters(struct scene *c, double at, int interval_s)
{
	struct upload *up = message(c, UPLOAD_PARA, false);

	up->interval_s = interval_s;
	take(c, at, up, RHYTHM_ON_TIME);
}

static void data_as(struct scene *c, double at, enum rhythm_verdict v)
{
	struct upload *up = message(c, UPLOAD_DATA, false);

	up->n = 3;
	up->sent_us = WALL + (int64_t)((at - 2) * 1e6);
	take(c, at, up, v);
}

static void data(struct scene *c, double at)
{
	data_as(c, at, RHYTHM_ON_TIME);
}

static void state(const struct scene *c, enum uplink_step s, enum uplink_state want)
{
	if (c->u.steps[s].state != want)
		fail_msg("%s is %s, not %s: %s", uplink_step_names[s],
			 uplink_state_names[c->u.steps[s].state], uplink_state_names[want],
			 c->u.steps[s].what);
}

static void verdict(const struct scene *c, enum uplink_state want, enum uplink_step at)
{
	enum uplink_step step = UPLINK_STEPS;
	enum uplink_state got = uplink_verdict(&c->u, &step);

	if (got != want || step != at)
		fail_msg("%s at %d, not %s at %d", uplink_state_names[got], step,
			 uplink_state_names[want], at);
}

/* The deadline: only for want of time? And STEP says WORDS. */
static void ends(struct scene *c, double at, bool only_time, enum uplink_step step, const char *words)
{
	assert_int_equal(uplink_end(&c->u, WALL + (int64_t)(at * 1e6), at), only_time);
	verdict(c, UPLINK_FAILED, step);
	if (!strstr(c->u.steps[step].what, words))
		fail_msg("%s: no '%s' in: %s", uplink_step_names[step], words, c->u.steps[step].what);
}

/* The broker goes away: it is to blame while it is, and no interval is counted across. */
static void broker_lost(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });

	(void)unused;
	data(&c, 10);
	uplink_lost(&c.u, "the connection was lost", WALL + 20 * S);
	verdict(&c, UPLINK_WAITING, UPLINK_BROKER);
	uplink_connected(&c.u, WALL + 60 * S);
	state(&c, UPLINK_BROKER, UPLINK_PASSED);
	data(&c, 70);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	uplink_lost(&c.u, "the connection was lost", WALL + 80 * S);
	ends(&c, 90, false, UPLINK_BROKER, "the connection was lost");
}

/* What came before the meter was switched on again is no proof of what it does then. */
static void from_start_anew(void **unused)
{
	struct scene c = begin("acrelhw", (struct uplink_options){ .from_start = true, .interval_s = 5 });

	(void)unused;
	data(&c, 1);
	data(&c, 6);
	state(&c, UPLINK_SECOND, UPLINK_PASSED);
	says(&c, 10, UPLOAD_LOGIN);
	state(&c, UPLINK_FIRST, UPLINK_WAITING);
	state(&c, UPLINK_SECOND, UPLINK_WAITING);
	data(&c, 11);
	state(&c, UPLINK_FIRST, UPLINK_PASSED);
	state(&c, UPLINK_SECOND, UPLINK_WAITING);
	/* it logs in once more, as who has not been answered does: nothing is lost */
	says(&c, 12, UPLOAD_LOGIN);
	state(&c, UPLINK_FIRST, UPLINK_PASSED);
	data(&c, 16);
	state(&c, UPLINK_SECOND, UPLINK_PASSED);
}

static void uploads_alone(void **unused)
{
	static const char *const names[] = { "json-v2", "shadow" };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct scene c = begin(names[i], (struct uplink_options){ 0 });

		verdict(&c, UPLINK_WAITING, UPLINK_LOGIN);
		data(&c, 5);
		verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
		state(&c, UPLINK_LOGIN, UPLINK_NONE);
		state(&c, UPLINK_TIME, UPLINK_NONE);
		data(&c, 65);
		verdict(&c, UPLINK_PASSED, UPLINK_STEPS);
		state(&c, UPLINK_REGISTERS, UPLINK_NONE);
		assert_int_equal(c.u.uploads, 2);
		assert_true(fabs(c.u.gap_s - 60) < 1e-6 && fabs(c.u.delay_s - 2) < 1e-6);
	}
}

static void from_the_login_on(void **unused)
{
	struct scene c = begin("acrelhw", (struct uplink_options){ .from_start = true });

	(void)unused;
	says(&c, 1, UPLOAD_LOGIN);
	verdict(&c, UPLINK_WAITING, UPLINK_ANSWER);
	answers(&c, 1.5, UPLOAD_TIME, 1);
	state(&c, UPLINK_ANSWER, UPLINK_WAITING);
	answers(&c, 2, UPLOAD_LOGIN, 1);
	verdict(&c, UPLINK_WAITING, UPLINK_TIME);
	says(&c, 8, UPLOAD_TIME);
	parameters(&c, 9, 60);
	verdict(&c, UPLINK_WAITING, UPLINK_FIRST);
	data(&c, 10);
	data(&c, 70);
	verdict(&c, UPLINK_PASSED, UPLINK_STEPS);
	assert_non_null(strstr(c.u.steps[UPLINK_SECOND].what, "60 s are set"));
}

static void implied(void **unused)
{
	struct scene c = begin("acrelhw", (struct uplink_options){ 0 });

	(void)unused;
	data(&c, 1);
	state(&c, UPLINK_LOGIN, UPLINK_IMPLIED);
	data(&c, 61);
	verdict(&c, UPLINK_PASSED, UPLINK_STEPS);

	/* who sends heartbeats has logged in, though no data come */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	says(&c, 1, UPLOAD_HEART);
	state(&c, UPLINK_TIME, UPLINK_IMPLIED);
	ends(&c, 90, true, UPLINK_FIRST, "not in 90 s");

	/* nothing is implied where everything must be seen */
	c = begin("acrelhw", (struct uplink_options){ .from_start = true });
	data(&c, 1);
	data(&c, 61);
	ends(&c, 90, false, UPLINK_LOGIN, "not seen in 90 s, though data arrive");

	/* a login after that takes it back: its answer and the time must be seen now */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	data(&c, 1);
	says(&c, 5, UPLOAD_LOGIN);
	state(&c, UPLINK_ANSWER, UPLINK_WAITING);
	data(&c, 61);
	verdict(&c, UPLINK_FAILED, UPLINK_ANSWER);
}

static void nobody_answers(void **unused)
{
	struct scene c = begin("acrelhw", (struct uplink_options){ 0 });

	(void)unused;
	/* asking again does not begin the wait anew */
	for (int at = 1; at < 11; at += 5)
		says(&c, at, UPLOAD_LOGIN);
	verdict(&c, UPLINK_WAITING, UPLINK_ANSWER);
	says(&c, 11.5, UPLOAD_LOGIN);
	verdict(&c, UPLINK_FAILED, UPLINK_ANSWER);
	assert_non_null(strstr(c.u.steps[UPLINK_ANSWER].what, "within 10 s"));

	/* one login and then silence: the deadline says it */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	says(&c, 1, UPLOAD_LOGIN);
	ends(&c, 30, false, UPLINK_ANSWER, "no platform answered the login");
	/* ... or that there was no time to answer */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	says(&c, 1, UPLOAD_LOGIN);
	ends(&c, 5, true, UPLINK_ANSWER, "not in 5 s");

	c = begin("acrelhw", (struct uplink_options){ 0 });
	says(&c, 1, UPLOAD_LOGIN);
	answers(&c, 2, UPLOAD_LOGIN, 0);
	verdict(&c, UPLINK_FAILED, UPLINK_ANSWER);
	assert_non_null(strstr(c.u.steps[UPLINK_ANSWER].what, "refused"));
}

static void no_time(void **unused)
{
	struct scene c = begin("acrelhw", (struct uplink_options){ 0 });

	(void)unused;
	says(&c, 1, UPLOAD_LOGIN);
	answers(&c, 2, UPLOAD_LOGIN, 1);
	data(&c, 10);
	data(&c, 70);
	verdict(&c, UPLINK_WAITING, UPLINK_TIME);
	ends(&c, 80, false, UPLINK_TIME, "not seen in 80 s, though data arrive");
}

static void no_data(void **unused)
{
	const struct dialect *acrelhw = dialect_find("acrelhw"), *json_v2 = dialect_find("json-v2");
	struct scene c = begin("json-v2", (struct uplink_options){ 0 });

	(void)unused;
	/* without a word of the meter nobody knows whether it has a login */
	ends(&c, 30, true, UPLINK_FIRST, "not in 30 s");
	state(&c, UPLINK_LOGIN, UPLINK_NONE);
	c = begin("json-v2", (struct uplink_options){ .dialect = json_v2 });
	state(&c, UPLINK_LOGIN, UPLINK_NONE);
	ends(&c, 30, true, UPLINK_FIRST, "not in 30 s");
	c = begin("acrelhw", (struct uplink_options){ .dialect = acrelhw });
	ends(&c, 30, true, UPLINK_LOGIN, "not in 30 s");
	c = begin("acrelhw", (struct uplink_options){ .from_start = true });
	ends(&c, 30, true, UPLINK_LOGIN, "not in 30 s");

	c = begin("json-v2", (struct uplink_options){ 0 });
	data_as(&c, 1, RHYTHM_RETAINED);
	ends(&c, 30, false, UPLINK_FIRST, "only messages the broker had kept");
	assert_int_equal(c.u.retained, 1);

	c = begin("json-v2", (struct uplink_options){ 0 });
	uplink_refused(&c.u, "no JSON");
	uplink_refused(&c.u, "not UTF-8");
	ends(&c, 30, false, UPLINK_FIRST, "no upload could be used: 1 x no JSON; 1 x not UTF-8");
}

static void not_now(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ 0 });
	struct upload *up;

	(void)unused;
	data(&c, 1);
	data_as(&c, 2, RHYTHM_DUPLICATE);
	data_as(&c, 3, RHYTHM_OLD);
	data_as(&c, 4, RHYTHM_RETAINED);
	data_as(&c, 5, RHYTHM_PART);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	assert_true(c.u.duplicates == 1 && c.u.old == 1 && c.u.retained == 1 && c.u.uploads == 1);
	/* one that says the meter cannot be reached holds nothing of it */
	up = message(&c, UPLOAD_DATA, false);
	up->offline = true;
	up->n = 1;
	take(&c, 61, up, RHYTHM_ON_TIME);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	ends(&c, 90, true, UPLINK_SECOND, "not in 90 s");

	/* an answer the broker kept was given to somebody, some time */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	up = message(&c, UPLOAD_LOGIN, true);
	up->has_result = true;
	up->result = 1;
	take(&c, 1, up, RHYTHM_RETAINED);
	state(&c, UPLINK_ANSWER, UPLINK_WAITING);
	take(&c, 1, message(&c, UPLOAD_LOGIN, false), RHYTHM_RETAINED);
	state(&c, UPLINK_LOGIN, UPLINK_WAITING);
	assert_int_equal(c.u.retained, 2);
}

static void intervals(void **unused)
{
	static const struct { double gap; int set; enum uplink_state state; } cases[] = {
		{ 60, 60, UPLINK_PASSED }, { 48, 60, UPLINK_PASSED }, { 73.9, 60, UPLINK_PASSED },
		{ 45, 60, UPLINK_WAITING }, { 75, 60, UPLINK_WAITING }, { 300, 60, UPLINK_WAITING },
		{ 3, 1, UPLINK_PASSED }, { 3.3, 1, UPLINK_WAITING }, { 300, 0, UPLINK_PASSED },
	};
	struct scene c;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c = begin("json-v2", (struct uplink_options){ .interval_s = cases[i].set });
		data(&c, 1);
		data(&c, 1 + cases[i].gap);
		state(&c, UPLINK_SECOND, cases[i].state);
	}
	/* the first after a start may be off the beat: the next decides */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	parameters(&c, 0, 60);
	data(&c, 1);
	data(&c, 8);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	data(&c, 68);
	verdict(&c, UPLINK_PASSED, UPLINK_STEPS);
	/* never on it */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	parameters(&c, 0, 60);
	for (int i = 1; i < 9; i++)
		data(&c, 10 * i);
	ends(&c, 90, false, UPLINK_SECOND, "not at the interval set: 10.0 s after the one before, 60 s are set");
	/* what was wanted counts more than what the meter says */
	c = begin("acrelhw", (struct uplink_options){ .interval_s = 60 });
	parameters(&c, 0, 300);
	data(&c, 1);
	data(&c, 301);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	/* what comes at once was held up on the way: no interval, known or not */
	c = begin("json-v2", (struct uplink_options){ 0 });
	for (int i = 0; i < 5; i++)
		data(&c, 1 + i * 0.01);
	verdict(&c, UPLINK_WAITING, UPLINK_SECOND);
	data(&c, 61);
	verdict(&c, UPLINK_PASSED, UPLINK_STEPS);
}

/* Nothing has come until AT. */
static void silent(struct scene *c, double at, bool over)
{
	c->now = (int64_t)(at * 1e6);
	uplink_tick(&c->u, 100 * S + c->now, WALL + c->now);
	assert_int_equal(uplink_over(&c->u), over);
}

/* Two uploads in a row that do not come at the interval that is known are an answer. */
static void missed(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });

	(void)unused;
	/* never heard: it may not be switched on yet */
	silent(&c, 1000, false);
	data(&c, 1001);
	silent(&c, 1001 + 147, false);
	silent(&c, 1001 + 149, true);
	ends(&c, 1150, false, UPLINK_SECOND, "no upload in 149 s, 60 s are set: 2 missed");
	/* the interval that the meter says itself */
	c = begin("acrelhw", (struct uplink_options){ 0 });
	parameters(&c, 0, 60);
	data(&c, 1);
	silent(&c, 148, false);
	silent(&c, 150, true);
	/* not known */
	c = begin("json-v2", (struct uplink_options){ 0 });
	data(&c, 1);
	silent(&c, 10000, false);
	/* what does not come while the broker is away is not missed */
	c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });
	data(&c, 1);
	uplink_lost(&c.u, "away", WALL + 2 * S);
	silent(&c, 200, false);
}

/* ---- against the registers ---------------------------------------------------- */

static const struct profile *adw300(void)
{
	return profile_builtin_named("adw300");
}

/* Compares KEY; UP was uploaded, HELD is in the registers. */
static void data_stamped(struct scene *c, double at, double stamp)
{
	struct upload *up = message(c, UPLOAD_DATA, false);

	up->n = 3;
	up->sent_us = stamp > 0 ? WALL + (int64_t)(stamp * 1e6) : 0;
	take(c, at, up, RHYTHM_ON_TIME);
}

/* Without a time the clock is no step that passes, and none that fails. */
static void unstamped(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });

	(void)unused;
	data_stamped(&c, 10, 0);
	state(&c, UPLINK_CLOCK, UPLINK_UNDECIDED);
	data_stamped(&c, 70, 0);
	state(&c, UPLINK_CLOCK, UPLINK_UNDECIDED);
	assert_non_null(strstr(c.u.steps[UPLINK_CLOCK].what, "no time in the uploads"));
	assert_int_equal(uplink_verdict(&c.u, NULL), UPLINK_PASSED);
	/* one stamp is enough to see it */
	data_stamped(&c, 130, 129);
	state(&c, UPLINK_CLOCK, UPLINK_PASSED);
	data_stamped(&c, 190, 0);
	state(&c, UPLINK_CLOCK, UPLINK_PASSED);
	data_stamped(&c, 310, 900);
	state(&c, UPLINK_CLOCK, UPLINK_FAILED);
	data_stamped(&c, 370, 0);
	state(&c, UPLINK_CLOCK, UPLINK_FAILED);
}

/* Nothing comes any more, or the same again and again: two faults. */
static void missing_or_stuck(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });

	(void)unused;
	data(&c, 10);
	data_as(&c, 10.1, RHYTHM_DUPLICATE);	/* as a broker sends it again */
	uplink_tick(&c.u, 300 * S, WALL + 200 * S);
	verdict(&c, UPLINK_FAILED, UPLINK_SECOND);
	assert_non_null(strstr(c.u.steps[UPLINK_SECOND].what, "2 missed"));

	c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });
	data(&c, 10);
	data_as(&c, 70, RHYTHM_DUPLICATE);
	data_as(&c, 130, RHYTHM_DUPLICATE);
	state(&c, UPLINK_SECOND, UPLINK_WAITING);
	uplink_tick(&c.u, 300 * S, WALL + 200 * S);
	verdict(&c, UPLINK_FAILED, UPLINK_SECOND);
	assert_non_null(strstr(c.u.steps[UPLINK_SECOND].what, "2 with the time stamp and values of the first"));

	/* without an interval it is the deadline that ends it */
	c = begin("json-v2", (struct uplink_options){ 0 });
	data(&c, 10);
	data_as(&c, 70, RHYTHM_DUPLICATE);
	ends(&c, 100, false, UPLINK_SECOND, "1 with the time stamp and values of the first");

	/* other values with the stamp of those before */
	c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });
	data_stamped(&c, 10, 9);
	data_stamped(&c, 70, 9);
	verdict(&c, UPLINK_FAILED, UPLINK_CLOCK);
	assert_non_null(strstr(c.u.steps[UPLINK_CLOCK].what, "stuck"));
}

/* An upload of which no value can be used is no data. */
static void nothing_usable(void **unused)
{
	struct scene c = begin("json-v2", (struct uplink_options){ .interval_s = 60 });

	(void)unused;
	for (int i = 0; i < 2; i++) {
		struct upload *up = message(&c, UPLOAD_DATA, false);

		up->n = 3;
		up->values[0].is_text = up->values[1].refused = up->values[2].ambiguous = true;
		reasons_add(&up->drops, 1, "frequency outside", "500 Hz");
		take(&c, 10 + 60 * i, up, RHYTHM_ON_TIME);
	}
	state(&c, UPLINK_FIRST, UPLINK_WAITING);
	assert_int_equal(c.u.drops.total, 2);
	ends(&c, 100, false, UPLINK_FIRST, "no upload could be used: 2 x frequency outside (last: 500 Hz)");
}

static void compare(struct scene *c, const char *key, double up, double held)
{
	const struct profile *p = adw300();
	uint16_t idx = (uint16_t)profile_find(p, key);
	struct reading *a = calloc(p->npoints, sizeof(*a)), *b = calloc(p->npoints, sizeof(*b));

	assert_non_null(a);
	assert_non_null(b);
	a[idx].quality = isnan(up) ? QUALITY_FAILED : QUALITY_OK;
	b[idx].quality = QUALITY_OK;
	a[idx].value = (struct value){ .kind = VALUE_NUMBER, .num = up };
	b[idx].value = (struct value){ .kind = VALUE_NUMBER, .num = held };
	uplink_compare(&c->u, p, &idx, 1, a, b, 0.5, WALL);
	free(a);
	free(b);
}

static void registers(void **unused)
{
	static const struct { const char *key; double up, held; bool agrees; } cases[] = {
		{ "voltage.a", 230.1, 230.1, true }, { "voltage.a", 230.1, 220.1, true },
		{ "voltage.a", 230.1, 217.0, false }, { "voltage.a", 230.1, 23.01, false },
		{ "voltage.a", 0, 0.3, true }, { "voltage.a", 0, 0.4, false },
		{ "power.active.total", 45.5, -45.5, false }, { "power.active.total", -1.234, -1.233, true },
		{ "current.a", 5, 200, false }, { "ratio.ct", 40, 40, true }, { "ratio.ct", 40, 41, false },
		{ "di.status", 5, 5, true }, { "di.status", 5, 4, false }, { "signal.strength", -77, -75, true },
	};
	struct scene c;

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		c = begin("json-v2", (struct uplink_options){ .registers = true });
		compare(&c, cases[i].key, cases[i].up, cases[i].held);
		if (c.u.npairs != 1 || c.u.pairs[0].agrees != cases[i].agrees)
			fail_msg("%s %g and %g", cases[i].key, cases[i].up, cases[i].held);
		state(&c, UPLINK_REGISTERS, cases[i].agrees ? UPLINK_PASSED : UPLINK_WAITING);
	}
	/* a load may change between the two: twice in a row is no chance */
	c = begin("json-v2", (struct uplink_options){ .registers = true });
	data(&c, 1);
	compare(&c, "current.a", 5, 200);
	data(&c, 61);
	verdict(&c, UPLINK_WAITING, UPLINK_REGISTERS);
	compare(&c, "current.a", 5, 200);
	verdict(&c, UPLINK_FAILED, UPLINK_REGISTERS);
	assert_non_null(strstr(c.u.steps[UPLINK_REGISTERS].what, "current.a, 5 uploaded and 200 held"));
	/* ... and once is forgiven */
	c = begin("json-v2", (struct uplink_options){ .registers = true });
	compare(&c, "current.a", 5, 200);
	compare(&c, "current.a", 200, 200);
	state(&c, UPLINK_REGISTERS, UPLINK_PASSED);
	/* what did not come is not compared */
	c = begin("json-v2", (struct uplink_options){ .registers = true });
	compare(&c, "current.a", NAN, 200);
	state(&c, UPLINK_REGISTERS, UPLINK_WAITING);
	data(&c, 1);
	data(&c, 61);
	ends(&c, 70, true, UPLINK_REGISTERS, "not in 70 s");
	/* one comparison that did not agree, and no time for a second */
	c = begin("json-v2", (struct uplink_options){ .registers = true });
	compare(&c, "current.a", 5, 200);
	data(&c, 1);
	data(&c, 61);
	ends(&c, 70, false, UPLINK_REGISTERS, "1 of 1 values differ");
	c = begin("json-v2", (struct uplink_options){ .registers = true });
	uplink_no_registers(&c.u, "no reply from unit 1", WALL);
	data(&c, 1);
	data(&c, 61);
	verdict(&c, UPLINK_FAILED, UPLINK_REGISTERS);
}

/* A meter whose registers hold 100, all of them. */
static int fake_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n, uint16_t *out,
			 struct err *e)
{
	(void)l;
	(void)space;
	(void)addr;
	(void)e;
	for (uint16_t i = 0; i < n; i++)
		out[i] = 100;
	return 0;
}

static void take_reading(void *arg, size_t idx, const struct reading *r)
{
	((struct reading *)arg)[idx] = *r;
}

/* What is held against an upload: what it brought, but no register that no document gives. */
static void second_way(void **unused)
{
	static const struct link_ops ops = { FAKE_LINK_OPS, .raw_read = fake_raw_read };
	static const char *const keys[] = { "voltage.a", "network.upload_interval", "ratio.ct", "current.a" };
	struct link link = { .ops = &ops };
	struct meter m = { .profile = adw300(), .link = &link };
	struct reading *uploaded = calloc(m.profile->npoints, sizeof(*uploaded));
	struct scene c = begin("acrelhw", (struct uplink_options){ .registers = true });
	struct uplink_regs r;
	struct err e = { 0 };
	uint16_t idx[4];

	(void)unused;
	assert_non_null(uploaded);
	m.readings = calloc(m.profile->npoints, sizeof(*m.readings));
	assert_int_equal(uplink_regs_init(&r, &m, &e), 0);
	assert_int_equal(uplink_regs_read(&r, &e), 0);
	for (size_t i = 0; i < 4; i++)
		idx[i] = (uint16_t)profile_find(m.profile, keys[i]);
	assert_int_equal(link_read(&link, m.profile, idx, 4, take_reading, uploaded, &e), 0);
	uploaded[idx[1]].value.num = 300;
	uploaded[idx[3]].quality = QUALITY_FAILED;
	for (size_t i = 0; i < 4; i++)
		uplink_regs_note(&r, idx[i], &uploaded[idx[i]]);
	assert_int_equal(m.profile->points[idx[1]].from, FROM_PROVISIONAL);
	assert_int_equal(uplink_regs_read(&r, &e), 1);
	assert_int_equal(r.n, 2);
	uplink_regs_compare(&r, &c.u, uploaded, WALL);
	assert_int_equal(c.u.npairs, 2);
	state(&c, UPLINK_REGISTERS, UPLINK_PASSED);
	/* each upload is compared once; one of nothing but such registers, not at all */
	assert_int_equal(uplink_regs_read(&r, &e), 0);
	uplink_regs_note(&r, idx[1], &uploaded[idx[1]]);
	assert_int_equal(uplink_regs_read(&r, &e), 0);
	uplink_regs_close(&r);
	free(uploaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broker_lost), cmocka_unit_test(from_start_anew),
		cmocka_unit_test(uploads_alone), cmocka_unit_test(from_the_login_on),
		cmocka_unit_test(implied), cmocka_unit_test(nobody_answers),
		cmocka_unit_test(no_time), cmocka_unit_test(no_data), cmocka_unit_test(not_now),
		cmocka_unit_test(intervals), cmocka_unit_test(missed), cmocka_unit_test(registers),
		cmocka_unit_test(second_way), cmocka_unit_test(unstamped),
		cmocka_unit_test(missing_or_stuck), cmocka_unit_test(nothing_usable),
	};

	return UNIT_RUN(tests);
}
