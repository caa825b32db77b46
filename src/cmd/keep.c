#include "keep.h"

int keep_proof(const struct app *a, const struct record_whose *w, struct record *r)
{
	struct err e = { 0 };

	if (record_keep(a->journal, w, r, &e) == 0)
		return 0;
	app_complain(a, &e);
	return -1;
}

void keep_remark(void *arg, const char *text)
{
	const struct app *a = arg;

	fprintf(a->err, "meterctl: %s\n", text);
}
