/*
 * own.h - the options of those commands that the screens carry out in a way of their own
 * (ui/prompt/ways.c). Every other context is its command's alone.
 */
#ifndef METERCTL_CMD_OWN_H
#define METERCTL_CMD_OWN_H

#include "doctor/doctor.h"
#include "mqtt/uplink.h"
#include "report/report.h"
#include "write.h"

struct check_own {
	struct doctor_options site;
	bool correction, step;
	double energy;		/* kWh registered while it was wrong; 0: not said */
	int64_t since_us;	/* count from the kept reading nearest to it; 0: as kept_since() chooses */
};

/* plan, apply, restore, backup */
struct plan_own {
	struct write_opts write;	/* first, for write_writes() */
	bool incomplete;		/* restore */
	const char *output;		/* backup; NULL: a->out */
};

struct report_own {
	struct report_request request;
	const char *output, *verify;
	bool text;
};

struct connect_own {
	const char *save;		/* NULL: not */
};

/* Saves the connection to T as NAME (config.h), with the profile of A where that is not the
 * default one. FORCE: also when another one has that name. */
int connect_save(const struct app *a, const struct target *t, const char *name, bool force, struct err *e);

#define LEARN_LIST 64

/* The arguments of an option that is given more than once. */
struct learn_words {
	const char *list[LEARN_LIST];
	size_t n;
};

struct learn_own {
	const char *tap, *between, *serve, *output;
	struct learn_words from, values;
	double for_s;		/* 0: until interrupted, or all is found */
};

struct uplink_own {
	struct uplink_options wanted;
	int deadline_s;
	const char *with;
};

#endif
