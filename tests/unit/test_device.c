/* The uplink of a simulated meter: what it says, when, and what its faults do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device.h"
#include "unit.h"

#define S 1000000LL
#define WALL 1700000000000000LL

/* What has been put on the line. */
struct line {
	struct sim_device d;
	struct scenario scenario;
	int64_t now;
	size_t n;
	struct said {
		int64_t at;
		char topic[200];
		char payload[4096];
		size_t len;
		bool retained;
	} said[64];
};

static bool value(void *arg, const char *key, double *out)
{
	(void)arg;
	*out = strcmp(key, "voltage.a") == 0 ? 230.5 : 1;
	return true;
}

static void post(void *arg, const char *topic, const void *payload, size_t n, bool retain)
{
	struct line *l = arg;
	struct said *s = &l->said[l->n++];

	assert_true(l->n <= 64);
	assert_true(n < sizeof(s->payload));
	s->at = l->now;
	s->len = n;
	s->retained = retain;
	snprintf(s->topic, sizeof(s->topic), "%s", topic);
	memcpy(s->payload, payload, n);
	s->payload[n] = '\0';
}

/* A meter of DIALECT that uploads every 10 s, connected at 0. */
static struct line *meter(const char *dialect, const char *scenario)
{
	static const struct dialect_device as = {
		.sn = "20201998111433", .vendor = "acrel", .product = "null", .group = "0000",
		.model = "adw300", .interval_s = 10, .value = value,
	};
	struct line *l = calloc(1, sizeof(*l));
	struct err e = { 0 };

	assert_non_null(l);
	if (scenario_parse(scenario, &l->scenario, &e))
		fail_msg("%s", e.text);
	device_init(&l->d, dialect_find(dialect), &as, &l->scenario.uplink, 1, post, l);
	device_connect(&l->d, 0);
	return l;
}

static void end(struct line *l)
{
	device_release(&l->d);
	free(l);
}

/* Runs it until UNTIL, always when it wants to be run. */
static void run(struct line *l, int64_t until)
{
	int64_t next;

	while ((next = device_run(&l->d, l->now, WALL + l->now)) <= until) {
		assert_true(next > l->now);
		l->now = next;
	}
	l->now = until;
}

static size_t count(const struct line *l, const char *cmd)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += strstr(l->said[i].topic, cmd) != NULL;
	return n;
}

/* The N-th message with CMD in its topic. */
static const struct said *nth(const struct line *l, const char *cmd, size_t n)
{
	for (size_t i = 0; i < l->n; i++)
		if (strstr(l->said[i].topic, cmd) && n-- == 0)
			return &l->said[i];
	fail_msg("no %s", cmd);
	return NULL;
}

/* The platform says PAYLOAD on the meter's topic of CMD. */
static void tell(struct line *l, const char *cmd, const char *payload)
{
	char topic[128];
	struct upload up;
	struct err e = { 0 };

	snprintf(topic, sizeof(topic), "/server/acrelHW/null/%s/20201998111433", cmd);
	if (dialect_decode(l->d.dialect, topic, strlen(topic), payload, strlen(payload), &up, &e))
		fail_msg("%s", e.text);
	device_hear(&l->d, &up, l->now, WALL + l->now);
}

static void json_v2_uploads_at_its_interval(void **state)
{
	struct line *l = meter("json-v2", "heart=0");

	(void)state;
	run(l, 35 * S);
	assert_int_equal(l->n, 4);
	for (size_t i = 0; i < l->n; i++) {
		assert_string_equal(l->said[i].topic, "platform/acrel/null/json-v2/analog/0000");
		assert_int_equal(l->said[i].at, (int64_t)i * 10 * S);
		assert_false(l->said[i].retained);
	}
	assert_non_null(strstr(l->said[0].payload, "\"20201998111433\""));
	assert_non_null(strstr(l->said[0].payload, "230.5"));
	end(l);
}

