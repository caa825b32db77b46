/*
 * connect.c - where the meter is: the ports of this machine, a network
 * address, a simulated meter, or a connection used before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/config.h"
#include "../src/text.h"
#include "draw.h"
#include "field.h"
#include "keys.h"
#include "stage.h"

#define ENTRIES 64
#define CHOICES 16
#define LABEL_CELLS 10
#define FIELD_CELLS 24
#define SCAN_TICKS 2	/* seconds between two looks at the ports */

/* What the form can ask for. */
enum ask {
	ASK_PATH, ASK_HOST, ASK_PORT, ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_UNIT,
	ASK_WIRING, ASK_LINE, ASK_MODEL, ASK_COUNT
};

/* A field that is chosen has CHOICES, one that is typed has none. */
static const struct asked {
	const char *label;
	const char *choices[CHOICES];
} asked[ASK_COUNT] = {
	[ASK_PATH] = { "Port", { NULL } },
	[ASK_HOST] = { "Host", { NULL } },
	[ASK_PORT] = { "TCP port", { NULL } },
	[ASK_BAUD] = { "Speed", { "9600", "1200", "2400", "4800", "19200", "38400",
				  "57600", "115200" } },
	[ASK_PARITY] = { "Parity", { "none", "even", "odd" } },
	[ASK_STOP] = { "Stop bits", { "1", "2" } },
	[ASK_UNIT] = { "Unit", { NULL } },
	/* what sim.h names; the first of each is a healthy meter on a good line */
	[ASK_WIRING] = { "Site", { "healthy", "ct-reversed=b", "ct-swapped=ab", "phase-order=acb",
				   "voltage-missing=c", "exporting", "no-load", "ct=40" } },
	[ASK_LINE] = { "Line", { "fast", "pace=9600", "pace=1200", "drop=5,flip=5", "late=800/20",
				 "echo", "dead" } },
	[ASK_MODEL] = { "Meter", { NULL } },
};

enum kind { KIND_SERIAL, KIND_OTHER, KIND_TCP, KIND_RTUTCP, KIND_SIM, KIND_RECENT, KIND_SAVED };

static const struct form {
	const char *heading;	/* over the first entry of its sort; NULL: same */
	const char *title;
	enum ask ask[7];
	int n;
} forms[] = {
	[KIND_SERIAL] = { "Serial port", "RS485 on a serial port",
			  { ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_UNIT, ASK_MODEL }, 5 },
	[KIND_OTHER] = { NULL, "RS485 on a serial port",
			 { ASK_PATH, ASK_BAUD, ASK_PARITY, ASK_STOP, ASK_UNIT, ASK_MODEL }, 6 },
	[KIND_TCP] = { "Network", "Modbus TCP", { ASK_HOST, ASK_PORT, ASK_UNIT, ASK_MODEL }, 4 },
	[KIND_RTUTCP] = { NULL, "RTU frames through a serial server",
			  { ASK_HOST, ASK_PORT, ASK_UNIT, ASK_MODEL }, 4 },
	[KIND_SIM] = { "Practice", "A meter simulated on this machine",
		       { ASK_WIRING, ASK_LINE, ASK_MODEL }, 3 },
	[KIND_RECENT] = { "Used before", "As it was used before", { ASK_MODEL }, 1 },
	[KIND_SAVED] = { "Saved", "A saved connection", { ASK_MODEL }, 1 },
};

struct entry {
	enum kind kind;
	char name[160];		/* in the list */
	char detail[320];	/* USB name, target */
	bool warn;
};

struct connect {
	struct entry entry[ENTRIES];
	int n, at, top;
	int focus;		/* 0: the list; 1 ..: the fields of its form */
	struct field text[ASK_COUNT];
	int choice[ASK_COUNT];
	const char *models[CHOICES];
	char model[256];	/* one of them, when it is none that ships */
	enum ask wrong;		/* ASK_COUNT: no field */
	char error[ERR_TEXT];
	char broken[ERR_TEXT];	/* what is wrong with the configuration file */
	int ticks;
};

enum { CONNECT_GO = ACTION_SCREEN, CONNECT_SCAN };

