/* drive_line.c - what a search for meters has come to, and what was heard on a line or of a maker's tool, as the
 * script says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drive.h"
#include "ui/bus/hearing.h"
#include "ui/bus/learner.h"
#include "ui/bus/search.h"

static struct search *search;
static struct hearing *hearing;
static struct learner *learner;

struct search *drive_search(const struct search_opts *o, struct err *e)
{
	(void)o;
	search = calloc(1, sizeof(*search));
	if (!search)
		err_set(e, ERR_NO, "out of memory");
	return search;
}

struct hearing *drive_hear(const struct hearing_opts *o, struct err *e)
{
	hearing = calloc(1, sizeof(*hearing));
	if (!hearing) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	hearing->given = hearing->at = o->target;
	hearing->begun = true;
	return hearing;
}

/* Has the screens take it over, as its thread would. */
static void taken(const struct screen_ops *ops)
{
	ops->take(&ui, stage_state(&ui, ops));
	stage_update(&ui);
}

static void parse(const char *text, struct target *t)
{
	struct err e = { 0 };

	if (target_parse(text, t, &e))
		die(e.text, text);
}

void do_searches(char *rest)
{
	char target[200], how[16] = "";
	struct search_line *l;
	unsigned unit, done;
	int left;

	if (!search)
		die("no search", rest);
	if (sscanf(rest, "%199s %u %u %d %15s", target, &unit, &done, &left, how) < 4)
		die("no line of a search", rest);
	search->lines = realloc(search->lines, (search->nlines + 1) * sizeof(*l));
	if (!search->lines)
		die("out of memory", rest);
	l = &search->lines[search->nlines++];
	*l = (struct search_line){ .begun = true, .done = done, .all = 100, .left_us = left * 1000000LL, .probe.unit = (uint8_t)unit };
	parse(target, &l->target);
	target_line(&l->target, l->setting, sizeof(l->setting));
	l->over = *how;
	l->master = strcmp(how, "master") == 0;
	if (l->master)
		err_set(&l->err, ERR_DENIED, "another master is on the line");
	else if (strcmp(how, "denied") == 0)
		err_set(&l->err, ERR_DENIED, "cannot open '%s': permission denied", l->target.path);
	taken(&screen_find);
}

void do_found(char *rest)
{
	char target[200], model[64], id[64], how[16] = "";
	struct search_meter *m;
	double ms;

	if (!search || sscanf(rest, "%199s %63s %63s %lf %15s", target, model, id, &ms, how) < 4)
		die("no meter found", rest);
	search->meters = realloc(search->meters, (search->n + 1) * sizeof(*m));
	if (!search->meters)
		die("out of memory", rest);
	m = &search->meters[search->n++];
	*m = (struct search_meter){ .latency_ms = ms, .doubled = strcmp(how, "doubled") == 0, .any_unit = strcmp(how, "any") == 0 };
	parse(target, &m->target);
	if (strcmp(model, "-") != 0) {
		snprintf(m->model, sizeof(m->model), "%s", model);
		snprintf(m->profile, sizeof(m->profile), "adw300");
		snprintf(m->reply, sizeof(m->reply), "holding 0x0000-0x0001: %04X 0004", m->target.unit);
	} else {
		snprintf(m->reply, sizeof(m->reply), "exception 02 illegal data address");
	}
	if (strcmp(id, "-") != 0)
		snprintf(m->id, sizeof(m->id), "%s", id);
	for (size_t i = 0; i < search->nlines; i++)
		search->lines[i].found += target_same_line(&search->lines[i].target, &m->target);
	taken(&screen_find);
}

void do_searched(char *rest)
{
	if (!search)
		die("no search", rest);
	for (size_t i = 0; i < search->nlines; i++)
		search->lines[i].over = true;
	search->ended = true;
	if (*rest)
		err_set(&search->err, ERR_SILENT, "%s", rest);
	taken(&screen_find);
}

static void heard_frame(char mark, unsigned unit, unsigned function, double ms, const char *text, const char *note)
{
	static const uint8_t bytes[] = { 0x01, 0x03, 0x00, 0x14, 0x00, 0x02, 0x84, 0x0F };
	struct hearing_frame *f;

	if (!hearing->frames)
		hearing->frames = calloc(HEARING_FRAMES, sizeof(*f));
	if (!hearing->frames)
		die("out of memory", text);
	f = &hearing->frames[hearing->nframes++ % HEARING_FRAMES];
	*f = (struct hearing_frame){
		.at_us = ui.wall_us, .kind = mark == '!' ? CUT_GARBAGE : mark == '<' ? CUT_REPLY : CUT_REQUEST,
		.mark = mark == '!' ? "!" : mark == '<' ? "<" : ">", .note = note, .trouble = *note || function & 0x80,
		.unit = (uint8_t)unit, .function = (uint8_t)function, .paired = ms > 0, .ms = ms, .n = sizeof(bytes),
	};
	memcpy(f->bytes, bytes, sizeof(bytes));
	snprintf(f->text, sizeof(f->text), "%s", text);
	*(mark == '!' ? &hearing->traffic.garbage : &hearing->traffic.frames) += 1;
	hearing->traffic.garbage_bytes += mark == '!' ? sizeof(bytes) : 0;
}