static void logs_in_and_waits_for_answers(void **state)
{
	struct line *l = meter("acrelhw", "heart=0");

	(void)state;
	run(l, S);
	assert_int_equal(l->n, 1);
	tell(l, "login", "{\"type\":\"login\",\"res\":1}");
	run(l, 3 * S);
	/* the time a tenth of the interval after the login */
	assert_int_equal(l->n, 2);
	assert_int_equal(nth(l, "/time/", 0)->at, 2 * S);
	tell(l, "time", "{\"type\":\"time\",\"res\":1}");
	run(l, 4 * S);
	assert_non_null(strstr(nth(l, "/para/", 0)->payload, "upInterval"));
	assert_int_equal(count(l, "/data/"), 0);
	tell(l, "para", "{\"type\":\"para\",\"res\":1}");
	run(l, 25 * S);
	assert_int_equal(count(l, "/data/"), 3);
	assert_int_equal(nth(l, "/data/", 1)->at - nth(l, "/data/", 0)->at, 10 * S);
	assert_int_equal(count(l, "/login/"), 1);
	end(l);
}

static void goes_on_when_nobody_answers(void **state)
{
	struct line *l = meter("acrelhw", "heart=0");

	(void)state;
	run(l, 6 * S);
	assert_int_equal(count(l, "/login/"), 2);
	assert_int_equal(nth(l, "/login/", 1)->at, 5 * S / 2);
	assert_int_equal(count(l, "/time/"), 1);
	assert_int_equal(count(l, "/para/"), 1);
	assert_int_equal(nth(l, "/data/", 0)->at, 5 * S);
	end(l);
	l = meter("acrelhw", "heart=0,wait-login");
	run(l, 60 * S);
	assert_int_equal(count(l, "/data/"), 0);
	assert_true(count(l, "/login/") > 10);
	tell(l, "login", "{\"type\":\"login\",\"res\":1}");
	run(l, 80 * S);
	assert_true(count(l, "/data/") > 0);
	end(l);
}

static void a_refused_login_is_none(void **state)
{
	struct line *l = meter("acrelhw", "heart=0");

	(void)state;
	run(l, S);
	tell(l, "login", "{\"type\":\"login\",\"res\":0}");
	run(l, 10 * S);
	assert_int_equal(l->n, 1);
	run(l, 12 * S);
	assert_int_equal(count(l, "/login/"), 2);
	assert_int_equal(nth(l, "/login/", 1)->at, 11 * S);
	end(l);
}

