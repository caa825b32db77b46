/*
 * fleet_file.h - the file of `simulate --fleet`: CSV as in batch/sheet.h, a row a meter, with the
 * columns serial, scenario, interval and topic in any order; all but serial may be left out.
 */
#ifndef METERCTL_CMD_FLEET_FILE_H
#define METERCTL_CMD_FLEET_FILE_H

#include "app.h"
#include "batch/sheet.h"
#include "sim/scenario.h"

struct fleet_file {
	struct sheet sheet;	/* whose texts the meters have */
	struct scenario_own *list;
	int n;
};

/* SCENARIO: words that every meter has, before its own; NULL. ERR_USAGE: every mistake has been said
 * with its place. fleet_file_release() in any case. */
int fleet_file_load(const struct app *a, const char *path, const char *scenario, struct fleet_file *f,
		    struct err *e);
void fleet_file_release(struct fleet_file *f);

#endif
