/* A meter whose address, speed or frame has changed: the link goes after it. */
#include "base/time.h"
#include "meter/open.h"
#include "temp.h"
#include "test_link_points.h"

#define ADDRESS 0x0000
#define BAUD 0x0001
#define FRAME 0x0004

/* Silence is waited for that long, and so is an answer. */
static const struct link_opts brief = { .timeout_ms = 1000, .retries = 0 };

static void expect_target(const struct link *l, const char *want)
{
	char text[320];

	target_format(&l->target, 0, text, sizeof(text));
	assert_string_equal(text, want);
}

static struct target at(const struct link *l, int unit, int baud, const char *frame)
{
	struct target t = l->target;

	t.unit = unit;
	t.baud = baud;
	t.parity = frame[1];
	t.stop = frame[2] - '0';
	return t;
}

static void go(struct link *l, struct target t)
{
	struct err e = { 0 };

	if (link_retarget(l, &t, &e))
		fail_msg("%s", e.text);
	assert_int_equal(l->target.unit, t.unit);
	assert_int_equal(l->target.baud, t.baud);
	assert_int_equal(l->target.parity, t.parity);
	assert_int_equal(l->target.stop, t.stop);
}

static bool reads(struct link *l, uint16_t addr, uint16_t *v)
{
	return link_raw_read(l, SPACE_HOLDING, addr, 1, v, NULL) == 0;
}

/* ---- a port ------------------------------------------------------------- */

static void a_port_is_set(void **state)
{
	static const struct {
		int baud;
		speed_t code;
		const char *frame;
	} lines[] = {
		{ 1200, B1200, "8N1" }, { 9600, B9600, "8N2" }, { 115200, B115200, "8N1" },
		{ 4800, B4800, "8E1" }, { 4800, B4800, "8O2" }, { 19200, B19200, "8N1" },
	};
	struct slave s = { 0 };
	struct link *l, *second;
	struct termios tio;
	struct target same;
	struct err e;
	uint16_t v;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &brief);
	same = l->target;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		go(l, at(l, 1, lines[i].baud, lines[i].frame));
		assert_int_equal(tcgetattr(s.keep, &tio), 0);
		assert_int_equal(cfgetospeed(&tio), lines[i].code);
		assert_int_equal(!(tio.c_cflag & CSTOPB), lines[i].frame[2] == '1');
		assert_int_equal(tio.c_lflag & (ICANON | ECHO), 0);
		assert_true(reads(l, 7, &v));
		assert_int_equal(v, register_value(7));
	}
	/* the port is ours all the while */
	second = link_open(&same, &brief, &e);
	assert_null(second);
	assert_int_equal(e.code, ERR_DENIED);
	link_close(l);
	slave_stop(&s);
}

static void only_one(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)nth;
	if (pdu[0] == s->mode)
		slave_good(s, pdu);
}

/* True: the meter was asked at its new address at once, and not after the pause of
 * half a second that a dead meter has. */
static bool changed_at_once(enum scheme scheme)
{
	struct slave s = { .serve = only_one, .mode = 7 };
	struct link_opts o = { .timeout_ms = 300, .retries = 0 };
	bool at_once, answers;
	struct link *l;
	int64_t began;
	uint16_t v = 0;

	slave_at(&s, scheme);
	l = slave_link(&s, scheme, &o);
	assert_false(reads(l, 7, &v));
	began = time_mono_us();
	go(l, at(l, 7, 115200, "8N1"));
	answers = reads(l, 7, &v);
	at_once = answers && time_mono_us() - began < 450000;
	assert_int_equal(v, answers ? register_value(7) : 0);
	assert_non_null(strstr(l->target.text, "unit=7"));
	link_close(l);
	slave_stop(&s);
	return at_once;
}

