/* Profiles from YAML: what is read, and where a complaint points. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profile/profile.h"
#include "profile/codec.h"
#include "profile/profile_load.h"
#include "temp.h"
#include "unit.h"

static char path[TEMP_PATH];

static const struct profile *load(const char *yaml, struct err *e)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(yaml, f);
	fclose(f);
	*e = (struct err){ 0 };
	return profile_load(path, e);
}

static const struct profile *must_load(const char *yaml)
{
	struct err e;
	const struct profile *p = load(yaml, &e);

	if (!p)
		fail_msg("%s", e.text);
	return p;
}

static int wrong;	/* complaints that were not the expected ones */

static void must_complain(const char *yaml, const char *where, const char *what)
{
	struct err e;
	const struct profile *p = load(yaml, &e);
	char at[TEMP_PATH + 16];

	assert_null(p);
	assert_int_equal(e.code, ERR_USAGE);
	snprintf(at, sizeof(at), "%s:%s: ", path, where);
	if (strncmp(e.text, at, strlen(at)) != 0 || !strstr(e.text, what))
		print_error("'%s' is not '%s...%s'\n", e.text, at, what), wrong++;
}

#define HEAD "profile: x\ngroups:\n  - group: g\n    title: G\n"
#define POINTS HEAD "    points:\n"
#define POINTS_ONLY "groups:\n  - group: g\n    title: G\n    points:\n"

static void unlock_and_commit(void **state)
{
	const struct profile *p = must_load("profile: x\n"
		"unlock: {at: 0x1000, password: [0x1234, 7], lock: {at: 0x1001, value: 2}}\n"
		"commit: {at: 0x1002, value: 1}\n"
		"groups:\n  - group: g\n    title: G\n    unlock: yes\n    from: learned\n    points:\n"
		"      - {key: a, at: 1, name: A, type: u32, commit: yes, source: seen}\n"
		"      - {key: b, at: 3, name: B, unlock: no}\n");
	const struct point *a = &p->points[profile_find(p, "a")], *b = &p->points[profile_find(p, "b")];

	(void)state;
	assert_int_equal(p->unlock_at, 0x1000);
	assert_int_equal(p->unlock_password.n, 2);
	assert_int_equal(p->unlock_password.v[1], 7);
	assert_int_equal(p->unlock_lock_at, 0x1001);
	assert_int_equal(p->unlock_lock.v[0], 2);
	assert_int_equal(p->commit_at, 0x1002);
	assert_int_equal(p->commit_value.n, 1);
	assert_int_equal(a->from, FROM_LEARNED);
	assert_string_equal(a->source, "seen");
	assert_int_equal(a->flags & (POINT_UNLOCK | POINT_COMMIT), POINT_UNLOCK | POINT_COMMIT);
	assert_int_equal(b->flags & (POINT_UNLOCK | POINT_COMMIT), 0);
	profile_free(p);
	must_complain("profile: x\nunlock: {at: 1, password: [1, 2, 3, 4, 5]}\n", "2:40", "more than 4 words");
	p = must_load("profile: x\nunlock: {at: 1, type: f32, password: ask, holds: 60 s, check: {at: 2, equals: [3, 4]}}\n"
		"commit: {at: 5, value: 6, done: {at: 7, equals: 0, within: 500 ms}}\n"
		"groups:\n  - group: g\n    title: G\n    effect: restart\n    points:\n"
		"      - {key: a, at: 1, name: A}\n      - {key: b, at: 2, name: B, effect: reopen}\n");
	assert_int_equal(p->unlock_password.n, CODE_ASKED);
	assert_int_equal(profile_unlock_words(p), 2);
	assert_int_equal(p->unlock_holds_ms, 60000);
	assert_int_equal(p->unlock_check_at, 2);
	assert_int_equal(p->unlock_check.v[1], 4);
	assert_int_equal(p->commit_done_at, 7);
	assert_int_equal(p->commit_done.n, 1);
	assert_int_equal(p->commit_within_ms, 500);
	assert_int_equal(p->points[profile_find(p, "a")].effect, EFFECT_RESTART);
	assert_int_equal(p->points[profile_find(p, "b")].effect, EFFECT_REOPEN);
	profile_free(p);
	p = must_load("profile: x\n" POINTS_ONLY "      - {key: a, at: 1, name: A, type: bits, bits: [\"0=x\"], role: wiring.verdict}\n"
		"      - {key: b, at: 2, name: B, role: wiring.absolute, role_code: 0}\n"
		"      - {key: c, at: 3, name: C, access: rw, role: wiring.invert.b}\n");
	assert_int_equal(profile_role(p, POINT_ROLE_VERDICT), profile_find(p, "a"));
	assert_int_equal(p->points[profile_find(p, "a.x")].role, POINT_ROLE_NONE);
	assert_int_equal(p->points[profile_find(p, "a")].role_code, 0);
	assert_int_equal(p->points[profile_find(p, "b")].role_code, 0);
	assert_int_equal(p->points[profile_find(p, "c")].role_code, 1);
	assert_int_equal(profile_role(p, POINT_ROLE_UPLINK), -1);
	profile_free(p);
	p = must_load("profile: x\nextends: em340\ngroups:\n  - group: settings\n    points:\n"
		"      - {key: energy.mode, role: none}\n      - {key: display.mode, role: wiring.absolute}\n");
	assert_int_equal(profile_role(p, POINT_ROLE_ABSOLUTE), profile_find(p, "display.mode"));
	assert_int_equal(p->points[profile_find(p, "display.mode")].role_code, 1);
	profile_free(p);
	must_complain("profile: x\n" POINTS_ONLY "      - {key: a, at: 1, name: A, role: wiring.invers.a}\n", "6:40", "is none of: none, wiring.absolute");
	must_complain("profile: x\nunlock: {at: 1, holds: 5 s}\n" POINTS_ONLY "      - {key: a, at: 1, name: A}\n", "1:1", "needs at and password");
	must_complain("profile: x\ncommit: {done: {at: 1, equals: 0}}\n" POINTS_ONLY "      - {key: a, at: 1, name: A}\n", "1:1", "commit needs");
	must_complain("profile: x\nunlock: {at: 1, type: string, password: ask}\n" POINTS_ONLY "      - {key: a, at: 1, name: A}\n", "1:1", "not string");
	must_complain("profile: x\nunlock: {at: 1, password: asks}\n", "2:27", "'asks' is no whole number");
	must_complain("profile: x\nunlock: {lock: {when: 1}}\n", "2:17", "unknown field 'unlock.lock.when'");
	assert_int_equal(wrong, 0);
}

