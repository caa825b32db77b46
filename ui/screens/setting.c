#include "setting.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "profile/codec.h"
#include "base/text.h"
#include "ui/draw/draw.h"
#include "upload_support.h"

const char *setting_value(const struct point *p, const struct value *v, char *buf, size_t size)
{
	size_t n;

	if (v->kind == VALUE_NONE) {
		snprintf(buf, size, "--");
		return buf;
	}
	if (p->flags & POINT_SECRET) {
		snprintf(buf, size, SETTING_HIDDEN);
		return buf;
	}
	if (v->kind == VALUE_BITS && p->nbits > 0) {
		codec_bits(p, v, " ", buf, size);
		if (!*buf)
			snprintf(buf, size, p->nbits == 1 ? "off" : "none");
		return buf;
	}
	codec_format(p, v, buf, size);
	if (v->kind == VALUE_STRING && !*buf)
		snprintf(buf, size, "\"\"");
	n = strlen(buf);
	if (v->kind == VALUE_NUMBER && *p->unit)
		snprintf(buf + n, size - n, " %s", draw_unit(p));
	return buf;
}

const char *setting_short(const struct point *p, const struct value *v, char *buf, size_t size)
{
	if (v->kind == VALUE_BITS && p->nbits > 1)
		snprintf(buf, size, "%d on", __builtin_popcount((unsigned)v->num));
	else
		setting_value(p, v, buf, size);
	return buf;
}

const char *setting_changes(const struct point *p, const struct value *from, const struct value *to, char *buf, size_t size)
{
	unsigned was = (unsigned)from->num, is = (unsigned)to->num;
	size_t at = 0;

	snprintf(buf, size, "unchanged");
	for (size_t b = 0; b < p->nbits; b++)
		if ((was ^ is) >> p->bits[b].pos & 1)
			text_append(buf, size, &at, "%s%c%s", at ? " " : "", is >> p->bits[b].pos & 1 ? '+' : '-',
				    p->bits[b].name);
	return buf;
}

const char *setting_bits(const struct point *p, const struct value *from,
			 const struct value *to, char *buf, size_t size)
{
	struct value on = { .kind = VALUE_BITS }, off = { .kind = VALUE_BITS };
	char names[VALUE_TEXT];
	size_t at = 0;

	on.num = (unsigned)to->num & ~(unsigned)from->num;
	off.num = (unsigned)from->num & ~(unsigned)to->num;
	buf[0] = '\0';
	if (on.num > 0)
		text_append(buf, size, &at, "goes on: %s", codec_bits(p, &on, ", ", names, sizeof(names)));
	if (off.num > 0)
		text_append(buf, size, &at, "%sgoes off: %s", at ? "; " : "",
			    codec_bits(p, &off, ", ", names, sizeof(names)));
	return buf;
}

/* How the types that pack several numbers are written. */
static const char *like(enum point_type t)
{
	switch (t) {
	case TYPE_CLOCK:	return "now, or like 2026-01-31 14:03:27";
	case TYPE_STAMP:	return "month-day hour:minute, like 07-15 14:45";
	case TYPE_FRAME:	return "8N1, 8E1, 8O1 or 8N2";
	case TYPE_FREEZE:	return "day 1 to 28 and hour, like 1 00:00";
	case TYPE_DAYTABLE:	return "up to 14 times of day with their rate";
	case TYPE_ZONES:	return "up to 4 dates with their day table";
	case TYPE_HEX:		return "words of 4 hex digits";
	case TYPE_BITS:		return "named bits, on or off";
	default:		return "";
	}
}

const char *setting_range(const struct point *p, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	if (p->nchoices > 0) {
		for (size_t i = 0; i < p->nchoices; i++)
			text_append(buf, size, &at, "%s%s", i == 0 ? ""
				    : i + 1 == p->nchoices ? " or " : ", ", p->choices[i].name);
	} else if (p->type == TYPE_STRING) {
		snprintf(buf, size, "at most %u characters", codec_room(p));
	} else if (p->type == TYPE_BITS && p->nbits == 1) {
		snprintf(buf, size, "on or off");
	} else if (*like(p->type)) {
		snprintf(buf, size, "%s", like(p->type));
	} else if (p->min <= p->max) {
		snprintf(buf, size, "%.*f to %.*f%s%s", p->decimals, p->min, p->decimals,
			 p->max, *p->unit ? " " : "", draw_unit(p));
	} else if (p->type == TYPE_U16) {
		snprintf(buf, size, "0 to %.*f%s%s, as far as its register goes", p->decimals,
			 65535 * p->scale, *p->unit ? " " : "", draw_unit(p));
	}
	return buf;
}

