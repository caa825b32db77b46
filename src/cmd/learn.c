/*
 * learn.c - `meterctl learn`: where a maker's tool puts what is typed into it, as a draft of a
 * profile.
 */
#include "learn.h"

#include <string.h>

#include "cmd.h"
#include "learning.h"
#include "modbus/named.h"

static int learn_take_word(const char *arg, void *field, struct err *e)
{
	struct learn_words *w = field;

	if (w->n == LEARN_LIST)
		return err_set(e, ERR_USAGE, "more than %d", LEARN_LIST);
	w->list[w->n++] = arg;
	return 0;
}

static const struct opt options[] = {
	OPT_TEXT(0, "tap", "TARGET", "@target", struct learn_own, tap, "hear the line, never send: rtu:/dev/ttyUSB1, rtutcp:HOST:PORT"),
	OPT_TEXT(0, "between", "TARGET", "@target", struct learn_own, between, "stand between the tool and the meter at TARGET (with --serve)"),
	OPT_TEXT(0, "serve", "WHERE", "pty tcp: rtu:", struct learn_own, serve, "where the tool connects: pty, tcp:[ADDR:]PORT or rtu:PORT"),
	OPT_CALL(0, "from", "TRACE", "@file", struct learn_words, struct learn_own, from, learn_take_word,
		 "a trace that was recorded earlier; may be given more than once"),
	OPT_CALL(0, "value", "KEY=VALUE", "@setting", struct learn_words, struct learn_own, values, learn_take_word,
		 "what is typed in the tool; secrets: KEY=@ask, @env:NAME, @file:PATH"),
	OPT_TEXT('o', "output", "FILE", "@file", struct learn_own, output, "write the draft to FILE (default: learned.yaml)"),
	OPT_SPAN(0, "for", struct learn_own, for_s, "stop after this time: 90, 90s, 5m, 1h"),
};

static void learn_defaults(void *own)
{
	*(struct learn_own *)own = (struct learn_own){ .output = "learned.yaml" };
}

struct learn_command {
	const struct app *app;
	struct learning *learning;
	enum learn_state told[LEARN_WANTS];
};

/* ---- while it hears --------------------------------------------------------------- */

static void learn_cut(void *arg, const struct cut *c, bool secret)
{
	const struct learn_command *l = arg;
	uint8_t bytes[sizeof(l->learning->splitter.out)];
	struct trace_frame f = {
		.dir = c->kind == CUT_GARBAGE ? TRACE_BAD : c->kind == CUT_REPLY || c->paired ? TRACE_IN : TRACE_OUT,
		.bytes = bytes, .n = c->n, .at_us = c->at_us + l->learning->wall_us, .note = c->kind == CUT_GARBAGE ? "not a frame" : "",
	};

	if (secret)
		return;
	memcpy(bytes, c->bytes, c->n);
	if (c->kind != CUT_GARBAGE)
		named_redact(l->learning->profile, c, bytes);
	trace_pass(&l->app->trace, &f);
}

/* What has become sure, or doubtful, since the last time. */
static void learn_turn(void *arg, bool any)
{
	struct learn_command *l = arg;
	const struct learn *learn = &l->learning->learn;

	for (size_t i = 0; any && l->app->attended && i < learn->nwants; i++) {
		struct learn_found f;

		learn_find(learn, i, &f);
		if (f.state == l->told[i])
			continue;
		l->told[i] = f.state;
		if (f.state == LEARN_FOUND)
			app_say(l->app, "%s: found at 0x%04X", learn->wants[i].key, f.place.addr);
		else
			app_say(l->app, "%s: %s", learn->wants[i].key, f.why);
	}
}

static void learn_open(void *arg, const char *where)
{
	const struct learn_command *l = arg;

	if (where)
		app_say(l->app, "connect the maker's tool to %s, then set the values there (Ctrl-C ends)", where);
	else
		app_say(l->app, "hearing '%s', nothing is sent: set the values in the maker's tool now (Ctrl-C ends)",
			l->learning->own->tap);
}

static const struct learning_ops learn_ops = { .open = learn_open, .cut = learn_cut, .turn = learn_turn };

/* ---- all of it ---------------------------------------------------------------------- */

static int learn_hear(struct learn_command *c, struct err *e)
{
	const struct app *a = c->app;
	struct learning *l = c->learning;
	struct learning_result result;
	int rc;

	if (l->own->values.n == 0 && learn_ask(a, &l->learn, l->profile, e))
		return -1;
	l->ops = &learn_ops;
	l->arg = c;
	rc = learning_frames(l, e);
	if (rc && e->code != ERR_INTERRUPTED)
		return -1;
	err_clear(e);
	if (learning_draft(l, &result, e) || learn_print(a, &result.draft, result.path, e))
		return -1;
	return learning_conclude(l, &result, rc != 0, e);
}

static int learn_run(struct app *a, int argc, char **argv, struct err *e)
{
	struct learn_command c = { .app = a };
	int rc;

	if (cmd_words(&cmd_learn, argc, 0, 1, e))
		return -1;
	c.learning = learning_new(a, a->own, argc ? argv[0] : a->profile, e);
	rc = c.learning ? learn_hear(&c, e) : -1;
	learning_free(c.learning);
	return rc;
}

const struct cmd cmd_learn = {
	.name = "learn",
	.args = "[PROFILE]",
	.complete = "@profile",
	.help = "find registers that a maker's tool sets, and draft a profile of them",
	.opts = options,
	.nopts = sizeof(options) / sizeof(*options),
	.own_lines = true,
	.own_size = sizeof(struct learn_own),
	.defaults = learn_defaults,
	.run = learn_run,
};
