/* CSV files as people and spreadsheets write them: cells, where they are, what is refused. */
#include "temp.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "batch/sheet.h"

static char file[TEMP_PATH];

static void write_bytes(const char *bytes, size_t n)
{
	FILE *f = fopen(temp_path(file, "a.csv"), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* All rows: "text@line:column|..." and a line feed each. */
static void describe(const struct sheet *s, char *buf, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < s->nrows; i++)
		for (size_t k = 0; k < s->rows[i].n && at < size; k++)
			at += (size_t)snprintf(buf + at, size - at, "%s@%d:%d%s", s->rows[i].cells[k].text,
					       s->rows[i].cells[k].line, s->rows[i].cells[k].column,
					       k + 1 < s->rows[i].n ? "|" : "\n");
}

static void reads_bytes(const char *bytes, size_t n, const char *want)
{
	char got[1000] = "";
	struct sheet s;
	struct err e = { 0 };

	write_bytes(bytes, n);
	if (sheet_load(file, &s, &e))
		fail_msg("%s: %s", bytes, e.text);
	describe(&s, got, sizeof(got));
	assert_string_equal(got, want);
	sheet_release(&s);
}

#define READS(text, want) reads_bytes("" text, sizeof(text) - 1, want)

/* What is said of it, behind the file's name. */
static void refuses_bytes(const char *bytes, size_t n, const char *want)
{
	struct sheet s;
	struct err e = { 0 };

	write_bytes(bytes, n);
	if (sheet_load(file, &s, &e) == 0)
		fail_msg("taken: %s", bytes);
	sheet_release(&s);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, file));
	if (!strstr(e.text, want))
		fail_msg("%s\nis not in: %s", want, e.text);
}

#define REFUSES(text, want) refuses_bytes("" text, sizeof(text) - 1, want)

static void cells_and_where_they_are(void **state)
{
	(void)state;
	READS("a,b\n1,2\n", "a@1:1|b@1:3\n1@2:1|2@2:3\n");
	READS("a,b\n1,2", "a@1:1|b@1:3\n1@2:1|2@2:3\n");
	READS("a,,c\n,2,\n", "a@1:1|@1:3|c@1:4\n@2:1|2@2:2|@2:4\n");
	/* blanks around a cell are not its own */
	READS("a , b\n\" x \",y z\n", "a@1:1|b@1:4\n x @2:1|y z@2:7\n");
	/* rows may be of any length: who reads them says so */
	READS("a,b\n1\n1,2,3\n", "a@1:1|b@1:3\n1@2:1\n1@3:1|2@3:3|3@3:5\n");
}

static void columns_are_counted_in_characters(void **state)
{
	(void)state;
	READS("gr\xC3\xBC\xC3\x9F,\xE2\x82\xAC,x\n\xF0\x9F\x94\x8C;,y\n",
	      "gr\xC3\xBC\xC3\x9F@1:1|\xE2\x82\xAC@1:6|x@1:8\n\xF0\x9F\x94\x8C;@2:1|y@2:4\n");
}

static void any_line_end_is_one_line(void **state)
{
	(void)state;
	READS("a,b\r\n1,2\r\n3,4\r\n", "a@1:1|b@1:3\n1@2:1|2@2:3\n3@3:1|4@3:3\n");
	READS("a,b\r1,2\r3,4\r", "a@1:1|b@1:3\n1@2:1|2@2:3\n3@3:1|4@3:3\n");
	READS("a\r\n\r\n1\n\n\r2\r", "a@1:1\n1@3:1\n2@6:1\n");
	READS("a\r#c\n1\n", "a@1:1\n1@3:1\n");
}

static void byte_order_mark_is_no_character(void **state)
{
	(void)state;
	READS("\xEF\xBB\xBF" "a,b\n1,2\n", "a@1:1|b@1:3\n1@2:1|2@2:3\n");
	READS("\xEF\xBB\xBF" "\"a\";b\r\n1;2\r\n", "a@1:1|b@1:5\n1@2:1|2@2:3\n");
	READS("\xEF\xBB\xBF# c\na\n1\n", "a@2:1\n1@3:1\n");
}

static void separator_is_what_the_first_row_has(void **state)
{
	(void)state;
	READS("a;b\n1,5;2\n", "a@1:1|b@1:3\n1,5@2:1|2@2:5\n");
	READS("a,b\n1;5,2\n", "a@1:1|b@1:3\n1;5@2:1|2@2:5\n");
	READS("\"a,b,c\";d\n1;2\n", "a,b,c@1:1|d@1:9\n1@2:1|2@2:3\n");
	READS("# one, two, three\n\na;b\n1;2\n", "a@3:1|b@3:3\n1@4:1|2@4:3\n");
	READS("# one, two, three\r \ra;b\r1;2\r", "a@3:1|b@3:3\n1@4:1|2@4:3\n");
	READS(";;\na;b;c\n", "a@2:1|b@2:3|c@2:5\n");
	READS("a\n1,2;3\n", "a@1:1\n1@2:1|2;3@2:3\n");
}

