#include "uplink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "profile/codec.h"
#include "base/text.h"
#include "device.h"
#include "gateway.h"
#include "scenario.h"
#include "server.h"

#define US 1000LL
#define MS 1000000LL

/* What is due is looked for this often, for all meters at once: no need of a
 * queue with ten thousand of them. */
#define TICK (10 * MS)

/* One meter as its dialect and the broker see it. */
struct publisher {
	struct sim_device device;
	struct sim_meter *meter;
	double load;		/* share of METER's */
	double signal;		/* dB above METER's */
	char sn[MQTT_NAME];
	char *topic;		/* NULL: the dialect's */
};

struct uplink {
	struct uplink_opts opts;
	const struct dialect *dialect;	/* NULL: a tunnel */
	struct publisher *publishers;	/* COUNT of them, or of the gateways */
	struct gateway *gateways;
	const struct scenario_own *fleet;	/* COUNT of them; NULL: all alike */
	int count;
	uint64_t first;		/* the first serial number; 0: it is no number */
	bool up;
	unsigned long reconnects;
	int64_t next;
};

static const struct dialect *known_dialect(const char *name, struct err *e)
{
	const struct dialect *d = dialect_find(name);
	char list[80] = "";
	size_t at = 0;

	if (d && d->device)
		return d;
	for (size_t i = 0; dialect_table[i]; i++)
		if (dialect_table[i]->device)
			text_append(list, sizeof(list), &at, "%s, ", dialect_table[i]->name);
	err_set(e, ERR_USAGE, "a simulated meter does not speak '%s' (%stunnel)", name, list);
	return NULL;
}

/* SN as a number to count from; 0: it is none. */
static uint64_t serial(const char *sn)
{
	size_t n = strlen(sn);

	return n == SERIAL_DIGITS && strspn(sn, "0123456789") == n ? strtoull(sn, NULL, 10) : 0;
}

/* The serial number of the I-th meter. */
static void uplink_name_meter(const struct uplink *u, int i, char sn[MQTT_NAME])
{
	if (u->fleet)
		snprintf(sn, MQTT_NAME, "%s", u->fleet[i].sn);
	else if (u->first)
		snprintf(sn, MQTT_NAME, "%0*llu", SERIAL_DIGITS,
			 (unsigned long long)u->first + (unsigned)i);
	else
		snprintf(sn, MQTT_NAME, "%s", u->opts.target.mqtt.sn);
}

/* The serial numbers of COUNT meters, the first of which is SN when they count on. */
static int uplink_check_serials(const char *sn, const struct scenario_own *fleet, int count, struct err *e)
{
	if (fleet || count == 1 || (serial(sn) && serial(sn) + (unsigned)count <= 100000000000000))
		return 0;
	return err_set(e, ERR_USAGE, "%d meters cannot be counted on from '%s' (a serial number of 14 digits)",
		       count, sn);
}

int uplink_prepare(struct target *t, const char *dialect, const char *scenario,
		   const struct scenario_own *fleet, int count, char will[MQTT_TOPIC], struct err *e)
{
	struct target_mqtt *m = &t->mqtt;
	struct scenario s;

	if (!target_is_broker(t))
		return err_set(e, ERR_USAGE, "'%s' is no broker (write mqtt://HOST)", t->text);
	if (scenario_parse(scenario, &s, e))
		return -1;
	if (dialect && m->dialect[0] && strcmp(dialect, m->dialect) != 0)
		return err_set(e, ERR_USAGE, "--dialect says '%s', the target '%s'", dialect, m->dialect);
	if (!m->dialect[0])
		snprintf(m->dialect, sizeof(m->dialect), "%s", dialect ? dialect : "json-v2");
	if (!target_tunnels(t) && !known_dialect(dialect ? dialect : m->dialect, e))
		return -1;
	if (fleet && m->sn[0])
		return err_set(e, ERR_USAGE, "serial number '%s' in the target, and others in the fleet file (leave '/%s' out)",
			       m->sn, m->sn);
	if (!m->sn[0])
		snprintf(m->sn, sizeof(m->sn), "%s", fleet ? fleet[0].sn : s.uplink.sn);
	if (m->share[0])
		return err_set(e, ERR_USAGE, "a meter shares its messages with nobody: leave share=%s out", m->share);
	if (uplink_check_serials(m->sn, fleet, count, e))
		return -1;
	if (count > 1 && strstr(m->will, "{sn}"))
		return err_set(e, ERR_USAGE, "%d meters share one connection, which has one last will: leave {sn} out of it",
			       count);
	if (!mqtt_fill(will, MQTT_TOPIC, m->will, m->sn))
		return err_set(e, ERR_USAGE, "no room for '%s' in the topic of the last will", m->sn);
	if (will[0] && !mqtt_topic(will, false))
		return err_set(e, ERR_USAGE, "will '%s' is no topic to publish to (no '+', '#')", will);
	return 0;
}