/* The side of the transformers, and which points are their ratios. */
static void sides(void **state)
{
	const struct profile *p = must_load("profile: x\nside: secondary\nratio: {ct: [c1, c2], pt: [v]}\n"
		"groups:\n  - group: g\n    title: G\n    ratio: ptct\n    points:\n"
		"      - {key: a, at: 1, name: A}\n      - {key: b, at: 2, name: B, side: primary}\n"
		"      - {key: c1, at: 3, name: C}\n      - {key: c2, at: 4, name: D}\n      - {key: v, at: 5, name: E}\n");
	const struct point *a = &p->points[profile_find(p, "a")], *b = &p->points[profile_find(p, "b")];
	const struct ratio_points ct = profile_ratio(p, RATIO_CT), pt = profile_ratio(p, RATIO_PT);

	(void)state;
	assert_int_equal(a->side, SIDE_SECONDARY);
	assert_true(codec_primary(a, 2, 40) == 80);
	assert_true(codec_primary(b, 2, 40) == 1 && codec_transforms(b, 2, 40) == 80);
	assert_int_equal(ct.of[0], profile_find(p, "c1"));
	assert_int_equal(ct.of[1], profile_find(p, "c2"));
	assert_int_equal(pt.of[0], profile_find(p, "v"));
	assert_int_equal(pt.of[1], -1);
	assert_false(profile_side_assumed(p));
	profile_free(p);
	p = must_load("profile: x\nextends: adw300\nside: primary\n");
	assert_int_equal(p->points[profile_find(p, "current.a")].side, SIDE_PRIMARY);
	assert_int_equal(profile_ratio(p, RATIO_CT).of[0], profile_find(p, "ratio.ct"));
	profile_free(p);
	assert_true(profile_side_assumed(profile_builtin_named("adw300")));
	must_complain("profile: x\nside: left\n", "2:7", "'left' is none of");
	must_complain("profile: x\nratio: {ct: []}\n", "2:13", "ratio.ct: at least 1");
	must_complain("profile: x\nratio: {ct: [a, b, c]}\n", "2:20", "ratio.ct: more than 2");
	must_complain("profile: x\nratio: {pt: [a, b]}\n" POINTS_ONLY "      - {key: a, at: 1, name: A}\n", "2:8",
		      "'b' is not a number of this profile");
	assert_int_equal(wrong, 0);
}

