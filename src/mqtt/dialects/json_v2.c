/*
 * json_v2.c - what an ADW300 sends by itself: one numbered item per value, on the
 * topic platform/<vendor>/<device>/json-v2/analog/<group> or any other the meter
 * was given. Nothing goes down.
 *
 * Sources: a public set-up guide of the ADW300's MQTT upload (items 0 to 41, topic,
 * QoS), public consumers of such uploads (the frame; 42 and 44). The vendor's own
 * paper ("ADW3xx mqtt protocol 2022.2.16") is cited there but is not public.
 *
 * {"data":[{"tp":MS,"point":[{"id":N,"val":V},...]}]}. Several elements in data: of
 * each item the value with the newest tp counts. All of them are one meter's: a
 * message with two serial numbers is refused.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "upload.h"

#define UP (1U << UPLOAD_DATA)
#define ITEM(id, key, scale, unit) { #id, key, scale, UP, FROM_PUBLIC, unit, "" }
#define NOTED(id, key, scale, from, unit, note) { #id, key, scale, UP, from, unit, note }

/* In the order of their numbers: the index is the id. */
static const struct dialect_item items[] = {
	NOTED(0, NULL, 1, FROM_PUBLIC, "", "serial number, a string"),
	ITEM(1, "voltage.a", 1, "V"),
	ITEM(2, "voltage.b", 1, "V"),
	ITEM(3, "voltage.c", 1, "V"),
	ITEM(4, "voltage.ab", 1, "V"),
	ITEM(5, "voltage.bc", 1, "V"),
	ITEM(6, "voltage.ca", 1, "V"),
	ITEM(7, "current.a", 1, "A"),
	ITEM(8, "current.b", 1, "A"),
	ITEM(9, "current.c", 1, "A"),
	ITEM(10, "power.active.a", 1, "kW"),
	ITEM(11, "power.active.b", 1, "kW"),
	ITEM(12, "power.active.c", 1, "kW"),
	ITEM(13, "power.active.total", 1, "kW"),
	ITEM(14, "power.reactive.a", 1, "kvar"),
	ITEM(15, "power.reactive.b", 1, "kvar"),
	ITEM(16, "power.reactive.c", 1, "kvar"),
	ITEM(17, "power.reactive.total", 1, "kvar"),
	ITEM(18, "power.apparent.a", 1, "kVA"),
	ITEM(19, "power.apparent.b", 1, "kVA"),
	ITEM(20, "power.apparent.c", 1, "kVA"),
	ITEM(21, "power.apparent.total", 1, "kVA"),
	ITEM(22, "pf.a", 1, ""),
	ITEM(23, "pf.b", 1, ""),
	ITEM(24, "pf.c", 1, ""),
	ITEM(25, "pf.total", 1, ""),
	ITEM(26, "frequency", 1, "Hz"),
	ITEM(27, "signal.strength", 1, "dBm"),
	ITEM(28, "energy.active.import.total", 1, "kWh"),
	ITEM(29, "energy.active.export.total", 1, "kWh"),
	ITEM(30, "energy.reactive.import.total", 1, "kvarh"),
	ITEM(31, "energy.reactive.export.total", 1, "kvarh"),
	NOTED(32, "demand.active.import.present", 1, FROM_PUBLIC, "kW",
	      "called present active demand; that it is the import's is our reading"),
	NOTED(33, NULL, 1, FROM_PUBLIC, "", "ICCID of the SIM card, a string, once per start"),
	ITEM(34, "ratio.pt", 1, ""),
	ITEM(35, "ratio.ct", 1, ""),
	ITEM(36, "temperature.a", 1, "degC"),
	ITEM(37, "temperature.b", 1, "degC"),
	ITEM(38, "temperature.c", 1, "degC"),
	ITEM(39, "temperature.n", 1, "degC"),
	NOTED(40, "current.residual", 1000, FROM_PUBLIC, "A", "the register counts mA"),
	NOTED(41, "di.status", 1, FROM_PUBLIC, "", "DI1 to DI4 are bits 0 to 3"),
	NOTED(42, "energy.active.combined.total", 1, FROM_PROVISIONAL, "kWh",
	      "in no public list; one consumer takes it for the total active energy"),
	NOTED(43, NULL, 1, FROM_PROVISIONAL, "", "in no public list; its meaning is not known"),
	NOTED(44, "energy.reactive.combined.total", 1, FROM_PROVISIONAL, "kvarh",
	      "in no public list; one consumer takes it for the total reactive energy"),
};
#define NITEMS (sizeof(items) / sizeof(*items))

