/*
 * settings.h - what settings.c knows and settings_draw.c shows.
 */
#ifndef METERCTL_UI_SCREENS_SETTINGS_H
#define METERCTL_UI_SCREENS_SETTINGS_H

#include "editor.h"
#include "ui/draw/list.h"

#define SETTINGS_RIGHT_X 22	/* where the groups end and their settings begin */

/* A new value that has not been written. */
struct new_value {
	uint16_t idx;
	char text[VALUE_TEXT];
};

struct setting_group {
	const struct group *group;
	int first, n;		/* in point[] */
};

struct settings_screen {
	uint16_t *point;	/* every setting, by group */
	struct setting_group *group;
	int ngroups;
	struct list groups;
	struct list rows;	/* settings of the group chosen */
	struct list all;	/* settings of every group: where `/` looks */
	bool inside;		/* the keys are for the settings, not for the groups */
	bool asking;		/* leave, with new values not written? */
	struct editor editor;
	struct new_value *new_value;
	size_t nnew;
	unsigned taken;		/* serial of the plan whose outcome is known here */
};

/* Shows the screen, at the first setting whose key begins with KEY; without one as it was. */
void settings_show_key(struct ui *u, const char *key);

/* The group chosen; the point chosen in it. */
const struct setting_group *settings_group(const struct settings_screen *s);
uint16_t settings_point(const struct settings_screen *s);
/* The new value for point IDX, or NULL. */
struct new_value *settings_new(const struct settings_screen *s, uint16_t idx);
/* Setting IDX is chosen; the screen is shown. False: it is none. */
bool settings_show(struct ui *u, uint16_t idx);
/* TEXT is its new value, or none if it is so already. */
void settings_wish(struct ui *u, uint16_t idx, const char *text);
/* Its new value; NULL: there is none. */
const char *settings_wished(struct ui *u, uint16_t idx);
/* The lists as there is room for them; S has settings. */
void settings_fit(const struct ui *u, struct settings_screen *s);
/* How many rows of settings there is room for. */
int settings_rows(const struct ui *u);

/* settings_coach.c: is it a transformer ratio; the values that it bears on; what
 * becomes of them, in ROWS lines, while it is to change. */
bool settings_is_ratio(const struct point *p);
void settings_coach_want(const struct ui *u, struct selection *sel);
void settings_coach_draw(const struct ui *u, WINDOW *w, int y, int x, int rows,
			 const struct settings_screen *s);

void settings_draw(struct ui *u, void *state, WINDOW *w);

#endif
