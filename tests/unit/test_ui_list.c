/* The list widget: its keys, a cursor that stays on its item, finding, clicks. */
#include "screen_bench.h"
#include "ui/draw/list.h"
#include "ui/keys.h"

#define HEIGHT 5
#define ESC 27

static struct ui ui;
static struct list list;
static const char *rows[40];

static intptr_t item(const struct ui *u, const void *of, int row)
{
	(void)u;
	return (intptr_t)((const char *const *)of)[row];
}

static bool has(const struct ui *u, const void *of, int row, const char *text)
{
	(void)u;
	return strstr(((const char *const *)of)[row], text);
}

static const struct list_ops plain = { .has = has, .nowhere = "no row" };
static const struct list_ops by_item = { .item = item };
static const struct list_ops newest = { .item = item, .first_stays = true, .creeps = true };
static const struct list_ops pager = { .has = has, .nowhere = "no line", .scrolls = true };

/* Rows "a", "b", ... of OPS, N of them. */
static void begin(const struct list_ops *ops, int n)
{
	static char names[40][2];

	for (int i = 0; i < 40; i++) {
		names[i][0] = (char)('a' + i);
		rows[i] = names[i];
	}
	list_init(&list, ops, rows, 2);
	list_fit(&ui, &list, n, HEIGHT);
}

static int start(void **state)
{
	return bench_start(state) || bench_meter(&ui, "adw300") ? -1 : 0;
}

static int stop(void **state)
{
	bench_meter_free(&ui);
	return bench_stop(state);
}

/* KEY is the list's, and leads to row AT with TOP the first in sight. */
static void key(int k, int at, int top)
{
	assert_true(list_key(&ui, &list, k));
	assert_int_equal(list.at, at);
	assert_int_equal(list.top, top);
}

static void moves(void **state)
{
	(void)state;
	begin(&plain, 12);
	key(KEY_UP, 0, 0);
	key(KEY_DOWN, 1, 0);
	key('j', 2, 0);
	key('k', 1, 0);
	/* what is in sight goes as far as the cursor */
	key(KEY_NPAGE, 6, 5);
	key(' ', 11, 7);
	key(KEY_DOWN, 11, 7);
	key(KEY_PPAGE, 6, 2);
	key('g', 0, 0);
	key('G', 11, 7);
	key(KEY_HOME, 0, 0);
	key(KEY_END, 11, 7);
	for (int i = 10; i >= 7; i--)
		key(KEY_UP, i, 7);
	key(KEY_UP, 6, 6);
	assert_false(list_key(&ui, &list, 'x'));
	assert_false(list_key(&ui, &list, KEY_RIGHT));
}

static void few_rows(void **state)
{
	(void)state;
	begin(&plain, 3);
	key(KEY_NPAGE, 2, 0);
	key(KEY_END, 2, 0);
	key(KEY_PPAGE, 0, 0);
	begin(&plain, 0);
	assert_false(list_key(&ui, &list, KEY_DOWN));
	assert_false(list_key(&ui, &list, '/'));
	begin(&pager, 3);
	key(KEY_DOWN, 0, 0);
	key('G', 0, 0);
}

static void scrolls(void **state)
{
	(void)state;
	begin(&pager, 12);
	key(KEY_DOWN, 1, 1);
	key(KEY_NPAGE, 6, 6);
	key(KEY_END, 7, 7);
	key(KEY_DOWN, 7, 7);
	key('k', 6, 6);
	key(KEY_HOME, 0, 0);
	/* what is found is in sight, and the next one is sought behind it */
	key('/', 0, 0);
	key('k', 10, 7);
	key('\r', 10, 7);
	list_go(&ui, &list, 11);
	key('N', 10, 7);
	assert_false(list_key(&ui, &list, KEY_CLICK(3, 0)));
}

/* Less room, or fewer rows: the chosen one stays in sight. */
static void fits(void **state)
{
	(void)state;
	begin(&plain, 12);
	list_go(&ui, &list, 8);
	assert_int_equal(list.top, 4);
	list_fit(&ui, &list, 12, 2);
	assert_int_equal(list.at, 8);
	assert_int_equal(list.top, 7);
	list_fit(&ui, &list, 4, HEIGHT);
	assert_int_equal(list.at, 3);
	assert_int_equal(list.top, 0);
	list_fit(&ui, &list, 0, 0);
	assert_int_equal(list.at, 0);
	assert_int_equal(list.height, 1);
}

