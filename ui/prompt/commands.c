#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "cmd/cmd.h"
#include "cmd/raw.h"
#include "write/settings.h"
#include "base/text.h"
#include "ui/screens/coach.h"
#include "ui/draw/draw.h"
#include "ui/screens/history.h"
#include "ui/screens/page.h"
#include "ui/screens/phasor.h"
#include "ui/screens/report.h"
#include "ui/screens/setting.h"
#include "ui/stage.h"
#include "ui/screens/values.h"
#include "cmdline.h"
#include "prompt.h"

#define GET_WAIT_US 3000000LL

/* The reading a `get` waits for. By key: the meter may change meanwhile. */
static struct {
	char key[96];		/* "": none */
	int64_t since_us;	/* monotonic */
} getting;

/* ---- help over all ------------------------------------------------------ */

const struct command *command_find(const char *name)
{
	for (const struct command *c = command_table; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const char *command_args(const struct command *c)
{
	const struct cmd *shell = cmd_find(c->name);

	return c->args ? c->args : shell ? shell->args : "";
}

const char *command_help(const struct command *c)
{
	const struct cmd *shell = cmd_find(c->name);

	return c->help ? c->help : shell && shell->help ? shell->help : "";
}

/* ---- what needs the meter ----------------------------------------------- */

static int need_meter(const struct ui *u, struct err *e)
{
	return u->profile && u->line != LINE_NONE ? 0
	     : err_set(e, ERR_USAGE, "no meter is chosen (type 'connect TARGET')");
}

static int need_words(const char *name, int argc, int min, int max, struct err *e)
{
	return argc >= min && argc <= max ? 0
	     : err_set(e, ERR_USAGE, "usage: %s %s", name, command_args(command_find(name)));
}

/* A key completed up to its last '.' is meant as all that stand below. */
static int select_word(const struct ui *u, char *word, struct selection *sel, struct err *e)
{
	size_t n = strlen(word);

	if (word[0] == '-')
		return err_set(e, ERR_USAGE, "'%s': here no options are taken", word);
	if (n > 1 && word[n - 1] == '.')
		word[n - 1] = '\0';
	return profile_select(u->profile, word, sel, e);
}

static int commands_run_read(struct ui *u, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };
	int rc = need_meter(u, e);

	for (int i = 1; rc == 0 && i < argc; i++)
		rc = select_word(u, argv[i], &sel, e);
	if (rc == 0 && argc == 1)
		rc = profile_select_live(u->profile, &sel, e);
	if (rc == 0)
		values_show(u, &sel);
	selection_release(&sel);
	return rc;
}

static int run_get(struct ui *u, int argc, char **argv, struct err *e)
{
	struct selection sel = { 0 };

	if (need_words("get", argc, 2, 2, e) || need_meter(u, e))
		return -1;
	if (select_word(u, argv[1], &sel, e) == 0 && sel.n == 1) {
		snprintf(getting.key, sizeof(getting.key), "%s", u->profile->points[sel.idx[0]].key);
		getting.since_us = u->now_us;
		ui_say(u, "reading %s ...", getting.key);
	} else if (sel.n > 1) {
		err_set(e, ERR_USAGE, "'%s' names %zu points, one is wanted (use 'read')",
			argv[1], sel.n);
	}
	selection_release(&sel);
	return e->text[0] ? -1 : 0;
}

static void command_points(struct ui *u, struct selection *sel)
{
	if (getting.key[0])
		ui_want(u, sel, getting.key);
}

static void command_update(struct ui *u)
{
	const struct point *p = NULL;
	const struct reading *r = getting.key[0] ? ui_reading(u, getting.key, &p) : NULL;
	char value[VALUE_TEXT + 16];

	if (!getting.key[0])
		return;
	if (r && r->quality == QUALITY_OK && r->mono_us >= getting.since_us)
		ui_say(u, "%s  %s", p->key, setting_value(p, &r->value, value, sizeof(value)));
	else if (r && r->quality == QUALITY_FAILED)
		ui_say(u, "%s", r->err.text);
	else if (!r || u->now_us - getting.since_us >= GET_WAIT_US)
		ui_say(u, "%s: no reading%s%s", getting.key, u->reason[0] ? ": " : "", u->reason);
	else
		return;
	getting.key[0] = '\0';
}

static int run_set(struct ui *u, int argc, char **argv, struct err *e)
{
	struct review_new new_value[CMDLINE_MAX];

	if (need_words("set", argc, 2, CMDLINE_MAX, e) || need_meter(u, e))
		return -1;
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			return err_set(e, ERR_USAGE, "'%s' is not KEY=VALUE", argv[i]);
		*equals = '\0';
		new_value[i - 1] = (struct review_new){ argv[i], equals + 1 };
	}
	return ui_may_write(u, e) ? -1 : review_begin(u, new_value, (size_t)argc - 1, e);
}

