/*
 * acrelhw.c - the vendor's overseas platform: /gw/acrelHW/{product}/{cmd}/{sn} from
 * the meter, /server/acrelHW/{product}/{cmd}/{sn} from the platform, named values.
 *
 * Sources: the vendor's public pages (topics, common fields, login, the request for
 * the time), a published part of its "Adw300-Mqtt-Json Protocols" (login and para),
 * public consumers (data). Not public, so our own reading: the answer to a request
 * for the time, the acknowledgements of data, heartbeat and alarm (taken to be like that
 * of login), the body of a para frame towards the meter.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "upload.h"

#define DATA (1U << UPLOAD_DATA)
#define LOGIN (1U << UPLOAD_LOGIN)
#define TIME (1U << UPLOAD_TIME)
#define PARA (1U << UPLOAD_PARA)

#define UNIT_NOTE "unit and side are not stated: taken as the registers have it"
#define POWER_NOTE "frames with ct: kW; frames without ct: W or kW when the frame's own U and I " \
	"prove it, else ambiguous"

static const struct dialect_item items[] = {
	{ "type", NULL, 1, 1U << UPLOAD_ALARM, FROM_MANUAL, "", "of alarms alone: alarm or event; their bodies are not public" },
	{ "ua", "voltage.a", 1, DATA, FROM_PUBLIC, "V", UNIT_NOTE },
	{ "ub", "voltage.b", 1, DATA, FROM_PUBLIC, "V", UNIT_NOTE },
	{ "uc", "voltage.c", 1, DATA, FROM_PUBLIC, "V", UNIT_NOTE },
	{ "ia", "current.a", 1, DATA, FROM_PUBLIC, "A", UNIT_NOTE },
	{ "ib", "current.b", 1, DATA, FROM_PUBLIC, "A", UNIT_NOTE },
	{ "ic", "current.c", 1, DATA, FROM_PUBLIC, "A", UNIT_NOTE },
	{ "pa", "power.active.a", 1, DATA, FROM_PUBLIC, "kW", POWER_NOTE },
	{ "pb", "power.active.b", 1, DATA, FROM_PUBLIC, "kW", POWER_NOTE },
	{ "pc", "power.active.c", 1, DATA, FROM_PUBLIC, "kW", POWER_NOTE },
	{ "p", "power.active.total", 1, DATA, FROM_PUBLIC, "kW", POWER_NOTE },
	{ "qa", "power.reactive.a", 1, DATA, FROM_PUBLIC, "kvar", POWER_NOTE },
	{ "qb", "power.reactive.b", 1, DATA, FROM_PUBLIC, "kvar", POWER_NOTE },
	{ "qc", "power.reactive.c", 1, DATA, FROM_PUBLIC, "kvar", POWER_NOTE },
	{ "q", "power.reactive.total", 1, DATA, FROM_PUBLIC, "kvar", POWER_NOTE },
	{ "pfa", "pf.a", 1, DATA, FROM_PUBLIC, "", "" },
	{ "pfb", "pf.b", 1, DATA, FROM_PUBLIC, "", "" },
	{ "pfc", "pf.c", 1, DATA, FROM_PUBLIC, "", "" },
	{ "pf", "pf.total", 1, DATA, FROM_PUBLIC, "", "" },
	{ "hz", "frequency", 1, DATA, FROM_PUBLIC, "Hz", "" },
	{ "pt", "ratio.pt", 1, DATA, FROM_PUBLIC, "", "" },
	{ "ct", "ratio.ct", 1, DATA, FROM_PUBLIC, "", "" },
	{ "wh", "energy.active.import.total", 1, DATA, FROM_PUBLIC, "kWh", "that it is the import's is our reading" },
	{ "wl", "energy.active.export.total", 1, DATA, FROM_PUBLIC, "kWh", "that it is the export's is our reading" },
	{ "varh", "energy.reactive.import.total", 1, DATA, FROM_PUBLIC, "kvarh", "that it is forward is our reading" },
	{ "varl", "energy.reactive.export.total", 1, DATA, FROM_PUBLIC, "kvarh", "that it is reverse is our reading" },
	{ "rssi", NULL, 1, LOGIN, FROM_MANUAL, "percent",
	  "signal strength; no point: that of the register is said elsewhere to be dBm" },
	{ "ver", NULL, 1, LOGIN, FROM_MANUAL, "", "firmware version; a string in the old form of login" },
	{ "ccid", NULL, 1, LOGIN, FROM_MANUAL, "", "of the SIM card, a string" },
	{ "imei", NULL, 1, LOGIN, FROM_MANUAL, "", "of the modem, a string" },
	{ "utc", NULL, 1, TIME, FROM_MANUAL, "h", "offset of the meter's clock, a number in a string" },
	{ "upInterval", "network.upload_interval", 60, PARA, FROM_MANUAL, "min", "a number in a string" },
};
#define NITEMS (sizeof(items) / sizeof(*items))

#define ZONE_MAX 14	/* h; UTC+14 is the farthest there is */

