/*
 * completion_bash.c - the completion script of bash.
 */
#include <stdio.h>

#include "completion.h"

static void value(FILE *out, const struct cmd *c, const struct opt *o)
{
	(void)c;
	if (!o->arg)
		return;
	fprintf(out, "\t");
	completion_names(out, o, " | ");
	fprintf(out, ") offer=(%s) ;;\n", o->values ? o->values : "");
}

static void completion_bash_values(FILE *out)
{
	completion_each(out, value);
}

static void names(FILE *out, const struct opt *opts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			fputc(' ', out);
		completion_names(out, &opts[i], " ");
	}
}

static void completion_bash_options(FILE *out)
{
	fprintf(out, "\toptions=(");
	names(out, app_options, napp_options);
	fprintf(out, ")\n");
}

static void completion_bash_commands(FILE *out)
{
	fprintf(out, "\t'') offer=(");
	for (size_t i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->help)
			fprintf(out, "%s%s", i ? " " : "", cmd_table[i]->name);
	fprintf(out, ") ;;\n");
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];

		if (!c->help)
			continue;
		fprintf(out, "\t%s) offer=(%s) options+=(", c->name, c->complete ? c->complete : "");
		names(out, c->opts, c->nopts);
		fprintf(out, ") ;;\n");
	}
}

static const char script[] =
"# bash completion for meterctl; made by `meterctl completion bash`.\n"
"# shellcheck shell=bash disable=SC2034,SC2221,SC2222\n"
"\n"
"# The values of option $1, in $offer; fails when it takes none.\n"
"_meterctl_value() {\n"
"\tcase $1 in\n"
"%values\n"
"\t*) return 1 ;;\n"
"\tesac\n"
"}\n"
"\n"
"# The words and options of command $1 ('': none yet), in $offer and $options.\n"
"_meterctl_command() {\n"
"%options\n"
"\tcase $1 in\n"
"%commands\n"
"\tesac\n"
"}\n"
"\n"
"# One candidate a line, for the words in $offer. Plain words are a command's\n"
"# first argument only.\n"
"_meterctl_candidates() {\n"
"\tlocal word\n"
"\n"
"\tfor word in \"${offer[@]}\"; do\n"
"\t\tcase $word in\n"
"\t\t@file) compgen -f -- \"$cur\" ;;\n"
"\t\t@key | @setting | @range) \"${words[0]}\" ${profile:+-p \"$profile\"} completion \"${word#@}s\" ;;\n"
"\t\t@command) \"${words[0]}\" completion commands ;;\n"
"\t\t@target) \"${words[0]}\" completion targets ;;\n"
"\t\t@profile) \"${words[0]}\" completion profiles\n"
"\t\t\tcompgen -f -X '!*.yaml' -- \"$cur\" ;;\n"
"\t\t@*) ;;\n"
"\t\t*) ((nargs == 0)) && printf '%s\\n' \"$word\" ;;\n"
"\t\tesac\n"
"\tdone 2>/dev/null\n"
"}\n"
"\n"
"_meterctl() {\n"
"\tlocal line=${COMP_LINE:0:COMP_POINT} cur last command='' profile='' word head i nargs=0\n"
"\tlocal -a words=() offer=() options=()\n"
"\n"
"\t# split at blanks: bash itself also splits a target at its colons\n"
"\tread -ra words <<<\"$line\"\n"
"\t[[ $line == *[[:blank:]] ]] && words+=('')\n"
"\tcur=${words[-1]} last=${words[-2]-}\n"
"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
"\t\tword=${words[i]}\n"
"\t\tcase $word in\n"
"\t\t-p | --profile) profile=${words[i + 1]} ;;\n"
"\t\t--profile=*) profile=${word#*=} ;;\n"
"\t\tesac\n"
"\t\tif [[ $word == -* ]]; then\n"
"\t\t\t_meterctl_value \"$word\" && ((i++))\n"
"\t\telif [[ -z $command ]]; then\n"
"\t\t\tcommand=$word\n"
"\t\telse\n"
"\t\t\t((nargs++))\n"
"\t\tfi\n"
"\tdone\n"
"\tif [[ $cur == --*=* ]] && _meterctl_value \"${cur%%=*}\"; then\n"
"\t\tcur=${cur#*=} nargs=0\n"
"\telif [[ $last == -* ]] && _meterctl_value \"$last\"; then\n"
"\t\tnargs=0\n"
"\telse\n"
"\t\t_meterctl_command \"$command\"\n"
"\t\t[[ $cur == -* ]] && offer=(\"${options[@]}\") nargs=0\n"
"\tfi\n"
"\t# bash replaces only what follows the last of its own word breaks\n"
"\thead=\n"
"\t[[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && head=${cur%\"${cur##*:}\"}\n"
"\tCOMPREPLY=()\n"
"\twhile IFS= read -r word; do\n"
"\t\t[[ $word == \"$cur\"* ]] && COMPREPLY+=(\"${word#\"$head\"}\")\n"
"\tdone < <(_meterctl_candidates)\n"
"\t[[ ${COMPREPLY[*]} == *[:=] ]] && compopt -o nospace 2>/dev/null\n"
"\t[[ ${offer[*]} == @file ]] && compopt -o filenames 2>/dev/null\n"
"\treturn 0\n"
"}\n"
"\n"
"complete -F _meterctl meterctl\n";

int completion_bash(struct app *a, struct err *e)
{
	static const struct filler fillers[] = {
		{ "values", completion_bash_values },
		{ "options", completion_bash_options },
		{ "commands", completion_bash_commands },
		{ NULL, NULL },
	};

	(void)e;
	completion_print(a->out, script, fillers);
	return 0;
}
