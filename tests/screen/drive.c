/*
 * drive.c - draws the screens without a terminal, from a script.
 *
 * drive [--ascii] [--size COLSxROWS] [--profile NAME] [--sim SCENARIO]
 *       [--start LINE-STATE] [--moving] [--read-only] SCRIPT
 *
 * The meter is the simulated one without a line, time is what the script says; its site stands
 * still, but for --moving.
 * A script has one command a line:
 *
 *   keys WORD ...      press keys: a character, or Enter Esc Tab BackTab Up Down
 *                      Left Right PgUp PgDn Home End Space
 *   type TEXT          press every character of TEXT
 *   line STATE [WHY]   none connecting live stale silent
 *   advance SECONDS    time passes, the meter lives, one round is read a second
 *   fail KEY WHY       the meter refuses that point from now on
 *   writes HOW         the meter takes writes: done ignored lost refused; held: what
 *                      is asked for is not done until `writes done`; never: the end
 *   holds KEY HEX ...  the registers of that point hold this, whatever is written
 *   frame DIR HEX [; NOTE]   a frame went over the line (out in bad note)
 *   shared [WHAT]      another master is heard, and what it asks; without WHAT no longer
 *   broker TARGET      a broker is connected instead of a meter
 *   row SN MODEL DIALECT EVERY SET AGE SIGNAL U I P PF ALARMS [offline|kept]
 *                      a meter of it; "-": not known, SIGNAL "48%" or "-77"
 *   rows N             N meters of one sort
 *   refused WHY        a message that is not understood
 *   meter TARGET       one meter behind a broker is connected instead
 *   push KIND          it sends a message of its dialect: data login time para heartbeat alarm
 *   kept KIND          the broker has kept such a message
 *   message TOPIC TEXT anything else comes
 *   searches TARGET UNIT PERCENT SECONDS [over|master|denied]
 *                      one more line of the search under way, at the setting of TARGET
 *   found TARGET MODEL SERIAL MS [doubled|any]   a meter of it; "-": not known
 *   searched [WHY]     the search has ended
 *   heard MARK UNIT FUNCTION MS TEXT [; NOTE]   a frame (> < !) on the line that is listened to
 *   talks UNIT REQUESTS REPLIES EXCEPTIONS      what a unit there has come to
 *   crowded N          so many requests there came between another and its reply
 *   tuned TARGET LOST  it is heard at that setting now; LOST bytes were no frame
 *   learns FRAMES REQUESTS WRITES [ROW STATE PLACES ADDRESS TYPE]
 *                      what was seen of a maker's tool, and what a value has come to
 *   learned N DRAFT WORDS   it has ended: N values are in the draft; what is said of it
 *   resize COLSxROWS   the terminal has another size
 *   random SEED N      N keys, clicks, pastes and sizes by chance; nothing may be
 *                      written. Prints which screens were shown
 *   shot               print the screen
 *   attrs              print how every cell looks: b bold d dim r reverse u underline
 */
#include <curses.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "profile/codec.h"
#include "sim/sim.h"
#include "base/text.h"
#include "ui/bus/running.h"
#include "ui/keys.h"
#include "tests/unit/fake_link.h"
#include "ui/prompt/commands.h"
#include "tests/unit/temp.h"
#include "drive.h"

#define START_US 1768485807000000LL	/* 2026-01-15T14:03:27Z */
#define MONO_US 1000000000LL

struct ui ui;
static struct sim_meter *meter;
static char refused[8][80];
static int nrefused;
static struct job asked[3];		/* for the meter; for the journal; for the checklist */
const char *writes = "done";
static bool silent;			/* after a write that was lost */
static const struct point *fixed;	/* holds fixed_regs */
static uint16_t fixed_regs[VALUE_WORDS];

void die(const char *what, const char *which)
{
	endwin();
	fprintf(stderr, "drive: %s '%s'\n", what, which);
	exit(2);
}

static int fake_connect(struct ui *u, const struct target *t, const char *profile, struct err *e)
{
	char text[320];

	(void)e;
	u->target = *t;
	u->line = LINE_CONNECTING;
	ui_say(u, "connect to %s as %s", target_format(t, 1, text, sizeof(text)), profile);
	return 0;
}

