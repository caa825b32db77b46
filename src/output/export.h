/*
 * export.h - a profile for other programs that read the meter (`profile export`): one file and one row a form.
 *
 * Only numbers as they stand in whole registers go over. What a form cannot say of a point is told, and the
 * point left out: a wrong value there would be nobody's here to find.
 */
#ifndef METERCTL_OUTPUT_EXPORT_H
#define METERCTL_OUTPUT_EXPORT_H

#include <stdio.h>

#include "profile/profile.h"
#include "target/target.h"

struct export {
	FILE *out;
	const struct profile *profile;
	const struct target *target;	/* where the meter is */
	const struct point *const *points;	/* those that go over, by space and address */
	size_t n;
};

struct export_form {
	const char *name;
	const char *types[TYPE_COUNT];	/* what it calls them; NULL: it has none such */
	const char *orders[4];		/* of two and four words, by enum byte_order; NULL: as above */
	bool offsets;			/* it can add one */
	bool codes;			/* it knows one code of "no such value" */
	/* What it cannot say of P beside that, or NULL. */
	const char *(*lacks)(const struct profile *profile, const struct point *p);
	void (*print)(const struct export *x);
};

/* X(ID, NAME): export_ID is in export_ID.c. */
#define EXPORT_LIST(X) \
	X(homeassistant, "homeassistant") X(telegraf, "telegraf") X(evcc, "evcc") X(modpoll, "modpoll") \
	X(gateway, "acrel-gateway")
#define EXPORT_FORMS "homeassistant telegraf evcc modpoll acrel-gateway"

#define EXPORT_EXTERN(id, name) extern const struct export_form export_##id;
EXPORT_LIST(EXPORT_EXTERN)
#undef EXPORT_EXTERN

/* NULL and E: there is no such form. */
const struct export_form *export_find(const char *name, struct err *e);

/*
 * Prints SEL of P as F has it, for the meter at T. Calls SAID with each point that is left out, and why;
 * and with each that goes over without its codes of "no such value". -1 and E: nothing is left.
 */
int export_print(FILE *out, const struct export_form *f, const struct profile *p, const struct selection *sel,
		 const struct target *t, void (*said)(void *arg, const char *text), void *arg, struct err *e);

/* "sdm120_1_voltage_a": what tells the point from all others. Returns BUF. */
const char *export_id(const struct export *x, const struct point *p, char *buf, size_t size);
/* TEXT in double quotes, as YAML and TOML both take it. */
void export_quoted(FILE *f, const char *text);

#endif
