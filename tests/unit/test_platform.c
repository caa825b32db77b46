/* Standing in for the cloud: who is answered, when, and who else answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/platform.h"
#include "unit.h"

#define S 1000000LL
#define LISTEN (3 * S)

#define UP(cmd, sn) "/gw/acrelHW/null/" cmd "/" sn
#define DOWN(cmd, sn) "/server/acrelHW/null/" cmd "/" sn
#define LOGIN_OF(sn) "{\"type\":\"login\",\"gwSN\":\"" sn "\",\"ver\":1011}"

/* A platform that began to listen at 0. */
static struct platform *platform(void)
{
	struct platform *p = malloc(sizeof(*p));
	struct err e = { 0 };

	assert_non_null(p);
	assert_int_equal(platform_init(p, 0, LISTEN, 0, &e), 0);
	return p;
}

static void end(struct platform *p)
{
	platform_release(p);
	free(p);
}

static enum platform_event came(struct platform *p, struct platform_message m)
{
	struct upload up;
	struct err e = { 0 };

	m.topic_len = strlen(m.topic);
	m.n = strlen(m.payload);
	if (dialect_decode(NULL, m.topic, m.topic_len, m.payload, m.n, &up, &e))
		fail_msg("%s: %s", m.topic, e.text);
	return platform_take(p, &up, &m);
}
#define CAME(p, at, t, what, ...) \
	came(p, (struct platform_message){ .topic = t, .payload = what, .now_us = at, __VA_ARGS__ })

/* The answer at AT comes back from the broker. */
static void sends(struct platform *p, int64_t at, const char *topic)
{
	struct dialect_outgoing l;
	struct upload up;
	char payload[200];

	assert_true(platform_next(p, at, at, &up, &l));
	assert_string_equal(l.topic, topic);
	snprintf(payload, sizeof(payload), "%.*s", (int)l.n, l.payload);
	assert_int_equal(came(p, (struct platform_message){ .topic = l.topic, .payload = payload,
							    .now_us = at }), PLATFORM_NOTHING);
}

static bool silent(struct platform *p, int64_t at)
{
	struct dialect_outgoing l;
	struct upload up;

	return !platform_next(p, at, at, &up, &l);
}

static void answers_after_listening(void **state)
{
	struct platform *p = platform();

	(void)state;
	assert_true(platform_due(p) == INT64_MAX);
	assert_int_equal(CAME(p, S, UP("login", "1"), LOGIN_OF("1")), PLATFORM_ASKED);
	assert_true(platform_due(p) == LISTEN);
	assert_true(silent(p, LISTEN - 1));
	sends(p, LISTEN, DOWN("login", "1"));
	assert_true(silent(p, 9 * S));
	assert_int_equal(p->answered, 1);
	end(p);
}

static void holds_the_first_answer_back(void **state)
{
	struct platform *p = platform();

	(void)state;
	CAME(p, 10 * S, UP("login", "1"), LOGIN_OF("1"));
	assert_true(platform_due(p) == 11 * S);
	/* asked again meanwhile: one answer will do */
	assert_int_equal(CAME(p, 10 * S + 1, UP("login", "1"), LOGIN_OF("1")), PLATFORM_ASKED);
	sends(p, 11 * S, DOWN("login", "1"));
	assert_true(silent(p, 20 * S));
	CAME(p, 20 * S, UP("time", "1"), "{\"type\":\"time\",\"gwSN\":\"1\",\"utc\":\"8\"}");
	sends(p, 20 * S, DOWN("time", "1"));
	CAME(p, 21 * S, UP("para", "1"), "{\"type\":\"para\",\"gwSN\":\"1\",\"upInterval\":\"5\"}");
	sends(p, 21 * S, DOWN("para", "1"));
	/* another meter is another matter */
	CAME(p, 22 * S, UP("login", "2"), LOGIN_OF("2"));
	assert_true(platform_due(p) == 23 * S);
	assert_int_equal(p->meters_answered, 1);
	end(p);
}

