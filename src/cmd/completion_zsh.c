/*
 * completion_zsh.c - the completion script of zsh.
 */
#include <stdio.h>
#include <string.h>

#include "completion.h"

/* What completes a value: "(words)", or "{_meterctl_key; _meterctl_profile}". */
static void action(FILE *out, const char *column)
{
	size_t n;
	const char *name = completion_at(&column, &n);

	if (!name) {
		fprintf(out, "(%s)", column ? column : "");
		return;
	}
	fputc('{', out);
	for (; name; name = completion_at(&column, &n))
		fprintf(out, "_meterctl_%.*s;", (int)n, name);
	fputc('}', out);
}

/* A specification for _arguments. */
static void completion_zsh_option(FILE *out, const struct opt *o)
{
	const char *value = o->arg ? o->name ? "=" : "+" : "";

	fprintf(out, "\t\t");
	if (o->letter && o->name)
		fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}", o->letter, o->name, o->letter, o->arg ? "+" : "", o->name, value);
	else
		completion_names(out, o, "");
	if (!o->letter || !o->name)
		fprintf(out, "%s", value);
	fprintf(out, "'[");
	for (const char *s = o->help; *s; s++)
		fprintf(out, *s == '\'' ? "'\\''" : strchr("[]:", *s) ? "\\%c" : "%c", *s);
	fprintf(out, "]");
	if (o->arg) {
		fprintf(out, ":%s:", o->arg);
		if (o->values)
			action(out, o->values);
	}
	fprintf(out, "'\n");
}

static void completion_zsh_options(FILE *out)
{
	for (size_t i = 0; i < napp_options; i++)
		completion_zsh_option(out, &app_options[i]);
}

static void completion_zsh_commands(FILE *out)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		char row[200];

		if (!cmd_table[i]->help)
			continue;
		snprintf(row, sizeof(row), "%s:%s", cmd_table[i]->name, cmd_table[i]->help);
		fprintf(out, "\t\t");
		completion_quote(out, row);
		fputc('\n', out);
	}
}

static void arguments(FILE *out)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
		size_t plain = completion_plain(c->complete);

		if (!c->help)
			continue;
		fprintf(out, "\t%s)\n", c->name);
		if (c->nopts)
			fprintf(out, "\t\toptions+=(\n");
		for (size_t j = 0; j < c->nopts; j++)
			completion_zsh_option(out, &c->opts[j]);
		if (c->nopts)
			fprintf(out, "\t\t)\n");
		if (plain)
			fprintf(out, "\t\trest+=('1:word:(%.*s)')\n", (int)plain, c->complete);
		if (c->complete && c->complete[plain]) {
			fprintf(out, "\t\trest+=('*:argument:");
			action(out, c->complete + plain);
			fprintf(out, "')\n");
		}
		fprintf(out, "\t\t;;\n");
	}
}

static const char script[] =
"#compdef meterctl\n"
"# zsh completion for meterctl; made by `meterctl completion zsh`.\n"
"\n"
"_meterctl_words() {\n"
"\tlocal -a list\n"
"\n"
"\tlist=(${(f)\"$(_call_program meterctl-$1 ${(q)meterctl_program} ${meterctl_profile:+-p ${(q)meterctl_profile}} completion $1 2>/dev/null)\"})\n"
"\tcompadd -S \"${2- }\" -a list\n"
"}\n"
"_meterctl_key() { _meterctl_words keys }\n"
"_meterctl_setting() { _meterctl_words settings '' }\n"
"_meterctl_range() { _meterctl_words ranges '' }\n"
"_meterctl_target() { _meterctl_words targets '' }\n"
"_meterctl_profile() { _meterctl_words profiles; _files -g '*.yaml' }\n"
"_meterctl_file() { _files }\n"
"\n"
"_meterctl_command() {\n"
"\tlocal -a commands\n"
"\n"
"\tcommands=(\n"
"%commands\n"
"\t)\n"
"\t_describe command commands\n"
"}\n"
"\n"
"_meterctl() {\n"
"\tlocal meterctl_program=$words[1] meterctl_profile i state state_descr line curcontext=$curcontext\n"
"\tlocal -a options rest\n"
"\tlocal -A opt_args\n"
"\n"
"\toptions=(\n"
"%options\n"
"\t)\n"
"\tfor ((i = 2; i < CURRENT; i++)); do\n"
"\t\tcase $words[i] in\n"
"\t\t(-p|--profile) meterctl_profile=$words[i+1] ;;\n"
"\t\t(--profile=*) meterctl_profile=${words[i]#*=} ;;\n"
"\t\tesac\n"
"\tdone\n"
"\t_arguments -C -s $options '1: :_meterctl_command' '*:: :->rest' && return\n"
"\t[[ $state == rest ]] || return 1\n"
"\tcase $line[1] in\n"
"%arguments\n"
"\tesac\n"
"\t_arguments -s $options $rest\n"
"}\n"
"\n"
"_meterctl \"$@\"\n";

int completion_zsh(struct app *a, struct err *e)
{
	static const struct filler fillers[] = {
		{ "options", completion_zsh_options },
		{ "commands", completion_zsh_commands },
		{ "arguments", arguments },
		{ NULL, NULL },
	};

	(void)e;
	completion_print(a->out, script, fillers);
	return 0;
}
