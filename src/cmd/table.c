#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "failure.h"
#include "preset.h"
#include "target/target.h"
#include "base/text.h"

#define CMD_ROW(name) &cmd_##name,
const struct cmd *const cmd_table[] = { CMD_LIST(CMD_ROW) NULL };

const struct cmd cmd_tui = {
	.name = "tui",
	.args = "",
	.help = "the screens (also without a command, on a terminal)",
	.shell_only = true,
	.plain = true,
};

const struct cmd *cmd_find(const char *name)
{
	for (size_t i = 0; cmd_table[i]; i++)
		if (strcmp(cmd_table[i]->name, name) == 0)
			return cmd_table[i];
	return NULL;
}

int cmd_words(const struct cmd *c, int argc, int min, int max, struct err *e)
{
	if (argc < min || (max >= 0 && argc > max))
		return err_set(e, ERR_USAGE, "usage: meterctl %s%s%s", c->name,
			       *c->args ? " " : "", c->args);
	return 0;
}

int cmd_unknown(const char *word, struct err *e)
{
	const char *names[sizeof(cmd_table) / sizeof(*cmd_table)], *near;
	size_t n = 0;

	for (; cmd_table[n]; n++)
		names[n] = cmd_table[n]->name;
	near = text_nearest(word, names, n);
	if (near)
		return err_set(e, ERR_USAGE, "unknown command '%s' (did you mean '%s'?)", word, near);
	return err_set(e, ERR_USAGE, "unknown command '%s' (see 'meterctl --help')", word);
}

/* An option on the command line, taken apart. */
struct given {
	const struct opt *opt;
	const struct cmd *owner;	/* NULL: one of the options everywhere */
	const char *arg;		/* attached with '=' or behind the letter */
	const char *more;		/* further letters of a cluster */
};

/* A command's own option may stand before the command's name, so without one
 * all are looked through. */
static const struct opt *table_look_up(const struct cmd *cmd, const char *name, size_t len,
				       const struct cmd **owner)
{
	const struct opt *o = len ? opt_named(app_options, napp_options, name, len)
				  : opt_letter(app_options, napp_options, *name);

	*owner = NULL;
	for (size_t i = 0; !o && cmd_table[i]; i++) {
		if (cmd && cmd_table[i] != cmd)
			continue;
		*owner = cmd_table[i];
		o = len ? opt_named(cmd_table[i]->opts, cmd_table[i]->nopts, name, len)
			: opt_letter(cmd_table[i]->opts, cmd_table[i]->nopts, *name);
	}
	return o;
}

static int take_apart(const char *word, const struct cmd *cmd, struct given *g,
		      struct err *e)
{
	bool is_long = word[0] == '-' && word[1] == '-';
	const char *name = word + (is_long ? 2 : 0);
	size_t len = is_long ? strcspn(name, "=") : 0;

	*g = (struct given){ 0 };
	g->opt = table_look_up(cmd, name, len, &g->owner);
	if (!g->opt)
		return err_set(e, ERR_USAGE, "unknown option '%s%.*s'%s%s (see 'meterctl %s%s--help')",
			       is_long ? "--" : "-", is_long ? (int)len : 1, name,
			       cmd ? " of " : "", cmd ? cmd->name : "",
			       cmd ? cmd->name : "", cmd ? " " : "");
	if (is_long && name[len])
		g->arg = name + len + 1;
	else if (!is_long && name[1] && g->opt->arg)
		g->arg = name + 1;
	else if (!is_long && name[1])
		g->more = name + 1;
	if (g->arg && !g->opt->arg)
		return err_set(e, ERR_USAGE, "option '--%s' takes no value", g->opt->name);
	return 0;
}

/* First pass: which command? Options of commands need not be understood yet. */
static const struct cmd *find_command(int argc, char **argv, int *where, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		struct given g;

		if (w[0] != '-' || !w[1]) {
			const struct cmd *c = cmd_find(w);

			*where = i;
			if (!c)
				cmd_unknown(w, e);
			return c;
		}
		if (strcmp(w, "--") == 0)
			break;
		w += w[1] != '-';
		do {
			if (take_apart(w, NULL, &g, e))
				return NULL;
			w = g.more;
		} while (w);
		if (g.opt->arg && !g.arg)
			i++;
	}
	*where = 0;
	return NULL;
}