/* What is not read together. */
static void reads(void **state)
{
	const struct profile *p = must_load("profile: x\nread: {align: even, alone: [b, c]}\n" POINTS_ONLY
		"      - {key: a, at: 2, name: A, type: u32}\n      - {key: b, at: 4, name: B, type: u32}\n"
		"      - {key: c, at: 6, name: C}\n      - {key: d, at: 7, name: D}\n");

	(void)state;
	assert_false(profile_alone(p, &p->points[0]));
	assert_true(profile_alone(p, &p->points[1]) && profile_alone(p, &p->points[2]) && profile_alone(p, &p->points[3]));
	profile_free(p);
	p = must_load("profile: x\nextends: em340\nread: {alone: []}\n");
	assert_string_equal(p->read_alone, "");
	profile_free(p);
	assert_string_equal(profile_builtin_named("em340")->read_alone, "meter.code meter.firmware");
	must_complain("profile: x\nread: {alone: [b]}\n" POINTS_ONLY "      - {key: a, at: 2, name: A}\n", "2:16", "'b' is not a point");
	must_complain("profile: x\nread: {align: odd}\n", "2:15", "'odd' is none of: any, even");
	must_complain("profile: x\nread: {align: even}\n" POINTS_ONLY "      - {key: a, at: 3, name: A, type: u32}\n", "2:7",
		      "align is even, its registers are not");
	assert_int_equal(wrong, 0);
}

/* What the bytes of a clock and the slots of a day table are. */
static void layouts(void **state)
{
	const struct profile *p = must_load(POINTS
		"      - {key: c, at: 1, name: C, type: clock, layout: [century, year, month, day, weekday, hour, minute, second]}\n"
		"      - {key: s, at: 9, name: S, type: stamp, layout: [month, day, hour, minute]}\n"
		"      - {key: t, at: 20, name: T, type: daytable, slots: 8, slot: [hour, minute, _, rate], rates: [sharp, peak, valley, flat]}\n"
		"      - {key: u, at: 40, name: U, type: daytable, slots: 3}\n");

	(void)state;
	assert_int_equal(p->points[profile_find(p, "c")].words, 4);
	assert_int_equal(p->points[profile_find(p, "s")].words, 2);
	assert_int_equal(p->points[profile_find(p, "t")].words, 16);
	assert_int_equal(p->points[profile_find(p, "u")].words, 5);
	profile_free(p);
	must_complain(POINTS "      - {key: a, at: 1, name: A, layout: [year, month]}\n", "6:9", "layout is for clock and stamp");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: clock, layout: [year, month]}\n", "6:9", "needs second");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: clock, layout: [years, month]}\n", "6:56", "'years' is none of");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: clock, layout: [_, year, month, day, hour, minute, second]}\n",
		      "6:9", "in pairs");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: stamp, layout: [year, month, day, hour, minute, _]}\n",
		      "6:9", "layout of a stamp");
	must_complain(POINTS "      - {key: a, at: 1, name: A, slots: 3}\n", "6:9", "are for daytable");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: daytable, rates: [flat]}\n", "6:9", "need slots");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: daytable, slots: 3, slot: [hour, hour, rate]}\n", "6:9", "each once");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: daytable, slots: 15}\n", "6:57", "15");
	assert_int_equal(wrong, 0);
}

