/*
 * ways.c - what the screens do better than a command that prints: live lists, pages that
 * ask, the Phasor screen. One row a command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/own.h"
#include "cmd/preset.h"
#include "target/secret.h"
#include "write/settings.h"
#include "ui/screens/coach.h"
#include "ui/screens/hear.h"
#include "ui/screens/lesson.h"
#include "ui/screens/page.h"
#include "ui/screens/phasor.h"
#include "ui/screens/step.h"
#include "ui/screens/report.h"
#include "ui/screens/setting.h"
#include "ui/screens/values.h"
#include "ui/stage.h"
#include "cmd/cmdline.h"
#include "commands.h"
#include "save.h"

#define GET_WAIT_US 3000000LL

/* The reading a `get` waits for. By key: the meter may change meanwhile. */
static struct {
	char key[96];		/* "": none */
	int64_t since_us;	/* monotonic */
} getting;

/* ---- what needs the meter ----------------------------------------------- */

static int need_meter(const struct ui *u, struct err *e)
{
	return u->profile && u->line != LINE_NONE ? 0
	     : err_set(e, ERR_USAGE, "no meter is chosen (type 'connect TARGET')");
}

static int need_words(const char *name, int argc, int min, int max, struct err *e)
{
	struct command c;

	return argc >= min && argc <= max ? 0
	     : err_set(e, ERR_USAGE, "usage: %s %s", name, command_find(name, &c) ? c.args : "");
}

/* A key completed up to its last '.' is meant as all that stand below. */
static int select_word(const struct ui *u, char *word, struct selection *sel, struct err *e)
{
	size_t n = strlen(word);

	if (n > 1 && word[n - 1] == '.')
		word[n - 1] = '\0';
	return profile_select(u->profile, word, sel, e);
}

static int way_read(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };
	int rc = need_meter(u, e);

	(void)a;
	for (int i = 0; rc == 0 && i < argc; i++)
		rc = select_word(u, argv[i], &sel, e);
	if (rc == 0 && argc == 0)
		rc = profile_select_live(u->profile, &sel, e);
	if (rc == 0)
		values_show(u, &sel);
	selection_release(&sel);
	return rc;
}

static int way_get(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };

	/* the message line has room for one */
	if (argc > 1)
		return way_read(u, a, argc, argv, e);
	if (need_words("get", argc, 1, 1, e) || need_meter(u, e))
		return -1;
	if (select_word(u, argv[0], &sel, e) == 0 && sel.n == 1) {
		snprintf(getting.key, sizeof(getting.key), "%s", u->profile->points[sel.idx[0]].key);
		getting.since_us = u->now_us;
		ui_say(u, "reading %s ...", getting.key);
	} else if (sel.n > 1) {
		err_set(e, ERR_USAGE, "'%s' names %zu points, one is wanted (use 'read')",
			argv[0], sel.n);
	}
	selection_release(&sel);
	return e->text[0] ? -1 : 0;
}

void command_points(struct ui *u, struct selection *sel)
{
	if (getting.key[0])
		ui_want(u, sel, getting.key);
}

void command_update(struct ui *u)
{
	const struct point *p = NULL;
	const struct reading *r = getting.key[0] ? ui_reading(u, getting.key, &p) : NULL;
	char value[VALUE_TEXT + 16];

	if (!getting.key[0])
		return;
	if (r && r->quality == QUALITY_OK && r->mono_us >= getting.since_us)
		ui_say(u, "%s  %s", p->key, setting_value(p, &r->value, value, sizeof(value)));
	else if (r && (r->quality == QUALITY_FAILED || r->quality == QUALITY_ABSENT))
		ui_say(u, "%s", r->err.text);
	else if (!r || u->now_us - getting.since_us >= GET_WAIT_US)
		ui_say(u, "%s: no reading%s%s", getting.key, u->reason[0] ? ": " : "", u->reason);
	else
		return;
	getting.key[0] = '\0';
}

/* ---- what writes ---------------------------------------------------------- */