/* `apply FILE`, `restore [--incomplete] FILE`: what the file new values, on the page before a
 * write. */
static int commands_run_apply(struct ui *u, int argc, char **argv, struct err *e)
{
	struct review_new *new_value = NULL;
	struct settings s = { .n = 0 };
	bool restores = strcmp(argv[0], "restore") == 0;
	bool partly = restores && argc == 3 && strcmp(argv[1], "--incomplete") == 0;
	const char *file = argv[argc - 1];
	int rc = -1;

	if (need_words(argv[0], argc, 2, partly ? 3 : 2, e) || need_meter(u, e) || settings_load(file, &s, e)
	    || settings_check(&s, u->profile, e) || (restores && !partly && settings_whole(&s, e)))
		goto out;
	if (s.n == 0) {
		err_set(e, ERR_USAGE, "'%s' holds no settings", file);
		goto out;
	}
	new_value = calloc(s.n, sizeof(*new_value));
	if (!new_value) {
		err_set(e, ERR_NO, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < s.n; i++)
		new_value[i] = (struct review_new){ s.list[i].key, s.list[i].text };
	rc = ui_may_write(u, e) ? -1 : review_begin(u, new_value, s.n, e);
out:
	free(new_value);
	settings_release(&s);
	return rc;
}

static int run_undo(struct ui *u, int argc, char **argv, struct err *e)
{
	long id = 0;

	if (need_words("undo", argc, 1, 2, e) || need_meter(u, e) || ui_may_write(u, e))
		return -1;
	if (argc > 1 && !text_long(argv[1], 1, 2147483647L, &id))
		return err_set(e, ERR_USAGE, "'%s' is no number of the journal", argv[1]);
	return review_undo(u, id, e);
}

static int run_raw(struct ui *u, int argc, char **argv, struct err *e)
{
	struct job w = { .kind = JOB_RAW, .busy = true };
	char *colon = argc == 3 ? strchr(argv[2], ':') : NULL;
	long addr, n = 1;

	if (argc != 3 || strcmp(argv[1], "read") != 0)
		return err_set(e, ERR_USAGE, "usage: raw read ADDR[:N] ('raw write' is for the shell)");
	if (colon)
		*colon++ = '\0';
	if (need_meter(u, e) || raw_address(argv[2], &addr, e))
		return -1;
	if (colon && !text_long(colon, 1, JOB_REGS, &n))
		return err_set(e, ERR_USAGE, "'%s' is no number of registers (here 1 to %d)", colon,
			       JOB_REGS);
	if (addr + n > 65536)
		return err_set(e, ERR_USAGE, "%ld registers from %ld go beyond register 0xFFFF", n, addr);
	w.addr = (uint16_t)addr;
	w.nregs = (uint16_t)n;
	if (u->loop->hooks.job(u, &w, e))
		return -1;
	ui_say(u, "reading ...");
	return 0;
}

static int commands_run_check(struct ui *u, int argc, char **argv, struct err *e)
{
	return need_meter(u, e) ? -1 : phasor_check(u, argc, argv, e);
}

/* The words that are no option are the name of the site, quoted or not. */
static int report_head(int argc, char **argv, struct job_head *head, struct err *e)
{
	size_t at = 0;

	for (int i = 1; i < argc; i++) {
		char *to = strcmp(argv[i], "--technician") == 0 ? head->technician
			 : strcmp(argv[i], "--note") == 0 ? head->note : NULL;

		if (to && i + 1 == argc)
			return err_set(e, ERR_USAGE, "'%s' needs a value", argv[i]);
		if (to == head->note)
			snprintf(head->note, sizeof(head->note), "%s", argv[++i]);
		else if (to)
			snprintf(head->technician, sizeof(head->technician), "%s", argv[++i]);
		else if (strncmp(argv[i], "--", 2) == 0)
			return err_set(e, ERR_USAGE, "'%s' is not taken here (--technician and --note are)", argv[i]);
		else
			text_append(head->site, sizeof(head->site), &at, "%s%s", at ? " " : "", argv[i]);
	}
	return 0;
}

static int run_report(struct ui *u, int argc, char **argv, struct err *e)
{
	struct job_head head = { "", "", "" };

	if (report_head(argc, argv, &head, e) || need_meter(u, e))
		return -1;
	return report_begin(u, &head, e);
}

static void command_registers(struct ui *u, const struct job *w)
{
	char text[JOB_REGS * 130] = "", title[64], key[96];
	size_t at = 0;

	if (w->rc || !u->profile) {
		ui_say(u, "%s", w->err.text);
		return;
	}
	for (int i = 0; i < w->nregs; i++) {
		int addr = w->addr + i;
		const struct point *p = profile_at(u->profile, SPACE_HOLDING, addr);

		text_append(text, sizeof(text), &at, "%5d  0x%04X  ", addr, addr);
		if (p && p->flags & POINT_SECRET)
			text_append(text, sizeof(text), &at, "****  *****");
		else
			text_append(text, sizeof(text), &at, "%04X  %5u", w->regs[i], w->regs[i]);
		text_append(text, sizeof(text), &at, "  %s\n",
			    raw_key(u->profile, SPACE_HOLDING, addr, key, sizeof(key)));
	}
	snprintf(title, sizeof(title), "%d register%s from 0x%04X, as read once", w->nregs,
		 w->nregs == 1 ? "" : "s", w->addr);
	u->message[0] = '\0';
	page_show(u, title, text);
}

static int run_ratio(struct ui *u, int argc, char **argv, struct err *e)
{
	const char *key = "ratio.ct", *text = NULL;

	if (need_words("ratio", argc, 1, 3, e) || need_meter(u, e))
		return -1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "pt") == 0)
			key = "ratio.pt";
		else if (strcmp(argv[i], "ct") != 0)
			text = argv[i];
	}
	coach_show(u, key, text);
	return 0;
}