enum { SERIAL = 0, ICCID = 33 };

#define FORM_TOPIC "platform/%s/%s/json-v2/analog/%s"
#define OWN_FILTER "platform/+/+/json-v2/analog/+"
#define SHARED_FILTER "/gw/acrelHW/+/+/+"	/* where one consumer gets these payloads */

/* The guide's own topic has the first, for an ADW300; the overseas platform's the second, for
 * no product. */
static const char *const types[] = { "meter", "null", NULL };

static size_t json_v2_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	(void)d;
	if (filter_own(t, out))
		return 1;
	snprintf(out[0], sizeof(out[0]), FORM_TOPIC, filter_level(t->vendor),
		 filter_level(t->product), filter_level(t->group));
	return 1;
}

static bool is_sample(const struct node *root)
{
	return node_get(root, "tp") && node_get(root, "ID") && node_get(root, "val");
}

static bool json_v2_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root)
{
	const struct node *data = node_get_kind(root, "data", NODE_ARRAY);
	const struct node *one = data ? node_first(data) : NULL;

	(void)d;
	return (one && node_get(one, "point")) || mqtt_match(OWN_FILTER, topic, n) || is_sample(root);
}

/* What kind of device it is, as the topic says. */
static void json_v2_take_type(const char *topic, size_t n, struct upload *out)
{
	if (mqtt_match(OWN_FILTER, topic, n))
		topic_level(topic, n, 2, out->product, sizeof(out->product));
	else if (mqtt_match(SHARED_FILTER, topic, n))
		topic_level(topic, n, 3, out->product, sizeof(out->product));
}

/* What has been said of one item so far. */
struct said {
	const struct node *val;	/* NULL: nothing */
	double tp;
	bool twice;		/* and differently, at the same time */
};

static bool same_value(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->n == b->n && (!a->n || memcmp(a->text, b->text, a->n) == 0);
}

static int take_point(const struct node *point, double tp, struct said *said, struct upload *out,
		      struct err *e)
{
	const struct node *id = node_get(point, "id"), *val = node_get(point, "val");
	struct said *s;

	if (!id || id->kind != NODE_NUMBER || !val) {
		upload_drop(out, "a point without a number for its id, or without val");
		return 0;
	}
	if (!(id->num >= 0 && id->num < NITEMS) || id->num != floor(id->num)) {
		upload_drop(out, "item %.10g is not known", id->num);
		return 0;
	}
	s = &said[(size_t)id->num];
	/* the values of one meter must not become those of the other */
	if (s == &said[SERIAL] && s->val && !same_value(s->val, val))
		return err_set(e, ERR_FOREIGN, "json-v2: two serial numbers: whose the values are is not said");
	if (s->val && s->tp > tp)
		return 0;
	/* of two values for one moment neither can be trusted */
	s->twice = s->val && s->tp == tp && (s->twice || !same_value(s->val, val));
	s->val = val;
	s->tp = tp;
	return 0;
}

