/*
 * item_settings.c - the items about what the meter is set to: settings, network.
 */
#include <stdio.h>
#include <string.h>

#include "items.h"
#include "profile/codec.h"

/* ---- against the site's file -------------------------------------------------------- */

static const char *settings_leaf(const struct settings *s)
{
	const char *slash = strrchr(s->file, '/');

	return slash ? slash + 1 : s->file;
}

static bool settings_value_same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == VALUE_STRING ? strcmp(a->text, b->text) == 0 : a->num == b->num;
}

struct settings_tally {
	size_t same, unread;
	const struct setting *other, *missing;	/* the first of each; NULL: none */
};

static void settings_compare(const struct checklist_facts *f, const struct setting *one, struct settings_tally *t)
{
	int idx = profile_find(f->profile, one->key);
	const struct reading *r = idx < 0 ? NULL : &f->readings[idx];
	struct value want;

	if (!r || r->quality != QUALITY_OK) {
		t->unread++;
		t->missing = t->missing ? t->missing : one;
	} else if (codec_parse(&f->profile->points[idx], one->text, &want, NULL) == 0
		   && settings_value_same(&want, &r->value)) {
		t->same++;
	} else {
		t->other = t->other ? t->other : one;
	}
}

/* What the first one that differs is, and is to be; of a secret only that it differs. */
static void settings_say_other(const struct checklist_facts *f, const struct setting *one, struct checklist_item *out)
{
	int idx = profile_find(f->profile, one->key);
	const struct point *pt = &f->profile->points[idx];
	char now[512];

	if (pt->flags & POINT_SECRET)
		item_add(out, "; %s differs", one->key);
	else
		item_add(out, "; %s is %.60s, not %.60s", one->key,
			 codec_format(pt, &f->readings[idx].value, now, sizeof(now)), one->text);
}

void item_settings(const struct checklist_facts *f, const struct checklist_entry *p,
		   const struct checklist *before, struct checklist_item *out)
{
	const struct settings *s = f->settings;
	struct settings_tally t = { 0 };

	(void)p;
	(void)before;
	if (!s) {
		item_say(out, CHECKLIST_NOT_APPLICABLE, "no settings file for this site (--settings FILE)");
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		settings_compare(f, &s->list[i], &t);
	item_say(out, t.other ? CHECKLIST_FAILED : t.unread || s->nmissing ? CHECKLIST_OPEN : CHECKLIST_DONE,
		 "%zu of %zu as in %.80s", t.same, s->n, settings_leaf(s));
	if (t.other)
		settings_say_other(f, t.other, out);
	if (t.missing)
		item_add(out, "; %s not read", t.missing->key);
	if (s->nmissing)
		item_add(out, "; incomplete backup, without %s", s->missing[0]);
}

/* ---- network ------------------------------------------------------------------------ */

const char *item_network_key(const struct checklist_entry *p, size_t i)
{
	static const char *const usual[] = { "network.apn", "network.broker.host", "network.upload_interval" };

	if (p->nkeys)
		return i < p->nkeys ? p->keys[i] : NULL;
	return i < sizeof(usual) / sizeof(*usual) ? usual[i] : NULL;
}

/* Why this meter has no network settings that could be written and read; false: it has.
 * One that is written in spite of that, through a profile of the user's, has. */
static bool network_none(const struct checklist_facts *f, const struct checklist_entry *p, struct checklist_item *out)
{
	bool published = false, known = false;
	const char *key;

	for (size_t i = 0; (key = item_network_key(p, i)); i++) {
		int idx = profile_find(f->profile, key);

		if (idx < 0)
			continue;
		known = true;
		published |= f->profile->points[idx].from != FROM_PROVISIONAL || checklist_written(f, key) != NULL;
	}
	if (f->pushes)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "meter uploads to this broker: its network settings are in use");
	else if (!known)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "profile '%s' has no network settings", f->profile->name);
	else if (!published && !target_is_simulated(f->target))
		item_say(out, CHECKLIST_NOT_APPLICABLE, "registers of the network settings are not published (map them in a"
			 " profile of your own)");
	else
		return false;
	return true;
}

/* Is KEY written and read back, and still so? Else OUT says what is not. */
static bool network_written(const struct checklist_facts *f, const char *key, struct checklist_item *out)
{
	const struct checklist_write *w = checklist_written(f, key);
	const struct reading *r = item_reading(f, key);
	int idx = profile_find(f->profile, key);
	char now[512];

	if (idx < 0)
		item_say(out, CHECKLIST_OPEN, "profile '%s' has no %s", f->profile->name, key);
	else if (!w)
		item_say(out, CHECKLIST_OPEN, "no write of %s in the journal", key);
	else if (strcmp(w->state, "failed") == 0)
		item_say(out, CHECKLIST_FAILED, "%s: read-back differs from the value written", key);
	else if (strcmp(w->state, "verified") != 0)
		item_say(out, CHECKLIST_OPEN, "%s: result of the write pending", key);
	else if (r && !(f->profile->points[idx].flags & POINT_SECRET)
		 && strcmp(codec_format(&f->profile->points[idx], &r->value, now, sizeof(now)), w->after) != 0)
		item_say(out, CHECKLIST_FAILED, "%s is now '%.60s', '%.60s' was written", key, now, w->after);
	else
		return true;
	return false;
}

void item_network(const struct checklist_facts *f, const struct checklist_entry *p,
		  const struct checklist *before, struct checklist_item *out)
{
	const char *key;

	(void)before;
	if (network_none(f, p, out))
		return;
	for (size_t i = 0; (key = item_network_key(p, i)); i++)
		if (!network_written(f, key, out))
			return;
	item_say(out, CHECKLIST_DONE, "%s", "");
	for (size_t i = 0; (key = item_network_key(p, i)); i++)
		item_add(out, "%s%s", i ? ", " : "", key);
	item_add(out, " written and read back");
}
