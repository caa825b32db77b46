/*
 * listen.h - what `listen` is made of: the frames and their statistics as rows.
 */
#ifndef METERCTL_CMD_LISTEN_H
#define METERCTL_CMD_LISTEN_H

#include "app.h"
#include "modbus/traffic.h"
#include "output/cut_text.h"
#include "output/printer.h"

extern const struct listing listen_list;

/* What the rows of a run are made with. */
struct listen_print {
	const struct app *app;
	struct printer out;
	const struct profile *profile;
	struct cut_text words;
};

/* A frame or garbage, of which BYTES are shown: those of C without secrets. AT_US: wall clock
 * of its last byte. */
int listen_print_cut(struct listen_print *p, const struct cut *c, const uint8_t *bytes, int64_t at_us, struct err *e);

/* What is said at the end: of each unit, and of the line. NOW_US as the times of the frames;
 * LINE: "9600 8N1", or "". The list is over, also on -1. */
int listen_print_end(struct listen_print *p, const struct traffic *t, int64_t now_us, const char *line, struct err *e);

#endif
