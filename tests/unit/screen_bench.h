/*
 * screen_bench.h - curses without a terminal, one window to draw into, and a meter whose
 * readings the test says: what the tests of the screens stand on.
 */
#ifndef METERCTL_SCREEN_BENCH_H
#define METERCTL_SCREEN_BENCH_H

#include <curses.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ui/stage.h"
#include "unit.h"

static struct {
	FILE *nowhere;
	SCREEN *screen;
	WINDOW *w;			/* what is drawn into */
	struct ui *ui;			/* a screen without its stage: bench_open() */
	const struct screen_ops *ops;
	void *view;
} bench;

/* A terminal of 24 x 80 which shows nothing, and a window of ROWS x COLS. A group's setup. */
static inline int bench_curses(int rows, int cols)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	setenv("INPUTRC", "/dev/null", 1);
	/* no configuration of whoever runs the test */
	setenv("XDG_CONFIG_HOME", "/dev/null/none", 1);
	setenv("XDG_STATE_HOME", "/dev/null/none", 1);
	bench.nowhere = fopen("/dev/null", "r+");
	bench.screen = bench.nowhere ? newterm("xterm-256color", bench.nowhere, bench.nowhere) : NULL;
	if (!bench.screen)
		return -1;
	resizeterm(24, 80);
	bench.w = newpad(rows, cols);
	return bench.w ? 0 : -1;
}

/* The body of a screen at 80x24. */
static inline int bench_start(void **state)
{
	(void)state;
	return bench_curses(19, 80);
}

static inline int bench_stop(void **state)
{
	(void)state;
	delwin(bench.w);
	endwin();
	delscreen(bench.screen);
	fclose(bench.nowhere);
	return 0;
}

/* CELLS of row Y from X, as UTF-8. Valid until the next call. */
static inline const char *bench_cells(int y, int x, int cells)
{
	static char text[1000];
	wchar_t wide[241];

	assert_in_range(cells, 0, 240);
	mvwinnwstr(bench.w, y, x, wide, cells);
	assert_true(wcstombs(text, wide, sizeof(text)) != (size_t)-1);
	return text;
}

/* Row Y without the blanks behind it. */
static inline const char *bench_row(int y)
{
	char *text = (char *)bench_cells(y, 0, getmaxx(bench.w));
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == ' ')
		text[--n] = '\0';
	return text;
}

/* U looks at a meter of the built-in PROFILE, live, of which nothing has been read. */
static inline int bench_meter(struct ui *u, const char *profile)
{
	static struct ui_loop loop;

	loop = (struct ui_loop){ .shown = 0 };
	*u = (struct ui){ .line = LINE_LIVE, .cols = 80, .rows = 24, .mono = true,
			  .now_us = 1000000000, .loop = &loop };
	u->profile = profile_builtin_named(profile);
	if (!u->profile)
		return -1;
	u->readings = calloc(u->profile->npoints, sizeof(*u->readings));
	u->changed_us = calloc(u->profile->npoints, sizeof(*u->changed_us));
	return u->readings && u->changed_us ? 0 : -1;
}

static inline void bench_meter_free(struct ui *u)
{
	free(u->readings);
	free(u->changed_us);
}

static inline uint16_t bench_point(const struct ui *u, const char *key)
{
	int idx = profile_find(u->profile, key);

	if (idx < 0)
		fail_msg("no point '%s'", key);
	return (uint16_t)idx;
}

/* V has been read at KEY, just now. */
static inline struct reading *bench_reads(struct ui *u, const char *key, double v)
{
	struct reading *r = &u->readings[bench_point(u, key)];

	*r = (struct reading){ .quality = QUALITY_OK, .mono_us = u->now_us,
			       .value = { .kind = VALUE_NUMBER, .num = v } };
	return r;
}

/* OPS, opened for U, is what bench_draw() and bench_key() mean. Returns its state. */
static inline void *bench_open(struct ui *u, const struct screen_ops *ops)
{
	bench.ui = u;
	bench.ops = ops;
	bench.view = ops->open(u);
	return bench.view;
}

static inline void bench_close(void)
{
	bench.ops->close(bench.view);
}

static inline void bench_draw(void)
{
	werase(bench.w);
	bench.ops->draw(bench.ui, bench.view, bench.w);
}

static inline void bench_key(int key)
{
	assert_true(bench.ops->key_press(bench.ui, bench.view, key));
}

/* DRAW on windows of all sizes; the terminal around them has STAGE_HEAD + STAGE_FOOT rows more. */
static inline void bench_sizes(void (*draw)(void))
{
	WINDOW *full = bench.w;

	for (int cols = 1; cols < 260; cols += 7)
		for (int rows = 1; rows < 50; rows += 3) {
			bench.ui->cols = cols;
			bench.ui->rows = rows + STAGE_HEAD + STAGE_FOOT;
			bench.w = newpad(rows, cols);
			draw();
			delwin(bench.w);
		}
	bench.w = full;
}

#endif
