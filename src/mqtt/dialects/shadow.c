/*
 * shadow.c - device shadows of the vendor's own platform: data/up/{productKey}/{sn}
 * from the meter, data/down/{productKey}/{sn} to it.
 *
 * Sources: the vendor's public page of it (topics, methods, the frame of report, Ua
 * and Ub); the other names from a naming file in public code, where one stands for its
 * row (Ia for Ib and Ic: those are our reading). Units are not stated: ours, but for
 * Lg. Not public: names of settings, answers to data, the frame of the old update.
 *
 * {"method":"report","reported":{"source":"REALTIME","gateway":{"rssi":77},
 *  "meters":[{"addr":..,"state":"ONLINE","Ua":..,...}]},"timestamp":S,"sn":..,...}
 */
#include <stdio.h>
#include <string.h>

#include "upload.h"

#define UP (1U << UPLOAD_DATA)
#define PAGE(name, key, unit) { name, key, 1, UP, FROM_MANUAL, unit, "unit not stated" }
#define SEEN(name, key, unit) { name, key, 1, UP, FROM_PUBLIC, unit, "unit not stated" }
#define OURS(name, key, unit) { name, key, 1, UP, FROM_PROVISIONAL, unit, "named by analogy; unit not stated" }
#define NOTED(name, key, unit, from, note) { name, key, 1, UP, from, unit, note }

static const struct dialect_item items[] = {
	PAGE("Ua", "voltage.a", "V"),
	PAGE("Ub", "voltage.b", "V"),
	OURS("Uc", "voltage.c", "V"),
	SEEN("Uab", "voltage.ab", "V"),
	OURS("Ubc", "voltage.bc", "V"),
	OURS("Uca", "voltage.ca", "V"),
	SEEN("Ia", "current.a", "A"),
	OURS("Ib", "current.b", "A"),
	OURS("Ic", "current.c", "A"),
	OURS("Pa", "power.active.a", "kW"),
	OURS("Pb", "power.active.b", "kW"),
	OURS("Pc", "power.active.c", "kW"),
	SEEN("P", "power.active.total", "kW"),
	OURS("Qa", "power.reactive.a", "kvar"),
	OURS("Qb", "power.reactive.b", "kvar"),
	OURS("Qc", "power.reactive.c", "kvar"),
	SEEN("Q", "power.reactive.total", "kvar"),
	OURS("Sa", "power.apparent.a", "kVA"),
	OURS("Sb", "power.apparent.b", "kVA"),
	OURS("Sc", "power.apparent.c", "kVA"),
	SEEN("S", "power.apparent.total", "kVA"),
	OURS("PFa", "pf.a", ""),
	OURS("PFb", "pf.b", ""),
	OURS("PFc", "pf.c", ""),
	NOTED("PF", "pf.total", "", FROM_PUBLIC, ""),
	SEEN("Fr", "frequency", "Hz"),
	SEEN("EPI", "energy.active.import.total", "kWh"),
	SEEN("EPE", "energy.active.export.total", "kWh"),
	NOTED("EQL", "energy.reactive.import.total", "kvarh", FROM_PUBLIC,
	      "inductive; that this is the register's import is our reading; unit not stated"),
	NOTED("EQC", "energy.reactive.export.total", "kvarh", FROM_PUBLIC,
	      "capacitive; that this is the register's export is our reading; unit not stated"),
	SEEN("EPIJ", "energy.tou.active.import.sharp", "kWh"),
	SEEN("EPIF", "energy.tou.active.import.peak", "kWh"),
	SEEN("EPIP", "energy.tou.active.import.flat", "kWh"),
	SEEN("EPIG", "energy.tou.active.import.valley", "kWh"),
	NOTED("Lg", "current.residual", "mA", FROM_PUBLIC, ""),
	SEEN("TempA", "temperature.a", "degC"),
	OURS("TempB", "temperature.b", "degC"),
	OURS("TempC", "temperature.c", "degC"),
	OURS("TempN", "temperature.n", "degC"),
	SEEN("UaTHD", "thd.voltage.a", "%"),
	OURS("UbTHD", "thd.voltage.b", "%"),
	OURS("UcTHD", "thd.voltage.c", "%"),
	OURS("IaTHD", "thd.current.a", "%"),
	OURS("IbTHD", "thd.current.b", "%"),
	OURS("IcTHD", "thd.current.c", "%"),
	NOTED("PT", "ratio.pt", "", FROM_PUBLIC, ""),
	NOTED("CT", "ratio.ct", "", FROM_PUBLIC, ""),
	NOTED("rssi", NULL, "", FROM_MANUAL,
	      "of the gateway or modem; no point: its unit is not stated (the example is 77)"),
};
#define NITEMS (sizeof(items) / sizeof(*items))
#define RSSI (NITEMS - 1)

