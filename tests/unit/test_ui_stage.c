/*
 * The stage: which screen has a key, what is read, and that nothing a person
 * can do to keys and sizes breaks it.
 */
#include "screen_bench.h"
#include "profile/codec.h"
#include "sim/sim.h"
#include "ui/keys.h"
#include "ui/term.h"
#include "ui/prompt/commands.h"
#include "ui/screens/review.h"
#include "ui/screens/setting.h"

static struct ui ui;
static struct sim_meter *meter;
static char connected[64];

static int fake_connect(struct ui *u, const struct target *t, const char *profile, struct err *e)
{
	(void)profile;
	(void)e;
	u->target = *t;
	snprintf(connected, sizeof(connected), "%.60s", t->text);
	return 0;
}

static int fake_ports(struct found_port **list, size_t *n, struct err *e)
{
	(void)e;
	*n = 2;
	*list = calloc(2, sizeof(**list));
	assert_non_null(*list);
	snprintf((*list)[0].path, sizeof((*list)[0].path), "/dev/ttyUSB0");
	snprintf((*list)[1].path, sizeof((*list)[1].path), "/dev/ttyS0");
	return 0;
}

static struct job asked;

static int fake_job(struct ui *u, const struct job *w, struct err *e)
{
	(void)u;
	(void)e;
	return job_copy(&asked, w);
}

/* What is asked for is done, with outcomes of all sorts. */
static void do_job(int dice)
{
	if (!asked.busy)
		return;
	for (size_t i = 0; i < asked.plan.n; i++) {
		struct step *st = &asked.plan.steps[i];

		st->state = asked.kind == JOB_LOOK ? STEP_PLANNED
			  : (enum step_state)((dice + (int)i) % STEP_STATES);
		if (dice % 3)
			st->before = ui.readings[st->idx].value;
	}
	asked.plan.looked = true;
	asked.busy = false;
	asked.rc = dice % 5 ? 0 : err_set(&asked.err, ERR_SILENT, "no reply from unit 1");
	stage_job(&ui, &asked);
	job_release(&asked);
}

static int start(void **state)
{
	static const struct stage_hooks hooks = {
		.connect = fake_connect, .ports = fake_ports, .job = fake_job,
	};
	struct err e = { 0 };

	if (bench_start(state))
		return -1;
	ui = (struct ui){ .line = LINE_LIVE, .now_us = 5000000000LL, .wall_us = 1768485807000000LL };
	if (target_parse("rtu:/dev/ttyUSB0", &ui.target, &e))
		return -1;
	if (stage_init(&ui, &hooks, &e) || stage_profile(&ui, profile_builtin_named("adw300"), &e))
		return -1;
	snprintf(ui.loop->profile, sizeof(ui.loop->profile), "adw300");
	meter = sim_meter_new(ui.profile, "frozen,seed=1,start=2026-01-15T14:03:27Z", &e);
	return meter ? 0 : -1;
}

static int stop(void **state)
{
	sim_meter_free(meter);
	stage_release(&ui);
	return bench_stop(state);
}

static void read_wanted(void)
{
	struct selection sel;

	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++) {
		const struct point *p = &ui.profile->points[sel.idx[i]];
		struct reading r = { .quality = QUALITY_OK, .mono_us = ui.now_us, .at_us = ui.wall_us };
		uint16_t regs[125];

		if (sim_meter_read(meter, p->space, p->addr, p->words, regs)
		    || codec_decode(p, regs, &r.value, &r.err))
			continue;
		r.words = (uint8_t)(p->words < VALUE_WORDS ? p->words : VALUE_WORDS);
		memcpy(r.raw, regs, r.words * sizeof(*regs));
		ui_take(&ui, sel.idx[i], &r);
	}
	selection_release(&sel);
	stage_update(&ui);
}

static const char *shown(void)
{
	return stage_shown(&ui)->name;
}