static int fake_ports(struct found_port **list, size_t *n, struct err *e)
{
	static const struct found_port ports[] = {
		{ "/dev/ttyUSB0", "FT232R USB UART, FTDI, A50285BI", true, true },
		{ "/dev/ttyUSB1", "CP2102N USB to UART Bridge, Silicon Labs", true, true },
		{ "/dev/ttyS0", "", false, false },
	};

	*n = sizeof(ports) / sizeof(ports[0]);
	*list = malloc(sizeof(ports));
	if (!*list)
		return err_set(e, ERR_NO, "out of memory");
	memcpy(*list, ports, sizeof(ports));
	return 0;
}

/* ---- the meter, as a link without a line ---- */

static int read_regs(enum space space, uint16_t addr, uint16_t n, uint16_t *regs)
{
	if (fixed && space == fixed->space && addr == fixed->addr) {
		memcpy(regs, fixed_regs, n * sizeof(*regs));
		return 0;
	}
	return sim_meter_read(meter, space, addr, n, regs);
}

static int fake_raw_read(struct link *l, enum space space, uint16_t addr, uint16_t n,
			 uint16_t *out, struct err *e)
{
	uint16_t unit = 0;

	/* it answers at its own address, register 0, alone */
	if (silent || sim_meter_read(meter, SPACE_HOLDING, 0, 1, &unit) || l->target.unit != unit)
		return err_set(e, ERR_SILENT, "no reply from unit %d", l->target.unit);
	if (read_regs(space, addr, n, out))
		return err_set(e, ERR_REFUSED, "the meter refuses that address");
	return 0;
}

static int fake_write(struct link *l, uint16_t addr, uint16_t n, const uint16_t *regs,
		      bool *sent, struct err *e)
{
	(void)l;
	*sent = true;
	if (strcmp(writes, "refused") == 0)
		return err_set(e, ERR_REFUSED, "the meter refuses the value (exception 03)");
	if (strcmp(writes, "lost") == 0) {
		silent = true;
		return err_set(e, ERR_SILENT, "no reply from unit 1");
	}
	if (strcmp(writes, "done") == 0)
		sim_meter_write(meter, addr, n, regs);
	return 0;
}

static const struct link_ops fake_ops = {
	FAKE_LINK_OPS, .raw_read = fake_raw_read, .write = fake_write,
};

static void on_step(void *arg, const struct job *w)
{
	(void)arg;
	(void)w;
}

/* The times of the rows are not those of the script. */
static void date_rows(struct job *w)
{
	for (size_t i = 0; i < w->nrows; i++) {
		w->rows[i].at_us = START_US - 60 * 1000000LL + (int64_t)i * 7000000;
		w->rows[i].done_us = w->rows[i].at_us + 400000;
		snprintf(w->rows[i].who, sizeof(w->rows[i].who), "tech@laptop");
	}
}

static void do_asked(void)
{
	static char journal[TEMP_PATH];
	struct link link = { .ops = ui_pushes(&ui) ? &broker_ops : &fake_ops, .target = ui.target };
	struct meter m = {
		.profile = ui.profile, .link = &link,
		.readings = calloc(ui.profile ? ui.profile->npoints : 1, sizeof(*m.readings)),
	};

	temp_path(journal, "journal.db");
	fake_link.mono_us = ui.now_us;
	fake_link.wall_us = ui.wall_us;
	for (int i = 0; i < 3 && m.readings && strcmp(writes, "held") != 0; i++) {
		if (!asked[i].busy)
			continue;
		/* it reads nothing itself */
		if (asked[i].kind == JOB_CHECKLIST)
			memcpy(m.readings, ui.readings, ui.profile->npoints * sizeof(*m.readings));
		job_run(&asked[i], ui.profile ? &m : NULL, "no meter is chosen", journal, on_step, NULL);
		asked[i].since_us = ui.now_us;
		date_rows(&asked[i]);
		stage_job(&ui, &asked[i]);
		job_release(&asked[i]);
	}
	free(m.readings);
}

static int fake_job(struct ui *u, const struct job *w, struct err *e)
{
	(void)u;
	if (strcmp(writes, "never") == 0 && (w->kind == JOB_APPLY || w->kind == JOB_REPORT))
		random_written(w->kind == JOB_APPLY ? "a plan was written" : "a report was written");
	if (job_copy(&asked[w->kind == JOB_JOURNAL ? 1 : w->kind == JOB_CHECKLIST ? 2 : 0], w))
		return err_set(e, ERR_NO, "out of memory");
	return 0;
}

