/*
 * A plan before the wire: what is refused, what is looked at, in which order it goes, and
 * what earlier runs left open.
 */
#include "base/time.h"
#include "plan_bench.h"

static int new_code(const char *key, const char *text, struct plan_policy policy)
{
	struct plan p;
	struct err e = { 0 };
	int rc;

	plan_init(&p, fake.m.profile, &policy);
	rc = plan_add(&p, key, text, &e) ? (int)e.code : 0;
	plan_release(&p);
	return rc;
}

static void refused_before_the_wire(void **state)
{
	const struct plan_policy plain = { 0 }, read_only = { .read_only = true },
		consent = { .switching = true }, sim = { .simulated = true };

	(void)state;
	assert_int_equal(new_code("ratio.ct", "60", plain), 0);
	assert_int_equal(new_code("ratio.ct", "0", plain), ERR_DENIED);
	assert_int_equal(new_code("comm.address", "300", plain), ERR_DENIED);
	assert_int_equal(new_code("nosuch", "1", plain), ERR_USAGE);
	assert_int_equal(new_code("voltage.a", "1", plain), ERR_USAGE);
	assert_int_equal(new_code("voltage", "1", plain), ERR_USAGE);
	assert_int_equal(new_code("reserved.0005", "0000 0000", plain), ERR_USAGE);
	assert_int_equal(new_code("ratio.ct", "many", plain), ERR_USAGE);
	assert_int_equal(new_code("ratio.ct", "60", read_only), ERR_DENIED);
	assert_int_equal(new_code("do.1", "1", plain), ERR_DENIED);
	assert_int_equal(new_code("do.1", "1", consent), 0);
	assert_int_equal(new_code("tou.table1", "00:00 flat", plain), ERR_DENIED);
	assert_int_equal(new_code("tou.table1", "00:00 flat", sim), 0);
	assert_int_equal(new_code("network.apn", "internet", plain), ERR_DENIED);
	assert_int_equal(new_code("network.apn", "internet", sim), 0);
	assert_int_equal(fake.reads + fake.writes, 0);
}

/* A consent is for what it was asked for, no wider. */
static void consents(void **state)
{
	const struct plan_policy switching = { .switching = true }, provisional = { .provisional = true },
		remote = { .remote = true }, remote_all = { .remote = true, .provisional = true },
		all_but = { .read_only = true, .switching = true, .provisional = true, .simulated = true };

	(void)state;
	assert_int_equal(new_code("do.1", "1", provisional), ERR_DENIED);
	assert_int_equal(new_code("di.1.linked_do", "DO1", provisional), ERR_DENIED);
	assert_int_equal(new_code("tou.table1", "00:00 flat", switching), ERR_DENIED);
	assert_int_equal(new_code("tou.table1", "00:00 flat", provisional), 0);
	assert_int_equal(new_code("tou.zones", "01-01 table1", switching), ERR_DENIED);
	assert_int_equal(new_code("clock", "now", switching), ERR_DENIED);
	assert_int_equal(new_code("network.apn", "internet", switching), ERR_DENIED);
	assert_int_equal(new_code("network.apn", "internet", provisional), 0);
	assert_int_equal(new_code("network.upload_interval", "60", remote), ERR_DENIED);
	assert_int_equal(new_code("network.upload_interval", "60", remote_all), 0);
	assert_int_equal(new_code("ratio.ct", "60", all_but), ERR_DENIED);
	assert_int_equal(new_code("do.1", "1", all_but), ERR_DENIED);
}

static void wishes_that_collide(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "alarm1.enable.undervoltage", "1", &e), 0);
	assert_int_equal(plan_add(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_add(&p, "alarm1.enable", "3", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(plan_add(&p, "alarm1.enable.overvoltage", "0", &e), -1);
	assert_non_null(strstr(e.text, "twice"));
	assert_int_equal(p.n, 2);
	plan_release(&p);
	/* the word first */
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "alarm1.enable", "3", &e), 0);
	assert_int_equal(plan_add(&p, "alarm1.enable.overvoltage", "1", &e), -1);
	assert_int_equal(plan_add(&p, "alarm1.enable.undervoltage", "1", &e), -1);
	assert_non_null(strstr(e.text, "the same register"));
	assert_int_equal(plan_add(&p, "alarm1.enable", "3", &e), -1);
	assert_non_null(strstr(e.text, "twice"));
	assert_int_equal(p.n, 1);
	plan_release(&p);
}

/* Bits of one word go in one frame and leave the others as they stand;
 * thresholds come before them. */
static void bits_and_order(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	fake.regs[0x1D0] = 0x8004;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "alarm1.enable.overvoltage", "1", &e), 0);
	assert_int_equal(plan_add(&p, "alarm1.enable.overcurrent", "0", &e), 0);
	assert_int_equal(plan_add(&p, "comm.address", "7", &e), 0);
	assert_int_equal(plan_add(&p, "alarm1.voltage.over.threshold", "253.0", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_string_equal(p.profile->points[p.steps[0].idx].key, "alarm1.voltage.over.threshold");
	assert_string_equal(p.profile->points[p.steps[3].idx].key, "comm.address");
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), 0);
	assert_int_equal(fake.writes, 3);
	assert_int_equal(fake.regs[0x1D0], 0x8001);
	assert_int_equal(fake.regs[0x1D1], 2530);
	assert_int_equal(fake.link.target.unit, 7);
	plan_release(&p);
}

