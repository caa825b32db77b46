#include "batch.h"

#include "base/time.h"
#include "steps.h"

enum {
	ROW, TARGET, EVENT, KEY, BEFORE, WANT, AFTER, UNIT, VALUE, RANGE, MET, STATE, WRITTEN, UNCHANGED, VERDICT,
	FINDINGS, LIST, ITEMS, REPORT, CODE, ERROR, DONE, OF, FAILED, OPEN, COLUMNS
};

#define LIST_TEXT 16
#define TEXT 40		/* cells for a target or a reason; longer ones are as long as they are */

static const struct column columns[COLUMNS] = {
	[ROW] = { "row", .in = IN_ALL, .optional = true, .title = "row", .width = 3 },
	[TARGET] = { "target", .in = IN_ALL, .optional = true, .title = "target", .width = -1, .most = TEXT, .before = "  " },
	[EVENT] = { "event", .in = IN_JSON },
	[KEY] = { "key", .in = IN_JSON, .optional = true },
	[BEFORE] = { "before", .in = IN_JSON, .optional = true },
	[WANT] = { "want", .in = IN_JSON, .optional = true },
	[AFTER] = { "after", .in = IN_JSON, .optional = true },
	[UNIT] = { "unit", .in = IN_JSON, .optional = true },
	[VALUE] = { "value", .in = IN_JSON, .optional = true },
	[RANGE] = { "range", .in = IN_JSON, .optional = true },
	[MET] = { "met", .in = IN_JSON, .optional = true },
	[STATE] = { "state", .in = IN_ALL, .optional = true, .title = "state", .width = -6, .before = "  " },
	[WRITTEN] = { "written", .in = IN_ALL, .optional = true, .title = "written", .width = 7, .before = "  " },
	[UNCHANGED] = { "unchanged", .in = IN_ALL, .optional = true, .title = "unchanged", .width = 9, .before = "  " },
	[VERDICT] = { "verdict", .in = IN_ALL, .optional = true, .title = "wiring", .width = -6, .before = "  ", .none = "" },
	[FINDINGS] = { "findings", .in = IN_JSON, .optional = true },
	[LIST] = { "checklist", .in = IN_ALL, .optional = true, .title = "list", .width = -6, .before = "  ", .none = "" },
	[ITEMS] = { "items", .in = IN_JSON, .optional = true },
	[REPORT] = { "report", .in = IN_DATA, .optional = true },
	[CODE] = { "code", .in = IN_DATA, .optional = true },
	[ERROR] = { "error", .in = IN_ALL, .optional = true, .title = "reason", .before = "  " },
	[DONE] = { "done", .in = IN_JSON, .optional = true },
	[OF] = { "of", .in = IN_JSON, .optional = true },
	[FAILED] = { "failed", .in = IN_LINES, .optional = true },
	[OPEN] = { "open", .in = IN_LINES, .optional = true },
};

const struct listing batch_list = {
	.schema = "meterctl.batch/1", .name = "events", .columns = columns, .ncolumns = COLUMNS,
};

static void batch_fill_step(const struct visit_event *ev, struct cell *cells)
{
	const struct step *s = ev->step;
	const struct point *p = plan_point(ev->plan, s);

	cells[KEY] = cell_text(p->key);
	cells[BEFORE] = cell_value(p, &s->before);
	cells[WANT] = cell_value(p, &s->want);
	cells[AFTER] = cell_value(p, &s->after);
	cells[UNIT] = cell_some(p->unit);
	cells[STATE] = cell_text(step_state_names[s->state]);
	cells[ERROR] = cell_some(s->err.text);
}

/* "6 of 9": what a spreadsheet takes for no date. */
static void batch_fill_list(const struct visit_result *r, char *list, struct cell *cells)
{
	if (r->list_of == 0)
		return;
	snprintf(list, LIST_TEXT, "%d of %d", r->list_done, r->list_of);
	cells[LIST] = cell_text(list);
}

static void batch_fill_result(const struct visit_result *r, char *list, struct cell *cells)
{
	batch_fill_list(r, list, cells);
	cells[WRITTEN] = cell_integer(r->written);
	cells[UNCHANGED] = cell_integer(r->unchanged);
	cells[VERDICT] = cell_some(r->verdict);
	cells[REPORT] = cell_some(r->report);
	if (r->err.code)
		cells[CODE] = cell_integer(r->err.code);
	cells[ERROR] = cell_some(r->err.text);
}

static json_t *batch_findings(const struct doctor_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->nfindings; i++)
		json_array_append_new(list, json_string(doctor_code_name(v->findings[i].code)));
	return list;
}

static void batch_fill_kind(const struct visit_event *ev, char *range, char *list, struct cell *cells)
{
	switch (ev->kind) {
	case VISIT_STEP:
		batch_fill_step(ev, cells);
		break;
	case VISIT_EXPECT:
		cells[KEY] = cell_text(ev->range->point->key);
		cells[UNIT] = cell_some(ev->range->point->unit);
		if (ev->reading->quality == QUALITY_OK)
			cells[VALUE] = cell_value(ev->range->point, &ev->reading->value);
		cells[RANGE] = cell_text(range_text(ev->range, range, RANGE_TEXT));
		cells[MET] = cell_bool(ev->met);
		break;
	case VISIT_CHECK:
		cells[VERDICT] = cell_text(doctor_outcome_name(ev->verdict->outcome));
		cells[FINDINGS] = cell_json(batch_findings(ev->verdict));
		break;
	case VISIT_CHECKLIST:
		cells[DONE] = cell_integer(ev->result->list_done);
		cells[OF] = cell_integer(ev->result->list_of);
		cells[ITEMS] = cell_json(json_incref(json_object_get(ev->checklist, "items")));
		break;
	case VISIT_REPORT:
		cells[REPORT] = cell_text(ev->result->report);
		break;
	case VISIT_DONE:
	case VISIT_FAILED:
	case VISIT_INTERRUPTED:
		batch_fill_result(ev->result, list, cells);
		break;
	default:
		break;
	}
}

int batch_event_row(struct printer *out, const struct visit_event *ev, struct err *e)
{
	char range[RANGE_TEXT], list[LIST_TEXT];
	struct cell cells[COLUMNS] = {
		[ROW] = cell_integer(ev->site->row), [TARGET] = cell_text(ev->site->target.text),
		[EVENT] = cell_text(visit_kind_names[ev->kind]),
	};

	batch_fill_kind(ev, range, list, cells);
	return printer_row_in(out, IN_JSON, cells, e) ? -1 : printer_flush(out, e);
}

int batch_summary_event(struct printer *out, int done, int failed, int open, struct err *e)
{
	struct cell cells[COLUMNS] = {
		[EVENT] = cell_text("summary"), [DONE] = cell_integer(done), [FAILED] = cell_integer(failed),
		[OPEN] = open ? cell_integer(open) : (struct cell){ 0 },
	};

	return printer_row_in(out, IN_LINES, cells, e);
}

int batch_result_row(struct printer *out, const struct site *s, enum state_row is, const struct visit_result *r,
		     struct err *e)
{
	char list[LIST_TEXT];
	struct cell cells[COLUMNS] = {
		[ROW] = cell_integer(s->row), [TARGET] = cell_text(s->target.text), [STATE] = cell_text(state_row_names[is]),
	};

	batch_fill_result(r, list, cells);
	return printer_row_in(out, IN_TABLE | IN_CELLS, cells, e);
}