static int make_own(struct app *a, const struct cmd *cmd, struct err *e)
{
	if (!cmd->own_size)
		return 0;
	a->own = calloc(1, cmd->own_size);
	if (!a->own)
		return err_set(e, ERR_NO, "out of memory");
	if (cmd->defaults)
		cmd->defaults(a->own);
	return 0;
}

void cmd_release(struct app *a)
{
	free(a->own);
	a->own = NULL;
	preset_release(a);
}

/* A format that is for readings alone is refused by commands that print none. */
static int complain_format(const struct app *a, const struct cmd *cmd, struct err *e)
{
	char list[80] = "";
	size_t at = 0;

	if (a->help || cmd->readings || !format_of_readings(a->format))
		return 0;
	for (size_t i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->readings)
			text_append(list, sizeof(list), &at, "%s%s", at ? ", " : "", cmd_table[i]->name);
	return err_set(e, ERR_USAGE, "format %s is for readings: %s", a->format->name, list);
}

/* What stands on a command line, in its order. */
struct table_line {
	struct given *given;
	const struct opt **opts;	/* of those */
	size_t n;
};

/* Sorts ARGV into L and words. WHERE: the command's own. */
static int table_sort(struct table_line *l, int *argc, char **argv, int where, const struct cmd *cmd, struct err *e)
{
	bool cmdline_only = false;
	int n = 0;

	for (int i = 1; i < *argc; i++) {
		const char *w = argv[i];
		struct given *g;

		if (i == where && !cmdline_only)
			continue;
		if (cmdline_only || w[0] != '-' || !w[1]) {
			argv[n++] = argv[i];
			continue;
		}
		if (strcmp(w, "--") == 0) {
			cmdline_only = true;
			continue;
		}
		w += w[1] != '-';
		do {
			g = &l->given[l->n];
			if (take_apart(w, cmd, g, e))
				return -1;
			if (g->opt->arg && !g->arg) {
				if (i + 1 == *argc)
					return err_set(e, ERR_USAGE, "option '%s' needs a value: %s",
						       argv[i], g->opt->arg);
				g->arg = argv[++i];
			}
			l->opts[l->n++] = g->opt;
			w = g->more;
		} while (w);
	}
	*argc = n;
	return 0;
}

static int table_take(struct app *a, const struct table_line *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct given *g = &l->given[i];

		if (a->ngiven < APP_GIVEN)
			a->given[a->ngiven++] = g->opt;
		if (opt_take(g->opt, g->owner ? a->own : a, g->arg, e))
			return -1;
		if (!g->owner)
			a->origin[g->opt - app_options] = (struct app_origin){ FROM_OPTION, 0, g->arg };
	}
	return 0;
}

/* Fills A with what L gives and, where that says nothing, with what stands elsewhere. */
static int table_fill(struct app *a, const struct cmd *cmd, const struct table_line *l, struct err *e)
{
	const struct opt *connect = opt_letter(app_options, napp_options, 'c');
	const char *target = NULL;
	struct err unset = { 0 };

	for (size_t i = 0; i < l->n; i++)
		if (l->opts[i] == connect)
			target = l->given[i].arg;
	preset_take(a, cmd, l->opts, l->n, target, &unset);
	a->unset = unset;
	if (table_take(a, l, e))
		return -1;
	a->settled = true;
	if (unset.code == ERR_NONE || a->help || a->version || (cmd && cmd->regardless))
		return 0;
	*e = unset;
	return -1;
}

/* A format for readings alone is refused by commands that print none, when it is given with
 * one: else it is not meant for them. */
static int table_format(struct app *a, const struct cmd *cmd, struct err *e)
{
	const struct opt *format = opt_letter(app_options, napp_options, 'f');
	bool given = a->origin[format - app_options].from == FROM_OPTION;

	if (cmd->plain && given && !format_of_readings(a->format) && a->format != format_default() && !a->help && !a->version)
		return err_set(e, ERR_USAGE, "'%s' prints text only (leave -f %s out)", cmd->name, a->format->name);
	if (cmd->readings || !format_of_readings(a->format))
		return 0;
	if (given)
		return complain_format(a, cmd, e);
	a->format = format_default();
	return 0;
}

/* The format of -f, which a mistake elsewhere on the line is to be told in. */
static void table_foresee_format(struct app *a, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *w = argv[i], *name = NULL;
		const struct format *f;

		if (strcmp(w, "-f") == 0 || strcmp(w, "--format") == 0)
			name = i + 1 < argc ? argv[++i] : NULL;
		else if (strncmp(w, "--format=", 9) == 0)
			name = w + 9;
		else if (strncmp(w, "-f", 2) == 0)
			name = w + 2;
		f = name ? format_find(name, NULL) : NULL;
		a->format = f ? f : a->format;
	}
}