static bool wants(const char *key)
{
	int idx = profile_find(ui.profile, key);
	struct selection sel;
	bool found = false;

	assert_true(idx >= 0);
	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++) {
		found = found || sel.idx[i] == idx;
		if (i > 0)
			assert_true(sel.idx[i] > sel.idx[i - 1]);
	}
	selection_release(&sel);
	return found;
}

static void mouse(mmask_t button, int y, int x)
{
	MEVENT ev = { .y = y, .x = x, .bstate = button };

	assert_int_equal(ungetmouse(&ev), OK);
	stage_key(&ui, KEY_MOUSE);
	stage_draw(&ui);
}

/* A click on a tab opens it, one on a row of a list chooses it, the wheel goes on from there. */
static void test_mouse(void **state)
{
	char row[400];

	(void)state;
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	stage_home(&ui);
	stage_draw(&ui);
	mvwinnstr(ui.loop->head, 1, 0, row, sizeof(row) - 1);
	mouse(BUTTON1_PRESSED, 1, (int)(strstr(row, "8 Reg") - row));
	assert_string_equal(shown(), "Registers");
	mouse(BUTTON1_PRESSED, STAGE_HEAD + 4, 30);
	mvwinnstr(ui.loop->body, 0, 0, row, sizeof(row) - 1);
	assert_non_null(strstr(row, " 4 of "));
	mouse(BUTTON5_PRESSED, STAGE_HEAD + 4, 30);
	mvwinnstr(ui.loop->body, 0, 0, row, sizeof(row) - 1);
	assert_non_null(strstr(row, " 5 of "));
	/* not through the help page */
	stage_key(&ui, '?');
	mouse(BUTTON1_PRESSED, STAGE_HEAD + 9, 30);
	assert_true(ui.loop->help);
	stage_key(&ui, 27);
	stage_home(&ui);
}

/* Each row of the table can be reached: by its key, by its name, or by what fills it. */
static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < SCREEN_COUNT; i++) {
		const struct screen *s = &screen_table[i];

		assert_int_equal(screen_place(s->ops), i);
		assert_true(s->key == 0 || (s->key >= '0' && s->key <= '9'));
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(screen_table[k].id, s->id);
			assert_true(s->key == 0 || screen_table[k].key != s->key);
		}
		if (!screen_word(s)) {
			assert_null(screen_named(s->id));
			continue;
		}
		assert_ptr_equal(screen_named(s->id), s);
		/* the fleet only where there is one */
		if (s->flags & SCREEN_FLEET)
			continue;
		command_run(&ui, s->id);
		assert_ptr_equal(stage_shown(&ui), s);
		if (!s->key)
			continue;
		stage_home(&ui);
		stage_key(&ui, s->key);
		assert_ptr_equal(stage_shown(&ui), s);
	}
	stage_home(&ui);
	assert_string_equal(shown(), "Live");
}

static void test_keys(void **state)
{
	(void)state;
	stage_key(&ui, '4');
	assert_string_equal(shown(), "Energy");
	stage_key(&ui, 27);
	assert_string_equal(shown(), "Live");
	stage_key(&ui, '\t');
	assert_string_equal(shown(), "Phasor");
	stage_key(&ui, KEY_BTAB);
	stage_key(&ui, KEY_BTAB);
	assert_string_equal(shown(), "Trace");
	/* help closes with the key that is then done */
	stage_key(&ui, '?');
	assert_true(ui.loop->help);
	stage_key(&ui, '1');
	assert_false(ui.loop->help);
	assert_string_equal(shown(), "Live");
	/* digits typed into a field are no tabs */
	stage_key(&ui, '8');
	stage_key(&ui, '/');
	stage_key(&ui, '4');
	stage_key(&ui, 'q');
	assert_string_equal(shown(), "Registers");
	assert_false(ui.loop->leave);
	stage_key(&ui, 27);
	stage_key(&ui, 'q');
	assert_true(ui.loop->leave);
	ui.loop->leave = false;
}

