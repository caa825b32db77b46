/* Option rows: every kind fills its field and no other, and a mistake leaves it as it was. */
#include "unit.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

enum fruit { FRUIT_APPLE, FRUIT_PEAR };

struct basket {
	bool peeled, washed;
	int times, mode, number;
	double weight, span;
	const char *name;
	enum fruit fruit;
	struct word { char text[16]; } word;
};

static int take_word(const char *arg, void *field, struct err *e)
{
	if (strlen(arg) > 15)
		return err_set(e, ERR_USAGE, "'%s' is too long", arg);
	strcpy(((struct word *)field)->text, arg);
	return 0;
}

static const struct opt rows[] = {
	OPT_FLAG('p', "peeled", struct basket, peeled, "flag"),
	OPT_FLAG(0, "washed", struct basket, washed, "flag"),
	OPT_COUNT('v', "times", struct basket, times, "count"),
	OPT_CONSTANT(0, "all", struct basket, mode, 7, "constant"),
	OPT_NUMBER('n', "number", "N", struct basket, number, 1, 12, "number of things", "number"),
	OPT_NUMBER(0, "many", "N", struct basket, number, 1, OPT_ANY, "number of things", "number"),
	OPT_REAL('w', "weight", "KG", struct basket, weight, DBL_MIN, 5, "weight (above 0, to 5)", "real"),
	OPT_TEXT(0, "name", "NAME", NULL, struct basket, name, "text"),
	OPT_CHOICE('f', "fruit", "KIND", "apple pear", enum fruit, struct basket, fruit, "fruit", "choice"),
	OPT_SPAN(0, "span", struct basket, span, "time"),
	OPT_CALL(0, "word", "WORD", NULL, struct word, struct basket, word, take_word, "call"),
};
#define NROWS (sizeof(rows) / sizeof(*rows))

static struct basket basket;

static int give(const char *name, const char *arg, const char *why)
{
	struct err e = { 0 };
	int rc = opt_take(opt_named(rows, NROWS, name, strlen(name)), &basket, arg, &e);

	assert_string_equal(e.text, why);
	assert_int_equal(e.code, rc ? ERR_USAGE : ERR_NONE);
	return rc;
}

static void test_spans(void **state)
{
	static const struct { const char *text; double s; } good[] = {
		{ "90", 90 }, { "90s", 90 }, { "5m", 300 }, { "1h", 3600 }, { "1.5h", 5400 }, { "0.5", 0.5 }, { "8760h", 31536000 },
	};
	static const char *const bad[] = {
		"", "s", "0", "0s", "-5", "5d", "5 m", "m5", "1h30m", "nan", "inf", "8761h", "1e99h", "5ms",
		"00000000000000000000000000000000000005s",
	};
	char why[120];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		give("span", good[i].text, "");
		if (!(basket.span > good[i].s - 1e-6 && basket.span < good[i].s + 1e-6))
			fail_msg("%s: %.9f", good[i].text, basket.span);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(why, sizeof(why), "'%s': not a time (write seconds, or like 90s, 5m, 1h)", bad[i]);
		give("span", bad[i], why);
	}
	assert_true(basket.span > 31535999);
}

static int begin(void **state)
{
	(void)state;
	basket = (struct basket){ .number = 3, .weight = 1, .fruit = FRUIT_PEAR };
	return 0;
}

static void test_kinds(void **state)
{
	(void)state;
	assert_int_equal(give("peeled", NULL, ""), 0);
	assert_true(basket.peeled && !basket.washed);
	give("times", NULL, "");
	give("times", NULL, "");
	assert_int_equal(basket.times, 2);
	give("all", NULL, "");
	assert_int_equal(basket.mode, 7);
	give("number", "12", "");
	assert_int_equal(basket.number, 12);
	give("many", "1000000000", "");
	assert_int_equal(basket.number, 1000000000);
	give("weight", "4.5", "");
	assert_true(basket.weight > 4.4 && basket.weight < 4.6);
	give("name", "x", "");
	assert_string_equal(basket.name, "x");
	give("fruit", "apple", "");
	assert_int_equal(basket.fruit, FRUIT_APPLE);
	give("word", "hello", "");
	assert_string_equal(basket.word.text, "hello");
}

static void test_mistakes(void **state)
{
	(void)state;
	give("number", "13", "'13' is no number of things (1 to 12)");
	give("number", "", "'' is no number of things (1 to 12)");
	give("many", "0", "'0' is no number of things (1 or more)");
	assert_int_equal(basket.number, 3);
	give("weight", "0", "'0' is no weight (above 0, to 5)");
	give("weight", "nan", "'nan' is no weight (above 0, to 5)");
	give("weight", "5.1", "'5.1' is no weight (above 0, to 5)");
	assert_true(basket.weight > 0.9 && basket.weight < 1.1);
	give("fruit", "app", "'app' is no fruit (one of: apple, pear)");
	give("fruit", "apple pear", "'apple pear' is no fruit (one of: apple, pear)");
	assert_int_equal(basket.fruit, FRUIT_PEAR);
	give("word", "0123456789abcdef", "'0123456789abcdef' is too long");
}