const char *setting_note(const struct ui *u, const struct point *p)
{
	struct err e = { 0 };

	if (!ui_pushes(u))
		return p->note;
	if (support_dialect(u) && !support_cannot_set(u, p, &e))
		return "sent as a message; done when the meter says so, which may take a minute";
	/* where a placeholder register leads says nothing here */
	return p->from == FROM_PROVISIONAL ? "" : p->note;
}

const char *setting_source(const struct ui *u, const struct point *p, char *buf, size_t size)
{
	const struct dialect *d = support_dialect(u);
	const struct dialect_item *item = d ? dialect_item_of(d, p->key) : NULL;
	static const char *const words[] = {
		[FROM_MANUAL] = "manual", [FROM_PUBLIC] = "public sources",
		[FROM_LEARNED] = "learned on a meter",
		[FROM_PROVISIONAL] = "not published: provisional",
	};

	if (item) {
		snprintf(buf, size, "%s: %s", item->name, support_source(item->from));
		return buf;
	}
	snprintf(buf, size, "%s%s%s", words[p->from],
		 p->from == FROM_MANUAL && *p->section ? " " : "",
		 p->from == FROM_MANUAL ? p->section : "");
	return buf;
}

const char *setting_effect(const struct profile *profile, const struct point *p)
{
	if (p->effect == EFFECT_RESTART)
		return "takes effect after a restart of the meter";
	if (p->effect == EFFECT_REOPEN)
		return "takes effect when the connection is opened again";
	if (p->flags & POINT_DROPS_LINK)
		return "changes the link: the meter is looked for afterwards";
	if (p->flags & POINT_SWITCHES)
		return "may switch a breaker: asks for a mark of its own";
	if (plan_write_count(profile, p->words) > 1)
		return "goes in several writes, which are read back together";
	if (p->flags & POINT_UNLOCK)
		return "needs the unlock of the meter";
	return "";
}

struct plan_policy setting_policy(const struct ui *u)
{
	return (struct plan_policy){
		.read_only = u->read_only || !u->writing,
		.provisional = true,
		.switching = true,
		.simulated = target_is_simulated(&u->target),
		.ban = target_unit_ban(&u->target),
		.remote = target_pushes(&u->target),
	};
}

const char *setting_consent(const struct profile *profile, const struct point *p,
			    const struct plan_policy *policy, char *buf, size_t size)
{
	if (p->flags & POINT_SWITCHES)
		snprintf(buf, size, "may switch a breaker: is nobody endangered by it?");
	else if (policy->simulated)
		buf[0] = '\0';
	else if (policy->remote && p->from == FROM_PROVISIONAL)
		snprintf(buf, size, "the form of the message that sets it is not public: this one is our reading. Mark it to "
			 "send it all the same; the meter's own word then says what became of it");
	else if (p->from == FROM_PROVISIONAL)
		snprintf(buf, size, "its register is not published: the one in profile '%s' is a placeholder. "
			 "Find it with :learn, put the supplier's address into a profile of your own, or mark it to write "
			 "all the same",
			 profile->name);
	else if (p->flags & POINT_HARMFUL)
		snprintf(buf, size, "its coding can be read in more than one way, and a mistake would do harm: "
			 "compare what stands there with the meter's display first");
	else
		buf[0] = '\0';
	return buf;
}

int setting_check(const struct ui *u, const struct point *p, const char *text, struct err *e)
{
	struct plan_policy policy = setting_policy(u);
	struct plan plan;
	int rc;

	policy.read_only = false;
	plan_init(&plan, u->profile, &policy);
	rc = plan_add(&plan, p->key, text, e);
	if (rc == 0 && support_cannot_set_to(u, p, plan.steps[0].want.num, e))
		rc = -1;
	plan_release(&plan);
	if (rc && (p->flags & POINT_SECRET) && *text && strstr(e->text, text)) {
		char range[160];

		err_set(e, e->code, "not a value it can hold (%s)", setting_range(p, range, sizeof(range)));
	}
	return rc;
}

bool setting_ahead(const struct reading *r, double *seconds)
{
	struct tm tm = { .tm_isdst = -1 };
	time_t at;

	if (sscanf(r->value.text, "%d-%d-%d %d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	at = mktime(&tm);
	if (at == (time_t)-1)
		return false;
	*seconds = (double)at - (double)r->at_us / 1e6;
	return true;
}
