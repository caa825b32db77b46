/*
 * report.c - `meterctl report`: the commissioning report of a meter, and whether one
 * is still what it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/printer.h"
#include "base/ascii.h"
#include "base/outfile.h"
#include "report/report.h"
#include "meter/samples.h"
#include "base/text.h"
#include "check_opts.h"
#include "auto.h"
#include "cmd.h"
#include "keep.h"
#include "own.h"
#include "points.h"

#define FILE_MAX (64L << 20)	/* bytes; a report has some hundred thousand */

static const struct opt options[] = {
	OPT_TEXT('o', "output", "FILE", "@file", struct report_own, output,
		 "write to FILE (default: stdout); an older one needs --force"),
	OPT_FLAG(0, "text", struct report_own, text, "plain text instead of HTML"),
	OPT_TEXT(0, "site-name", "NAME", NULL, struct report_own, request.site_name,
		 "where the meter is, for the head of the report"),
	OPT_TEXT(0, "technician", "NAME", NULL, struct report_own, request.technician, "who commissioned it"),
	OPT_TEXT(0, "note", "TEXT", NULL, struct report_own, request.note, "what else is to be said"),
	NAMEPLATE_ROWS(struct report_own, request),
	CHECK_ROWS(struct report_own, request.doctor),
	CHECK_SINCE_ROW(struct report_own, request.since_us),
	OPT_TEXT(0, "uplink", "FILE", "@file", struct report_own, request.uplink,
		 "what 'uplink -f json' printed, to be included"),
	OPT_TEXT(0, "verify", "FILE", "@file", struct report_own, verify, "is this report unchanged? (asks no meter)"),
};

static void report_defaults(void *own)
{
	doctor_options_init(&((struct report_own *)own)->request.doctor);
}

/* "CSV" */
static const char *report_format_name(const struct format *f, char *buf, size_t size)
{
	snprintf(buf, size, "%s", f->name);
	for (char *s = buf; *s; s++)
		*s = ascii_upper(*s);
	return buf;
}

static int check_format(const struct app *a, struct err *e)
{
	const struct printer out = app_printer(a);
	char name[16];

	if (printer_prose(&out) || printer_nests(&out))
		return 0;
	return err_set(e, ERR_USAGE, "a report is HTML, text (--text) or JSON (-f json), not %s",
		       report_format_name(a->format, name, sizeof(name)));
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

static int run_verify(const struct app *a, const char *path, struct err *e)
{
	struct printer out = app_printer(a);
	struct report_check c;
	char name[512], *bytes;
	size_t n;

	if (check_format(a, e))
		return -1;
	bytes = report_read_file(path, &n, e);
	if (!bytes)
		return -1;
	report_verify(bytes, n, &c);
	free(bytes);
	text_clean(name, sizeof(name), path);
	if (printer_nests(&out)) {
		if (printer_object(&out, json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "schema", "meterctl.verify/1",
				"file", name, "unchanged", c.state == REPORT_UNCHANGED, "said", said[c.state],
				"seal", c.seal, "found", c.found), e))
			return -1;
	} else {
		fprintf(a->out, "%s: %s\n", name, said[c.state]);
		if (*c.seal)
			fprintf(a->out, "seal   %s\n", c.seal);
		if (*c.seal && c.state != REPORT_UNCHANGED)
			fprintf(a->out, "found  %s\n", c.found);
	}
	return c.state == REPORT_UNCHANGED ? 0 : err_set(e, ERR_NO, "%s", "");
}

/* ---- making one ------------------------------------------------------------------- */

/* What is known to fail before the meter is asked, which may take minutes. */
static int check_ways(const struct app *a, const struct report_own *own, struct err *e)
{
	const struct printer out = app_printer(a);

	if (check_format(a, e))
		return -1;
	if (own->text && !printer_prose(&out))
		return err_set(e, ERR_USAGE, "a report is either text or JSON: --text or -f json");
	return own->output ? outfile_check(own->output, outfile_how(a->force), e) : 0;
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

static int report_put(const struct app *a, const char *output, const char *report, struct err *e)
{
	const struct printer out = app_printer(a);

	if (!output) {
		fputs(report, a->out);
		printer_documented(&out);
		return 0;
	}
	if (outfile_put(output, report, outfile_how(a->force), e))
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

/* DATA, of the meter WHOSE, as the document that is asked for. LACKS: what is not in it; such
 * a report is made, and is no proof that one was. */
static int report_write(const struct app *a, const struct report_own *own, const struct record_whose *whose,
			json_t *data, const struct err *lacks, struct err *e)
{
	const struct printer out = app_printer(a);
	bool sealed = printer_prose(&out) != NULL;
	char *report = sealed ? report_make(data, !own->text, e) : as_json(data, e);
	int rc = report ? report_put(a, own->output, report, e) : -1;
	struct err why = { 0 };

	if (rc == 0 && sealed && !lacks->code
	    && report_record(a->journal, whose, own->output ? own->output : "standard output", report, data, &why))
		app_complain(a, &why);
	free(report);
	return rc;
}

static int run_make(struct app *a, struct report_own *own, struct err *e)
{
	struct record_whose whose;
	const struct profile *p;
	struct meter m;
	struct err lacks;
	json_t *data;
	int rc;

	if (check_ways(a, own, e))
		return -1;
	own->request.journal = a->journal;
	own->request.record = true;
	own->request.remark = keep_remark;
	own->request.remark_arg = a;
	p = app_profile(a, e);
	if (!p)
		return -1;
	if (app_open_meter(a, p, &m, e)) {
		profile_free(p);
		return -1;
	}
	if (link_pushes(m.link))
		app_say(a, "waiting for %zu uploads", samples_wanted(&m));
	data = report_collect(&m, &own->request, &lacks, e);
	if (data && lacks.code)
		report_say_missing(a, &m);
	record_whose(&whose, &m);
	app_close_meter(a, &m);
	rc = data ? report_write(a, own, &whose, data, &lacks, e) : -1;
	json_decref(data);
	if (rc == 0 && lacks.code) {
		*e = lacks;
		err_prefix(e, "the report is incomplete");
		rc = -1;
	}
	return rc;
}

static int report_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct report_own *own = a->own;

	(void)argv;
	if (cmd_words(&cmd_report, argc, 0, 0, e))
		return -1;
	return own->verify ? run_verify(a, own->verify, e) : run_make(a, own, e);
}

const struct cmd cmd_report = {
	.name = "report",
	.args = "",
	.help = "the commissioning report: HTML or text, sealed; --verify: is one unchanged?",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_size = sizeof(struct report_own),
	.defaults = report_defaults,
	.run = report_run,
};