/* One element of data. Its time into *TP. */
static int take_element(const struct node *el, struct said *said, struct upload *out, struct err *e)
{
	const struct node *points = node_get_kind(el, "point", NODE_ARRAY);
	const struct node *stamp = node_get(el, "tp");
	double tp = 0;

	if (!points)
		return err_set(e, ERR_FOREIGN, "json-v2: an element of data without the array 'point'");
	/* to the year 2286, in ms */
	if (stamp && stamp->kind == NODE_NUMBER && stamp->num > 0 && stamp->num < 1e13)
		tp = floor(stamp->num);
	else if (stamp)
		upload_drop(out, "tp is no time (ms since 1970)");
	if ((int64_t)tp * 1000 > out->sent_us)
		out->sent_us = (int64_t)tp * 1000;
	for (const struct node *p = node_first(points); p; p = node_next(points, p))
		if (take_point(p, tp, said, out, e))
			return -1;
	return 0;
}

static int json_v2_decode(const char *topic, size_t n, const struct node *root, struct upload *out,
			  struct err *e)
{
	const struct node *data = node_get_kind(root, "data", NODE_ARRAY);
	struct said said[NITEMS] = { { .val = NULL } };

	if (!data)
		return err_set(e, ERR_FOREIGN, "json-v2: %s", is_sample(root)
			       ? "tp, ID and val alone are the simplified sample of a guide, not what a meter sends"
			       : "there is no array 'data'");
	if (!node_first(data))
		return err_set(e, ERR_FOREIGN, "json-v2: 'data' is empty");
	out->kind = UPLOAD_DATA;
	json_v2_take_type(topic, n, out);
	for (const struct node *el = node_first(data); el; el = node_next(data, el))
		if (take_element(el, said, out, e))
			return -1;
	for (size_t i = 0; i < NITEMS; i++) {
		if (!said[i].val)
			continue;
		if (said[i].twice)
			upload_drop(out, "item %zu has two values at one time", i);
		else if (i == SERIAL || i == ICCID)
			upload_text(out, i, said[i].val);
		else
			upload_number(out, i, said[i].val);
	}
	if (said[SERIAL].val)
		return upload_serial(out, said[SERIAL].val, e);
	if (mqtt_match(SHARED_FILTER, topic, n) && topic_level(topic, n, 5, out->sn, sizeof(out->sn))
	    && !serial_plain(out->sn))
		out->sn[0] = '\0';
	return 0;
}

static bool json_v2_device(const struct dialect_device *d, enum upload_kind kind,
			   struct dialect_outgoing *out)
{
	double v;

	if (kind != UPLOAD_DATA && kind != UPLOAD_LOGIN)
		return false;
	if (!(d->topic ? outgoing_topic(out, "%s", d->topic)
	      : outgoing_topic(out, FORM_TOPIC, d->vendor, d->product, d->group)))
		return false;
	outgoing_add(out, "{\"data\":[{");
	if (!d->no_stamp)
		outgoing_add(out, "\"tp\":%lld,", (long long)(d->now_us / 1000));
	outgoing_add(out, "\"point\":[");
	if (!d->no_sn) {
		outgoing_add(out, "{\"id\":0,");
		outgoing_string(out, "val", d->sn);
		outgoing_add(out, "}");
	}
	if (kind == UPLOAD_LOGIN) {	/* the first upload after a start: 20 digits of no SIM card */
		outgoing_comma(out);
		outgoing_add(out, "{\"id\":%d,\"val\":\"89%018d\"}", ICCID, 0);
	}
	for (size_t i = 0; i < NITEMS && kind == UPLOAD_DATA; i++)
		if (items[i].from == FROM_PUBLIC && outgoing_number(d, &items[i], &v)) {
			outgoing_comma(out);
			outgoing_add(out, "{\"id\":%zu,\"val\":%.10g}", i, v);
		}
	outgoing_add(out, "]}]}");
	return outgoing_whole(out);
}

const struct dialect dialect_json_v2 = {
	.name = "json-v2",
	.title = "numbered items, as an ADW300 uploads them by itself",
	.source = "a public set-up guide of the ADW300's MQTT upload and public consumers of it",
	.from = FROM_PUBLIC,
	.items = items,
	.nitems = NITEMS,
	.model = "adw300",
	.types = types,
	.filters = json_v2_filters,
	.recognise = json_v2_recognise,
	.decode = json_v2_decode,
	.device = json_v2_device,
};
