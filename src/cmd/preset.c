#include "preset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"
#include "sim/scenario.h"

void preset_release(struct app *a)
{
	struct preset_file *older;

	for (; a->file; a->file = older) {
		older = a->file->older;
		config_release(&a->file->config);
		free(a->file);
	}
}

const char *preset_variable(const struct opt *o, char buf[PRESET_VARIABLE])
{
	snprintf(buf, PRESET_VARIABLE, "METERCTL_%s", o->name);
	for (char *c = buf; *c; c++)
		*c = *c == '-' ? '_' : ascii_upper(*c);
	return buf;
}

/* "" is as good as not set. */
static const char *preset_environment(const struct opt *o)
{
	char name[PRESET_VARIABLE];
	const char *value = o->name ? getenv(preset_variable(o, name)) : NULL;

	return value && *value ? value : NULL;
}

/* ---- is it right? ------------------------------------------------------------------ */

/* O is a row of app_options. */
static bool preset_is_connect(const struct opt *o)
{
	return o->at == offsetof(struct app, connect);
}

/* Fills a context that nobody looks at. */
static int preset_try(const struct opt *o, const struct cmd *cmd, const char *value, struct err *e)
{
	size_t size = cmd ? cmd->own_size : sizeof(struct app);
	void *context = calloc(1, size);
	int rc;

	if (!context)
		return err_set(e, ERR_NO, "out of memory");
	if (cmd && cmd->defaults)
		cmd->defaults(context);
	rc = opt_set(o, context, value, e);
	free(context);
	return rc;
}

static const struct cmd *preset_owner(const char *name, const struct opt **o)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		*o = opt_named(cmd_table[i]->opts, cmd_table[i]->nopts, name, strlen(name));
		if (*o)
			return cmd_table[i];
	}
	return NULL;
}

static const char *preset_nearest(const struct opt *table, size_t n, const char *name)
{
	const char *names[64];
	size_t found = 0;

	for (size_t i = 0; i < n && found < sizeof(names) / sizeof(*names); i++)
		if (table[i].name && !table[i].by_hand)
			names[found++] = table[i].name;
	return text_nearest(name, names, found);
}

/* No row of TABLE can be set by NAME: why. OWNER is the command whose table it is, or NULL. */
static int preset_unknown(const struct opt *table, size_t n, const struct cmd *owner, const char *name, struct err *e)
{
	const char *near = preset_nearest(table, n, name);
	const struct opt *o = NULL;
	const struct cmd *other = preset_owner(name, &o);

	if (o && o->by_hand)
		return err_set(e, ERR_USAGE, "'%s' is not allowed here (give --%s with the command, each time)", name, name);
	if (other && !owner)
		return err_set(e, ERR_USAGE, "'%s' is an option of %s (write it below 'commands:', '%s:')", name, other->name,
			       other->name);
	if (near)
		return err_set(e, ERR_USAGE, "unknown option '%s' (did you mean '%s'?)", name, near);
	return err_set(e, ERR_USAGE, "unknown option '%s'%s%s (see 'meterctl %s%s--help')", name, owner ? " of " : "",
		       owner ? owner->name : "", owner ? owner->name : "", owner ? " " : "");
}

/* The row that S sets, with its command (NULL: it is one of the options everywhere); NULL and E. */
static const struct opt *preset_row(const struct config_setting *s, const struct cmd **cmd, struct err *e)
{
	const struct opt *table = app_options, *o;
	size_t n = napp_options;

	*cmd = s->part == CONFIG_COMMANDS ? cmd_find(s->of) : NULL;
	if (s->part == CONFIG_COMMANDS && !*cmd) {
		cmd_unknown(s->of, e);
		return NULL;
	}
	if (*cmd) {
		table = (*cmd)->opts;
		n = (*cmd)->nopts;
	}
	o = opt_named(table, n, s->name, strlen(s->name));
	if (o && o->by_hand)
		err_set(e, ERR_USAGE, "'%s' is not allowed here (give --%s with the command, each time)", s->name, s->name);
	else if (o && s->part == CONFIG_CONNECTIONS && preset_is_connect(o))
		err_set(e, ERR_USAGE, "a connection's 'target' says where it leads, not '%s'", s->name);
	else if (o)
		return o;
	else
		preset_unknown(table, n, *cmd, s->name, e);
	return NULL;
}

static bool preset_offers(const struct opt *o, const char *name)
{
	return o->values && strcmp(o->values, name) == 0;
}

/* What only the world can tell. */
static int preset_exists(const struct opt *o, const char *value, struct err *e)
{
	const struct profile *p;
	struct target t;

	if (preset_offers(o, "@target"))
		return target_parse(value, &t, e);
	if (!preset_offers(o, "@profile") || profile_is_auto(value))
		return 0;
	p = profile_open(value, e);
	profile_free(p);
	return p ? 0 : -1;
}

