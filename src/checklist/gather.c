#include "gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "same.h"
#include "write/undo.h"

struct gather {
	struct checklist_facts *facts;
	struct same_meter same;
	bool full;		/* out of memory */
};

/* A meter that was put in the place of another one has not been written to by that. */
static bool gather_other(const struct gather *g, const struct journal_row *r)
{
	const struct checklist_facts *f = g->facts;

	return *r->identity && *f->identity && !target_is_simulated(f->target)
	    && identity_compare(r->identity, f->identity, f->now_us - r->at_us, NULL) == IDENTITY_OTHER;
}

static struct checklist_write *gather_write_of(struct checklist_facts *f, const char *key)
{
	struct checklist_write *more;

	for (size_t i = 0; i < f->nwrites; i++)
		if (strcmp(f->writes[i].key, key) == 0)
			return &f->writes[i];
	more = realloc(f->writes, (f->nwrites + 1) * sizeof(*more));
	if (!more)
		return NULL;
	f->writes = more;
	more[f->nwrites] = (struct checklist_write){ .id = 0 };
	return &more[f->nwrites++];
}

/* Rows may come in either order. */
static int gather_take_row(void *arg, const struct journal_row *r)
{
	struct gather *g = arg;
	struct checklist_write *w;
	int64_t at = r->done_us ? r->done_us : r->at_us;

	if (gather_other(g, r))
		return 0;
	same_note_alias(&g->same, r->target, at);
	if (strcmp(r->state, "refused") == 0)
		return 0;
	w = gather_write_of(g->facts, r->key);
	g->full = !w;
	if (!w || w->id > r->id)
		return g->full;
	w->id = r->id;
	w->at_us = at;
	snprintf(w->key, sizeof(w->key), "%s", r->key);
	snprintf(w->state, sizeof(w->state), "%s", r->state);
	snprintf(w->after, sizeof(w->after), "%s", r->after);
	return 0;
}

/* The newest comes first. */
static int gather_take_proof(void *arg, const struct proof *p)
{
	struct gather *g = arg;
	struct checklist_proof *at = &g->facts->proofs[p->kind];
	enum same_whose whose;

	if (at->there)
		return 0;
	whose = same_whose(&g->same, p->target, p->identity, p->at_us);
	if (whose == SAME_NO)
		return 0;
	*at = (struct checklist_proof){ .there = true, .by_target = whose == SAME_BY_TARGET, .at_us = p->at_us,
					.what = json_loads(p->what, 0, NULL) };
	snprintf(at->outcome, sizeof(at->outcome), "%s", p->outcome);
	return 0;
}

/* A meter behind a broker never moves; and there are journals of a thousand of them. */
static int gather_rows(struct gather *g, struct journal *j, struct err *e)
{
	const struct target *t = g->facts->target;
	char text[TARGET_TEXT];
	const struct journal_filter f = { .target = text };

	if (!target_is_broker(t))
		return undo_each(j, t, gather_take_row, g, e);
	target_format(t, 0, text, sizeof(text));
	return journal_each(j, &f, gather_take_row, g, e);
}

int gather_journal(struct checklist_facts *f, const char *path, struct err *e)
{
	struct gather g = { .facts = f, .same = { .target = f->target, .identity = f->identity, .now_us = f->now_us } };
	const char *sn = target_is_broker(f->target) ? f->target->mqtt.sn : NULL;
	struct journal *j;
	int rc;

	if (journal_look(path, &j, e))
		return -1;
	if (!j)
		return 0;
	rc = gather_rows(&g, j, e);
	if (!rc)
		rc = proof_each(j, sn, gather_take_proof, &g, e);
	journal_close(j);
	if (!rc && g.full)
		return err_set(e, ERR_NO, "out of memory");
	return rc;
}