static void a_unit_is_changed(void **state)
{
	static const enum scheme places[] = {
		SCHEME_RTU, SCHEME_RTUTCP, SCHEME_TCP, SCHEME_UDP, SCHEME_RTUUDP,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		UNIT_UNTIL(changed_at_once(places[i]), UNIT_PAUSE, (void)0);
}

static void what_cannot_be_changed(void **state)
{
	struct slave s = { .mbap = true };
	struct target t;
	struct link *l;
	struct err e;
	uint16_t v;

	(void)state;
	slave_tcp(&s);
	l = slave_link(&s, SCHEME_TCP, &brief);
	t = at(l, 1, 9600, "8N1");
	assert_int_equal(link_retarget(l, &t, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	expect_text(&e, "gateway|9600 8N1");
	t = l->target;
	t.port++;
	assert_int_equal(link_retarget(l, &t, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	t = l->target;
	t.scheme = SCHEME_RTUTCP;
	assert_int_equal(link_retarget(l, &t, &e), -1);
	assert_int_equal(l->target.baud, 115200);
	assert_true(reads(l, 7, &v));
	link_close(l);
	slave_stop(&s);
}

/* An answer owed by the meter before is not that of the one after. */
static void late_from_another(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const uint8_t before[] = { UNIT, 3, 0, 9, 0, 1 };

	if (nth == 1)
		return;
	if ((int)nth == s->mode)
		slave_good(s, before);
	slave_good(s, pdu);
}

static void an_answer_owed_by_the_old_address(void **state)
{
	(void)state;
	for (int when = 2; when < 4; when++) {
		struct slave s = { .serve = late_from_another, .mode = when };
		struct link *l;
		uint16_t v;

		slave_pty(&s);
		l = slave_link(&s, SCHEME_RTU, &brief);
		assert_false(reads(l, 9, &v));
		go(l, at(l, 2, 115200, "8N1"));
		assert_true(reads(l, 7, &v));
		assert_int_equal(v, register_value(7));
		/* and back: still not */
		go(l, at(l, 1, 115200, "8N1"));
		assert_true(reads(l, 7, &v));
		assert_int_equal(v, register_value(7));
		link_close(l);
		slave_stop(&s);
	}
}

/* ---- simulated meters that are set -------------------------------------- */

static struct link *open_sim(const char *text)
{
	struct link_opts o = brief;
	struct target t;
	struct err e;
	struct link *l;

	o.profile = profile_builtin_named("adw300");
	assert_int_equal(target_parse(text, &t, &e), 0);
	l = link_open(&t, &o, &e);
	if (!l)
		fail_msg("%s", e.text);
	return l;
}

static void set(struct link *l, uint16_t addr, uint16_t v)
{
	struct err e = { 0 };
	bool sent;

	if (link_write(l, addr, 1, &v, &sent, &e))
		fail_msg("%s", e.text);
}

static void check_sim(const char *text, const char *moved, const char *faster)
{
	struct link *l = open_sim(text);
	struct target opened = l->target;
	bool paced = strstr(text, "pace=") != NULL;
	uint16_t v = 0;

	set(l, ADDRESS, 7);
	assert_false(reads(l, ADDRESS, &v));
	go(l, at(l, 7, opened.baud, "8N1"));
	assert_true(reads(l, ADDRESS, &v));
	assert_int_equal(v, 7);
	expect_target(l, moved);

	set(l, BAUD, 4);
	set(l, BAUD, 3);
	/* a line without a pace is heard at its own speed as well */
	assert_int_equal(reads(l, BAUD, &v), !paced);
	go(l, at(l, 7, 4800, "8N1"));
	assert_true(reads(l, BAUD, &v));
	assert_int_equal(v, 3);
	expect_target(l, faster);

	set(l, FRAME, 0x0100);
	go(l, at(l, 7, 4800, "8E1"));
	assert_true(reads(l, FRAME, &v));
	assert_int_equal(v, 0x0100);

	set(l, ADDRESS, (uint16_t)opened.unit);
	go(l, at(l, opened.unit, 4800, "8E1"));
	set(l, BAUD, 4);
	go(l, at(l, opened.unit, paced ? 9600 : opened.baud, "8N1"));
	assert_true(reads(l, BAUD, &v));
	/* as it was opened, it is called as it was called */
	assert_string_equal(l->target.text, opened.text);
	expect_target(l, text);
	link_close(l);
}

static void simulated_meters(void **state)
{
	(void)state;
	check_sim("sim:", "sim:unit=7", "sim:unit=7");
	check_sim("sim:pace=9600", "sim:pace=9600,unit=7", "sim:unit=7,pace=4800");
	check_sim("sim:unit=3,pace=9600,no-load", "sim:pace=9600,no-load,unit=7",
		  "sim:no-load,unit=7,pace=4800");
}

/* The name it has now leads to it again. */
static void a_name_that_holds(void **state)
{
	char state_file[TEMP_PATH], text[TEMP_PATH + 32], again[320];
	struct link *l;
	uint16_t v = 0;

	(void)state;
	snprintf(text, sizeof(text), "sim:pace=9600,state=%s", temp_path(state_file, "state"));
	l = open_sim(text);
	set(l, ADDRESS, 7);
	go(l, at(l, 7, 9600, "8N1"));
	set(l, BAUD, 3);
	go(l, at(l, 7, 4800, "8N1"));
	target_format(&l->target, 0, again, sizeof(again));
	link_close(l);
	l = open_sim(again);
	assert_true(reads(l, ADDRESS, &v));
	assert_int_equal(v, 7);
	link_close(l);
}

static void a_scenario_without_room(void **state)
{
	char text[300] = "sim:";
	struct target t;
	struct link *l;
	struct err e;
	uint16_t v;

	(void)state;
	while (strlen(text) < 4 + 250)
		strcat(text, "ct=40,");
	text[strlen(text) - 1] = '\0';
	l = open_sim(text);
	t = at(l, 7, 115200, "8N1");
	assert_int_equal(link_retarget(l, &t, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(l->target.unit, 1);
	assert_true(reads(l, ADDRESS, &v));
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_is_set),
		cmocka_unit_test(a_unit_is_changed),
		cmocka_unit_test(what_cannot_be_changed),
		cmocka_unit_test(an_answer_owed_by_the_old_address),
		cmocka_unit_test(simulated_meters),
		cmocka_unit_test(a_name_that_holds),
		cmocka_unit_test(a_scenario_without_room),
	};

	return UNIT_RUN_WITH(tests, prepare, NULL);
}