static void only_what_is_known_to_want_one_is_answered(void **state)
{
	struct platform *p = platform();

	(void)state;
	assert_int_equal(CAME(p, 0, UP("data", "1"), "{\"type\":\"data\",\"gwSN\":\"1\",\"ua\":230}"), PLATFORM_SEEN);
	assert_int_equal(CAME(p, 0, UP("heart", "1"), "{\"type\":\"heart\",\"gwSN\":\"1\"}"), PLATFORM_SEEN);
	/* a meter's own acknowledgement */
	assert_int_equal(CAME(p, 0, UP("para", "1"), "{\"type\":\"para\",\"res\":1}"), PLATFORM_SEEN);
	assert_int_equal(CAME(p, 0, "platform/acrel/meter/json-v2/analog/0000",
			      "{\"data\":[{\"tp\":1,\"point\":[{\"id\":1,\"val\":2}]}]}"), PLATFORM_SEEN);
	assert_int_equal(CAME(p, 0, UP("login", "1"), LOGIN_OF("1"), .retained = true), PLATFORM_KEPT);
	assert_int_equal(CAME(p, 0, UP("login", "1"), LOGIN_OF("1"), .duplicate = true), PLATFORM_NOTHING);
	assert_int_equal(CAME(p, 0, DOWN("para", "1"), "{\"type\":\"para\",\"upInterval\":\"5\"}"), PLATFORM_WISH);
	assert_true(platform_due(p) == INT64_MAX);
	end(p);
}