bool meter_number(void *arg, const char *key, double *out)
{
	int idx = profile_find(ui.profile, key);
	const struct point *p = idx < 0 ? NULL : &ui.profile->points[idx];
	uint16_t regs[125];
	struct value v;
	struct err e;

	(void)arg;
	if (!p || read_regs(p->space, p->addr, p->words, regs) || codec_decode(p, regs, &v, &e))
		return false;
	*out = v.num;
	return true;
}

static void read_point(size_t idx)
{
	const struct point *p = &ui.profile->points[idx];
	struct reading r = { .quality = QUALITY_OK, .at_us = ui.wall_us, .mono_us = ui.now_us };
	uint16_t regs[125];
	int code = read_regs(p->space, p->addr, p->words, regs);

	for (int i = 0; i < nrefused; i++)
		if (strcmp(refused[i], p->key) == 0)
			code = 2;
	if (!code) {
		r.words = (uint8_t)(p->words < VALUE_WORDS ? p->words : VALUE_WORDS);
		memcpy(r.raw, regs, r.words * sizeof(*regs));
	}
	if (code || codec_decode(p, regs, &r.value, &r.err)) {
		r.quality = QUALITY_FAILED;
		if (code)
			err_set(&r.err, ERR_REFUSED, "the meter refuses '%s': exception %02d", p->key, code);
	}
	ui_take(&ui, idx, &r);
}

/* Is it one meter behind a broker? */
static bool one_pushes(void)
{
	return ui_pushes(&ui) && !ui_is_fleet(&ui);
}

/* What the bus does: reads what is wanted while the line is alive. */
static void round_of_readings(void)
{
	struct selection sel;

	if (one_pushes()) {	/* it sends what it sends */
		stage_wants(&ui, &sel);
		selection_release(&sel);
		stage_update(&ui);
		do_asked();
		return;
	}
	stage_wants(&ui, &sel);
	for (size_t i = 0; i < sel.n; i++) {
		struct reading r = ui.readings[sel.idx[i]];

		if (ui.line == LINE_LIVE) {
			read_point(sel.idx[i]);
		} else if (r.quality == QUALITY_OK) {
			r.quality = QUALITY_STALE;
			ui_take(&ui, sel.idx[i], &r);
		}
	}
	if (ui.line == LINE_LIVE)
		ui.live_us = ui.now_us;
	selection_release(&sel);
	stage_update(&ui);
	do_asked();
}

static int key_named(const char *word)
{
	static const struct { const char *name; int key; } names[] = {
		{ "Enter", '\r' }, { "Esc", 27 }, { "Tab", '\t' }, { "BackTab", KEY_BTAB },
		{ "Up", KEY_UP }, { "Down", KEY_DOWN }, { "Left", KEY_LEFT },
		{ "Right", KEY_RIGHT }, { "PgUp", KEY_PPAGE }, { "PgDn", KEY_NPAGE },
		{ "Home", KEY_HOME }, { "End", KEY_END }, { "Space", ' ' },
		{ "Backspace", KEY_BACKSPACE }, { "Delete", KEY_DC },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, word) == 0)
			return names[i].key;
	if (word[1])
		die("no such key", word);
	return (unsigned char)word[0];
}

/* A command in a thread of its own: what is drawn is how it ended. */
static void let_end(void)
{
	while (ui.loop->running) {
		struct pollfd p = { .fd = running_fd(ui.loop->running), .events = POLLIN };

		poll(&p, 1, -1);
		command_running(&ui);
	}
}

static void do_keys(char *rest)
{
	for (char *w = strtok(rest, " "); w; w = strtok(NULL, " ")) {
		stage_key(&ui, key_named(w));
		let_end();
		round_of_readings();
	}
}

static void do_type(char *rest)
{
	for (; *rest; rest++)
		stage_key(&ui, (unsigned char)*rest);
	round_of_readings();
}

static void do_line(char *rest)
{
	static const char *const names[] = { "none", "connecting", "live", "stale", "silent" };
	char *why = strchr(rest, ' ');

	if (why)
		*why++ = '\0';
	for (int i = 0; i < 5; i++)
		if (strcmp(rest, names[i]) == 0) {
			ui.line = (enum line_state)i;
			ui.stats.rate = ui.line == LINE_LIVE ? 4.8 : 0;
			snprintf(ui.reason, sizeof(ui.reason), "%s", why ? why : "");
			broker_is_down = one_pushes() && ui.line != LINE_LIVE;
			round_of_readings();
			return;
		}
	die("no such line state", rest);
}