static void cmdline_leave_messages_out(void **state)
{
	static const char *const words[][2] = {
		{ "no-login", "/login/" }, { "no-time", "/time/" }, { "no-para", "/para/" },
		{ "heart=0", "/heart/" }, { "mqtt-silent", "/data/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct line *l = meter("acrelhw", words[i][0]);

		run(l, 100 * S);
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (k != i && count(l, words[k][1]) == 0)
				fail_msg("%s: no %s", words[i][0], words[k][1]);
		assert_int_equal(count(l, words[i][1]), 0);
		end(l);
	}
}

static void heart_and_time_of_a_day(void **state)
{
	struct line *l = meter("acrelhw", "heart=7200,mqtt-silent");

	(void)state;
	run(l, 86400 * S + 60 * S);
	assert_int_equal(count(l, "/heart/"), 12);
	assert_int_equal(count(l, "/time/"), 2);
	end(l);
}

/* A meter that has begun to upload; it is 6 s. */
static struct line *running(const char *scenario)
{
	struct line *l = meter("acrelhw", scenario);

	run(l, 6 * S);
	assert_int_equal(count(l, "/data/"), 1);	/* at 5 s */
	return l;
}

#define WISH "{\"type\":\"para\",\"gwSN\":\"20201998111433\",\"upInterval\":\"5\"}"

static void follows_a_wish(void **state)
{
	struct line *l = running("heart=0");

	(void)state;
	tell(l, "para", WISH);
	assert_int_equal(count(l, "/para/"), 3);
	assert_non_null(strstr(nth(l, "/para/", 1)->payload, "\"res\":1"));
	assert_null(strstr(nth(l, "/para/", 1)->payload, "upInterval"));
	assert_non_null(strstr(nth(l, "/para/", 2)->payload, "\"upInterval\":\"5\""));
	run(l, 700 * S);
	assert_int_equal(count(l, "/data/"), 3);
	assert_int_equal(nth(l, "/data/", 1)->at, 306 * S);
	assert_int_equal(nth(l, "/data/", 2)->at, 606 * S);
	end(l);
}

static void does_not_follow_a_wish(void **state)
{
	static const struct { const char *word; size_t paras; const char *res; } cases[] = {
		{ "refuse-para", 2, "\"res\":0" }, { "ignore-para", 2, "\"res\":1" },
		{ "lose-para", 1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char scenario[40];
		struct line *l;

		snprintf(scenario, sizeof(scenario), "heart=0,%s", cases[i].word);
		l = running(scenario);
		tell(l, "para", WISH);
		assert_int_equal(count(l, "/para/"), cases[i].paras);
		if (cases[i].res)
			assert_non_null(strstr(nth(l, "/para/", 1)->payload, cases[i].res));
		run(l, 16 * S);
		assert_int_equal(nth(l, "/data/", 1)->at, 15 * S);
		end(l);
	}
}

static void uploads_late_missing_and_never(void **state)
{
	struct line *l = meter("json-v2", "mqtt-late=3");

	(void)state;
	run(l, 29 * S);
	assert_int_equal(l->n, 3);
	assert_int_equal(l->said[1].at, 13 * S);
	/* its time is that of when it was due */
	assert_non_null(strstr(l->said[1].payload, "\"tp\":1700000010000"));
	end(l);
	l = meter("json-v2", "mqtt-drop=100");
	run(l, 50 * S);
	assert_int_equal(l->n, 0);
	end(l);
	l = meter("json-v2", "mqtt-silent-after=2");
	run(l, 100 * S);
	assert_int_equal(l->n, 2);
	end(l);
	l = meter("json-v2", "mqtt-interval=4");
	run(l, 9 * S);
	assert_int_equal(l->n, 3);
	assert_int_equal(l->said[2].at, 8 * S);
	end(l);
}

static void uploads_twice_and_out_of_order(void **state)
{
	struct line *l = meter("json-v2", "mqtt-duplicate=100");

	(void)state;
	run(l, 9 * S);
	assert_int_equal(l->n, 2);
	assert_int_equal(l->said[1].at, S);
	assert_string_equal(l->said[0].payload, l->said[1].payload);
	end(l);
	l = meter("json-v2", "mqtt-disorder=100");
	run(l, 19 * S);
	assert_int_equal(l->n, 2);
	assert_non_null(strstr(l->said[0].payload, "\"tp\":1700000010000"));
	assert_non_null(strstr(l->said[1].payload, "\"tp\":1700000000000"));
	end(l);
	l = meter("json-v2", "mqtt-retained");
	run(l, S);
	assert_true(l->said[0].retained);
	end(l);
}

/* The time stamp of message I, s from WALL; -1e9: it has none. */
static double stamped(const struct line *l, size_t i)
{
	const char *tp = strstr(l->said[i].payload, "\"tp\":");

	assert_true(i < l->n);
	return tp ? (strtod(tp + 5, NULL) * 1e3 - (double)WALL) / 1e6 : -1e9;
}

static void clocks_that_are_wrong(void **state)
{
	struct line *l = meter("json-v2", "clock-off=-7200");

	(void)state;
	run(l, 11 * S);
	assert_float_equal(stamped(l, 0), -7200, 1e-3);
	assert_float_equal(stamped(l, 1), -7190, 1e-3);
	end(l);
	l = meter("json-v2", "mqtt-jump=3600/2");
	run(l, 31 * S);
	assert_float_equal(stamped(l, 1), 10, 1e-3);
	assert_float_equal(stamped(l, 2), 3620, 1e-3);
	assert_float_equal(stamped(l, 3), 3630, 1e-3);
	end(l);
	l = meter("json-v2", "mqtt-stuck");
	run(l, 21 * S);
	assert_float_equal(stamped(l, 2), 0, 1e-3);
	end(l);
}

static void what_was_not_sent_comes_first(void **state)
{
	struct line *l = meter("json-v2", "mqtt-backlog=2/3600");

	(void)state;
	run(l, 11 * S);
	assert_int_equal(l->n, 4);
	assert_float_equal(stamped(l, 0), -7200, 1e-3);
	assert_float_equal(stamped(l, 1), -3600, 1e-3);
	assert_float_equal(stamped(l, 2), 0, 1e-3);
	assert_int_equal(l->said[2].at, 0);
	assert_float_equal(stamped(l, 3), 10, 1e-3);
	end(l);
	/* an interval apart; and again after each outage */
	l = meter("json-v2", "mqtt-backlog=1");
	run(l, S);
	assert_float_equal(stamped(l, 0), -10, 1e-3);
	device_disconnect(&l->d);
	device_connect(&l->d, 5 * S);
	l->now = 5 * S;
	run(l, 6 * S);
	assert_float_equal(stamped(l, 2), -5, 1e-3);
	end(l);
}

static void without_time_and_number(void **state)
{
	static const char *const dialects[] = { "json-v2", "acrelhw", "shadow" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct line *l = meter(dialects[i], "mqtt-no-stamp,mqtt-no-sn,no-login,no-time,no-para,heart=0");
		struct upload up;

		run(l, S);
		assert_int_equal(l->n, 1);
		assert_null(strstr(l->said[0].payload, "20201998111433"));
		assert_null(strstr(l->said[0].payload, "time"));
		assert_int_equal(dialect_decode(dialect_find(dialects[i]), "x", 1, l->said[0].payload, l->said[0].len, &up,
						NULL), 0);
		assert_int_equal(up.sent_us, 0);
		assert_string_equal(up.sn, "");
		assert_true(up.n > 10);
		end(l);
	}
}

static void garbage_is_no_upload(void **state)
{
	struct line *l = meter("json-v2", "mqtt-garbage=100");
	struct upload up;

	(void)state;
	run(l, 299 * S);
	assert_int_equal(l->n, 30);
	for (size_t i = 0; i < l->n; i++)
		assert_int_equal(dialect_decode(NULL, l->said[i].topic, strlen(l->said[i].topic),
						l->said[i].payload, l->said[i].len, &up, NULL), -1);
	end(l);
}

static void begins_again_after_a_lost_connection(void **state)
{
	struct line *l = meter("acrelhw", "heart=0,mqtt-late=5");

	(void)state;
	run(l, 6 * S);
	assert_int_equal(l->d.waiting, 1);
	device_disconnect(&l->d);
	assert_true(device_run(&l->d, 100 * S, WALL) == INT64_MAX);
	tell(l, "para", WISH);		/* nobody there to hear it */
	assert_int_equal(count(l, "/para/"), 1);
	device_connect(&l->d, 100 * S);
	l->now = 100 * S;
	run(l, 101 * S);
	assert_int_equal(nth(l, "/login/", 2)->at, 100 * S);
	assert_int_equal(count(l, "/data/"), 0);
	end(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_v2_uploads_at_its_interval),
		cmocka_unit_test(logs_in_and_waits_for_answers),
		cmocka_unit_test(goes_on_when_nobody_answers),
		cmocka_unit_test(a_refused_login_is_none),
		cmocka_unit_test(cmdline_leave_messages_out),
		cmocka_unit_test(heart_and_time_of_a_day),
		cmocka_unit_test(follows_a_wish),
		cmocka_unit_test(does_not_follow_a_wish),
		cmocka_unit_test(uploads_late_missing_and_never),
		cmocka_unit_test(uploads_twice_and_out_of_order),
		cmocka_unit_test(clocks_that_are_wrong),
		cmocka_unit_test(what_was_not_sent_comes_first),
		cmocka_unit_test(without_time_and_number),
		cmocka_unit_test(garbage_is_no_upload),
		cmocka_unit_test(begins_again_after_a_lost_connection),
	};

	return UNIT_RUN(tests);
}