static bool uplink_begins(const char *key, const char *with)
{
	return strncmp(key, with, strlen(with)) == 0;
}

/* What the registers hold, so that both ways show the same; meters that share
 * them have another load at the same voltage. */
static bool uplink_value_of(void *arg, const char *key, double *out)
{
	const struct publisher *p = arg;
	const struct profile *profile = p->meter->profile;
	int i = profile_find(profile, key);
	uint16_t words[VALUE_WORDS];
	const struct point *point;
	struct value v;
	double factor;

	if (i < 0)
		return false;
	point = &profile->points[i];
	if (sim_meter_read(p->meter, point->space, point->addr, point->words, words)
	    || codec_decode(point, words, &v, NULL) || v.kind == VALUE_STRING)
		return false;
	*out = v.num;
	if (v.kind != VALUE_NUMBER)
		return true;
	if (uplink_begins(key, "current.") || uplink_begins(key, "power.") || uplink_begins(key, "energy.")
	    || uplink_begins(key, "demand."))
		*out *= p->load;
	if (strcmp(key, "signal.strength") == 0)
		*out += p->signal;
	*out *= p->meter->scenario.uplink.scale;
	factor = pow(10, point->decimals);
	*out = round(*out * factor) / factor;
	return true;
}

static void post(void *arg, const char *topic, const void *payload, size_t n, bool retain)
{
	struct uplink *u = arg;

	/* what is lost the broker counts; a meter could do nothing about it either */
	broker_post(u->opts.broker, topic, payload, n, retain, NULL);
}

/* The topic of the I-th meter's uploads, {sn} not filled in; "": the dialect's. */
static const char *uplink_topic(const struct uplink *u, int i)
{
	return u->fleet && u->fleet[i].topic[0] ? u->fleet[i].topic : u->opts.target.mqtt.topic;
}

static int uplink_interval(const struct uplink *u, int i)
{
	return u->fleet && u->fleet[i].interval_s ? u->fleet[i].interval_s : u->opts.interval_s;
}

static int uplink_make_topic(const struct uplink *u, int i, struct publisher *p, struct err *e)
{
	const char *form = uplink_topic(u, i);

	if (!form[0])
		return 0;
	p->topic = calloc(1, MQTT_TOPIC);
	if (!p->topic)
		return err_set(e, ERR_NO, "out of memory for %d meters", u->count);
	if (!mqtt_fill(p->topic, MQTT_TOPIC, form, p->sn) || !mqtt_topic(p->topic, false))
		return err_set(e, ERR_USAGE, "topic '%s' is no topic to publish to (no '+', '#', not too long)", form);
	return 0;
}