/* As opt_take(), but every option has a value. */
static void test_set(void **state)
{
	static const struct {
		const char *name, *value, *back, *why;
	} set[] = {
		{ "peeled", "yes", "yes", "" }, { "peeled", "FALSE", "no", "" },
		{ "peeled", "1", "no", "'1' is neither yes nor no" }, { "peeled", "", "no", "'' is neither yes nor no" },
		{ "times", "4", "4", "" }, { "times", "0", "0", "" }, { "times", "10", "0", "'10' is no number from 0 to 9" },
		{ "all", "no", "no", "" }, { "all", "yes", "yes", "" }, { "all", "7", "yes", "'7' is neither yes nor no" },
		{ "number", "12", "12", "" }, { "number", "13", "12", "'13' is no number of things (1 to 12)" },
		{ "weight", "2.5", "2.5", "" }, { "weight", "6", "2.5", "'6' is no weight (above 0, to 5)" },
		{ "name", "x y", "x y", "" },
		{ "fruit", "apple", "apple", "" }, { "fruit", "pear", "pear", "" }, { "fruit", "plum", "pear", "'plum' is no fruit (one of: apple, pear)" },
		{ "word", "hello", "", "" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(set) / sizeof(*set); i++) {
		const struct opt *o = opt_named(rows, NROWS, set[i].name, strlen(set[i].name));
		struct err e = { 0 };

		assert_int_equal(opt_set(o, &basket, set[i].value, &e), *set[i].why ? -1 : 0);
		assert_string_equal(e.text, set[i].why);
		assert_string_equal(opt_value(o, &basket, buf, sizeof(buf)), set[i].back);
	}
	assert_string_equal(basket.word.text, "hello");
	basket.number = 0;
	assert_string_equal(opt_value(&rows[4], &basket, buf, sizeof(buf)), "");
}

static void test_found(void **state)
{
	(void)state;
	assert_ptr_equal(opt_letter(rows, NROWS, 'n'), opt_named(rows, NROWS, "number", 6));
	assert_null(opt_letter(rows, NROWS, 'x'));
	assert_null(opt_named(rows, NROWS, "numbe", 5));
	assert_null(opt_named(rows, NROWS, "numbers", 7));
}

/* A command's options are of one invocation, and what was given is known. */
static void test_invocation(void **state)
{
	char *first[] = { (char *)"meterctl", (char *)"-v", (char *)"watch", (char *)"-n5", (char *)"-i", (char *)"2", NULL };
	char *second[] = { (char *)"meterctl", (char *)"watch", (char *)"voltage", NULL };
	const struct cmd *cmd;
	struct err e = { 0 };
	struct app a;
	void *own;
	int n = 6;

	(void)state;
	app_init(&a);
	assert_int_equal(cmd_parse(&a, &n, first, &cmd, &e), 0);
	assert_ptr_equal(cmd, &cmd_watch);
	assert_int_equal(n, 0);
	assert_int_equal(a.verbose, 1);
	assert_int_equal(a.ngiven, 3);
	assert_string_equal(a.given[1]->name, "count");
	cmd_release(&a);
	own = calloc(1, cmd->own_size);
	assert_non_null(own);
	cmd->defaults(own);
	n = 3;
	app_init(&a);
	assert_int_equal(cmd_parse(&a, &n, second, &cmd, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(a.ngiven, 0);
	assert_memory_equal(a.own, own, cmd->own_size);
	cmd_release(&a);
	free(own);
}

/* No letter or name twice: the one behind could not be given. */
static void test_tables(void **state)
{
	(void)state;
	/* of a saved connection it is not an option */
	assert_null(opt_named(app_options, napp_options, "target", 6));
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];

		assert_true(c->nopts == 0 || c->own_size > 0);
		for (size_t k = 0; k < c->nopts; k++) {
			const struct opt *o = &c->opts[k];

			assert_true(o->at + o->size <= c->own_size && o->size > 0);
			assert_int_equal(o->arg == NULL, o->kind <= OPT_KIND_CONSTANT);
			assert_ptr_equal(opt_named(c->opts, c->nopts, o->name, strlen(o->name)), o);
			assert_null(opt_named(app_options, napp_options, o->name, strlen(o->name)));
			assert_true(!o->letter || !opt_letter(app_options, napp_options, o->letter));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_kinds, begin),
		cmocka_unit_test_setup(test_spans, begin),
		cmocka_unit_test_setup(test_mistakes, begin),
		cmocka_unit_test_setup(test_set, begin),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_invocation),
		cmocka_unit_test(test_tables),
	};

	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
	return UNIT_RUN(tests);
}
