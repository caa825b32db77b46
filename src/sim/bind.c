#include "bind.h"

#include <stdio.h>
#include <string.h>

/* A family of keys: '*' stands for one of NAMES, whose place in the list is
 * its place in the array that begins at OFFSET. */
struct family {
	const char *key;
	const char *const *names;
	size_t offset, stride;
	const char *unit;	/* the model's */
};

#define LIST(...) ((const char *const []){ __VA_ARGS__, NULL })
#define PHASES LIST("a", "b", "c")
#define TOTALS LIST("a", "b", "c", "total")
#define LINES LIST("ab", "bc", "ca")
#define RATES LIST("sharp", "peak", "flat", "valley")
/* What no schedule divides is flat: the first of numbered ones. */
#define RATES_NUMBERED LIST("t3", "t2", "t1", "t4")
#define ORDERS LIST("2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", \
	"14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", \
	"27", "28", "29", "30", "31")
#define DEMANDS_SHOWN LIST("active.import", "active.export", "reactive.import", \
	"reactive.export", "apparent", "active", "current.a", "current.b", \
	"current.c", "current.n")
#define NOW(member) offsetof(struct model, now.member), sizeof(double)
#define SUM(member) offsetof(struct model, energy.member), sizeof(double)

static const struct family shown[] = {
	{ "voltage.*", PHASES, NOW(voltage), "V" },
	{ "voltage.*", LINES, NOW(line), "V" },
	{ "voltage.average", NULL, NOW(voltage_mean), "V" },
	{ "voltage.line.average", NULL, NOW(line_mean), "V" },
	{ "voltage.fundamental.*", PHASES, NOW(u1), "V" },
	{ "voltage.harmonic.*", PHASES, NOW(uh), "V" },
	{ "current.*", PHASES, NOW(current), "A" },
	{ "current.vector_sum", NULL, NOW(vector_sum), "A" },
	{ "current.n", NULL, NOW(vector_sum), "A" },
	{ "current.average", NULL, NOW(current_mean), "A" },
	{ "current.sum", NULL, NOW(current_sum), "A" },
	{ "current.residual", NULL, NOW(residual), "mA" },
	{ "current.fundamental.*", PHASES, NOW(i1), "A" },
	{ "current.harmonic.*", PHASES, NOW(ih), "A" },
	{ "power.active.*", TOTALS, NOW(p), "kW" },
	{ "power.reactive.*", TOTALS, NOW(q), "kvar" },
	{ "power.apparent.*", TOTALS, NOW(s), "kVA" },
	{ "power.active.w16.*", TOTALS, NOW(p), "kW" },
	{ "power.reactive.w16.*", TOTALS, NOW(q), "kvar" },
	{ "power.apparent.w16.*", TOTALS, NOW(s), "kVA" },
	{ "voltage.dc", NULL, NOW(voltage[0]), "V" },
	{ "current.dc", NULL, NOW(current[0]), "A" },
	{ "power.dc", NULL, NOW(p[3]), "kW" },
	{ "power.active.fundamental.*", TOTALS, NOW(p1), "kW" },
	{ "power.reactive.fundamental.*", TOTALS, NOW(q1), "kvar" },
	{ "power.active.harmonic.*", TOTALS, NOW(ph), "kW" },
	{ "power.reactive.harmonic.*", TOTALS, NOW(qh), "kvar" },
	{ "pf.*", TOTALS, NOW(pf), "" },
	{ "frequency", NULL, NOW(frequency), "Hz" },
	{ "thd.voltage.*", PHASES, NOW(thd_u), "%" },
	{ "thd.current.*", PHASES, NOW(thd_i), "%" },
	{ "thd.voltage.*", LINES, NOW(thd_line), "%" },
	{ "thd.voltage.average", NULL, NOW(thd_u_mean), "%" },
	{ "thd.current.average", NULL, NOW(thd_i_mean), "%" },
	{ "thd.voltage.line.average", NULL, NOW(thd_line_mean), "%" },
	{ "harmonic.voltage.a.*", ORDERS, NOW(harmonic_u[0]), "%" },
	{ "harmonic.voltage.b.*", ORDERS, NOW(harmonic_u[1]), "%" },
	{ "harmonic.voltage.c.*", ORDERS, NOW(harmonic_u[2]), "%" },
	{ "harmonic.current.a.*", ORDERS, NOW(harmonic_i[0]), "%" },
	{ "harmonic.current.b.*", ORDERS, NOW(harmonic_i[1]), "%" },
	{ "harmonic.current.c.*", ORDERS, NOW(harmonic_i[2]), "%" },
	{ "unbalance.voltage", NULL, NOW(unbalance_u), "%" },
	{ "unbalance.current", NULL, NOW(unbalance_i), "%" },
	{ "angle.voltage.*", PHASES, NOW(angle_u), "deg" },
	{ "angle.current.*", PHASES, NOW(angle_i), "deg" },
	{ "angle.*", TOTALS, NOW(lag), "deg" },
	{ "temperature.*", LIST("a", "b", "c", "n"), NOW(temperature), "degC" },
	{ "meter.temperature", NULL, NOW(temperature[3]), "degC" },
	{ "signal.strength", NULL, NOW(signal), "dBm" },
	{ "energy.active.combined.*", TOTALS, SUM(active_combined), "kWh" },
	{ "energy.active.import.*", TOTALS, SUM(active_import), "kWh" },
	{ "energy.active.export.*", TOTALS, SUM(active_export), "kWh" },
	{ "energy.reactive.combined.*", TOTALS, SUM(reactive_combined), "kvarh" },
	{ "energy.reactive.import.*", TOTALS, SUM(reactive_import), "kvarh" },
	{ "energy.reactive.export.*", TOTALS, SUM(reactive_export), "kvarh" },
	{ "energy.reactive.*.total", LIST("q1", "q2", "q3", "q4"), SUM(quadrant), "kvarh" },
	{ "energy.apparent.total", NULL, SUM(apparent), "kVAh" },
	{ "charge.total", NULL, SUM(charge), "Ah" },
	{ "energy.tou.active.combined.*", RATES, SUM(tou_active_combined), "kWh" },
	{ "energy.tou.active.import.*", RATES, SUM(tou_active_import), "kWh" },
	{ "energy.tou.active.export.*", RATES, SUM(tou_active_export), "kWh" },
	{ "energy.tou.reactive.combined.*", RATES, SUM(tou_reactive_combined), "kvarh" },
	{ "energy.tou.reactive.import.*", RATES, SUM(tou_reactive_import), "kvarh" },
	{ "energy.tou.reactive.export.*", RATES, SUM(tou_reactive_export), "kvarh" },
	{ "energy.tou.active.combined.*", RATES_NUMBERED, SUM(tou_active_combined), "kWh" },
	{ "energy.tou.active.import.*", RATES_NUMBERED, SUM(tou_active_import), "kWh" },
	{ "energy.tou.active.export.*", RATES_NUMBERED, SUM(tou_active_export), "kWh" },
	{ "energy.tou.reactive.combined.*", RATES_NUMBERED, SUM(tou_reactive_combined), "kvarh" },
	{ "energy.tou.reactive.import.*", RATES_NUMBERED, SUM(tou_reactive_import), "kvarh" },
	{ "energy.tou.reactive.export.*", RATES_NUMBERED, SUM(tou_reactive_export), "kvarh" },
	{ "energy.active.combined.partial", NULL, SUM(active_combined[3]), "kWh" },
	{ "energy.active.import.partial", NULL, SUM(active_import[3]), "kWh" },
	{ "energy.active.export.partial", NULL, SUM(active_export[3]), "kWh" },
	{ "energy.reactive.combined.partial", NULL, SUM(reactive_combined[3]), "kvarh" },
	{ "energy.reactive.import.partial", NULL, SUM(reactive_import[3]), "kvarh" },
	{ "energy.reactive.export.partial", NULL, SUM(reactive_export[3]), "kvarh" },
	{ "demand.*.present", DEMANDS_SHOWN, offsetof(struct model, demand.present),
	  sizeof(double), "k" },
	{ "demand.*.max", DEMANDS_SHOWN, offsetof(struct model, demand.max),
	  sizeof(double), "k" },
};

