/*
 * stage.h - which screen is shown and what stands around it: status, tabs,
 * message, keys, help. Knows neither the terminal nor the bus, so a test can
 * drive it with keys and readings of its own.
 */
#ifndef METERCTL_UI_STAGE_H
#define METERCTL_UI_STAGE_H

#include "cmd/app.h"
#include "target/ports.h"
#include "ui/bus/running.h"
#include "question.h"
#include "screens.h"

#define STAGE_HITS 40
#define STAGE_WAY 16	/* steps that Esc goes back */
#define STAGE_HEAD 3	/* status, tabs, rule */
#define STAGE_FOOT 2	/* message, keys */
#define LEAVE_WAIT_US 15000000LL

enum theme { THEME_AUTO, THEME_DARK, THEME_LIGHT };

/* Cells that answer a click like a key. */
struct stage_hit {
	short y, x0, x1;
	int key;
};

struct search;
struct search_opts;
struct hearing;
struct hearing_opts;
struct learner;
struct learner_opts;

/* Where the parts of the program outside ui/ come in. */
struct stage_hooks {
	/* Chooses a meter; E says why it cannot be tried at all. */
	int (*connect)(struct ui *u, const struct target *t, const char *profile, struct err *e);
	/* ports_list(), or a test's own. */
	int (*ports)(struct found_port **list, size_t *n, struct err *e);
	/* As search_new(), a test's own. NULL: search_new(). */
	struct search *(*search)(const struct search_opts *o, struct err *e);
	/* As hearing_new(), likewise. */
	struct hearing *(*hear)(const struct hearing_opts *o, struct err *e);
	/* As learner_new(), likewise. */
	struct learner *(*learn)(const struct learner_opts *o, struct err *e);
	/* Has work done; stage_work() brings what becomes of it. */
	int (*job)(struct ui *u, const struct job *w, struct err *e);
	/* Begins the proof of the uplink anew; U->proof follows. WITH: a second way to the
	 * meter's registers; NULL: none. */
	int (*prove)(struct ui *u, const struct uplink_options *o, const struct target *with,
		     struct err *e);
	void *arg;		/* for connect() and work(), which find it in u->loop->hooks */
	const struct app *app;	/* the options; NULL in a test */
	struct running_place place;	/* of commands */
};

/* What the frame wants of the room above it: the line in which commands are typed, and what
 * commands wait for. ui/prompt/commands.c has it. */
struct stage_prompt {
	void (*open)(struct ui *u, const char *text);
	void (*close)(void);
	bool (*shown)(void);
	void (*key)(struct ui *u, int key);
	void (*draw)(const struct ui *u, WINDOW *foot);
	/* Runs a line as if it had been typed. */
	void (*run)(struct ui *u, const char *line);
	/* Points to keep reading, appended to SEL; readings have come, or a second has passed. */
	void (*points)(struct ui *u, struct selection *sel);
	void (*update)(struct ui *u);
	/* A report is there, or is not. */
	void (*done)(struct ui *u, const struct job *w);
	/* The command under way (u->loop->running) has printed something, asks, or has ended. */
	void (*running)(struct ui *u);
};
extern const struct stage_prompt stage_prompt;

struct ui_loop {
	struct stage_hooks hooks;
	WINDOW *head, *body, *foot;
	void *state[SCREEN_COUNT];
	bool opened[SCREEN_COUNT];
	size_t shown;		/* place in screen_table */
	size_t way[STAGE_WAY], nway;	/* the places before it, the last one last */
	struct question question;
	bool forgets;		/* the person has said that new values may be lost */
	bool light;		/* the terminal says that its background is */
	enum theme theme;	/* what the person wants; by default the terminal is asked */
	bool allowed;		/* writing has been allowed for this meter, once at least */
	bool rings;		/* ring when something new is wrong */
	char rung[160];		/* what it has rung for last, or would have */
	bool reads;		/* something is to be read now */
	bool pasting, lost;	/* between the marks of a paste; none of it has gone anywhere */
	bool help;
	int help_top;
	struct running *running;	/* a command under way; NULL */
	bool leave;		/* the person wants out */
	int64_t leave_by;	/* monotonic: ... and waits so long for a verdict; 0: not */
	bool redraw;		/* the terminal may show anything: send all of it */
	char profile[256];	/* name or file, as profile_open() takes it */
	struct stage_hit hits[STAGE_HITS];
	size_t nhits;
};

/* U's terminal must be up. 0, or -1 without memory. */
int stage_init(struct ui *u, const struct stage_hooks *hooks, struct err *e);
void stage_release(struct ui *u);

/* The terminal is ROWS x COLS now. */
void stage_resize(struct ui *u, int rows, int cols);
/* Composes the whole screen for the next doupdate(). */
void stage_draw(struct ui *u);
void stage_key(struct ui *u, int key);
void stage_show(struct ui *u, const struct screen_ops *ops);
/* To S as its key or name does: to the fleet also from one meter back to all of its broker. */
void stage_open(struct ui *u, const struct screen *s);
const struct screen *stage_shown(const struct ui *u);
/* The screen to begin with: the fleet of a broker, the live page of a meter. */
void stage_home(struct ui *u);
/* T is what is connected to next: the fleet of another broker is forgotten. */
void stage_target(struct ui *u, const struct target *t);
/* Is the screen in the tab line? The fleet is where there is one. */
bool stage_tab(const struct ui *u, const struct screen *s);
/* What the model of the meter lacks for S; NULL: nothing. */
const char *stage_lack(const struct ui *u, const struct screen *s);
/* Does the key of S mean anything for what is connected? */
bool stage_keyed(const struct ui *u, const struct screen *s);
/* The state of a screen, opened when it is not yet; NULL if it cannot be. */
void *stage_state(struct ui *u, const struct screen_ops *ops);

/* Takes PROFILE (the caller keeps it alive until the next call) as that of the
 * meter: every reading is forgotten, every screen starts anew. 0 or -1. */
int stage_profile(struct ui *u, const struct profile *profile, struct err *e);
/* Progress or outcome of what was asked for. */
void stage_job(struct ui *u, const struct job *w);
/* "ADW300 #1", or with the serial number. Returns BUF. */
const char *stage_meter(const struct ui *u, char *buf, size_t size);
/* The terminal's background is light, or dark, as far as it says; counts while nothing else is wanted. */
void stage_background(struct ui *u, bool light);
/* What the person wants. */
void stage_theme(struct ui *u, enum theme t);
/* Can writing be allowed now, or forbidden? Says why not. */
bool stage_may_allow(struct ui *u);
void stage_allow(struct ui *u);
/* The person wants out. While a write is under way that waits for its verdict,
 * LEAVE_WAIT_US at most; a second time it does not. */
void stage_leave(struct ui *u);
/* One round of readings is in: trends grow. */
void stage_update(struct ui *u);
/* Another second has begun. */
void stage_tick(struct ui *u);
/* The descriptor of the screen at place I in the table that wants to be told when it is readable
 * (stage_take()), or -1. */
int stage_fd(const struct ui *u, size_t i);
void stage_take(struct ui *u, size_t i);
/* What to keep reading, each once, ascending. The caller releases SEL. */
void stage_wants(struct ui *u, struct selection *sel);
/* Monotonic time at which something on the screen changes by itself. */
int64_t stage_next(const struct ui *u);

/* chrome.c, help.c: the parts around the body. */
void chrome_head(struct ui *u);
void chrome_foot(struct ui *u);
void help_draw(struct ui *u, WINDOW *w);
/* A click on these cells is this key. */
void stage_hit(struct ui *u, int y, int x0, int x1, int key);

#endif