static int way_set(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct review_new new_value[CMDLINE_MAX];
	char *fetched[CMDLINE_MAX] = { NULL };
	int rc = 0;

	(void)a;
	if (need_words("set", argc, 1, CMDLINE_MAX, e) || need_meter(u, e))
		return -1;
	for (int i = 0; i < argc && !rc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals) {
			rc = err_set(e, ERR_USAGE, "'%s' is not KEY=VALUE", argv[i]);
			break;
		}
		*equals = '\0';
		rc = secret_value(equals + 1, &fetched[i], e) == SECRET_FAILED ? err_prefix(e, "'%s'", argv[i]) : 0;
		new_value[i] = (struct review_new){ argv[i], fetched[i] ? fetched[i] : equals + 1 };
	}
	if (!rc)
		rc = ui_may_write(u, e) ? -1 : review_begin(u, new_value, (size_t)argc, e);
	for (int i = 0; i < argc; i++)
		secret_free(fetched[i]);
	return rc;
}

/* The new values of S on the page before a write. */
static int add_settings(struct ui *u, const struct settings *s, struct err *e)
{
	struct review_new *new_value;
	int rc;

	if (s->n == 0)
		return err_set(e, ERR_USAGE, "'%s' holds no settings", s->file);
	new_value = calloc(s->n, sizeof(*new_value));
	if (!new_value)
		return err_set(e, ERR_NO, "out of memory");
	for (size_t i = 0; i < s->n; i++)
		new_value[i] = (struct review_new){ s->list[i].key, s->list[i].text };
	rc = ui_may_write(u, e) ? -1 : review_begin(u, new_value, s->n, e);
	free(new_value);
	return rc;
}

/* WHOLE: only all of a backup is taken. */
static int add_file(struct ui *u, const char *file, bool whole, struct err *e)
{
	struct settings s = { .n = 0 };
	int rc = settings_load(file, &s, e);

	if (rc == 0)
		rc = settings_check(&s, u->profile, e) || (whole && settings_whole(&s, e)) ? -1 : add_settings(u, &s, e);
	settings_release(&s);
	return rc;
}

static int way_apply(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	(void)a;
	return need_words("apply", argc, 1, 1, e) || need_meter(u, e) ? -1 : add_file(u, argv[0], false, e);
}

static int way_restore(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const struct plan_own *own = a->own;

	return need_words("restore", argc, 1, 1, e) || need_meter(u, e) ? -1
	     : add_file(u, argv[0], !own->incomplete, e);
}

static int way_undo(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	long id = 0;

	(void)a;
	if (need_words("undo", argc, 0, 1, e) || need_meter(u, e) || ui_may_write(u, e))
		return -1;
	if (argc > 0 && !text_long(argv[0], 1, 2147483647L, &id))
		return err_set(e, ERR_USAGE, "'%s' is no number of the journal", argv[0]);
	return review_undo(u, id, e);
}

/* ---- screens that are told something ----------------------------------------- */

static int way_check(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const struct check_own *own = a->own;

	(void)argv;
	if (need_words("check", argc, 0, 0, e) || need_meter(u, e))
		return -1;
	/* the rest is of the site, and holds alone */
	phasor_check(u, a->ngiven > (own->step ? 1 : 0) ? &own->site : NULL);
	if (own->step)
		step_begin_shown(u);
	return 0;
}

static void set_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

/* Words are the name of the site, quoted or not. */
static int way_report(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const struct report_own *own = a->own;
	struct job_head head;
	size_t at = 0;

	set_text(head.site, sizeof(head.site), own->request.site_name);
	set_text(head.technician, sizeof(head.technician), own->request.technician);
	set_text(head.note, sizeof(head.note), own->request.note);
	for (int i = 0; i < argc; i++)
		text_append(head.site, sizeof(head.site), &at, "%s%s", at ? " " : "", argv[i]);
	return need_meter(u, e) ? -1 : report_begin(u, &head, e);
}

/* The proof of the uplink anew. */
static int way_uplink(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const struct uplink_own *own = a->own;
	struct uplink_options o = own->wanted;
	struct target with = { 0 };

	(void)argv;
	if (need_words("uplink", argc, 0, 0, e) || need_meter(u, e))
		return -1;
	if (!ui_pushes(u) || ui_is_fleet(u) || !u->loop->hooks.prove)
		return err_set(e, ERR_USAGE, "no meter that uploads is connected (mqtt://HOST/SN)");
	o.registers = own->with != NULL;
	if (own->with && target_parse(own->with, &with, e))
		return -1;
	if (own->with && target_is_broker(&with))
		return err_set(e, ERR_USAGE, "'%s' is no cable (rtu:, tcp:, rtutcp:, udp:, rtuudp:)", own->with);
	if (u->loop->hooks.prove(u, &o, own->with ? &with : NULL, e))
		return -1;
	u->with = with;
	stage_show(u, &screen_uplink);
	return 0;
}

