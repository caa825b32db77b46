/*
 * item_meter.c - the items that readings tell: found, clock, ratios.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "items.h"
#include "profile/codec.h"
#include "profile/ratio.h"

/* ---- found and identified ---------------------------------------------------------- */

/* Why nothing could be read, or NULL: something was. */
static const char *found_nothing(const struct checklist_facts *f)
{
	const char *why = "no reading yet";

	for (size_t i = 0; i < f->profile->npoints; i++) {
		if (f->readings[i].quality == QUALITY_OK)
			return NULL;
		if (f->readings[i].quality == QUALITY_FAILED)
			why = f->readings[i].err.text;
	}
	return why;
}

void item_found(const struct checklist_facts *f, const struct checklist_entry *p,
		const struct checklist *before, struct checklist_item *out)
{
	const char *nothing = found_nothing(f);
	char when[24];

	(void)p;
	(void)before;
	if (nothing) {
		item_say(out, CHECKLIST_FAILED, "no reading of the meter: %s", nothing);
		return;
	}
	if (f->pushes) {
		item_say(out, CHECKLIST_DONE, "%s, serial number %s", f->profile->name, f->target->mqtt.sn);
		if (f->uplink.rhythm.last_wall_us)
			item_add(out, ", upload at %s", item_time(f->uplink.rhythm.last_wall_us, when));
		return;
	}
	item_say(out, CHECKLIST_DONE, "%s at unit %d", f->profile->name, f->target->unit);
	if (f->latency_ms >= 1)
		item_add(out, ", reply in %.0f ms", f->latency_ms);
	else if (f->latency_ms > 0)
		item_add(out, ", reply in less than 1 ms");
	if (identity_serial(f->identity))
		item_add(out, ", identified by %s", f->identity);
	else if (*f->identity)
		item_add(out, ", identified by its energy counters");
	else
		item_add(out, ", no serial number and no energy counter: proofs match by target");
}

/* ---- clock ------------------------------------------------------------------------- */

/* Seconds of the meter's clock before this machine's; NAN: not known. */
static double clock_item_ahead(const struct checklist_facts *f)
{
	const struct reading *r = item_reading(f, "clock");
	const struct rhythm *up = &f->uplink.rhythm;
	int64_t shown;

	if (r && codec_clock_seconds(r->value.text, &shown) == 0)
		return (double)(shown - time_local_s(r->at_us));
	/* what the meter says of when it sent */
	if (f->pushes && up->sent_us && up->last_wall_us)
		return (double)(up->sent_us - up->last_wall_us) / 1e6;
	return NAN;
}

static void clock_no_reading(const struct checklist_facts *f, struct checklist_item *out)
{
	int idx = profile_find(f->profile, "clock");

	if (f->pushes)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "uploads of this meter carry no time");
	else if (idx < 0)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "profile '%s' has no clock", f->profile->name);
	else if (f->readings[idx].absent)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "this meter has no clock register");
	else
		item_say(out, CHECKLIST_OPEN, "clock not read%s%s", *f->readings[idx].err.text ? ": " : "",
			 f->readings[idx].err.text);
}

void item_clock(const struct checklist_facts *f, const struct checklist_entry *p,
		const struct checklist *before, struct checklist_item *out)
{
	const struct checklist_write *set = checklist_written(f, "clock");
	double ahead = clock_item_ahead(f);
	const char *summer = isnan(ahead) ? "" : time_summer(ahead);
	bool off;
	char when[24];

	(void)before;
	if (isnan(ahead)) {
		clock_no_reading(f, out);
		return;
	}
	off = fabs(ahead) > p->tolerance_s;
	if (fabs(ahead) < 0.5)
		item_say(out, CHECKLIST_DONE, "in step with this computer");
	else
		item_say(out, off ? CHECKLIST_FAILED : CHECKLIST_DONE, "%.0f s %s this computer%s%s", fabs(ahead),
			 ahead < 0 ? "behind" : "ahead of", *summer ? ": " : "", summer);
	if (off)
		item_add(out, ", tolerance %d s", p->tolerance_s);
	else if (set)
		item_add(out, ", set %s", item_time(set->at_us, when));
}

/* ---- ratios ------------------------------------------------------------------------ */

/* One of the two ratios: what it says of the item; "" and done when it is right. */
struct ratio_side {
	const char *name;	/* "CT" */
	const char *key;
	const char *nameplate;	/* "": not entered */
	bool needed;		/* a ratio of 1 is one of no transformer, unless it is needed */
	enum checklist_state state;
	char says[80];
};

static void ratio_judge(const struct checklist_facts *f, struct ratio_side *s)
{
	const struct reading *r = item_reading(f, s->key);
	struct err none;
	double ratio;

	s->state = CHECKLIST_OPEN;
	if (profile_find(f->profile, s->key) < 0)
		s->state = CHECKLIST_NOT_APPLICABLE;
	else if (!r || r->value.kind != VALUE_NUMBER)
		snprintf(s->says, sizeof(s->says), "%s not read", s->name);
	else if (!*s->nameplate && !s->needed && r->value.num == 1) {
		s->state = CHECKLIST_DONE;
		snprintf(s->says, sizeof(s->says), "%s 1", s->name);
	} else if (!*s->nameplate)
		snprintf(s->says, sizeof(s->says), "%s %.8g, its nameplate not entered", s->name, r->value.num);
	else if (ratio_parse(s->nameplate, &ratio, &none))
		snprintf(s->says, sizeof(s->says), "nameplate '%.24s' of the %s is not a ratio", s->nameplate, s->name);
	else if (!ratio_same(ratio, r->value.num)) {
		s->state = CHECKLIST_FAILED;
		snprintf(s->says, sizeof(s->says), "%s %.8g in the meter, nameplate %.24s", s->name, r->value.num, s->nameplate);
	} else {
		s->state = CHECKLIST_DONE;
		snprintf(s->says, sizeof(s->says), "%s %.24s = %.8g", s->name, s->nameplate, r->value.num);
	}
}

void item_ratios(const struct checklist_facts *f, const struct checklist_entry *p,
		 const struct checklist *before, struct checklist_item *out)
{
	struct ratio_side ct = { .name = "CT", .key = "ratio.ct", .nameplate = f->nameplate_ct, .needed = true };
	struct ratio_side pt = { .name = "PT", .key = "ratio.pt", .nameplate = f->nameplate_pt };
	enum checklist_state state;

	(void)p;
	(void)before;
	ratio_judge(f, &ct);
	ratio_judge(f, &pt);
	if (ct.state == CHECKLIST_NOT_APPLICABLE && pt.state == CHECKLIST_NOT_APPLICABLE) {
		item_say(out, CHECKLIST_NOT_APPLICABLE, "profile '%s' has no transformer ratios", f->profile->name);
		return;
	}
	state = ct.state == CHECKLIST_FAILED || pt.state == CHECKLIST_FAILED ? CHECKLIST_FAILED
	      : ct.state == CHECKLIST_OPEN || pt.state == CHECKLIST_OPEN ? CHECKLIST_OPEN : CHECKLIST_DONE;
	item_say(out, state, "%s%s%s", ct.says, *ct.says && *pt.says ? "; " : "", pt.says);
	if (f->proofs[PROOF_NAMEPLATE].there && f->proofs[PROOF_NAMEPLATE].by_target)
		item_add(out, " (nameplate matched by target)");
}
