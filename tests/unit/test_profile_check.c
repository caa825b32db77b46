/* The built-in profiles hold what they promise, and profile_check() sees what
 * is wrong with others. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "profile/profile_check.h"

static const struct point plain = {
	.name = "n", .group = "g", .unit = "", .note = "", .section = "",
	.type = TYPE_U16, .words = 1, .scale = 1, .min = 1, .max = 0,
};

static const uint16_t order[] = { 0, 1, 2, 3 };

static struct profile of(const struct point *points, size_t n)
{
	return (struct profile){
		.name = "t", .title = "t", .source = "", .origin = "t.yaml",
		.points = points, .npoints = n, .by_key = order,
		.read_most = 125, .write_most = 123,
	};
}

/* Runs the check and looks for one finding that says LIKE (NULL: none). */
static void finds(const struct profile *p, const char *like)
{
	struct check c;
	struct err e;

	assert_int_equal(profile_check(p, &c, &e), 0);
	if (!like && c.n)
		fail_msg("unexpected: %s", c.list[0].text);
	if (like && (c.n != 1 || !strstr(c.list[0].text, like)))
		fail_msg("%zu findings, first '%s', not '%s'", c.n,
			 c.n ? c.list[0].text : "", like);
	check_release(&c);
}

static void built_in_profiles_hold(void **state)
{
	const struct profile *p;

	(void)state;
	assert_non_null(profile_builtin(1));
	for (size_t i = 0; (p = profile_builtin(i)); i++) {
		struct check c;
		struct err e;

		assert_int_equal(profile_check(p, &c, &e), 0);
		for (size_t k = 0; k < c.n; k++)
			print_error("%s:%d: %s\n", p->name, c.list[k].line, c.list[k].text);
		assert_int_equal(c.n, 0);
		assert_true(c.vectors > 0 && c.values > 0);
		check_release(&c);
	}
}

/* Somebody must have said what every point of a shipped profile reads as. */
static void every_point_stands_in_a_vector(void **state)
{
	const struct profile *p;

	(void)state;
	for (size_t i = 0; (p = profile_builtin(i)); i++) {
		for (size_t k = 0; k < p->npoints; k++) {
			const struct point *q = &p->points[k];
			size_t len = strlen(q->key);
			bool found = q->flags & (POINT_DERIVED | POINT_REPEAT);

			/* of an array a few elements will do: they share a row */
			if (strncmp(q->key, "harmonic.", 9) == 0)
				len = strcspn(q->key, "0123456789");
			for (size_t v = 0; v < p->nvectors && !found; v++)
				for (size_t x = 0; x < p->vectors[v].nexpect && !found; x++) {
					const char *s = p->vectors[v].expect[x];

					found = strncmp(s, q->key, len) == 0
					     && (q->key[len] || s[len] == '=');
				}
			if (!found)
				fail_msg("%s: no vector for '%s'", p->name, q->key);
		}
	}
}

static void overlaps(void **state)
{
	struct point p[3] = { plain, plain, plain };
	struct profile t = of(p, 3);

	(void)state;
	p[0].key = "a";
	p[0].type = TYPE_HEX;
	p[0].words = 4;
	p[0].addr = 10;
	p[1].key = "b";
	p[1].addr = 14;
	p[2].key = "c";
	p[2].addr = 20;
	finds(&t, NULL);
	p[2].addr = 12;		/* inside the first, not beside it */
	finds(&t, "'a' (0x000A, 4 words) and 'c' (0x000C) overlap");
	p[2].space = SPACE_INPUT;
	finds(&t, NULL);
	p[2].space = SPACE_HOLDING;
	p[2].flags = POINT_DERIVED;
	p[2].type = TYPE_BIT;
	finds(&t, NULL);
}

/* Words of a setting may be shown one by one beside the whole. */
static void parts(void **state)
{
	struct point p[4] = { plain, plain, plain, plain };
	struct profile t = of(p, 4);

	(void)state;
	p[0].key = "w1";
	p[0].addr = 10;
	p[0].flags = POINT_PART;
	p[1].key = "whole";
	p[1].type = TYPE_HEX;
	p[1].addr = 10;
	p[1].words = 2;
	p[2].key = "w2";
	p[2].addr = 11;
	p[2].flags = POINT_PART;
	p[3].key = "beside";
	p[3].addr = 12;
	finds(&t, NULL);
	p[3].addr = 11;
	finds(&t, "'whole' (0x000A, 2 words) and 'beside' (0x000B) overlap");
	p[3].flags = POINT_PART;
	finds(&t, "and 'beside' (0x000B) overlap");
	p[3].addr = 12;
	finds(&t, "'beside' (0x000C) is part of no point");
	p[3].flags = 0;
	p[2].words = 2;
	p[2].type = TYPE_U32;
	finds(&t, "'w2' (0x000B) is part of no point");
}

