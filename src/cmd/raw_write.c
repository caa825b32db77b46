/*
 * raw_write.c - `meterctl raw write`: registers by address, past every check a
 * profile would make. So it wants --yes, says what stood there, keeps a journal
 * and reads back, as every write does.
 */
#include "base/time.h"
#include "raw.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/identity.h"
#include "output/printer.h"
#include "write/journal.h"
#include "write/plan.h"
#include "write/plan_link.h"
#include "base/text.h"
#include "profile/value.h"
#include "write.h"

#define MOST 123		/* Modbus Application Protocol V1.1b3, 6.12 */
#define READ_BACK_US 6000000	/* a meter may restart after a write */
#define READ_AGAIN_MS 300	/* or take its time to store it */
#define HIDDEN "********"

struct write {
	struct meter m;
	struct journal *journal;
	long addr, n;
	uint16_t before[MOST], want[MOST], after[MOST];
	bool seen;			/* after[] has been read */
	long ids[MOST];			/* in the journal; 0: none */
	enum step_state states[MOST];
	struct identity meter;		/* that is written to */
	struct err why;			/* of those that are not verified */
	int64_t at_us;
};

static int raw_write_parse(struct write *w, const struct profile *p, int n, char **words, struct err *e)
{
	long most = p->write_most && p->write_most < MOST ? p->write_most : MOST;

	if (raw_address(words[0], &w->addr, e))
		return -1;
	w->n = n - 1;
	if (w->n > most)
		return err_set(e, ERR_USAGE, "%ld values are more than this meter takes at once (%ld)", w->n, most);
	if (w->addr + w->n > 65536)
		return err_set(e, ERR_USAGE, "%ld registers from '%s' go beyond 0xFFFF", w->n, words[0]);
	for (long i = 0; i < w->n; i++) {
		long v;

		if (!text_long(words[1 + i], 0, 65535, &v))
			return err_set(e, ERR_USAGE, "'%.20s' is no value of a register (0 to 65535, or 0x0000 to 0xFFFF)", words[1 + i]);
		w->want[i] = (uint16_t)v;
	}
	return 0;
}

/* What is shown and kept of the I-th register: V, or asterisks for a secret. */
static const char *content(const struct write *w, long i, uint16_t v, char *buf, size_t size)
{
	const struct point *pt = raw_point(w->m.profile, SPACE_HOLDING, w->addr + i);

	if (pt && pt->flags & POINT_SECRET)
		snprintf(buf, size, HIDDEN);
	else
		snprintf(buf, size, "%u", v);
	return buf;
}

static void raw_write_show(const struct app *a, const struct write *w)
{
	char key[128], before[16], want[16];

	for (long i = 0; i < w->n; i++) {
		raw_key(w->m.profile, SPACE_HOLDING, w->addr + i, key, sizeof(key));
		app_say(a, "0x%04lX  %s -> %s%s%s", w->addr + i,
			content(w, i, w->before[i], before, sizeof(before)),
			content(w, i, w->want[i], want, sizeof(want)), *key ? "  " : "", key);
	}
}

/* ---- the journal ----------------------------------------------------------- */

static int raw_write_intend(struct write *w, struct err *e)
{
	long run = journal_run(w->journal, e);

	if (run < 0)
		return -1;
	for (long i = 0; i < w->n; i++) {
		struct journal_row r = { .run = run };

		target_format(&w->m.link->target, 0, r.target, sizeof(r.target));
		snprintf(r.profile, sizeof(r.profile), "%s", w->m.profile->name);
		snprintf(r.key, sizeof(r.key), "raw:0x%04lX", w->addr + i);
		snprintf(r.identity, sizeof(r.identity), "%s", w->meter.text);
		content(w, i, w->before[i], r.before, sizeof(r.before));
		content(w, i, w->want[i], r.want, sizeof(r.want));
		if (journal_intent(w->journal, &r, e))
			return -1;
		w->ids[i] = r.id;
	}
	return 0;
}

static int raw_write_record(struct write *w, struct err *e)
{
	int rc = 0;

	for (long i = 0; i < w->n; i++) {
		char after[16] = "";

		if (!w->ids[i])
			continue;
		if (w->seen)
			content(w, i, w->after[i], after, sizeof(after));
		if (journal_result(w->journal, w->ids[i], step_state_names[w->states[i]], after,
				   w->states[i] == STEP_VERIFIED ? "" : w->why.text, e))
			rc = -1;
	}
	return rc;
}

