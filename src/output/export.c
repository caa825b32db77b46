#include "export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "profile/codec.h"

static const struct export_form *const forms[] = {
#define EXPORT_ROW(id, name) &export_##id,
	EXPORT_LIST(EXPORT_ROW)
#undef EXPORT_ROW
};
#define NFORMS (sizeof(forms) / sizeof(*forms))

const struct export_form *export_find(const char *name, struct err *e)
{
	char list[120] = "";
	size_t at = 0;

	for (size_t i = 0; i < NFORMS; i++) {
		if (strcmp(forms[i]->name, name) == 0)
			return forms[i];
		text_append(list, sizeof(list), &at, "%s%s", i ? ", " : "", forms[i]->name);
	}
	err_set(e, ERR_USAGE, "'%s' is not a form to export to: %s", name, list);
	return NULL;
}

/* What F cannot say of Q, or NULL. */
static const char *export_lacks(const struct export_form *f, const struct profile *p, const struct point *q)
{
	if (codec_is_scaled(q))
		return "its power of ten or factor is in another register";
	if (q->nchoices || q->type > TYPE_LAST_NUMBER || !f->types[q->type])
		return "a value of this type";
	if (codec_mask(q))
		return "a part of a register";
	if (q->negative_above)
		return "a sign above a limit";
	if (q->words > 1 && !f->orders[q->order])
		return "this byte order";
	if (fabs(q->offset) > 0 && !f->offsets)
		return "an offset";
	if (q->flags & POINT_SECRET)
		return "a secret";
	if (q->from == FROM_PROVISIONAL)
		return "registers that nobody has published";
	return f->lacks ? f->lacks(p, q) : NULL;
}

static int export_by_address(const void *a, const void *b)
{
	const struct point *x = *(const struct point *const *)a, *y = *(const struct point *const *)b;

	return x->space != y->space ? (x->space < y->space ? -1 : 1) : (int)x->addr - (int)y->addr;
}

int export_print(FILE *out, const struct export_form *f, const struct profile *p, const struct selection *sel,
		 const struct target *t, void (*said)(void *arg, const char *text), void *arg, struct err *e)
{
	const struct point **points = calloc(sel->n + 1, sizeof(*points));
	struct export x = { .out = out, .profile = p, .target = t, .points = points };
	char text[200];

	if (!points)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < sel->n; i++) {
		const struct point *q = &p->points[sel->idx[i]];
		const char *lacks = export_lacks(f, p, q);

		if (!lacks && q->nnone > f->codes) {
			snprintf(text, sizeof(text), "'%s': codes of 'no such value' are lost in form '%s'", q->key, f->name);
			said(arg, text);
		}
		if (!lacks) {
			points[x.n++] = q;
			continue;
		}
		snprintf(text, sizeof(text), "'%s' is left out: form '%s' cannot express %s", q->key, f->name, lacks);
		said(arg, text);
	}
	qsort(points, x.n, sizeof(*points), export_by_address);
	if (x.n)
		f->print(&x);
	free(points);
	return x.n ? 0 : err_set(e, ERR_NO, "nothing to export: form '%s' cannot express any of these points of profile '%s'", f->name, p->name);
}

const char *export_id(const struct export *x, const struct point *p, char *buf, size_t size)
{
	snprintf(buf, size, "%s_%d_%s", x->profile->name, x->target->unit, p->key);
	for (char *c = buf; *c; c++)
		if (*c == '.' || *c == '-' || *c == '@')
			*c = '_';
	return buf;
}

void export_quoted(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('"', f);
}