int cmd_parse(struct app *a, int *argc, char **argv, const struct cmd **cmd,
	      struct err *e)
{
	struct table_line l = { .n = 0 };
	size_t most = 1;
	int where = -1, rc = -1;

	a->own = NULL;
	a->file = NULL;
	a->ngiven = 0;
	a->documented = false;
	table_foresee_format(a, *argc, argv);
	*cmd = find_command(*argc, argv, &where, e);
	if (!*cmd && where != 0)
		return -1;
	for (int i = 1; i < *argc; i++)
		most += strlen(argv[i]);
	l.given = calloc(most, sizeof(*l.given));
	l.opts = calloc(most, sizeof(*l.opts));
	if (!l.given || !l.opts)
		err_set(e, ERR_NO, "out of memory");
	else if ((!*cmd || make_own(a, *cmd, e) == 0) && table_sort(&l, argc, argv, where, *cmd, e) == 0)
		rc = table_fill(a, *cmd, &l, e);
	free(l.given);
	free(l.opts);
	return rc == 0 && *cmd ? table_format(a, *cmd, e) : rc;
}

static int cmd_complain(const struct app *a, const struct err *e)
{
	failure_print(a, e);
	app_complain(a, e);
	return (int)e->code;
}

int cmd_finish(const struct app *a, int rc, const struct err *e)
{
	int status = rc ? cmd_complain(a, e) : 0;
	bool lost = fflush(a->out) != 0 || ferror(a->out);
	int why = errno;

	if (!lost)
		return status;
	/* whoever met it first has said so in E */
	if (status != ERR_NO)
		fprintf(a->err, "meterctl: cannot write output: %s\n", strerror(why));
	return status ? status : ERR_NO;
}

int cmd_run(struct app *a, int (*run)(struct app *a, int argc, char **argv, struct err *e),
	    int argc, char **argv, struct err *e)
{
	struct err lost = { 0 };
	int status;

	if (app_open_trace(a, e))
		return cmd_complain(a, e);
	status = cmd_finish(a, run(a, argc, argv, e), e);
	if (app_close_trace(a, &lost)) {
		cmd_complain(a, &lost);
		status = status ? status : ERR_NO;
	}
	return status;
}

static void list_options(const struct opt *table, size_t n, FILE *f)
{
	char line[160];

	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\n", opt_line(&table[i], line, sizeof(line)));
}

#define HELP_COLUMNS 78

/* WORDS, in lines. */
static void list_words(const char *title, const char *words, FILE *f)
{
	size_t column = HELP_COLUMNS;

	fprintf(f, "\n%s:", title);
	for (const char *w = words; *w; ) {
		size_t n = strcspn(w, " ");

		if (column + 1 + n > HELP_COLUMNS) {
			fprintf(f, "\n ");
			column = 1;
		}
		fprintf(f, " %.*s", (int)n, w);
		column += 1 + n;
		w += n + (w[n] == ' ');
	}
	fputc('\n', f);
}

void cmd_print_help(const struct cmd *c, FILE *f)
{
	char forms[TARGET_FORMS];

	if (c) {
		fprintf(f, "usage: meterctl [OPTIONS] %s%s%s\n%s\n", c->name,
			*c->args ? " " : "", c->args, c->help ? c->help : "");
		if (c->nopts)
			fprintf(f, "\noptions:\n");
		list_options(c->opts, c->nopts, f);
		if (c->words)
			list_words(c->words_title, c->words, f);
		fprintf(f, "\noptions everywhere: see 'meterctl --help'; manual: man meterctl\n");
		return;
	}
	fprintf(f, "usage: meterctl [OPTIONS] [COMMAND] [ARGS]\n"
		"commission and read electricity meters over RS485 (Modbus RTU), TCP and MQTT\n\n"
		"commands:\n");
	for (size_t i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->help)
			fprintf(f, "  %-10s %s\n", cmd_table[i]->name, cmd_table[i]->help);
	fprintf(f, "\noptions, before or after the command:\n");
	list_options(app_options, napp_options, f);
	fprintf(f, "\nTARGET: %s,\nor a name from the configuration file; "
		"parts follow a '?': rtu:/dev/ttyUSB0?baud=9600&unit=1. More: man meterctl\n",
		target_forms(forms, sizeof(forms)));
}
