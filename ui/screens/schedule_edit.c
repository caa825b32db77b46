#include "schedule_edit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAMES 4

/* What the two tables differ in. */
struct kind {
	const char *names[NAMES];	/* as codec.h writes them */
	char letter[NAMES];
	enum role role[NAMES];
	char apart;			/* between major and minor */
	int most;			/* rows */
	int major_least, major_most, minor_least, minor_most;
	int majors, minors;		/* the bar: 24 x 60, 12 x 31 */
	int scale;			/* majors between two marks below it */
	const char *unit;
};

static const struct kind day = {
	{ "sharp", "peak", "flat", "valley" }, "SPFV",
	{ ROLE_PHASE_C, ROLE_PHASE_B, ROLE_PHASE_A, ROLE_GOOD },
	':', 14, 0, 23, 0, 59, 24, 60, 3, "time"
};
static const struct kind year = {
	{ "table1", "table2", "table3", NULL }, "123",
	{ ROLE_PHASE_A, ROLE_PHASE_B, ROLE_PHASE_C, ROLE_NORMAL },
	'-', 4, 1, 12, 1, 31, 12, 31, 1, "date"
};
/* Darker is dearer; the year's tables have no order, but stay apart. */
static const char *const shades[NAMES] = { "█", "▓", "▒", "░" };

static const struct kind *kind_of(enum point_type t)
{
	return t == TYPE_ZONES ? &year : &day;
}

static int names_of(const struct kind *k)
{
	return k->names[NAMES - 1] ? NAMES : NAMES - 1;
}

/* The rate or table that WORD names, or -1. */
static int what_of(const struct kind *k, const char *word)
{
	for (int i = 0; i < names_of(k); i++)
		if (strcmp(k->names[i], word) == 0)
			return i;
	return -1;
}

bool schedule_parse(struct schedule *s, enum point_type type, const char *text)
{
	const struct kind *k = kind_of(type);

	*s = (struct schedule){ .type = type };
	if (strcmp(text, "empty") == 0)
		return true;
	while (*text && s->n < k->most) {
		struct slot *to = &s->slot[s->n];
		char apart, name[8];
		int len = 0;

		if (sscanf(text, " %d%c%d %7[a-z0-9]%n", &to->major, &apart, &to->minor,
			   name, &len) != 4 || apart != k->apart)
			return false;
		to->what = what_of(k, name);
		if (to->what < 0)
			return false;
		s->n++;
		text += len;
		if (*text == ',')
			text++;
	}
	return *text == '\0';
}

const char *schedule_format(const struct schedule *s, char *buf, size_t size)
{
	const struct kind *k = kind_of(s->type);
	size_t at = 0;

	snprintf(buf, size, "empty");
	for (int i = 0; i < s->n; i++)
		text_append(buf, size, &at, "%s%02d%c%02d %s", i ? ", " : "", s->slot[i].major,
			    k->apart, s->slot[i].minor, k->names[s->slot[i].what]);
	return buf;
}

static int moment(const struct kind *k, const struct slot *s)
{
	return (s->major - k->major_least) * k->minors + s->minor - k->minor_least;
}

const char *schedule_wrong(const struct schedule *s, char *buf, size_t size)
{
	const struct kind *k = kind_of(s->type);

	if (s->typed[0]) {
		snprintf(buf, size, "four digits make a %s", k->unit);
		return buf;
	}
	if (s->n > 0 && s->type == TYPE_DAYTABLE && moment(k, &s->slot[0]) != 0) {
		snprintf(buf, size, "the day begins at 00:00: so must the first row");
		return buf;
	}
	for (int i = 1; i < s->n; i++)
		if (moment(k, &s->slot[i]) <= moment(k, &s->slot[i - 1])) {
			snprintf(buf, size, "row %d does not begin after row %d", i + 1, i);
			return buf;
		}
	return NULL;
}

/* A digit of the beginning: the fourth makes it, if it is one. */
static bool type_digit(struct schedule *s, const struct kind *k, int key)
{
	size_t n = strlen(s->typed);
	int major, minor;

	s->typed[n] = (char)key;
	s->typed[n + 1] = '\0';
	if (n < 3)
		return true;
	major = (s->typed[0] - '0') * 10 + s->typed[1] - '0';
	minor = (s->typed[2] - '0') * 10 + s->typed[3] - '0';
	s->typed[0] = '\0';
	if (major >= k->major_least && major <= k->major_most
	    && minor >= k->minor_least && minor <= k->minor_most) {
		s->slot[s->at].major = major;
		s->slot[s->at].minor = minor;
	}
	return true;
}

/* A row behind the chosen one, an hour or a month later. */
static void schedule_edit_add(struct schedule *s, const struct kind *k)
{
	struct slot more = { k->major_least, k->minor_least, 0 };

	if (s->n >= k->most)
		return;
	if (s->n > 0) {
		more = s->slot[s->at];
		more.major += more.major < k->major_most;
		s->at++;
	}
	memmove(&s->slot[s->at + 1], &s->slot[s->at],
		(size_t)(s->n - s->at) * sizeof(*s->slot));
	s->slot[s->at] = more;
	s->n++;
}

static void schedule_edit_take_out(struct schedule *s)
{
	s->n--;
	memmove(&s->slot[s->at], &s->slot[s->at + 1],
		(size_t)(s->n - s->at) * sizeof(*s->slot));
	if (s->at >= s->n && s->at > 0)
		s->at--;
}