/* What came in less what went out, and what flows one way only. */
static const struct family nets[] = {
	{ "energy.active.net.*", TOTALS, SUM(active_import), "kWh" },
	{ "energy.reactive.net.*", TOTALS, SUM(reactive_import), "kvarh" },
};
static const struct family months[] = {
	{ "energy.active.combined.*", LIST("month"), SUM(active_combined[3]), "kWh" },
	{ "energy.active.import.*", LIST("month"), SUM(active_import[3]), "kWh" },
	{ "energy.active.export.*", LIST("month"), SUM(active_export[3]), "kWh" },
};
static const struct family imports[] = {
	{ "power.active.import.*", TOTALS, NOW(p), "kW" },
	{ "power.reactive.import.*", TOTALS, NOW(q), "kvar" },
};
static const struct family exports[] = {
	{ "power.active.export.*", TOTALS, NOW(p), "kW" },
	{ "power.reactive.export.*", TOTALS, NOW(q), "kvar" },
};

static const struct family times[] = {
	{ "demand.*.max.time", DEMANDS_SHOWN, offsetof(struct model, demand.max_at),
	  sizeof(double), "" },
};

static const struct family words[] = {
	{ "alarm1.status", NULL, offsetof(struct model, alarm.status[0]), 0, "" },
	{ "alarm2.status", NULL, offsetof(struct model, alarm.status[1]), 0, "" },
	{ "alarm3.status", NULL, offsetof(struct model, alarm.status[2]), 0, "" },
	{ "di.status", NULL, offsetof(struct model, alarm.inputs), 0, "" },
};

