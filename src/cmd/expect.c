#include "expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "profile/profile.h"

int expect_take(const char *arg, void *field, struct err *e)
{
	struct expect_given *g = field;

	if (g->n == EXPECT_GIVEN)
		return err_set(e, ERR_USAGE, "more than %d conditions KEY=RANGE", EXPECT_GIVEN);
	g->text[g->n++] = arg;
	return 0;
}

static int expect_parse_one(const struct profile *p, const char *text, struct expect *out, struct err *e)
{
	size_t len = strcspn(text, "=");
	struct selection sel = { 0 };
	char key[128];
	int rc;

	if (!text[len] || len == 0 || len >= sizeof(key))
		return err_set(e, ERR_USAGE, "'%.120s': not KEY=RANGE (write KEY=LOW..HIGH or KEY=VALUE)", text);
	snprintf(key, sizeof(key), "%.*s", (int)len, text);
	rc = profile_find(p, key);
	if (rc >= 0) {
		out->idx = (size_t)rc;
		return range_parse(&p->points[rc], text + len + 1, &out->range, e);
	}
	/* a group or a misspelt key: who selects says the nearest */
	if (profile_select(p, key, &sel, e))
		return -1;
	rc = err_set(e, ERR_USAGE, "'%s' names %zu points (name one key)", key, sel.n);
	selection_release(&sel);
	return rc;
}

int expects_parse(const struct profile *p, const struct expect_given *given, struct expects *out,
		  struct err *e)
{
	*out = (struct expects){ 0 };
	if (given->n == 0)
		return 0;
	out->list = calloc(given->n, sizeof(*out->list));
	if (!out->list)
		return err_set(e, ERR_NO, "out of memory");
	for (; out->n < given->n; out->n++)
		if (expect_parse_one(p, given->text[out->n], &out->list[out->n], e)) {
			expects_release(out);
			return -1;
		}
	return 0;
}

void expects_release(struct expects *x)
{
	free(x->list);
	*x = (struct expects){ 0 };
}

static bool expect_holds(const struct expect *x, const struct meter *m)
{
	const struct reading *r = &m->readings[x->idx];

	return r->quality == QUALITY_OK && range_holds(&x->range, &r->value);
}

bool expects_hold(const struct expects *x, const struct meter *m)
{
	for (size_t i = 0; i < x->n; i++)
		if (!expect_holds(&x->list[i], m))
			return false;
	return true;
}

static int expect_complain(const struct expect *x, const struct meter *m, const char *when, struct err *e)
{
	const struct point *p = &m->profile->points[x->idx];
	const struct reading *r = &m->readings[x->idx];
	char value[VALUE_TEXT], range[RANGE_TEXT];
	const char *unit = *p->unit ? " " : "";

	if (r->value.kind == VALUE_BITS)
		range_text(&(struct range){ .point = p, .want = r->value }, value, sizeof(value));
	else
		output_text(p, &r->value, value, sizeof(value));
	range_text(&x->range, range, sizeof(range));
	if (r->quality != QUALITY_OK)
		return err_set(e, r->err.code ? r->err.code : ERR_SILENT, "'%s' not read%s, expected %s%s%s: %s",
			       p->key, when, range, unit, p->unit, *r->err.text ? r->err.text : "no reply");
	return err_set(e, ERR_NO, "'%s' is %s%s%s%s, expected %s%s%s", p->key, value, unit, p->unit, when, range, unit, p->unit);
}

int expects_complain(const struct app *a, const struct expects *x, const struct meter *m,
		     const char *when, struct err *e)
{
	struct err one = { 0 };
	enum err_code code = ERR_NONE;

	for (size_t i = 0; i < x->n; i++) {
		if (expect_holds(&x->list[i], m))
			continue;
		app_complain(a, &one);
		expect_complain(&x->list[i], m, when, &one);
		/* why there is no value goes before a value that is another */
		if (code <= ERR_NO)
			code = one.code;
	}
	if (!code)
		return 0;
	*e = one;
	e->code = code;
	return -1;
}
