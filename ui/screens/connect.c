/*
 * connect.c - where the meter is: the ports of this machine, a network
 * address, a simulated meter, or a connection used before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/config.h"
#include "base/ascii.h"
#include "base/text.h"
#include "mqtt/dialects/dialect.h"
#include "connect.h"
#include "ui/keys.h"
#include "ui/stage.h"

#define SCAN_TICKS 2	/* seconds between two looks at the ports */

/* A field that is chosen has choices, one that is typed has none. */
#define DIALECT_CHOICE(id, name) name,

const struct asked connect_asked[ASK_COUNT] = {
	[ASK_PATH] = { "Port", { NULL } },
	[ASK_HOST] = { "Host", { NULL } },
	[ASK_PORT] = { "Port", { NULL } },
	[ASK_BAUD] = { "Speed", { "9600", "1200", "2400", "4800", "19200", "38400",
				  "57600", "115200" } },
	[ASK_PARITY] = { "Parity", { "none", "even", "odd" } },
	[ASK_STOP] = { "Stop bits", { "1", "2" } },
	/* by enum target_rs485 */
	[ASK_RS485] = { "RS485", { "adapter", "kernel", "rts", "rts-inverted" } },
	[ASK_UNIT] = { "Unit", { NULL } },
	[ASK_MQTT_PORT] = { "TCP port", { NULL } },
	[ASK_TLS] = { "TLS", { "no", "yes" } },
	[ASK_SN] = { "Serial", { NULL } },
	[ASK_DIALECT] = { "Dialect", { "any", DIALECT_LIST(DIALECT_CHOICE) "tunnel" } },
	[ASK_USER] = { "User", { NULL } },
	/* what sim.h names; the first of each is a healthy meter on a good line */
	[ASK_WIRING] = { "Site", { "healthy", "ct-reversed=b", "ct-swapped=ab", "phase-order=acb",
				   "voltage-missing=c", "exporting", "no-load", "ct=1" } },
	[ASK_LINE] = { "Line", { "fast", "pace=9600", "pace=1200", "drop=5,flip=5", "late=800/20",
				 "echo", "dead" } },
	[ASK_MODEL] = { "Meter", { NULL } },
};

const struct form connect_forms[] = {
	[KIND_SERIAL] = { "Serial port", NULL,
			  { ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_RS485, ASK_UNIT, ASK_MODEL }, 6 },
	[KIND_OTHER] = { NULL, NULL,
			 { ASK_PATH, ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_RS485, ASK_UNIT, ASK_MODEL }, 7 },
	[KIND_NETWORK] = { "Network", NULL, { ASK_HOST, ASK_PORT, ASK_UNIT, ASK_MODEL }, 4 },
	[KIND_BROKER] = { NULL, NULL,
			  { ASK_HOST, ASK_MQTT_PORT, ASK_TLS, ASK_SN, ASK_DIALECT, ASK_USER,
			    ASK_MODEL }, 7 },
	[KIND_SIM] = { "Practice", NULL, { ASK_WIRING, ASK_LINE, ASK_MODEL }, 3 },
	[KIND_FOUND] = { "Found", "Found by the search", { ASK_MODEL }, 1 },
	[KIND_RECENT] = { "Used before", "As it was used before", { ASK_MODEL }, 1 },
	[KIND_SAVED] = { "Saved", "A saved connection", { ASK_MODEL }, 1 },
};

enum { CONNECT_GO = ACTION_SCREEN, CONNECT_SCAN, CONNECT_SAVE, CONNECT_FIND, CONNECT_FIND_ALL, CONNECT_LISTEN };