enum form { FORM_NUMBER, FORM_TEXT, FORM_EITHER, FORM_DIGITS };

static const struct command {
	const char *name;
	enum upload_kind kind;
} commands[] = {
	{ "login", UPLOAD_LOGIN }, { "time", UPLOAD_TIME }, { "para", UPLOAD_PARA },
	{ "heart", UPLOAD_HEART }, { "data", UPLOAD_DATA }, { "alarm", UPLOAD_ALARM },
	{ "event", UPLOAD_ALARM },
	/* named on the vendor's pages, their bodies not public */
	{ "hstdata", UPLOAD_OTHER }, { "ota", UPLOAD_OTHER }, { "restart", UPLOAD_OTHER },
	{ "control", UPLOAD_OTHER }, { "allVersion", UPLOAD_OTHER }, { "gwConfigInfo", UPLOAD_OTHER },
	{ "downlinkConfigInfo", UPLOAD_OTHER }, { "transport", UPLOAD_OTHER },
	{ "instruct", UPLOAD_OTHER }, { "metermodel", UPLOAD_OTHER }, { "topology", UPLOAD_OTHER },
	{ "callmodel", UPLOAD_OTHER },
};

#define GW_FILTER "/gw/acrelHW/+/+/+"
#define SERVER_FILTER "/server/acrelHW/+/+/+"
#define GW_TOPIC "/gw/acrelHW/%s/%s/%s"
#define SERVER_TOPIC "/server/acrelHW/%s/%s/%s"

static const struct command *command_of(const struct node *type)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (node_is(type, commands[i].name))
			return &commands[i];
	return NULL;
}

static size_t acrelhw_filters(const struct dialect *d, const struct target_mqtt *t, char out[][MQTT_TOPIC * 2])
{
	(void)d;
	if (filter_own(t, out))
		return 1;
	snprintf(out[0], sizeof(out[0]), GW_TOPIC, filter_level(t->product), "+", filter_level(t->sn));
	snprintf(out[1], sizeof(out[1]), SERVER_TOPIC, filter_level(t->product), "+", filter_level(t->sn));
	return 2;
}

static bool acrelhw_recognise(const struct dialect *d, const char *topic, size_t n, const struct node *root)
{
	(void)d;
	if (mqtt_match(GW_FILTER, topic, n) || mqtt_match(SERVER_FILTER, topic, n))
		return true;
	return command_of(node_get(root, "type"))
		&& (node_get(root, "gwSN") || node_get(root, "meterSN") || node_get(root, "res"));
}

/* Product and serial from the topic. -1: it says something else than the frame. */
static int take_topic(const char *topic, size_t n, const struct command *c, struct upload *out,
		      struct err *e)
{
	char cmd[MQTT_NAME];

	out->down = mqtt_match(SERVER_FILTER, topic, n);
	if (!out->down && !mqtt_match(GW_FILTER, topic, n))
		return 0;
	topic_level(topic, n, 3, out->product, sizeof(out->product));
	topic_level(topic, n, 4, cmd, sizeof(cmd));
	topic_level(topic, n, 5, out->via, sizeof(out->via));
	if (!serial_plain(out->via))
		return err_set(e, ERR_FOREIGN, "acrelhw: the topic ends in no serial number");
	/* history must not be taken for the present, whatever it calls itself */
	if (strcmp(cmd, c->name) != 0)
		return err_set(e, ERR_FOREIGN, "acrelhw: '%s' in the topic, type '%s' in the frame", cmd, c->name);
	return 0;
}

