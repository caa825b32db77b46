/*
 * term.h - the terminal: taken over, and given back as it was on every way out.
 */
#ifndef METERCTL_UI_TERM_H
#define METERCTL_UI_TERM_H

#include <curses.h>
#include <stdbool.h>

#include "base/err.h"

/* What a signal asks for; they arrive through term_signal_fd(). */
enum term_event {
	TERM_NOTHING,
	TERM_RESIZE,
	TERM_LEAVE,	/* SIGINT, SIGTERM, SIGHUP */
	TERM_SUSPEND	/* SIGTSTP */
};

/*
 * Takes the controlling terminal (or, without one, that of stdin and stdout)
 * for curses and points stdout and stderr away from it until term_stop(). From
 * here on a crash (SIGSEGV, SIGABRT, ...) gives the terminal back before the
 * program dies. ERR_USAGE without a terminal, ERR_NO when its type is unknown.
 */
int term_start(struct err *e);
void term_stop(void);

int term_fd(void);		/* readable: term_key() has something */
int term_signal_fd(void);	/* readable: term_event() has something */

/* Before and after what is pasted, where the terminal marks that. Clicks have numbers above
 * (KEY_CLICK). */
#define TERM_KEY_PASTE (KEY_MAX - 2)
#define TERM_KEY_PASTED (KEY_MAX - 1)

/* The next key, or -1 when there is none. Never waits. An escape sequence that nobody knows is no
 * key: it is passed over whole. */
int term_key(void);
/* The next event, TERM_NOTHING when there is none. */
enum term_event term_event(void);

/* Rows and columns of the terminal as it is now; false when it has none. */
bool term_size(int *rows, int *cols);
/* Gives the terminal back, stops the program, takes it again. */
void term_suspend(void);

/* Asks the terminal to take TEXT (N bytes) into its clipboard (OSC 52); whether it did, none tells.
 * ERR_NO: it is none that understands. */
int term_copy(const char *text, size_t n, struct err *e);

/* Can the terminal and the locale show UTF-8, and the marks that the screens draw with? The fonts
 * of a Linux console and of hardware terminals have few of them. */
bool term_glyphs(void);
/* True: the terminal has told what its background is like, LIGHT or not, since the last call. */
bool term_background(bool *light);

#endif
