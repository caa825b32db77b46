/*
 * The checklist screen: it asks the thread of the meter and waits for nothing, goes to what decides a
 * row, and hands on what a person says, once.
 */
#include "screen_bench.h"
#include "ui/screens/checklist.h"

static struct ui ui;
static struct job asked;
static unsigned asks;

static int keep_job(struct ui *u, const struct job *w, struct err *e)
{
	(void)u;
	(void)e;
	asks++;
	return job_copy(&asked, w);
}

static int no_ports(struct found_port **list, size_t *n, struct err *e)
{
	(void)e;
	*list = NULL;
	*n = 0;
	return 0;
}

static int start(void **state)
{
	static const struct stage_hooks hooks = { .job = keep_job, .ports = no_ports };
	struct err e = { 0 };

	if (bench_start(state))
		return -1;
	ui = (struct ui){ .line = LINE_LIVE, .now_us = 5000000000LL, .wall_us = 1768485807000000LL };
	if (target_parse("rtu:/dev/ttyUSB0", &ui.target, &e) || stage_init(&ui, &hooks, &e))
		return -1;
	return stage_profile(&ui, profile_builtin_named("adw300"), &e);
}

static int stop(void **state)
{
	job_release(&asked);
	stage_release(&ui);
	return bench_stop(state);
}

/* Another meter, with nothing of the one before. */
static int fresh(void **state)
{
	struct err e;

	(void)state;
	asks = 0;
	job_release(&asked);
	ui.line = LINE_LIVE;
	if (stage_profile(&ui, ui.profile, &e))
		return -1;
	stage_home(&ui);
	return 0;
}

static void wait_us(int64_t us)
{
	struct selection sel;

	ui.now_us += us;
	stage_wants(&ui, &sel);
	selection_release(&sel);
	stage_update(&ui);
	stage_tick(&ui);
	stage_draw(&ui);
}

/* The thread of the meter has computed it: what is not done are the wiring and what is behind it. */
static void answer(void)
{
	static const enum checklist_state states[CHECKLIST_IDS] = {
		[CHECKLIST_WIRING] = CHECKLIST_FAILED, [CHECKLIST_CLAMP] = CHECKLIST_OPEN,
		[CHECKLIST_SETTINGS] = CHECKLIST_NOT_APPLICABLE, [CHECKLIST_REPORT] = CHECKLIST_OPEN,
	};

	assert_int_equal(asked.kind, JOB_CHECKLIST);
	asked.checklist = (struct checklist){ .n = CHECKLIST_IDS, .done = 5, .of = 8 };
	for (enum checklist_id id = 0; id < CHECKLIST_IDS; id++) {
		asked.checklist.items[id] = (struct checklist_item){ .id = id, .state = states[id] };
		snprintf(asked.checklist.items[id].why, sizeof(asked.checklist.items[id].why), "why %d", (int)id);
	}
	asked.busy = false;
	stage_job(&ui, &asked);
	stage_draw(&ui);
}

static void type(const char *keys)
{
	for (; *keys; keys++)
		stage_key(&ui, (unsigned char)*keys);
	stage_draw(&ui);
}

static const char *shown(void)
{
	return stage_shown(&ui)->id;
}

static void body_has(int y, const char *text)
{
	char row[400];

	mvwinnstr(ui.loop->body, y, 0, row, sizeof(row) - 1);
	if (!strstr(row, text))
		fail_msg("row %d is '%s', without '%s'", y, row, text);
}

/* While nothing has come every key works, and it is asked for once. */
static void test_waits_for_nothing(void **state)
{
	(void)state;
	type("K");
	wait_us(1000);
	assert_string_equal(shown(), "checklist");
	assert_int_equal(asks, 1);
	wait_us(5000000);
	type("jGe\r");
	assert_int_equal(asks, 1);
	type("2");
	assert_string_equal(shown(), "phasor");
	/* one that was lost is asked for again */
	type("K");
	wait_us(30000000);
	assert_int_equal(asks, 2);
	answer();
	wait_us(1000);
	assert_int_equal(asks, 2);
	wait_us(3000000);
	assert_int_equal(asks, 3);
	/* not while another screen is shown */
	answer();
	type("1");
	wait_us(9000000);
	assert_int_equal(asks, 3);
}