static const struct family flags[] = {
	{ "do.*", LIST("1", "2"), offsetof(struct model, alarm.on), sizeof(bool), "" },
};

#define ALARM(member) offsetof(struct settings, alarm.member)
#define ALARMS_1 LIST("voltage.over", "voltage.under", "current.over", "current.under", \
	"power.over", "power.under")
#define ALARMS_2 LIST("pf.a", "pf.b", "pf.c", "pf.total", "temperature.a", \
	"temperature.b", "temperature.c", "temperature.n", "thd.voltage.a", \
	"thd.voltage.b", "thd.voltage.c", "thd.current.a", "thd.current.b", \
	"thd.current.c", "unbalance.voltage", "unbalance.current")
#define ALARMS_3 LIST("demand.active.import", "demand.active.export", \
	"demand.reactive.import", "demand.reactive.export", "demand.apparent")

static const struct family settings[] = {
	{ "demand.*", LIST("cycle"), offsetof(struct settings, demand_window), 0, "" },
	{ "demand.*", LIST("period"), offsetof(struct settings, demand_window), 0, "" },
	{ "alarm*.enable", LIST("1", "2", "3"), ALARM(enable), sizeof(double), "" },
	{ "alarm1.*.threshold", ALARMS_1, ALARM(limits[0][0].threshold), sizeof(struct limit), "" },
	{ "alarm1.*.delay", ALARMS_1, ALARM(limits[0][0].delay), sizeof(struct limit), "" },
	{ "alarm2.*.threshold", ALARMS_2, ALARM(limits[1][0].threshold), sizeof(struct limit), "" },
	{ "alarm2.*.delay", ALARMS_2, ALARM(limits[1][0].delay), sizeof(struct limit), "" },
	{ "alarm3.*.threshold", ALARMS_3, ALARM(limits[2][0].threshold), sizeof(struct limit), "" },
	{ "alarm3.*.delay", ALARMS_3, ALARM(limits[2][0].delay), sizeof(struct limit), "" },
	{ "alarm3.current.residual.threshold", NULL, ALARM(residual.threshold), 0, "" },
	{ "alarm3.current.residual.delay", NULL, ALARM(residual.delay), 0, "" },
	{ "di.*.normal_state", LIST("1", "2", "3", "4"), ALARM(closed_is_normal), sizeof(double), "" },
	{ "di.*.linked_do", LIST("1", "2", "3", "4"), ALARM(linked), sizeof(double), "" },
	{ "do.*", LIST("1", "2"), ALARM(output[0].on), sizeof(struct output), "" },
	{ "do.*.mode", LIST("1", "2"), ALARM(output[0].pulse), sizeof(struct output), "" },
	{ "do.*.source", LIST("1", "2"), ALARM(output[0].source), sizeof(struct output), "" },
	{ "do.*.pulse_width", LIST("1", "2"), ALARM(output[0].width), sizeof(struct output), "" },
};

