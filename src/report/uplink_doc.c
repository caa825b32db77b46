#include "uplink_doc.h"

#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "base/text.h"
#include "output/reasons_json.h"

enum { STEP, STATE, AT, CLOCK, WHAT, COLUMNS };

static const struct column columns[COLUMNS] = {
	[STEP] = { "step", .in = IN_ALL, .width = -12 },
	[STATE] = { "state", .in = IN_ALL, .width = -9, .before = " " },
	[AT] = { "at", .in = IN_DATA },
	[CLOCK] = { NULL, .in = IN_TABLE, .width = -8, .before = " ", .none = "" },
	[WHAT] = { "what", .in = IN_ALL, .before = " " },
};
const struct listing uplink_list = {
	.schema = "meterctl.uplink/1", .name = "steps", .columns = columns, .ncolumns = COLUMNS, .concludes = true,
};

/* What the cells point to. */
struct uplink_texts {
	char at[48], clock[12], what[UPLINK_WHAT];
};

static void uplink_fill(const struct uplink *u, enum uplink_step s, struct uplink_texts *t, struct cell *cells)
{
	const struct uplink_check *c = &u->steps[s];

	text_clean(t->what, sizeof(t->what), c->what);
	cells[STEP] = cell_text(uplink_step_names[s]);
	cells[STATE] = cell_text(uplink_state_names[c->state]);
	cells[WHAT] = cell_text(t->what);
	cells[WHAT].text = c->what;
	if (!c->at_us)
		return;
	cells[AT] = cell_text(time_text(c->at_us, t->at, sizeof(t->at)));
	snprintf(t->clock, sizeof(t->clock), "%.8s", t->at + 11);
	cells[CLOCK] = cell_text(t->clock);
}

int uplink_rows(struct printer *out, const struct uplink *u, struct err *e)
{
	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		struct cell cells[COLUMNS] = { 0 };
		struct uplink_texts t;

		uplink_fill(u, s, &t, cells);
		if (printer_row(out, cells, e))
			return -1;
	}
	return 0;
}

static json_t *pairs_json(const struct uplink *u, const struct uplink_about *about)
{
	json_t *list = json_array();

	for (size_t i = 0; i < u->npairs; i++)
		json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:b}",
			"key", about->points->points[u->pairs[i].idx].key,
			"uploaded", u->pairs[i].uploaded, "register", u->pairs[i].held,
			"agrees", u->pairs[i].agrees));
	return json_pack("{s:s, s:f, s:o}", "target", about->with, "skew_s", u->skew_s, "values", list);
}

static json_t *uplink_doc_number(double v)
{
	return isnan(v) ? json_null() : json_real(v);
}

json_t *uplink_head_json(const struct uplink_about *about, const char *verdict, const char *step)
{
	char now[48], target[TARGET_TEXT];

	text_clean(target, sizeof(target), about->target->text);
	return json_pack("{s:{s:s, s:s, s:s}, s:s, s:s, s:s?, s:s?}",
		"meter", "profile", about->profile, "target", target, "id", about->target->mqtt.sn,
		"time", time_text(time_wall_us(), now, sizeof(now)), "verdict", verdict, "step", step,
		"dialect", about->dialect && *about->dialect ? about->dialect : NULL);
}

json_t *uplink_tail_json(const struct uplink *u, const struct uplink_about *about)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "uploads", (json_int_t)u->uploads,
		"late", (json_int_t)u->late, "retained", (json_int_t)u->retained, "duplicates", (json_int_t)u->duplicates,
		"out_of_order", (json_int_t)u->old, "refused", (json_int_t)u->refused, "dropped", reasons_json(&u->drops),
		"interval_set", u->set_s ? json_integer(u->set_s) : json_null(),
		"interval_seen", u->gap_s > 0 ? json_real(u->gap_s) : json_null(),
		"delay", uplink_doc_number(u->delay_s), "compared", u->npairs ? pairs_json(u, about) : json_null());
}

json_t *uplink_document(const struct uplink *u, const struct uplink_about *about,
			const char *verdict, const char *step)
{
	json_t *steps = json_array();

	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++) {
		struct cell cells[COLUMNS] = { 0 };
		struct uplink_texts t;

		uplink_fill(u, s, &t, cells);
		json_array_append_new(steps, printer_row_json(&uplink_list, cells));
	}
	return printer_document(&uplink_list, uplink_head_json(about, verdict, step), steps,
				uplink_tail_json(u, about));
}