static void what_no_request_carries(void **state)
{
	struct point p[1] = { plain };
	struct profile t = of(p, 1);

	(void)state;
	p[0].key = "a";
	p[0].type = TYPE_HEX;
	p[0].words = 3;
	t.read_most = 2;
	finds(&t, "takes 3 words, a read carries 2");
	t.read_most = 3;
	t.write_most = 2;
	finds(&t, NULL);
	p[0].flags = POINT_WRITABLE;
	finds(&t, "takes 3 words, a write carries 2");
	t.write_most = 3;
	p[0].space = SPACE_INPUT;
	finds(&t, "writable but an input register");
}

static void twice_the_same(void **state)
{
	static const struct choice choices[] = { { 1, "on" }, { 1, "off" } };
	static const struct bit bits[] = { { 3, "x", "a.x" }, { 3, "y", "a.y" } };
	struct point p[1] = { plain };
	struct profile t = of(p, 1);

	(void)state;
	p[0].key = "a";
	p[0].choices = choices;
	p[0].nchoices = 2;
	finds(&t, "choices 1=on and 1=off are not distinct");
	p[0].nchoices = 0;
	p[0].type = TYPE_BITS;
	p[0].bits = bits;
	p[0].nbits = 2;
	finds(&t, "bits 3=x and 3=y are not distinct");
}

static void vectors(void **state)
{
	static const uint16_t regs[] = { 2305 };
	static const char *right[] = { "a=230.5" }, *wrong[] = { "a=230.6" },
		*unknown[] = { "z=1" };
	struct point p[1] = { plain };
	struct vector v = { .addr = 20, .regs = regs, .nregs = 1, .expect = right,
			    .nexpect = 1, .line = 7 };
	struct profile t = of(p, 1);

	(void)state;
	p[0].key = "a";
	p[0].addr = 20;
	p[0].scale = 0.1;
	p[0].decimals = 1;
	t.vectors = &v;
	t.nvectors = 1;
	finds(&t, NULL);
	v.expect = wrong;
	finds(&t, "a is 230.5, the vector says 230.6");
	v.expect = unknown;
	finds(&t, "unknown key 'z'");
	v.expect = right;
	v.addr = 19;
	finds(&t, "does not hold 'a' (0x0014, 1 word)");
	v.addr = 20;
	v.space = SPACE_INPUT;
	finds(&t, "does not hold 'a'");
}

/* A setting out of its range reads well but could not be put back. */
static void settings_go_both_ways(void **state)
{
	static const uint16_t regs[] = { 248 };
	static const char *expect[] = { "a=248" };
	struct point p[1] = { plain };
	struct vector v = { .regs = regs, .nregs = 1, .expect = expect, .nexpect = 1 };
	struct profile t = of(p, 1);

	(void)state;
	p[0].key = "a";
	p[0].min = 1;
	p[0].max = 247;
	t.vectors = &v;
	t.nvectors = 1;
	finds(&t, NULL);
	p[0].flags = POINT_WRITABLE;
	finds(&t, "a=248 cannot be written");
}

static void roles(void **state)
{
	struct point list[2];
	struct profile t = of(list, 2);

	(void)state;
	list[0] = list[1] = plain;
	list[0].key = "a";
	list[1].key = "b";
	list[1].addr = 1;
	list[0].role = list[1].role = POINT_ROLE_ABSOLUTE;
	finds(&t, "'b' has the role wiring.absolute, which 'a' has");
	list[1].role = POINT_ROLE_UPLINK;
	finds(&t, NULL);
	list[1].role = POINT_ROLE_INVERT_B;
	finds(&t, "'b' has the role wiring.invert.b and is not writable");
	list[1].flags = POINT_WRITABLE;
	finds(&t, NULL);
	list[1].type = TYPE_BITS;
	finds(&t, "'b' has the role wiring.invert.b and is of type bits");
	list[1].role = POINT_ROLE_VERDICT;
	finds(&t, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_profiles_hold),
		cmocka_unit_test(every_point_stands_in_a_vector),
		cmocka_unit_test(overlaps),
		cmocka_unit_test(roles),
		cmocka_unit_test(parts),
		cmocka_unit_test(what_no_request_carries),
		cmocka_unit_test(twice_the_same),
		cmocka_unit_test(vectors),
		cmocka_unit_test(settings_go_both_ways),
	};

	return UNIT_RUN(tests);
}
