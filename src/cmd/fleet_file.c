#include "fleet_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "target/target_mqtt.h"

enum { SERIAL, SCENARIO, INTERVAL, TOPIC, COLUMNS };
static const char *const column_names[COLUMNS] = { "serial", "scenario", "interval", "topic" };

struct loading {
	const struct app *app;
	const char *path;
	const char *scenario;	/* of all meters; "" */
	struct fleet_file *file;
	int at[COLUMNS];	/* of each; -1: left out */
	unsigned mistakes;
};

static void fleet_file_tell(struct loading *l, const struct sheet_cell *at, struct err *e)
{
	err_prefix(e, "%s:%d:%d", l->path, at->line, at->column);
	app_complain(l->app, e);
	l->mistakes++;
}

static void fleet_file_take_column(struct loading *l, int at)
{
	const struct sheet_cell *cell = &l->file->sheet.rows[0].cells[at];
	struct err e = { 0 };

	for (int c = 0; c < COLUMNS; c++) {
		if (strcmp(cell->text, column_names[c]) != 0)
			continue;
		if (l->at[c] < 0) {
			l->at[c] = at;
			return;
		}
		err_set(&e, ERR_USAGE, "column '%s' is there twice", cell->text);
		fleet_file_tell(l, cell, &e);
		return;
	}
	err_set(&e, ERR_USAGE, "unknown column '%s' (a column is serial, scenario, interval or topic)", cell->text);
	fleet_file_tell(l, cell, &e);
}

static void fleet_file_take_columns(struct loading *l)
{
	const struct sheet_row *head = &l->file->sheet.rows[0];
	struct err e = { 0 };

	for (int c = 0; c < COLUMNS; c++)
		l->at[c] = -1;
	for (size_t i = 0; i < head->n; i++)
		fleet_file_take_column(l, (int)i);
	if (l->at[SERIAL] >= 0)
		return;
	err_set(&e, ERR_USAGE, "no column 'serial'");
	fleet_file_tell(l, &head->cells[0], &e);
}

/* The cell of a row, NULL: it has none, or an empty one. */
static const struct sheet_cell *fleet_file_cell(const struct loading *l, const struct sheet_row *row, int column)
{
	const struct sheet_cell *cell = l->at[column] >= 0 && (size_t)l->at[column] < row->n
		? &row->cells[l->at[column]] : NULL;

	return cell && *cell->text ? cell : NULL;
}

static int fleet_file_take_serial(const struct loading *l, const struct sheet_cell *cell, struct scenario_own *m,
				  struct err *e)
{
	if (!cell)
		return err_set(e, ERR_USAGE, "row without a serial number");
	if (strlen(cell->text) >= MQTT_NAME || !mqtt_level(cell->text))
		return err_set(e, ERR_USAGE, "serial number '%s' is not valid (at most %d characters, no '/', '+' or '#')",
			       cell->text, MQTT_NAME - 1);
	for (const struct scenario_own *other = l->file->list; other < m; other++)
		if (strcmp(other->sn, cell->text) == 0)
			return err_set(e, ERR_USAGE, "serial number '%s' is there twice", cell->text);
	m->sn = cell->text;
	return 0;
}

static int fleet_file_take_scenario(const struct loading *l, const struct sheet_cell *cell, struct scenario_own *m,
				    struct err *e)
{
	struct scenario s;

	m->scenario = l->scenario;
	if (cell)
		m->scenario = arena_format(&l->file->sheet.arena, "%s%s%s", l->scenario, *l->scenario ? "," : "",
					   cell->text);
	return m->scenario ? scenario_parse(m->scenario, &s, e) : err_set(e, ERR_NO, "out of memory");
}

static int fleet_file_take_interval(const struct sheet_cell *cell, struct scenario_own *m, struct err *e)
{
	long v = 0;

	if (cell && !text_long(cell->text, 1, 86400, &v))
		return err_set(e, ERR_USAGE, "'%s' is not a valid interval (1 to 86400 seconds)", cell->text);
	m->interval_s = (int)v;
	return 0;
}

static int fleet_file_take_topic(const struct sheet_cell *cell, struct scenario_own *m, struct err *e)
{
	char filled[MQTT_TOPIC];

	m->topic = cell ? cell->text : "";
	if (cell && m->sn && (!mqtt_fill(filled, sizeof(filled), m->topic, m->sn) || !mqtt_topic(filled, false)))
		return err_set(e, ERR_USAGE, "'%s' is not a topic to publish to (no '+' or '#', at most %d characters)",
			       cell->text, MQTT_TOPIC - 1);
	return 0;
}

static void fleet_file_take_row(struct loading *l, const struct sheet_row *row)
{
	struct scenario_own *m = &l->file->list[l->file->n++];

	for (int c = 0; c < COLUMNS; c++) {
		const struct sheet_cell *cell = fleet_file_cell(l, row, c);
		struct err e = { 0 };
		int rc = c == SERIAL ? fleet_file_take_serial(l, cell, m, &e)
		       : c == SCENARIO ? fleet_file_take_scenario(l, cell, m, &e)
		       : c == INTERVAL ? fleet_file_take_interval(cell, m, &e)
		       : fleet_file_take_topic(cell, m, &e);

		if (rc)
			fleet_file_tell(l, cell ? cell : &row->cells[0], &e);
	}
	if (row->n > l->file->sheet.rows[0].n) {
		struct err e = { 0 };

		err_set(&e, ERR_USAGE, "more cells than columns (quote a scenario of several words: \"frozen,seed=2\")");
		fleet_file_tell(l, &row->cells[l->file->sheet.rows[0].n], &e);
	}
}

int fleet_file_load(const struct app *a, const char *path, const char *scenario, struct fleet_file *f,
		    struct err *e)
{
	struct loading l = { .app = a, .path = path, .scenario = scenario ? scenario : "", .file = f };
	const struct sheet *s = &f->sheet;

	*f = (struct fleet_file){ .n = 0 };
	if (sheet_load(path, &f->sheet, e))
		return -1;
	f->list = calloc(s->nrows, sizeof(*f->list));
	if (!f->list)
		return err_set(e, ERR_NO, "out of memory for %zu meters", s->nrows - 1);
	fleet_file_take_columns(&l);
	for (size_t i = 1; i < s->nrows && l.at[SERIAL] >= 0; i++)
		fleet_file_take_row(&l, &s->rows[i]);
	if (l.mistakes)
		return err_set(e, ERR_USAGE, l.mistakes == 1 ? "%u mistake in '%s': no meter started"
			       : "%u mistakes in '%s': no meter started", l.mistakes, path);
	return f->n ? 0 : err_set(e, ERR_USAGE, "no meter in '%s'", path);
}

void fleet_file_release(struct fleet_file *f)
{
	free(f->list);
	sheet_release(&f->sheet);
}
