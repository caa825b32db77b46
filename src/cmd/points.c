#include "points.h"

#include <string.h>

static void release(struct points *p)
{
	selection_release(&p->shown);
	selection_release(&p->wire);
}

static int choose(const struct profile *p, int argc, char **argv, bool ratios,
		  struct points *out, struct err *e)
{
	static const char *const ratio_keys[] = { "ratio.pt", "ratio.ct" };
	unsigned needed = 0;
	int rc = -1;

	*out = (struct points){ 0 };
	if (argc == 0 && profile_select_live(p, &out->shown, e))
		goto out;
	for (int i = 0; i < argc; i++)
		if (profile_select(p, argv[i], &out->shown, e))
			goto out;
	for (size_t i = 0; i < out->shown.n; i++) {
		const struct point *pt = &p->points[out->shown.idx[i]];

		needed |= ratios ? (unsigned)pt->ratio : 0;
		if (profile_select(p, pt->key, &out->wire, e))
			goto out;
	}
	/* both, even when one matters: "primary" promises that both were read */
	for (int i = 0; needed && i < 2; i++)
		if (profile_find(p, ratio_keys[i]) >= 0
		    && profile_select(p, ratio_keys[i], &out->wire, e))
			goto out;
	rc = 0;
out:
	if (rc)
		release(out);
	return rc;
}

int points_open(const struct app *a, int argc, char **argv, bool ratios,
		struct points *out, struct meter *m, struct err *e)
{
	const struct profile *p = profile_open(a->profile, e);

	if (!p)
		return -1;
	if (choose(p, argc, argv, ratios, out, e) == 0) {
		if (app_open_meter(a, p, m, e) == 0)
			return 0;
		release(out);
	}
	profile_free(p);
	return -1;
}

void points_close(const struct app *a, struct points *p, struct meter *m)
{
	struct link_stats s;

	if (a->verbose) {
		link_stats(m->link, &s);
		app_say(a, "%zu points in %lu requests: %lu answered, %lu timed out, %lu corrupt, "
			"%lu not ours, %lu refused; first byte after %.1f ms", p->wire.n,
			s.requests, s.replies, s.timeouts, s.corrupt, s.foreign,
			s.exceptions, s.latency_ms);
	}
	release(p);
	app_close_meter(m);
}

int points_verdict(const struct meter *m, const struct points *p, struct err *e)
{
	for (size_t i = 0; i < p->shown.n; i++) {
		const struct reading *r = &m->readings[p->shown.idx[i]];

		if (r->quality != QUALITY_OK) {
			*e = r->err;
			return -1;
		}
	}
	return 0;
}