static const struct keyrow keys[] = {
	{ '\r', CONNECT_GO, "Enter", "connect", "connect to what is chosen" },
	{ '\n', CONNECT_GO, NULL, NULL, NULL },
	{ KEY_ENTER, CONNECT_GO, NULL, NULL, NULL },
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "choose", "choose in the list, or the field" },
	LIST_FIND_KEYS,
	{ '\t', ACTION_NONE, "Tab", "fields", "from the list to the fields and on" },
	{ KEY_RIGHT, ACTION_NONE, "← →", NULL, "another choice for the field" },
	{ 'f', CONNECT_FIND, "f", "find", "search the line chosen for meters: baud rates, formats, addresses" },
	{ 'a', CONNECT_FIND_ALL, "a", NULL, "search every serial port of this machine, all at once" },
	{ 'l', CONNECT_LISTEN, "l", NULL, "listen to the line chosen, without sending" },
	{ 'v', CONNECT_SAVE, "v", "save", "save it under a name, with the meter's profile" },
	{ 'r', CONNECT_SCAN, "r", NULL, "look for serial ports again" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static bool connect_has(const struct ui *u, const void *of, int row, const char *text)
{
	const struct entry *e = &((const struct connect_state *)of)->entry[row];

	(void)u;
	return ascii_casestr(e->name, text) || ascii_casestr(e->detail, text);
}

static const struct list_ops connect_list = { .has = connect_has, .nowhere = "none of these" };

struct entry *connect_add(struct connect_state *s, enum kind kind, const char *name, const char *detail)
{
	struct entry *e = &s->entry[s->n];

	if (s->n >= ENTRIES)
		return NULL;
	*e = (struct entry){ .kind = kind };
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->detail, sizeof(e->detail), "%s", detail);
	s->n++;
	return e;
}

static void connect_add_scheme(struct connect_state *s, enum kind kind, enum scheme scheme)
{
	struct entry *e = connect_add(s, kind, scheme_name(scheme), "");

	if (e)
		e->scheme = scheme;
}

static void add_ports(struct ui *u, struct connect_state *s)
{
	struct found_port *list = NULL;
	struct err e = { 0 };
	size_t n = 0;

	if (u->loop->hooks.ports(&list, &n, &e))
		snprintf(s->broken, sizeof(s->broken), "%s", e.text);
	for (size_t i = 0; i < n; i++) {
		struct entry *en = connect_add(s, KIND_SERIAL, list[i].path, list[i].name);

		if (en)
			en->warn = !list[i].allowed;
	}
	free(list);
}

static void add_saved(struct connect_state *s)
{
	struct recent recent;
	struct config config;
	struct err e = { 0 };

	if (config_load(&config, &e))
		snprintf(s->broken, sizeof(s->broken), "%s", e.text);
	for (size_t i = 0; i < config.nconnections; i++) {
		const char *name = config.connections[i].name, *profile = config_option(&config, name, "profile");
		struct entry *en = connect_add(s, KIND_SAVED, name, config.connections[i].target);

		if (en && profile)
			snprintf(en->profile, sizeof(en->profile), "%s", profile);
	}
	config_release(&config);
	recent_load(&recent);
	for (size_t i = 0; i < recent.n; i++)
		connect_add(s, KIND_RECENT, recent.target[i], recent.target[i]);
}

/* Lists everything anew; what was chosen stays chosen if it is still there. Two that were found may
 * have one name. */
static void connect_scan(struct ui *u, struct connect_state *s)
{
	char name[sizeof(s->entry[0].name)] = "", detail[sizeof(s->entry[0].detail)] = "";
	enum kind kind = KIND_SERIAL;
	bool first = s->n == 0;

	if (!first) {
		memcpy(name, s->entry[s->list.at].name, sizeof(name));
		memcpy(detail, s->entry[s->list.at].detail, sizeof(detail));
		kind = s->entry[s->list.at].kind;
	}
	s->n = 0;
	s->broken[0] = '\0';
	add_ports(u, s);
	connect_add(s, KIND_OTHER, "another port", "");
	connect_add_found(u, s);
	for (enum scheme k = 0; k < SCHEMES; k++) {
		const struct target of = { .scheme = k };

		if (target_is_network(&of))
			connect_add_scheme(s, KIND_NETWORK, k);
	}
	connect_add_scheme(s, KIND_BROKER, SCHEME_MQTT);
	connect_add_scheme(s, KIND_SIM, SCHEME_SIM);
	add_saved(s);
	for (int i = 0; i < s->n && !first; i++)
		if (s->entry[i].kind == kind && strcmp(s->entry[i].name, name) == 0 && strcmp(s->entry[i].detail, detail) == 0) {
			s->list.at = i;
			return;
		}
	s->list.at = 0;
	s->focus = 0;
	connect_follow_entry(s);
}

