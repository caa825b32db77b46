/*
 * connect.c - `meterctl connect`: opens a meter, says which replies, and with --save
 * a name for it in the configuration file.
 */
#include <stdio.h>
#include <string.h>

#include "meter/identity.h"
#include "output/output.h"
#include "output/printer.h"
#include "cmd.h"
#include "own.h"
#include "points.h"
#include "preset.h"
#include "target/config.h"

static const struct opt connect_opts[] = {
	OPT_TEXT(0, "save", "NAME", NULL, struct connect_own, save, "save the connection as NAME"),
};

enum { CONNECT_TARGET, CONNECT_PROFILE, CONNECT_ID, CONNECT_IDENTITY, CONNECT_SAVED, CONNECT_COLUMNS };
static const struct column connect_columns[CONNECT_COLUMNS] = {
	[CONNECT_TARGET] = { "target", .in = IN_ALL, .after = " answers" },
	[CONNECT_PROFILE] = { "profile", .in = IN_ALL, .before = ", read as " },
	[CONNECT_ID] = { "id", .in = IN_DATA },
	[CONNECT_IDENTITY] = { "identity", .in = IN_ALL, .before = ", " },
	[CONNECT_SAVED] = { "saved", .in = IN_ALL, .before = ", saved as " },
};
static const struct listing connect_list = {
	.schema = "meterctl.connect/1", .name = "meters", .columns = connect_columns, .ncolumns = CONNECT_COLUMNS,
};

/* PROFILE: as it is to be saved. */
static int connect_keep(const struct app *a, const struct target *t, const char *profile_name, const char *name, bool force, struct err *e)
{
	const struct opt *profile = opt_letter(app_options, napp_options, 'p');
	char text[TARGET_TEXT];
	struct config_new n = { .name = name, .target = target_format(t, 0, text, sizeof(text)), .replace = force };

	/* the default goes without saying, unless another profile stands there */
	if (force || a->origin[profile - app_options].from >= FROM_CONNECTION)
		n.profile = profile_name;
	return config_save(&n, e);
}

int connect_save(const struct app *a, const struct target *t, const char *name, bool force, struct err *e)
{
	return connect_keep(a, t, a->profile, name, force, e);
}

/* Reads the live page, and what tells the meter from others. */
static int connect_hear(struct app *a, struct points *p, struct meter *m, char identity[IDENTITY_TEXT], struct err *e)
{
	points_patience(a, m);
	*identity = '\0';
	if (meter_read(m, p->wire.idx, p->wire.n, NULL, NULL, e))
		return -1;
	points_keep_sent(m, p);
	for (size_t i = 0; i < p->shown.n; i++)
		if (m->readings[p->shown.idx[i]].quality == QUALITY_OK)
			return link_pushes(m->link) ? 0 : identity_read(m, identity, e);
	return points_verdict(a, m, p, e);
}

static int connect_print(const struct app *a, const struct meter *m, const char *identity, struct err *e)
{
	const struct connect_own *own = a->own;
	const char *id = output_meter_id(m);
	struct printer out = app_printer(a);
	char target[TARGET_TEXT];

	if (printer_begin(&out, &connect_list, json_object(), e))
		return -1;
	if (printer_row(&out, (struct cell[CONNECT_COLUMNS]){
			[CONNECT_TARGET] = cell_text(target_format(&m->link->target, 0, target, sizeof(target))),
			[CONNECT_PROFILE] = cell_text(m->profile->name), [CONNECT_ID] = cell_some(id ? id : ""),
			[CONNECT_IDENTITY] = cell_some(identity), [CONNECT_SAVED] = cell_some(own->save ? own->save : "") }, e)) {
		printer_drop(&out);
		return -1;
	}
	return printer_end(&out, json_object(), e);
}

/* Reads the meter at T, saves the connection, says what answers. */
static int connect_try(struct app *a, const struct target *t, struct err *e)
{
	const struct connect_own *own = a->own;
	char identity[IDENTITY_TEXT];
	struct points points;
	struct meter m;
	int rc;

	if (points_open(a, 0, NULL, &points, &m, e))
		return -1;
	rc = connect_hear(a, &points, &m, identity, e);
	if (rc == 0 && own->save)
		rc = connect_keep(a, t, profile_is_auto(a->profile) ? m.profile->name : a->profile, own->save, a->force, e);
	if (rc == 0)
		rc = connect_print(a, &m, identity, e);
	points_close(a, &points, &m);
	return rc;
}

/* In the shell the commands that follow are for this meter; when it cannot be had, for none.
 * What uploads by itself is not waited for. */
static int connect_shell(struct app *a, const char *target, struct err *e)
{
	const struct connect_own *own = a->own;
	const struct app_host *h = a->host;
	struct target t;

	if (preset_connect(a, target, e) == 0 && h->connect(h->arg, a, target, e) == 0 && app_target(a, &t, e) == 0) {
		if (target_is_meter(&t) && !target_pushes(&t) ? connect_try(a, &t, e) == 0
		    : !own->save || connect_save(a, &t, own->save, a->force, e) == 0)
			return 0;
	}
	h->connect(h->arg, a, NULL, NULL);
	return -1;
}

static int connect_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct target t;

	if (cmd_words(&cmd_connect, argc, 0, 1, e))
		return -1;
	if (argc && a->host && a->host->connect)
		return connect_shell(a, argv[0], e);
	if ((argc && preset_connect(a, argv[0], e)) || app_target(a, &t, e))
		return -1;
	return connect_try(a, &t, e);
}

const struct cmd cmd_connect = {
	.name = "connect",
	.args = "[TARGET]",
	.complete = "@target",
	.help = "open a meter and say which replies; --save NAME keeps the connection",
	.opts = connect_opts,
	.nopts = sizeof(connect_opts) / sizeof(*connect_opts),
	.own_size = sizeof(struct connect_own),
	.run = connect_run,
};