static void asks(const char *words)
{
	if (!strstr(ui.loop->question.text, words))
		fail_msg("no '%s' in '%s'", words, ui.loop->question.text);
}

/* Esc goes back step by step to where one began, and no further. */
static void test_back(void **state)
{
	static const char there[] = "4895";

	(void)state;
	ui.loop->nway = 0;
	stage_home(&ui);
	ui.loop->nway = 0;
	for (const char *c = there; *c; c++)
		stage_key(&ui, *c);
	assert_string_equal(shown(), "Trend");
	stage_key(&ui, '5');	/* it is shown already: no step */
	stage_key(&ui, 27);
	assert_string_equal(shown(), "Trace");
	stage_key(&ui, 27);
	assert_string_equal(shown(), "Registers");
	stage_key(&ui, 27);
	stage_key(&ui, 27);
	assert_string_equal(shown(), "Live");
	stage_key(&ui, 27);
	assert_string_equal(shown(), "Live");
	/* of a long way the last steps are kept */
	for (int i = 0; i < 40; i++)
		stage_key(&ui, i % 2 ? '8' : '4');
	for (int i = 0; i < 2 * STAGE_WAY; i++)
		stage_key(&ui, 27);
	assert_string_equal(shown(), "Registers");
	stage_home(&ui);
}

static const char *row_of(WINDOW *w, int y)
{
	static char row[320];

	ui.message[0] = '\0';
	stage_draw(&ui);
	mvwinnstr(w, y, 0, row, sizeof(row) - 1);
	return row;
}

/* Requests without a reply are told of, and that nothing comes while the line counts as live. */
static void test_losses(void **state)
{
	const struct link_stats was = ui.stats;

	(void)state;
	stage_home(&ui);
	ui.now_us += 60000000;	/* what was before is long over */
	ui.stats = (struct link_stats){ .requests = 1000, .timeouts = 300 };
	for (int i = 0; i < 40; i++) {
		ui.now_us += 1000000;
		ui.stats.requests += 10;
		ui.stats.timeouts += i == 35 || i == 38;
		assert_null(strstr(row_of(ui.loop->foot, 0), "no valid reply"));	/* two of 300 */
	}
	for (int i = 0; i < 4; i++) {
		ui.now_us += 1000000;
		ui.stats.requests += 10;
		ui.stats.timeouts += 10;
		row_of(ui.loop->foot, 0);
	}
	assert_non_null(strstr(row_of(ui.loop->foot, 0), "no valid reply to 42 of 290 requests"));
	assert_non_null(strstr(row_of(ui.loop->foot, 0), "9: Trace"));
	ui.line = LINE_STALE;
	assert_null(strstr(row_of(ui.loop->foot, 0), "no valid reply"));
	ui.line = LINE_LIVE;
	read_wanted();
	ui.live_us = ui.now_us - 1500000;
	assert_non_null(strstr(row_of(ui.loop->head, 0), "live"));
	ui.live_us = ui.now_us - 3500000;
	assert_non_null(strstr(row_of(ui.loop->head, 0), "waiting 3 s"));
	/* a screen that reads nothing waits for nothing */
	ui.loop->reads = false;
	assert_non_null(strstr(row_of(ui.loop->head, 0), "live"));
	ui.live_us = 0;
	ui.stats = was;
}

static void paste(const char *text)
{
	stage_draw(&ui);
	stage_key(&ui, TERM_KEY_PASTE);
	for (; *text; text++)
		stage_key(&ui, (unsigned char)*text);
	stage_key(&ui, TERM_KEY_PASTED);
}