#define UP_FILTER "data/up/+/+"
#define DOWN_FILTER "data/down/+/+"

static const struct method {
	const char *name;
	enum upload_kind kind;
} methods[] = {
	{ "report", UPLOAD_DATA }, { "update", UPLOAD_DATA },
	{ "update_silent", UPLOAD_OTHER }, { "control", UPLOAD_OTHER },
	{ "get", UPLOAD_OTHER }, { "delete", UPLOAD_OTHER },
};

static const struct method *method_of(const struct node *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (node_is(name, methods[i].name))
			return &methods[i];
	return NULL;
}

static size_t shadow_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	(void)d;
	if (filter_own(t, out))
		return 1;
	snprintf(out[0], sizeof(out[0]), "data/up/%s/%s", filter_level(t->product), filter_level(t->sn));
	snprintf(out[1], sizeof(out[1]), "data/down/%s/%s", filter_level(t->product), filter_level(t->sn));
	return 2;
}

static bool shadow_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root)
{
	(void)d;
	return mqtt_match(UP_FILTER, topic, n) || mqtt_match(DOWN_FILTER, topic, n)
		|| (method_of(node_get(root, "method")) && node_get_kind(root, "reported", NODE_OBJECT));
}

static int shadow_take_serial(const char *topic, size_t n, const struct node *root, struct upload *out,
			      struct err *e)
{
	out->down = mqtt_match(DOWN_FILTER, topic, n);
	if (out->down || mqtt_match(UP_FILTER, topic, n)) {
		topic_level(topic, n, 2, out->product, sizeof(out->product));
		topic_level(topic, n, 3, out->via, sizeof(out->via));
		if (!serial_plain(out->via))
			return err_set(e, ERR_FOREIGN, "shadow: the topic ends in no serial number");
	}
	if (upload_serial(out, node_get(root, "sn"), e))
		return -1;
	if (out->sn[0] && out->via[0] && strcmp(out->sn, out->via) != 0)
		return err_set(e, ERR_FOREIGN, "shadow: '%s' in the topic, sn '%s' in the frame", out->via, out->sn);
	if (!out->sn[0])
		memcpy(out->sn, out->via, sizeof(out->sn));
	return 0;
}

/* The meter whose readings these are: the only one, or the one with the serial of
 * the sender (a gateway with meters behind it sends all in one frame). */
static const struct node *meter_of(const struct node *meters, const char *sn, struct err *e)
{
	const struct node *first = node_first(meters), *found = NULL;

	if (!first)
		err_set(e, ERR_FOREIGN, "shadow: 'meters' is empty");
	else if (!node_next(meters, first) && first->kind == NODE_OBJECT)
		return first;
	for (const struct node *m = first; m; m = node_next(meters, m)) {
		if (!*sn || !node_is(node_get(m, "addr"), sn))
			continue;
		if (found) {
			err_set(e, ERR_FOREIGN, "shadow: two meters with the serial number '%s' in one frame", sn);
			return NULL;
		}
		found = m;
	}
	if (first && !found)
		err_set(e, ERR_FOREIGN, "shadow: several meters behind one gateway, and none has its serial "
			"number ('%s'): give each a topic of its own", sn);
	return found;
}

static void shadow_take_meter(const struct node *meter, struct upload *out)
{
	const struct node *state = node_get(meter, "state");

	out->offline = state && !node_is(state, "ONLINE");
	if (out->offline)
		return;
	for (const struct node *c = node_first(meter); c; c = node_next(meter, c)) {
		int i = upload_item(out->dialect, c);

		if (i < 0 || i == RSSI)
			continue;
		upload_number(out, (size_t)i, c);
	}
}

