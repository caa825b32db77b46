/*
 * table.c - rows for a person. Those with a column that is as wide as its widest cell
 * wait until the round is over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "output.h"
#include "printer.h"

struct table {
	bool measured;		/* some column waits for its widest cell */
	bool headed;
	int *widths;		/* by column, of the round */
	struct arena arena;	/* the rows that wait: a text for each column, NULL: none */
	const char **rows;
	size_t n, room;
};

static int table_no_memory(struct err *e)
{
	return err_set(e, ERR_NO, "out of memory");
}

static int table_begin(struct printer *p, struct err *e)
{
	struct table *t = calloc(1, sizeof(*t));

	p->state = t;
	if (!t)
		return table_no_memory(e);
	t->widths = calloc(p->list->ncolumns, sizeof(*t->widths));
	for (size_t i = 0; i < p->list->ncolumns; i++)
		t->measured = t->measured || p->list->columns[i].most > 0;
	return t->widths ? 0 : table_no_memory(e);
}

/* NULL: nothing stands there. */
static const char *table_text(const struct column *c, const struct cell *cell, char *buf, size_t size)
{
	if (!(c->in & IN_TABLE))
		return NULL;
	if (cell->shown)
		return cell->shown;
	return cell->kind == CELL_NONE ? c->none : cell_to_text(cell, buf, size);
}

/* Around TEXT, to WIDTH cells of a terminal. */
static void table_put_measured(FILE *f, const char *text, int width, bool left)
{
	int pad = width - output_cells(text);

	fprintf(f, "%*s%s%*s", left || pad < 0 ? 0 : pad, "", text, left && pad > 0 ? pad : 0, "");
}

static void table_put(FILE *f, const struct column *c, const char *text, int width)
{
	if (c->before)
		fputs(c->before, f);
	if (c->most)
		table_put_measured(f, text, width, c->width < 0);
	else
		fprintf(f, "%*s", c->width, text);
	if (c->after)
		fputs(c->after, f);
}

/* Above the first round, as wide as that. */
static void table_put_head(const struct printer *p)
{
	struct table *t = p->state;
	bool any = false;

	t->headed = true;
	for (size_t i = 0; i < p->list->ncolumns; i++) {
		const struct column *c = &p->list->columns[i];
		int cells = c->title && c->most > 0 ? output_cells(c->title) : 0;

		if (!c->title)
			continue;
		t->widths[i] = cells > t->widths[i] ? cells : t->widths[i];
		table_put(p->f, c, c->title, t->widths[i]);
		any = true;
	}
	if (any)
		fputc('\n', p->f);
}

static void table_put_row(const struct printer *p, const char *const *texts)
{
	const struct table *t = p->state;

	for (size_t i = 0; i < p->list->ncolumns; i++)
		if (texts[i])
			table_put(p->f, &p->list->columns[i], texts[i], t->widths[i]);
	fputc('\n', p->f);
}

/* What stands for nothing makes no column wider. */
static void table_widen(struct table *t, const struct column *columns, size_t i, const struct cell *cell,
			const char *text)
{
	int cells = columns[i].most > 0 && (cell->shown || cell->kind != CELL_NONE) ? output_cells(text) : 0;

	if (cells <= columns[i].most && cells > t->widths[i])
		t->widths[i] = cells;
}

static int table_measure(struct printer *p, const struct cell *cells, struct err *e)
{
	const struct column *columns = p->list->columns;
	char buf[CELL_ROOM];

	(void)e;
	for (size_t i = 0; i < p->list->ncolumns; i++) {
		const char *text = table_text(&columns[i], &cells[i], buf, sizeof(buf));

		if (text)
			table_widen(p->state, columns, i, &cells[i], text);
	}
	return 0;
}

/* Room for one more row that waits, or NULL. */
static const char **table_room(struct table *t, size_t ncolumns)
{
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		const char **more = realloc(t->rows, room * ncolumns * sizeof(*more));

		if (!more)
			return NULL;
		t->rows = more;
		t->room = room;
	}
	return t->rows + t->n * ncolumns;
}

static int table_keep(struct printer *p, const struct cell *cells, struct err *e)
{
	struct table *t = p->state;
	const struct column *columns = p->list->columns;
	const char **texts = table_room(t, p->list->ncolumns);
	char buf[CELL_ROOM];

	if (!texts)
		return table_no_memory(e);
	for (size_t i = 0; i < p->list->ncolumns; i++) {
		const char *text = table_text(&columns[i], &cells[i], buf, sizeof(buf));

		texts[i] = text ? arena_copy(&t->arena, text, strlen(text) + 1) : NULL;
		if (text && !texts[i])
			return table_no_memory(e);
		if (text)
			table_widen(t, columns, i, &cells[i], text);
	}
	t->n++;
	return 0;
}

static int table_round(struct printer *p, struct err *e)
{
	struct table *t = p->state;

	if (!t->headed && t->n > 0)
		table_put_head(p);
	for (size_t i = 0; i < t->n; i++)
		table_put_row(p, t->rows + i * p->list->ncolumns);
	t->n = 0;
	memset(t->widths, 0, p->list->ncolumns * sizeof(*t->widths));
	arena_release(&t->arena);
	return ferror(p->f) ? err_set(e, ERR_NO, "cannot write output: %m") : 0;
}

/* A row that does not wait is printed at once. */
static int table_row(struct printer *p, const struct cell *cells, struct err *e)
{
	if (table_keep(p, cells, e))
		return -1;
	return ((struct table *)p->state)->measured ? 0 : table_round(p, e);
}

static void table_drop(struct printer *p)
{
	struct table *t = p->state;

	arena_release(&t->arena);
	free(t->rows);
	free(t->widths);
	free(t);
}

const struct format format_table = {
	.name = "table",
	.form = IN_TABLE,
	.flags = FORMAT_PROSE | FORMAT_LIVE,
	.begin = table_begin,
	.row = table_row,
	.measure = table_measure,
	.round = table_round,
	.flush = table_round,
	.end = table_round,
	.drop = table_drop,
};