static const struct family bytes[] = {
	{ "tou.zones", NULL, offsetof(struct settings, calendar.zones), 12, "" },
	{ "tou.table*", LIST("1", "2", "3"), offsetof(struct settings, calendar.tables), 42, "" },
};

/* Does KEY belong to F? Then *OFFSET is where its member stands. */
static bool belongs(const struct family *f, const char *key, size_t *offset)
{
	const char *star = strchr(f->key, '*');
	size_t head = star ? (size_t)(star - f->key) : 0, len = strlen(key), tail;

	*offset = f->offset;
	if (!star)
		return strcmp(f->key, key) == 0;
	tail = strlen(star + 1);
	if (len <= head + tail || memcmp(f->key, key, head) != 0
	    || strcmp(key + len - tail, star + 1) != 0)
		return false;
	for (const char *const *name = f->names; *name; name++, *offset += f->stride)
		if (strlen(*name) == len - head - tail
		    && memcmp(*name, key + head, len - head - tail) == 0)
			return true;
	return false;
}

static const struct family *bind_look_up(const struct family *list, size_t n,
					 const char *key, size_t *offset)
{
	for (size_t i = 0; i < n; i++)
		if (belongs(&list[i], key, offset))
			return &list[i];
	return NULL;
}
#define LOOK_UP(list, key, offset) \
	bind_look_up(list, sizeof(list) / sizeof(list[0]), key, offset)

/* Some meters count in W and Wh. */
static double unit_factor(const char *model, const char *point)
{
	return model[0] == 'k' && point[0] && point[0] != 'k' && point[0] != 'A' ? 1000 : 1;
}

/* extreme.max.voltage.a and its .time: a value and a moment of some month. */
static struct bind bind_extreme(const struct point *p, char *key)
{
	struct bind b = { .kind = BIND_NONE, .factor = 1 };
	char *of = key + strlen("extreme.max."), *time = strstr(of, ".time");
	const struct family *f;
	size_t offset;
	int i;

	if (time)
		*time = '\0';
	f = LOOK_UP(shown, of, &offset);
	if (!f || p->instance >= EXTREME_MONTHS)
		return b;
	i = model_extreme(offset - offsetof(struct model, now));
	if (i < 0)
		return b;
	b.offset = offsetof(struct model, months) + p->instance * sizeof(struct month)
		+ (strncmp(key, "extreme.min.", 12) == 0 ? offsetof(struct month, min)
		   : offsetof(struct month, max))
		+ (size_t)i * sizeof(struct extreme)
		+ (time ? offsetof(struct extreme, at) : offsetof(struct extreme, value));
	b.kind = time ? BIND_TIME : BIND_NUMBER;
	b.factor = unit_factor(f->unit, p->unit);
	return b;
}

static struct bind bind_history(const struct point *p, const char *key)
{
	struct bind b = { .kind = BIND_NONE, .factor = 1 };
	const char *of = key + strlen("history.");
	const struct family *f;
	size_t offset, record;

