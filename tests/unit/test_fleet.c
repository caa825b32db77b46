/* A fleet: who is in it, what is known of each, in which order. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/fleet.h"
#include "profile/value.h"

#define S 1000000LL

/* A dialect of the test's own: what fleet.c needs of one is its items. */
static const struct dialect_item items[] = {
	{ "ua", "voltage.a", 1, 1, FROM_PUBLIC, "V", "" },
	{ "ub", "voltage.b", 1, 1, FROM_PUBLIC, "V", "" },
	{ "ia", "current.a", 1, 1, FROM_PUBLIC, "A", "" },
	{ "p", "power.active.total", 1, 1, FROM_PUBLIC, "kW", "" },
	{ "pf", "pf.total", 1, 1, FROM_PUBLIC, "", "" },
	{ "csq", "signal.strength", 1, 1, FROM_PUBLIC, "dBm", "" },
	{ "rssi", NULL, 1, 2, FROM_PUBLIC, "percent", "" },
	{ "al", "alarm1.status", 1, 1, FROM_PUBLIC, "", "" },
	{ "x", "no.such.point", 1, 1, FROM_PUBLIC, "", "" },
};
enum { UA, UB, IA, P, PF, CSQ, RSSI, AL, X };
static const struct dialect own = { .name = "own", .items = items,
				    .nitems = sizeof(items) / sizeof(*items) };

static struct upload of(const char *sn, enum upload_kind kind)
{
	struct upload up = { .dialect = &own, .kind = kind };

	snprintf(up.sn, sizeof(up.sn), "%s", sn);
	return up;
}

static void with(struct upload *up, uint16_t item, double num)
{
	up->values[up->n++] = (struct upload_value){ .item = item, .num = num };
}

static struct fleet *fleet_new(void)
{
	struct fleet *f = malloc(sizeof(*f));

	assert_non_null(f);
	fleet_init(f, profile_builtin_named("adw300"));
	return f;
}

static void fleet_free(struct fleet *f)
{
	fleet_release(f);
	free(f);
}

static long take(struct fleet *f, struct upload *up, double at)
{
	struct err e = { 0 };

	/* as a message that has just come */
	up->judged = false;
	reasons_clear(&up->drops);
	for (size_t i = 0; i < up->n; i++)
		up->values[i].refused = false;
	return fleet_take(f, up, (int64_t)(at * 1e6), (int64_t)(at * 1e6) + 1700000000 * S,
			  false, false, &e);
}

static bool near(float a, double b)
{
	return fabs((double)a - b) < 1e-4;
}

static void values(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("1001", UPLOAD_DATA);
	const struct fleet_row *r;

	(void)state;
	assert_int_equal(take(f, &up, 1), 0);
	r = fleet_find(f, "1001");
	assert_non_null(r);
	assert_true(isnan(r->values.u) && isnan(r->values.p) && isnan(r->values.signal));
	with(&up, UA, 230);
	with(&up, UB, 231);
	with(&up, IA, 4.5);
	with(&up, P, -3.25);
	with(&up, PF, 0.98);
	with(&up, CSQ, -77);
	with(&up, AL, 5);
	with(&up, X, 1);
	assert_int_equal(take(f, &up, 2), 0);
	assert_true(near(r->values.u, 230.5) && near(r->values.u_low, 230) && r->values.u_phase == 'A' && near(r->values.i, 4.5) && near(r->values.p, -3.25));
	assert_true(near(r->values.pf, 0.98) && near(r->values.signal, -77));
	assert_false(r->values.signal_percent);
	assert_int_equal(r->values.alarms, 2);
	/* an upload that holds a part leaves the rest */
	up.n = 0;
	with(&up, UA, 229);
	take(f, &up, 3);
	assert_true(near(r->values.u, 229) && near(r->values.i, 4.5));
	assert_int_equal(f->n, 1);
	assert_int_equal(f->messages, 3);
	assert_int_equal(r->rhythm.uploads, 3);
	fleet_free(f);
}

