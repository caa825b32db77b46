/*
 * trace.c - the frames on the line as they go, in hex and in words; of a broker the
 * messages, by topic and payload.
 */
#include "ui/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "ui/draw/draw.h"
#include "ui/draw/list.h"
#include "frame_decode.h"
#include "hear.h"
#include "ui/keys.h"
#include "message.h"
#include "page.h"
#include "ui/stage.h"

#define HEAD 3			/* rows above the list */
#define SHARED_AT 15		/* cells, on the line above the list */
#define ASKED_BACK 16		/* a request stands at most so far before its answer */

/* The frames shown: those that pass the filter, oldest first, by number. */
struct shown {
	const struct ui_frame *ring;
	unsigned long n;	/* frames ever */
	unsigned long at[UI_FRAMES];
	size_t count;
};

/* Requests and how many of them had no good reply, over the last LOSS_S seconds. */
#define LOSS_S 30
struct trace_loss {
	unsigned long requests[LOSS_S], lost[LOSS_S];	/* ever, at the end of each second */
	int64_t second;		/* monotonic, of the newest; 0: none */
	size_t n;
};

struct trace_view {
	struct trace_loss loss;
	struct ui_frame *held;	/* copy of the ring while paused; NULL: following */
	unsigned long nheld;
	unsigned long cursor;	/* number of the chosen frame, while paused */
	bool trouble;		/* only what went wrong */
	bool detail;		/* all bytes of the chosen frame */
	struct shown shown;
	struct list list;	/* of what is shown */
	int detail_rows;	/* below it */
};

static bool trace_is_tcp(const struct ui *u)
{
	return target_frames_tcp(&u->target);
}

/* What a broker notes is how it is connected: no trouble. */
static bool is_trouble(const struct ui *u, const struct ui_frame *f)
{
	return f->message || ui_pushes(u) ? f->dir == TRACE_BAD : frame_decode_is_trouble(f, trace_is_tcp(u));
}

static const struct ui_frame *frame_at(const struct shown *s, unsigned long number)
{
	return &s->ring[number % UI_FRAMES];
}

static void trace_collect(const struct ui *u, struct trace_view *v)
{
	struct shown *s = &v->shown;

	s->ring = v->held ? v->held : u->frames;
	s->n = v->held ? v->nheld : u->nframes;
	s->count = 0;
	if (!s->ring)
		return;
	for (unsigned long i = s->n > UI_FRAMES ? s->n - UI_FRAMES : 0; i < s->n; i++)
		if ((!v->trouble || is_trouble(u, frame_at(s, i)))
		    && (u->others || !frame_at(s, i)->other))
			s->at[s->count++] = i;
}

/* The request that frame NUMBER answers, or NULL. */
static const struct ui_frame *trace_asked_before(const struct shown *s, unsigned long number)
{
	unsigned long oldest = s->n > UI_FRAMES ? s->n - UI_FRAMES : 0;

	for (unsigned long i = number; i > oldest && number - i < ASKED_BACK; i--)
		if (frame_at(s, i - 1)->dir == TRACE_OUT && !frame_at(s, i - 1)->message)
			return frame_at(s, i - 1);
	return NULL;
}

/* By what is seen of it: words, topic, payload, bytes, note. */
static bool trace_has(const struct ui *u, const void *of, int row, const char *find)
{
	const struct shown *s = &((const struct trace_view *)of)->shown;
	const struct ui_frame *f = frame_at(s, s->at[row]);
	char text[3 * UI_FRAME_BYTES];

	if (ascii_casestr(f->note, find) || ascii_casestr(f->topic, find))
		return true;
	if (f->message)
		return ascii_casestr(message_text(f, text, sizeof(text)), find);
	frame_decode_text(f, trace_asked_before(s, s->at[row]), trace_is_tcp(u), text, sizeof(text));
	if (ascii_casestr(text, find))
		return true;
	frame_decode_hex(f, 0, f->n, text, sizeof(text));
	return ascii_casestr(text, find);
}

static const struct list_ops trace_list = { .has = trace_has, .nowhere = "none of these" };