static void another_ends_it(void **state)
{
	static const char *const answers[][2] = {
		{ DOWN("login", "1"), "{\"type\":\"login\",\"res\":1}" },
		{ DOWN("time", "1"), "{\"type\":\"time\",\"time\":\"20260101000000\"}" },
		{ DOWN("para", "1"), "{\"type\":\"para\",\"res\":1}" },
		{ DOWN("data", "9"), "{\"type\":\"data\",\"res\":1}" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct platform *p = platform();

		CAME(p, 10 * S, UP("login", "1"), LOGIN_OF("1"));
		assert_int_equal(CAME(p, 10 * S, answers[i][0], answers[i][1]), PLATFORM_OTHER);
		assert_true(silent(p, 99 * S));
		assert_int_equal(CAME(p, 20 * S, UP("login", "1"), LOGIN_OF("1")), PLATFORM_SEEN);
		assert_int_equal(p->answered, 0);
		end(p);
	}
}

#define ANSWER "{\"type\":\"login\",\"res\":1}"

static void another_that_says_the_same(void **state)
{
	struct platform *p = platform();

	(void)state;
	CAME(p, 10 * S, UP("login", "1"), LOGIN_OF("1"));
	sends(p, 11 * S, DOWN("login", "1"));
	/* ours has come back already: this is somebody else's, who was later and will leave; */
	assert_int_equal(CAME(p, 11 * S, DOWN("login", "1"), ANSWER), PLATFORM_RIVAL);
	assert_int_equal(CAME(p, 11 * S + PLATFORM_FIRST_US, DOWN("login", "1"), ANSWER), PLATFORM_RIVAL);
	/* the meter is held back again, */
	CAME(p, 14 * S, UP("login", "1"), LOGIN_OF("1"));
	assert_true(silent(p, 15 * S - 1));
	sends(p, 15 * S, DOWN("login", "1"));
	/* and one that stays and stays */
	for (int i = 1; i <= PLATFORM_TIES; i++) {
		CAME(p, (6 + 10 * i) * S, UP("login", "1"), LOGIN_OF("1"));
		assert_true(silent(p, (7 + 10 * i) * S - 1));
		sends(p, (7 + 10 * i) * S, DOWN("login", "1"));
		assert_int_equal(CAME(p, (7 + 10 * i) * S, DOWN("login", "1"), ANSWER),
				 i < PLATFORM_TIES ? PLATFORM_RIVAL : PLATFORM_OTHER);
	}
	assert_true(silent(p, 99 * S));
	end(p);

	p = platform();
	CAME(p, 10 * S, UP("login", "1"), LOGIN_OF("1"));
	sends(p, 11 * S, DOWN("login", "1"));
	/* long after ours: who has answered since is not known */
	assert_int_equal(CAME(p, 11 * S + PLATFORM_FIRST_US + 1, DOWN("login", "1"), ANSWER), PLATFORM_OTHER);
	end(p);

	p = platform();
	/* what the broker kept or sends again is nobody who answers now */
	assert_int_equal(CAME(p, S, DOWN("login", "1"), "{\"type\":\"login\",\"res\":1}", .retained = true), PLATFORM_KEPT);
	assert_int_equal(CAME(p, S, DOWN("login", "1"), "{\"type\":\"login\",\"res\":1}", .duplicate = true), PLATFORM_NOTHING);
	assert_false(p->other);
	end(p);
}

/* One broker, which has an order: the answers of two platforms on their way at the same time. */
static void two_at_the_same_time(void **state)
{
	struct platform *a = platform(), *b = platform();
	struct dialect_outgoing of_a, of_b;
	struct upload up;
	char from_a[200], from_b[200];

	(void)state;
	CAME(a, 10 * S, UP("time", "1"), "{\"type\":\"time\",\"gwSN\":\"1\"}");
	CAME(b, 10 * S, UP("time", "1"), "{\"type\":\"time\",\"gwSN\":\"1\"}");
	assert_true(platform_next(a, 11 * S, 1000 * S, &up, &of_a));
	snprintf(from_a, sizeof(from_a), "%.*s", (int)of_a.n, of_a.payload);
	assert_true(platform_next(b, 11 * S, 1002 * S, &up, &of_b));
	snprintf(from_b, sizeof(from_b), "%.*s", (int)of_b.n, of_b.payload);
	/* a's is first, for both of them */
	assert_int_equal(CAME(a, 11 * S, DOWN("time", "1"), from_a), PLATFORM_NOTHING);
	assert_int_equal(CAME(b, 11 * S, DOWN("time", "1"), from_a), PLATFORM_OTHER);
	assert_int_equal(CAME(a, 11 * S, DOWN("time", "1"), from_b), PLATFORM_RIVAL);
	end(a);
	end(b);
}

/* Two answers alike to the byte: each takes the first for its own, and nobody leaves. The next
 * question decides, whenever it comes: who answers later sees that it is not alone. */
static void two_alike_at_the_same_time(void **state)
{
	struct platform *a = platform(), *b = platform();
	struct dialect_outgoing of_b;
	struct upload up;

	(void)state;
	CAME(a, 10 * S, UP("login", "1"), LOGIN_OF("1"));
	CAME(b, 10 * S, UP("login", "1"), LOGIN_OF("1"));
	assert_true(platform_next(b, 11 * S, 11 * S, &up, &of_b));
	sends(a, 11 * S, DOWN("login", "1"));
	assert_int_equal(CAME(b, 11 * S, DOWN("login", "1"), ANSWER), PLATFORM_NOTHING);
	assert_int_equal(CAME(a, 11 * S, DOWN("login", "1"), ANSWER), PLATFORM_RIVAL);
	assert_int_equal(CAME(b, 11 * S, DOWN("login", "1"), ANSWER), PLATFORM_RIVAL);
	CAME(a, 60 * S, UP("login", "1"), LOGIN_OF("1"));
	CAME(b, 60 * S, UP("login", "1"), LOGIN_OF("1"));
	sends(a, 61 * S, DOWN("login", "1"));
	assert_int_equal(CAME(b, 61 * S, DOWN("login", "1"), ANSWER), PLATFORM_OTHER);
	assert_true(silent(b, 99 * S));
	CAME(a, 99 * S, UP("login", "1"), LOGIN_OF("1"));
	sends(a, 100 * S, DOWN("login", "1"));
	end(a);
	end(b);
}

/* By chance one of two that start together is first: their answers are not due at once. */
static void two_by_chance(void **state)
{
	struct err e = { 0 };
	int64_t due[8];

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct platform p;

		assert_int_equal(platform_init(&p, 0, LISTEN, seed * 0x9E3779B97F4A7C15ULL, &e), 0);
		CAME(&p, S, UP("login", "1"), LOGIN_OF("1"));
		due[seed - 1] = platform_due(&p);
		assert_true(due[seed - 1] >= LISTEN && due[seed - 1] < LISTEN + PLATFORM_CHANCE_US);
		for (uint64_t i = 0; i + 1 < seed; i++)
			assert_true(due[i] != due[seed - 1]);
		platform_release(&p);
	}
}