/* ---- of the screens alone ------------------------------------------------------ */

static int way_ratio(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const char *key = "ratio.ct", *text = NULL;

	(void)a;
	if (need_words("ratio", argc, 0, 2, e) || need_meter(u, e))
		return -1;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "pt") == 0)
			key = "ratio.pt";
		else if (strcmp(argv[i], "ct") != 0)
			text = argv[i];
	}
	coach_show(u, key, text);
	return 0;
}

static int way_connect(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	const struct connect_own *own = a->own;
	struct app with = *a;
	struct target t;
	int rc = -1;

	/* what is read for it is given back here; the rest is the caller's */
	with.file = NULL;
	if (need_words("connect", argc, 1, 1, e) == 0 && preset_connect(&with, argv[0], e) == 0
	    && target_parse(argv[0], &t, e) == 0 && question_lost(u, e) == 0 && u->loop->hooks.connect(u, &t, with.profile, e) == 0) {
		stage_home(u);
		rc = own->save ? connect_save(&with, &t, own->save, a->force, e) : 0;
	}
	preset_release(&with);
	return rc;
}

/* The line of the meter, unless another is named. */
static int way_listen(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct target t = u->target;

	(void)a;
	if (need_words("listen", argc, 0, 1, e) || (argc == 0 && need_meter(u, e)))
		return -1;
	return argc > 0 && target_parse(argv[0], &t, e) ? -1 : hear_begin(u, &t, e);
}

static int way_learn(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	return need_words("learn", argc, 0, 1, e) ? -1 : lesson_begin(u, a, a->own, argc > 0 ? argv[0] : a->profile, e);
}

static int way_save(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct err why;

	(void)a;
	if (need_words("save", argc, 1, 1, e))
		return -1;
	if (save_file(u, argv[0], false, &why) == 0)
		return 0;
	return why.code == ERR_DENIED ? err_set(e, ERR_DENIED, "'%s' is there already ('save! FILE' writes over it)", argv[0])
		: err_set(e, why.code, "%s", why.text);
}

static int way_save_over(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	(void)a;
	return need_words("save!", argc, 1, 1, e) ? -1 : save_file(u, argv[0], true, e);
}

static int way_copy(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	(void)a;
	(void)argv;
	return need_words("copy", argc, 0, 0, e) ? -1 : save_copy(u, e);
}

static int way_quit(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	(void)a;
	(void)argc;
	(void)argv;
	(void)e;
	stage_leave(u);
	return 0;
}

static int by_command_name(const void *a, const void *b)
{
	return strcmp(((const struct command *)a)->name, ((const struct command *)b)->name);
}

static void ways_list(FILE *f)
{
	struct command all[96];
	size_t n = 0;

	while (n < sizeof(all) / sizeof(*all) && command_nth(n, &all[n]))
		n++;
	qsort(all, n, sizeof(*all), by_command_name);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%-9s %s\n%-9s   %s\n", all[i].name, all[i].args, "", all[i].help);
	fputs("\nevery option of the command line is taken; 'help COMMAND' lists them\n\nscreens:\n", f);
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_word(&screen_table[i]))
			fprintf(f, "%-9s   %s\n", screen_word(&screen_table[i]), screen_table[i].help);
}

static void ways_help(const struct command *c, FILE *f)
{
	if (c->way)
		fprintf(f, "%s %s\n\n%s\n\n", c->name, c->args, c->help);
	if (c->way && c->cmd)
		fputs("With other options than these, or on the command line:\n\n", f);
	if (c->cmd)
		cmd_print_help(c->cmd, f);
}

static int way_help(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	struct command c;
	char *text = NULL;
	size_t size;
	FILE *f;

	(void)a;
	if (need_words("help", argc, 0, 1, e))
		return -1;
	if (argc > 0 && !command_find(argv[0], &c))
		return err_set(e, ERR_USAGE, "unknown command '%s' (type 'help')", argv[0]);
	/* its page is what they are shown on */
	if (u->loop->running)
		return err_set(e, ERR_DENIED, PAGE_TAKEN);
	f = open_memstream(&text, &size);
	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	if (argc > 0)
		ways_help(&c, f);
	else
		ways_list(f);
	fclose(f);
	page_show(u, argc > 0 ? argv[0] : "the prompt", text);
	free(text);
	return 0;
}