/* The list as it is now: while it follows, its newest row is the one chosen; while it is held,
 * the frame, or the last before it that the filter lets through. */
static void trace_fit(const struct ui *u, struct trace_view *v)
{
	struct list *l = &v->list;
	int rows = u->rows - STAGE_HEAD - STAGE_FOOT - HEAD;

	trace_collect(u, v);
	l->at = v->shown.count ? (int)v->shown.count - 1 : 0;
	while (v->held && l->at > 0 && v->shown.at[l->at] > v->cursor)
		l->at--;
	v->detail_rows = v->detail && rows > 6 && !ui_pushes(u) ? rows / 3 : 0;
	list_fit(u, l, (int)v->shown.count, rows - v->detail_rows);
}

/* In fixed cells, so that nothing moves when a digit is added. */
static void put_counter(const struct ui *u, WINDOW *w, int y, int x,
			const char *name, unsigned long n, bool trouble)
{
	ui_text(u, w, y, x, 9, ROLE_LABEL, "%s", name);
	ui_text(u, w, y, x + 9, 9, trouble && n ? ROLE_WARN : ROLE_NORMAL, "%lu", n);
}

/* One meter's, or all of a broker. */
static void broker_counters(const struct ui *u, WINDOW *w)
{
	bool one = !ui_is_fleet(u);

	put_counter(u, w, 0, 1, "messages", one ? u->uplink.messages : u->fleet ? u->fleet->messages : 0,
		    false);
	put_counter(u, w, 0, 20, "dropped", one ? u->uplink.drops.total : u->fleet ? u->fleet->refusals.total + u->fleet->drops.total : 0, true);
	if (!one)
		return;
	put_counter(u, w, 0, 38, "sent", u->stats.requests, false);
	ui_text(u, w, 0, 57, 11, ROLE_LABEL, "reconnects");
	ui_text(u, w, 0, 68, 9, u->stats.reopened ? ROLE_WARN : ROLE_NORMAL, "%lu", u->stats.reopened);
	put_counter(u, w, 1, 1, "others", u->uplink.others, false);
	ui_text(u, w, 1, 20, 32, ROLE_DIM, u->others ? "shown dim (o leaves them out)"
		: "of other meters (o shows them)");
}

static void line_counters(const struct ui *u, WINDOW *w)
{
	const struct link_stats *s = &u->stats;

	put_counter(u, w, 0, 1, "requests", s->requests, false);
	put_counter(u, w, 0, 20, "replies", s->replies, false);
	put_counter(u, w, 0, 38, "timeouts", s->timeouts, true);
	put_counter(u, w, 0, 53, "corrupt", s->corrupt, true);
	put_counter(u, w, 0, 67, "foreign", s->foreign, true);
	put_counter(u, w, 1, 1, "refused", s->exceptions, true);
	put_counter(u, w, 1, 20, "reopened", s->reopened, true);
	if (s->latency_ms > 0)
		ui_text(u, w, 1, 38, 24, ROLE_DIM, "answers in %.1f ms", s->latency_ms);
}

static void draw_counters(const struct ui *u, const struct trace_view *v, WINDOW *w)
{
	int width = getmaxx(w);

	if (ui_pushes(u))
		broker_counters(u, w);
	else
		line_counters(u, w);
	if (v->held)
		ui_right(u, w, 1, width - 27, 26, ROLE_WARN, "paused · %lu since",
			 u->nframes - v->nheld);
	else
		ui_right(u, w, 1, width - 27, 26, ROLE_DIM, "following");
	ui_rule(u, w, 2, 0, width);
	if (v->trouble)
		ui_text(u, w, 2, 1, 20, ROLE_WARN, " errors only ");
	if (u->stats.shared)
		ui_text(u, w, 2, SHARED_AT, width - SHARED_AT - 1, ROLE_WARN, " shared line%s%s ",
			*u->stats.heard ? ": " : "", u->stats.heard);
}

