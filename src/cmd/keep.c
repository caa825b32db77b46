#include "keep.h"

void keep_proof(const struct app *a, const struct record_whose *w, struct record *r)
{
	struct err e = { 0 };

	if (record_keep(a->journal, w, r, &e))
		app_complain(a, &e);
}

void keep_remark(void *arg, const char *text)
{
	const struct app *a = arg;

	fprintf(a->err, "meterctl: %s\n", text);
}
