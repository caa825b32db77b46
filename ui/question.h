/*
 * question.h - a question above the key bar. While it is asked it takes every key, so that what
 * is typed as an answer runs nothing: y is yes, n and Esc are no, others do nothing.
 */
#ifndef METERCTL_UI_QUESTION_H
#define METERCTL_UI_QUESTION_H

#include "ui/screen.h"

struct question {
	char text[200];			/* "": none is asked */
	void (*yes)(struct ui *u, int key);
	int key;			/* handed to YES */
};

/* Asks, and calls YES(U, KEY) if that is the answer. */
void question_ask(struct ui *u, void (*yes)(struct ui *u, int key), int key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool question_asked(const struct ui *u);
void question_key(struct ui *u, int key);
/* In the two rows of FOOT. */
void question_draw(struct ui *u, WINDOW *foot);

/* Asks whether writing is allowed, and presses KEY again if it is (0: no key). Says why if it
 * cannot be. */
void question_writing(struct ui *u, int key);
/* True: leaving the meter loses no new value. Else asks, and presses KEY again if they may be lost. */
bool question_forget(struct ui *u, int key);
/* 0; else ERR_DENIED: leaving the meter would lose new values. For what is typed at the prompt. */
int question_lost(const struct ui *u, struct err *e);
/* Asks whether a report is to be written, which is a file. */
void question_report(struct ui *u);
/* Leaves the screens; asks first if new values would be lost. */
void question_quit(struct ui *u);

#endif
