#include "kinds.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "items.h"

const struct checklist_kind checklist_kinds[CHECKLIST_IDS] = {
	[CHECKLIST_FOUND] = {
		.id = "found", .title = "found and identified", .compute = item_found,
	},
	[CHECKLIST_CLOCK] = {
		.id = "clock", .title = "clock", .go = "set clock=now", .params = CHECKLIST_TOLERANCE,
		.compute = item_clock,
	},
	[CHECKLIST_RATIOS] = {
		.id = "ratios", .title = "ratios", .go = "checklist --nameplate-ct RATIO",
		.compute = item_ratios,
	},
	[CHECKLIST_WIRING] = {
		.id = "wiring", .title = "wiring", .go = "check", .params = CHECKLIST_DAYS, .samples = true,
		.compute = item_wiring,
	},
	[CHECKLIST_CLAMP] = {
		.id = "clamp", .title = "clamp comparison", .go = "check --clamp a=A,b=B,c=C",
		.params = CHECKLIST_DAYS, .compute = item_clamp,
	},
	[CHECKLIST_SETTINGS] = {
		.id = "settings", .title = "settings", .go = "apply FILE", .params = CHECKLIST_FILE,
		.compute = item_settings,
	},
	[CHECKLIST_NETWORK] = {
		.id = "network", .title = "network", .go = "set network.KEY=VALUE", .params = CHECKLIST_KEYS,
		.compute = item_network,
	},
	[CHECKLIST_UPLINK] = {
		.id = "uplink", .title = "uplink", .go = "uplink", .params = CHECKLIST_DAYS, .compute = item_uplink,
	},
	[CHECKLIST_REPORT] = {
		.id = "report", .title = "report", .go = "report -o FILE", .params = CHECKLIST_DAYS, .last = true,
		.compute = item_report,
	},
};

/* ---- what the items share --------------------------------------------------------- */

static void item_append(struct checklist_item *out, const char *fmt, va_list ap)
{
	char text[CHECKLIST_WHY], clean[CHECKLIST_WHY];
	size_t at = strlen(out->why);

	vsnprintf(text, sizeof(text), fmt, ap);
	text_clean(clean, sizeof(clean), text);
	text_append(out->why, sizeof(out->why), &at, "%s", clean);
}

void item_say(struct checklist_item *out, enum checklist_state state, const char *fmt, ...)
{
	va_list ap;

	out->state = state;
	out->why[0] = '\0';
	va_start(ap, fmt);
	item_append(out, fmt, ap);
	va_end(ap);
}

void item_add(struct checklist_item *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	item_append(out, fmt, ap);
	va_end(ap);
}

const struct reading *item_reading(const struct checklist_facts *f, const char *key)
{
	int idx = profile_find(f->profile, key);

	return idx >= 0 && f->readings[idx].quality == QUALITY_OK ? &f->readings[idx] : NULL;
}

const char *item_time(int64_t us, char buf[24])
{
	return time_format(us, "%Y-%m-%d %H:%M", buf, 24);
}

/* ---- all of them ------------------------------------------------------------------ */

static void kinds_compute(const struct checklist_facts *f, const struct checklist_entry *p, bool last,
			  struct checklist *out, size_t i)
{
	const struct checklist_kind *kind = &checklist_kinds[p->id];
	struct checklist_item *item = &out->items[i];

	if (kind->last != last)
		return;
	kind->compute(f, p, out, item);
	out->of += item->state != CHECKLIST_NOT_APPLICABLE;
	out->done += item->state == CHECKLIST_DONE;
}

void checklist_compute(const struct checklist_facts *f, const struct checklist_list *l,
		       struct checklist *out)
{
	*out = (struct checklist){ .n = l->n };
	for (size_t i = 0; i < l->n; i++)
		out->items[i].id = l->entries[i].id;
	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < l->n; i++)
			kinds_compute(f, &l->entries[i], last, out, i);
}
