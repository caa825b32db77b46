/*
 * report.c - `meterctl report`: the commissioning report of a meter, and whether one
 * is still what it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/output.h"
#include "base/paths.h"
#include "report/report.h"
#include "meter/samples.h"
#include "base/text.h"
#include "check_opts.h"
#include "cmd.h"
#include "points.h"

#define FILE_MAX (64L << 20)	/* bytes; a report has some hundred thousand */

enum {
	OPT_OUTPUT = 'o', OPT_TEXT = 256, OPT_SITE_NAME, OPT_TECHNICIAN, OPT_NOTE, OPT_NAMEPLATE_CT,
	OPT_NAMEPLATE_PT, OPT_UPLINK, OPT_VERIFY
};

static const struct opt options[] = {
	{ OPT_OUTPUT, "output", "FILE", "@file", "write to FILE, which must not be there yet (default: stdout)" },
	{ OPT_TEXT, "text", NULL, NULL, "plain text instead of HTML" },
	{ OPT_SITE_NAME, "site-name", "NAME", NULL, "where the meter is, for the head of the report" },
	{ OPT_TECHNICIAN, "technician", "NAME", NULL, "who commissioned it" },
	{ OPT_NOTE, "note", "TEXT", NULL, "what else is to be said" },
	{ OPT_NAMEPLATE_CT, "nameplate-ct", "RATIO", NULL, "on the current transformers, as 200/5" },
	{ OPT_NAMEPLATE_PT, "nameplate-pt", "RATIO", NULL, "on the voltage transformers, as 10kV/100V" },
	CHECK_ROWS,
	{ OPT_UPLINK, "uplink", "FILE", "@file", "what 'uplink -f json' printed, to be included" },
	{ OPT_VERIFY, "verify", "FILE", "@file", "is this report unchanged? (asks no meter)" },
};

static struct report_request request;
static const char *output, *verify;
static bool text;

static void report_reset(void)
{
	request = (struct report_request){ 0 };
	doctor_options_init(&request.doctor);
	output = verify = NULL;
	text = false;
}

static int report_set(int id, const char *arg, struct err *e)
{
	switch (id) {
	case OPT_OUTPUT:	output = arg; break;
	case OPT_TEXT:		text = true; break;
	case OPT_SITE_NAME:	request.site_name = arg; break;
	case OPT_TECHNICIAN:	request.technician = arg; break;
	case OPT_NOTE:		request.note = arg; break;
	case OPT_NAMEPLATE_CT:	request.nameplate_ct = arg; break;
	case OPT_NAMEPLATE_PT:	request.nameplate_pt = arg; break;
	case OPT_UPLINK:	request.uplink = arg; break;
	case OPT_VERIFY:	verify = arg; break;
	default:		return check_set(id, arg, &request.doctor, e);
	}
	return 0;
}

/* ---- is it unchanged? ------------------------------------------------------------ */

static const char *const said[] = {
	[REPORT_UNCHANGED] = "unchanged",
	[REPORT_CHANGED] = "CHANGED: the document is not what was sealed",
	[REPORT_DATA_CHANGED] = "CHANGED: neither the document nor the data in it are what was sealed",
	[REPORT_UNSEALED] = "CHANGED, or no report: it bears no seal",
};

static char *report_read_file(const char *path, size_t *n, struct err *e)
{
	FILE *f = fopen(path, "re");
	char *bytes = f ? malloc(FILE_MAX + 1) : NULL;

	*n = 0;
	if (bytes)
		*n = fread(bytes, 1, FILE_MAX + 1, f);
	if (!bytes || ferror(f))
		err_set(e, ERR_USAGE, "cannot read '%s': %s", path, strerror(errno));
	else if (*n > FILE_MAX)
		err_set(e, ERR_USAGE, "'%s' is longer than %ld MB: no report", path, FILE_MAX >> 20);
	if (f)
		fclose(f);
	if (e->code == ERR_NONE)
		return bytes;
	free(bytes);
	return NULL;
}