static void defaults_and_own(void **state)
{
	const struct profile *p = must_load(HEAD
		"    scale: 0.1\n    unit: V\n    ratio: pt\n    section: \"6.2\"\n    points:\n"
		"      - {key: a, at: 0x14, name: A}\n"
		"      - {key: b, at: 21, name: B, scale: 0.001, unit: kW, type: i32, access: rw, min: -1, max: 5}\n");
	const struct point *a = &p->points[profile_find(p, "a")], *b = &p->points[profile_find(p, "b")];

	(void)state;
	assert_int_equal(a->addr, 20);
	assert_int_equal(a->decimals, 1);
	assert_string_equal(a->unit, "V");
	assert_string_equal(a->section, "6.2");
	assert_int_equal(a->ratio, RATIO_PT);
	assert_int_equal(a->flags, POINT_MAIN);
	assert_true(a->min > a->max);
	assert_int_equal(b->words, 2);
	assert_int_equal(b->decimals, 3);
	assert_int_equal(b->flags, POINT_MAIN | POINT_WRITABLE);
	assert_true(b->min == -1 && b->max == 5);
	assert_int_equal(profile_find(p, "c"), -1);
	profile_free(p);
}

static void arrays_bits_repeats(void **state)
{
	const struct profile *p = must_load(HEAD "    repeat: {count: 3, stride: 0x100}\n    points:\n"
		"      - {key: h, at: 0x7A, name: H, array: {from: 2, count: 30}}\n"
		"      - {key: s, at: 0xA0, name: S, type: bits, bits: [\"0=over\", \"3=DI4 di.4\"]}\n");
	const struct point *h31, *over, *di4;

	(void)state;
	assert_int_equal(p->npoints, 3 * (30 + 1 + 2));
	h31 = &p->points[profile_find(p, "h.31@2")];
	assert_int_equal(h31->addr, 0x7A + 29 + 0x200);
	assert_true(h31->flags & POINT_REPEAT);
	over = &p->points[profile_find(p, "s.over")];
	assert_int_equal(over->type, TYPE_BIT);
	assert_int_equal(over->bit, 0);
	assert_true(over->flags & POINT_DERIVED);
	di4 = &p->points[profile_find(p, "di.4")];
	assert_int_equal(di4->bit, 3);
	assert_int_equal(di4->addr, 0xA0);
	assert_int_equal(profile_find(p, "s.over@1") >= 0, 1);
	profile_free(p);
}

/* How a meter is written: said or not, and taken over by who extends it. */
static void write_functions(void **state)
{
	static const struct {
		const char *text;
		enum write_function by;
		int most;
	} rows[] = {
		{ "", WRITE_BY_ANY, 123 }, { "write: {most: 9}\n", WRITE_BY_ANY, 9 },
		{ "write: {function: any}\n", WRITE_BY_ANY, 123 },
		{ "write: {function: 16, most: 2}\n", WRITE_BY_10H, 2 },
		{ "write: {function: 6}\n", WRITE_BY_06, 1 },
		{ "write: {most: 1, function: 6}\n", WRITE_BY_06, 1 },
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct profile *p;

		snprintf(text, sizeof(text), POINTS "      - {key: a, at: 1, name: A}\n%s", rows[i].text);
		p = must_load(text);
		assert_int_equal(p->write_function, rows[i].by);
		assert_int_equal(p->write_most, rows[i].most);
		profile_free(p);
		snprintf(text, sizeof(text), "profile: x\nextends: adw300\n%s", rows[i].text);
		p = must_load(text);
		assert_int_equal(p->write_function, rows[i].by);
		profile_free(p);
	}
}