/* Models that ship, and the one in use when it is another. */
static void list_models(struct ui *u, struct connect_state *s)
{
	const char *now = u->loop->profile;
	const struct profile *p;
	int at = 0;

	s->choice[ASK_MODEL] = -1;
	for (size_t i = 0; (p = profile_builtin(i)) && at + 2 < CHOICES; i++) {
		if (strcmp(p->name, now) == 0)
			s->choice[ASK_MODEL] = at;
		s->models[at++] = p->name;
	}
	if (s->choice[ASK_MODEL] < 0) {
		snprintf(s->model, sizeof(s->model), "%s", now);
		s->choice[ASK_MODEL] = at;
		s->models[at] = s->model;
	}
}

static const char *const *choices_of(const struct connect_state *s, enum ask a)
{
	return a == ASK_MODEL ? s->models : connect_asked[a].choices;
}

const char *connect_chosen(const struct connect_state *s, enum ask a)
{
	return choices_of(s, a)[s->choice[a]];
}

bool connect_typed(enum ask a)
{
	return !connect_asked[a].choices[0] && a != ASK_MODEL;
}

static void choose_word(struct connect_state *s, enum ask a, const char *word)
{
	for (int i = 0; i < CHOICES && choices_of(s, a)[i]; i++)
		if (strcmp(choices_of(s, a)[i], word) == 0)
			s->choice[a] = i;
}

/* The form begins with the meter in use. */
static void connect_fill(struct ui *u, struct connect_state *s)
{
	const struct target *t = &u->target;
	char text[32];

	field_set(&s->text[ASK_UNIT], "1");
	field_set(&s->text[ASK_PORT], "502");
	field_set(&s->text[ASK_MQTT_PORT], "1883");
	if (u->line == LINE_NONE)
		return;
	snprintf(text, sizeof(text), "%d", t->unit);
	field_set(&s->text[ASK_UNIT], text);
	if (target_is_serial(t)) {
		field_set(&s->text[ASK_PATH], t->path);
		snprintf(text, sizeof(text), "%d", t->baud);
		choose_word(s, ASK_BAUD, text);
		choose_word(s, ASK_PARITY, t->parity == 'E' ? "even" : t->parity == 'O' ? "odd" : "none");
		choose_word(s, ASK_STOP, t->stop == 2 ? "2" : "1");
		s->choice[ASK_RS485] = (int)t->rs485;
	} else if (!target_is_simulated(t)) {
		field_set(&s->text[ASK_HOST], t->host);
		snprintf(text, sizeof(text), "%d", t->port);
		field_set(&s->text[target_is_broker(t) ? ASK_MQTT_PORT : ASK_PORT], text);
	}
	if (target_is_broker(t)) {
		s->choice[ASK_TLS] = t->mqtt.tls;
		field_set(&s->text[ASK_SN], t->mqtt.sn);
		choose_word(s, ASK_DIALECT, t->mqtt.dialect);
		field_set(&s->text[ASK_USER], t->mqtt.user);
	}
}

static void *connect_open(struct ui *u)
{
	struct connect_state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->wrong = ASK_COUNT;
	list_init(&s->list, &connect_list, s, 0);
	list_models(u, s);
	connect_fill(u, s);
	connect_scan(u, s);
	return s;
}