/* One upload in two messages with one stamp: the second is more of it, not it again. */
static void in_parts(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("P", UPLOAD_DATA);
	const struct fleet_row *r;

	(void)state;
	up.sent_us = 1700000000 * S;
	with(&up, UA, 230);
	take(f, &up, 1);
	r = fleet_find(f, "P");
	up.n = 0;
	with(&up, P, 3);
	take(f, &up, 1.1);
	assert_true(r->fresh && near(r->values.u, 230) && near(r->values.p, 3));
	assert_true(r->rhythm.uploads == 1 && r->rhythm.duplicates == 0);
	take(f, &up, 1.2);
	assert_false(r->fresh);
	assert_int_equal(r->rhythm.duplicates, 1);
	/* of the next upload the same items are new */
	up.sent_us += 60 * S;
	take(f, &up, 61);
	assert_true(r->fresh && r->rhythm.uploads == 2);
	fleet_free(f);
}

static void login_para_alarm(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("A", UPLOAD_LOGIN);
	const struct fleet_row *r;

	(void)state;
	with(&up, RSSI, 48);
	snprintf(up.product, sizeof(up.product), "AWT100");
	take(f, &up, 1);
	r = fleet_find(f, "A");
	assert_true(r->logged_in && r->values.signal_percent && near(r->values.signal, 48));
	assert_string_equal(r->product, "AWT100");
	assert_int_equal(r->rhythm.uploads, 0);		/* no reading has come */
	up = of("A", UPLOAD_PARA);
	up.interval_s = 300;
	snprintf(up.model, sizeof(up.model), "adw300 of a very long name indeed");
	take(f, &up, 2);
	assert_int_equal(r->rhythm.set_s, 300);
	assert_int_equal(strlen(r->model), sizeof(r->model) - 1);
	assert_string_equal(r->product, "AWT100");
	/* logged in, and then nothing but heartbeats: silent, from when it was heard first */
	assert_false(fleet_silent(r, 452 * S));
	up = of("A", UPLOAD_HEART);
	take(f, &up, 600);
	assert_true(fleet_silent(r, 700 * S) && rhythm_overdue(&r->rhythm, 700 * S) == 1);
	up = of("A", UPLOAD_ALARM);
	take(f, &up, 3);
	take(f, &up, 4);
	assert_int_equal(r->values.alarms, 2);
	up = of("A", UPLOAD_DATA);
	up.offline = true;
	take(f, &up, 5);
	assert_true(r->offline && r->heard_us == 5 * S);
	fleet_free(f);
}

/* What the register could not hold, what is old, what the broker kept. */
static void not_taken(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("A", UPLOAD_DATA);
	const struct fleet_row *r;
	struct reasons drops;
	struct err e = { 0 };

	(void)state;
	with(&up, UA, 230);
	assert_int_equal(fleet_take(f, &up, S, S, true, false, &e), 0);
	r = fleet_find(f, "A");
	assert_true(near(r->values.u, 230) && r->heard_us == 0);
	up.sent_us = (1700000000 + 100) * S;
	up.values[0].num = 231;
	take(f, &up, 2);
	assert_true(near(r->values.u, 231));
	up.values[0].num = 1;
	assert_int_equal(fleet_take(f, &up, 3 * S, S, true, false, &e), 0);
	assert_true(near(r->values.u, 231));		/* retained, and live ones are there */
	up.sent_us = (1700000000 + 50) * S;
	take(f, &up, 4);
	assert_true(near(r->values.u, 231));
	assert_int_equal(r->rhythm.old, 1);
	assert_false(r->fresh);
	up.sent_us = (1700000000 + 150) * S;
	up.values[0].num = 231;
	take(f, &up, 4.5);
	assert_true(r->fresh);
	take(f, &up, 4.6);
	assert_false(r->fresh);
	up.sent_us = (1700000000 + 200) * S;
	for (int i = 0; i < 4; i++) {
		static const double bad[] = { 1e300, NAN, INFINITY, -5 };

		up.values[0].num = bad[i];
		up.sent_us += S;
		take(f, &up, 5 + i);
	}
	assert_true(near(r->values.u, 231));
	fleet_drops(f, r, &drops);
	assert_int_equal(drops.total, 4);
	assert_int_equal(f->drops.total, 4);
	assert_string_equal(drops.list[0].text, "voltage outside 0 to 1000 V");
	assert_string_equal(f->drops.list[0].last, "A: voltage.a -5 V");
	fleet_free(f);
}