static void do_shared(char *rest)
{
	ui.stats.shared = *rest;
	snprintf(ui.stats.heard, sizeof(ui.stats.heard), "%s", rest);
}

void do_advance(char *rest)
{
	for (int s = atoi(rest); s > 0; s--) {
		sim_meter_advance(meter, 1);
		ui.now_us += 1000000;
		ui.wall_us += 1000000;
		if (one_pushes())
			broker_tick();
		round_of_readings();
		stage_tick(&ui);
	}
}

static void do_fail(char *rest)
{
	if (nrefused < 8)
		snprintf(refused[nrefused++], sizeof(refused[0]), "%s", strtok(rest, " "));
	round_of_readings();
}

static void do_writes(char *rest)
{
	static char how[16];

	snprintf(how, sizeof(how), "%s", rest);
	writes = how;
	silent = false;
	round_of_readings();
}

static void do_holds(char *rest)
{
	char *word = strtok(rest, " ");
	int idx = profile_find(ui.profile, word ? word : "");

	if (idx < 0)
		die("no such point", word ? word : "");
	fixed = &ui.profile->points[idx];
	memset(fixed_regs, 0, sizeof(fixed_regs));
	for (int i = 0; i < VALUE_WORDS && (word = strtok(NULL, " ")); i++)
		fixed_regs[i] = (uint16_t)strtoul(word, NULL, 16);
	round_of_readings();
}

struct ui_frame *next_frame(void)
{
	if (!ui.frames)
		ui.frames = calloc(UI_FRAMES, sizeof(*ui.frames));
	if (!ui.frames)
		die("out of memory", "frame");
	return &ui.frames[ui.nframes++ % UI_FRAMES];
}

static void do_frame(char *rest)
{
	static const char *const dirs[] = { "out", "in", "bad", "note" };
	char *note = strchr(rest, ';');
	char *word;
	struct ui_frame f = { .at_us = ui.wall_us };

	if (note) {
		*note++ = '\0';
		snprintf(f.note, sizeof(f.note), "%s", note + strspn(note, " "));
	}
	word = strtok(rest, " ");
	for (int i = 0; i < 4; i++)
		if (word && strcmp(word, dirs[i]) == 0)
			f.dir = (enum trace_dir)i;
	while ((word = strtok(NULL, " ")))
		f.bytes[f.n++] = (uint8_t)strtoul(word, NULL, 16);
	f.whole = f.n;
	*next_frame() = f;
	ui.now_us += 7000;
	ui.wall_us += 7000;
	stage_update(&ui);
}

static void size_of(const char *text, int *cols, int *rows)
{
	if (sscanf(text, "%dx%d", cols, rows) != 2)
		die("no size", text);
}

void do_resize(char *rest)
{
	int rows, cols;

	size_of(rest, &cols, &rows);
	resizeterm(rows, cols);
	stage_resize(&ui, rows, cols);
}

void draw_screen(void)
{
	stage_draw(&ui);
	doupdate();
}

static void do_shot(char *rest)
{
	wchar_t line[1024];

	(void)rest;
	draw_screen();
	for (int y = 0; y < ui.rows; y++) {
		int n = mvwinnwstr(curscr, y, 0, line, ui.cols);

		while (n > 0 && line[n - 1] == L' ')
			n--;
		line[n < 0 ? 0 : n] = L'\0';
		printf("%ls\n", line);
	}
}

static void do_attrs(char *rest)
{
	(void)rest;
	draw_screen();
	for (int y = 0; y < ui.rows; y++) {
		char line[1024] = "";
		int n = ui.cols;

		for (int x = 0; x < n; x++) {
			chtype c = mvwinch(curscr, y, x);

			line[x] = c & A_REVERSE ? 'r' : c & A_BOLD ? 'b' : c & A_DIM ? 'd'
				: c & A_UNDERLINE ? 'u' : ' ';
		}
		while (n > 0 && line[n - 1] == ' ')
			n--;
		printf("%.*s\n", n, line);
	}
}

