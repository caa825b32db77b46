/*
 * json.c - one document: what is said before the list, the list, what is said behind it.
 * One that would never end is printed as lines (jsonl.h).
 */
#include "jsonl.h"
#include "output.h"
#include "printer.h"

static int json_begin(struct printer *p, struct err *e)
{
	if (p->list->endless)
		return jsonl_begin(p, e);
	p->state = json_array();
	return p->state && p->head ? 0 : err_set(e, ERR_NO, "out of memory for JSON");
}

static int json_row(struct printer *p, const struct cell *cells, struct err *e)
{
	if (p->list->endless)
		return jsonl_row(p, cells, e);
	if (json_array_append_new(p->state, cell_row_json(p->list->columns, p->list->ncolumns,
							  IN_DOCUMENT, cells)))
		return err_set(e, ERR_NO, "out of memory for JSON");
	return 0;
}

static int json_readings(struct printer *p, const struct readings *r, struct err *e)
{
	if (p->list->endless)
		return jsonl_readings(p, r, e);
	for (size_t i = 0; i < r->n; i++)
		if (reading_row(p, r, r->idx[i], e))
			return -1;
	return 0;
}

static int json_flush(struct printer *p, struct err *e)
{
	return p->list && p->list->endless ? jsonl_flush(p, e) : 0;
}

static int json_end(struct printer *p, struct err *e)
{
	json_t *doc;

	if (p->list->endless)
		return jsonl_flush(p, e);
	doc = printer_document(p->list, p->head, p->state, p->tail);
	p->head = p->state = p->tail = NULL;
	if (output_json(p->f, doc, e))
		return -1;
	printer_documented(p);
	return 0;
}

static void json_drop(struct printer *p)
{
	if (p->list->endless)
		jsonl_drop(p);
	else
		json_decref(p->state);
}

const struct format format_json = {
	.name = "json",
	.form = IN_DOCUMENT,
	.flags = FORMAT_NESTED,
	.begin = json_begin,
	.row = json_row,
	.readings = json_readings,
	.flush = json_flush,
	.end = json_end,
	.drop = json_drop,
};