static void refused(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("", UPLOAD_DATA);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fleet_take(f, &up, S, S, false, false, &e), -1);
	assert_int_equal(e.code, ERR_FOREIGN);
	fleet_refused(f, &e, "a/b");
	assert_int_equal(f->refusals.total, 1);
	assert_string_equal(f->refusals.list[0].text, "a message that names no meter");
	assert_string_equal(f->refusals.list[0].last, "a/b");
	up = of("A", UPLOAD_PARA);
	up.down = true;
	assert_int_equal(fleet_take(f, &up, S, S, false, false, &e), -1);
	assert_int_equal(f->n, 0);
	assert_null(fleet_find(f, "A"));
	fleet_free(f);
}

static void serial(char *buf, size_t size, unsigned i)
{
	snprintf(buf, size, "2024%010u", i * 7919U % 1000003U);
}

/* 10,000 meters: each found again, and not much memory. */
static void ten_thousand(void **state)
{
	struct fleet *f = fleet_new();
	char sn[MQTT_NAME];

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		struct upload up;

		serial(sn, sizeof(sn), i);
		up = of(sn, UPLOAD_DATA);
		with(&up, UA, 220 + i % 20);
		assert_int_equal(take(f, &up, 1), i);
	}
	assert_int_equal(f->n, 10000);
	for (unsigned i = 0; i < 10000; i++) {
		serial(sn, sizeof(sn), i);
		assert_ptr_equal(fleet_find(f, sn), &f->rows[i]);
	}
	assert_null(fleet_find(f, "nobody"));
	assert_true(f->n * 2 <= f->nslots);
	assert_true(f->room * sizeof(*f->rows) + f->nslots * sizeof(*f->slots) < 8 << 20);
	fleet_free(f);
}

/* However many serials somebody invents. */
static void no_more(void **state)
{
	struct fleet *f = fleet_new();
	struct err e = { 0 };
	struct upload up;

	(void)state;
	for (unsigned i = 0; i < FLEET_MAX; i++) {
		char sn[16];

		snprintf(sn, sizeof(sn), "%u", i);
		up = of(sn, UPLOAD_HEART);
		assert_int_equal(take(f, &up, 1), i);
	}
	up = of("one more", UPLOAD_HEART);
	assert_int_equal(fleet_take(f, &up, S, S, false, false, &e), -1);
	assert_int_equal(e.code, ERR_FOREIGN);
	up = of("77", UPLOAD_HEART);
	assert_int_equal(take(f, &up, 1), 77);
	fleet_free(f);
}

static void add_row(struct fleet *f, const char *sn, double signal, double last, const char *model)
{
	struct upload up = of(sn, UPLOAD_DATA);

	if (signal != 0)
		with(&up, signal > 0 ? RSSI : CSQ, signal);
	snprintf(up.model, sizeof(up.model), "%s", model);
	take(f, &up, last);
}

static void in_order(const struct fleet *f, enum fleet_order by, bool down, const char *want)
{
	uint32_t idx[8];
	char got[80] = "";

	for (uint32_t i = 0; i < f->n; i++)
		idx[i] = i;
	fleet_sort(f, idx, f->n, by, down, 100 * S);
	for (size_t i = 0; i < f->n; i++)
		strcat(got, f->rows[idx[i]].sn);
	assert_string_equal(got, want);
}

static void sorting(void **state)
{
	struct fleet *f = fleet_new();

	(void)state;
	add_row(f, "c", -70, 10, "y");
	add_row(f, "a", -90, 30, "");
	add_row(f, "b", 0, 20, "X");
	add_row(f, "e", -70, 40, "y");
	add_row(f, "d", 50, 50, "x");
	in_order(f, FLEET_BY_SN, false, "abcde");
	in_order(f, FLEET_BY_SN, true, "edcba");
	in_order(f, FLEET_BY_SIGNAL, false, "acedb");
	in_order(f, FLEET_BY_SIGNAL, true, "dceab");	/* equal: by serial; unknown: last */
	in_order(f, FLEET_BY_LAST, false, "deabc");
	in_order(f, FLEET_BY_MODEL, false, "bdcea");	/* no model: last, either way */
	in_order(f, FLEET_BY_MODEL, true, "cebda");
	in_order(f, FLEET_BY_U, false, "abcde");	/* all unknown */
	in_order(f, FLEET_BY_ALARMS, true, "abcde");
	fleet_free(f);
}

