/*
 * jsonl.c - an object a line. Readings, of which a broker brings many, are written
 * together and without the JSON library (output_line.h).
 */
#include "jsonl.h"

#include <stdlib.h>

#include "output.h"
#include "output_line.h"
#include "printer.h"

#define WRITE_AT 65536		/* bytes of lines that are written together */

int jsonl_begin(struct printer *p, struct err *e)
{
	p->state = calloc(1, sizeof(struct output_lines));
	return p->state ? 0 : err_set(e, ERR_NO, "out of memory");
}

int jsonl_row(struct printer *p, const struct cell *cells, struct err *e)
{
	return output_json(p->f, cell_row_json(p->list->columns, p->list->ncolumns, IN_LINES, cells), e);
}

/* What a document says around its list, where that is a verdict. */
static int jsonl_end(struct printer *p, struct err *e)
{
	json_t *last;

	if (jsonl_flush(p, e))
		return -1;
	if (!p->list->concludes)
		return 0;
	last = p->head && p->tail ? json_pack("{s:s}", "schema", p->list->schema) : NULL;
	if (last && (json_object_update(last, p->head) || json_object_update(last, p->tail))) {
		json_decref(last);
		last = NULL;
	}
	if (output_json(p->f, last, e))
		return -1;
	printer_documented(p);
	return 0;
}

int jsonl_readings(struct printer *p, const struct readings *r, struct err *e)
{
	struct output_lines *lines = p->state;

	if (!lines->profile && output_lines_init(lines, r->meter->profile, e))
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (output_line_json(lines, r->id ? r->id : output_meter_id(r->meter), r->meter->readings, r->idx[i], e))
			return -1;
	return lines->n < WRITE_AT ? 0 : output_lines_write(lines, p->f, e);
}

int jsonl_flush(struct printer *p, struct err *e)
{
	return output_lines_write(p->state, p->f, e);
}

void jsonl_drop(struct printer *p)
{
	output_lines_release(p->state);
	free(p->state);
}

const struct format format_jsonl = {
	.name = "jsonl",
	.form = IN_LINES,
	.flags = FORMAT_NESTED | FORMAT_LIVE,
	.begin = jsonl_begin,
	.row = jsonl_row,
	.readings = jsonl_readings,
	.flush = jsonl_flush,
	.end = jsonl_end,
	.drop = jsonl_drop,
};