static int acrelhw_take_serial(const struct node *root, struct upload *out, struct err *e)
{
	if (upload_serial(out, node_get(root, "gwSN"), e) || upload_serial(out, node_get(root, "meterSN"), e))
		return -1;
	if (!out->sn[0])
		memcpy(out->sn, out->via, sizeof(out->sn));
	return 0;
}

/* A number in a string: "5". */
static void take_digits(struct upload *out, size_t item, const struct node *v)
{
	bool zone = items[item].kinds == TIME;
	char text[24];
	double num;

	if (!node_text(v, text, sizeof(text)) || !text_double(text, &num))
		upload_drop(out, "item %s is no number in a string", items[item].name);
	else if (zone && fabs(num) > ZONE_MAX)
		upload_drop(out, "item %s is no time zone", items[item].name);
	else
		upload_scaled(out, item, num);
}

static enum form acrelhw_form_of(const struct dialect_item *it)
{
	if (it->kinds & (TIME | PARA))
		return FORM_DIGITS;
	if (strcmp(it->name, "ver") == 0)
		return FORM_EITHER;
	return strcmp(it->name, "ccid") == 0 || strcmp(it->name, "imei") == 0 ? FORM_TEXT : FORM_NUMBER;
}

static void take_items(const struct node *root, struct upload *out)
{
	for (const struct node *c = node_first(root); c; c = node_next(root, c)) {
		int i = upload_item(out->dialect, c);
		enum form form;

		if (i <= 0 || !(items[i].kinds & 1U << out->kind))
			continue;
		form = acrelhw_form_of(&items[i]);
		if (form == FORM_DIGITS)
			take_digits(out, (size_t)i, c);
		else if (form == FORM_TEXT || (form == FORM_EITHER && c->kind == NODE_STRING))
			upload_text(out, (size_t)i, c);
		else
			upload_number(out, (size_t)i, c);
	}
}

static double acrelhw_size(const struct upload *up, const char *name, char phase)
{
	const char whole[] = { *name, phase, '\0' };
	const struct upload_value *v = upload_find(up, whole);

	return v ? v->num : (double)NAN;
}

/* The sum of P or Q (NAME "p", "q"): as the frame has it, or of its inputs. */
static double acrelhw_sum(const struct upload *up, const char *name)
{
	double total = acrelhw_size(up, name, '\0');

	return isnan(total) ? acrelhw_size(up, name, 'a') + acrelhw_size(up, name, 'b') + acrelhw_size(up, name, 'c')
			    : total;
}

/* U x I of the inputs in the frame, in VA; NAN: of one there is only U or only I. */
static double acrelhw_va(const struct upload *up)
{
	double va = 0;

	for (char phase = 'a'; phase <= 'c'; phase++) {
		double u = acrelhw_size(up, "u", phase), i = acrelhw_size(up, "i", phase);

		if (!isnan(u) || !isnan(i))
			va += fabs(u * i);
	}
	return va;
}

static bool is_power(const struct upload_value *v)
{
	return items[v->item].key && strncmp(items[v->item].key, "power.", 6) == 0;
}

/* So many VA make so much power: no more, but for what metering is off, and no less than by
 * a power factor that is poor already. kW of a CT of 500 to 1200 alone would look like it. */
static bool acrelhw_fits(double power, double va)
{
	return power >= va * 0.5 && power <= va * 1.2 && va > 0;
}

/*
 * A frame without ct: its powers are W, says one consumer and nobody else. Only its own
 * volts and amperes can prove W or kW. Anything else has two meanings, and none is
 * chosen. 0 is 0 in either.
 */
static void settle_powers(struct upload *up)
{
	double va = acrelhw_va(up), p = acrelhw_sum(up, "p"), q = acrelhw_sum(up, "q");
	double power = isnan(q) ? fabs(p) : hypot(p, q);
	bool watts = acrelhw_fits(power, va), kilowatts = acrelhw_fits(power * 1000, va);

	for (size_t i = 0; i < up->n; i++) {
		struct upload_value *v = &up->values[i];

		if (!is_power(v) || kilowatts)
			continue;
		v->ambiguous = !watts && (v->num < 0 || v->num > 0);
		v->other = v->num;
		v->num /= 1000;
		if (v->ambiguous)
			upload_drop_of(up, 1, items[v->item].name, "W or kW: no ct in the message, and its U and I do not prove it");
	}
}