const struct form *connect_form(const struct connect_state *s)
{
	return &connect_forms[s->entry[s->list.at].kind];
}

/* The error belongs to field A: it is shown there, and typing goes there. */
static int connect_wrong(struct connect_state *s, enum ask a, const char *fmt, const char *what)
{
	const struct form *f = connect_form(s);

	s->wrong = a;
	snprintf(s->error, sizeof(s->error), fmt, what);
	for (int i = 0; i < f->n; i++)
		if (f->ask[i] == a)
			s->focus = i + 1;
	return -1;
}

static int connect_take_number(struct connect_state *s, enum ask a, long least, long most, int *out)
{
	char range[32];
	long v;

	snprintf(range, sizeof(range), "%ld to %ld", least, most);
	if (!text_long(s->text[a].text, least, most, &v))
		return connect_wrong(s, a, "%s", range);
	*out = (int)v;
	return 0;
}

static int take_unit(struct connect_state *s, struct target *t)
{
	struct unit_range r = target_units(t->scheme);

	return connect_take_number(s, ASK_UNIT, r.least, r.most, &t->unit);
}

static int connect_take_serial(struct connect_state *s, struct target *t)
{
	const struct entry *e = &s->entry[s->list.at];
	const char *path = e->kind == KIND_OTHER ? s->text[ASK_PATH].text : e->name;

	if (!strchr(path, '/'))
		return connect_wrong(s, ASK_PATH, "%s", "a path: /dev/ttyUSB0");
	t->scheme = SCHEME_RTU;
	snprintf(t->path, sizeof(t->path), "%s", path);
	t->baud = atoi(connect_chosen(s, ASK_BAUD));
	t->parity = "NEO"[s->choice[ASK_PARITY]];
	t->stop = s->choice[ASK_STOP] + 1;
	t->rs485 = (enum target_rs485)s->choice[ASK_RS485];
	return take_unit(s, t);
}

static int take_network(struct connect_state *s, struct target *t, enum scheme scheme)
{
	t->scheme = scheme;
	if (!s->text[ASK_HOST].text[0])
		return connect_wrong(s, ASK_HOST, "%s", "a name or address");
	snprintf(t->host, sizeof(t->host), "%s", s->text[ASK_HOST].text);
	if (connect_take_number(s, ASK_PORT, 1, 65535, &t->port))
		return -1;
	return take_unit(s, t);
}

/* Certificates and topics of its own are for a TARGET in full: `:connect`. */
static int take_broker(struct connect_state *s, struct target *t, struct err *e)
{
	const char *dialect = s->choice[ASK_DIALECT] ? connect_chosen(s, ASK_DIALECT) : "";
	const char *sn = s->text[ASK_SN].text, *user = s->text[ASK_USER].text;

	t->scheme = s->choice[ASK_TLS] > 0 ? SCHEME_MQTTS : SCHEME_MQTT;
	target_mqtt_init(&t->mqtt, s->choice[ASK_TLS] > 0);
	if (!s->text[ASK_HOST].text[0])
		return connect_wrong(s, ASK_HOST, "%s", "a name or address");
	snprintf(t->host, sizeof(t->host), "%s", s->text[ASK_HOST].text);
	if (connect_take_number(s, ASK_MQTT_PORT, 1, 65535, &t->port))
		return -1;
	if (*sn && (!mqtt_level(sn) || strlen(sn) >= sizeof(t->mqtt.sn)))
		return connect_wrong(s, ASK_SN, "%s", "no '/', '+', '#'");
	snprintf(t->mqtt.sn, sizeof(t->mqtt.sn), "%.*s", (int)sizeof(t->mqtt.sn) - 1, sn);
	if (*dialect && target_mqtt_set(&t->mqtt, "dialect", dialect, e))
		return -1;
	if (*user && target_mqtt_set(&t->mqtt, "user", user, e))
		return -1;
	return target_mqtt_check(&t->mqtt, e);
}

