#include "uplink_doc.h"

#include <math.h>

#include "base/time.h"
#include "output/output.h"
#include "base/text.h"

json_t *uplink_step_json(const struct uplink *u, enum uplink_step s)
{
	const struct uplink_check *c = &u->steps[s];
	char at[48], what[256];

	text_clean(what, sizeof(what), c->what);
	return json_pack("{s:s, s:s, s:o, s:s}", "step", uplink_step_names[s],
			 "state", uplink_state_names[c->state],
			 "at", c->at_us ? json_string(output_time(c->at_us, at, sizeof(at))) : json_null(),
			 "what", what);
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

json_t *uplink_document(const struct uplink *u, const struct uplink_about *about,
			const char *verdict, const char *step)
{
	json_t *steps = json_array(), *meter;
	char now[48], target[TARGET_TEXT];

	text_clean(target, sizeof(target), about->target->text);
	meter = json_pack("{s:s, s:s, s:s}", "profile", about->profile, "target", target,
			  "id", about->target->mqtt.sn);
	for (enum uplink_step s = 0; s < UPLINK_STEPS; s++)
		json_array_append_new(steps, uplink_step_json(u, s));
	return json_pack("{s:s, s:o, s:s, s:s, s:s?, s:s?, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
		"schema", "meterctl.uplink/1", "meter", meter,
		"time", output_time(time_wall_us(), now, sizeof(now)),
		"verdict", verdict, "step", step, "dialect", about->dialect && *about->dialect ? about->dialect : NULL,
		"steps", steps, "uploads", (json_int_t)u->uploads,
		"retained", (json_int_t)u->retained, "duplicates", (json_int_t)u->duplicates,
		"out_of_order", (json_int_t)u->old, "refused", (json_int_t)u->refused,
		"interval_set", u->set_s ? json_integer(u->set_s) : json_null(),
		"interval_seen", u->gap_s > 0 ? json_real(u->gap_s) : json_null(),
		"delay", uplink_doc_number(u->delay_s), "compared", u->npairs ? pairs_json(u, about) : json_null());
}