static void complaints_point(void **state)
{
	(void)state;
	must_complain("a: [", "2:1", "");
	must_complain("[]", "1:1", "mapping");
	must_complain("", "1:1", "mapping");
	must_complain("groups: []\n", "1:1", "profile: NAME");
	must_complain("profile: x\nprofil: y\n", "2:1", "unknown field 'profil' of a profile (did you mean 'profile'?)");
	must_complain("profile: x\nread: {holse: yes}\n", "2:8", "unknown field 'read.holse'");
	must_complain("profile: x\nread.most: 5\n", "2:1", "unknown field 'read.most'");
	must_complain("profile: x\nread: {most: 5}\nread: {holes: yes}\n", "3:1", "twice");
	must_complain("profile: x\n", "1:1", "without points");
	must_complain(POINTS "      - {key: a, at: 1, name: A, typ: u16}\n", "6:34", "unknown field 'typ'");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: u61}\n", "6:40", "u16, i16");
	must_complain(POINTS "      - {key: a, at: 70000, name: A}\n", "6:22", "0 to 65535");
	must_complain(POINTS "      - {key: A, at: 1, name: A}\n", "6:15", "no key");
	must_complain(POINTS "      - {key: a, at: 1}\n", "6:9", "key and name");
	must_complain(POINTS "      - {key: a, name: A}\n", "6:9", "key and at");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\n      - {key: a, at: 2, name: A}\n",
		      "7:15", "twice");
	must_complain(POINTS "      - {key: a, at: 1, at: 2, name: A}\n", "6:25", "twice");
	must_complain(POINTS "      - {key: a, at: 1, name: A, choices: [\"9600\"]}\n", "6:44", "no choice");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: bits, bits: [\"16=x\"]}\n", "6:53", "no bit");
	must_complain(POINTS "      - {key: a, at: 1, name: A, min: 1}\n", "6:9", "go together");
	must_complain(POINTS "      - {key: a, at: 1, name: A, scale: 0}\n", "6:9", "scale");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: hex}\n", "6:9", "needs words");
	must_complain(POINTS "      - {key: a, at: 65535, name: A, type: u32}\n", "6:9", "65535");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nlive: [b]\n", "7:8", "unknown key 'b'");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nvectors:\n  - {at: 1, regs: [1]}\n",
		      "8:5", "expect");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nread: {most: 126}\n", "7:14", "1 to 125");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nwrite: {function: 5}\n", "7:19", "any, 6, 16");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nwrite: {function: 6, most: 2}\n", "7:28", "one register");
	must_complain("profile: x\nextends: nosuch\n", "2:10", "nosuch");
	must_complain("profile: x\ngroups: 5\n", "2:9", "list");
	assert_int_equal(wrong, 0);
}

/* What says nothing would be believed to say something. */
static void silence_is_refused(void **state)
{
	(void)state;
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nlive: a\n", "7:7", "list");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nvectors: a\n", "7:10", "list");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\nread: {mots: 80}\n", "7:8", "'read.mots'");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\n"
		"vectors:\n  - {at: 1, regs: 1, expect: [a=1]}\n", "8:19", "list");
	must_complain(POINTS "      - {key: a, at: 1, name: A}\n"
		"vectors:\n  - {at: 1, regs: [1], expect: [a=1], input: 1}\n", "8:39", "'input'");
	must_complain(POINTS "      - {key: a, at: 1, name: A, array: {from: 1, count: 2, step: 1}}\n",
		"6:61", "'step'");
	must_complain(POINTS "      - {key: a, at: 1, name: A, bits: [\"0=x\"]}\n", "6:9", "type bits");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: clock, choices: [\"0=x\"]}\n",
		"6:9", "no choices");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: u32, negative_above: 9}\n",
		"6:9", "negative_above");
	must_complain(POINTS "      - {key: a, at: 1, name: A, scale: 1e-9}\n", "6:9", "scale");
	must_complain(HEAD "    repeat: {count: 256, stride: 1}\n    points:\n"
		"      - {key: a, at: 1, name: A}\n", "5:21", "1 to 255");
	must_complain(POINTS "      - {key: a, at: 1, name: A, type: bits, bits: [\"0=Up\"]}\n",
		"6:53", "part of a key");
	assert_int_equal(wrong, 0);
}

/* Keys that are made, of arrays and bits, are keys like others. */
static void made_keys_stand_once(void **state)
{
	(void)state;
	must_complain(POINTS "      - {key: b, at: 1, name: B}\n"
		"      - {key: a, at: 2, name: A, type: bits, bits: [\"0=x b\"]}\n", "7:15", "'b' stands here twice");
	must_complain(POINTS "      - {key: b.2, at: 1, name: B}\n"
		"      - {key: b, at: 2, name: B, array: {from: 1, count: 2}}\n", "7:15", "'b.2' stands here twice");
	must_complain("profile: x\nextends: adw300\ngroups:\n  - group: pf\n    points:\n"
		"      - {key: pf.a, scale: 0.01}\n      - {key: pf.a, scale: 0.1}\n", "7:15", "twice");
	assert_int_equal(wrong, 0);
}