static const struct drive_command {
	const char *name;
	void (*run)(char *rest);
} commands[] = {
	{ "keys", do_keys }, { "type", do_type }, { "line", do_line },
	{ "shared", do_shared }, { "advance", do_advance }, { "fail", do_fail }, { "frame", do_frame },
	{ "broker", do_broker }, { "row", do_row }, { "rows", do_rows }, { "refused", do_refused },
	{ "meter", do_meter }, { "push", do_push }, { "kept", do_kept }, { "message", do_message },
	{ "searches", do_searches }, { "found", do_found }, { "searched", do_searched },
	{ "heard", do_heard }, { "talks", do_talks }, { "crowded", do_crowded }, { "tuned", do_tuned },
	{ "learns", do_learns }, { "learned", do_learned },
	{ "writes", do_writes }, { "holds", do_holds }, { "random", do_random }, { "resize", do_resize }, { "shot", do_shot }, { "attrs", do_attrs },
};

static void run_script(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];

	if (!f)
		die("cannot open", path);
	while (fgets(line, sizeof(line), f)) {
		char *rest;
		size_t i = 0;

		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		rest = line + strcspn(line, " ");
		if (*rest)
			*rest++ = '\0';
		while (i < sizeof(commands) / sizeof(commands[0])
		       && strcmp(commands[i].name, line) != 0)
			i++;
		if (i == sizeof(commands) / sizeof(commands[0]))
			die("no such command", line);
		commands[i].run(rest);
	}
	fclose(f);
}

/* A terminal that swallows everything. */
static void start(int cols, int rows)
{
	FILE *null = fopen("/dev/null", "r+");

	setenv("TERM", "xterm-256color", 1);
	if (!null || !newterm(NULL, null, null))
		die("cannot start curses on", "/dev/null");
	resizeterm(rows, cols);
}

/* As the program does: on Connect when no meter is chosen. */
static void begin(const char *state, struct err *e)
{
	const struct profile *p = ui.profile;
	char line[32];

	snprintf(line, sizeof(line), "%s", state);
	ui.profile = NULL;
	if (strcmp(state, "none") == 0)
		stage_show(&ui, &screen_connect);
	else if (stage_profile(&ui, p, e))
		die(e->text, state);
	do_line(line);
}

int main(int argc, char **argv)
{
	static const struct stage_hooks hooks = {
		.connect = fake_connect, .ports = fake_ports, .job = fake_job,
		.prove = broker_prove, .search = drive_search, .hear = drive_hear, .learn = drive_learn,
	};
	const struct profile *own;
	const char *stands = "frozen,", *profile = "adw300", *sim = "", *script = NULL, *state = "live";
	char scenario[300];
	struct err e = { 0 };
	int cols = 80, rows = 24;

	setlocale(LC_ALL, "");
	for (int i = 1; i < argc; i++) {
		const char *arg = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--ascii") == 0)
			ui.ascii = true;
		else if (strcmp(argv[i], "--moving") == 0)
			stands = "";
		else if (strcmp(argv[i], "--read-only") == 0)
			ui.read_only = true;
		else if (strcmp(argv[i], "--size") == 0)
			size_of(arg, &cols, &rows), i++;
		else if (strcmp(argv[i], "--profile") == 0)
			profile = *arg ? arg : profile, i++;
		else if (strcmp(argv[i], "--sim") == 0)
			sim = arg, i++;
		else if (strcmp(argv[i], "--start") == 0)
			state = arg, i++;
		else
			script = argv[i];
	}
	ui.mono = true;
	ui.now_us = MONO_US;
	ui.wall_us = START_US;
	start(cols, rows);
	snprintf(scenario, sizeof(scenario), "%sseed=1,start=2026-01-15T14:03:27Z%s%s", stands,
		 *sim ? "," : "", sim);
	own = profile_open(profile, &e);
	ui.profile = own;
	meter = own ? sim_meter_new(own, scenario, &e) : NULL;
	if (!meter || stage_init(&ui, &hooks, &e)
	    || target_parse("rtu:/dev/ttyUSB0", &ui.target, &e))
		die(e.text, sim);
	snprintf(ui.loop->profile, sizeof(ui.loop->profile), "%s", profile);
	begin(state, &e);
	run_script(script ? script : "/dev/null");
	endwin();
	sim_meter_free(meter);
	stage_release(&ui);
	profile_free(own);
	return 0;
}
