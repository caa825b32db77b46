/*
 * checklist.c - a checklist as data.
 */
#include "checklist.h"

#include "kinds.h"

const char *const checklist_state_names[CHECKLIST_STATES] = {
	[CHECKLIST_DONE] = "done", [CHECKLIST_OPEN] = "open", [CHECKLIST_FAILED] = "failed",
	[CHECKLIST_NOT_APPLICABLE] = "not-applicable",
};

enum { ID, TITLE, STATE, WHY, GO, COLUMNS };

static const struct column columns[COLUMNS] = {
	[ID] = { "id", .in = IN_DATA },
	[TITLE] = { "title", .in = IN_ALL, .width = -20 },
	[STATE] = { "state", .in = IN_ALL, .width = -14, .before = "  " },
	[WHY] = { "why", .in = IN_ALL, .before = "  " },
	[GO] = { "go", .in = IN_ALL, .before = "  [", .after = "]" },
};
const struct listing checklist_listing = {
	.schema = CHECKLIST_SCHEMA, .name = "items", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

static void checklist_fill(const struct checklist_item *item, struct cell *cells)
{
	const struct checklist_kind *kind = &checklist_kinds[item->id];
	bool todo = item->state == CHECKLIST_OPEN || item->state == CHECKLIST_FAILED;

	cells[ID] = cell_text(kind->id);
	cells[TITLE] = cell_text(kind->title);
	cells[STATE] = cell_text(checklist_state_names[item->state]);
	cells[WHY] = cell_text(item->why);
	cells[GO] = cell_some(todo && kind->go ? kind->go : "");
}

int checklist_rows(struct printer *out, const struct checklist *c, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cell cells[COLUMNS] = { 0 };

		checklist_fill(&c->items[i], cells);
		if (printer_row(out, cells, e))
			return -1;
	}
	return 0;
}

json_t *checklist_tail_json(const struct checklist *c)
{
	return json_pack("{s:i, s:i}", "done", (int)c->done, "of", (int)c->of);
}

json_t *checklist_json(const struct checklist *c)
{
	json_t *items = json_array(), *all;

	for (size_t i = 0; i < c->n; i++) {
		struct cell cells[COLUMNS] = { 0 };

		checklist_fill(&c->items[i], cells);
		json_array_append_new(items, printer_row_json(&checklist_listing, cells));
	}
	all = checklist_tail_json(c);
	if (all && json_object_set_new(all, "items", items) == 0)
		return all;
	json_decref(all);
	return NULL;
}