/* Every step of the scale is shown. */
static void decimals_follow(void **state)
{
	static const struct {
		const char *scale;
		int decimals;
	} all[] = { { "1", 0 }, { "10", 0 }, { "0.1", 1 }, { "0.001", 3 }, { "0.25", 2 },
		    { "2.5", 1 }, { "0.000001", 6 }, { "0.3", 1 } };
	char yaml[200];

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct profile *p;

		snprintf(yaml, sizeof(yaml), POINTS "      - {key: a, at: 1, name: A, scale: %s}\n",
			 all[i].scale);
		p = must_load(yaml);
		assert_int_equal(p->points[0].decimals, all[i].decimals);
		profile_free(p);
	}
}

/* libyaml alone takes minutes for this. */
static void deep_nesting_is_refused(void **state)
{
	static char deep[1 << 20];

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	must_complain(deep, "1:17", "nested");
	for (size_t i = 0; i + 2 < sizeof(deep); i += 2)
		memcpy(deep + i, "- ", 2);
	must_complain(deep, "1:33", "nested");
	assert_int_equal(wrong, 0);
}

static void extending(void **state)
{
	const struct profile *p = must_load("profile: mine\nextends: adw300\ngroups:\n"
		"  - group: signal\n    points:\n"
		"      - {key: signal.strength, at: 0x7000, unit: dBm, note: said by the supplier}\n"
		"  - group: mine\n    title: My own\n    points:\n"
		"      - {key: mine.new, at: 0x7001, name: New}\n");
	const struct profile *base = profile_builtin_named("adw300");
	const struct point *s = &p->points[profile_find(p, "signal.strength")];

	(void)state;
	assert_int_equal(p->npoints, base->npoints + 1);
	assert_int_equal(s->addr, 0x7000);
	assert_string_equal(s->unit, "dBm");
	assert_int_equal(s->type, TYPE_I16);
	assert_false(s->flags & POINT_AMBIGUOUS);
	assert_int_equal(base->points[profile_find(base, "signal.strength")].addr, 0x01BF);
	assert_int_equal(p->nlive, base->nlive);
	profile_free(p);
}

static void extending_what_hangs_together(void **state)
{
	const struct profile *p = must_load("profile: mine\nextends: adw300\ngroups:\n"
		"  - group: voltage\n    points:\n      - {key: voltage.a, scale: 0.01}\n"
		"      - {key: voltage.b, name: Middle}\n"
		"  - group: di\n    points:\n      - {key: di.status, bits: [\"0=door\", \"1=DI2 di.2\"]}\n");
	const struct profile *base = profile_builtin_named("adw300");

	(void)state;
	assert_int_equal(p->points[profile_find(p, "voltage.a")].decimals, 2);
	assert_int_equal(p->points[profile_find(p, "voltage.b")].decimals, 1);
	/* the old names of the bits are gone, the live page is the same */
	assert_true(profile_find(p, "di.status.door") >= 0);
	assert_true(profile_find(p, "di.2") >= 0);
	assert_int_equal(profile_find(p, "di.1"), -1);
	assert_int_equal(profile_find(p, "di.4"), -1);
	assert_int_equal(p->nlive, base->nlive);
	for (size_t i = 0; i < p->nlive; i++)
		assert_string_equal(p->points[p->live[i]].key, base->points[base->live[i]].key);
	profile_free(p);
}

static size_t count(const struct profile *p, const char *word)
{
	struct selection sel = { 0 };
	struct err e;
	size_t n = profile_select(p, word, &sel, &e) ? 0 : sel.n;

	selection_release(&sel);
	return n;
}

