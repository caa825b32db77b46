/* Columns and rows, said once, in every format. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/printer.h"
#include "unit.h"

static const struct column columns[] = {
	{ "name", .in = IN_ALL, .width = -1, .most = 6, .after = "|", .title = "who" },
	{ "n", .in = IN_ALL, .width = 3, .none = "--", .title = "n" },
	{ "x", .in = IN_DATA },
	{ "yes", .in = IN_JSON, .optional = true },
	{ NULL, .in = IN_TABLE, .before = "  [", .after = "]" },
	{ "more", .in = IN_DOCUMENT },
	{ "only", .in = IN_CELLS },
};
static const struct listing one = { "meterctl.toy/1", "toys", columns, sizeof(columns) / sizeof(*columns), false, false };
static const struct listing endless = { NULL, NULL, columns, sizeof(columns) / sizeof(*columns), false, true };
static const struct listing headless = { "meterctl.toy/1", "toys", columns + 4, 1, false, false };

static struct printer p;
static char *text;
static size_t size;
static FILE *f;

static void begin(const char *format, const struct listing *l)
{
	f = open_memstream(&text, &size);
	printer_init(&p, f, format_find(format, NULL), false);
	assert_int_equal(printer_begin(&p, l, json_pack("{s:s}", "head", "h"), NULL), 0);
}

/* Three rows: all there, nothing there, and one for some forms only. */
static void rows(void)
{
	struct cell a[] = { cell_text("a\"b,c"), cell_integer(7), cell_real(1.26, 1), cell_bool(true),
			    cell_text("note"), cell_json(json_pack("[i]", 1)), cell_text("=1") };
	struct cell b[7] = { cell_text("long enough") };
	struct cell c[7] = { cell_some(""), cell_integer(-1), cell_real((double)NAN, 1) };

	assert_int_equal(printer_row(&p, a, NULL), 0);
	printer_note(&p, "%d so far", 1);
	assert_int_equal(printer_row(&p, b, NULL), 0);
	assert_int_equal(printer_row_in(&p, IN_LINES | IN_CELLS, c, NULL), 0);
}

static void over(const char *want)
{
	assert_int_equal(printer_end(&p, json_pack("{s:s}", "tail", "t"), NULL), 0);
	fclose(f);
	assert_string_equal(text, want);
	free(text);
}

static void document(void **state)
{
	(void)state;
	begin("json", &one);
	rows();
	assert_int_equal(ftell(f), 0);
	over("{\"schema\":\"meterctl.toy/1\",\"head\":\"h\",\"toys\":["
	     "{\"name\":\"a\\\"b,c\",\"n\":7,\"x\":1.3,\"yes\":true,\"more\":[1]},"
	     "{\"name\":\"long enough\",\"n\":null,\"x\":null,\"more\":null}],\"tail\":\"t\"}\n");
}

#define LINES "{\"name\":\"a\\\"b,c\",\"n\":7,\"x\":1.3,\"yes\":true}\n" \
	"{\"name\":\"long enough\",\"n\":null,\"x\":null}\n"

static void lines(void **state)
{
	(void)state;
	begin("jsonl", &one);
	rows();
	over(LINES "{\"name\":null,\"n\":-1,\"x\":null}\n");
	/* a document that would never end */
	begin("json", &endless);
	rows();
	assert_int_equal(printer_flush(&p, NULL), 0);
	assert_string_equal(text, LINES);
	over(LINES);
}

static void cells(void **state)
{
	(void)state;
	begin("csv", &one);
	rows();
	over("name,n,x,only\r\n\"a\"\"b,c\",7,1.3,\"'=1\"\r\nlong enough,,,\r\n,-1,,\r\n");
}

/* A cell that is wider than what counts makes its column no wider, and a note ends what is
 * measured together. The head belongs to the first round. */