/* What is pasted runs nothing: it goes to a field, without its line ends, or nowhere. */
static void test_paste(void **state)
{
	char row[81];

	(void)state;
	for (size_t i = 0; i < SCREEN_COUNT; i++) {
		if (screen_table[i].flags & (SCREEN_FLEET | SCREEN_OVERLAY))
			continue;
		stage_show(&ui, screen_table[i].ops);
		paste("Widget report 5\r\ryq");
		assert_ptr_equal(stage_shown(&ui), &screen_table[i]);
		assert_false(ui.writing || ui.loop->leave || question_asked(&ui) || stage_prompt.shown());
		assert_non_null(strstr(ui.message, "pasted text ignored"));
	}
	stage_key(&ui, '8');
	stage_key(&ui, '/');
	paste("curr\rent.b\n");
	stage_draw(&ui);
	mvwinnstr(ui.loop->body, 0, 0, row, sizeof(row) - 1);
	assert_non_null(strstr(row, "current.b"));
	stage_key(&ui, 27);
	stage_key(&ui, 'W');
	paste("yes");
	assert_true(question_asked(&ui));
	stage_key(&ui, 27);
	assert_false(ui.writing);
	stage_home(&ui);
}

/* New values are not lost by a key: quitting and connecting ask. */
static void test_unwritten(void **state)
{
	(void)state;
	*connected = '\0';
	stage_key(&ui, 'W');
	stage_key(&ui, 'y');
	stage_key(&ui, '6');
	for (int i = 0; i < 4; i++)
		stage_key(&ui, KEY_DOWN);
	stage_key(&ui, '\r');
	stage_key(&ui, KEY_DOWN);
	stage_key(&ui, '\r');
	stage_key(&ui, '7');
	stage_key(&ui, '\r');
	stage_key(&ui, '1');
	stage_key(&ui, 'q');
	asks("1 new value is not written. Quit without it?");
	stage_key(&ui, 'q');
	stage_key(&ui, 'n');
	assert_false(ui.loop->leave);
	stage_key(&ui, 'c');
	stage_key(&ui, '\r');
	asks("1 new value is not written. Leave this meter without it?");
	stage_key(&ui, 27);
	assert_string_equal(connected, "");
	assert_string_equal(shown(), "Connect");
	stage_key(&ui, '\r');
	stage_key(&ui, 'y');
	assert_string_not_equal(connected, "");
	stage_key(&ui, 'q');
	stage_key(&ui, 'y');
	assert_true(ui.loop->leave);
	ui.loop->leave = false;
	/* a signal does not ask */
	stage_leave(&ui);
	assert_true(ui.loop->leave);
	ui.loop->leave = false;
	ui.writing = false;
}

/* Only what is in sight is read, and what a trend follows. */
static void test_wants(void **state)
{
	(void)state;
	ui.line = LINE_STALE;	/* nothing is read for the state line */
	stage_key(&ui, '8');
	stage_key(&ui, 'g');
	assert_true(wants("comm.address"));
	assert_false(wants("energy.active.import.total"));
	assert_true(wants("power.active.total"));	/* the trend's */
	stage_key(&ui, 'G');
	assert_false(wants("comm.address"));
	stage_key(&ui, '1');
	assert_true(wants("voltage.ab"));
	assert_true(wants("clock"));
	assert_false(wants("harmonic.voltage.a.3"));
	stage_key(&ui, '3');
	assert_true(wants("harmonic.voltage.a.3"));
	assert_false(wants("ratio.ct"));
	stage_key(&ui, 'p');
	assert_true(wants("ratio.ct"));
	stage_key(&ui, 'p');
	ui.line = LINE_LIVE;
}

static void test_changed(void **state)
{
	int idx = profile_find(ui.profile, "voltage.a");
	struct reading r = { .quality = QUALITY_OK, .value = { .kind = VALUE_NUMBER, .num = 230 } };

	(void)state;
	ui_take(&ui, (size_t)idx, &r);
	ui.changed_us[idx] = 0;
	ui_take(&ui, (size_t)idx, &r);
	assert_int_equal(ui.changed_us[idx], 0);
	r.value.num = 231;
	ui_take(&ui, (size_t)idx, &r);
	assert_int_equal(ui.changed_us[idx], ui.now_us);
	ui.changed_us[idx] = 0;
	r.quality = QUALITY_STALE;
	r.value.num = 232;
	ui_take(&ui, (size_t)idx, &r);
	assert_int_equal(ui.changed_us[idx], 0);
}

