#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/codec.h"
#include "unit.h"

/* How a meter comes to a site of 200 A behind 200/5 A transformers. The first
 * row that fits counts; what is not named is 0 or its least value. */
static const struct {
	const char *key, *value;
} defaults[] = {
	{ "comm.baud", "9600" },
	{ "comm.frame", "8N1" },
	{ "lora.sf", "9" },
	{ "lora.channel", "20" },
	{ "display.backlight_time", "60" },
	{ "security.code", "1" },
	{ "ratio.ct.primary", "200" },
	{ "ratio.ct.secondary", "5" },
	{ "ratio.pt", "1" },
	{ "ratio.ct", "40" },
	{ "demand.cycle", "15min" },
	{ "demand.period", "60" },
	{ "freeze.time", "1 00:00" },
	/* summer has a table of its own: manual example, table 2 from 1 June to
	 * 1 October */
	{ "tou.zones", "01-01 table1, 06-01 table2, 10-01 table1" },
	{ "tou.table1", "00:00 valley, 07:00 flat, 10:00 peak, 12:00 flat, 17:00 peak, "
			"18:00 sharp, 20:00 peak, 22:00 flat" },
	{ "tou.table2", "00:00 valley, 08:00 flat, 10:00 peak, 14:00 sharp, 17:00 peak, "
			"19:00 flat, 23:00 valley" },
	{ "tou.table3", "00:00 flat" },
	{ "protocol.select", "power-om" },
	{ "network.apn", "internet" },
	{ "network.broker.host", "broker.example" },
	{ "network.broker.port", "1883" },
	{ "network.broker.user", "meter" },
	{ "network.topic", "meter/data" },
	{ "network.qos", "1" },
	{ "network.upload_interval", "300" },
	/* the output bits 6 and 7 and the outage report stay off */
	{ "alarm1.enable", "32519" },
	{ "alarm2.enable", "65535" },
	{ "alarm3.enable", "31" },
	{ "alarm1.voltage.*.delay", "5" },
	{ "alarm1.*.delay", "10" },
	{ "alarm1.current.over.threshold", "6" },
	{ "alarm1.current.under.threshold", "0.05" },
	{ "alarm1.power.over.threshold", "4.5" },
	{ "alarm1.power.under.threshold", "0.01" },
	{ "alarm2.pf.*.threshold", "0.7" },
	{ "alarm2.temperature.*.threshold", "80" },
	{ "alarm2.thd.voltage.*.threshold", "8" },
	{ "alarm2.thd.current.*.threshold", "20" },
	{ "alarm2.unbalance.voltage.threshold", "4" },
	{ "alarm2.unbalance.current.threshold", "40" },
	{ "alarm2.*.delay", "60" },
	{ "alarm3.demand.active.*.threshold", "4" },
	{ "alarm3.demand.reactive.*.threshold", "3" },
	{ "alarm3.demand.apparent.threshold", "4.5" },
	{ "alarm3.current.residual.threshold", "0.3" },
	{ "alarm3.*.delay", "1" },
	{ "do.*.pulse_width", "1" },
	{ "wiring.system", "3p4w" },
	{ "pulse.1.width", "100ms" },
	{ "pulse.1.divisor", "0.01" },
	{ "pulse.1.source", "import-active" },
	{ "meter.serial", "12345678" },
};

static const char *from_scenario(const struct sim_meter *m, const char *key,
				 char *buf, size_t size)
{
	const struct scenario *s = &m->scenario;
	double value = 0;

	if (strcmp(key, "comm.address") == 0)
		value = s->unit;
	else if (strcmp(key, "comm.baud") == 0)
		value = s->pace;
	else if (strcmp(key, "ratio.ct") == 0)
		value = s->ct;
	else if (strcmp(key, "ratio.pt") == 0)
		value = s->pt;
	else if (strcmp(key, "alarm1.voltage.over.threshold") == 0)
		value = round(1.10 * m->model.site.nominal);
	else if (strcmp(key, "alarm1.voltage.under.threshold") == 0)
		value = round(0.86 * m->model.site.nominal);
	snprintf(buf, size, "%.0f", value);
	return value > 0 ? buf : NULL;
}