static void take_scenario(struct connect_state *s, struct target *t)
{
	const char *site = s->choice[ASK_WIRING] ? connect_chosen(s, ASK_WIRING) : "";
	const char *line = s->choice[ASK_LINE] ? connect_chosen(s, ASK_LINE) : "";

	t->scheme = SCHEME_SIM;
	snprintf(t->scenario, sizeof(t->scenario), "%s%s%s", site, *site && *line ? "," : "", line);
}

int connect_take(struct connect_state *s, struct target *t, struct err *e)
{
	const struct entry *en = &s->entry[s->list.at];
	int rc = 0;

	*t = (struct target){ .baud = 9600, .parity = 'N', .stop = 1, .unit = 1, .port = 502 };
	switch (en->kind) {
	case KIND_SERIAL:
	case KIND_OTHER:
		rc = connect_take_serial(s, t);
		break;
	case KIND_NETWORK:
		rc = take_network(s, t, en->scheme);
		break;
	case KIND_BROKER:
		rc = take_broker(s, t, e);
		break;
	case KIND_SIM:
		take_scenario(s, t);
		break;
	case KIND_FOUND:
	case KIND_RECENT:
	case KIND_SAVED:
		return target_parse(en->detail, t, e);
	}
	target_format(t, 0, t->text, sizeof(t->text));
	return rc;
}

/* Unit 0 of a serial line is every meter on it: that wants a word. */
static bool sure(struct ui *u, struct connect_state *s, const struct target *t)
{
	if (t->unit != 0 || !target_frames_rtu(t) || s->asking)
		return true;
	s->asking = true;
	connect_wrong(s, ASK_UNIT, "%s", "one meter only, then press y");
	if (s->entry[s->list.at].kind >= KIND_FOUND)
		s->wrong = ASK_COUNT;	/* no such field */
	ui_say(u, "unit 0 is read by every meter on the line: leave one on it, then press y");
	return false;
}

void connect_forgive(struct connect_state *s)
{
	s->wrong = ASK_COUNT;
	s->error[0] = '\0';
}

/* Another entry is chosen. */
static void connect_turn_to(struct connect_state *s)
{
	connect_forgive(s);
	connect_follow_entry(s);
}

static void connect_go(struct ui *u, struct connect_state *s)
{
	struct err e = { 0 };
	struct target t;

	connect_forgive(s);
	if (connect_take(s, &t, &e) == 0 && sure(u, s, &t) && question_forget(u, '\r') && u->loop->hooks.connect(u, &t, connect_chosen(s, ASK_MODEL), &e) == 0) {
		s->focus = 0;
		stage_home(u);
	} else if (e.text[0]) {
		snprintf(s->error, sizeof(s->error), "%s", e.text);
	}
}

static void connect_begin_save(struct connect_state *s)
{
	struct err e = { 0 };
	struct target t;

	connect_forgive(s);
	if (connect_take(s, &t, &e) == 0)
		connect_name(s, &t);
	else if (e.text[0])
		snprintf(s->error, sizeof(s->error), "%s", e.text);
}

/* The next choice, or with a letter the next that begins with it. */
static void connect_turn(struct connect_state *s, enum ask a, int step, int letter)
{
	const char *const *list = choices_of(s, a);
	int n = 0;

	while (n < CHOICES && list[n])
		n++;
	for (int i = 1; i <= n; i++) {
		int at = ((s->choice[a] + i * step) % n + n) % n;

		if (letter && list[at][0] != letter)
			continue;
		s->choice[a] = at;
		return;
	}
}

/* TLS has a port of its own: the usual one follows the choice. */
static void follow_tls(struct connect_state *s)
{
	struct field *port = &s->text[ASK_MQTT_PORT];

	if (strcmp(port->text, s->choice[ASK_TLS] ? "1883" : "8883") == 0)
		field_set(port, s->choice[ASK_TLS] ? "8883" : "1883");
}