/* ---- writing --------------------------------------------------------------- */

static bool raw_write_landed(const struct write *w)
{
	return memcmp(w->after, w->want, (size_t)w->n * sizeof(*w->want)) == 0;
}

static void raw_write_conclude(struct write *w, enum step_state state)
{
	for (long i = 0; i < w->n; i++)
		w->states[i] = w->seen && w->after[i] == w->want[i] ? STEP_VERIFIED : state;
}

/* Reads back until the meter answers; what was acknowledged and is not there is
 * given time to get there. */
static int raw_write_read_back(struct write *w, bool acknowledged, struct err *e)
{
	struct pollfd cancelled = { .fd = w->m.link->cancel_fd, .events = POLLIN };
	int64_t end = time_mono_us() + READ_BACK_US;

	for (;;) {
		w->seen = raw_read(&w->m, SPACE_HOLDING, w->addr, w->n, w->after, e) == 0;
		if (w->seen && (raw_write_landed(w) || !acknowledged))
			return 0;
		if (w->seen)
			acknowledged = false;
		else if (e->code == ERR_INTERRUPTED || e->code == ERR_REFUSED || time_mono_us() >= end)
			return -1;
		poll(&cancelled, 1, READ_AGAIN_MS);
	}
}

/* The point that these registers are, all of it, when it is the line's own. */
static const struct point *line_point(const struct write *w)
{
	const struct point *pt = raw_point(w->m.profile, SPACE_HOLDING, w->addr);

	return pt && pt->flags & POINT_DROPS_LINK && pt->addr == w->addr && pt->words == w->n
	       ? pt : NULL;
}

/* The write is out; ACK says how it was answered. */
static void see(struct write *w, const struct err *ack)
{
	const struct point *line = line_point(w);
	struct err unread = { 0 };
	bool interrupted = false;	/* nothing follows this one write */
	enum step_state s = STEP_UNKNOWN;

	if (line && ack->code != ERR_REFUSED) {
		s = plan_follow(&w->m, line, w->want, w->after, &interrupted, &w->why);
		w->seen = s != STEP_UNKNOWN;
	} else {
		line = NULL;
		raw_write_read_back(w, !ack->code, &unread);
	}
	/* of another meter it is no read-back */
	if (w->seen && identity_confirm(&w->m, &w->meter, raw_write_landed(w), &unread)) {
		line = NULL;
		w->seen = false;
	}
	if (line) {
		raw_write_conclude(w, s);
	} else if (w->seen && raw_write_landed(w)) {
		raw_write_conclude(w, STEP_VERIFIED);
	} else if (ack->code == ERR_REFUSED) {
		w->why = *ack;
		raw_write_conclude(w, STEP_REFUSED);
	} else if (w->seen) {
		err_set(&w->why, ERR_UNVERIFIED, "%s, and the meter does not hold it%s%s",
			ack->code ? "written" : "acknowledged", *ack->text ? ": " : "", ack->text);
		raw_write_conclude(w, STEP_FAILED);
	} else {
		err_set(&w->why, ERR_UNVERIFIED, "written, and what the meter holds now is not known: %s",
			unread.text);
		raw_write_conclude(w, STEP_UNKNOWN);
	}
}

static void raw_write_carry_out(struct write *w)
{
	struct err ack = { 0 };
	bool sent = false;

	if (link_write(w->m.link, (uint16_t)w->addr, (uint16_t)w->n, w->want, &sent, &ack)
	    && !sent) {
		w->why = ack;
		raw_write_conclude(w, STEP_REFUSED);
		return;
	}
	/* what has been sent is seen through before a cancel takes effect */
	link_uncancel(w->m.link);
	see(w, &ack);
}

/* ---- output ---------------------------------------------------------------- */

static const char *raw_write_result_of(const struct write *w)
{
	enum step_state worst = STEP_VERIFIED;

	for (long i = 0; i < w->n; i++)
		if (w->states[i] != STEP_VERIFIED)
			worst = w->states[i];
	return worst == STEP_VERIFIED ? "ok" : step_state_names[worst];
}

/* The I-th register as it was or is; TEXT holds what is shown. */
static struct cell content_cell(const struct write *w, long i, uint16_t v, char *text, size_t size)
{
	struct cell c = cell_integer(v);

	content(w, i, v, text, size);
	return strcmp(text, HIDDEN) == 0 ? cell_text(text) : c;
}