static int run_connect(struct ui *u, int argc, char **argv, struct err *e)
{
	struct target t;

	if (need_words("connect", argc, 2, 2, e) || target_parse(argv[1], &t, e)
	    || u->loop->hooks.connect(u, &t, u->loop->profile, e))
		return -1;
	stage_home(u);
	return 0;
}

/* One word of `uplink`, and the next, which may be its value. How many were taken, or -1. */
static int uplink_word(struct uplink_options *o, struct target *with, const char *word,
		       const char *next, struct err *e)
{
	long s;

	if (strcmp(word, "--from-start") == 0) {
		o->from_start = true;
		return 1;
	}
	if (strcmp(word, "--with") == 0 && next) {
		o->registers = true;
		if (target_parse(next, with, e))
			return -1;
		if (target_is_broker(with))
			return err_set(e, ERR_USAGE, "'%s' is no cable (rtu:, tcp:, rtutcp:, udp:, rtuudp:)", next);
		return 2;
	}
	if (strcmp(word, "--interval") == 0 && next) {
		if (!text_long(next, 1, 86400, &s))
			return err_set(e, ERR_USAGE, "'%s' is no interval in seconds (1 to 86400)", next);
		o->interval_s = (int)s;
		return 2;
	}
	return err_set(e, ERR_USAGE, "usage: uplink %s", command_args(command_find("uplink")));
}