static void too_many_at_once(void **state)
{
	struct platform *p = platform();
	char topic[64], payload[64];

	(void)state;
	for (int i = 0; i < PLATFORM_WAITING + 1; i++) {
		snprintf(topic, sizeof(topic), UP("login", "%d"), i);
		snprintf(payload, sizeof(payload), LOGIN_OF("%d"), i);
		assert_int_equal(came(p, (struct platform_message){ .topic = topic, .payload = payload }),
				 i < PLATFORM_WAITING ? PLATFORM_ASKED : PLATFORM_CROWDED);
	}
	assert_int_equal(p->crowded, 1);
	for (int i = 0; i < PLATFORM_WAITING; i++) {
		snprintf(topic, sizeof(topic), DOWN("login", "%d"), i);
		sends(p, LISTEN, topic);
	}
	assert_true(silent(p, 99 * S));
	end(p);
}

static enum platform_event login_of(struct platform *p, int i, int64_t at)
{
	char topic[64], payload[64];

	snprintf(topic, sizeof(topic), UP("login", "%d"), i);
	snprintf(payload, sizeof(payload), LOGIN_OF("%d"), i);
	return came(p, (struct platform_message){ .topic = topic, .payload = payload, .now_us = at });
}

/* Serial numbers that somebody invents do not fill the memory. */
static void meters_without_end(void **state)
{
	struct platform *p = platform();
	struct dialect_outgoing l;
	struct upload up;
	char topic[64];
	int64_t at = LISTEN;

	(void)state;
	for (int i = 0; i <= PLATFORM_METERS; i++, at += 2 * S) {
		assert_int_equal(login_of(p, i, at), PLATFORM_ASKED);
		snprintf(topic, sizeof(topic), DOWN("login", "%d"), i);
		sends(p, at + PLATFORM_HOLD_US, topic);
	}
	assert_int_equal(p->meters_answered, PLATFORM_METERS);
	assert_int_equal(p->answered, PLATFORM_METERS + 1);
	/* one that is known is answered at once, the one too many is held back again */
	assert_int_equal(login_of(p, PLATFORM_METERS, at), PLATFORM_ASKED);
	assert_false(platform_next(p, at, at, &up, &l));
	assert_int_equal(login_of(p, 0, at), PLATFORM_ASKED);
	sends(p, at, DOWN("login", "0"));
	end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_after_listening),
		cmocka_unit_test(holds_the_first_answer_back),
		cmocka_unit_test(only_what_is_known_to_want_one_is_answered),
		cmocka_unit_test(another_ends_it),
		cmocka_unit_test(another_that_says_the_same),
		cmocka_unit_test(two_at_the_same_time),
		cmocka_unit_test(two_alike_at_the_same_time),
		cmocka_unit_test(two_by_chance),
		cmocka_unit_test(too_many_at_once),
		cmocka_unit_test(meters_without_end),
	};

	return UNIT_RUN(tests);
}