static void test_messages(void **state)
{
	(void)state;
	ui_say(&ui, "said");
	stage_draw(&ui);
	assert_string_equal(ui.message, "said");
	ui.now_us += 7000000;
	stage_draw(&ui);
	assert_string_equal(ui.message, "");
	assert_true(stage_next(&ui) > ui.now_us);
	assert_true(stage_next(&ui) <= ui.now_us + 1000000);
}

/* Is TEXT in row Y of W? */
static bool drawn(WINDOW *w, int y, const char *text)
{
	char row[800];

	mvwinnstr(w, y, 0, row, sizeof(row) - 1);
	return strstr(row, text) != NULL;
}

/* What a command keeps from being read is not called live. */
static void test_lent(void **state)
{
	(void)state;
	ui.line = LINE_LIVE;
	ui.live_us = ui.now_us;
	ui.lent = true;
	stage_draw(&ui);
	assert_true(drawn(ui.loop->head, 0, "live"));
	ui.now_us += 12000000;
	stage_draw(&ui);
	assert_false(drawn(ui.loop->head, 0, "live"));
	assert_true(drawn(ui.loop->head, 0, "in use 12 s"));
	assert_true(drawn(ui.loop->foot, 0, "a command is using the meter"));
	ui.lent = false;
	ui.live_us = ui.now_us;
	stage_draw(&ui);
	assert_true(drawn(ui.loop->head, 0, "live"));
}

static void test_connect(void **state)
{
	(void)state;
	stage_key(&ui, 'c');
	stage_key(&ui, '\t');
	stage_key(&ui, KEY_RIGHT);	/* 1200 */
	stage_key(&ui, '4');		/* 4800 */
	stage_key(&ui, '\r');
	assert_string_equal(connected, "rtu:/dev/ttyUSB0?baud=4800");
	assert_string_equal(shown(), "Live");
}

/* Where a unit address is not one meter's, writing cannot be allowed. */
static void test_writing_at_units(void **state)
{
	const struct target was = ui.target;

	(void)state;
	ui.line = LINE_LIVE;
	assert_int_equal(target_parse("tcp:host?unit=0", &ui.target, NULL), 0);
	stage_key(&ui, 'W');
	assert_false(ui.writing);
	assert_non_null(strstr(ui.message, "unit address 0"));
	assert_int_equal(target_parse("tcp:host?unit=255", &ui.target, NULL), 0);
	stage_key(&ui, 'W');
	assert_false(ui.writing);	/* asked */
	stage_key(&ui, 'y');
	assert_true(ui.writing);
	stage_key(&ui, 'W');
	ui.target = was;
}

/* ---- writing --------------------------------------------------------------- */

/* These settings are to be written and have been looked at; the page that reviews them is shown. */
static void look_at(const struct review_new *list, size_t n)
{
	struct err e = { 0 };

	if (review_begin(&ui, list, n, &e))
		fail_msg("%s", e.text);
	assert_int_equal(asked.kind, JOB_LOOK);
	do_job(1);
	assert_string_equal(stage_shown(&ui)->name, "Review");
}

static void says(const char *words)
{
	if (!strstr(ui.message, words))
		fail_msg("no '%s' in '%s'", words, ui.message);
}