static void clock_of(int64_t at_us, char *buf, size_t size)
{
	time_t at = (time_t)(at_us / 1000000);
	struct tm tm;
	char hms[16];

	localtime_r(&at, &tm);
	strftime(hms, sizeof(hms), "%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%03d", hms, (int)(at_us / 1000 % 1000));
}

static enum role trace_role_of(const struct ui *u, const struct ui_frame *f)
{
	if (is_trouble(u, f))
		return ROLE_WARN;
	if (f->other || (f->dir == TRACE_NOTE && ui_pushes(u)))
		return ROLE_DIM;
	return f->dir == TRACE_OUT ? ROLE_LABEL : ROLE_NORMAL;
}

/* Topic, of which the end tells most; what the broker marked; payload. */
static void trace_draw_message(const struct ui *u, const struct ui_frame *f, WINDOW *w, int y)
{
	int width = getmaxx(w), cells = width < 120 ? 26 : 46, x = 16;
	int wide = draw_width(f->topic), cut = 0;
	const char *topic = f->topic;
	enum role role = trace_role_of(u, f);
	char text[512];

	for (; wide - cut > cells - (cut > 0) && *topic; cut++)
		do
			topic++;
		while (((unsigned char)*topic & 0xC0) == 0x80);
	ui_text(u, w, y, x, cells, f->other ? ROLE_DIM : ROLE_LABEL, "%s%s", cut ? "…" : "", topic);
	x += cells + 1;
	if (*f->note) {
		ui_text(u, w, y, x, 10, ROLE_WARN, "%s", f->note);
		x += 10;
	}
	ui_text(u, w, y, x, width - x, role, "%s", message_text(f, text, sizeof(text)));
}

static void draw_frame(const struct ui *u, const struct shown *s, WINDOW *w,
		       int y, unsigned long number, bool chosen)
{
	static const char *const dirs[] = {
		[TRACE_OUT] = "→", [TRACE_IN] = "←", [TRACE_BAD] = "x", [TRACE_NOTE] = "!",
	};
	const struct ui_frame *f = frame_at(s, number), *asked = trace_asked_before(s, number);
	int width = getmaxx(w), words = width < 120 ? 31 : 40, hex = 16 + words + 1;
	size_t fit = (size_t)(width - hex - 1 > 3 ? (width - hex - 1) / 3 : 0);
	char text[160], clock[24];
	enum role role = trace_role_of(u, f);

	clock_of(f->at_us, clock, sizeof(clock));
	ui_text(u, w, y, 1, 12, chosen ? ROLE_SELECTED : ROLE_DIM, "%s", clock);
	ui_text(u, w, y, 14, 1, role, "%s", f->dir == TRACE_NOTE && ui_pushes(u) ? "·" : dirs[f->dir]);
	if (f->message) {
		trace_draw_message(u, f, w, y);
		return;
	}
	frame_decode_text(f, asked, trace_is_tcp(u), text, sizeof(text));
	if (f->n == 0) {
		ui_text(u, w, y, 16, width - 17, role, "%s", text);
		return;
	}
	ui_text(u, w, y, 16, words, role, "%s", text);
	if (f->dir == TRACE_IN && asked && draw_width(text) < words - 8)
		ui_right(u, w, y, 16, words - 2, ROLE_DIM, "%.0f ms",
			 (double)(f->at_us - asked->at_us) / 1000);
	frame_decode_hex(f, 0, f->n > fit && fit > 1 ? fit - 1 : fit, text, sizeof(text));
	ui_text(u, w, y, hex, width - hex, f->dir == TRACE_BAD ? ROLE_NORMAL : ROLE_DIM,
		f->n > fit ? "%s …" : "%s", text);
}

