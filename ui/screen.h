/*
 * screen.h - what a screen is made of (screens.h lists them), and what it may call.
 * Drawing only reads the model; keys and arriving readings change it and mark it dirty.
 */
#ifndef METERCTL_UI_SCREEN_H
#define METERCTL_UI_SCREEN_H

#include "profile/ability.h"
#include "ui/bus/model.h"
#include "ui/draw/draw.h"

/* The worst that a screen knows of, for the state line. */
struct screen_worst {
	enum role role;		/* ROLE_BAD comes before ROLE_WARN */
	char text[160];
};

struct screen_ops {
	/* What it is about: of a model that has none, the screen is not opened, its tab is dim, and in its
	 * place stands why. */
	enum ability about;
	void *(*open)(struct ui *u);		/* state, kept until the meter changes; NULL if none */
	void (*close)(void *state);
	/* Points to keep reading while it is shown, appended to SEL; called
	 * again after each key. NULL: none. */
	void (*points)(struct ui *u, void *state, struct selection *sel);
	/* Draws into W (the body: between tab line and message line), already
	 * erased. At 80x24 the body is 80x19. */
	void (*draw)(struct ui *u, void *state, WINDOW *w);
	/* Asked before the keys that work everywhere, so a screen that is editing
	 * a field keeps what is typed. True: the key was its own (the screen is
	 * redrawn). A byte >= 0x80 is part of a UTF-8 character; curses' own keys
	 * start at KEY_MIN. */
	bool (*key_press)(struct ui *u, void *state, int key);
	/* New readings have been taken over (for trends). A screen with this slot
	 * is opened as soon as a meter is chosen, its points are read and it is
	 * told also while another screen is shown. NULL: none. */
	void (*update)(struct ui *u, void *state);
	/* True: it knows of something wrong now. Asked at each drawing, also while another screen is
	 * shown; a screen with this slot is opened as soon as a meter is chosen. NULL: never. */
	bool (*worst)(struct ui *u, void *state, struct screen_worst *out);
	/* Once a second while it is shown. NULL: none. */
	void (*tick)(struct ui *u, void *state);
	/* Another screen takes its place. NULL: it need not know. */
	void (*left)(struct ui *u, void *state);
	/* Readable when take() has something to take over, from a thread of its own; -1: never.
	 * Also while another screen is shown. NULL: it has none. */
	int (*fd)(const void *state);
	void (*take)(struct ui *u, void *state);
	/* How many new values stand there that have not been written. NULL: never one. */
	size_t (*unwritten)(const struct ui *u, void *state);
	/* The keys of what takes every key now, an editor for example: they alone stand in the key
	 * bar. N: how many. NULL, also as what it returns: there is none. */
	const struct keyrow *(*mode)(const struct ui *u, const void *state, size_t *n);
	const struct keyrow *keys;	/* its own keys, for key bar and help; see keys.h */
	size_t nkeys;
	/* Marks that only it has, and what they mean, for the help page. NULL: none. */
	const char *marks, *marks_help;
};


#endif
