/*
 * changes.c - what the journal knows of this meter: each setting before the first
 * write and after the last.
 */
#include <string.h>

#include "profile/codec.h"
#include "base/time.h"
#include "write/undo.h"
#include "data.h"

struct walk {
	const struct meter *m;
	json_t *list;		/* newest setting first, while walking back */
};

static json_t *changes_find(const json_t *list, const char *key)
{
	size_t i;
	json_t *one;

	json_array_foreach(list, i, one)
		if (strcmp(json_string_value(json_object_get(one, "key")), key) == 0)
			return one;
	return NULL;
}

/* What the person had to agree to, as far as the profile of today says. The journal
 * does not keep the options of a command. */
static const char *consent(const struct point *p)
{
	if (!p)
		return NULL;
	if (p->flags & POINT_SWITCHES)
		return "switching";
	return p->from == FROM_PROVISIONAL || p->flags & POINT_HARMFUL ? "provisional" : NULL;
}

static void changes_set_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, data_text(text));
}

/* As changes_set_text(), with the bits of a word by name. */
static void set_value(json_t *o, const char *key, const struct point *p, const char *text)
{
	char names[512];
	struct value v;

	if (p && p->type == TYPE_BITS && codec_parse(p, text, &v, NULL) == 0)
		text = *codec_bits(p, &v, ", ", names, sizeof(names)) ? names : "none";
	changes_set_text(o, key, text);
}

static const struct point *changes_point_of(const struct meter *m, const char *key)
{
	int idx = profile_find(m->profile, key);

	return idx < 0 ? NULL : &m->profile->points[idx];
}

/* Does the meter still hold what was verified? Null where that cannot be told, as of a
 * clock, which goes on. */
static json_t *still_json(const struct point *p, const json_t *o)
{
	const char *after = json_string_value(json_object_get(o, "after"));
	const char *now = json_string_value(json_object_get(o, "now"));
	const char *state = json_string_value(json_object_get(o, "state"));

	if (!p || p->type == TYPE_CLOCK || !after || !now || !state || strcmp(state, "verified") != 0)
		return json_null();
	return json_boolean(strcmp(after, now) == 0);
}

static json_t *new_change(const struct meter *m, const struct journal_row *r)
{
	const struct point *p = changes_point_of(m, r->key);
	const char *needs = consent(p);
	char at[48];
	json_t *o = json_pack("{s:i, s:o, s:o}", "writes", 0,
			      "now", p ? data_value(m, (size_t)(p - m->profile->points)) : json_null(),
			      "consent", needs ? json_string(needs) : json_null());

	changes_set_text(o, "key", r->key);
	changes_set_text(o, "name", p ? p->name : "");
	changes_set_text(o, "unit", p ? p->unit : "");
	/* the newest row: what came of it */
	set_value(o, "want", p, r->want);
	set_value(o, "after", p, r->after);
	changes_set_text(o, "state", r->state);
	changes_set_text(o, "error", r->error);
	json_object_set_new(o, "still", still_json(p, o));
	changes_set_text(o, "who", r->who);
	changes_set_text(o, "last", time_text(r->done_us ? r->done_us : r->at_us, at, sizeof(at)));
	return o;
}

/* Rows come from the newest back: the last one seen of a setting has its `before`. */
static int changes_take(void *arg, const struct journal_row *r)
{
	struct walk *w = arg;
	json_t *o = changes_find(w->list, r->key);
	char at[48];

	if (!o) {
		o = new_change(w->m, r);
		if (!o || json_array_append_new(w->list, o))
			return -1;
	}
	set_value(o, "before", changes_point_of(w->m, r->key), r->before);
	changes_set_text(o, "first", time_text(r->at_us, at, sizeof(at)));
	json_object_set_new(o, "writes", json_integer(json_integer_value(json_object_get(o, "writes")) + 1));
	return 0;
}

json_t *data_changes(struct meter *m, const char *path, struct err *e)
{
	struct walk w = { m, json_array() };
	struct journal *j;

	if (journal_look(path, &j, e) || (j && undo_each(j, &m->link->target, changes_take, &w, e))) {
		json_decref(w.list);
		w.list = NULL;
	}
	journal_close(j);
	return w.list;
}