/* What could move a breaker comes behind all that decides whether it would. */
static void outputs_after_alarms(void **state)
{
	static const char *const keys[] = { "comm.address", "do.1", "alarm1.enable.overvoltage",
					    "alarm1.voltage.over.threshold" };
	static const char *const texts[] = { "7", "1", "1", "253.0" };
	const struct plan_policy consent = { .switching = true };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &consent);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(plan_add(&p, keys[i], texts[i], &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(p.profile->points[p.steps[i].idx].key, keys[3 - i]);
	plan_release(&p);
}

/* KEY=TEXT, looked at with PROFILE on a real meter by somebody who consents to it. */
static enum step_state looked_at(const struct profile *profile, const char *key, const char *text)
{
	const struct plan_policy consent = { .provisional = true, .switching = true };
	const struct profile *was = fake.m.profile;
	enum step_state state;
	struct plan p;
	struct err e;

	fake.m.profile = profile;
	plan_init(&p, profile, &consent);
	if (plan_add(&p, key, text, &e) || plan_look(&p, &fake.m, &e))
		fail_msg("%s", e.text);
	state = p.steps[0].state;
	plan_release(&p);
	fake.m.profile = was;
	return state;
}

/* Where the register itself is in doubt, what stands there must look like it. */
static void implausible(void **state)
{
	const struct profile *adw300 = fake.m.profile;
	struct point *points = malloc(adw300->npoints * sizeof(*points));
	struct profile doubtful = *adw300;
	const uint16_t text[] = { 0x6E65, 0x7431, 0 };	/* "net1" */

	(void)state;
	assert_non_null(points);
	memcpy(points, adw300->points, adw300->npoints * sizeof(*points));
	points[profile_find(adw300, "comm.baud")].from = FROM_PROVISIONAL;
	doubtful.points = points;
	/* a number out of its range */
	assert_int_equal(looked_at(adw300, "network.broker.port", "1883"), STEP_REFUSED);
	fake.regs[0xF160] = 1;
	assert_int_equal(looked_at(adw300, "network.broker.port", "1883"), STEP_PLANNED);
	fake.regs[0xF1C1] = 3;
	assert_int_equal(looked_at(adw300, "network.qos", "1"), STEP_REFUSED);
	/* bytes that are no text, or go on behind its end */
	assert_int_equal(looked_at(adw300, "network.apn", "internet"), STEP_PLANNED);
	memcpy(&fake.regs[0xF100], text, sizeof(text));
	assert_int_equal(looked_at(adw300, "network.apn", "internet"), STEP_PLANNED);
	fake.regs[0xF103] = 0x4100;
	assert_int_equal(looked_at(adw300, "network.apn", "internet"), STEP_REFUSED);
	fake.regs[0xF103] = 0;
	fake.regs[0xF101] = 0x7401;
	assert_int_equal(looked_at(adw300, "network.apn", "internet"), STEP_REFUSED);
	/* no choice that there is; where the register is printed that is no reason */
	fake.regs[1] = 9;
	assert_int_equal(looked_at(&doubtful, "comm.baud", "4800"), STEP_REFUSED);
	assert_int_equal(looked_at(adw300, "comm.baud", "4800"), STEP_PLANNED);
	fake.regs[1] = 4;
	assert_int_equal(looked_at(&doubtful, "comm.baud", "4800"), STEP_PLANNED);
	/* a table that cannot be decoded is never written over */
	fake.regs[0x16D] = 0x0900;
	assert_int_equal(looked_at(adw300, "tou.table1", "00:00 flat"), STEP_REFUSED);
	free(points);
}

/* One that cannot be written keeps all of them from being. */
static void refused_stops_the_others(void **state)
{
	const struct plan_policy consent = { .provisional = true };
	struct plan p;
	struct err e = { 0 };

	(void)state;
	fake.regs[0x16D] = 0x0900;
	plan_init(&p, fake.m.profile, &consent);
	assert_int_equal(plan_add(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_add(&p, "tou.table1", "00:00 flat", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_int_equal(plan_pending(&p), 1);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

static void changed_since_shown(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake.regs[15] = 50;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(p.steps[0].state, STEP_REFUSED);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

/* The cable was out between the look and the consent. */
static void a_port_lost_since_shown(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	fake_link.reopened++;
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.writes, 0);
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), 0);
	plan_release(&p);
}

static void nothing_unseen(void **state)
{
	const struct plan_policy plain = { 0 };
	struct plan p;
	struct err e;

	(void)state;
	fake.regs[15] = 0;	/* as if it had been shown */
	plan_init(&p, fake.m.profile, &plain);
	assert_int_equal(plan_add(&p, "ratio.ct", "60", &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_int_equal(fake.reads + fake.writes, 0);
	/* nor what is to be set after the look */
	assert_int_equal(plan_look(&p, &fake.m, &e), 0);
	assert_int_equal(plan_add(&p, "ratio.pt", "2", &e), 0);
	assert_int_equal(plan_apply(&p, &fake.m, fake.j, NULL, NULL, &e), -1);
	assert_int_equal(fake.writes, 0);
	plan_release(&p);
}

static void mute_is_unknown_until_read(void **state)
{
	struct err e;
	struct plan_settled n;

	(void)state;
	fake.fate[0] = MUTE_AFTER;
	assert_int_equal(run("ratio.ct", "60", NULL, &e), STEP_UNKNOWN);
	assert_int_equal(e.code, ERR_UNVERIFIED);
	assert_int_equal(fake.writes, 1);
	journal_says("unknown", "60", "");
	fake.mute = false;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	assert_int_equal(fake.writes, 1);
	journal_says("verified", "60", "60");
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 0);
}

/* An intent without a result: what a kill -9 before the write leaves. */
static void an_open_intent_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "ratio.ct", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("failed", "60", "40");
}

/* ... also one of `raw write`. */
static void an_open_register_is_settled(void **state)
{
	struct journal_row r = { .run = 1, .key = "raw:0x000F", .profile = "adw300",
				 .before = "40", .want = "60" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[15] = 60;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("verified", "60", "60");
}

/* ... also when it moved the meter to where it is found now. */
static void a_move_is_settled_at_its_end(void **state)
{
	struct journal_row r = { .run = 1, .key = "comm.address", .profile = "adw300",
				 .before = "1", .want = "7" };
	struct err e;
	struct plan_settled n;

	(void)state;
	target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
	fake.regs[0] = 7;
	fake.unit = fake.link.target.unit = 7;
	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	assert_int_equal(n.n, 1);
	journal_says("verified", "7", "7");
}

/* An intent for KEY=WANT at TARGET (NULL: the meter's own). */
static void left_open(const char *target, const char *key, const char *want)
{
	struct journal_row r = { .run = 1, .profile = "adw300", .before = "x" };
	struct err e;

	snprintf(r.key, sizeof(r.key), "%s", key);
	snprintf(r.want, sizeof(r.want), "%s", want);
	if (target)
		snprintf(r.target, sizeof(r.target), "%s", target);
	else
		target_format(&fake.link.target, 0, r.target, sizeof(r.target));
	assert_int_equal(journal_intent(fake.j, &r, &e), 0);
}

static size_t settled(void)
{
	struct err e;
	struct plan_settled n;

	assert_int_equal(plan_settle(fake.m.profile, &fake.m, fake.j, &n, &e), 0);
	return n.n;
}

/* A clock has gone on since; what is an hour off was not taken over. */
static void an_open_clock_is_settled(void **state)
{
	static const int off[] = { -86400, -3600, -30, 0, 3, 30, 3600, 86400 };

	(void)state;
	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		int64_t now = time_local_s(time_wall_us());
		struct value want, after;
		char shown[VALUE_TEXT];

		codec_clock_value(now, &want);
		codec_clock_value(now + off[i], &after);
		snprintf(shown, sizeof(shown), "%s", after.text);
		assert_int_equal(codec_clock_encode(&the_clock, CLOCK_BINARY, now + off[i], &fake.regs[CLOCK]), 0);
		left_open(NULL, "clock", want.text);
		assert_int_equal(settled(), 1);
		journal_says(abs(off[i]) <= 3 ? "verified" : "failed", want.text, shown);
	}
}

/* Another meter's, and what cannot be compared, stays open. */
static void not_ours_to_settle(void **state)
{
	(void)state;
	left_open("rtu:/dev/fake?unit=2", "ratio.ct", "60");
	left_open("rtu:/dev/other", "ratio.ct", "60");
	left_open("tcp:host", "ratio.ct", "60");
	assert_int_equal(settled(), 0);
	journal_says("intent", "60", "");
	fake.regs[8] = 1234;
	left_open(NULL, "security.code", "********");
	assert_int_equal(settled(), 0);
	journal_says("intent", "********", "");
	left_open(NULL, "raw:0x0008", "********");
	left_open(NULL, "no.such.key", "1");
	assert_int_equal(settled(), 0);
}

static void no_journal_no_write(void **state)
{
	struct err e;

	(void)state;
	journal_close(fake.j);
	fake.j = journal_open("/proc/no/such/journal.db", &e);
	assert_null(fake.j);
	assert_int_equal(e.code, ERR_DENIED);
	fake.j = journal_open(fake.path, &e);
	assert_non_null(fake.j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(refused_before_the_wire), TEST(consents), TEST(wishes_that_collide),
		TEST(bits_and_order), TEST(outputs_after_alarms), TEST(implausible),
		TEST(refused_stops_the_others), TEST(changed_since_shown),
		TEST(a_port_lost_since_shown), TEST(nothing_unseen),
		TEST(mute_is_unknown_until_read), TEST(an_open_intent_is_settled),
		TEST(an_open_register_is_settled), TEST(an_open_clock_is_settled),
		TEST(a_move_is_settled_at_its_end), TEST(not_ours_to_settle), TEST(no_journal_no_write),
	};

	return UNIT_RUN(tests);
}
