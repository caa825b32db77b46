/* What was learned about meters, kept in a file (src/modbus/lines.h). */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "modbus/lines.h"
#include "temp.h"

static const struct lines_entry full = {
	.date = "2026-11-30", .most = { 20, 64 }, .pause_ms = 150, .nrefused = 2,
	.refused = {
		{ SPACE_HOLDING, 0x63, 2, true, 0 },
		{ SPACE_INPUT, 0xFFFE, 1, false, 0 },
	},
};

static const char *file(void)
{
	static char path[TEMP_PATH];

	temp_path(path, "lines.yaml");
	unlink(path);
	return path;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* An entry comes back as it was kept, and another meter's is not it. */
static void kept(void **state)
{
	const char *path = file();
	struct lines_entry got;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(lines_load(path, "tcp:h", &got, &e), 0);
	assert_int_equal(got.nrefused, 0);
	assert_int_equal(lines_save(path, "rtu:/dev/a b?unit=5", &full, &e), 0);
	assert_int_equal(lines_load(path, "rtu:/dev/a b?unit=5", &got, &e), 0);
	assert_true(lines_same(&got, &full));
	assert_string_equal(got.date, full.date);
	assert_int_equal(lines_load(path, "rtu:/dev/a b?unit=6", &got, &e), 0);
	assert_false(lines_same(&got, &full));
	assert_string_equal(got.date, "");
}

static void differ(void **state)
{
	struct lines_entry a = full;

	(void)state;
	a.date[0] = '1';
	assert_true(lines_same(&a, &full));
	a = full;
	a.most[1]++;
	assert_false(lines_same(&a, &full));
	a = full;
	a.pause_ms = 0;
	assert_false(lines_same(&a, &full));
	a = full;
	a.nrefused--;
	assert_false(lines_same(&a, &full));
	a = full;
	a.refused[0].silent = false;
	assert_false(lines_same(&a, &full));
	a = full;
	a.refused[1].code = 2;
	assert_false(lines_same(&a, &full));
	a = full;
	a.refused[1].words = 2;
	assert_false(lines_same(&a, &full));
	a = full;
	a.refused[1].space = SPACE_HOLDING;
	assert_false(lines_same(&a, &full));
}

/* What is kept anew takes the place of what was there; nothing learned, no entry. */
static void replaced(void **state)
{
	const char *path = file();
	struct lines_entry less = { .date = "2026-12-01", .pause_ms = 100 }, none = { .date = "2026-12-02" }, got;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(lines_save(path, "tcp:a", &full, &e), 0);
	assert_int_equal(lines_save(path, "tcp:b", &full, &e), 0);
	assert_int_equal(lines_save(path, "tcp:a", &less, &e), 0);
	assert_int_equal(lines_load(path, "tcp:a", &got, &e), 0);
	assert_true(lines_same(&got, &less));
	assert_int_equal(lines_load(path, "tcp:b", &got, &e), 0);
	assert_true(lines_same(&got, &full));
	assert_int_equal(lines_save(path, "tcp:a", &none, &e), 0);
	assert_int_equal(lines_load(path, "tcp:a", &got, &e), 0);
	assert_string_equal(got.date, "");
	assert_int_equal(lines_load(path, "tcp:b", &got, &e), 0);
	assert_true(lines_same(&got, &full));
}

/* The profile is found out by another than the rest: either is kept without the other. */
static void profile_stays(void **state)
{
	const char *path = file();
	struct lines_entry found = { .date = "2026-12-01", .profile = "em24-e1" }, got, none = { .date = "2026-12-02" };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(lines_save(path, "tcp:a", &found, &e), 0);
	assert_int_equal(lines_save(path, "tcp:a", &full, &e), 0);
	assert_int_equal(lines_load(path, "tcp:a", &got, &e), 0);
	assert_string_equal(got.profile, "em24-e1");
	got.profile[0] = '\0';
	assert_true(lines_same(&got, &full));
	assert_int_equal(lines_save(path, "tcp:a", &none, &e), 0);
	assert_int_equal(lines_load(path, "tcp:a", &got, &e), 0);
	assert_true(lines_same(&got, &found));
	assert_int_equal(lines_load(path, "tcp:b", &got, &e), 0);
	assert_string_equal(got.profile, "");
}

/* Beyond LINES_MAX the oldest goes. */
static void oldest_goes(void **state)
{
	const char *path = file();
	struct lines_entry one = full, got;
	struct err e = { 0 };
	char name[24];

	(void)state;
	for (int i = 0; i <= LINES_MAX; i++) {
		snprintf(name, sizeof(name), "tcp:m%d", i);
		snprintf(one.date, sizeof(one.date), "20%02d-01-01", i == 7 ? 10 : 20 + i / 10);
		assert_int_equal(lines_save(path, name, &one, &e), 0);
	}
	assert_int_equal(lines_load(path, "tcp:m7", &got, &e), 0);
	assert_string_equal(got.date, "");
	assert_int_equal(lines_load(path, "tcp:m0", &got, &e), 0);
	assert_string_equal(got.date, "2020-01-01");
	assert_int_equal(lines_load(path, name, &got, &e), 0);
	assert_string_equal(got.date, one.date);
}

/* A file that is not ours is named, and left as it is. */
static void spoiled(void **state)
{
	static const struct { const char *text, *says; } rows[] = {
		{ "- 1\n", "expected 'TARGET:'" },
		{ "tcp:h: 1\n", "expected 'date:'" },
		{ "tcp:h: {colour: red}\n", "unknown 'colour'" },
		{ "tcp:h: {most: {coil: 3}}\n", "'coil' is not holding or input" },
		{ "tcp:h: {most: {holding: 126}}\n", "from 1 to 125" },
		{ "tcp:h: {pause: 1001}\n", "from 1 to 1000" },
		{ "tcp:h: {refused: [[holding, 1, 1]]}\n", "expected [holding or input" },
		{ "tcp:h: {refused: [[holding, 65535, 2, silent]]}\n", "from 1 to 1" },
		{ "tcp:h: {refused: [[holding, 1, 1, 256]]}\n", "from 0 to 255" },
	};
	const char *path = file();
	struct lines_entry got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err e = { 0 };

		write_text(path, rows[i].text);
		assert_int_equal(lines_load(path, "tcp:h", &got, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_non_null(strstr(e.text, "lines.yaml:"));
		assert_non_null(strstr(e.text, rows[i].says));
		assert_int_equal(lines_save(path, "tcp:h", &full, &e), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(differ),
		cmocka_unit_test(replaced), cmocka_unit_test(profile_stays),
		cmocka_unit_test(oldest_goes),
		cmocka_unit_test(spoiled),
	};

	return UNIT_RUN(tests);
}
