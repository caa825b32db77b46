#include "check_opts.h"

#include <string.h>

#include "base/time.h"

int check_take_clamp(const char *arg, void *field, struct err *e)
{
	return doctor_clamp_parse(arg, field, e);
}

int check_take_site(const char *arg, void *field, struct err *e)
{
	struct doctor_options *given = field;

	if (strcmp(arg, "consumer") == 0)
		given->site = DOCTOR_SITE_CONSUMER;
	else if (strcmp(arg, "exporting") == 0)
		given->site = DOCTOR_SITE_EXPORTING;
	else
		return err_set(e, ERR_USAGE, "'%s' is no kind of site (consumer, exporting)", arg);
	return 0;
}

int check_take_window(const char *arg, void *field, struct err *e)
{
	return doctor_window_parse(arg, field, e);
}

int check_take_wires(const char *arg, void *field, struct err *e)
{
	return doctor_wires_parse(arg, field, e);
}

int check_take_service(const char *arg, void *field, struct err *e)
{
	return doctor_service_parse(arg, field, e);
}

int check_take_since(const char *arg, void *field, struct err *e)
{
	int64_t *us = field;

	if (time_parse(arg, us))
		return err_set(e, ERR_USAGE, "'%s' is no date (2026-01-31 or 2026-01-31T14:00)", arg);
	if (*us > time_wall_us())
		return err_set(e, ERR_USAGE, "'%s' is in the future", arg);
	return 0;
}