static int way_theme(struct ui *u, const char *value)
{
	static const char *const names[] = { [THEME_AUTO] = "auto", [THEME_DARK] = "dark", [THEME_LIGHT] = "light" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(value, names[i]) == 0) {
			stage_theme(u, (enum theme)i);
			return 0;
		}
	return -1;
}

/* What the screens are like; `set` sets the meter. */
static int way_option(struct ui *u, const struct app *a, int argc, char **argv, struct err *e)
{
	(void)a;
	if (need_words("option", argc, 2, 2, e))
		return -1;
	if (strcmp(argv[0], "theme") == 0)
		return way_theme(u, argv[1]) == 0 ? 0
			: err_set(e, ERR_USAGE, "'%s' is not a theme (auto, dark or light)", argv[1]);
	if (strcmp(argv[0], "bell") != 0)
		return err_set(e, ERR_USAGE, "unknown option '%s' of the screens (theme or bell)", argv[0]);
	if (strcmp(argv[1], "on") != 0 && strcmp(argv[1], "off") != 0)
		return err_set(e, ERR_USAGE, "'%s' is not a value of bell (on or off)", argv[1]);
	u->loop->rings = strcmp(argv[1], "on") == 0;
	return 0;
}

const struct screen_way screen_way_table[] = {
	{ .name = "apply", .run = way_apply,
	  .help = "wish what a file of settings says; written only after a yes" },
	{ .name = "check", .run = way_check,
	  .options = "clamp site pf-window wires service nominal-voltage nominal-current step",
	  .help = "is it wired right? The Phasor screen, told about the site" },
	{ .name = "connect", .args = "TARGET", .complete = "@target", .run = way_connect,
	  .options = "profile save force",
	  .help = "leave this meter and go on with another" },
	{ .name = "copy", .args = "", .run = way_copy,
	  .help = "this screen as text, to the clipboard of the terminal" },
	{ .name = "get", .run = way_get,
	  .help = "one reading, in the line below the screen" },
	{ .name = "help", .args = "[COMMAND]", .complete = "@command", .run = way_help,
	  .help = "what can be typed here" },
	{ .name = "learn", .run = way_learn,
	  .options = "tap between serve value output for force",
	  .help = "hear a maker's tool, live: where it puts what is typed into it" },
	{ .name = "listen", .args = "[TARGET]", .complete = "@target", .run = way_listen,
	  .help = "hear a line without sending: frames of other masters and meters, named" },
	{ .name = "option", .args = "theme|bell VALUE", .complete = "theme bell auto dark light on off", .run = way_option,
	  .help = "what the screens are like: theme auto, dark or light; bell on or off" },
	{ .name = "quit", .args = "", .run = way_quit,
	  .help = "leave the screens" },
	{ .name = "ratio", .args = "[ct|pt] [RATIO]", .complete = "ct pt", .run = way_ratio,
	  .help = "ratio coach: 200/5, both sides, a clamp meter" },
	{ .name = "read", .run = way_read,
	  .help = "readings in a list, which go on living" },
	{ .name = "report", .args = "[SITE NAME]", .run = way_report,
	  .options = "site-name technician note",
	  .help = "commissioning report: an HTML file in the current folder" },
	{ .name = "restore", .run = way_restore, .options = "incomplete",
	  .help = "the same as apply, of a backup" },
	{ .name = "save", .args = "FILE", .complete = "@file", .run = way_save,
	  .help = "this screen as text; its readings where FILE ends in .csv or .json" },
	{ .name = "save!", .args = "FILE", .complete = "@file", .run = way_save_over,
	  .help = "the same over a file that is there" },
	{ .name = "set", .run = way_set,
	  .help = "plan, show old -> new; written only after a yes" },
	{ .name = "undo", .run = way_undo,
	  .help = "put back what stood there before; written only after a yes" },
	{ .name = "uplink", .run = way_uplink, .options = "with interval from-start",
	  .help = "begin the proof of the uplink anew" },
	{ .name = NULL },
};
