#include "learn.h"

#include <string.h>

#include "profile/codec.h"

/* Is what P reads one of the values that were typed? */
static bool learn_is_typed(const struct learn_want *w, const struct point *p, const uint16_t *regs)
{
	char got[VALUE_TEXT];
	struct value v;
	bool same = false;

	if (codec_decode(p, regs, &v, NULL))
		return false;
	codec_format(p, &v, got, sizeof(got));
	for (size_t i = 0; i < w->nvalues; i++)
		same = same || strcmp(got, w->values[i].text) == 0;
	explicit_bzero(got, sizeof(got));
	return same;
}

static int learn_back_one(const struct app *a, struct meter *m, const struct learn_want *w, struct err *e)
{
	int idx = profile_find(m->profile, w->key);
	const struct point *p = &m->profile->points[idx];
	uint16_t regs[VALUE_WORDS];
	struct err why = { 0 };
	bool same;

	if (meter_read_registers(m, p->space, p->addr, p->words, regs, &why)) {
		if (why.code == ERR_INTERRUPTED) {
			*e = why;
			return -1;
		}
		app_say(a, "%s: not read back: %s", w->key, why.text);
		return 0;
	}
	same = learn_is_typed(w, p, regs);
	explicit_bzero(regs, sizeof(regs));
	app_say(a, same ? "%s: read back, it is the value that was typed"
			: "%s: read back, it is not the value that was typed (check it on the meter before you use the draft)", w->key);
	return 0;
}

int learn_read_back(const struct app *a, const struct target *meter, const struct draft *d, const char *path, struct err *e)
{
	const struct profile *profile = profile_open(path, e);
	struct link_opts o = app_link_opts(a);
	struct target t = *meter;
	struct meter m;
	int rc = 0;

	if (!profile)
		return -1;
	for (size_t i = 0; i < d->learn->nwants; i++)
		if (d->found[i].state == LEARN_FOUND)
			t.unit = d->found[i].place.unit;
	if (meter_open(&m, profile, &t, &o, e)) {
		profile_free(profile);
		return -1;
	}
	app_catch_signals(a, &m);
	for (size_t i = 0; i < d->learn->nwants && rc == 0; i++)
		if (d->found[i].state == LEARN_FOUND)
			rc = learn_back_one(a, &m, &d->learn->wants[i], e);
	app_close_meter(a, &m);
	return rc;
}