static void stays_on_its_item(void **state)
{
	(void)state;
	begin(&by_item, 6);
	list_go(&ui, &list, 3);
	/* one more in front of it */
	memmove(rows + 1, rows, 6 * sizeof(*rows));
	rows[0] = "new";
	list_fit(&ui, &list, 7, HEIGHT);
	assert_int_equal(list.at, 4);
	assert_string_equal(rows[list.at], "d");
	/* sorted the other way round */
	for (int i = 0; i < 3; i++) {
		const char *was = rows[i];

		rows[i] = rows[6 - i];
		rows[6 - i] = was;
	}
	list_fit(&ui, &list, 7, HEIGHT);
	assert_string_equal(rows[list.at], "d");
	/* gone: the row stays */
	rows[list.at] = "other";
	list_fit(&ui, &list, 7, HEIGHT);
	assert_int_equal(list.at, 2);
	/* the first row is an item like any other */
	list_go(&ui, &list, 0);
	memmove(rows + 1, rows, 7 * sizeof(*rows));
	rows[0] = "newer";
	list_fit(&ui, &list, 8, HEIGHT);
	assert_int_equal(list.at, 1);
}

static void first_stays(void **state)
{
	(void)state;
	begin(&newest, 6);
	memmove(rows + 1, rows, 6 * sizeof(*rows));
	rows[0] = "new";
	list_fit(&ui, &list, 7, HEIGHT);
	assert_int_equal(list.at, 0);
	list_go(&ui, &list, 2);
	memmove(rows + 1, rows, 7 * sizeof(*rows));
	list_fit(&ui, &list, 8, HEIGHT);
	assert_int_equal(list.at, 3);
	key(KEY_PPAGE, 0, 0);
	key(KEY_NPAGE, 5, 1);
}

static void finds(void **state)
{
	(void)state;
	begin(&plain, 20);
	rows[15] = "mm";
	list_go(&ui, &list, 3);
	key('/', 3, 0);
	assert_true(list.finding);
	/* from afar it comes into the middle */
	key('m', 12, 10);
	list_draw_find(&ui, bench.w, 0, &list);
	assert_string_equal(bench_row(0), " find: m");
	assert_true(list_find_shown());
	list_find_none();
	assert_false(list_find_shown());
	/* from near it is only brought into sight */
	key(KEY_DOWN, 15, 11);
	key(KEY_DOWN, 12, 11);
	key(KEY_UP, 15, 11);
	/* nowhere: the cursor stays */
	key('x', 15, 11);
	list_draw_find(&ui, bench.w, 0, &list);
	assert_non_null(strstr(bench_row(0), "in no row"));
	key(ESC, 3, 3);
	assert_false(list.finding);
	/* n and N on what was kept */
	key('/', 3, 3);
	key('m', 12, 10);
	key('\n', 12, 10);
	key('n', 15, 11);
	key('N', 12, 11);
	key('g', 0, 0);
	key('N', 15, 13);
}

static void finds_nothing(void **state)
{
	(void)state;
	begin(&plain, 5);
	key('n', 0, 0);
	assert_string_equal(ui.message, "nothing to find yet: press / first");
	key('/', 0, 0);
	key('z', 0, 0);
	key('\n', 0, 0);
	key('n', 0, 0);
	assert_string_equal(ui.message, "'z' is in no row");
	begin(&by_item, 5);
	assert_false(list_key(&ui, &list, '/'));
	assert_false(list_key(&ui, &list, 'n'));
}

static void clicks(void **state)
{
	(void)state;
	begin(&plain, 12);
	key(KEY_CLICK(5, 10), 3, 0);
	list_go(&ui, &list, 8);
	key(KEY_CLICK(2, 79), 4, 4);
	/* above and below, beside, and where no row is */
	assert_false(list_key(&ui, &list, KEY_CLICK(1, 10)));
	assert_false(list_key(&ui, &list, KEY_CLICK(2 + HEIGHT, 10)));
	list.x = 20;
	list.width = 10;
	assert_false(list_key(&ui, &list, KEY_CLICK(2, 19)));
	assert_false(list_key(&ui, &list, KEY_CLICK(2, 30)));
	key(KEY_CLICK(3, 29), 5, 4);
	list_fit(&ui, &list, 3, HEIGHT);
	assert_false(list_key(&ui, &list, KEY_CLICK(5, 25)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves), cmocka_unit_test(few_rows), cmocka_unit_test(scrolls),
		cmocka_unit_test(fits), cmocka_unit_test(stays_on_its_item), cmocka_unit_test(first_stays),
		cmocka_unit_test(finds), cmocka_unit_test(finds_nothing), cmocka_unit_test(clicks),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