static int take_reported(const struct node *root, struct upload *out, struct err *e)
{
	const struct node *reported = node_get_kind(root, "reported", NODE_OBJECT);
	const struct node *meters = reported ? node_get_kind(reported, "meters", NODE_ARRAY) : NULL;
	const struct node *gateway = reported ? node_get(reported, "gateway") : NULL;
	const struct node *source = reported ? node_get(reported, "source") : NULL;
	const struct node *rssi = gateway ? node_get(gateway, "rssi") : NULL, *meter;
	bool history = source && !node_is(source, "REALTIME");

	if (!meters)
		return err_set(e, ERR_FOREIGN, "shadow: there is no array 'meters' in 'reported' "
			       "(how the old update holds its values is not public)");
	meter = meter_of(meters, out->sn, e);
	if (!meter)
		return -1;
	out->history = history;
	shadow_take_meter(meter, out);
	if (rssi && !history)
		upload_number(out, RSSI, rssi);
	return 0;
}

static int shadow_decode(const char *topic, size_t n, const struct node *root, struct upload *out,
			 struct err *e)
{
	const struct node *name = node_get(root, "method"), *stamp = node_get(root, "timestamp");
	const struct method *m = method_of(name);

	if (!m)
		return err_set(e, ERR_FOREIGN, "shadow: 'method' is %s", name && name->kind == NODE_STRING
			       ? "none that is known" : node_what(name));
	if (shadow_take_serial(topic, n, root, out, e))
		return -1;
	/* a new value, or the platform's word on a report */
	out->kind = out->down || !node_get(root, "reported") ? UPLOAD_OTHER : m->kind;
	/* to the year 2286 */
	if (stamp && stamp->kind == NODE_NUMBER && stamp->num > 0 && stamp->num < 1e10)
		out->sent_us = (int64_t)(stamp->num * 1e6);
	else if (stamp)
		upload_drop(out, "timestamp is no time (s since 1970)");
	return out->kind == UPLOAD_DATA ? take_reported(root, out, e) : 0;
}

static int shadow_set(const struct target_mqtt *t, const char *product, const char *key, double value,
		      struct dialect_outgoing *out, struct err *e)
{
	(void)t;
	(void)product;
	(void)value;
	(void)out;
	return err_set(e, ERR_DENIED, "there is no public way to set '%s' through shadow "
		       "(the names of its settings are not public; RS485 or a tunnel can)", key);
}

static bool shadow_device(const struct dialect_device *d, enum upload_kind kind,
			  struct dialect_outgoing *out)
{
	long long s = (long long)(d->now_us / 1000000);
	double v;

	if (kind != UPLOAD_DATA)
		return false;
	if (!(d->topic ? outgoing_topic(out, "%s", d->topic)
	      : outgoing_topic(out, "data/up/%s/%s", d->product, d->sn)))
		return false;
	outgoing_add(out, "{\"method\":\"report\",\"reported\":{\"source\":\"REALTIME\",\"gateway\":{\"rssi\":%d},"
		     "\"meters\":[{", outgoing_rssi(d));
	if (!d->no_sn)
		outgoing_string(out, "addr", d->sn);
	outgoing_comma(out);
	outgoing_add(out, "\"state\":\"ONLINE\"");
	for (size_t i = 0; i < NITEMS; i++)
		if (outgoing_number(d, &items[i], &v))
			outgoing_add(out, ",\"%s\":%.10g", items[i].name, v);
	outgoing_add(out, "}]},\"msgid\":%lld,\"fragNo\":1,\"fragment\":1", s);
	if (!d->no_stamp)
		outgoing_add(out, ",\"timestamp\":%lld", s);
	if (!d->no_sn) {
		outgoing_add(out, ",");
		outgoing_string(out, "sn", d->sn);
	}
	if (!d->no_stamp)
		outgoing_add(out, ",\"sendtime\":%lld", s);
	outgoing_add(out, ",\"version\":1}");
	return outgoing_whole(out);
}

static bool shadow_device_filter(const struct dialect_device *d, char *out, size_t size)
{
	int n = snprintf(out, size, "data/down/%s/%s", d->product, d->sn);

	return n > 0 && (size_t)n < size && mqtt_topic(out, true);
}

const struct dialect dialect_shadow = {
	.name = "shadow",
	.title = "device shadows, as the vendor's own platform takes them",
	.source = "the vendor's public page of it; names of values from public code",
	.from = FROM_PUBLIC,
	.items = items,
	.nitems = NITEMS,
	.filters = shadow_filters,
	.recognise = shadow_recognise,
	.decode = shadow_decode,
	.set = shadow_set,
	.device = shadow_device,
	.device_filter = shadow_device_filter,
};