/* What the chosen frame is, its note and every byte, as far as ROWS go. */
static void trace_draw_detail(const struct ui *u, const struct shown *s, WINDOW *w,
			      int y, int rows, unsigned long number)
{
	static const char *const names[] = {
		[TRACE_OUT] = "sent", [TRACE_IN] = "answer", [TRACE_BAD] = "not our answer",
		[TRACE_NOTE] = "note",
	};
	const struct ui_frame *f = frame_at(s, number), *asked = trace_asked_before(s, number);
	int width = getmaxx(w);
	size_t line = width > 11 ? (size_t)(width - 8) / 3 : 1, from = 0;
	char text[800], when[48] = "";

	ui_rule(u, w, y, 0, width);
	if (asked && f->dir != TRACE_OUT)
		snprintf(when, sizeof(when), ", %.1f ms after the request",
			 (double)(f->at_us - asked->at_us) / 1000);
	ui_text(u, w, y, 1, width - 2, ROLE_TITLE, " %s, %u bytes%s ", names[f->dir], f->n, when);
	if (f->note[0] && --rows > 0)
		ui_text(u, w, ++y, 1, width - 2, ROLE_WARN, "%s", f->note);
	for (int i = 1; i < rows && from < f->n; i++, from += line) {
		bool more = i == rows - 1 && from + line < f->n;

		ui_text(u, w, y + i, 1, 4, ROLE_DIM, "%3zu", from);
		frame_decode_hex(f, from, more ? line - 1 : line, text, sizeof(text));
		ui_text(u, w, y + i, 6, width - 7, ROLE_NORMAL, more ? "%s …" : "%s", text);
	}
}

static void trace_draw(struct ui *u, void *state, WINDOW *w)
{
	struct trace_view *v = state;
	const struct list *l;

	if (!v)
		return;
	trace_fit(u, v);
	l = &v->list;
	draw_counters(u, v, w);
	list_draw_find(u, w, HEAD - 1, l);
	if (l->n == 0) {
		ui_text(u, w, HEAD, 1, getmaxx(w) - 2, ROLE_DIM, "%s",
			v->trouble && v->shown.n ? "nothing went wrong in the last frames"
			: ui_pushes(u) ? "nothing has come yet" : "nothing has been sent yet");
		return;
	}
	if (v->detail_rows)
		trace_draw_detail(u, &v->shown, w, HEAD + l->height, v->detail_rows, v->shown.at[l->at]);
	for (int i = 0; i < l->height && l->top + i < l->n; i++)
		draw_frame(u, &v->shown, w, HEAD + i, v->shown.at[l->top + i],
			   (v->held || v->detail) && l->top + i == l->at);
}

static void trace_follow(struct trace_view *v)
{
	free(v->held);
	v->held = NULL;
}

/* The line goes on, so what is looked at is copied out of the ring. */
static void trace_hold(struct ui *u, struct trace_view *v)
{
	if (v->held || !u->frames || !u->nframes)
		return;
	v->held = malloc(UI_FRAMES * sizeof(*v->held));
	if (!v->held) {
		ui_say(u, "out of memory: cannot hold the frames");
		return;
	}
	memcpy(v->held, u->frames, UI_FRAMES * sizeof(*v->held));
	v->nheld = u->nframes;
	v->cursor = u->nframes - 1;
}

/* Who chooses a frame holds it. */
static bool trace_move(struct ui *u, struct trace_view *v, int key)
{
	trace_fit(u, v);
	if (!list_key(u, &v->list, key))
		return false;
	trace_hold(u, v);
	v->cursor = v->shown.at[v->list.at];
	return true;
}

/* Of a frame every byte, below the list; of a message all of it, on a page. */
static void trace_detail(struct ui *u, struct trace_view *v)
{
	const struct ui_frame *f;
	char *page;

	if (!ui_pushes(u)) {
		v->detail = !v->detail;
		return;
	}
	trace_hold(u, v);
	trace_fit(u, v);
	if (!v->held || v->list.n == 0)
		return;
	f = frame_at(&v->shown, v->shown.at[v->list.at]);
	page = message_page(f, u->cols - 2);
	page_show(u, "one message, as it came", page ? page : "");
	free(page);
}

enum { PAUSE = ACTION_SCREEN, NEWEST, TROUBLE, OTHERS, DETAIL, LISTEN };