static void acrelhw_take_data(const struct node *root, struct upload *out)
{
	const struct node *status = node_get(root, "meterStatus"), *ch = node_get(root, "ch");

	if (node_is(status, "missing"))
		out->offline = true;
	else if (status && !node_is(status, "normal"))
		upload_drop(out, "meterStatus is neither normal nor missing: values not used");
	else if (ch && (ch->kind != NODE_NUMBER || ch->num != 0))
		upload_drop(out, "values of one channel (ch) of several, not of the meter");
	else
		take_items(root, out);
	if (!node_get(root, "ct"))
		settle_powers(out);
}

static int acrelhw_decode(const char *topic, size_t n, const struct node *root, struct upload *out,
			  struct err *e)
{
	const struct node *type = node_get(root, "type"), *res = node_get(root, "res");
	const struct command *c = command_of(type);
	const struct upload_value *v;
	char text[24];

	if (!c)
		return err_set(e, ERR_FOREIGN, "acrelhw: 'type' is %s", type && type->kind == NODE_STRING
			       ? "none that is known" : node_what(type));
	out->kind = c->kind;
	if (take_topic(topic, n, c, out, e) || acrelhw_take_serial(root, out, e))
		return -1;
	if (res) {
		if (res->kind != NODE_NUMBER || (res->num != 0 && res->num != 1))
			return err_set(e, ERR_FOREIGN, "acrelhw: 'res' is neither 1 nor 0");
		out->has_result = true;
		out->result = (int)res->num;
		/* on a topic of its own nothing else tells the platform's answers */
		out->down = out->down || (!out->via[0] && !node_get(root, "gwSN") && !node_get(root, "meterSN"));
	}
	node_text(node_get(root, "meterName"), out->model, sizeof(out->model));
	if (out->kind == UPLOAD_DATA && !out->down)
		acrelhw_take_data(root, out);
	else if (out->kind == UPLOAD_ALARM)
		upload_text(out, 0, type);
	else if (out->kind != UPLOAD_DATA)
		take_items(root, out);
	v = upload_find(out, "utc");
	if (node_text(node_get(root, "time"), text, sizeof(text))) {
		out->sent_us = stamp_us(text, v ? v->num : NAN);
		if (!out->sent_us)
			upload_drop_of(out, 1, text, "time is no YYYYMMDDhhmmss");
	}
	v = upload_find(out, "upInterval");
	if (v && v->num >= 1 && v->num <= 86400 * 31.0)
		out->interval_s = (int)lround(v->num);
	return 0;
}

static const char *command_name(enum upload_kind kind)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].kind == kind)
			return commands[i].name;
	return "";
}

static bool acrelhw_answer(const struct upload *up, int64_t now_us, struct dialect_outgoing *out)
{
	const struct upload_value *utc = upload_find(up, "utc");
	const struct upload_value *type = upload_find(up, "type");
	const char *name = type ? type->text : command_name(up->kind);
	char now[32];

	if (up->has_result || up->kind == UPLOAD_OTHER || !up->via[0] || !up->product[0])
		return false;
	if (up->down && (up->kind != UPLOAD_PARA || !up->interval_s))
		return false;	/* of what comes down, only a new value is answered */
	if (!outgoing_topic(out, up->down ? GW_TOPIC : SERVER_TOPIC, up->product, name, up->via))
		return false;
	outgoing_add(out, "{\"type\":\"%s\",\"res\":1", name);
	if (up->kind == UPLOAD_TIME) {
		stamp_text(now_us, utc ? utc->num : NAN, now, sizeof(now));
		outgoing_add(out, ",\"time\":\"%s\"", now);
	}
	outgoing_add(out, "}");
	return outgoing_whole(out);
}

static int acrelhw_set(const struct target_mqtt *t, const char *product, const char *key, double value,
		       struct dialect_outgoing *out, struct err *e)
{
	double minutes = value / 60;

