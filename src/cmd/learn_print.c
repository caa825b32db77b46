#include "learn.h"

#include <stdlib.h>
#include <string.h>

enum { KEY, STATE, ADDRESS, SHOWN_AT, TYPE, WORDS, ORDER, SCALE, LIMIT, ACCESS, SURE, WHY, SECOND, COLUMNS };

static const struct column columns[COLUMNS] = {
	[KEY] = { "key", .in = IN_ALL, .width = -24, .after = "  " },
	[STATE] = { "state", .in = IN_ALL, .width = -9 },
	[ADDRESS] = { "address", .in = IN_DATA, .optional = true },
	[SHOWN_AT] = { NULL, .in = IN_TABLE, .before = " " },
	[TYPE] = { "type", .in = IN_ALL, .optional = true, .before = " " },
	[WORDS] = { "words", .in = IN_DATA, .optional = true },
	[ORDER] = { "order", .in = IN_DATA, .optional = true },
	[SCALE] = { "scale", .in = IN_DATA, .optional = true },
	[LIMIT] = { "limit", .in = IN_DATA, .optional = true },
	[ACCESS] = { "access", .in = IN_DATA, .optional = true },
	[SURE] = { "certainty", .in = IN_ALL, .optional = true, .before = "  " },
	[WHY] = { "why", .in = IN_ALL, .optional = true, .before = "  " },
	[SECOND] = { "second", .in = IN_ALL, .optional = true, .before = "; try " },
};

const struct listing learn_list = {
	.schema = "meterctl.learn/1", .name = "found", .columns = columns, .ncolumns = COLUMNS,
};

static int learn_print_row(struct printer *out, const struct draft *d, size_t i, struct err *e)
{
	const struct learn_found *f = &d->found[i];
	const struct learn_place *p = &f->place;
	struct cell cells[COLUMNS] = { [KEY] = cell_text(d->learn->wants[i].key), [STATE] = cell_text(learn_state_names[f->state]) };
	const struct point *other = draft_conflict(d, i);
	char at[16], sure[LEARN_TEXT], why[LEARN_TEXT];

	snprintf(why, sizeof(why), "%s", f->state == LEARN_FOUND ? "" : f->why);
	if (f->state == LEARN_FOUND) {
		snprintf(at, sizeof(at), "at 0x%04X", p->addr);
		cells[ADDRESS] = cell_integer(p->addr);
		cells[SHOWN_AT] = cell_text(at);
		cells[TYPE] = cell_text(point_type_names[p->form.type]);
		cells[WORDS] = cell_integer(p->words);
		cells[ORDER] = cell_text(byte_order_names[p->form.order]);
		cells[SCALE] = cell_integer(p->form.scale);
		cells[ACCESS] = cell_text(f->reads_only ? "r" : "rw");
		cells[SURE] = cell_text(draft_certainty(f, sure, sizeof(sure)));
		if (f->limit > 0)
			cells[LIMIT] = cell_integer((int64_t)f->limit);
		if (other)
			snprintf(why, sizeof(why), "profile %s has %s there", d->base->name, other->key);
	}
	cells[WHY] = cell_some(why);
	cells[SECOND] = cell_some(f->second);
	return printer_row(out, cells, e);
}

/* {"at": 16, "value": [1]} */
static json_t *learn_write_json(const struct learn_write *w)
{
	json_t *list;

	if (!w)
		return json_null();
	list = json_array();
	for (unsigned i = 0; i < w->n && i < CODE_MAX; i++)
		json_array_append_new(list, json_integer(w->regs[i]));
	return json_pack("{s:i, s:o}", "at", w->addr, "value", list);
}

int learn_print(const struct app *a, const struct draft *d, const char *path, struct err *e)
{
	struct printer out = app_printer(a);
	json_t *tail;

	if (printer_begin(&out, &learn_list, json_pack("{s:s}", "profile", d->base->name), e))
		return -1;
	for (size_t i = 0; i < d->learn->nwants; i++)
		if (learn_print_row(&out, d, i, e)) {
			printer_drop(&out);
			return -1;
		}
	tail = json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "draft", path, "frames", (json_int_t)d->learn->frames,
			 "other_functions", (json_int_t)d->learn->other_functions, "damaged", (json_int_t)d->learn->garbage,
			 "unlock", learn_write_json(d->around.unlock), "commit", learn_write_json(d->around.commit),
			 "lock", learn_write_json(d->around.lock));
	return printer_end(&out, tail, e);
}

int learn_save(const struct app *a, const struct draft *d, const char *path, struct err *e)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int rc;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	draft_write(d, f);
	if (fclose(f))
		rc = err_set(e, ERR_NO, "out of memory");
	else
		rc = outfile_put(path, text, learn_output_how(a), e);
	free(text);
	return rc;
}