static void selecting(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct selection sel = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(count(p, "voltage.a"), 1);
	assert_int_equal(count(p, "voltage"), 6);
	assert_int_equal(count(p, "voltage.?"), 3);
	assert_int_equal(count(p, "energy"), 45);
	assert_int_equal(count(p, "energy.tou"), 20);
	assert_int_equal(count(p, "power.active"), 12);
	assert_int_equal(count(p, "harmonic.voltage.a"), 30);
	assert_int_equal(count(p, "di.1"), 1);
	assert_int_equal(count(p, "alarm1.enable.*"), 16);
	assert_int_equal(count(p, "history.*"), 41);
	assert_int_equal(count(p, "history.time@*"), 11);
	/* twice named is once read */
	assert_int_equal(profile_select(p, "voltage.a", &sel, &e), 0);
	assert_int_equal(profile_select(p, "voltage", &sel, &e), 0);
	assert_int_equal(sel.n, 6);
	assert_string_equal(p->points[sel.idx[0]].key, "voltage.a");
	selection_release(&sel);
	assert_int_equal(profile_select(p, "voltag.a", &sel, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, "did you mean 'voltage.a'"));
	assert_int_equal(profile_select(p, "zzzzzzzz", &sel, &e), -1);
	selection_release(&sel);
}

/* `read '*'`: 618 registers, each once (issue: "whole main map"). */
static void star_is_the_main_map(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct selection sel = { 0 };
	unsigned words = 0, next = 0;
	struct err e;

	(void)state;
	assert_int_equal(profile_select(p, "*", &sel, &e), 0);
	for (size_t i = 0; i < sel.n; i++) {
		const struct point *pt = &p->points[sel.idx[i]];

		assert_int_equal(pt->addr, next);
		next = pt->addr + (unsigned)pt->words;
		words += pt->words;
	}
	assert_int_equal(words, 618);
	selection_release(&sel);
}

static const struct point *named(const struct profile *p, const char *key)
{
	return &p->points[profile_find(p, key)];
}

/* A point's own wins over its group's, that over the profile's, wherever they stand. */
static void byte_orders(void **state)
{
	const struct profile *p = must_load(HEAD
		"    type: f32\n    order: BADC\n    points:\n"
		"      - {key: a, at: 1, name: A}\n"
		"      - {key: b, at: 3, name: B, order: DCBA}\n"
		"  - group: h\n    title: H\n    points:\n"
		"      - {key: c, at: 5, name: C, type: u32}\n"
		"order: CDAB\nidentify: [{at: 7, type: u32, equals: 5, model: X}]\n");

	(void)state;
	assert_int_equal(named(p, "a")->order, ORDER_BADC);
	assert_int_equal(named(p, "b")->order, ORDER_DCBA);
	assert_int_equal(named(p, "c")->order, ORDER_CDAB);
	assert_int_equal(p->identify.list[0].order, ORDER_CDAB);
	profile_free(p);
	must_complain(HEAD "    order: BACD\n    points:\n      - {key: a, at: 1, name: A}\n", "5:12",
		      "'BACD' is none of: ABCD, CDAB, BADC, DCBA");
	/* the profile that is extended turns as a whole, but for what has its own order */
	assert_int_equal(wrong, 0);
	p = must_load("profile: x\nextends: sdm630\norder: CDAB\n");
	assert_int_equal(named(p, "voltage.a")->order, ORDER_CDAB);
	profile_free(p);
}

static void scaled_by_another(void **state)
{
	const struct profile *p = must_load(HEAD "    exponent: sf\n    points:\n"
		"      - {key: a, at: 1, name: A}\n"
		"      - {key: sf, at: 2, name: S, type: i16, exponent: ''}\n");

	(void)state;
	assert_int_equal(profile_scaler(p, named(p, "a")), profile_find(p, "sf"));
	assert_int_equal(profile_scaler(p, named(p, "sf")), -1);
	profile_free(p);
	must_complain(POINTS "      - {key: a, at: 1, name: A, factor: b}\n", "1:1", "'a' is scaled by 'b', which is not a number");
	must_complain(POINTS "      - {key: a, at: 1, name: A, factor: a}\n", "1:1", "'a' is scaled by 'a'");
	must_complain(POINTS "      - {key: a, at: 1, name: A, factor: b, exponent: b}\n", "6:9", "one of them");
	must_complain(POINTS "      - {key: a, at: 1, name: A, factor: b, access: rw}\n", "6:9", "not written");
	assert_int_equal(wrong, 0);
}

