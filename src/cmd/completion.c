/*
 * completion.c - `meterctl completion`: the scripts that complete the command
 * line in bash, zsh and fish, made from the tables of commands and options, and
 * the words those scripts ask for while a person types.
 */
#include "completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/config.h"
#include "target/ports.h"
#include "target/target.h"

/* ---- what the scripts are made from ------------------------------------ */

void completion_print(FILE *out, const char *text, const struct filler *fillers)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const struct filler *f = fillers;

		while (f->name && !(*text == '%' && strlen(f->name) == len - 1
				    && strncmp(text + 1, f->name, len - 1) == 0))
			f++;
		if (f->name)
			f->print(out);
		else
			fprintf(out, "%.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void completion_each(FILE *out, void (*each)(FILE *out, const struct cmd *c, const struct opt *o))
{
	for (size_t i = 0; i < napp_options; i++)
		each(out, NULL, &app_options[i]);
	for (size_t i = 0; cmd_table[i]; i++)
		for (size_t j = 0; j < cmd_table[i]->nopts; j++)
			each(out, cmd_table[i], &cmd_table[i]->opts[j]);
}

void completion_quote(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fprintf(out, *text == '\'' ? "'\\''" : "%c", *text);
	fputc('\'', out);
}

void completion_names(FILE *out, const struct opt *o, const char *between)
{
	if (o->letter)
		fprintf(out, "-%c%s", o->letter, o->name ? between : "");
	if (o->name)
		fprintf(out, "--%s", o->name);
}

const char *completion_at(const char **at, size_t *n)
{
	const char *name = *at ? strchr(*at, '@') : NULL;

	if (!name)
		return NULL;
	*n = strcspn(++name, " ");
	*at = name + *n;
	return name;
}

size_t completion_plain(const char *column)
{
	size_t n = column ? strcspn(column, "@") : 0;

	while (n > 0 && column[n - 1] == ' ')
		n--;
	return n;
}

/* ---- words a shell asks for --------------------------------------------- */

static int list_keys(struct app *a, struct err *e)
{
	const struct profile *p = profile_open(a->profile, e);

	if (!p)
		return -1;
	for (size_t i = 0; i < p->ngroups; i++)
		fprintf(a->out, "%s\n", p->groups[i].name);
	for (size_t i = 0; i < p->npoints; i++) {
		/* a group of one point may bear its name */
		if (!(p->points[i].flags & POINT_REPEAT) && !profile_group(p, p->points[i].key))
			fprintf(a->out, "%s\n", p->points[i].key);
	}
	profile_free(p);
	return 0;
}

/* Keys to be followed by a value: only those that can be written, or all. */
static int list_values(struct app *a, bool writable, struct err *e)
{
	const struct profile *p = profile_open(a->profile, e);

	if (!p)
		return -1;
	for (size_t i = 0; i < p->npoints; i++) {
		unsigned flags = p->points[i].flags;

		if (!(flags & POINT_REPEAT)
		    && (!writable || (flags & POINT_WRITABLE && !(flags & (POINT_RESERVED | POINT_PART)))))
			fprintf(a->out, "%s=\n", p->points[i].key);
	}
	profile_free(p);
	return 0;
}

static int list_settings(struct app *a, struct err *e)
{
	return list_values(a, true, e);
}

static int list_ranges(struct app *a, struct err *e)
{
	return list_values(a, false, e);
}

static int list_commands(struct app *a, struct err *e)
{
	(void)e;
	for (size_t i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->help)
			fprintf(a->out, "%s\n", cmd_table[i]->name);
	return 0;
}

static int completion_list_targets(struct app *a, struct err *e)
{
	struct config c;
	struct found_port *ports = NULL;
	struct err wrong;
	size_t n = 0;
	int rc;

	/* what is wrong there is said to who uses it */
	config_load(&c, &wrong);
	for (size_t i = 0; i < c.nconnections; i++)
		fprintf(a->out, "%s\n", c.connections[i].name);
	config_release(&c);
	rc = ports_list(&ports, &n, e);
	for (size_t i = 0; i < n; i++)
		fprintf(a->out, "rtu:%s\n", ports[i].path);
	free(ports);
	for (size_t i = 0; target_scheme(i); i++)
		fprintf(a->out, "%s\n", target_scheme(i));
	return rc;
}

static void completion_list_own(const char *name, void *out)
{
	fprintf(out, "%s\n", name);
}

static int list_profiles(struct app *a, struct err *e)
{
	const struct profile *p;

	(void)e;
	for (size_t i = 0; (p = profile_builtin(i)); i++)
		if (!profile_is_own(p->name))
			fprintf(a->out, "%s\n", p->name);
	profile_each_own(completion_list_own, a->out);
	fprintf(a->out, "auto\n");
	return 0;
}

static const struct {
	const char *name;
	int (*print)(struct app *a, struct err *e);
} lists[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
	{ "keys", list_keys },
	{ "settings", list_settings },
	{ "ranges", list_ranges },
	{ "commands", list_commands },
	{ "targets", completion_list_targets },
	{ "profiles", list_profiles },
};

static int completion_run(struct app *a, int argc, char **argv, struct err *e)
{
	if (cmd_words(&cmd_completion, argc, 1, 1, e))
		return -1;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strcmp(lists[i].name, argv[0]) == 0)
			return lists[i].print(a, e);
	return err_set(e, ERR_USAGE, "unknown completion '%s' (one of: bash, zsh, fish, keys, settings, ranges, "
		       "commands, targets, profiles)", argv[0]);
}

const struct cmd cmd_completion = {
	.name = "completion",
	.args = "bash|zsh|fish|keys|settings|ranges|commands|targets|profiles",
	.shell_only = true,
	.regardless = true,
	.run = completion_run,
	.plain = true,
};
