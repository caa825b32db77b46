/*
 * completion_fish.c - the completion script of fish.
 */
#include <stdio.h>
#include <string.h>

#include "completion.h"

/* A column as `complete` wants it: files, words, or calls for "@key" and so on. */
static void completion_fish_offer(FILE *out, const char *column)
{
	const char *name, *before = "(";
	size_t n;

	if (strcmp(column, "@file") == 0) {
		fprintf(out, " -F");
		return;
	}
	fprintf(out, " -a '");
	if (!strchr(column, '@'))
		fprintf(out, "%s", column);
	while ((name = completion_at(&column, &n))) {
		fprintf(out, "%s__meterctl %.*ss", before, (int)n, name);
		before = "; ";
	}
	fprintf(out, "%s'", *before == ';' ? ")" : "");
}

static void completion_fish_option(FILE *out, const struct cmd *c, const struct opt *o)
{
	fprintf(out, "complete -c meterctl");
	if (c)
		fprintf(out, " -n '__meterctl_is %s'", c->name);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	if (o->name)
		fprintf(out, " -l %s", o->name);
	if (o->arg) {
		fprintf(out, o->values && strcmp(o->values, "@file") == 0 ? " -r" : " -x");
		if (o->values)
			completion_fish_offer(out, o->values);
	}
	fprintf(out, " -d ");
	completion_quote(out, o->help);
	fputc('\n', out);
}

static void completion_fish_options(FILE *out)
{
	completion_each(out, completion_fish_option);
}

static void completion_fish_commands(FILE *out)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
		size_t plain = completion_plain(c->complete);

		if (!c->help)
			continue;
		fprintf(out, "complete -c meterctl -n '__meterctl_is' -a %s -d ", c->name);
		completion_quote(out, c->help);
		fputc('\n', out);
		if (plain)
			fprintf(out, "complete -c meterctl -n '__meterctl_is %s first' -a '%.*s'\n",
			       c->name, (int)plain, c->complete);
		if (c->complete && c->complete[plain]) {
			fprintf(out, "complete -c meterctl -n '__meterctl_is %s%s'", c->name, plain ? " more" : "");
			completion_fish_offer(out, c->complete + plain);
			fputc('\n', out);
		}
	}
}

static void value_name(FILE *out, const struct cmd *c, const struct opt *o)
{
	(void)c;
	if (!o->arg)
		return;
	fputc(' ', out);
	completion_names(out, o, " ");
}

static void with_value(FILE *out)
{
	fprintf(out, "\tset -l with_value");
	completion_each(out, value_name);
	fputc('\n', out);
}

static const char script[] =
"# fish completion for meterctl; made by `meterctl completion fish`.\n"
"\n"
"# The command line so far without options: the command and its words.\n"
"function __meterctl_plain\n"
"%with_value\n"
"\tset -l words (commandline -opc)\n"
"\tset -l i 2\n"
"\twhile test $i -le (count $words)\n"
"\t\tif contains -- $words[$i] $with_value\n"
"\t\t\tset i (math $i + 1)\n"
"\t\telse if not string match -q -- '-*' $words[$i]\n"
"\t\t\techo $words[$i]\n"
"\t\tend\n"
"\t\tset i (math $i + 1)\n"
"\tend\n"
"end\n"
"\n"
"# Is this the command, and the word to complete its first or a further one?\n"
"function __meterctl_is\n"
"\tset -l plain (__meterctl_plain)\n"
"\ttest \"$plain[1]\" = \"$argv[1]\"; or return\n"
"\tswitch \"$argv[2]\"\n"
"\t\tcase first\n"
"\t\t\ttest (count $plain) -eq 1\n"
"\t\tcase more\n"
"\t\t\ttest (count $plain) -gt 1\n"
"\tend\n"
"end\n"
"\n"
"# keys, targets or profiles, as the program lists them\n"
"function __meterctl\n"
"\tset -l words (commandline -opc)\n"
"\tset -l profile\n"
"\tfor i in (seq 2 (math (count $words) - 1))\n"
"\t\tcontains -- $words[$i] -p --profile; and set profile -p $words[(math $i + 1)]\n"
"\tend\n"
"\t$words[1] $profile completion $argv[1] 2>/dev/null\n"
"\ttest $argv[1] = profiles; and __fish_complete_suffix .yaml\n"
"end\n"
"\n"
"complete -c meterctl -f\n"
"%options\n"
"%commands\n";

int completion_fish(struct app *a, struct err *e)
{
	static const struct filler fillers[] = {
		{ "with_value", with_value },
		{ "options", completion_fish_options },
		{ "commands", completion_fish_commands },
		{ NULL, NULL },
	};

	(void)e;
	completion_print(a->out, script, fillers);
	return 0;
}