static const struct keyrow keys[] = {
	{ '\r', CONNECT_GO, "Enter", "connect", "connect to what is chosen" },
	{ '\n', CONNECT_GO, NULL, NULL, NULL },
	{ KEY_ENTER, CONNECT_GO, NULL, NULL, NULL },
	{ KEY_DOWN, ACTION_NONE, "↑ ↓", "choose", "choose in the list, or the field" },
	{ '\t', ACTION_NONE, "Tab", "fields", "from the list to the fields and on" },
	{ KEY_RIGHT, ACTION_NONE, "← →", "change", "another choice for the field" },
	{ 'r', CONNECT_SCAN, "r", NULL, "look for serial ports again" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static struct entry *add(struct connect *s, enum kind kind, const char *name, const char *detail)
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

static void add_ports(struct ui *u, struct connect *s)
{
	struct port *list = NULL;
	struct err e = { 0 };
	size_t n = 0;

	if (u->loop->hooks.ports(&list, &n, &e))
		ui_say(u, "%s", e.text);
	for (size_t i = 0; i < n; i++) {
		struct entry *en = add(s, KIND_SERIAL, list[i].path, list[i].name);

		if (en)
			en->warn = !list[i].allowed;
	}
	free(list);
}

static void add_saved(struct connect *s)
{
	struct recent recent;
	struct config config;
	struct err e = { 0 };

	s->broken[0] = '\0';
	if (config_load(&config, &e))
		snprintf(s->broken, sizeof(s->broken), "%s", e.text);
	for (size_t i = 0; i < config.nconnections; i++)
		add(s, KIND_SAVED, config.connections[i].name, config.connections[i].target);
	config_release(&config);
	recent_load(&recent);
	for (size_t i = 0; i < recent.n; i++)
		add(s, KIND_RECENT, recent.target[i], recent.target[i]);
}

/* Lists everything anew; what was chosen stays chosen if it is still there. */
static void scan(struct ui *u, struct connect *s)
{
	char name[sizeof(s->entry[0].name)] = "";
	enum kind kind = KIND_SERIAL;
	bool first = s->n == 0;

	if (!first) {
		memcpy(name, s->entry[s->at].name, sizeof(name));
		kind = s->entry[s->at].kind;
	}
	s->n = 0;
	add_ports(u, s);
	add(s, KIND_OTHER, "another port", "");
	add(s, KIND_TCP, "Modbus TCP", "");
	add(s, KIND_RTUTCP, "RTU over TCP", "");
	add(s, KIND_SIM, "simulated meter", "");
	add_saved(s);
	for (int i = 0; i < s->n && !first; i++)
		if (s->entry[i].kind == kind && strcmp(s->entry[i].name, name) == 0) {
			s->at = i;
			return;
		}
	s->at = 0;
	s->focus = 0;
}

/* Models that ship, and the one in use when it is another. */
static void list_models(struct ui *u, struct connect *s)
{
	const char *now = u->loop->profile;
	const struct profile *const *all;
	size_t n = 0;
	int at = 0;

	all = profile_builtin(&n);
	s->choice[ASK_MODEL] = -1;
	for (size_t i = 0; i < n && at + 2 < CHOICES; i++) {
		if (strcmp(all[i]->name, now) == 0)
			s->choice[ASK_MODEL] = at;
		s->models[at++] = all[i]->name;
	}
	if (s->choice[ASK_MODEL] < 0) {
		snprintf(s->model, sizeof(s->model), "%s", now);
		s->choice[ASK_MODEL] = at;
		s->models[at] = s->model;
	}
}

static const char *const *choices_of(const struct connect *s, enum ask a)
{
	return a == ASK_MODEL ? s->models : asked[a].choices;
}

static const char *chosen(const struct connect *s, enum ask a)
{
	return choices_of(s, a)[s->choice[a]];
}

static bool typed(enum ask a)
{
	return !asked[a].choices[0] && a != ASK_MODEL;
}

static void choose_word(struct connect *s, enum ask a, const char *word)
{
	for (int i = 0; i < CHOICES && choices_of(s, a)[i]; i++)
		if (strcmp(choices_of(s, a)[i], word) == 0)
			s->choice[a] = i;
}

/* The form begins with the meter in use. */
static void fill(struct ui *u, struct connect *s)
{
	const struct target *t = &u->target;
	char text[32];

	field_set(&s->text[ASK_UNIT], "1");
	field_set(&s->text[ASK_PORT], "502");
	if (u->line == LINE_NONE)
		return;
	snprintf(text, sizeof(text), "%d", t->unit);
	field_set(&s->text[ASK_UNIT], text);
	if (t->scheme == SCHEME_RTU) {
		field_set(&s->text[ASK_PATH], t->path);
		snprintf(text, sizeof(text), "%d", t->baud);
		choose_word(s, ASK_BAUD, text);
		choose_word(s, ASK_PARITY, t->parity == 'E' ? "even" : t->parity == 'O' ? "odd" : "none");
		choose_word(s, ASK_STOP, t->stop == 2 ? "2" : "1");
	} else if (t->scheme != SCHEME_SIM) {
		field_set(&s->text[ASK_HOST], t->host);
		snprintf(text, sizeof(text), "%d", t->port);
		field_set(&s->text[ASK_PORT], text);
	}
}

static void *connect_open(struct ui *u)
{
	struct connect *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->wrong = ASK_COUNT;
	list_models(u, s);
	fill(u, s);
	scan(u, s);
	return s;
}

static const struct form *form_of(const struct connect *s)
{
	return &forms[s->entry[s->at].kind];
}

/* The error belongs to field A: it is shown there, and typing goes there. */
static int wrong(struct connect *s, enum ask a, const char *fmt, const char *what)
{
	const struct form *f = form_of(s);

	s->wrong = a;
	snprintf(s->error, sizeof(s->error), fmt, what);
	for (int i = 0; i < f->n; i++)
		if (f->ask[i] == a)
			s->focus = i + 1;
	return -1;
}

static int take_number(struct connect *s, enum ask a, long most, int *out)
{
	char range[32];
	long v;

	snprintf(range, sizeof(range), "%ld", most);
	if (!text_long(s->text[a].text, 1, most, &v))
		return wrong(s, a, "1 to %s", range);
	*out = (int)v;
	return 0;
}

static int take_serial(struct connect *s, struct target *t)
{
	const struct entry *e = &s->entry[s->at];
	const char *path = e->kind == KIND_OTHER ? s->text[ASK_PATH].text : e->name;

	if (!strchr(path, '/'))
		return wrong(s, ASK_PATH, "%s", "a path: /dev/ttyUSB0");
	t->scheme = SCHEME_RTU;
	snprintf(t->path, sizeof(t->path), "%s", path);
	t->baud = atoi(chosen(s, ASK_BAUD));
	t->parity = "NEO"[s->choice[ASK_PARITY]];
	t->stop = s->choice[ASK_STOP] + 1;
	return take_number(s, ASK_UNIT, 247, &t->unit);
}

static int take_network(struct connect *s, struct target *t, enum scheme scheme)
{
	t->scheme = scheme;
	if (!s->text[ASK_HOST].text[0])
		return wrong(s, ASK_HOST, "%s", "a name or address");
	snprintf(t->host, sizeof(t->host), "%s", s->text[ASK_HOST].text);
	if (take_number(s, ASK_PORT, 65535, &t->port))
		return -1;
	return take_number(s, ASK_UNIT, 247, &t->unit);
}

static void take_scenario(struct connect *s, struct target *t)
{
	const char *site = s->choice[ASK_WIRING] ? chosen(s, ASK_WIRING) : "";
	const char *line = s->choice[ASK_LINE] ? chosen(s, ASK_LINE) : "";

	t->scheme = SCHEME_SIM;
	snprintf(t->scenario, sizeof(t->scenario), "%s%s%s", site, *site && *line ? "," : "", line);
}

static int take(struct connect *s, struct target *t, struct err *e)
{
	const struct entry *en = &s->entry[s->at];
	int rc = 0;

	*t = (struct target){ .baud = 9600, .parity = 'N', .stop = 1, .unit = 1, .port = 502 };
	switch (en->kind) {
	case KIND_SERIAL:
	case KIND_OTHER:
		rc = take_serial(s, t);
		break;
	case KIND_TCP:
		rc = take_network(s, t, SCHEME_TCP);
		break;
	case KIND_RTUTCP:
		rc = take_network(s, t, SCHEME_RTUTCP);
		break;
	case KIND_SIM:
		take_scenario(s, t);
		break;
	case KIND_RECENT:
	case KIND_SAVED:
		return target_parse(en->detail, t, e);
	}
	target_format(t, 0, t->text, sizeof(t->text));
	return rc;
}

static void go(struct ui *u, struct connect *s)
{
	struct err e = { 0 };
	struct target t;

	s->wrong = ASK_COUNT;
	s->error[0] = '\0';
	if (take(s, &t, &e) == 0 && u->loop->hooks.connect(u, &t, chosen(s, ASK_MODEL), &e) == 0) {
		s->focus = 0;
		stage_show(u, &screen_live);
	} else if (e.text[0]) {
		snprintf(s->error, sizeof(s->error), "%s", e.text);
	}
}

/* The next choice, or with a letter the next that begins with it. */
static void turn(struct connect *s, enum ask a, int step, int letter)
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

static bool field_press(struct connect *s, int key)
{
	const struct form *f = form_of(s);
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
	if (typed(a))
		return field_key(&s->text[a], key);
	if (key == KEY_RIGHT || key == ' ' || key == KEY_LEFT)
		turn(s, a, key == KEY_LEFT ? -1 : 1, 0);
	else if (key > ' ' && key < 127 && key != '?')
		turn(s, a, 1, key);
	else
		return false;
	return true;
}

static bool list_press(struct connect *s, int key)
{
	switch (key) {
	case KEY_UP:
	case 'k':
		s->at -= s->at > 0;
		break;
	case KEY_DOWN:
	case 'j':
		s->at += s->at + 1 < s->n;
		break;
	case KEY_RIGHT:
	case '\t':
		s->focus = 1;
		return true;
	case KEY_BTAB:
		s->focus = form_of(s)->n;
		return true;
	default:
		return false;
	}
	s->wrong = ASK_COUNT;
	s->error[0] = '\0';
	return true;
}

static bool connect_key(struct ui *u, void *state, int key)
{
	struct connect *s = state;

	if (!s)
		return false;
	if (keys_action(keys, NKEYS, key) == CONNECT_GO) {
		go(u, s);
		return true;
	}
	if (s->focus > 0)
		return field_press(s, key);
	if (keys_action(keys, NKEYS, key) == CONNECT_SCAN) {
		scan(u, s);
		ui_say(u, "looked for serial ports again");
		return true;
	}
	return list_press(s, key);
}

/* An adapter that is plugged in appears by itself. */
static void connect_tick(struct ui *u, void *state)
{
	struct connect *s = state;

	if (s && ++s->ticks % SCAN_TICKS == 0)
		scan(u, s);
}

static int list_width(const struct ui *u)
{
	int width = u->cols * 9 / 20;

	return width > 60 ? 60 : width;
}

static void draw_entry(const struct ui *u, WINDOW *w, int y, int width,
		       const struct entry *e, bool here, bool active)
{
	bool port = e->kind == KIND_SERIAL || e->kind == KIND_SAVED;
	int name = draw_width(e->name);

	if (name > width - 4)
		name = width - 4;
	if (here)
		ui_text(u, w, y, 1, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 3, width - 4, here && active ? ROLE_SELECTED
		: here ? ROLE_TITLE : ROLE_NORMAL, "%s", e->name);
	if (e->warn)
		ui_text(u, w, y, 3 + name + 2, width - name - 6, ROLE_WARN, "no permission");
	else if (port)
		ui_text(u, w, y, 3 + name + 2, width - name - 6, ROLE_DIM, "%s", e->detail);
}

/* The list with its headings, scrolled so that the chosen entry is seen. */
static void draw_list(const struct ui *u, WINDOW *w, struct connect *s)
{
	int rows = getmaxy(w), width = list_width(u), line = 0, at = 0;

	for (int pass = 0; pass < 2; pass++) {
		line = 0;
		for (int i = 0; i < s->n; i++) {
			const char *heading = forms[s->entry[i].kind].heading;
			bool first = heading && (i == 0 || s->entry[i].kind != s->entry[i - 1].kind);

			/* a list without ports begins with "another port" */
			if (i == 0 && !heading) {
				heading = forms[KIND_SERIAL].heading;
				first = true;
			}
			if (first) {
				if (pass)
					ui_text(u, w, line - s->top + (i > 0), 1, width,
						ROLE_LABEL, "%s", heading);
				line += 1 + (i > 0);
			}
			if (i == s->at)
				at = line;
			if (pass)
				draw_entry(u, w, line - s->top, width, &s->entry[i],
					   i == s->at, s->focus == 0);
			line++;
		}
		if (s->top > at - 1)
			s->top = at > 0 ? at - 1 : 0;
		if (s->top < at - rows + 2)
			s->top = at - rows + 2;
	}
	if (line - s->top > rows)
		ui_right(u, w, rows - 1, width - 8, 8, ROLE_DIM, "↓ more");
}

static void draw_ask(const struct ui *u, WINDOW *w, int y, int x, const struct connect *s,
		     enum ask a, bool active)
{
	int at = x + LABEL_CELLS, room = u->cols - at - FIELD_CELLS - 2;

	ui_text(u, w, y, x, LABEL_CELLS, active ? ROLE_TITLE : ROLE_LABEL, "%s", asked[a].label);
	if (typed(a)) {
		field_draw(u, w, y, at, FIELD_CELLS - 2, &s->text[a], active);
	} else {
		ui_text(u, w, y, at, 1, active ? ROLE_KEY : ROLE_DIM, "◂");
		ui_text(u, w, y, at + 2, FIELD_CELLS - 6, active ? ROLE_SELECTED : ROLE_NORMAL,
			"%s", chosen(s, a));
		ui_text(u, w, y, at + 3 + draw_width(chosen(s, a)), 1,
			active ? ROLE_KEY : ROLE_DIM, "▸");
	}
	if (s->wrong != a)
		return;
	if (room >= (int)strlen(s->error))
		ui_text(u, w, y, at + FIELD_CELLS, room, ROLE_WARN, "%s", s->error);
	else
		ui_text(u, w, y + 1, at, u->cols - at - 1, ROLE_WARN, "▲ %s", s->error);
}

static void draw_form(const struct ui *u, WINDOW *w, const struct connect *s)
{
	const struct form *f = form_of(s);
	const struct entry *e = &s->entry[s->at];
	int x = list_width(u) + 3, y = 3;

	ui_text(u, w, 0, x, u->cols - x - 1, ROLE_TITLE, "%s", f->title);
	ui_text(u, w, 1, x, u->cols - x - 1, ROLE_DIM, "%s", e->detail);
	for (int i = 0; i < f->n; i++, y += 2)
		draw_ask(u, w, y, x, s, f->ask[i], s->focus == i + 1);
	if (e->warn)
		ui_text(u, w, y, x, u->cols - x - 1, ROLE_WARN, "you may not open it: join group dialout");
	if (s->wrong == ASK_COUNT && s->error[0])
		ui_text(u, w, y + 1, x, u->cols - x - 1, ROLE_WARN, "%s", s->error);
}

static void connect_draw(struct ui *u, void *state, WINDOW *w)
{
	struct connect *s = state;

	if (!s)
		return;
	draw_list(u, w, s);
	draw_form(u, w, s);
	if (s->broken[0])
		ui_text(u, w, getmaxy(w) - 1, 1, u->cols - 2, ROLE_WARN, "%s", s->broken);
}

const struct screen_ops screen_connect = {
	.name = "Connect",
	.help = "where the meter is: a port, the network, or a simulated one",
	.open = connect_open,
	.close = free,
	.draw = connect_draw,
	.key_press = connect_key,
	.tick = connect_tick,
	.keys = keys,
	.nkeys = NKEYS,
};
