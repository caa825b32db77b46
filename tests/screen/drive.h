/*
 * drive.h - what the files of drive share: drive.c the script and a meter that is asked,
 * drive_broker.c what comes through a broker, drive_line.c what is found and heard on lines,
 * drive_random.c keys by chance.
 */
#ifndef METERCTL_DRIVE_H
#define METERCTL_DRIVE_H

#include "ui/stage.h"

extern struct ui ui;
extern const char *writes;	/* what becomes of a write */

void die(const char *what, const char *which);
/* Room for one more frame of the Trace screen. */
struct ui_frame *next_frame(void);
/* What the simulated meter measures, for a dialect's encoder. */
bool meter_number(void *arg, const char *key, double *out);
void do_resize(char *rest);
void do_advance(char *rest);
/* Composes the screen, for a terminal that shows nothing. */
void draw_screen(void);

/* drive_broker.c */
extern const struct link_ops broker_ops;
extern bool broker_is_down;	/* `line` has said so */
void broker_tick(void);		/* a second has passed */
int broker_prove(struct ui *u, const struct uplink_options *o, const struct target *with,
		 struct err *e);

/* drive_line.c */
struct search *drive_search(const struct search_opts *o, struct err *e);
struct hearing *drive_hear(const struct hearing_opts *o, struct err *e);
struct learner *drive_learn(const struct learner_opts *o, struct err *e);

void do_searches(char *rest);
void do_found(char *rest);
void do_searched(char *rest);
void do_heard(char *rest);
void do_talks(char *rest);
void do_crowded(char *rest);
void do_tuned(char *rest);
void do_learns(char *rest);
void do_learned(char *rest);

/* drive_random.c */
void do_random(char *rest);
/* WHAT was written in spite of `writes never`: the end. */
void random_written(const char *what);

void do_broker(char *rest);
void do_row(char *rest);
void do_rows(char *rest);
void do_refused(char *rest);
void do_meter(char *rest);
void do_push(char *rest);
void do_kept(char *rest);
void do_message(char *rest);

#endif
