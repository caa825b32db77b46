/* Writes to a simulated meter that takes them ill. */
#include "base/time.h"
#include "meter/open.h"
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"
#include "profile/value.h"
#include "simmeter.h"

#define CT 0x000F	/* ratio.ct, 40 as the meter comes */

#define LOST_MS 1000	/* what is lost is waited for */

static struct link *open_sim(const char *scenario, int timeout_ms)
{
	struct link_opts o = {
		.timeout_ms = timeout_ms, .retries = 0, .profile = profile_builtin_named("adw300"),
	};
	struct target t;
	struct err e;
	struct link *l;
	char text[160];

	snprintf(text, sizeof(text), "sim:%s", scenario);
	if (target_parse(text, &t, &e))
		fail_msg("%s", e.text);
	l = link_open(&t, &o, &e);
	if (!l)
		fail_msg("%s", e.text);
	return l;
}

static uint16_t held(struct link *l)
{
	struct err e = { 0 };
	uint16_t v = 0;

	/* a write that got lost may have left the line waiting */
	if (link_raw_read(l, SPACE_HOLDING, CT, 1, &v, &e))
		fail_msg("%s", e.text);
	return v;
}

/* Writes 60, then 70: how each write ends and what the meter then holds. */
static void check(const char *scenario, enum err_code first, uint16_t holds,
		  enum err_code second, uint16_t then)
{
	static const uint16_t values[] = { 60, 70 };
	enum err_code codes[] = { first, second };
	uint16_t after[] = { holds, then };
	bool lossy = first == ERR_SILENT || second == ERR_SILENT;
	struct link *l = open_sim(scenario, lossy ? LOST_MS : UNIT_PATIENCE_MS);

	for (int i = 0; i < 2; i++) {
		struct err e = { 0 };
		bool sent = false;
		int rc = link_write(l, CT, 1, &values[i], &sent, &e);

		if (rc != (codes[i] ? -1 : 0) || e.code != codes[i])
			fail_msg("%s, write %d: code %d: %s", scenario, i, e.code, e.text);
		assert_true(sent);
		assert_int_equal(held(l), after[i]);
	}
	link_close(l);
}

static void faults(void **state)
{
	(void)state;
	check("", 0, 60, 0, 70);
	check("ignore-writes", 0, 40, 0, 40);
	check("refuse-writes", ERR_REFUSED, 40, ERR_REFUSED, 40);
	check("write-lost=request", ERR_SILENT, 40, ERR_SILENT, 40);
	check("write-lost=reply", ERR_SILENT, 60, ERR_SILENT, 70);
	check("write-lost=first-request", ERR_SILENT, 40, 0, 70);
	check("write-lost=first-reply", ERR_SILENT, 60, 0, 70);
}

/* A meter of either kind, written by the function it has. */
static void functions(void **state)
{
	(void)state;
	check("only-06", 0, 60, 0, 70);
	check("only-06,echo", 0, 60, 0, 70);
	check("only-06,ignore-writes", 0, 40, 0, 40);
	check("only-06,refuse-writes", ERR_REFUSED, 40, ERR_REFUSED, 40);
}

/* Modbus TCP is served by the same meter. */
static void faults_over_tcp(void **state)
{
	struct link_opts o = { .timeout_ms = LOST_MS, .retries = 0 };
	struct sim_opts so = {
		.profile = profile_builtin_named("adw300"), .scenario = "write-lost=first-reply",
		.no_pty = 1, .tcp_port = 0, .rtutcp_port = -1, .count = 1,
	};
	struct err e = { 0 };
	struct sim *s = sim_start(&so, &e);
	uint16_t value = 60;
	struct target t;
	struct link *l;
	char text[64];
	bool sent;

	(void)state;
	assert_non_null(s);
	snprintf(text, sizeof(text), "tcp:127.0.0.1:%d", sim_tcp_port(s));
	assert_int_equal(target_parse(text, &t, &e), 0);
	l = link_open(&t, &o, &e);
	assert_non_null(l);
	assert_int_equal(link_write(l, CT, 1, &value, &sent, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_int_equal(held(l), 60);
	value = 61;
	assert_int_equal(link_write(l, CT, 1, &value, &sent, &e), 0);
	assert_int_equal(held(l), 61);
	link_close(l);
	sim_stop(s);
}

static void a_meter_that_restarts(void **state)
{
	struct link *l = open_sim("mute-after-write=2000", LOST_MS);
	uint16_t value = 60, v = 0;
	struct err e = { 0 };
	int64_t began;
	bool sent;

	(void)state;
	/* reading does not make it restart */
	assert_int_equal(held(l), 40);
	assert_int_equal(held(l), 40);
	began = time_mono_us();
	assert_int_equal(link_write(l, CT, 1, &value, &sent, &e), 0);
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, CT, 1, &v, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	while (link_raw_read(l, SPACE_HOLDING, CT, 1, &v, &e))
		assert_int_equal(e.code, ERR_SILENT);
	assert_true(time_mono_us() - began >= 2000000);
	assert_int_equal(v, 60);
	link_close(l);
}

/* A value the meter would not take is refused as ever. */
static void ill_values_are_still_refused(void **state)
{
	static const char *const scenarios[] = { "", "ignore-writes", "refuse-writes" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sim_meter *m = sim_new("adw300", scenarios[i]);
		uint16_t zero = 0;

		assert_int_equal(sim_meter_write(m, 0x0000, 1, &zero), 3);
		assert_int_equal(sim_meter_write(m, 0x0014, 1, &zero), 2);
		sim_meter_free(m);
	}
}

static void cmdline_that_are_wrong(void **state)
{
	static const char *const wrong[] = {
		"ignore-writes=1", "write-lost", "write-lost=ack", "write-lost=first-", "mute-after-write=x",
		"mute-after-write=-1", "mute-after-write=60001", "refuse-writes=4",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err e = { 0 };

		assert_null(sim_meter_new(profile_builtin_named("adw300"), wrong[i], &e));
		assert_int_equal(e.code, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults), cmocka_unit_test(functions),
		cmocka_unit_test(faults_over_tcp),
		cmocka_unit_test(a_meter_that_restarts),
		cmocka_unit_test(ill_values_are_still_refused),
		cmocka_unit_test(cmdline_that_are_wrong),
	};

	return UNIT_RUN(tests);
}
