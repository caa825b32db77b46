/*
 * diff.c - `meterctl diff FILE [FILE]`: a file of settings against a meter, or
 * against another file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/printer.h"
#include "profile/codec.h"
#include "write/settings.h"
#include "base/text.h"
#include "auto.h"
#include "cmd.h"
#include "points.h"

/* One setting as it stands on both sides; VALUE_NONE: not there. */
struct pair {
	uint16_t idx;
	struct value a, b;
	struct err err;		/* why the meter has none */
};

struct diff {
	const struct profile *profile;
	const char *a, *b;	/* what is compared, for people */
	struct pair *pairs;
	size_t n;
};

static struct pair *pair_of(struct diff *d, size_t idx, struct err *e)
{
	struct pair *more;

	for (size_t i = 0; i < d->n; i++)
		if (d->pairs[i].idx == idx)
			return &d->pairs[i];
	more = realloc(d->pairs, (d->n + 1) * sizeof(*more));
	if (!more) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	d->pairs = more;
	more[d->n] = (struct pair){ .idx = (uint16_t)idx };
	return &more[d->n++];
}

/* The file as one side of D: B when SECOND. */
static int take_file(const struct app *a, struct diff *d, const char *path, bool second, struct err *e)
{
	struct settings s;
	struct err lacks;
	int rc = -1;

	if (settings_load(path, &s, e))
		return -1;
	if (settings_check(&s, d->profile, e))
		goto out;
	for (size_t i = 0; i < s.n; i++) {
		int idx = profile_find(d->profile, s.list[i].key);
		const struct point *pt = &d->profile->points[idx];
		struct pair *at = pair_of(d, (size_t)idx, e);

		if (!at)
			goto out;
		if (codec_parse(pt, s.list[i].text, second ? &at->b : &at->a, e)) {
			settings_place(&s, i, e);
			goto out;
		}
	}
	/* what an incomplete backup lacks is no proof that nothing differs */
	for (size_t i = 0; i < s.nmissing; i++)
		if (!pair_of(d, (size_t)profile_find(d->profile, s.missing[i]), e))
			goto out;
	if (settings_whole(&s, &lacks))
		app_say(a, "%s", lacks.text);
	rc = 0;
out:
	settings_release(&s);
	return rc;
}

/* The meter as side B. */
static int diff_take_meter(struct diff *d, struct meter *m, struct err *e)
{
	uint16_t *idx = calloc(d->n + 1, sizeof(*idx));
	int rc;

	if (!idx)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < d->n; i++)
		idx[i] = d->pairs[i].idx;
	rc = d->n ? meter_read(m, idx, d->n, NULL, NULL, e) : 0;
	for (size_t i = 0; !rc && i < d->n; i++) {
		const struct reading *r = &m->readings[d->pairs[i].idx];

		if (r->quality == QUALITY_OK)
			d->pairs[i].b = r->value;
		else
			d->pairs[i].err = r->err;
	}
	free(idx);
	return rc;
}

static bool diff_same(const struct pair *p)
{
	if (p->a.kind != p->b.kind || p->a.kind == VALUE_NONE)
		return false;
	return p->a.kind == VALUE_STRING ? strcmp(p->a.text, p->b.text) == 0
					 : p->a.num == p->b.num;
}

/* ---- output --------------------------------------------------------------------- */

enum { KEY, UNIT_FIRST, A, B, UNIT, ERROR, COLUMNS };

static const struct column columns[COLUMNS] = {
	[KEY] = { "key", .in = IN_ALL, .width = -1, .most = CELL_WIDEST, .after = "  " },
	[UNIT_FIRST] = { "unit", .in = IN_JSON },
	[A] = { "a", .in = IN_ALL, .none = "--" },
	[B] = { "b", .in = IN_ALL, .before = " | ", .none = "--" },
	[UNIT] = { "unit", .in = IN_CELLS | IN_TABLE, .before = " " },
	[ERROR] = { "error", .in = IN_ALL, .optional = true, .before = "  [", .after = "]" },
};
static const struct listing listing = {
	.schema = "meterctl.diff/1", .name = "differences", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

static int diff_row(struct printer *out, const struct diff *d, const struct pair *p, struct err *e)
{
	const struct point *pt = &d->profile->points[p->idx];
	const struct cell cells[COLUMNS] = {
		[KEY] = cell_text(pt->key), [UNIT_FIRST] = cell_text(pt->unit),
		[A] = cell_value(pt, &p->a), [B] = cell_value(pt, &p->b),
		[UNIT] = cell_text(pt->unit), [ERROR] = cell_some(p->err.text),
	};

	return printer_row(out, cells, e);
}

static json_t *diff_head_json(const struct diff *d)
{
	char left[512], right[512];

	text_clean(left, sizeof(left), d->a);
	text_clean(right, sizeof(right), d->b);
	return json_pack("{s:s, s:s}", "a", left, "b", right);
}

/* -1 with ERR_NO when they differ, which the rows have said. */
static int diff_print(const struct app *a, const struct diff *d, struct err *e)
{
	struct printer out = app_printer(a);
	const struct err *unread = NULL;
	size_t ndiffer = 0;
	int rc = printer_begin(&out, &listing, diff_head_json(d), e);

	for (size_t i = 0; i < d->n && !rc; i++) {
		if (diff_same(&d->pairs[i]))
			continue;
		ndiffer++;
		if (!unread && *d->pairs[i].err.text)
			unread = &d->pairs[i].err;
		rc = diff_row(&out, d, &d->pairs[i], e);
	}
	if (!rc)
		rc = printer_end(&out, json_pack("{s:s}", "result", ndiffer ? "differ" : "same"), e);
	printer_drop(&out);
	if (rc)
		return -1;
	if (unread)
		*e = *unread;
	else if (ndiffer)
		err_set(e, ERR_NO, "%s", "");
	return ndiffer ? -1 : 0;
}

static int against_meter(struct app *a, struct diff *d, struct err *e)
{
	struct meter m;
	int rc;

	if (app_open_meter(a, d->profile, &m, e))
		return -1;
	d->b = m.link->target.text;
	points_patience(a, &m);
	rc = diff_take_meter(d, &m, e) ? -1 : diff_print(a, d, e);
	d->profile = NULL;
	app_close_meter(a, &m);
	return rc;
}

static int diff_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct diff d = { 0 };
	struct target t;
	int rc = -1;

	if (cmd_words(&cmd_diff, argc, 1, 2, e) || (argc == 1 && app_target(a, &t, e)))
		return -1;
	d.profile = app_profile(a, e);
	if (!d.profile)
		return -1;
	d.a = argv[0];
	if (take_file(a, &d, argv[0], false, e))
		goto out;
	if (argc == 1) {
		rc = against_meter(a, &d, e);
	} else {
		d.b = argv[1];
		rc = take_file(a, &d, argv[1], true, e) ? -1 : diff_print(a, &d, e);
	}
out:
	profile_free(d.profile);
	free(d.pairs);
	return rc;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.args = "FILE [FILE]",
	.complete = "@file",
	.help = "a file of settings against the meter, or two files (exit status 1: they differ)",
	.run = diff_run,
};