/* Levels of the topic that the target leaves open are those of the public examples. */
static int make_publisher(struct uplink *u, int i, struct sim_meter *const *meters,
			  int nmeters, struct err *e)
{
	const struct target_mqtt *m = &u->opts.target.mqtt;
	struct publisher *p = &u->publishers[i];
	uint64_t seed = meters[0]->scenario.seed;
	struct dialect_device as = {
		.sn = p->sn, .interval_s = uplink_interval(u, i), .value = uplink_value_of, .arg = p,
		.vendor = m->vendor[0] ? m->vendor : "acrel",
		.product = m->product[0] ? m->product : u->dialect->answer ? "null" : "meter",
		.group = m->group[0] ? m->group : "0000",
		.model = meters[0]->profile->name,
	};

	p->meter = meters[i % nmeters];
	p->load = i < nmeters ? 1 : 0.5 + site_chance(seed, 252, i);
	p->signal = i < nmeters ? 0 : floor(20 * site_chance(seed, 251, i)) - 10;
	uplink_name_meter(u, i, p->sn);
	if (uplink_make_topic(u, i, p, e))
		return -1;
	as.topic = p->topic;
	/* chances of its own for each meter */
	device_init(&p->device, u->dialect, &as, &p->meter->scenario.uplink,
		    (seed + (unsigned)i) << 32, post, u);
	return 0;
}

/* One filter for all of them: what is meant for others is not understood by any. */
static int subscribe_publishers(struct uplink *u, struct err *e)
{
	struct dialect_device as = u->publishers[0].device.as;
	char filter[2 * MQTT_TOPIC];

	if (u->count > 1)
		as.sn = "+";
	if (!u->dialect->device_filter || !u->dialect->device_filter(&as, filter, sizeof(filter)))
		return 0;
	return broker_subscribe(u->opts.broker, filter, e);
}

static int make_publishers(struct uplink *u, struct sim_meter *const *meters, int nmeters,
			   struct err *e)
{
	u->publishers = calloc((size_t)u->count, sizeof(*u->publishers));
	if (!u->publishers)
		return err_set(e, ERR_NO, "out of memory for %d meters", u->count);
	for (int i = 0; i < u->count; i++)
		if (make_publisher(u, i, meters, nmeters, e))
			return -1;
	return subscribe_publishers(u, e);
}

static int make_gateways(struct uplink *u, struct sim_meter *const *meters, struct err *e)
{
	u->gateways = calloc((size_t)u->count, sizeof(*u->gateways));
	if (!u->gateways)
		return err_set(e, ERR_NO, "out of memory for %d gateways", u->count);
	for (int i = 0; i < u->count; i++) {
		struct gateway *g = &u->gateways[i];
		char sn[MQTT_NAME];

		uplink_name_meter(u, i, sn);
		if (u->fleet && u->fleet[i].topic[0])
			return err_set(e, ERR_USAGE, "meter '%s': topic '%s' is for uploads, and a tunnel has none", sn,
				       u->fleet[i].topic);
		if (gateway_init(g, &u->opts.target.mqtt, sn, meters[i], &meters[i]->scenario,
				 meters[i]->scenario.seed << 32, e))
			return -1;
		/* without {sn} all of them hang on one topic, as on one line */
		if ((i == 0 || strcmp(g->request, g[-1].request) != 0)
		    && broker_subscribe(u->opts.broker, g->request, e))
			return -1;
	}
	return 0;
}

struct uplink *uplink_new(const struct uplink_opts *o, const struct scenario_own *fleet, int count,
			  struct sim_meter *const *meters, int nmeters, struct err *e)
{
	struct uplink *u = calloc(1, sizeof(*u));
	int rc;

	if (!u) {
		err_set(e, ERR_NO, "out of memory for %d meters", count);
		return NULL;
	}
	u->opts = *o;
	u->fleet = fleet;
	u->count = count;
	u->first = serial(o->target.mqtt.sn);
	u->dialect = dialect_find(o->target.mqtt.dialect);
	rc = u->dialect ? make_publishers(u, meters, nmeters, e) : make_gateways(u, meters, e);
	if (rc) {
		uplink_free(u);
		return NULL;
	}
	return u;
}

void uplink_free(struct uplink *u)
{
	if (!u)
		return;
	for (int i = 0; u->publishers && i < u->count; i++) {
		device_release(&u->publishers[i].device);
		free(u->publishers[i].topic);
	}
	free(u->publishers);
	free(u->gateways);
	free(u);
}

int uplink_fd(const struct uplink *u)
{
	return broker_fd(u->opts.broker);
}