static const struct keyrow keys[] = {
	{ ' ', PAUSE, "Space", "pause", "hold the list, or follow the line again" },
	{ KEY_UP, ACTION_NONE, "↑ ↓", NULL, "choose a frame; holds the list" },
	{ KEY_PPAGE, ACTION_NONE, "PgUp PgDn", NULL, "one page" },
	{ KEY_HOME, ACTION_NONE, "Home", NULL, "the oldest frame kept" },
	{ KEY_END, NEWEST, "End", NULL, "follow the line again" },
	{ 'G', NEWEST, NULL, NULL, NULL },
	LIST_FIND_KEYS,
	{ '\n', DETAIL, "Enter", "all", "every byte of the chosen frame; of a message all of it" },
	{ '\r', DETAIL, NULL, NULL, NULL },
	{ KEY_ENTER, DETAIL, NULL, NULL, NULL },
	{ 'e', TROUBLE, "e", "errors", "only what went wrong, or every frame" },
	{ 'l', LISTEN, "l", "listen", "hear the line without sending: other masters, and how often they ask" },
	{ 'o', OTHERS, "o", NULL, "through a broker: messages of other meters too, from now on" },
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static bool trace_key(struct ui *u, void *state, int key)
{
	struct trace_view *v = state;
	struct err e = { 0 };

	if (!v)
		return false;
	if (v->list.finding)
		return trace_move(u, v, key);
	switch (keys_action(keys, NKEYS, key)) {
	case PAUSE:
		if (v->held)
			trace_follow(v);
		else
			trace_hold(u, v);
		return true;
	case NEWEST:
		trace_follow(v);
		return true;
	case TROUBLE:
		v->trouble = !v->trouble;
		return true;
	case DETAIL:
		trace_detail(u, v);
		return true;
	case LISTEN:
		if (hear_begin(u, &u->target, &e))
			ui_say(u, "%s", e.text);
		return true;
	case OTHERS:
		if (!ui_pushes(u) || ui_is_fleet(u))
			return false;
		u->others = !u->others;
		return true;
	default:
		return trace_move(u, v, key);
	}
}

/* One lost now and then is the weather of a line: from these on it is said. */
#define LOSS_LEAST 2
#define LOSS_SHARE 10		/* a tenth of the requests */

static void trace_count(const struct ui *u, struct trace_loss *l)
{
	int64_t second = u->now_us / 1000000;

	if (second == l->second)
		return;
	/* a pause of the screens, another meter: begin anew */
	if (l->n && (second < l->second || second - l->second > LOSS_S || u->stats.requests < l->requests[(l->n - 1) % LOSS_S]))
		l->n = 0;
	l->requests[l->n % LOSS_S] = u->stats.requests;
	l->lost[l->n % LOSS_S] = u->stats.timeouts + u->stats.corrupt;
	l->second = second;
	l->n++;
}

static bool trace_worst(struct ui *u, void *state, struct screen_worst *out)
{
	struct trace_view *v = state;
	unsigned long requests, lost;
	size_t oldest;

	if (!v || ui_pushes(u))
		return false;
	trace_count(u, &v->loss);
	oldest = v->loss.n > LOSS_S ? v->loss.n % LOSS_S : 0;
	requests = u->stats.requests - v->loss.requests[oldest];
	lost = u->stats.timeouts + u->stats.corrupt - v->loss.lost[oldest];
	if (v->loss.n < 2 || lost < LOSS_LEAST || lost * LOSS_SHARE < requests)
		return false;
	out->role = ROLE_WARN;
	snprintf(out->text, sizeof(out->text), "no valid reply to %lu of %lu requests", lost, requests);
	return true;
}

static void *trace_open(struct ui *u)
{
	struct trace_view *v = calloc(1, sizeof(*v));

	(void)u;
	if (v)
		list_init(&v->list, &trace_list, v, HEAD);
	return v;
}

static void trace_close(void *state)
{
	struct trace_view *v = state;

	if (v)
		trace_follow(v);
	free(v);
}

const struct screen_ops screen_trace = {
	.open = trace_open,
	.close = trace_close,
	.draw = trace_draw,
	.worst = trace_worst,
	.key_press = trace_key,
	.keys = keys,
	.nkeys = NKEYS,
};