static void is_in_state(const struct fleet_row *r, double at, enum fleet_state state, const char *text)
{
	char got[24];

	assert_int_equal(fleet_state(r, (int64_t)(at * 1e6)), state);
	assert_string_equal(fleet_state_text(r, (int64_t)(at * 1e6), got, sizeof(got)), text);
}

/* The worst that is known of a meter, and when it is to be heard again. */
static void states(void **state)
{
	struct fleet *f = fleet_new();
	struct upload up = of("1", UPLOAD_DATA);
	struct fleet_row *r;
	struct err e;

	(void)state;
	up.interval_s = 60;
	with(&up, UA, 230);
	with(&up, UB, 229);
	take(f, &up, 10);
	r = fleet_find(f, "1");
	is_in_state(r, 11, FLEET_ON_AIR, "on air");
	assert_true(r->values.u_phase == 'B' && near(r->values.u_low, 229));
	assert_true(near((float)fleet_next_s(r, 11 * S), 59) && near((float)fleet_next_s(r, 80 * S), -10));
	is_in_state(r, 400, FLEET_OVERDUE, "5 overdue");
	up.n = 0;
	with(&up, AL, 1);
	take(f, &up, 70);
	is_in_state(r, 71, FLEET_ALARMS, "1 alarm");
	with(&up, UA, 230);
	with(&up, UB, 114);
	take(f, &up, 130);
	is_in_state(r, 131, FLEET_VOLTAGE, "no U B");
	up.values[2].num = 115;
	take(f, &up, 190);
	is_in_state(r, 191, FLEET_ALARMS, "1 alarm");
	assert_true(fleet_will(f, "1", true, &e) == 0);
	is_in_state(r, 400, FLEET_OFFLINE, "offline");
	assert_true(isnan(fleet_next_s(r, 400 * S)));
	assert_true(fleet_will(f, "2", false, &e) == 1);
	is_in_state(fleet_find(f, "2"), 400, FLEET_KEPT, "kept");
	in_order(f, FLEET_BY_STATE, true, "12");
	in_order(f, FLEET_BY_STATE, false, "21");
	in_order(f, FLEET_BY_NEXT, false, "12");
	fleet_free(f);
}

static void finding(void **state)
{
	struct fleet_row r = { .sn = "20201998111433", .model = "ADW300", .dialect = &own };

	(void)state;
	assert_true(fleet_matches(&r, "1998", 100 * S));
	assert_true(fleet_matches(&r, "adw", 100 * S));
	assert_true(fleet_matches(&r, "OWN", 100 * S));
	assert_true(fleet_matches(&r, "", 100 * S));
	assert_false(fleet_matches(&r, "adl", 100 * S));
	r.dialect = NULL;
	assert_false(fleet_matches(&r, "own", 100 * S));
	assert_true(fleet_matches(&r, "kept", 100 * S));
}

static void copies(void **state)
{
	struct fleet *f = fleet_new();
	struct fleet_row r = { .sn = "A", .logged_in = true };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fleet_copy_row(f, &r, &e), 0);
	r.logged_in = false;
	assert_int_equal(fleet_copy_row(f, &r, &e), 0);
	assert_false(fleet_find(f, "A")->logged_in);
	snprintf(r.sn, sizeof(r.sn), "B");
	assert_int_equal(fleet_copy_row(f, &r, &e), 1);
	assert_int_equal(f->n, 2);
	fleet_free(f);
}

static void silence(void **state)
{
	struct fleet *f = fleet_new();

	(void)state;
	add_row(f, "a", 0, 10, "");
	add_row(f, "a", 0, 20, "");
	assert_false(fleet_silent(&f->rows[0], 30 * S));
	assert_true(fleet_silent(&f->rows[0], 40 * S));
	/* nobody listened: that is not the meter's silence */
	fleet_resume(f, 40 * S);
	assert_false(fleet_silent(&f->rows[0], 40 * S));
	assert_true(fleet_silent(&f->rows[0], 60 * S));
	fleet_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(in_parts),
		cmocka_unit_test(login_para_alarm),
		cmocka_unit_test(not_taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(ten_thousand),
		cmocka_unit_test(no_more),
		cmocka_unit_test(sorting),
		cmocka_unit_test(finding), cmocka_unit_test(states),
		cmocka_unit_test(copies),
		cmocka_unit_test(silence),
	};

	return UNIT_RUN(tests);
}