/* The proof of the uplink anew; without words the screen alone. */
static int run_uplink(struct ui *u, int argc, char **argv, struct err *e)
{
	struct uplink_options o = { .registers = false };
	struct target with = { 0 };

	if (need_meter(u, e))
		return -1;
	if (!ui_pushes(u) || ui_is_fleet(u) || !u->loop->hooks.prove)
		return err_set(e, ERR_USAGE, "no meter that uploads is connected (mqtt://HOST/SN)");
	for (int i = 1, n; i < argc; i += n) {
		n = uplink_word(&o, &with, argv[i], argv[i + 1], e);
		if (n < 0)
			return -1;
	}
	if (u->loop->hooks.prove(u, &o, o.registers ? &with : NULL, e))
		return -1;
	u->with = with;
	stage_show(u, &screen_uplink);
	return 0;
}

/* ---- what the shell's own commands do ------------------------------------ */

/* Runs C with everything it prints collected. */
static int commands_collect(const struct cmd *c, struct app *a, int argc, char **argv, char **text,
			    struct err *e)
{
	size_t size;
	FILE *f = open_memstream(text, &size);
	int rc = 0;

	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	a->out = a->err = f;
	if (a->help)
		cmd_help(c, f);
	else
		rc = c->run(a, argc, argv, e);
	fclose(f);
	return rc;
}

static int run_shell(struct ui *u, int argc, char **argv, struct err *e)
{
	char *args[CMDLINE_MAX + 2] = { (char *)"meterctl" }, *text = NULL, title[128] = "";
	char target[TARGET_TEXT];
	const struct cmd *c = NULL;
	struct app a;
	size_t at = 0;
	int n = argc + 1, rc;

	for (int i = 0; i < argc; i++) {
		args[i + 1] = argv[i];
		text_append(title, sizeof(title), &at, "%s%s", i ? " " : "", argv[i]);
	}
	app_init(&a);
	a.profile = u->loop->profile;
	a.color = COLOR_NEVER;
	if (u->line != LINE_NONE)
		a.connect = target_format(&u->target, 0, target, sizeof(target));
	if (u->loop->hooks.app)
		a.journal = u->loop->hooks.app->journal;
	a.attended = a.asks = false;
	rc = cmd_parse(&a, &n, args, &c, e) ? -1 : commands_collect(c, &a, n, args, &text, e);
	cmd_release(&a);
	if (text && *text)
		page_show(u, title, text);
	free(text);
	return rc;
}

/* ---- the program ---------------------------------------------------------- */

static int run_quit(struct ui *u, int argc, char **argv, struct err *e)
{
	(void)argc;
	(void)argv;
	(void)e;
	stage_leave(u);
	return 0;
}

static void print_help(FILE *f)
{

	for (const struct command *c = command_table; c->name; c++)
		fprintf(f, "%-9s %s\n%-9s   %s\n", c->name, command_args(c), "", command_help(c));
	fputs("\nscreens:\n", f);
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_word(&screen_table[i]))
			fprintf(f, "%-9s   %s\n", screen_word(&screen_table[i]), screen_table[i].help);
}

static int run_help(struct ui *u, int argc, char **argv, struct err *e)
{
	const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;
	const struct cmd *shell = argc > 1 ? cmd_find(argv[1]) : NULL;
	char *text = NULL;
	size_t size;
	FILE *f;

	if (need_words("help", argc, 1, 2, e))
		return -1;
	if (argc > 1 && !c && !shell)
		return err_set(e, ERR_USAGE, "unknown command '%s' (type 'help')", argv[1]);
	f = open_memstream(&text, &size);
	if (!f)
		return err_set(e, ERR_NO, "out of memory");
	if (c)
		fprintf(f, "%s %s\n\n%s\n", c->name, command_args(c), command_help(c));
	else if (shell)
		cmd_help(shell, f);
	else
		print_help(f);
	fclose(f);
	page_show(u, argc > 1 ? argv[1] : "the prompt", text);
	free(text);
	return 0;
}

