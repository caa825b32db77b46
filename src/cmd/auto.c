#include "auto.h"

#include <stdio.h>
#include <string.h>

#include "meter/open.h"
#include "meter/recognise.h"
#include "modbus/lines.h"
#include "profile/base.h"
#include "scan.h"
#include "target/secret.h"

static void auto_recall(const struct app *a, const struct target *t, struct lines_entry *known)
{
	char name[TARGET_TEXT];
	struct err ignored;

	*known = (struct lines_entry){ 0 };
	/* a file that cannot be read is said by the link */
	if (*a->lines_file)
		lines_load(a->lines_file, lines_name(t, name, sizeof(name)), known, &ignored);
}

static void auto_keep(const struct app *a, const struct target *t, const struct profile *p)
{
	char name[TARGET_TEXT];
	struct lines_entry known;
	struct err why;

	auto_recall(a, t, &known);
	if (!*a->lines_file || target_is_simulated(t) || strlen(p->name) >= sizeof(known.profile) || strcmp(known.profile, p->name) == 0)
		return;
	lines_today(known.date);
	snprintf(known.profile, sizeof(known.profile), "%s", p->name);
	if (lines_save(a->lines_file, lines_name(t, name, sizeof(name)), &known, &why))
		app_say(a, "%s (the meter will be identified again)", why.text);
}

/* What was seen, and which profiles a person may choose. */
static int auto_unidentified(struct link *l, const struct recognise *r, const char *reply, struct err *e)
{
	char likely[120];

	if (recognise_likely(l, r, likely, sizeof(likely), e))
		return -1;
	if (*likely)
		return err_set(e, ERR_FOREIGN, "cannot identify the meter: no profile's rules match (%s; choose with -p NAME; plausible readings with: %s)", reply,
			       likely);
	return err_set(e, ERR_FOREIGN, "cannot identify the meter: no profile's rules match (%s; choose with -p NAME, see 'profile list')", reply);
}

/* P with its registers from BASE on, if they are to be found. Takes over P. */
static const struct profile *auto_based(const struct profile *p, uint16_t base, struct err *e)
{
	const struct profile *made = base_is_sought(p) ? base_apply(p, base, e) : p;

	if (!made)
		profile_free(p);
	return made;
}

/* The one of LIST that L's meter matches, taken out of it. */
static const struct profile *auto_choose(const struct app *a, struct link *l, struct scan_profiles *list, struct err *e)
{
	struct recognise r = { .profiles = list->list, .nprofiles = list->n };
	char reply[RECOGNISE_REPLY];
	struct identified found;
	struct lines_entry known;
	int rc;

	auto_recall(a, &l->target, &known);
	r.known = known.profile;
	rc = recognise(l, &r, &found, reply, e);
	if (rc == 0)
		rc = auto_unidentified(l, &r, reply, e);
	if (rc < 0)
		return NULL;
	if (a->verbose)
		app_say(a, "identified as %s: profile %s", found.model, found.profile->name);
	auto_keep(a, &l->target, found.profile);
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i] == found.profile)
			list->list[i] = NULL;
	return auto_based(found.profile, found.base, e);
}

/* P, which is named, where L's meter has it. */
static const struct profile *auto_locate(struct link *l, const struct profile *p, struct err *e)
{
	struct profile plain = *p;
	const struct profile *only = &plain;
	const struct recognise r = { .profiles = &only, .nprofiles = 1, .known = "" };
	char reply[RECOGNISE_REPLY];
	struct identified found;
	int rc;

	plain.identify.n = 0;	/* whatever its rules say of the meter */
	rc = recognise(l, &r, &found, reply, e);
	if (rc > 0)
		return auto_based(p, found.base, e);
	if (rc == 0)
		err_set(e, ERR_FOREIGN, "cannot find the registers of profile '%s': no '%s' with such a model (%s)", p->name,
			p->base_find, reply);
	profile_free(p);
	return NULL;
}

static struct link *auto_open(const struct app *a, const struct target *t, struct err *e)
{
	struct link_opts o = app_link_opts(a);
	struct link *l;
	char *password;

	if (app_password(a, t, &password, e))
		return NULL;
	o.password = password;
	l = link_open(t, &o, e);
	secret_free(password);
	return l;
}

/* On the link of the host, or on one for this alone. NAMED: where is it? NULL: the one of LIST. */
static const struct profile *auto_ask(const struct app *a, const struct target *t, const struct profile *named,
				      struct scan_profiles *list, struct err *e)
{
	const struct profile *p;
	struct link *l = NULL;
	int lent = a->host ? a->host->borrow(a->host->arg, t, &l, e) : 0;

	if (lent < 0 || (lent == 0 && !(l = auto_open(a, t, e)))) {
		profile_free(named);
		return NULL;
	}
	app_cancel_on_signal(a, l->cancel_fd);
	p = named ? auto_locate(l, named, e) : auto_choose(a, l, list, e);
	app_cancel_on_signal(a, -1);
	if (lent)
		a->host->give_back(a->host->arg);
	else
		link_close(l);
	return p;
}

static int auto_target(const struct app *a, struct target *t, struct err *e)
{
	if (app_target(a, t, e))
		return -1;
	return target_is_meter(t) && !target_pushes(t) ? 0
		: err_set(e, ERR_USAGE, "'%s' cannot be identified: it uploads values (leave -p %s out, or use dialect=tunnel)", t->text,
			  a->profile);
}

static const struct profile *auto_profile(const struct app *a, struct err *e)
{
	struct scan_profiles list;
	const struct profile *p;
	struct target t;

	if (auto_target(a, &t, e) || scan_profiles_open(a, &list, e))
		return NULL;
	p = auto_ask(a, &t, NULL, &list, e);
	scan_profiles_close(&list);
	return p;
}

const struct profile *app_profile(const struct app *a, struct err *e)
{
	const struct profile *p = profile_is_auto(a->profile) ? auto_profile(a, e) : profile_open(a->profile, e);
	struct target t;

	if (!p || !base_is_sought(p))
		return p;
	if (auto_target(a, &t, e)) {
		profile_free(p);
		return NULL;
	}
	return auto_ask(a, &t, p, NULL, e);
}