static void parts_of_words(void **state)
{
	const struct profile *p = must_load(HEAD "    points:\n"
		"      - {key: a, at: 1, name: A, byte: high}\n"
		"      - {key: b, at: 1, name: B, byte: low, choices: [\"1=x\"]}\n"
		"      - {key: c, at: 2, name: C, mask: 0x00F0}\n");

	(void)state;
	assert_int_equal(named(p, "a")->mask, 0xFF00);
	assert_int_equal(named(p, "b")->mask, 0x00FF);
	assert_int_equal(named(p, "c")->mask, 0x00F0);
	profile_free(p);
	must_complain(POINTS "      - {key: a, at: 1, name: A, byte: low, type: u32}\n", "6:9", "for u16 and i16");
	must_complain(POINTS "      - {key: a, at: 1, name: A, mask: 0x0101}\n", "6:9", "side by side");
	must_complain(POINTS "      - {key: a, at: 1, name: A, mask: 0}\n", "6:40", "no whole number");
	assert_int_equal(wrong, 0);
}

/* Codes of "no such value": those of the type, unless the group or the point has a list. */
static void no_such_value(void **state)
{
	const struct profile *p = must_load("none: {u16: [0xFFFF], i16: [0x7FFF, -1], f32: [-1]}\n" HEAD
		"    type: u16\n    points:\n"
		"      - {key: a, at: 1, name: A}\n"
		"      - {key: b, at: 2, name: B, type: i16}\n"
		"      - {key: c, at: 3, name: C, none: []}\n"
		"      - {key: d, at: 4, name: D, none: [7], type: u32}\n"
		"      - {key: e, at: 6, name: E, type: f32}\n"
		"  - group: h\n    title: H\n    none: [0xFFFFFFFFFFFFFFFF]\n    type: u64\n    points:\n"
		"      - {key: f, at: 8, name: F}\n"
		"      - {key: g, at: 12, name: G, type: string, words: 2}\n");

	(void)state;
	assert_int_equal(named(p, "a")->nnone, 1);
	assert_int_equal(named(p, "b")->nnone, 2);
	assert_int_equal(named(p, "b")->none[1].bits, 0xFFFF);
	assert_int_equal(named(p, "c")->nnone, 0);
	assert_int_equal(named(p, "d")->none[0].bits, 7);
	assert_true(named(p, "e")->none[0].num < 0);
	assert_true(named(p, "f")->none[0].bits == UINT64_MAX);
	assert_int_equal(named(p, "g")->nnone, 0);
	profile_free(p);
	must_complain(POINTS "      - {key: a, at: 1, name: A, none: [0x10000]}\n", "6:41", "'0x10000' is not a code of a u16");
	must_complain(POINTS "      - {key: a, at: 1, name: A, none: [0xG]}\n", "6:41", "not a code of a u16");
	must_complain(POINTS "      - {key: a, at: 1, name: A, none: [1], words: 2, type: string}\n", "6:40", "none is for numbers");
	must_complain("none: {u17: [1]}\n" POINTS "      - {key: a, at: 1, name: A}\n", "1:8", "'u17' is none of");
	must_complain("none: [1]\n" POINTS "      - {key: a, at: 1, name: A}\n", "1:7", "none is a mapping");
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_own),
		cmocka_unit_test(unlock_and_commit), cmocka_unit_test(sides), cmocka_unit_test(layouts), cmocka_unit_test(reads),
		cmocka_unit_test(arrays_bits_repeats),
		cmocka_unit_test(write_functions), cmocka_unit_test(complaints_point),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(silence_is_refused),
		cmocka_unit_test(made_keys_stand_once),
		cmocka_unit_test(decimals_follow),
		cmocka_unit_test(extending),
		cmocka_unit_test(extending_what_hangs_together),
		cmocka_unit_test(selecting),
		cmocka_unit_test(star_is_the_main_map),
		cmocka_unit_test(byte_orders),
		cmocka_unit_test(scaled_by_another),
		cmocka_unit_test(parts_of_words),
		cmocka_unit_test(no_such_value),
	};

	temp_path(path, "own.yaml");
	return UNIT_RUN(tests);
}
