/*
 * screen.h - what a screen is made of (screens.h lists them), and what it may call.
 * Drawing only reads the model; keys and arriving readings change it and mark it dirty.
 */
#ifndef METERCTL_UI_SCREEN_H
#define METERCTL_UI_SCREEN_H

#include <curses.h>
#include <stdbool.h>
#include <stdint.h>

#include "mqtt/fleet.h"
#include "profile/profile.h"
#include "target/target.h"
#include "base/trace.h"
#include "profile/value.h"
#include "link/link.h"
#include "mqtt/uplink.h"
#include "ui/bus/job.h"

/* What a cell means; ui_attr() turns it into colour, bold, dim or plain. Never
 * the only sign of a state: a word or mark always stands beside it. */
enum role {
	ROLE_NORMAL, ROLE_DIM, ROLE_LABEL, ROLE_TITLE, ROLE_SELECTED, ROLE_KEY,
	ROLE_GOOD, ROLE_WARN, ROLE_BAD, ROLE_CHANGED,
	ROLE_ARMED,		/* writing is allowed */
	ROLE_PHASE_A, ROLE_PHASE_B, ROLE_PHASE_C, ROLE_COUNT
};

enum line_state {
	LINE_NONE,		/* no meter chosen */
	LINE_CONNECTING,
	LINE_LIVE,
	LINE_STALE,		/* was live; reason says what happened */
	LINE_SILENT		/* has not answered yet */
};

/* An upload of 41 items has about 1,000 bytes, a Modbus frame at most 260. */
#define UI_FRAME_BYTES 1280

/* A frame kept for the Trace screen, or a message of a broker. */
struct ui_frame {
	enum trace_dir dir;
	bool message;		/* topic and payload, not a frame */
	bool other;		/* ... which does not name the meter that is connected */
	int64_t at_us;
	uint32_t whole;		/* bytes it had */
	uint16_t n;		/* ... of which bytes[] keeps the first */
	uint8_t bytes[UI_FRAME_BYTES];
	char topic[128];	/* cleaned */
	char note[192];
};

#define UI_FRAMES 512		/* ring of the last frames: 0.8 MB of them */
#define UI_TREND 3600		/* samples a trended point keeps */

/* What a meter behind a broker has said that is no point of a profile: its serial number,
 * the firmware, the SIM card. */
struct ui_said {
	const struct dialect_item *item;
	char text[MQTT_NAME];	/* as it came; a number written out */
	int64_t mono_us;
};
#define UI_SAID 16

/* Samples of one point, oldest overwritten. NAN: no reading at that time. */
struct ui_trend {
	uint16_t idx;		/* point */
	uint32_t n, head;	/* how many; where the next goes */
	double value[UI_TREND];	/* an energy counter needs more digits than a float has */
	int64_t at_us[UI_TREND];	/* monotonic */
};

/* What the screens draw from. Owned by the UI thread. */
struct ui {
	const struct profile *profile;	/* NULL: no meter chosen */
	struct reading *readings;	/* profile->npoints copies */
	int64_t *changed_us;		/* monotonic time of each point's last change of value */
	struct target target;
	enum line_state line;
	char reason[ERR_TEXT];		/* why stale or silent, or what is odd while live; "" */
	enum err_code reason_code;	/* what sort of reason */
	struct link_stats stats;
	struct link_uplink uplink;	/* of a meter that speaks by itself; else zeros */
	struct fleet *fleet;		/* the meters of a broker; NULL: none was connected. Kept
					   while one of them is looked at */
	struct target fleet_target;	/* ... and that broker */
	struct uplink proof;		/* ... and how far the proof of its uplink is */
	struct target with;		/* of a proof with registers: the second way to them */
	struct ui_frame *frames;	/* UI_FRAMES of them, or NULL until first used */
	unsigned long nframes;		/* frames seen in all; newest is [(nframes-1) % UI_FRAMES] */
	bool others;			/* messages of other meters are kept among them, too */
	struct ui_said said[UI_SAID];	/* what the meter uploads beside its readings */
	size_t nsaid;
	bool ascii, mono;
	bool read_only;			/* --read-only: writing can never be allowed */
	bool writing;			/* the person has allowed it */
	struct job job;		/* the plan that is looked at or written, or was */
	struct job journal;		/* its rows */
	bool primary;			/* ui_value() shows the primary side where PT and CT are known */
	int rows, cols;			/* of the whole terminal */
	int64_t now_us, wall_us;	/* monotonic and wall clock of this turn of the loop
					   (set by the loop or by a test, never read elsewhere) */
	char message[ERR_TEXT];		/* shown above the key bar for a while */
	bool dirty;
	struct ui_loop *loop;		/* ui.c's own: screen stack, bus, prompt */
};

struct screen_ops {
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
	/* Once a second while it is shown. NULL: none. */
	void (*tick)(struct ui *u, void *state);
	const struct keyrow *keys;	/* its own keys, for key bar and help; see keys.h */
	size_t nkeys;
	/* Marks that only it has, and what they mean, for the help page. NULL: none. */
	const char *marks, *marks_help;
};

/* Services of ui.c and draw.c for the screens. */
attr_t ui_attr(const struct ui *u, enum role r);
/* The reading of KEY, or NULL when the profile has no such point. */
const struct reading *ui_reading(const struct ui *u, const char *key, const struct point **p);
/* Value of KEY right-aligned in WIDTH cells at Y,X: "--" when never read, dim
 * when stale, "err" when failed. Decimals are the point's. */
void ui_value(const struct ui *u, WINDOW *w, int y, int x, int width, const char *key);
/* Text that may come from outside, cleaned, clipped to WIDTH cells (UTF-8 aware).
 * Write it in UTF-8: with u->ascii, box lines, arrows, marks and signs become
 * their ASCII twins here ("°" is the only one that grows: "deg"). */
void ui_text(const struct ui *u, WINDOW *w, int y, int x, int width, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* The same, ending at the right edge of WIDTH cells. */
void ui_right(const struct ui *u, WINDOW *w, int y, int x, int width, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
/* A thin line of WIDTH cells. */
void ui_rule(const struct ui *u, WINDOW *w, int y, int x, int width);
/* Appends KEY to SEL when the profile has it. */
void ui_want(const struct ui *u, struct selection *sel, const char *key);
/* Does the meter speak by itself, through a broker? */
bool ui_pushes(const struct ui *u);
/* Is it a broker with all its meters, and not one of them? */
bool ui_is_fleet(const struct ui *u);
/* Is this reading too old, or of a line too silent, to be shown as present? */
bool ui_old(const struct ui *u, const struct reading *r);
void ui_say(struct ui *u, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
