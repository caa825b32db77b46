#include "printer.h"

#include <stdarg.h>

#include "output.h"

void printer_init(struct printer *p, FILE *f, const struct format *format, bool primary)
{
	*p = (struct printer){ .f = f, .format = format, .primary = primary };
}

int printer_begin(struct printer *p, const struct listing *l, json_t *head, struct err *e)
{
	p->list = l;
	p->head = head;
	if (!p->format->begin || p->format->begin(p, e) == 0)
		return 0;
	printer_drop(p);
	return -1;
}

static void printer_give_back(const struct listing *l, const struct cell *cells)
{
	for (size_t i = 0; i < l->ncolumns; i++)
		if (cells[i].kind == CELL_JSON)
			json_decref(cells[i].json);
}

int printer_row_in(struct printer *p, unsigned forms, const struct cell *cells, struct err *e)
{
	int rc = 0;

	if (forms & p->format->form && p->format->row)
		rc = p->format->row(p, cells, e);
	printer_give_back(p->list, cells);
	return rc;
}

int printer_row(struct printer *p, const struct cell *cells, struct err *e)
{
	return printer_row_in(p, IN_ALL, cells, e);
}

int printer_measure(struct printer *p, const struct cell *cells, struct err *e)
{
	int rc = p->format->measure ? p->format->measure(p, cells, e) : 0;

	printer_give_back(p->list, cells);
	return rc;
}

int printer_readings(struct printer *p, const struct readings *r, struct err *e)
{
	if (p->format->readings)
		return p->format->readings(p, r, e);
	for (size_t i = 0; i < r->n; i++)
		if (reading_row(p, r, r->idx[i], e))
			return -1;
	return p->format->round ? p->format->round(p, e) : 0;
}

void printer_note(struct printer *p, const char *fmt, ...)
{
	va_list ap;

	if (!printer_prose(p))
		return;
	if (p->format->round)
		p->format->round(p, NULL);
	va_start(ap, fmt);
	vfprintf(p->f, fmt, ap);
	va_end(ap);
	fputc('\n', p->f);
}

int printer_flush(struct printer *p, struct err *e)
{
	if (p->format->flush && p->format->flush(p, e))
		return -1;
	return fflush(p->f) ? err_set(e, ERR_NO, "cannot write output: %m") : 0;
}

int printer_end(struct printer *p, json_t *tail, struct err *e)
{
	int rc;

	p->tail = tail;
	rc = p->format->end ? p->format->end(p, e) : 0;
	printer_drop(p);
	return rc;
}

void printer_drop(struct printer *p)
{
	if (p->format->drop && p->state)
		p->format->drop(p);
	p->state = NULL;
	json_decref(p->head);
	json_decref(p->tail);
	p->head = p->tail = NULL;
	p->list = NULL;
}

void printer_documented(const struct printer *p)
{
	if (p->documented)
		*p->documented = true;
}

json_t *printer_document(const struct listing *l, json_t *head, json_t *rows, json_t *tail)
{
	json_t *doc = head && rows && tail ? json_pack("{s:s}", "schema", l->schema) : NULL;

	if (doc && (json_object_update(doc, head) || json_object_set(doc, l->name, rows)
		    || json_object_update(doc, tail))) {
		json_decref(doc);
		doc = NULL;
	}
	json_decref(head);
	json_decref(rows);
	json_decref(tail);
	return doc;
}

json_t *printer_row_json(const struct listing *l, const struct cell *cells)
{
	json_t *row = cell_row_json(l->columns, l->ncolumns, IN_DOCUMENT, cells);

	printer_give_back(l, cells);
	return row;
}

int printer_object(struct printer *p, json_t *object, struct err *e)
{
	if (output_json(p->f, object, e))
		return -1;
	printer_documented(p);
	return 0;
}

FILE *printer_prose(const struct printer *p)
{
	return p->format->flags & FORMAT_PROSE ? p->f : NULL;
}

bool printer_live(const struct printer *p)
{
	return (p->format->flags & FORMAT_LIVE) != 0;
}

bool printer_nests(const struct printer *p)
{
	return (p->format->flags & FORMAT_NESTED) != 0;
}