int64_t uplink_next(const struct uplink *u)
{
	int64_t next = u->next;

	for (int i = 0; u->gateways && i < u->count; i++)
		if (line_next(&u->gateways[i].line) < next)
			next = line_next(&u->gateways[i].line);
	return next;
}

static struct publisher *named(const struct uplink *u, const char *sn)
{
	uint64_t number = serial(sn);

	for (int i = 0; u->fleet && i < u->count; i++)
		if (strcmp(u->publishers[i].sn, sn) == 0)
			return &u->publishers[i];
	if (u->fleet)
		return NULL;
	if (!u->first)
		return strcmp(sn, u->publishers[0].sn) == 0 ? u->publishers : NULL;
	if (number < u->first || number - u->first >= (unsigned)u->count)
		return NULL;
	return &u->publishers[number - u->first];
}

static void uplink_hear(struct uplink *u, const struct broker_message *m, int64_t now)
{
	struct publisher *p = NULL;
	struct upload up;

	for (int i = 0; u->gateways && i < u->count; i++)
		if (strcmp(u->gateways[i].request, m->topic) == 0)
			gateway_put(&u->gateways[i], m->payload, m->n, now);
	if (u->gateways)
		return;
	if (dialect_decode(u->dialect, m->topic, m->topic_len, m->payload, m->n, &up, NULL) == 0)
		p = named(u, up.sn);
	if (p)
		device_hear(&p->device, &up, now / US, time_wall_us());
	u->next = now;
}

/* Who has come back begins from the start, one after the other: all at once would
 * stay so for good. */
static void watch_connection(struct uplink *u, int64_t now)
{
	bool up = broker_up(u->opts.broker, NULL);
	struct broker_stats s;

	broker_stats(u->opts.broker, &s);
	if (up == u->up && s.reconnects == u->reconnects)
		return;
	for (int i = 0; u->publishers && i < u->count; i++)
		if (up)
			device_connect(&u->publishers[i].device,
				       now / US + i * ((int64_t)uplink_interval(u, i) * 1000000 / u->count));
		else
			device_disconnect(&u->publishers[i].device);
	u->up = up;
	u->reconnects = s.reconnects;
	u->next = now;
}

static void run_gateways(struct uplink *u, struct sim *s)
{
	char reply[GATEWAY_REPLY_MAX];
	struct request rq;
	size_t n;

	for (int i = 0; i < u->count; i++) {
		struct gateway *g = &u->gateways[i];

		while (line_request(&g->line, server_now(), &rq))
			server_answer(s, &g->line, &rq, server_now());
		n = gateway_take(g, server_now(), reply);
		if (n > 0)
			post(u, g->reply, reply, n, false);
	}
}

void uplink_run(struct uplink *u, struct sim *s)
{
	int64_t now = server_now(), wall = time_wall_us(), next = INT64_MAX / US, due;
	struct broker_message *m, *rest;

	for (m = broker_take(u->opts.broker); m; m = rest) {
		rest = m->next;
		uplink_hear(u, m, now);
		broker_message_free(m);
	}
	watch_connection(u, now);
	if (u->gateways)
		run_gateways(u, s);
	if (u->gateways || now < u->next) {
		if (u->gateways)
			u->next = NEVER;
		return;
	}
	server_advance(s, now);
	for (int i = 0; i < u->count; i++) {
		due = device_run(&u->publishers[i].device, now / US, wall);
		next = due < next ? due : next;
	}
	u->next = next * US > now + TICK ? next * US : now + TICK;
}

void uplink_targets(const struct uplink *u, FILE *f)
{
	struct target t = u->opts.target;
	char text[TARGET_TEXT];

	/* those belong to this connection */
	t.mqtt.client[0] = '\0';
	t.mqtt.persistent = false;
	for (int i = 0; i < u->count; i++) {
		uplink_name_meter(u, i, t.mqtt.sn);
		snprintf(t.mqtt.topic, sizeof(t.mqtt.topic), "%s", uplink_topic(u, i));
		t.unit = u->gateways ? u->gateways[i].line.only->address : 1;
		fprintf(f, "%s\n", target_format(&t, 0, text, sizeof(text)));
	}
}