const struct command command_table[] = {
	{ "apply", "FILE", "@file", "wish what a file of settings says; written only after a yes", commands_run_apply },
	{ "check", "[OPTION VALUE ...]", "--clamp --site --pf-window --wires --nominal-voltage --nominal-current", NULL, commands_run_check },
	{ "connect", "TARGET", "@target", "leave this meter and go on with another", run_connect },
	{ "get", NULL, "@key", "one reading, in the line below the screen", run_get },
	{ "help", "[COMMAND]", "@command", "what can be typed here", run_help },
	{ "journal", NULL, "show", NULL, run_shell },
	{ "profile", NULL, "list show check @key @profile", NULL, run_shell },
	{ "quit", "", NULL, "leave the screens", run_quit },
	{ "ratio", "[ct|pt] [RATIO]", "ct pt", "ratio coach: 200/5, both sides, a clamp meter", run_ratio },
	{ "raw", "read ADDR[:N]", "read", NULL, run_raw },
	{ "read", NULL, "@key", "readings in a list, which go on living", commands_run_read },
	{ "report", "[SITE NAME] [--technician NAME] [--note TEXT]", "--technician --note", "commissioning report: an HTML file in the current folder", run_report },
	{ "restore", "FILE", "@file", "the same as apply, of a backup", commands_run_apply },
	{ "set", "KEY=VALUE ...", "@setting", "plan, show old -> new; written only after a yes", run_set },
	{ "undo", NULL, NULL, "put back what stood there before; written only after a yes", run_undo },
	{ "uplink", "[--with TARGET] [--interval SECONDS] [--from-start]",
	  "--with --interval --from-start @target", "begin the proof of the uplink anew", run_uplink },
	{ .name = NULL },
};

static int commands_unknown(const char *word, struct err *e)
{
	const char *names[32 + SCREEN_COUNT], *near;
	size_t n = 0;

	if (cmd_find(word))
		return err_set(e, ERR_USAGE, "'%s' is for the shell: leave the screens (q), "
			       "then 'meterctl %s'", word, word);
	for (const struct command *c = command_table; c->name && n < 32; c++)
		names[n++] = c->name;
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_word(&screen_table[i]))
			names[n++] = screen_word(&screen_table[i]);
	near = text_nearest(word, names, n);
	if (near)
		return err_set(e, ERR_USAGE, "unknown command '%s' (did you mean '%s'?)", word, near);
	return err_set(e, ERR_USAGE, "unknown command '%s' (type 'help')", word);
}

void command_run(struct ui *u, const char *line)
{
	const struct screen *screen;
	const struct command *c;
	struct cmdline w;
	struct err e = { 0 };

	if (cmdline_split(&w, line, &e)) {
		ui_say(u, "%s", e.text);
		return;
	}
	if (w.argc == 0)
		return;
	c = command_find(w.argv[0]);
	screen = w.argc == 1 ? screen_named(w.argv[0]) : NULL;
	u->message[0] = '\0';
	if (screen)
		stage_open(u, screen);
	else if (c ? c->run(u, w.argc, w.argv, &e) : commands_unknown(w.argv[0], &e))
		ui_say(u, "%s", e.text);
}

static void command_done(struct ui *u, const struct job *w)
{
	if (w->kind == JOB_RAW)
		command_registers(u, w);
	else
		report_done(u, w);
}

const struct stage_prompt stage_prompt = {
	.open = prompt_open,
	.close = prompt_close,
	.shown = prompt_shown,
	.key = prompt_key,
	.draw = prompt_draw,
	.run = command_run,
	.points = command_points,
	.update = command_update,
	.done = command_done,
};