/* M says what is wrong with S. False: nothing is. */
static bool preset_wrong(const struct config_setting *s, bool whole, struct config_mistake *m)
{
	const struct cmd *cmd;
	struct err why = { 0 };
	const struct opt *o = preset_row(s, &cmd, &why);

	*m = (struct config_mistake){ .part = s->part, .of = s->of, .at = o ? s->value_at : s->name_at };
	if (o && preset_try(o, cmd, s->value, &why) == 0 && whole)
		preset_exists(o, s->value, &why);
	snprintf(m->text, sizeof(m->text), "%s", why.text);
	return why.code != ERR_NONE;
}

static int preset_by_line(const void *a, const void *b)
{
	const struct config_place *l = &((const struct config_mistake *)a)->at, *r = &((const struct config_mistake *)b)->at;

	return l->line != r->line ? (l->line < r->line ? -1 : 1) : l->column < r->column ? -1 : l->column > r->column;
}

static int preset_target_exists(const char *text, struct err *e)
{
	struct scenario sc;
	struct target t;

	if (config_is_name(text))
		return err_set(e, ERR_USAGE, "'%s' is not a target (one connection cannot name another)", text);
	if (target_parse(text, &t, e))
		return -1;
	return target_is_simulated(&t) ? scenario_parse(t.scenario, &sc, e) : 0;
}

static int preset_check_targets(struct config *c, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < c->nconnections && !rc; i++) {
		const struct config_connection *n = &c->connections[i];
		struct config_mistake m = { .part = CONFIG_CONNECTIONS, .of = n->name, .at = n->at };
		struct err why = { 0 };

		if (preset_target_exists(n->target, &why) == 0)
			continue;
		memcpy(m.text, why.text, sizeof(m.text));
		rc = config_mistake_add(c, &m, e);
	}
	return rc;
}

int preset_check(struct config *c, bool whole, struct err *e)
{
	struct config_mistake m;
	int rc = 0;

	for (size_t i = 0; i < c->nsettings && !rc; i++)
		if (preset_wrong(&c->settings[i], whole, &m))
			rc = config_mistake_add(c, &m, e);
	if (!rc && whole)
		rc = preset_check_targets(c, e);
	if (c->nmistakes)
		qsort(c->mistakes, c->nmistakes, sizeof(*c->mistakes), preset_by_line);
	return rc;
}

/* Row AT of all tables, those of commands behind the options everywhere; NULL: no more. */
static const struct opt *preset_nth(size_t at, const struct cmd **owner)
{
	*owner = NULL;
	if (at < napp_options)
		return &app_options[at];
	at -= napp_options;
	for (size_t i = 0; cmd_table[i]; at -= cmd_table[i++]->nopts)
		if (at < cmd_table[i]->nopts) {
			*owner = cmd_table[i];
			return &cmd_table[i]->opts[at];
		}
	return NULL;
}

/* Of a name that several commands have, the first is complained of. */
static bool preset_is_first(const struct opt *o, const struct cmd *owner)
{
	const struct opt *first;

	return !owner || (preset_owner(o->name, &first) == owner && first == o);
}

int preset_check_environment(size_t *at, struct err *e)
{
	char name[PRESET_VARIABLE];
	const struct cmd *owner;
	const struct opt *o;
	const char *value;

	while ((o = preset_nth((*at)++, &owner)) != NULL) {
		value = o->by_hand || !owner ? preset_environment(o) : NULL;
		if (!value || !preset_is_first(o, owner))
			continue;
		preset_variable(o, name);
		if (o->by_hand)
			return err_set(e, ERR_USAGE, "%s is not allowed (give --%s with the command, each time)", name, o->name);
		if (preset_try(o, NULL, value, e))
			return err_prefix(e, "%s", name);
	}
	--*at;
	return 0;
}

/* ---- taking it ------------------------------------------------------------------------ */

/* What is to be filled. */
struct preset {
	struct app *a;
	const struct cmd *cmd;
	const struct opt *const *given;
	size_t ngiven;
	const struct config *config;
	const char *connection;		/* the saved connection in use; NULL: none */
	bool all;			/* environment and defaults, too */
};

static bool preset_given(const struct preset *p, const struct opt *o)
{
	for (size_t i = 0; i < p->ngiven; i++)
		if (p->given[i] == o)
			return true;
	return false;
}

