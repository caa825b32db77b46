/*
 * columns.c - the columns of a batch file that are no keys, a row each in column_kinds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "loading.h"
#include "profile/base.h"
#include "profile/ratio.h"

static int column_no_memory(struct err *e)
{
	return err_set(e, ERR_NO, "out of memory");
}

const char *column_path(struct loading *l, const char *path, struct err *e)
{
	const char *whole = *path == '/' || strcmp(l->folder, ".") == 0
			    ? arena_format(&l->sites->arena, "%s", path)
			    : arena_format(&l->sites->arena, "%s/%s", l->folder, path);

	if (!whole)
		column_no_memory(e);
	return whole;
}

/* The profile at PATH, opened once; with TARGET, as its meter has it, once for each. NULL and E. */
static const struct profile *column_open(struct loading *l, const char *path, const char *target, struct err *e)
{
	const char *name = target ? arena_format(&l->sites->arena, "%s %s", path, target) : path;
	struct site_profile *u = name ? l->sites->profiles : NULL;

	while (u && strcmp(u->name, name) != 0)
		u = u->next;
	if (!u) {
		u = name ? arena_alloc(&l->sites->arena, sizeof(*u)) : NULL;
		if (!u) {
			column_no_memory(e);
			return NULL;
		}
		u->name = name;
		u->profile = target ? l->opts->identify(l->opts->identify_arg, path, target, &u->why) : profile_open(path, &u->why);
		u->next = l->sites->profiles;
		l->sites->profiles = u;
	}
	if (!u->profile)
		*e = u->why;
	return u->profile;
}

bool column_asks(struct loading *l, const char *name)
{
	const struct profile *p;
	struct err ignored;

	if (profile_is_auto(name))
		return true;
	p = column_profile(l, name, NULL, &ignored);
	return p && base_is_sought(p);
}

const struct profile *column_profile(struct loading *l, const char *name, const char *target, struct err *e)
{
	const char *path = profile_is_file(name) && name != l->opts->profile ? column_path(l, name, e) : name;

	if (!path)
		return NULL;
	return column_open(l, path, target && l->opts->identify && column_asks(l, name) ? target : NULL, e);
}

/* ---- one column each ----------------------------------------------------------------- */

static int column_take_target(struct loading *l, struct site *s, const char *text, struct err *e)
{
	struct target t;

	(void)l;
	if (target_parse(text, &t, e))
		return -1;
	if (!target_is_meter(&t))
		return err_set(e, ERR_USAGE, "'%s' is a broker: add the serial number of the meter (%s/SN)", text, text);
	s->target = t;
	return 0;
}

static int column_take_profile(struct loading *l, struct site *s, const char *text, struct err *e)
{
	/* what each meter is asked for is told with the row */
	if (!column_asks(l, text))
		s->profile = column_profile(l, text, NULL, e);
	return s->profile || column_asks(l, text) ? 0 : -1;
}

/* ERR_NONE and -1: it has been said of another row. */
static int column_take_settings(struct loading *l, struct site *s, const char *text, struct err *e)
{
	const char *path = column_path(l, text, e);
	struct site_file *f;

	if (!path)
		return -1;
	for (f = l->sites->files; f && strcmp(f->path, path) != 0; f = f->next)
		;
	if (!f) {
		f = arena_alloc(&l->sites->arena, sizeof(*f));
		if (!f)
			return column_no_memory(e);
		f->path = path;
		f->next = l->sites->files;
		l->sites->files = f;
		f->bad = settings_load(path, &f->settings, e) != 0;
	}
	s->settings = &f->settings;
	return f->bad ? -1 : 0;
}

static int column_take_check(struct loading *l, struct site *s, const char *text, struct err *e)
{
	(void)l;
	s->check = strcmp(text, "yes") == 0;
	return s->check || strcmp(text, "no") == 0 ? 0 : err_set(e, ERR_USAGE, "'%s': write yes or no", text);
}

static int column_take_amperes(struct site *s, int phase, const char *text, struct err *e)
{
	double v;

	if (!text_double(text, &v) || v < 0)
		return err_set(e, ERR_USAGE, "'%s' is not a current in A (write 118.5)", text);
	s->clamp[phase] = v;
	return 0;
}

static int column_take_clamp_a(struct loading *l, struct site *s, const char *text, struct err *e)
{
	(void)l;
	return column_take_amperes(s, 0, text, e);
}

static int column_take_clamp_b(struct loading *l, struct site *s, const char *text, struct err *e)
{
	(void)l;
	return column_take_amperes(s, 1, text, e);
}

static int column_take_clamp_c(struct loading *l, struct site *s, const char *text, struct err *e)
{
	(void)l;
	return column_take_amperes(s, 2, text, e);
}

static int column_take_nameplate_ct(struct loading *l, struct site *s, const char *text, struct err *e)
{
	double ratio;

	(void)l;
	s->nameplate_ct = text;
	return ratio_parse(text, &ratio, e);
}

static int column_take_nameplate_pt(struct loading *l, struct site *s, const char *text, struct err *e)
{
	double ratio;

	(void)l;
	s->nameplate_pt = text;
	return ratio_parse(text, &ratio, e);
}

static int column_take_report(struct loading *l, struct site *s, const char *text, struct err *e)
{
	char folder[SITE_REPORT + 1];
	const char *slash;

	s->report = column_path(l, text, e);
	if (!s->report)
		return -1;
	if (strlen(s->report) > SITE_REPORT)
		return err_set(e, ERR_USAGE, "the path is too long (%zu bytes, %d at most)", strlen(s->report), SITE_REPORT);
	slash = strrchr(s->report, '/');
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - s->report) + 1 : 1, slash ? s->report : ".");
	return access(folder, W_OK) == 0 ? 0 : err_set(e, ERR_USAGE, "cannot write to the folder '%s': %s (make it first)", folder, strerror(errno));
}

static int column_take_note(struct loading *l, struct site *s, const char *text, struct err *e)
{
	(void)l;
	(void)e;
	s->note = text;
	return 0;
}

/* Those that are no keys. */
const struct column_kind column_kinds[] = {
	{ "target", column_take_target },
	{ "profile", column_take_profile },
	{ "settings", column_take_settings },
	{ "check", column_take_check },
	{ "clamp.a", column_take_clamp_a },
	{ "clamp.b", column_take_clamp_b },
	{ "clamp.c", column_take_clamp_c },
	{ "nameplate.ct", column_take_nameplate_ct },
	{ "nameplate.pt", column_take_nameplate_pt },
	{ "report", column_take_report },
	{ "note", column_take_note },
};

const size_t ncolumn_kinds = sizeof(column_kinds) / sizeof(*column_kinds);

const struct column_kind *column_kind(const char *name)
{
	for (size_t i = 0; i < ncolumn_kinds; i++)
		if (strcmp(column_kinds[i].name, name) == 0)
			return &column_kinds[i];
	return NULL;
}