static bool settings_set_text(struct slot *s, const char *text)
{
	const struct point p = unit_point(s);
	struct value v;

	return text && codec_parse(&p, text, &v, NULL) == 0 && codec_encode(&p, &v, s->words, NULL) == 0;
}

static const char *from_table(const char *key)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (fnmatch(defaults[i].key, key, 0) == 0)
			return defaults[i].value;
	return NULL;
}

static void set_least(struct slot *s)
{
	const struct point p = unit_point(s);
	struct value v = { .kind = VALUE_NUMBER };

	if (p.nchoices)
		v.num = (double)p.choices[0].code;
	else if (p.min <= p.max && (p.min > 0 || p.max < 0))
		v.num = p.min;
	else
		return;
	codec_encode(&p, &v, s->words, NULL);
}

void settings_default(struct sim_meter *m)
{
	char buf[16];

	for (size_t i = 0; i < m->nslots; i++) {
		struct slot *s = &m->slots[i];

		if (!s->held && !(s->point->flags & POINT_WRITABLE))
			continue;
		if (!settings_set_text(s, from_scenario(m, s->point->key, buf, sizeof(buf)))
		    && !settings_set_text(s, from_table(s->point->key)))
			set_least(s);
		if (s->bind.kind != BIND_CLOCK)
			settings_follow(m, s);
	}
}

bool settings_valid(const struct slot *s, const uint16_t *words)
{
	const struct point as = unit_point(s), *p = &as;
	struct value v;

	if (codec_decode(p, words, &v, NULL))
		return false;
	for (size_t i = 0; i < p->nchoices; i++)
		if ((double)p->choices[i].code == v.num)
			return true;
	if (p->nchoices)
		return false;
	if (v.kind == VALUE_NUMBER)
		return p->min > p->max || (v.num >= p->min && v.num <= p->max);
	/* a clock in BCD is no time to a meter that counts in binary */
	if (v.kind == VALUE_STRING) {
		uint16_t back[VALUE_WORDS] = { 0 };

		return codec_encode(p, &v, back, NULL) == 0
		    && memcmp(back, words, p->words * sizeof(*words)) == 0;
	}
	return true;
}

static void follow_clock(struct model *m, const char *text)
{
	struct civil c;

	if (sscanf(text, "%4u-%2u-%2u %2u:%2u:%2u", &c.year, &c.month, &c.day, &c.hour,
		   &c.minute, &c.second) == 6)
		model_set_clock(m, civil_time(&c));
}

static void follow_bytes(struct settings *set, long offset, size_t n, const uint16_t *words)
{
	uint8_t *to = (uint8_t *)set + offset;

	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(i % 2 ? words[i / 2] : words[i / 2] >> 8);
}

void settings_follow(struct sim_meter *m, const struct slot *s)
{
	struct settings *set = &m->model.set;
	const struct point p = unit_point(s);
	struct value v;
	size_t n;
	long offset = bind_bytes(s->point, &n);

	if (offset >= 0) {
		follow_bytes(set, offset, n, s->words);
		return;
	}
	if (codec_decode(&p, s->words, &v, NULL))
		return;
	if (s->bind.kind == BIND_CLOCK)
		follow_clock(&m->model, v.text);
	if (strcmp(s->point->key, "freeze.time") == 0)
		sscanf(v.text, "%2u %2u", &set->calendar.freeze_day, &set->calendar.freeze_hour);
	offset = bind_setting(s->point);
	if (offset < 0)
		return;
	/* the window is named by its minutes ("15min"), not by its code */
	if (v.kind == VALUE_CHOICE && offset == offsetof(struct settings, demand_window))
		v.num = strtod(v.text, NULL);
	memcpy((char *)set + offset, &v.num, sizeof(v.num));
}