/* The cursor is on what is to be done first, and Enter where that is decided. */
static void test_goes(void **state)
{
	static const char *const places[CHECKLIST_IDS] = {
		"connect", "settings", "coach", "phasor", "coach", "settings", "settings", "uplink",
	};

	(void)state;
	type("K");
	wait_us(1000);
	answer();
	body_has(0, "5 of 8");
	body_has(CHECKS_HEAD + CHECKLIST_WIRING, "Enter: Phasor");
	type("\r");
	assert_string_equal(shown(), "phasor");
	type("\033");
	for (int i = 0; i < CHECKLIST_REPORT; i++) {
		assert_string_equal(shown(), "checklist");
		stage_key(&ui, KEY_HOME);
		for (int k = 0; k < i; k++)
			stage_key(&ui, KEY_DOWN);
		type("\r");
		assert_string_equal(shown(), places[i]);
		while (strcmp(shown(), "checklist") != 0)
			type("\033");
	}
}

/* What no reading tells is typed in the line; it becomes a proof once, when it is whole. */
static void test_says(void **state)
{
	(void)state;
	type("K");
	wait_us(1000);
	answer();
	stage_key(&ui, KEY_HOME);
	type("jje20");
	wait_us(9000000);
	assert_false(asked.record);
	answer();
	/* keys that mean something elsewhere are characters here */
	type("Wq\r");
	assert_non_null(strstr(ui.message, "20Wq"));
	assert_true(!ui.loop->leave && !ui.writing);
	type("\b\b0/5\r\r");
	wait_us(1000);
	assert_true(asked.record);
	assert_string_equal(asked.report.nameplate_ct, "200/5");
	answer();
	wait_us(3000000);
	assert_false(asked.record);
	assert_string_equal(asked.report.nameplate_ct, "");
	answer();
	/* of the clamp meter */
	type("jje118\r");
	wait_us(3000000);
	assert_false(asked.record);
	answer();
	type("121\r\r");
	wait_us(1000);
	assert_true(asked.record);
	assert_true(asked.report.doctor.clamp[1] > 120 && asked.report.doctor.clamp[1] < 122);
	assert_string_equal(asked.report.nameplate_ct, "");
	answer();
	/* of the report: it is in its head */
	type("Ge");
	type("Hall 3\rN. N.\rdoor open\ra.jpg, b.jpg\r");
	asked.kind = JOB_NONE;
	type("ry");
	assert_int_equal(asked.kind, JOB_REPORT);
	assert_string_equal(asked.report.head.site, "Hall 3");
	assert_string_equal(asked.report.head.note, "door open; photos: a.jpg, b.jpg");
}

/* Who allows writing on the first look at a meter is shown what is to be done; not a second time. */
static void test_comes_by_itself(void **state)
{
	(void)state;
	type("2Wy");
	assert_string_equal(shown(), "phasor");
	fresh(NULL);
	type("Wy");
	assert_true(ui.writing);
	assert_string_equal(shown(), "checklist");
	type("\033");
	assert_string_equal(shown(), "live");
	type("WWy");
	assert_true(ui.writing);
	assert_string_equal(shown(), "live");
}

static void test_layout(void **state)
{
	(void)state;
	/* all of it and two lines of detail at 80x24; at 40x10 two rows and one */
	assert_int_equal(checks_rows(19, 9), 9);
	assert_int_equal(checks_rows(13, 9), 9);
	assert_int_equal(checks_rows(5, 9), 2);
	assert_int_equal(checks_rows(1, 9), 1);
	type("K");
	wait_us(1000);
	answer();
	for (int cols = 1; cols < 220; cols += 11)
		for (int rows = 1; rows < 50; rows += 4) {
			resizeterm(rows, cols);
			stage_resize(&ui, rows, cols);
			stage_draw(&ui);
			type("Gg");
		}
	resizeterm(24, 80);
	stage_resize(&ui, 24, 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_waits_for_nothing, fresh),
		cmocka_unit_test_setup(test_goes, fresh),
		cmocka_unit_test_setup(test_says, fresh),
		cmocka_unit_test_setup(test_comes_by_itself, fresh),
		cmocka_unit_test_setup(test_layout, fresh),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