enum { ADDRESS, HEX, BEFORE, WANT, AFTER, STATE, KEY, COLUMNS };

static const struct column columns[COLUMNS] = {
	[ADDRESS] = { "address", .in = IN_ALL, .width = 5 },
	[HEX] = { "address_hex", .in = IN_ALL, .before = "  " },
	[BEFORE] = { "before", .in = IN_ALL, .width = 8, .before = "  " },
	[WANT] = { "want", .in = IN_ALL, .width = -8, .before = " -> " },
	[AFTER] = { "after", .in = IN_ALL, .width = -8, .before = "  now ", .none = "--" },
	[STATE] = { "state", .in = IN_ALL, .before = "  " },
	[KEY] = { "key", .in = IN_ALL, .before = "  " },
};
static const struct listing listing = {
	.schema = "meterctl.raw/1", .name = "registers", .columns = columns, .ncolumns = COLUMNS,
};

static int raw_write_row(struct printer *out, const struct write *w, long i, struct err *e)
{
	char hex[8], key[128], before[16], want[16], after[16];
	const struct cell cells[COLUMNS] = {
		[ADDRESS] = cell_integer(w->addr + i), [HEX] = cell_text(hex),
		[BEFORE] = content_cell(w, i, w->before[i], before, sizeof(before)),
		[WANT] = content_cell(w, i, w->want[i], want, sizeof(want)),
		[AFTER] = w->seen ? content_cell(w, i, w->after[i], after, sizeof(after)) : (struct cell){ 0 },
		[STATE] = cell_text(step_state_names[w->states[i]]),
		[KEY] = cell_some(raw_key(w->m.profile, SPACE_HOLDING, w->addr + i, key, sizeof(key))),
	};

	snprintf(hex, sizeof(hex), "0x%04lX", w->addr + i);
	return printer_row(out, cells, e);
}

static int raw_write_print(const struct app *a, const struct write *w, struct err *e)
{
	struct printer out = app_printer(a);
	int rc = printer_begin(&out, &listing, raw_head_json(&w->m, SPACE_HOLDING, w->at_us), e);

	for (long i = 0; i < w->n && !rc; i++)
		rc = raw_write_row(&out, w, i, e);
	if (!rc)
		rc = printer_end(&out, json_pack("{s:s}", "result", raw_write_result_of(w)), e);
	printer_drop(&out);
	return rc;
}

/* ---- the whole of it ------------------------------------------------------- */

/* On an open meter. The worst of write, journal and output is the result. */
static int raw_write_all(struct app *a, struct write *w, struct err *e)
{
	struct err kept = { 0 };
	int rc;

	if (write_settle(a, &w->m, w->journal, e))
		return -1;
	if (identity_take(&w->m, &w->meter, e)
	    || raw_read(&w->m, SPACE_HOLDING, w->addr, w->n, w->before, e))
		return -1;
	raw_write_show(a, w);
	if (raw_write_intend(w, e))
		return -1;
	raw_write_carry_out(w);
	w->at_us = time_wall_us();
	rc = raw_write_record(w, &kept) || raw_write_print(a, w, &kept) ? -1 : 0;
	if (strcmp(raw_write_result_of(w), "ok") != 0) {
		*e = w->why;
		return -1;
	}
	if (*w->why.text)
		app_say(a, "%s", w->why.text);
	if (rc)
		*e = kept;
	return rc;
}

int raw_write(struct app *a, bool yes, int n, char **words, struct err *e)
{
	const struct profile *p = profile_open(a->profile, e);
	struct write *w = calloc(1, sizeof(*w));
	struct target t;
	int rc = -1;

	if (!p)
		goto out;
	if (!w) {
		err_set(e, ERR_NO, "out of memory");
		goto out;
	}
	if (raw_write_parse(w, p, n, words, e))
		goto out;
	if (a->read_only || !yes) {
		err_set(e, ERR_DENIED, a->read_only ? "nothing is written: read-only"
			: "not confirmed: nothing was written ('raw write' wants --yes)");
		goto out;
	}
	if (app_target(a, &t, e) || target_may_write(&t, e))
		goto out;
	w->journal = journal_open(a->journal, e);
	if (!w->journal || app_open_meter(a, p, &w->m, e))
		goto out;
	p = NULL;
	rc = raw_write_all(a, w, e);
	app_close_meter(a, &w->m);
out:
	if (w)
		journal_close(w->journal);
	free(w);
	profile_free(p);
	return rc;
}