static bool field_press(struct connect_state *s, int key)
{
	const struct form *f = connect_form(s);
	enum ask a = f->ask[s->focus - 1];

	switch (key) {
	case KEY_UP:
	case KEY_BTAB:
		s->focus--;
		return true;
	case KEY_DOWN:
	case '\t':
		s->focus = s->focus == f->n ? 0 : s->focus + 1;
		return true;
	case 27:
		s->focus = 0;
		return true;
	}
	if (s->wrong == a)
		s->wrong = ASK_COUNT;
	if (connect_typed(a))
		return field_key(&s->text[a], key);
	if (key == KEY_RIGHT || key == ' ' || key == KEY_LEFT)
		connect_turn(s, a, key == KEY_LEFT ? -1 : 1, 0);
	else if (key > ' ' && key < 127 && key != '?')
		connect_turn(s, a, 1, key);
	else
		return false;
	if (a == ASK_TLS)
		follow_tls(s);
	return true;
}

/* Its rows are not one under the other: there are headings between. */
static bool connect_click(const struct ui *u, struct connect_state *s, int key)
{
	for (int i = 0; i < s->n && KEY_CLICK_X(key) < connect_list_width(u); i++)
		if (s->entry[i].y == KEY_CLICK_Y(key)) {
			s->focus = 0;
			list_go(u, &s->list, i);
			connect_turn_to(s);
			return true;
		}
	return false;
}

static bool connect_list_key(struct ui *u, struct connect_state *s, int key)
{
	if (!s->list.finding && (key == KEY_RIGHT || key == '\t'))
		s->focus = 1;
	else if (!s->list.finding && key == KEY_BTAB)
		s->focus = connect_form(s)->n;
	else if (list_key(u, &s->list, key))
		connect_turn_to(s);
	else
		return false;
	return true;
}

static bool connect_act(struct ui *u, struct connect_state *s, int action)
{
	switch (action) {
	case CONNECT_SAVE:
		connect_begin_save(s);
		return true;
	case CONNECT_FIND:
	case CONNECT_LISTEN:
		connect_use_line(u, s, action == CONNECT_LISTEN);
		return true;
	case CONNECT_FIND_ALL:
		connect_find_all(u);
		return true;
	case CONNECT_SCAN:
		connect_scan(u, s);
		ui_say(u, "looked for serial ports again");
		return true;
	default:
		return false;
	}
}

static bool connect_key(struct ui *u, void *state, int key)
{
	struct connect_state *s = state;

	if (!s)
		return false;
	if (s->asking) {
		connect_forgive(s);
		if (key == 'y')
			connect_go(u, s);
		else
			ui_say(u, "not confirmed: unit 0 is not read");
		s->asking = false;
		return true;
	}
	if (s->naming) {
		if (connect_name_key(u, s, key))
			connect_scan(u, s);
		return true;
	}
	list_fit(u, &s->list, s->n, u->rows - STAGE_HEAD - STAGE_FOOT);
	if (s->list.finding)
		return connect_list_key(u, s, key);
	if (keys_action(keys, NKEYS, key) == CONNECT_GO) {
		connect_go(u, s);
		return true;
	}
	if (key >= KEY_CLICK(0, 0))
		return connect_click(u, s, key);
	if (s->focus > 0)
		return field_press(s, key);
	return connect_act(u, s, keys_action(keys, NKEYS, key)) || connect_list_key(u, s, key);
}

/* An adapter that is plugged in appears by itself. */
static void connect_tick(struct ui *u, void *state)
{
	struct connect_state *s = state;

	if (s && ++s->ticks % SCAN_TICKS == 0)
		connect_scan(u, s);
}

const struct screen_ops screen_connect = {
	.open = connect_open,
	.close = free,
	.draw = connect_draw,
	.key_press = connect_key,
	.tick = connect_tick,
	.keys = keys,
	.nkeys = NKEYS,
};
