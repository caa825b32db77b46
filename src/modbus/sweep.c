#include "sweep.h"

#include <stdio.h>
#include <string.h>

#define FIRST_CHARS 1	/* of a reply, before a port hands over its first byte */
#define ANSWER_MARGIN_US 20000
#define LAST_US 20000		/* the last of a setting is waited for longer: what comes then is garbage at the next */
#define LEARN_PROBES_US 500000	/* of planned time, before what it really takes is trusted */

void sweep_init(struct sweep *s, const bool *units, const bool *rest, int64_t patient_us)
{
	*s = (struct sweep){ .patient_us = patient_us > SWEEP_PATIENT_US ? patient_us : SWEEP_PATIENT_US };
	memcpy(s->units, units, sizeof(s->units));
	s->everybody = units[0];
	s->units[0] = false;
	for (size_t u = 1; rest && u < SWEEP_UNITS; u++)
		s->rest[u] = rest[u] && !units[u];
}

int sweep_find(const struct sweep *s, const struct sweep_setting *setting)
{
	for (size_t i = 0; i < s->nsettings; i++)
		if (s->settings[i].baud == setting->baud && s->settings[i].parity == setting->parity
		    && s->settings[i].stop == setting->stop)
			return (int)i;
	return -1;
}

int sweep_add(struct sweep *s, const struct sweep_setting *setting)
{
	int at = sweep_find(s, setting);

	if (at >= 0 || s->nsettings == SWEEP_SETTINGS)
		return at;
	s->order[s->nsettings] = (uint8_t)s->nsettings;
	s->settings[s->nsettings] = *setting;
	return (int)s->nsettings++;
}

void sweep_add_likely(struct sweep *s, const struct sweep_setting *setting, uint8_t unit)
{
	int at = sweep_find(s, setting);

	if (at < 0 || s->nlikely == SWEEP_LIKELY || (unit ? !s->units[unit] && !s->rest[unit] : !s->everybody))
		return;
	for (size_t i = 0; i < s->nlikely; i++)
		if (s->likely[i].setting == at && s->likely[i].unit == unit)
			return;
	s->likely[s->nlikely++] = (struct sweep_likely){ (uint8_t)at, unit };
}

static bool sweep_any_found(const struct sweep *s)
{
	for (size_t i = 0; i < s->nsettings; i++)
		if (s->found[i])
			return true;
	return false;
}

/* Is a patient wait there worth its time? */
static bool sweep_waits(const struct sweep *s, size_t setting, bool any_found)
{
	if (s->network)
		return false;
	return s->suspect[setting] || (!s->full && (s->found[setting] || !any_found));
}

/* The first of UNITS behind AFTER that is not marked with all of MARK there; -1: none. */
static int sweep_open_unit(const struct sweep *s, size_t setting, const bool *units, uint8_t mark, int after)
{
	for (int u = after + 1; u < SWEEP_UNITS; u++)
		if (units[u] && (s->tried[setting][u] & mark) != mark)
			return u;
	return -1;
}

/* The first open unit at the settings for which PICK is set, in their order. */
static bool sweep_pick(const struct sweep *s, const bool *pick, const bool *units, bool patient, struct sweep_probe *p)
{
	for (size_t i = 0; i < s->nsettings; i++) {
		size_t at = s->order[i];
		uint8_t mark = patient ? SWEEP_WAITED : SWEEP_TRIED;
		int unit = pick[at] ? sweep_open_unit(s, at, units, mark, -1) : -1;
		bool last = unit >= 0 && sweep_open_unit(s, at, units, mark, unit) < 0;

		if (unit < 0)
			continue;
		*p = (struct sweep_probe){
			.setting = at, .unit = (uint8_t)unit, .last = last,
			.patient = patient || (last && (s->full || units == s->rest)),
		};
		return true;
	}
	return false;
}

bool sweep_next(const struct sweep *s, struct sweep_probe *p)
{
	static const bool everybody[SWEEP_UNITS] = { true };
	bool any_found = sweep_any_found(s), all[SWEEP_SETTINGS], waits[SWEEP_SETTINGS];

	for (size_t i = s->likely_done; i < s->nlikely; i++) {
		const struct sweep_likely *l = &s->likely[i];

		if (s->tried[l->setting][l->unit])
			continue;
		*p = (struct sweep_probe){ .setting = l->setting, .unit = l->unit, .likely = true };
		return true;
	}
	for (size_t i = 0; i < s->nsettings; i++) {
		all[i] = true;
		waits[i] = sweep_waits(s, i, any_found);
	}
	return sweep_pick(s, s->found, s->units, false, p) || sweep_pick(s, s->found, s->rest, false, p)
	    || (!s->network && sweep_pick(s, s->suspect, s->units, true, p))
	    || sweep_pick(s, all, s->units, false, p) || (s->everybody && sweep_pick(s, all, everybody, false, p))
	    || (!any_found && sweep_pick(s, all, s->rest, false, p))
	    || sweep_pick(s, waits, s->units, true, p);
}

static int64_t sweep_char_us(const struct sweep_setting *s)
{
	return s->baud ? (9 + s->stop + (s->parity != 'N')) * (int64_t)1000000 / s->baud : 0;
}