static void quotes_hold_anything(void **state)
{
	(void)state;
	READS("a,b\n\"say \"\"hi\"\"\",\"1,2\"\n", "a@1:1|b@1:3\nsay \"hi\"@2:1|1,2@2:14\n");
	READS("a,b\n\"\",\"\"\nx,\"\"\n", "a@1:1|b@1:3\nx@3:1|@3:3\n");
	/* a cell of three lines, and what comes behind it */
	READS("a,b,c\n1,\"x\n#y\r\nz\",3\n4,5,6\n",
	      "a@1:1|b@1:3|c@1:5\n1@2:1|x\n#y\r\nz@2:3|3@4:4\n4@5:1|5@5:3|6@5:5\n");
	READS("a,b\n\"\n# no comment\",2\n", "a@1:1|b@1:3\n\n# no comment@2:1|2@3:15\n");
}

static void comments_and_blank_rows_are_no_rows(void **state)
{
	(void)state;
	READS("# first\na,b\n\n#x,\"y\n1,2\n   \n,\n\",\"\n , \n#end", "a@2:1|b@2:3\n1@5:1|2@5:3\n,@8:1\n");
	/* only at the beginning of a line, and not in quotes */
	READS("a,b\n1,#2\n\"#3\",4\n", "a@1:1|b@1:3\n1@2:1|#2@2:3\n#3@3:1|4@3:6\n");
}

static void what_is_no_such_file(void **state)
{
	(void)state;
	REFUSES("", "no row that names the columns");
	REFUSES("\xEF\xBB\xBF", "no row that names the columns");
	REFUSES("\n# nothing\n,,,\n", "no row that names the columns");
	REFUSES("a,b\n1,gr\xFC" "n\n", ":2:5: not UTF-8");
	REFUSES("\xFF\xFE" "a\0", ":1:1: not UTF-8");
	REFUSES("a,b\n1,\xC3", ":2:3: not UTF-8");
	REFUSES("a,b\n1,2\0\n", ":2:4: a NUL byte");
	REFUSES("a,b\n1,\"2\n3,4\n", ":2:3: the quote that begins this cell is not closed");
	REFUSES("a,b\n\"1", ":2:1: the quote that begins this cell is not closed");
	REFUSES("a,b\n1,2\"3\n", ":2:4: a quote within a cell");
	REFUSES("a,b\n1,\"2\"3\n", ":2:6: a quote within a cell");
	REFUSES("a,b\n\"\xC3\xBC\",\"2\" x\n", ":2:9: a quote within a cell");
}

static void the_longest_file(void **state)
{
	char *bytes = malloc(SHEET_BYTES + 1);
	struct sheet s;
	struct err e = { 0 };

	(void)state;
	assert_non_null(bytes);
	memset(bytes, '\n', SHEET_BYTES + 1);
	bytes[0] = 'a';
	bytes[SHEET_BYTES - 1] = '1';
	write_bytes(bytes, SHEET_BYTES);
	assert_int_equal(sheet_load(file, &s, &e), 0);
	assert_int_equal(s.nrows, 2);
	assert_int_equal(s.rows[1].line, SHEET_BYTES - 1);
	sheet_release(&s);
	refuses_bytes(bytes, SHEET_BYTES + 1, "longer than 16 MB");
	free(bytes);
}

static void files_that_cannot_be_read(void **state)
{
	struct sheet s;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(sheet_load(temp_path(file, "none.csv"), &s, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, "No such file"));
	sheet_release(&s);
	assert_int_equal(sheet_load(temp_path(file, ""), &s, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, "directory"));
	sheet_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_and_where_they_are),
		cmocka_unit_test(columns_are_counted_in_characters),
		cmocka_unit_test(any_line_end_is_one_line),
		cmocka_unit_test(byte_order_mark_is_no_character),
		cmocka_unit_test(separator_is_what_the_first_row_has),
		cmocka_unit_test(quotes_hold_anything),
		cmocka_unit_test(comments_and_blank_rows_are_no_rows),
		cmocka_unit_test(what_is_no_such_file),
		cmocka_unit_test(the_longest_file),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return UNIT_RUN(tests);
}
