#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/bus/running.h"
#include "ui/screens/history.h"
#include "ui/screens/page.h"
#include "ui/screens/report.h"
#include "ui/stage.h"
#include "cmd/cmdline.h"
#include "prompt.h"

/* ---- the two tables as one ------------------------------------------------ */

static const struct screen_way *way_named(const char *name)
{
	for (const struct screen_way *w = screen_way_table; w->name; w++)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

static void command_merge(const struct cmd *c, const struct screen_way *w, struct command *out)
{
	*out = (struct command){
		.name = w ? w->name : c->name,
		.args = w && w->args ? w->args : c ? c->args : "",
		.complete = w && w->complete ? w->complete : c ? c->complete : NULL,
		.help = w && w->help ? w->help : c && c->help ? c->help : "",
		.cmd = c,
		.way = w,
	};
}

bool command_find(const char *name, struct command *out)
{
	const struct cmd *c = cmd_find(name);
	const struct screen_way *w = way_named(name);

	if ((!c || c->shell_only) && !w)
		return false;
	command_merge(c, w, out);
	return true;
}

bool command_nth(size_t i, struct command *out)
{
	for (size_t k = 0; cmd_table[k]; k++)
		if (!cmd_table[k]->shell_only && i-- == 0)
			return command_find(cmd_table[k]->name, out);
	for (const struct screen_way *w = screen_way_table; w->name; w++)
		if (!cmd_find(w->name) && i-- == 0)
			return command_find(w->name, out);
	return false;
}

static const char *command_screen(size_t i)
{
	return screen_word(&screen_table[i]);
}

const struct command_set commands_of_screens = { command_find, command_nth, command_screen };

/* ---- a command itself ----------------------------------------------------------- */

/* The options of an invocation before its own: the meter and the profile of the screens. */
static void command_begin_with(const struct ui *u, struct app *a, char *target, size_t size)
{
	const struct app *ours = u->loop->hooks.app;
	struct target t = u->target;

	/* a broker ends the connection of a client when another one has its name */
	if (target_pushes(&t)) {
		t.mqtt.client[0] = '\0';
		t.mqtt.persistent = false;
	}
	app_init(a);
	if (ours) {
		a->journal = ours->journal;
		a->timeout_ms = ours->timeout_ms;
		a->retries = ours->retries;
		a->insecure = ours->insecure;
		a->plain_password = ours->plain_password;
		a->connect = ours->connect;
		memcpy(a->origin, ours->origin, sizeof(a->origin));
	}
	a->settled = true;
	a->profile = u->loop->profile;
	a->primary = u->primary;
	a->ascii = u->ascii;
	a->color = COLOR_NEVER;
	a->read_only = u->read_only || !u->writing;
	if (u->line != LINE_NONE)
		a->connect = target_format(&t, 0, target, size);
}

/* Takes over R, unless it fails. */
static int command_start(struct ui *u, struct running *r, const char *line, struct err *e)
{
	const struct profile *p = u->line == LINE_NONE ? NULL : u->profile;
	char title[CMDLINE_LINE];

	if (u->loop->running)
		return err_set(e, ERR_DENIED, PAGE_TAKEN);
	r->writes = !r->app.help && r->cmd->writes && r->cmd->writes(&r->app, r->argc, r->argv);
	if (r->writes && ui_may_write(u, e))
		return -1;
	if (running_start(r, &u->loop->hooks.place, e))
		return -1;
	page_begin(u, cmdline_mask(p, line, title, sizeof(title)), r->cmd->endless && !r->app.help);
	u->loop->running = r;
	return 0;
}

void command_running(struct ui *u)
{
	struct ui_loop *l = u->loop;
	struct running_news news;
	char how[64] = "";

	if (!l->running)
		return;
	running_take(l->running, &news);
	if (news.text)
		page_append(u, news.text, news.n);
	free(news.text);
	page_ask(u, news.question);
	if (!news.ended)
		return;
	if (news.status)
		snprintf(how, sizeof(how), "exit status %d", news.status);
	page_end(u, how);
	if (*news.err.text)
		ui_say(u, "%s", news.err.text);
	else if (stage_shown(u)->ops != &screen_output)
		ui_say(u, "%s has ended%s%s (type 'output')", l->running->cmd->name, *how ? ": " : "", how);
	else
		u->message[0] = '\0';
	/* its thread is at its end */
	running_free(l->running, 1000);
	l->running = NULL;
}

/* Are all of its options such as the way of the screens has, too? */
static bool way_has(const struct screen_way *w, const struct app *a)
{
	for (size_t i = 0; i < a->ngiven; i++) {
		const char *name = a->given[i]->name, *at = w->options;
		size_t n = name ? strlen(name) : 0;

		while (at && n && !(strncmp(at, name, n) == 0 && (at[n] == ' ' || !at[n]))) {
			at = strchr(at, ' ');
			at += at != NULL;
		}
		if (!at || !n)
			return false;
	}
	return true;
}

static int command_invoke(struct ui *u, const struct cmdline *w, const char *line, struct err *e)
{
	const struct screen_way *way;
	char target[TARGET_TEXT];
	struct running *r;
	struct app a;
	int rc;

	command_begin_with(u, &a, target, sizeof(target));
	r = running_new(&a, w->argc, w->argv, e);
	if (!r)
		return -1;
	way = r->cmd ? way_named(r->cmd->name) : NULL;
	if (r->app.version || !r->cmd)
		rc = err_set(e, ERR_USAGE, "meterctl " METERCTL_VERSION ": type 'help'");
	else if (r->cmd->shell_only)
		rc = err_set(e, ERR_USAGE, "'%s' cannot run inside the screens "
			     "(leave them with q, then 'meterctl %s')", r->cmd->name, r->cmd->name);
	else if (way && way_has(way, &r->app))
		rc = way->run(u, &r->app, r->argc, r->argv, e);
	else if ((rc = command_start(u, r, line, e)) == 0)
		return 0;
	running_free(r, 0);
	return rc;
}

/* ---- a line ------------------------------------------------------------------------ */

static int commands_unknown(const char *word, struct err *e)
{
	const char *names[96 + SCREEN_COUNT], *near;
	struct command c;
	size_t n = 0;

	while (n < 96 && command_nth(n, &c))
		names[n++] = c.name;
	for (size_t i = 0; i < SCREEN_COUNT; i++)
		if (screen_word(&screen_table[i]))
			names[n++] = screen_word(&screen_table[i]);
	near = text_nearest(word, names, n);
	if (near)
		return err_set(e, ERR_USAGE, "unknown command '%s' (did you mean '%s'?)", word, near);
	return err_set(e, ERR_USAGE, "unknown command '%s' (type 'help')", word);
}

static int command_words(struct ui *u, struct cmdline *w, const char *line, struct err *e)
{
	const struct screen_way *way = way_named(w->argv[0]);

	if (way && !cmd_find(way->name))
		return way->run(u, NULL, w->argc - 1, w->argv + 1, e);
	if (!cmd_find(w->argv[0]) && w->argv[0][0] != '-')
		return commands_unknown(w->argv[0], e);
	return command_invoke(u, w, line, e);
}

void command_run(struct ui *u, const char *line)
{
	const struct screen *screen;
	struct cmdline w;
	struct err e = { 0 };

	if (cmdline_split(&w, line, &e)) {
		ui_say(u, "%s", e.text);
		return;
	}
	if (w.argc == 0)
		return;
	screen = w.argc == 1 ? screen_named(w.argv[0]) : NULL;
	u->message[0] = '\0';
	if (screen)
		stage_open(u, screen);
	else if (command_words(u, &w, line, &e))
		ui_say(u, "%s", e.text);
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
	.done = report_done,
	.running = command_running,
};
