/*
 * drive_random.c - what a cat on the keyboard does: keys, clicks, pastes and sizes by chance.
 * Never Enter, and never a yes to a question: so nothing may be written, by no way.
 */
#include <curses.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/draw/list.h"
#include "ui/question.h"
#include "ui/term.h"
#include "drive.h"

#define PASTE_MOST 40
#define LAST_KEYS 60	/* told when something is written */

static uint64_t chance;
static int last[LAST_KEYS];
static size_t nlast;
static bool seen[SCREEN_COUNT];

/* 0 .. N-1, the same from the same seed everywhere (splitmix64). */
static int random_below(int n)
{
	uint64_t z = chance += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return (int)((z ^ z >> 31) % (uint64_t)n);
}

static bool random_is_enter(int key)
{
	return key == '\r' || key == '\n' || key == KEY_ENTER;
}

static void random_press(int key)
{
	last[nlast++ % LAST_KEYS] = key;
	stage_key(&ui, key);
}

void random_written(const char *what)
{
	fprintf(stderr, "drive: %s; the last keys:", what);
	for (size_t i = nlast < LAST_KEYS ? 0 : nlast - LAST_KEYS; i < nlast; i++) {
		int key = last[i % LAST_KEYS];

		if (key > ' ' && key < 127)
			fprintf(stderr, " %c", key);
		else
			fprintf(stderr, " <%s>", keyname(key) ? keyname(key) : "click");
	}
	fputs("\n", stderr);
	die("after random keys", stage_shown(&ui)->id);
}

static void random_paste(void)
{
	random_press(TERM_KEY_PASTE);
	for (int n = 1 + random_below(PASTE_MOST); n > 0; n--) {
		int kind = random_below(12);

		random_press(kind == 0 ? '\r' : kind == 1 ? 'y' : kind == 2 ? KEY_ENTER : 1 + random_below(255));
	}
	random_press(TERM_KEY_PASTED);
}

/* On the key bar, on a tab, on a row, with the wheel; not on what stands for Enter or yes. */
static void random_mouse(void)
{
	static const mmask_t how[] = { BUTTON1_CLICKED, BUTTON1_CLICKED, BUTTON4_PRESSED, BUTTON5_PRESSED };
	MEVENT ev = { .x = random_below(ui.cols), .y = random_below(ui.rows), .bstate = how[random_below(4)] };

	if (question_asked(&ui))
		return;
	for (size_t i = 0; i < ui.loop->nhits; i++) {
		const struct stage_hit *h = &ui.loop->hits[i];

		if (ev.y == h->y && ev.x >= h->x0 && ev.x < h->x1 && random_is_enter(h->key))
			return;
	}
	ungetmouse(&ev);
	random_press(KEY_MOUSE);
}

static int random_key(void)
{
	static const int keys[] = {
		27, 27, '\t', KEY_BTAB, KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_PPAGE, KEY_NPAGE, KEY_HOME,
		KEY_END, KEY_BACKSPACE, KEY_DC, KEY_IC, KEY_F(1), KEY_F(5), KEY_SLEFT, KEY_RESIZE,
	};
	int kind = random_below(20);

	if (kind < 13)
		return ' ' + random_below(127 - ' ');
	if (kind < 18)
		return keys[random_below((int)(sizeof(keys) / sizeof(keys[0])))];
	return kind == 18 ? 1 + random_below(31) : 127 + random_below(129);
}

static void random_size(void)
{
	char size[32];

	snprintf(size, sizeof(size), "%dx%d", 1 + random_below(200), 1 + random_below(60));
	do_resize(size);
}

static void random_one(void)
{
	char second[] = "1";
	int key;

	switch (random_below(40)) {
	case 0:
		random_paste();
		return;
	case 1:
		random_mouse();
		return;
	case 2:
		if (random_below(4) == 0)
			random_size();
		return;
	case 3:
		do_advance(second);
		return;
	default:
		key = random_key();
		if (!random_is_enter(key) && !(question_asked(&ui) && (key == 'y' || key == 'Y')))
			random_press(key);
	}
}

void do_random(char *rest)
{
	unsigned long seed, n;

	if (sscanf(rest, "%lu %lu", &seed, &n) != 2)
		die("no seed and number", rest);
	chance = seed;
	writes = "never";
	for (unsigned long i = 0; i < n; i++) {
		random_one();
		if (ui.loop->running)
			random_written("a command was run");
		if (ui.writing)
			random_written("writing was allowed");
		if (random_below(8) == 0)
			draw_screen();
		seen[ui.loop->shown] = true;
		ui.loop->leave = false;	/* leaving is no harm: on with it */
	}
	printf("%lu keys, seed %lu:", n, seed);
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (seen[i])
			printf(" %s", screen_table[i].id);
	puts("");
}
