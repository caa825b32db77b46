/*
 * report.h - the commissioning report: what was found at a meter, as data, and the
 * document made of it.
 *
 * The document is made from the data alone, which stand in it as JSON, and bears a
 * seal: the SHA-256 of all its bytes (those of the seal itself taken as zeros). So a
 * change of any byte shows; who changes it and seals it anew is found out only by a
 * seal that was noted elsewhere.
 */
#ifndef METERCTL_REPORT_REPORT_H
#define METERCTL_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "doctor/doctor.h"
#include "doctor/step.h"
#include "meter/meter.h"

#define SHA256_HEX 64	/* digits of a hash */
#define REPORT_SCHEMA "meterctl.report/1"

/* What people say of it; each may be NULL. */
struct report_request {
	const char *site_name, *technician, *note;
	const char *nameplate_pt, *nameplate_ct;	/* as ratio_parse() takes them */
	const char *uplink;	/* file: what `uplink -f json` printed */
	json_t *proof;		/* or that document itself; stays the caller's */
	const char *journal;	/* file, as for journal_open() */
	bool record;		/* keep nameplates and clamp values as proofs of the meter; */
	void (*remark)(void *arg, const char *text);	/* told why that was not done; NULL */
	void *remark_arg;
	struct doctor_options doctor;	/* with the clamp values */
	int64_t since_us;	/* for what a fault has cost; as for kept_since() */
	bool as_read;		/* nothing is read now: what the meter's readings are already */
	struct doctor_sample samples[DOCTOR_SAMPLES];	/* then: for the verdict */
	size_t nsamples;
	const struct step_watch *steps;	/* load steps that were seen, for the verdict; NULL: none */
};

/* What of M is read for it: the main map and the settings. */
int report_select(const struct meter *m, struct selection *sel, struct err *e);

/* Reads the meter: DOCTOR_SAMPLES times what the verdict needs, everything else once;
 * of one that sends by itself what its uploads hold.
 * The caller owns the data; NULL and E when the line failed or an entry is wrong. LACKS:
 * what the meter refused to tell, which the report names, too; its code is 0 when nothing
 * is missing. */
json_t *report_collect(struct meter *m, const struct report_request *r, struct err *lacks,
		       struct err *e);

/* That the report TEXT, made from DATA, is in FILE now, as a proof of its meter in the journal
 * of PATH. ERR_DENIED: not recorded; no reason for more than a word. */
struct record_whose;
int report_record(const char *path, const struct record_whose *w, const char *file, const char *text,
		  const json_t *data, struct err *e);

/* The document, sealed. Free it; NULL and E without memory. */
char *report_make(json_t *data, bool html, struct err *e);

/* "report-ttyUSB0-1-2026-01-15.html", in the current folder; with "-2" and so on
 * when there is one of that name. Returns BUF. */
const char *report_file_name(const struct target *t, int64_t wall_us, bool html, char *buf, size_t size);

/* ---- the seal ------------------------------------------------------------------ */

enum report_state {
	REPORT_UNCHANGED,
	REPORT_CHANGED,		/* the document is not what was sealed */
	REPORT_DATA_CHANGED,	/* nor are the data in it what they were */
	REPORT_UNSEALED		/* it bears no seal: no report, or damaged just there */
};

struct report_check {
	enum report_state state;
	char seal[SHA256_HEX + 1];	/* that it bears; "" */
	char found[SHA256_HEX + 1];	/* that its bytes have; "" */
};

void report_verify(const char *text, size_t n, struct report_check *c);

/* Puts the seal into TEXT, which has room for it (seal.c). -1: it has not. */
int report_seal(char *text, size_t n);
/* The same for the data, as they stand in the document. Returns OUT. */
const char *report_data_hash(const char *json, char out[SHA256_HEX + 1]);

/* How each kind begins, and where the seals stand; 64 digits follow. */
#define REPORT_HEAD_HTML "<!DOCTYPE html>\n"
#define REPORT_HEAD_TEXT "COMMISSIONING REPORT\n"
#define REPORT_SEAL_HTML "<code id=\"seal\">"
#define REPORT_SEAL_TEXT "\nseal "
#define REPORT_HASH_HTML "<code id=\"data-sha256\">"
#define REPORT_DATA_HTML "<script type=\"application/json\" id=\"data\">"
#define REPORT_ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* ---- its parts ------------------------------------------------------------------ */

struct doc;
/* The sections, from the data (content.c). */
void report_content(struct doc *d, const json_t *data);

#endif