static int run_verify(const struct app *a, struct err *e)
{
	struct report_check c;
	char name[512];
	size_t n;
	char *bytes = report_read_file(verify, &n, e);

	if (!bytes)
		return -1;
	report_verify(bytes, n, &c);
	free(bytes);
	text_clean(name, sizeof(name), verify);
	if (a->format == FORMAT_JSON || a->format == FORMAT_JSONL) {
		if (output_json(stdout, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "schema", "meterctl.verify/1",
				"file", name, "unchanged", c.state == REPORT_UNCHANGED, "said", said[c.state],
				"seal", c.seal, "found", c.found), e))
			return -1;
	} else {
		printf("%s: %s\n", name, said[c.state]);
		if (*c.seal)
			printf("seal   %s\n", c.seal);
		if (*c.seal && c.state != REPORT_UNCHANGED)
			printf("found  %s\n", c.found);
	}
	return c.state == REPORT_UNCHANGED ? 0 : err_set(e, ERR_NO, "%s", "");
}

/* ---- making one ------------------------------------------------------------------- */

/* What is known to fail before the meter is asked, which may take minutes. */
static int check_ways(const struct app *a, struct err *e)
{
	if (a->format == FORMAT_CSV)
		return err_set(e, ERR_USAGE, "a report is HTML, text (--text) or JSON (-f json), not CSV");
	if (text && a->format != FORMAT_TABLE)
		return err_set(e, ERR_USAGE, "a report is either text or JSON: --text or -f json");
	return output ? paths_free(output, e) : 0;
}

/* The data alone, without a seal. */
static char *as_json(const json_t *data, struct err *e)
{
	char *json = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)), *line = NULL;

	if (!json || asprintf(&line, "%s\n", json) < 0) {
		line = NULL;
		err_set(e, ERR_NO, "out of memory for the report");
	}
	free(json);
	return line;
}

static int report_put(const struct app *a, const char *report, struct err *e)
{
	if (!output) {
		fputs(report, stdout);
		return 0;
	}
	if (paths_create(output, report, e))
		return -1;
	app_say(a, "the report is in '%s'", output);
	return 0;
}

static void report_say_missing(const struct app *a, const struct meter *m)
{
	struct selection sel = { 0 };
	struct err none;

	if (report_select(m, &sel, &none) == 0)
		points_say_missing(a, m, sel.idx, sel.n);
	selection_release(&sel);
}

static int run_make(struct app *a, struct err *e)
{
	const struct profile *p;
	struct meter m;
	struct err lacks;
	json_t *data;
	char *report;
	int rc;

	if (check_ways(a, e))
		return -1;
	request.journal = a->journal;
	p = profile_open(a->profile, e);
	if (!p)
		return -1;
	if (app_open_meter(a, p, &m, e)) {
		profile_free(p);
		return -1;
	}
	if (link_pushes(m.link))
		app_say(a, "waiting for %zu uploads", samples_wanted(&m));
	data = report_collect(&m, &request, &lacks, e);
	if (data && lacks.code)
		report_say_missing(a, &m);
	app_close_meter(a, &m);
	report = !data ? NULL : a->format == FORMAT_TABLE ? report_make(data, !text, e) : as_json(data, e);
	json_decref(data);
	rc = report ? report_put(a, report, e) : -1;
	free(report);
	if (rc == 0 && lacks.code) {
		*e = lacks;
		err_prefix(e, "the report is incomplete");
		rc = -1;
	}
	return rc;
}

static int report_run(struct app *a, int argc, char **argv, struct err *e)
{
	(void)argv;
	if (cmd_words(&cmd_report, argc, 0, 0, e))
		return -1;
	return verify ? run_verify(a, e) : run_make(a, e);
}

const struct cmd cmd_report = {
	.name = "report",
	.args = "",
	.help = "the commissioning report: HTML or text, sealed; --verify: is one unchanged?",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.reset = report_reset,
	.set = report_set,
	.run = report_run,
};