static const struct config_setting *preset_setting(const struct preset *p, enum config_part part, const char *of,
						   const char *name)
{
	for (size_t i = 0; name && i < p->config->nsettings; i++) {
		const struct config_setting *s = &p->config->settings[i];

		if (s->part == part && strcmp(s->of, of) == 0 && strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

/* Is what PART says of OF to be taken? */
static bool preset_concerns(const struct preset *p, enum config_part part, const char *of)
{
	switch (part) {
	case CONFIG_FILE:
		return true;
	case CONFIG_DEFAULTS:
		return p->all;
	case CONFIG_COMMANDS:
		/* what is meant for a command that there is not may be meant for this one */
		return (p->cmd && strcmp(p->cmd->name, of) == 0) || (p->all && !cmd_find(of));
	case CONFIG_CONNECTIONS:
		/* a broken one may be the one that is meant */
		return p->connection && (!*of || strcmp(p->connection, of) == 0);
	}
	return false;
}

/* The first mistake that matters. */
static int preset_sound(const struct preset *p, struct err *e)
{
	const struct config *c = p->config;
	struct config_mistake m;

	for (size_t i = 0; i < c->nmistakes; i++)
		if (preset_concerns(p, c->mistakes[i].part, c->mistakes[i].of))
			return config_mistake_say(c, &c->mistakes[i], e);
	for (size_t i = 0; i < c->nsettings; i++)
		if (preset_concerns(p, c->settings[i].part, c->settings[i].of) && preset_wrong(&c->settings[i], false, &m))
			return config_mistake_say(c, &m, e);
	return 0;
}

static void preset_built_in(struct app *a, size_t i)
{
	const struct opt *o = &app_options[i];
	struct app plain;

	app_init(&plain);
	memcpy((char *)a + o->at, (char *)&plain + o->at, o->size);
	a->origin[i] = (struct app_origin){ .from = FROM_BUILT_IN };
}

/* Option I, which is not given, from the best that there is. It has been tried. */
static void preset_option(const struct preset *p, size_t i)
{
	const struct opt *o = &app_options[i];
	struct app_origin *at = &p->a->origin[i];
	const char *variable = p->all ? preset_environment(o) : NULL;
	const struct config_setting *s = NULL;

	if (variable) {
		*at = (struct app_origin){ FROM_ENVIRONMENT, 0, variable };
	} else if (at->from <= FROM_CONNECTION) {
		bool fell = p->all || at->from == FROM_CONNECTION;

		if (p->connection)
			s = preset_setting(p, CONFIG_CONNECTIONS, p->connection, o->name);
		if (!s && fell)
			s = preset_setting(p, CONFIG_DEFAULTS, "", o->name);
		if (!s && fell)
			preset_built_in(p->a, i);
		if (!s)
			return;
		*at = (struct app_origin){ s->part == CONFIG_DEFAULTS ? FROM_DEFAULT : FROM_CONNECTION, s->name_at.line, s->value };
	} else {
		return;
	}
	opt_set(o, p->a, at->value, NULL);
}

static void preset_options(const struct preset *p)
{
	for (size_t i = 0; i < napp_options; i++)
		if (!app_options[i].by_hand && !preset_given(p, &app_options[i])
		    && !(preset_is_connect(&app_options[i]) && !p->all))
			preset_option(p, i);
}

/* Those of the command count as given: a way of the screens that does not know them is not
 * taken (commands.c). */
static void preset_own(const struct preset *p)
{
	struct app *a = p->a;

	for (size_t i = 0; p->cmd && i < p->cmd->nopts; i++) {
		const struct opt *o = &p->cmd->opts[i];
		const struct config_setting *s = preset_setting(p, CONFIG_COMMANDS, p->cmd->name, o->name);

		if (!s || preset_given(p, o))
			continue;
		opt_set(o, a->own, s->value, NULL);
		if (a->ngiven < APP_GIVEN)
			a->given[a->ngiven++] = o;
	}
}

/* Reads the file for A; E only when memory has run out. */
static const struct config *preset_read(struct app *a, struct err *e)
{
	struct preset_file *f = calloc(1, sizeof(*f));
	struct err why = { 0 };

	if (!f) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	f->older = a->file;
	a->file = f;
	if (config_load(&f->config, &why) && why.code != ERR_USAGE) {
		*e = why;
		return NULL;
	}
	return &f->config;
}

static int preset_environment_sound(struct err *e)
{
	size_t at = 0;

	return preset_check_environment(&at, e);
}

/* The connection that will be in use: as given, or as environment and file have it. */
static const char *preset_connection(const struct preset *p, const char *given)
{
	const struct config_setting *s = NULL;
	const char *connect = given;

	for (size_t i = 0; !connect && p->all && i < napp_options; i++) {
		if (!preset_is_connect(&app_options[i]))
			continue;
		connect = preset_environment(&app_options[i]);
		s = connect ? NULL : preset_setting(p, CONFIG_DEFAULTS, "", app_options[i].name);
		if (s)
			connect = s->value;
	}
	return connect && config_is_name(connect) ? connect : NULL;
}

int preset_take(struct app *a, const struct cmd *cmd, const struct opt *const *given, size_t n,
		const char *connect, struct err *e)
{
	struct preset p = { .a = a, .cmd = cmd, .given = given, .ngiven = n, .all = !a->settled };

	if (p.all && preset_environment_sound(e))
		return -1;
	p.config = preset_read(a, e);
	if (!p.config)
		return -1;
	p.connection = preset_connection(&p, connect);
	if (preset_sound(&p, e))
		return -1;
	if (p.all || connect)
		preset_options(&p);
	preset_own(&p);
	return 0;
}

int preset_connect(struct app *a, const char *connect, struct err *e)
{
	struct preset p = { .a = a, .connection = config_is_name(connect) ? connect : NULL };

	p.config = preset_read(a, e);
	if (!p.config || preset_sound(&p, e))
		return -1;
	a->connect = connect;
	for (size_t i = 0; i < napp_options; i++)
		if (preset_is_connect(&app_options[i]))
			a->origin[i] = (struct app_origin){ FROM_OPTION, 0, connect };
	preset_options(&p);
	return 0;
}