static void table(void **state)
{
	(void)state;
	begin("table", &one);
	rows();
	over("who  |  n\na\"b,c|  7  [note]\n1 so far\nlong enough| --\n");
	begin("table", &one);
	assert_int_equal(printer_row(&p, (struct cell[7]){ cell_text("a") }, NULL), 0);
	assert_int_equal(printer_row(&p, (struct cell[7]){ cell_text("\xc3\xa4\xc3\xa4\xc3\xa4") }, NULL), 0);
	assert_int_equal(ftell(f), 0);	/* the head is as wide as the first round */
	assert_int_equal(printer_flush(&p, NULL), 0);
	over("who|  n\na  | --\n\xc3\xa4\xc3\xa4\xc3\xa4| --\n");
	/* where nothing is measured a row is printed as it comes */
	begin("table", &headless);
	assert_int_equal(printer_row(&p, (struct cell[1]){ cell_text("x") }, NULL), 0);
	fflush(f);
	assert_string_equal(text, "  [x]\n");
	assert_int_equal(printer_row(&p, (struct cell[1]){ { .kind = CELL_INTEGER, .integer = 1, .shown = "one" } }, NULL), 0);
	over("  [x]\n  [one]\n");
}

static void nothing(void **state)
{
	static const char *const empty[][2] = {
		{ "table", "" }, { "jsonl", "" }, { "csv", "name,n,x,only\r\n" },
		{ "json", "{\"schema\":\"meterctl.toy/1\",\"head\":\"h\",\"toys\":[],\"tail\":\"t\"}\n" },
		{ "influx", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		begin(empty[i][0], &one);
		over(empty[i][1]);
	}
	assert_int_equal(sizeof(empty) / sizeof(*empty), 5);
	assert_null(formats[5]);
}

static void dropped(void **state)
{
	(void)state;
	for (size_t i = 0; formats[i]; i++) {
		begin(formats[i]->name, &one);
		rows();
		printer_drop(&p);
		printer_drop(&p);
		fclose(f);
		free(text);
	}
}

static void what_is_no_text(void **state)
{
	struct err e;

	(void)state;
	begin("json", &one);
	assert_int_equal(printer_row(&p, (struct cell[7]){ cell_text("\xff") }, &e), -1);
	printer_drop(&p);
	fclose(f);
	free(text);
	f = open_memstream(&text, &size);
	printer_init(&p, f, format_find("json", NULL), false);
	assert_int_equal(printer_begin(&p, &one, NULL, &e), -1);
	assert_string_equal(e.text, "out of memory for JSON");
	fclose(f);
	free(text);
}

static void full_disk(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; formats[i]; i++) {
		FILE *full = fopen("/dev/full", "w");
		int rc;

		if (formats[i]->form == 0) {
			fclose(full);
			continue;
		}
		setvbuf(full, NULL, _IONBF, 0);
		printer_init(&p, full, formats[i], false);
		rc = printer_begin(&p, &one, json_object(), &e);
		rc = rc ? rc : printer_row(&p, (struct cell[7]){ cell_text("a") }, &e);
		rc = rc ? rc : printer_end(&p, json_object(), &e);
		assert_int_equal(rc, -1);
		assert_string_equal(e.text, "cannot write output: No space left on device");
		printer_drop(&p);
		fclose(full);
	}
}

static void names(void **state)
{
	struct err e;

	(void)state;
	assert_string_equal(FORMATS_SPACED, "table json jsonl csv influx");
	assert_string_equal(FORMATS_SPOKEN, "table, json, jsonl, csv or influx");
	assert_string_equal(format_default()->name, "table");
	assert_null(format_find("xml", &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.text, "'xml' is no format (one of: table, json, jsonl, csv, influx)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document),
		cmocka_unit_test(lines),
		cmocka_unit_test(cells),
		cmocka_unit_test(table),
		cmocka_unit_test(nothing),
		cmocka_unit_test(dropped),
		cmocka_unit_test(what_is_no_text),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(names),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return UNIT_RUN(tests);
}
