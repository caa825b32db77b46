#include "shell_meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/open.h"
#include "target/secret.h"
#include "preset.h"

static bool shell_meter_same(const struct target *a, const struct target *b)
{
	char one[TARGET_TEXT], other[TARGET_TEXT];

	return strcmp(target_format(a, 0, one, sizeof(one)), target_format(b, 0, other, sizeof(other))) == 0;
}

static void shell_meter_hang_up(struct shell_meter *m)
{
	link_close(m->link);
	m->link = NULL;
}

static void shell_meter_forget(struct shell_meter *m)
{
	shell_meter_hang_up(m);
	m->connect[0] = '\0';
}

void shell_meter_release(struct shell_meter *m)
{
	shell_meter_forget(m);
	profile_free(m->profile);
	free(m->profile_name);
	*m = (struct shell_meter){ 0 };
}

/* With the profile of that name. */
static int shell_meter_profile(struct shell_meter *m, const char *name, struct err *e)
{
	/* the commands find out, each on the link that it is lent */
	bool later = profile_is_auto(name);
	const struct profile *p = later ? NULL : profile_open(name, e);
	char *copy = p || later ? strdup(name) : NULL;

	if (!p && !later)
		return -1;
	if (!copy) {
		profile_free(p);
		return err_set(e, ERR_NO, "out of memory");
	}
	profile_free(m->profile);
	free(m->profile_name);
	m->profile = p;
	m->profile_name = copy;
	return 0;
}

int shell_meter_init(struct shell_meter *m, struct app *a, struct err *e)
{
	*m = (struct shell_meter){ .app = a };
	if (shell_meter_profile(m, a->profile, e))
		return -1;
	if (!a->connect)
		return 0;
	if (target_parse(a->connect, &m->target, e))
		return -1;
	snprintf(m->connect, sizeof(m->connect), "%s", a->connect);
	return 0;
}

int shell_meter_connect(struct shell_meter *m, struct app *line, const char *target, struct err *e)
{
	size_t p = (size_t)(opt_letter(app_options, napp_options, 'p') - app_options);
	bool given = line->origin[p].from == FROM_OPTION;

	shell_meter_forget(m);
	if (!target)
		return 0;
	if (strlen(target) >= sizeof(m->connect))
		return err_set(e, ERR_USAGE, "the target is too long");
	snprintf(m->connect, sizeof(m->connect), "%s", target);
	if (preset_connect(m->app, m->connect, e) == 0 && target_parse(target, &m->target, e) == 0
	    && shell_meter_profile(m, given ? line->profile : m->app->profile, e) == 0) {
		line->connect = m->connect;
		line->profile = m->app->profile = m->profile_name;
		m->app->origin[p] = given ? line->origin[p] : m->app->origin[p];
		m->app->origin[p].value = m->profile_name;
		return 0;
	}
	shell_meter_forget(m);
	return -1;
}

static bool shell_meter_keeps(const struct shell_meter *m)
{
	return *m->connect && target_is_meter(&m->target) && !target_pushes(&m->target);
}

static int shell_meter_open(struct shell_meter *m, struct err *e)
{
	struct link_opts o = app_link_opts(m->app);
	char *password = NULL;

	if (m->link)
		return 0;
	if (app_password(m->app, &m->target, &password, e))
		return -1;
	o.password = password;
	o.profile = m->profile;
	o.hurried = !m->app->asks;	/* a script asks more at once */
	m->link = link_open(&m->target, &o, e);
	secret_free(password);
	return m->link ? 0 : -1;
}

void shell_meter_let_go(struct shell_meter *m)
{
	if (target_is_serial(&m->target))
		shell_meter_hang_up(m);
}

/* Is the link what a command with the options of LINE would open? */
static bool shell_meter_suits(const struct shell_meter *m, const struct app *line, const struct target *t)
{
	return shell_meter_keeps(m) && shell_meter_same(&m->target, t)
	       && line->insecure == m->app->insecure && line->plain_password == m->app->plain_password
	       /* another profile simulates another meter */
	       && (!target_is_simulated(t) || strcmp(line->profile, m->profile_name) == 0);
}

int shell_meter_borrow(struct shell_meter *m, const struct app *line, const struct target *t,
		       struct link **link, struct err *e)
{
	const struct link_opts o = app_link_opts(line);

	if (!shell_meter_suits(m, line, t)) {
		/* it may be another meter on the same port, which only one can have open */
		if (target_is_serial(t))
			shell_meter_let_go(m);
		return 0;
	}
	if (shell_meter_open(m, e))
		return -1;
	link_tune(m->link, &o);
	m->used = true;
	*link = m->link;
	return 1;
}

void shell_meter_give_back(struct shell_meter *m)
{
	struct target named;

	link_tune(m->link, NULL);
	if (shell_meter_same(&m->target, &m->link->target))
		return;
	/* the command has given it another address; a saved connection has followed */
	m->target = m->link->target;
	if (target_parse(m->connect, &named, NULL) || !shell_meter_same(&named, &m->target))
		target_format(&m->target, 0, m->connect, sizeof(m->connect));
}

void shell_meter_over(struct shell_meter *m, int status)
{
	bool lost = status == ERR_SILENT || status == ERR_FOREIGN || status == ERR_UNVERIFIED;

	/* a simulated meter is gone with its link */
	if (m->used && lost && !target_is_simulated(&m->target))
		shell_meter_hang_up(m);
	m->used = false;
}
