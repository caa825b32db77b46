/*
 * drive_broker.c - what comes through a broker, without one: rows of a fleet; the messages
 * of one meter, encoded and understood by its dialect as on the line.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/mqtt_state.h"
#include "ui/bus/kept.h"
#include "ui/screens/message.h"
#include "ui/screens/upload_support.h"
#include "drive.h"

void do_broker(char *rest)
{
	const struct profile *p = ui.profile;
	struct target t;
	struct err e = { 0 };

	if (target_parse(rest, &t, &e))
		die(e.text, rest);
	stage_target(&ui, &t);
	ui.fleet = calloc(1, sizeof(*ui.fleet));
	if (!ui.fleet || stage_profile(&ui, p, &e))
		die(e.text, rest);
	fleet_init(ui.fleet, p);
	stage_home(&ui);
}

static float number_of(const char *word)
{
	return strcmp(word, "-") == 0 ? NAN : strtof(word, NULL);
}

/* Nine uploads, EVERY seconds apart, the last AGE seconds ago. */
static void feed_rhythm(struct fleet_row *r, double every, int set, double age)
{
	r->heard_us = ui.now_us - (int64_t)(age * 1e6);
	r->heard_wall_us = ui.wall_us - (int64_t)(age * 1e6);
	for (int i = every > 0 ? 8 : 0; i >= 0; i--)
		rhythm_take(&r->rhythm, r->heard_us - (int64_t)(i * every * 1e6),
			    r->heard_wall_us, 0, false, false);
	r->rhythm.set_s = set;
}

void do_row(char *rest)
{
	char *word[16] = { NULL };
	int n = 0;
	struct fleet_row r = { .dialect = NULL };

	for (char *w = strtok(rest, " "); w && n < 16; w = strtok(NULL, " "))
		word[n++] = w;
	if (n < 12)
		die("a row needs 12 words", rest);
	snprintf(r.sn, sizeof(r.sn), "%s", word[0]);
	snprintf(r.model, sizeof(r.model), "%s", strcmp(word[1], "-") ? word[1] : "");
	r.dialect = dialect_find(word[2]);
	if (n < 13 || strcmp(word[12], "kept") != 0)
		feed_rhythm(&r, atof(word[3]), atoi(word[4]), atof(word[5]));
	r.values.signal = number_of(word[6]);
	r.values.signal_percent = strchr(word[6], '%') != NULL;
	/* "B12.3": of that phase */
	r.values.u_phase = (char)(word[7][0] >= 'A' && word[7][0] <= 'C' ? word[7][0] : word[7][0] == '-' ? 0 : 'A');
	r.values.u = r.values.u_low = number_of(word[7] + (word[7][0] == r.values.u_phase));
	r.values.u_lost = (double)r.values.u < 115;
	r.values.i = number_of(word[8]);
	r.values.p = number_of(word[9]);
	r.values.pf = number_of(word[10]);
	r.values.alarms = (uint16_t)atoi(word[11]);
	r.offline = n > 12 && strcmp(word[12], "offline") == 0;
	fleet_copy_row(ui.fleet, &r, NULL);
	stage_update(&ui);
}

void do_rows(char *rest)
{
	for (int i = 0; i < atoi(rest); i++) {
		char line[160];

		snprintf(line, sizeof(line), "2024%08d adw300 json-v2 60 0 %d %d %.1f %.2f %.3f 0.98 0",
			 i, i % 60, -50 - i * 7 % 60, 220 + i % 17 * 0.5, 1 + i % 13 * 0.25,
			 1 + i % 11 * 0.4);
		do_row(line);
	}
}

void do_refused(char *rest)
{
	struct err e = { 0 };

	err_set(&e, ERR_FOREIGN, "%s", rest);
	fleet_refused(ui.fleet, &e, "");
}

/* ---- one meter ---- */

bool broker_is_down;
static struct mqtt_link link_state;
static int interval_s = 60;		/* that it has been set to */

static void on_upload(void *arg, const struct upload *up, enum rhythm_verdict v, int64_t mono,
		      int64_t wall)
{
	(void)arg;
	uplink_take(&ui.proof, up, v, mono, wall);
	if (v != RHYTHM_RETAINED)
		ui.nsaid = support_keep_said(ui.said, ui.nsaid, up, mono);
}

static void on_refused(void *arg, const char *why)
{
	struct ui_frame *f = next_frame();

	(void)arg;
	uplink_refused(&ui.proof, why);
	*f = (struct ui_frame){ .dir = TRACE_BAD, .at_us = ui.wall_us };
	snprintf(f->note, sizeof(f->note), "dropped: %s", why);
}

int broker_prove(struct ui *u, const struct uplink_options *o, const struct target *with,
		 struct err *e)
{
	(void)with;
	(void)e;
	uplink_init(&u->proof, o);
	uplink_connected(&u->proof, u->wall_us);
	return 0;
}

