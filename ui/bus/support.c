#include "support.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct dialect *support_dialect(const struct ui *u)
{
	if (!ui_pushes(u))
		return NULL;
	/* before its data, a login may be of another dialect than they */
	if (!*u->target.mqtt.dialect && u->uplink.rhythm.uploads == 0)
		return NULL;
	return dialect_find(u->uplink.dialect);
}

bool support_never(const struct ui *u, size_t idx)
{
	const struct dialect *d = support_dialect(u);

	return d && u->readings[idx].quality == QUALITY_NEVER
	    && !dialect_carries_point(d, u->profile, idx);
}

bool support_none(const struct ui *u, const struct selection *sel)
{
	for (size_t i = 0; i < sel->n; i++)
		if (!support_never(u, sel->idx[i]))
			return false;
	return sel->n > 0;
}

enum line_state support_line(const struct link_uplink *up, int64_t now_us, struct err *why)
{
	unsigned overdue = rhythm_overdue(&up->rhythm, now_us);
	char drops[200];

	if (up->rhythm.uploads == 0) {
		err_set(why, ERR_SILENT, up->drops.total ? "no upload that can be understood yet: %s"
			: "the broker is connected: waiting for the first upload of '%s'",
			up->drops.total ? reasons_text(&up->drops, drops, sizeof(drops)) : up->sn);
		return LINE_CONNECTING;
	}
	if (!up->offline && overdue == 0)
		return LINE_LIVE;
	err_set(why, ERR_SILENT, up->offline ? "the meter is reported offline"
		: "%u upload%s overdue: one every %.0f s is usual", overdue,
		overdue == 1 ? " is" : "s are", rhythm_expected_s(&up->rhythm));
	return LINE_STALE;
}

size_t support_keep_said(struct ui_said *said, size_t n, const struct upload *up, int64_t mono_us)
{
	for (size_t i = 0; i < up->n && !up->down; i++) {
		const struct upload_value *v = &up->values[i];
		const struct dialect_item *item = &up->dialect->items[v->item];
		size_t at = 0;

		while (at < n && said[at].item != item)
			at++;
		if (item->key || at == UI_SAID)
			continue;
		n += at == n;
		said[at] = (struct ui_said){ .item = item, .mono_us = mono_us };
		if (v->is_text)
			text_clean(said[at].text, sizeof(said[at].text), v->text);
		else
			snprintf(said[at].text, sizeof(said[at].text), "%.10g", v->num);
	}
	return n;
}

const struct ui_said *support_said(const struct ui *u, const char *name)
{
	for (size_t i = 0; i < u->nsaid; i++)
		if (strcmp(u->said[i].item->name, name) == 0)
			return &u->said[i];
	return NULL;
}

bool support_cannot_set(const struct ui *u, const struct point *p, struct err *e)
{
	const struct dialect *d = support_dialect(u);

	return d && dialect_can_set(d, &u->target.mqtt, p, NULL, e) && e->code == ERR_DENIED;
}

bool support_cannot_set_to(const struct ui *u, const struct point *p, double v, struct err *e)
{
	const struct dialect *d = support_dialect(u);
	struct dialect_outgoing outgoing;

	if (support_cannot_set(u, p, e))
		return true;
	return d && d->set && d->set(&u->target.mqtt, "null", p->key, v, &outgoing, e)
	    && e->code == ERR_DENIED;
}

const char *support_source(enum provenance from)
{
	return from == FROM_MANUAL ? "documented" : from == FROM_PUBLIC ? "public code" : "our reading";
}
