/* `profile show`, `list` and `check` as a person and as a script see them. */
#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/profile_print.h"
#include "cmd/profile_table.h"

static const struct profile *adw300(void)
{
	return profile_builtin_named("adw300");
}

/* What profile_print() writes for WORD (NULL: the whole profile); free it. */
static char *shown(const char *format, const char *word)
{
	struct printer out;
	struct selection sel = { 0 };
	struct err e;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	if (word)
		assert_int_equal(profile_select(adw300(), word, &sel, &e), 0);
	printer_init(&out, f, format_find(format, NULL), false);
	assert_int_equal(profile_print(&out, adw300(), word ? &sel : NULL, &e), 0);
	fclose(f);
	selection_release(&sel);
	return text;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static void table_has_a_row_for_everything(void **state)
{
	char *t = shown("table", NULL);
	size_t rows = 0;

	(void)state;
	has(t, "0x0014    20   1 hold  u16      x0.1   V     r  pt      voltage.a   Voltage phase A\n");
	has(t, " 30 hold  u16      x0.01  %     r        ? harmonic.current.c.2-31  Current harmonic phase C\n");
	has(t, "Monthly history [history], 12 times every 0x0100: KEY, KEY@1 to KEY@11\n");
	/* p: public sources; ?: two readings */
	has(t, "rw      p? tou.table1");
	for (const char *s = t; (s = strstr(s, "\n  0x")); s++)
		rows++;
	/* the rows of the register map, arrays as one; the seasons as a whole, and
	 * the twelve of the uplink */
	assert_int_equal(rows, 375 + 1 + 12);
	free(t);
}

static void detail_says_what_a_writer_must_know(void **state)
{
	char *t = shown("table", "comm.baud");

	(void)state;
	has(t, "register   0x0001 (1), 1 word, holding, read by function 03\n");
	has(t, "4 = 9600\n");
	has(t, "changes the link");
	has(t, "ambiguous  code 2 is printed as 3400");
	free(t);
	t = shown("table", "power.active.a");
	has(t, "primary    x PT x CT\n");
	has(t, "value      raw x 0.001 in kW\n");
	free(t);
	t = shown("table", "alarm1.enable");
	has(t, " 1 = undervoltage           alarm1.enable.undervoltage\n");
	free(t);
	t = shown("table", "security.code");
	has(t, "range      0 to 9999\n");
	has(t, "secret");
	free(t);
	for (const char *s = t = shown("table", "tou"); *s; s += strcspn(s, "\n") + 1)
		assert_true(strcspn(s, "\n") <= 80);
	free(t);
}

static json_t *parsed(char *text)
{
	json_error_t why;
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (!j)
		fail_msg("%s: %s", why.text, text);
	free(text);
	return j;
}

static void json_has_every_point(void **state)
{
	json_t *j = parsed(shown("json", NULL)), *p;
	const char *key, *type, *unit;
	int address, words;
	double scale;

	(void)state;
	assert_string_equal(json_string_value(json_object_get(j, "schema")), "meterctl.profile/1");
	assert_int_equal(json_array_size(json_object_get(j, "points")),
			 profile_count(adw300()));
	json_decref(j);
	j = parsed(shown("json", "temperature.n"));
	p = json_array_get(json_object_get(j, "points"), 0);
	assert_int_equal(json_unpack(p, "{s:s, s:s, s:s, s:i, s:i, s:F}", "key", &key,
		"type", &type, "unit", &unit, "address", &address, "words", &words,
		"scale", &scale), 0);
	assert_string_equal(key, "temperature.n");
	assert_string_equal(type, "i16");
	assert_string_equal(unit, "degC");
	assert_int_equal(address, 16);
	assert_int_equal(words, 1);
	assert_true(scale > 0.0999 && scale < 0.1001);
	assert_true(json_real_value(json_object_get(p, "min")) < -39.9);
	json_decref(j);
}

static void csv_is_square(void **state)
{
	char *t = shown("csv", NULL);
	size_t columns = 0, rows = 0, n = 1;
	bool quoted = false;

	(void)state;
	for (const char *s = t; *s; s++) {
		if (*s == '"')
			quoted = !quoted;
		if (*s == ',' && !quoted)
			n++;
		if (*s == '\n' && !quoted) {
			if (rows++ == 0)
				columns = n;
			assert_int_equal(n, columns);
			assert_int_equal(s[-1], '\r');
			n = 1;
		}
	}
	assert_int_equal(rows, 1 + profile_count(adw300()));
	free(t);
}

/* An overlay keeps what it does not name, and its vectors are its own. */
static void overlay(void **state)
{
	struct err e = { 0 };
	const struct profile *p = profile_open("tests/data/overlay.yaml", &e);
	const struct point *q;
	struct check c;

	(void)state;
	if (!p)
		fail_msg("%s", e.text);
	assert_int_equal(profile_check(p, &c, &e), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(c.vectors, 3);
	check_release(&c);
	assert_int_equal(p->npoints, adw300()->npoints + 1);
	q = &p->points[profile_find(p, "signal.strength")];
	assert_string_equal(q->unit, "dBm");
	assert_int_equal(q->type, TYPE_I16);
	assert_int_equal(q->addr, 0x1BF);
	assert_int_equal(p->points[profile_find(p, "do.1.source")].nchoices, 2);
	assert_int_equal(p->points[profile_find(p, "do.2.source")].nchoices, 6);
	assert_int_equal(p->nlive, 8);
	profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_has_a_row_for_everything),
		cmocka_unit_test(detail_says_what_a_writer_must_know),
		cmocka_unit_test(json_has_every_point),
		cmocka_unit_test(csv_is_square),
		cmocka_unit_test(overlay),
	};

	return UNIT_RUN(tests);
}