	if (p->instance >= HISTORY_MONTHS)
		return b;
	record = offsetof(struct model, history) + p->instance * sizeof(struct frozen);
	if (strcmp(of, "time") == 0) {
		b.kind = BIND_TIME;
		b.offset = record + offsetof(struct frozen, at);
		return b;
	}
	f = LOOK_UP(shown, of, &offset);
	if (!f || offset < offsetof(struct model, energy)
	    || offset >= offsetof(struct model, energy) + sizeof(struct energies))
		return b;
	b.kind = BIND_NUMBER;
	b.offset = record + offsetof(struct frozen, energy)
		+ (offset - offsetof(struct model, energy));
	b.factor = unit_factor(f->unit, p->unit);
	return b;
}

/* A number that has to be made of the model's. */
static const struct family *bind_made(const char *key, struct bind *b)
{
	const struct family *f;

	if ((f = LOOK_UP(nets, key, &b->offset)))
		/* the same of what went out stands as far behind of both */
		b->less = b->offset + offsetof(struct energies, active_export) - offsetof(struct energies, active_import);
	else if ((f = LOOK_UP(months, key, &b->offset)))
		b->less = b->offset + offsetof(struct model, history[0].energy) - offsetof(struct model, energy);
	else if ((f = LOOK_UP(imports, key, &b->offset)))
		b->sign = 1;
	else if ((f = LOOK_UP(exports, key, &b->offset)))
		b->sign = -1;
	return f;
}

/* What KEY means on the other side of the transformers. */
static enum ratio bind_ratio(const char *key)
{
	if (strncmp(key, "voltage.", 8) == 0)
		return RATIO_PT;
	if (strncmp(key, "current.", 8) == 0)
		return RATIO_CT;
	return strncmp(key, "power.", 6) == 0 || strncmp(key, "energy.", 7) == 0 ? RATIO_PTCT : RATIO_NONE;
}

/* "energy.active.import.peak" of the primary side is energy.tou.active.import.peak elsewhere. */
static const struct family *bind_primary(const char *key, struct bind *b)
{
	char tou[96];
	const struct family *f = LOOK_UP(shown, key, &b->offset);

	if (!f && strncmp(key, "energy.", 7) == 0) {
		snprintf(tou, sizeof(tou), "energy.tou.%s", key + 7);
		f = LOOK_UP(shown, tou, &b->offset);
	}
	b->ratio = bind_ratio(key);
	return f;
}

struct bind bind_shown(const struct point *p)
{
	struct bind b = { .kind = BIND_NONE, .factor = 1 };
	const struct family *f;
	char key[96];
	size_t len = strcspn(p->key, "@");

	if (len >= sizeof(key))
		return b;
	memcpy(key, p->key, len);
	key[len] = '\0';
	if (strncmp(key, "extreme.m", 9) == 0 && len > strlen("extreme.max."))
		return bind_extreme(p, key);
	if (strncmp(key, "history.", 8) == 0)
		return bind_history(p, key);
	if (strcmp(key, "clock") == 0)
		b.kind = BIND_CLOCK;
	else if ((f = LOOK_UP(shown, key, &b.offset)) || (f = bind_made(key, &b))
		 || (strncmp(key, "primary.", 8) == 0 && (f = bind_primary(key + 8, &b)))) {
		b.kind = BIND_NUMBER;
		b.factor = unit_factor(f->unit, p->unit);
	} else if (LOOK_UP(times, key, &b.offset))
		b.kind = BIND_TIME;
	else if (LOOK_UP(words, key, &b.offset))
		b.kind = BIND_WORD;
	else if (LOOK_UP(flags, key, &b.offset))
		b.kind = BIND_FLAG;
	if (p->side == SIDE_PRIMARY && b.kind == BIND_NUMBER)
		b.ratio = p->ratio;
	return b;
}

long bind_setting(const struct point *p)
{
	size_t offset;

	return LOOK_UP(settings, p->key, &offset) ? (long)offset : -1;
}

long bind_bytes(const struct point *p, size_t *n)
{
	size_t offset;
	const struct family *f = LOOK_UP(bytes, p->key, &offset);

	*n = f ? f->stride : 0;
	return f ? (long)offset : -1;
}