int64_t sweep_wait_us(const struct sweep *s, const struct sweep_probe *p)
{
	int64_t known = s->answer_us[p->setting], wait = SWEEP_QUICK_US;
	int64_t first_us = FIRST_CHARS * sweep_char_us(&s->settings[p->setting]), reply_us = SWEEP_REPLY * sweep_char_us(&s->settings[p->setting]);

	/* at 1200 baud a whole reply for each setting would be a second of the twelve that a search takes */
	if (reply_us > first_us + LAST_US)
		reply_us = first_us + LAST_US;

	if (p->patient || s->network)
		return s->patient_us;
	if (known && 3 * known / 2 + ANSWER_MARGIN_US > wait)
		wait = 3 * known / 2 + ANSWER_MARGIN_US;
	if (p->likely && wait < SWEEP_LIKELY_US)
		wait = SWEEP_LIKELY_US;
	return wait + (p->last ? reply_us : first_us);
}

int64_t sweep_cost_us(const struct sweep *s, const struct sweep_probe *p)
{
	return sweep_wait_us(s, p) + SWEEP_REQUEST * sweep_char_us(&s->settings[p->setting]);
}

void sweep_tried(struct sweep *s, const struct sweep_probe *p, int64_t took_us)
{
	s->spent_us += took_us;
	s->planned_us += sweep_cost_us(s, p);
	s->tried[p->setting][p->unit] |= p->patient || s->network || p->unit == 0 ? SWEEP_TRIED | SWEEP_WAITED : SWEEP_TRIED;
	while (s->likely_done < s->nlikely
	       && s->tried[s->likely[s->likely_done].setting][s->likely[s->likely_done].unit])
		s->likely_done++;
}

void sweep_found(struct sweep *s, size_t setting, uint8_t unit, int64_t answer_us)
{
	s->found[setting] = true;
	s->tried[setting][unit] |= SWEEP_TRIED | SWEEP_WAITED;
	if (answer_us > s->answer_us[setting])
		s->answer_us[setting] = answer_us;
}

void sweep_suspect(struct sweep *s, size_t setting)
{
	s->suspect[setting] = true;
}

/* Those of the same speed come before the others; all else stays in order. */
void sweep_hint(struct sweep *s, size_t setting)
{
	uint8_t order[SWEEP_SETTINGS] = { 0 };
	size_t n = 0;

	for (int same = 1; same >= 0; same--)
		for (size_t i = 0; i < s->nsettings; i++)
			if ((s->settings[s->order[i]].baud == s->settings[setting].baud) == same)
				order[n++] = s->order[i];
	memcpy(s->order, order, n);
}

/* What the last unit of a setting is waited for longer. */
static int64_t sweep_last_us(const struct sweep *s, size_t setting)
{
	const struct sweep_probe p = { .setting = setting, .last = true, .patient = s->full }, usual = { .setting = setting };

	return sweep_open_unit(s, setting, s->units, SWEEP_TRIED, -1) < 0 ? 0 : sweep_wait_us(s, &p) - sweep_wait_us(s, &usual);
}

/* What is still to be done: probes, and their time. */
static size_t sweep_rest(const struct sweep *s, int64_t *us)
{
	bool any_found = sweep_any_found(s);
	size_t n = 0;

	*us = 0;
	for (size_t i = s->likely_done; i < s->nlikely; i++) {
		const struct sweep_probe p = { .setting = s->likely[i].setting, .unit = s->likely[i].unit, .likely = true };

		if (s->tried[p.setting][p.unit])
			continue;
		*us += sweep_cost_us(s, &p);
		n++;
	}
	for (size_t k = 0; k < s->nsettings; k++) {
		*us += sweep_last_us(s, k);
		for (unsigned u = 0; u < SWEEP_UNITS; u++) {
			struct sweep_probe p = { .setting = k, .unit = (uint8_t)u };

			if (!s->units[u] && !(s->rest[u] && (s->found[k] || !any_found)) && !(s->everybody && u == 0))
				continue;
			if (!(s->tried[k][u] & SWEEP_TRIED)) {
				*us += sweep_cost_us(s, &p);
				n++;
			}
			p.patient = true;
			if (s->units[u] && !(s->tried[k][u] & SWEEP_WAITED) && sweep_waits(s, k, any_found)) {
				*us += sweep_cost_us(s, &p);
				n++;
			}
		}
	}
	return n;
}

void sweep_count(const struct sweep *s, size_t *done, size_t *all)
{
	int64_t us;

	*done = 0;
	for (size_t k = 0; k < s->nsettings; k++)
		for (size_t u = 0; u < SWEEP_UNITS; u++)
			*done += s->tried[k][u] != 0;
	*all = *done + sweep_rest(s, &us);
}

int64_t sweep_left_us(const struct sweep *s)
{
	int64_t us;

	sweep_rest(s, &us);
	if (s->planned_us < LEARN_PROBES_US)
		return us;
	return (int64_t)((double)us * (double)s->spent_us / (double)s->planned_us);
}

const char *sweep_setting_text(const struct sweep_setting *s, char *buf, size_t size)
{
	if (s->baud)
		snprintf(buf, size, "%d 8%c%d", s->baud, s->parity, s->stop);
	else
		snprintf(buf, size, "%s", "");
	return buf;
}