	if (strcmp(key, "network.upload_interval") != 0)
		return err_set(e, ERR_DENIED, "there is no public way to set '%s' through acrelhw "
			       "(network.upload_interval alone; others through RS485 or a tunnel)", key);
	if (!(minutes >= 1 && minutes <= 1440) || minutes != floor(minutes))
		return err_set(e, ERR_DENIED, "an upload interval of %g s cannot be set through acrelhw "
			       "(whole minutes: 60, 120, ... 86400)", value);
	if (!product || !*product || !t->sn[0])
		return err_set(e, ERR_USAGE, "the product level of the meter's topics is not known: "
			       "its messages do not say it (give it with &product=)");
	if (!outgoing_topic(out, SERVER_TOPIC, product, "para", t->sn))
		return err_set(e, ERR_USAGE, "'%s' and '%s' make no topic", product, t->sn);
	outgoing_add(out, "{\"type\":\"para\",");
	outgoing_string(out, "gwSN", t->sn);
	outgoing_add(out, ",");
	outgoing_string(out, "meterSN", t->sn);
	outgoing_add(out, ",\"upInterval\":\"%.0f\"}", minutes);
	return 0;
}

static void device_data(const struct dialect_device *d, struct dialect_outgoing *out)
{
	double v;

	outgoing_add(out, ",\"meterStatus\":\"normal\",\"ch\":0");
	for (size_t i = 0; i < NITEMS; i++)
		if (items[i].kinds == DATA && outgoing_number(d, &items[i], &v))
			outgoing_add(out, ",\"%s\":%.10g", items[i].name, v);
}

static void device_names(const struct dialect_device *d, enum upload_kind kind, struct dialect_outgoing *out)
{
	bool of_meter = kind != UPLOAD_LOGIN && kind != UPLOAD_TIME;

	if (!d->no_sn) {
		outgoing_add(out, ",");
		outgoing_string(out, "gwSN", d->sn);
	}
	if (!d->no_sn && of_meter) {
		outgoing_add(out, ",");
		outgoing_string(out, "meterSN", d->sn);
	}
	if (of_meter) {
		outgoing_add(out, ",");
		outgoing_string(out, "meterName", d->model);
	}
}

static bool acrelhw_device(const struct dialect_device *d, enum upload_kind kind,
			   struct dialect_outgoing *out)
{
	const char *name = command_name(kind);
	char now[32];

	if (kind == UPLOAD_OTHER)
		return false;
	if (!(d->topic ? outgoing_topic(out, "%s", d->topic)
	      : outgoing_topic(out, GW_TOPIC, d->product, name, d->sn)))
		return false;
	outgoing_add(out, "{\"type\":\"%s\"", name);
	stamp_text(d->now_us, NAN, now, sizeof(now));
	if (!d->no_stamp)
		outgoing_add(out, ",\"time\":\"%s\"", now);
	device_names(d, kind, out);
	if (kind == UPLOAD_LOGIN)
		outgoing_add(out, ",\"ver\":1011,\"rssi\":%d,\"code\":1968,\"verpro\":0,\"iapVer\":0,"
			     "\"ccid\":\"89%018d\",\"imei\":\"%015d\"", outgoing_rssi(d), 0, 0);
	else if (kind == UPLOAD_TIME)
		outgoing_add(out, ",\"country\":\"China\",\"utc\":\"%.4g\"", zone_hours(d->now_us));
	else if (kind == UPLOAD_PARA)
		outgoing_add(out, ",\"upInterval\":\"%.10g\"", d->interval_s / 60.0);
	else if (kind == UPLOAD_DATA)
		device_data(d, out);
	outgoing_add(out, "}");
	return outgoing_whole(out);
}

static bool acrelhw_device_filter(const struct dialect_device *d, char *out, size_t size)
{
	int n = snprintf(out, size, SERVER_TOPIC, d->product, "+", d->sn);

	return n > 0 && (size_t)n < size && mqtt_topic(out, true);
}

const struct dialect dialect_acrelhw = {
	.name = "acrelhw",
	.title = "named values, as the vendor's overseas platform takes them",
	.source = "the vendor's public pages of that platform; data from public consumers",
	.from = FROM_MANUAL,
	.items = items,
	.nitems = NITEMS,
	.filters = acrelhw_filters,
	.recognise = acrelhw_recognise,
	.decode = acrelhw_decode,
	.answer = acrelhw_answer,
	.set = acrelhw_set,
	.device = acrelhw_device,
	.device_filter = acrelhw_device_filter,
};