static bool schedule_edit_choose(struct schedule *s, int by)
{
	int to = s->at + by;

	s->typed[0] = '\0';
	if (to >= 0 && to < s->n)
		s->at = to;
	return true;
}

bool schedule_key(struct schedule *s, int key)
{
	const struct kind *k = kind_of(s->type);
	int names = names_of(k);

	if (key == 'a' || key == KEY_IC || key == '+') {
		s->typed[0] = '\0';
		schedule_edit_add(s, k);
		return true;
	}
	if (s->n == 0)
		return false;
	switch (key) {
	case KEY_UP:
		return schedule_edit_choose(s, -1);
	case KEY_DOWN:
		return schedule_edit_choose(s, 1);
	case KEY_LEFT:
	case KEY_RIGHT:
	case ' ':
		s->slot[s->at].what = (s->slot[s->at].what + (key == KEY_LEFT ? names - 1 : 1)) % names;
		return true;
	case KEY_BACKSPACE:
	case 127:
	case 8:
		if (s->typed[0]) {
			s->typed[strlen(s->typed) - 1] = '\0';
			return true;
		}
		schedule_edit_take_out(s);
		return true;
	case KEY_DC:
	case 'd':
	case '-':
		s->typed[0] = '\0';
		schedule_edit_take_out(s);
		return true;
	default:
		break;
	}
	if (key >= '0' && key <= '9')
		return type_digit(s, k, key);
	for (int i = 0; i < names && s->type == TYPE_DAYTABLE; i++)
		if (key == k->names[i][0]) {
			s->slot[s->at].what = i;
			return true;
		}
	return false;
}

int schedule_draw(const struct ui *u, WINDOW *w, int y, int x, int width, const struct schedule *s)
{
	const struct kind *k = kind_of(s->type);
	int rows = (k->most + 1) / 2, half = width / 2;

	for (int i = 0; i < k->most; i++) {
		int cy = y + i % rows, cx = x + (i < rows ? 0 : half);
		const struct slot *one = &s->slot[i];
		bool here = i == s->at && s->n > 0;
		char when[8];

		if (i >= s->n) {
			ui_text(u, w, cy, cx + 2, 3, ROLE_DIM, "%2d", i + 1);
			continue;
		}
		snprintf(when, sizeof(when), "%02d%c%02d", one->major % 100, k->apart, one->minor % 100);
		if (here && s->typed[0])
			snprintf(when, sizeof(when), "%-4.4s", s->typed);
		if (here)
			ui_text(u, w, cy, cx, 1, ROLE_KEY, "▸");
		ui_text(u, w, cy, cx + 2, 3, ROLE_DIM, "%2d", i + 1);
		ui_text(u, w, cy, cx + 6, 5, here ? ROLE_SELECTED : ROLE_NORMAL, "%s", when);
		ui_text(u, w, cy, cx + 13, 8, k->role[one->what], "%s", k->names[one->what]);
	}
	return rows;
}

/* Which row counts at MOMENT; -1: none. A year goes on where the last one ended. */
static int schedule_edit_row_at(const struct schedule *s, const struct kind *k, int at)
{
	int row = s->type == TYPE_ZONES ? s->n - 1 : -1;

	for (int i = 0; i < s->n; i++)
		if (moment(k, &s->slot[i]) <= at)
			row = i;
	return row;
}

void schedule_bar(const struct ui *u, WINDOW *w, int y, int x, int width, const struct schedule *s)
{
	const struct kind *k = kind_of(s->type);
	int whole = k->majors * k->minors, last = -1;

	for (int i = 0; i < width; i++) {
		/* the middle of a cell decides, so that what begins is never early */
		int row = schedule_edit_row_at(s, k, (2 * i + 1) * whole / (2 * width));
		int what = row < 0 ? -1 : s->slot[row].what;

		if (row < 0)
			ui_text(u, w, y, x + i, 1, ROLE_DIM, "·");
		else if (row != last)
			ui_text(u, w, y, x + i, 1, ROLE_SELECTED, "%c", k->letter[what]);
		else if (u->ascii)
			ui_text(u, w, y, x + i, 1, k->role[what], "%c",
				s->type == TYPE_DAYTABLE ? k->letter[what] + 32 : '=');
		else
			ui_text(u, w, y, x + i, 1, k->role[what], "%s", shades[what]);
		last = row;
	}
	for (int m = 0; m < k->majors; m += k->scale)
		ui_text(u, w, y + 1, x + m * width / k->majors, 2, ROLE_DIM, "%02d", m + k->major_least);
}

void schedule_legend(const struct ui *u, WINDOW *w, int y, int x, int width, enum point_type type)
{
	const struct kind *k = kind_of(type);
	int at = x;

	for (int i = 0; i < names_of(k) && at + 12 < x + width; i++) {
		int n = (int)strlen(k->names[i]);

		ui_text(u, w, y, at, 1, ROLE_TITLE, "%c", k->letter[i]);
		if (!u->ascii)
			ui_text(u, w, y, at + 1, 2, k->role[i], "%s%s", shades[i], shades[i]);
		ui_text(u, w, y, at + 4, n, ROLE_NORMAL, "%s", k->names[i]);
		at += n + 7;
	}
}
