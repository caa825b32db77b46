#include "reasons_json.h"

static json_t *reasons_json_one(unsigned long n, const char *why, const char *last)
{
	return json_pack("{s:I, s:s, s:s*}", "count", (json_int_t)n, "reason", why, "last", *last ? last : NULL);
}

json_t *reasons_json(const struct reasons *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(list, reasons_json_one(r->list[i].n, r->list[i].text, r->list[i].last));
	if (r->others)
		json_array_append_new(list, reasons_json_one(r->others, "other reasons", ""));
	return list;
}