/* Nothing is planned before W, nor written that was planned before it was taken back. */
static void test_writing(void **state)
{
	const struct review_new ct = { "ratio.ct", "60" };
	struct err e = { 0 };

	(void)state;
	assert_false(ui.writing);
	assert_int_equal(review_begin(&ui, &ct, 1, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_false(asked.busy);
	/* what puts back a write is planned by the thread that has the journal */
	assert_int_equal(review_undo(&ui, 1, &e), 0);
	assert_true(asked.plan.policy.read_only);
	job_release(&asked);
	stage_key(&ui, '6');
	stage_key(&ui, '\r');
	stage_key(&ui, '\r');
	asks("Writing is off. Allow it for ADW300 #1?");
	for (const char *c = "qW\r\twidget 5"; *c; c++)
		stage_key(&ui, *c);
	asks("Writing is off.");	/* nothing else was run, nor left */
	assert_string_equal(stage_shown(&ui)->name, "Settings");
	assert_false(ui.loop->leave);
	stage_key(&ui, 'n');
	assert_false(question_asked(&ui));
	assert_false(ui.writing);

	stage_key(&ui, 'W');
	stage_key(&ui, 'y');
	assert_true(ui.writing);
	look_at(&ct, 1);
	stage_key(&ui, 'W');
	assert_false(ui.writing);	/* back to where nothing happens needs no question */
	stage_key(&ui, 'y');
	asks("Writing is off.");
	assert_false(asked.busy);
	stage_key(&ui, 'y');
	assert_true(ui.writing);
	assert_false(asked.busy);	/* allowed, not written yet */
	stage_key(&ui, 'y');
	assert_int_equal(asked.kind, JOB_APPLY);
	assert_false(asked.plan.policy.read_only || asked.plan.policy.switching || asked.plan.policy.provisional);
	stage_key(&ui, 'W');
	assert_true(ui.writing);	/* a write is under way */
	do_job(2);

	/* another meter: it was allowed for the one before */
	assert_int_equal(stage_profile(&ui, ui.profile, &e), 0);
	assert_false(ui.writing);
	ui.read_only = true;
	stage_key(&ui, 'W');
	assert_false(ui.writing);
	says("--read-only");
	ui.writing = true;
	assert_true(setting_policy(&ui).read_only);
	ui.read_only = ui.writing = false;
}

/* Which consents a plan may still ask for depends on what the meter stands behind. */
static void test_policy(void **state)
{
	static const struct {
		const char *target;
		bool simulated, remote;
	} rows[] = {
		{ "rtu:/dev/ttyUSB0", false, false }, { "sim:", true, false },
		{ "mqtt://h/1", false, true }, { "mqtt://h/1?dialect=tunnel", false, false },
	};
	const struct target was = ui.target;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(target_parse(rows[i].target, &ui.target, &e), 0);
		assert_int_equal(setting_policy(&ui).simulated, rows[i].simulated);
		assert_int_equal(setting_policy(&ui).remote, rows[i].remote);
	}
	ui.target = was;
}

/* Each setting that may do harm has a mark of its own, for the plan it was set on, and
 * agrees to what it was asked for. */
static void test_marks(void **state)
{
	static const struct review_new both[] = { { "do.1", "1" }, { "do.2", "1" } };
	static const struct review_new table[] = { { "tou.table1", "00:00 flat" }, { "ratio.ct", "60" } };

	(void)state;
	ui.writing = true;
	look_at(both, 2);
	stage_key(&ui, 'y');
	says("2 settings ask for a mark");
	stage_key(&ui, ' ');
	stage_key(&ui, 'y');
	says("1 setting asks for a mark");
	/* looked at anew, nothing is agreed to any more */
	look_at(both, 2);
	stage_key(&ui, 'y');
	says("2 settings ask for a mark");
	assert_false(asked.busy);
	for (int i = 0; i < 2; i++) {
		stage_key(&ui, ' ');
		stage_key(&ui, KEY_DOWN);
	}
	stage_key(&ui, 'y');
	assert_int_equal(asked.kind, JOB_APPLY);
	assert_true(asked.plan.policy.switching && !asked.plan.policy.provisional);
	do_job(2);
	look_at(table, 2);
	stage_key(&ui, 'y');
	says("1 setting asks for a mark");
	stage_key(&ui, ' ');
	stage_key(&ui, 'y');
	assert_int_equal(asked.kind, JOB_APPLY);
	assert_true(asked.plan.policy.provisional && !asked.plan.policy.switching);
	do_job(2);
	ui.writing = false;
}

/* A meter that asks for a password: it is typed unseen, and goes with the plan. */
static void test_unlock(void **state)
{
	static const struct review_new ct = { "ratio.ct", "60" };
	static struct point points[2000];
	struct profile locked = *ui.profile;
	const struct profile *was = ui.profile;
	struct point *p;

	(void)state;
	assert_true(locked.npoints <= 2000);
	memcpy(points, locked.points, locked.npoints * sizeof(*points));
	p = &points[profile_find(&locked, "ratio.ct")];
	p->flags |= POINT_UNLOCK;
	locked.points = points;
	locked.unlock_password.n = CODE_ASKED;
	ui.profile = &locked;
	ui.writing = true;
	look_at(&ct, 1);
	stage_key(&ui, 'y');
	assert_false(asked.busy);
	/* keys that mean something elsewhere are characters here; this is no password */
	for (const char *key = "Wq1?"; *key; key++)
		stage_key(&ui, *key);
	stage_draw(&ui);
	assert_true(ui.writing);
	stage_key(&ui, '\r');
	says("unlock password is not a number");
	assert_null(strstr(ui.message, "Wq1"));
	assert_false(asked.busy);
	stage_key(&ui, 'y');
	for (const char *key = "4660"; *key; key++)
		stage_key(&ui, *key);
	stage_key(&ui, 27);
	assert_false(asked.busy);
	stage_key(&ui, 'y');
	for (const char *key = "4660"; *key; key++)
		stage_key(&ui, *key);
	stage_key(&ui, '\r');
	assert_int_equal(asked.kind, JOB_APPLY);
	assert_int_equal(asked.plan.password.n, 1);
	assert_int_equal(asked.plan.password.v[0], 4660);
	do_job(2);
	ui.profile = was;
	ui.writing = false;
}

/* Any keys at any size, in any state of the line: what matters is that the
 * sanitizers find nothing. */
static void test_monkey(void **state)
{
	static const int curses_keys[] = {
		KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_PPAGE, KEY_NPAGE, KEY_HOME,
		KEY_END, KEY_BACKSPACE, KEY_DC, KEY_BTAB, KEY_ENTER, KEY_F(1), KEY_F(5),
		KEY_RESIZE, KEY_MOUSE, 27, '\r', '\t', ' ', 0x80, 0xC3, 0xA9, 0xFF,
	};
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int dice = (int)((seed = seed * 1103515245U + 12345U) >> 16 & 0x7FFF);

		if (dice % 40 == 0) {
			int rows = 1 + dice / 40 % 70, cols = 1 + dice / 80 % 220;

			resizeterm(rows, cols);
			stage_resize(&ui, rows, cols);
		} else if (dice % 97 == 1) {
			ui.line = (enum line_state)(dice / 97 % 5);
			snprintf(ui.reason, sizeof(ui.reason), "%.*s", dice % 300,
				 "no reply from unit 1 at '/dev/ttyUSB0' (check the meter's power and wires)");
		} else if (dice % 3 == 0) {
			stage_key(&ui, curses_keys[dice / 3 % (int)(sizeof(curses_keys) / sizeof(int))]);
		} else {
			stage_key(&ui, ' ' + dice % 95);
		}
		ui.loop->leave = false;
		ui.ascii = dice % 2;
		ui.now_us += 100000;
		ui.wall_us += 100000;
		if (dice % 20 == 0)
			read_wanted();
		if (dice % 7 == 0)
			do_job(dice / 7);
		if (dice % 10 == 0)
			stage_tick(&ui);
		stage_draw(&ui);
		if (dice % 50 == 0)
			doupdate();
	}
	job_release(&asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_lent),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_writing_at_units),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_marks), cmocka_unit_test(test_unlock),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_unwritten),
		cmocka_unit_test(test_monkey),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