void broker_tick(void)
{
	struct err why = { 0 };

	ui.uplink = link_state.up;
	ui.uplink.up = !broker_is_down;
	if (broker_is_down)
		return;
	ui.line = support_line(&ui.uplink, ui.now_us, &why);
	snprintf(ui.reason, sizeof(ui.reason), "%s", why.text);
	if (ui.line == LINE_LIVE)
		ui.live_us = ui.now_us;
}

void do_meter(char *rest)
{
	const struct profile *p = ui.profile;
	struct target t;
	struct err e = { 0 };

	if (target_parse(rest, &t, &e))
		die(e.text, rest);
	stage_target(&ui, &t);
	if (stage_profile(&ui, p, &e))
		die(e.text, rest);
	link_state = (struct mqtt_link){ .base.target = t, .tap = { on_upload, on_refused, NULL } };
	if (mqtt_state_init(&link_state, &e))
		die(e.text, rest);
	broker_prove(&ui, &(struct uplink_options){ 0 }, NULL, &e);
	broker_is_down = false;
	ui.nsaid = 0;
	interval_s = 60;
	broker_tick();
}

static void sink(void *arg, size_t idx, const struct reading *r)
{
	struct reading mine = *r;

	if (*(bool *)arg) {
		mine.quality = QUALITY_STALE;
		err_set(&mine.err, ERR_SILENT, "kept by the broker");
	}
	ui_take(&ui, idx, &mine);
}

static void come(const char *topic, const char *payload, bool retained)
{
	struct broker_message msg = {
		.topic = (char *)topic, .topic_len = strlen(topic), .payload = (char *)payload,
		.n = strlen(payload), .retained = retained, .at_us = ui.wall_us, .mono_us = ui.now_us,
	};
	const struct trace_frame f = {
		.dir = TRACE_IN, .at_us = ui.wall_us, .bytes = (const uint8_t *)payload,
		.n = msg.n, .note = retained ? "retained" : "", .topic = topic, .topic_len = msg.topic_len,
	};

	if (ui.others || !kept_is_other(&f, &ui.target))
		kept_frame(next_frame(), &f, &ui.target);
	broker_is_down = false;
	if (mqtt_state_take(&link_state, &msg, ui.profile))
		dialect_deliver(&link_state.upload, ui.profile, ui.wall_us, ui.now_us, sink, &retained);
	broker_tick();
	stage_update(&ui);
}

static void send(const char *kind, bool retained)
{
	const struct target_mqtt *t = &ui.target.mqtt;
	const struct dialect *d = dialect_find(*t->dialect ? t->dialect : "json-v2");
	const struct dialect_device device = {
		.sn = t->sn, .vendor = "acrel", .product = "meter", .group = "0000", .model = "adw300",
		.interval_s = interval_s, .now_us = ui.wall_us, .value = meter_number,
	};
	struct dialect_outgoing outgoing = { .n = 0 };

	for (int k = 0; d && k < UPLOAD_KINDS; k++)
		if (strcmp(kind, upload_kind_names[k]) == 0 && d->device(&device, (enum upload_kind)k, &outgoing)) {
			come(outgoing.topic, outgoing.payload, retained);
			return;
		}
	die("no such message", kind);
}

void do_push(char *rest)
{
	send(rest, false);
}

void do_kept(char *rest)
{
	send(rest, true);
}

void do_message(char *rest)
{
	char *payload = strchr(rest, ' ');

	if (!payload)
		die("no payload", rest);
	*payload++ = '\0';
	come(rest, payload, false);
}

/* ---- settings ---- */

static int fake_can_set(struct link *l, const struct point *p, const struct value *want,
			struct err *e)
{
	return dialect_can_set(dialect_find(ui.uplink.dialect), &l->target.mqtt, p, want, e);
}

static int fake_set(struct link *l, const struct profile *profile, size_t idx, const struct value *want,
		    struct value *after, bool *sent, struct err *e)
{
	(void)l;
	(void)profile;
	(void)idx;
	*sent = true;
	if (strcmp(writes, "refused") == 0)
		return err_set(e, ERR_REFUSED, "the meter refused it (res 0)");
	if (strcmp(writes, "lost") == 0)
		return err_set(e, ERR_SILENT, "the meter has not acknowledged it in 60 s");
	*after = *want;
	interval_s = (int)want->num;
	return 0;
}

static int fake_receive(struct link *l, const struct profile *profile, int64_t until_us,
			link_sink *to, void *arg, struct err *e)
{
	(void)l;
	(void)profile;
	(void)until_us;
	(void)to;
	(void)arg;
	(void)e;
	return 0;
}

static void fake_broker_stats(const struct link *l, struct link_stats *out)
{
	(void)l;
	*out = (struct link_stats){ 0 };
}

/* What the script has made of it. */
static void fake_broker_uplink(const struct link *l, struct link_uplink *out)
{
	(void)l;
	*out = ui.uplink;
}

const struct link_ops broker_ops = {
	.name = "fake broker", .receive = fake_receive, .can_set = fake_can_set, .set = fake_set,
	.stats = fake_broker_stats, .uplink = fake_broker_uplink,
};
