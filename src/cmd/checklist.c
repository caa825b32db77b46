/*
 * checklist.c - `meterctl checklist`: what of a meter's commissioning is done.
 */
#include "base/time.h"
#include "checklist/checklist.h"
#include "meter/samples.h"
#include "output/output.h"
#include "output/printer.h"
#include "check_opts.h"
#include "auto.h"
#include "cmd.h"
#include "keep.h"

struct checklist_own {
	const char *list, *settings;
	struct checklist_request request;
};

static const struct opt options[] = {
	OPT_TEXT(0, "list", "FILE", "@file", struct checklist_own, list,
		 "the items and their parameters (default: checklist.yaml beside the configuration, or all)"),
	OPT_TEXT(0, "settings", "FILE", "@file", struct checklist_own, settings,
		 "settings file of the site to compare with"),
	NAMEPLATE_ROWS(struct checklist_own, request),
	CHECK_ROWS(struct checklist_own, request.doctor),
};

static void checklist_defaults(void *own)
{
	doctor_options_init(&((struct checklist_own *)own)->request.doctor);
}

static int checklist_print(const struct app *a, const struct meter *m, const struct checklist *c, struct err *e)
{
	struct printer out = app_printer(a);
	int rc = printer_begin(&out, &checklist_listing, output_head_json(m, time_wall_us()), e);

	if (!rc)
		rc = checklist_rows(&out, c, e);
	if (!rc) {
		printer_note(&out, "%zu of %zu done", c->done, c->of);
		rc = printer_end(&out, checklist_tail_json(c), e);
	}
	printer_drop(&out);
	if (rc)
		return -1;
	/* said above */
	return c->done == c->of ? 0 : err_set(e, ERR_NO, "%s", "");
}

/* Over the meter of -c, which takes over P. */
static int checklist_meter(struct app *a, const struct profile *p, struct checklist_own *own, struct err *e)
{
	struct checklist c;
	struct meter m;
	int rc;

	if (app_open_meter(a, p, &m, e)) {
		profile_free(p);
		return -1;
	}
	if (link_pushes(m.link))
		app_say(a, "waiting for %zu uploads", samples_wanted(&m));
	rc = checklist_run(&m, &own->request, &c, e);
	if (!rc)
		rc = checklist_print(a, &m, &c, e);
	app_close_meter(a, &m);
	return rc;
}

static int cmd_checklist_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct checklist_own *own = a->own;
	struct checklist_list list;
	struct settings site = { 0 };
	const struct profile *p;
	int rc = -1;

	(void)argv;
	if (cmd_words(&cmd_checklist, argc, 0, 0, e) || checklist_list_load(&list, own->list, e))
		return -1;
	if (own->settings && settings_load(own->settings, &site, e))
		return -1;
	own->request.journal = a->journal;
	own->request.list = &list;
	own->request.settings = own->settings ? &site : NULL;
	own->request.record = true;
	own->request.remark = keep_remark;
	own->request.remark_arg = a;
	p = app_profile(a, e);
	if (p)
		rc = checklist_meter(a, p, own, e);
	settings_release(&site);
	return rc;
}

const struct cmd cmd_checklist = {
	.name = "checklist",
	.args = "",
	.help = "show what of the commissioning is done (exit status 1: not all that applies)",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct checklist_own),
	.defaults = checklist_defaults,
	.run = cmd_checklist_run,
};