void do_heard(char *rest)
{
	static char notes[8][64];
	static size_t nnotes;
	char *note = strchr(rest, ';');
	unsigned unit, function;
	int at = 0;
	double ms;
	char mark;

	if (note)
		*note++ = '\0';
	if (!hearing || sscanf(rest, "%c %u %x %lf %n", &mark, &unit, &function, &ms, &at) != 4 || !at)
		die("no frame heard", rest);
	if (note)
		snprintf(notes[++nnotes % 8], sizeof(notes[0]), "%s", note + strspn(note, " "));
	heard_frame(mark, unit, function, ms, rest + at, note ? notes[nnotes % 8] : "");
	ui.now_us += 7000;
	ui.wall_us += 7000;
	taken(&screen_hear);
}

void do_talks(char *rest)
{
	unsigned unit;
	struct traffic_unit t = { .first_us = 1, .last_us = 10000001, .wait_least_us = 21000, .wait_most_us = 48000 };

	if (!hearing || sscanf(rest, "%u %lu %lu %lu", &unit, &t.requests, &t.replies, &t.exceptions) != 4 || unit > 255)
		die("no unit", rest);
	t.waits = t.replies;
	hearing->now_us = 20000000;
	hearing->traffic.units[unit] = t;
}

void do_crowded(char *rest)
{
	if (!hearing)
		die("no line is heard", rest);
	hearing->traffic.crowded = strtoul(rest, NULL, 10);
	taken(&screen_hear);
}

void do_tuned(char *rest)
{
	char target[200];
	unsigned lost;

	if (!hearing || sscanf(rest, "%199s %u", target, &lost) != 2)
		die("no setting", rest);
	parse(target, &hearing->at);
	hearing->lost = lost;
	taken(&screen_hear);
}

/* ---- a maker's tool --------------------------------------------------------------------- */

struct learner *drive_learn(const struct learner_opts *o, struct err *e)
{
	const struct learn_own *own = o->own;

	learner = calloc(1, sizeof(*learner));
	if (!learner) {
		err_set(e, ERR_NO, "out of memory");
		return NULL;
	}
	learner->between = own->between != NULL;
	learner->begun = true;
	snprintf(learner->line, sizeof(learner->line), "%s", own->tap ? own->tap : own->between);
	snprintf(learner->where, sizeof(learner->where), "%s", own->between ? "pty /dev/pts/7" : "");
	for (size_t i = 0; i < own->values.n; i++) {
		struct learner_row *r = &learner->rows[learner->nrows++];
		const char *word = own->values.list[i], *equals = strchr(word, '=');

		if (!equals)
			die("no KEY=VALUE", word);
		snprintf(r->key, sizeof(r->key), "%.*s", (int)(equals - word), word);
		snprintf(r->typed, sizeof(r->typed), "%s", equals[1] == '@' ? LEARNER_MASK : equals + 1);
		snprintf(r->why, sizeof(r->why), "it was in no frame");
	}
	return learner;
}

void do_learns(char *rest)
{
	unsigned row, places, addr;
	char state[16], type[16];
	struct learner_row *r;

	if (!learner || sscanf(rest, "%lu %lu %lu", &learner->frames, &learner->requests, &learner->writes) != 3)
		die("no counts of a tool", rest);
	if (sscanf(rest, "%*u %*u %*u %u %15s %u %x %15s", &row, state, &places, &addr, type) == 5 && row < learner->nrows) {
		r = &learner->rows[row];
		r->places = places;
		r->addr = (uint16_t)addr;
		for (unsigned i = 0; i < LEARN_FOUND + 1; i++)
			r->state = strcmp(learn_state_names[i], state) == 0 ? i : r->state;
		for (unsigned i = 0; i < TYPE_COUNT; i++)
			r->type = strcmp(point_type_names[i], type) == 0 ? i : r->type;
		snprintf(r->why, sizeof(r->why), "%s", places > 1 ? "it was written at several registers, and all of them took it" : "");
		snprintf(r->second, sizeof(r->second), "%s", places > 1 ? "720" : "");
	}
	taken(&screen_lesson);
}

void do_learned(char *rest)
{
	int at = 0;

	if (!learner || sscanf(rest, "%zu %4095s %n", &learner->found, learner->path, &at) != 2)
		die("no draft", rest);
	snprintf(learner->words, sizeof(learner->words), "%s\n", rest + at);
	learner->ended = true;
	taken(&screen_lesson);
}
