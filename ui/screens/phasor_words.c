/*
 * phasor_words.c - the verdict and its fix, or what a correction would give, in
 * words below the diagram.
 */
#include "phasor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/draw/draw.h"
#include "page.h"

struct below {
	const struct ui *u;
	WINDOW *w;
	int y, rows;		/* next row; how many are left */
};

static int wrapped_rows(const struct below *p, const char *text, int indent)
{
	const char *row[8];
	int len[8];

	return draw_wrap(text, p->u->cols - 2 - indent, row, len, 8);
}

/* TEXT over at most MOST rows, behind LABEL. */
static void phasor_words_say(struct below *p, enum role role, const char *name, const char *text, int most)
{
	int indent = name ? (int)strlen(name) + 1 : 0;
	const char *row[8];
	int len[8], n;

	if (most > p->rows)
		most = p->rows;
	if (most > 8)
		most = 8;
	if (most <= 0)
		return;
	if (name)
		ui_text(p->u, p->w, p->y, 1, indent, ROLE_LABEL, "%s", name);
	n = draw_wrap(text, p->u->cols - 2 - indent, row, len, most);
	for (int i = 0; i < n; i++)
		ui_text(p->u, p->w, p->y++, 1 + indent, p->u->cols - 2 - indent, role, "%.*s",
			len[i], row[i]);
	p->rows -= n;
}

/* The fix, with keys of this screen, or what can be typed here, for options of `check`. */
static const char *fix_text(const struct doctor_finding *f, char buf[DOCTOR_TEXT])
{
	static const struct { const char *option, *key; } names[] = {
		{ "--site consumer", "key x" }, { "--wires 3", "key t" }, { "--wires 4", "key t" },
		{ "--nominal-current", "key i" },
		{ "check with --pf-window", ":check --pf-window" }, { "with --pf-window", ":check --pf-window" },
		{ "--pf-window", "key f" }, { "--clamp", ":check --clamp" },
	};
	size_t at = 0;

	buf[0] = '\0';
	for (const char *c = f->fix; *c; ) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(*names)
		       && strncmp(c, names[i].option, strlen(names[i].option)) != 0)
			i++;
		if (i < sizeof(names) / sizeof(*names)) {
			text_append(buf, DOCTOR_TEXT, &at, "%s", names[i].key);
			c += strlen(names[i].option);
		} else {
			text_append(buf, DOCTOR_TEXT, &at, "%c", *c++);
		}
	}
	return buf;
}

/* How sure one may be; of a doubt there is nothing to be sure of. */
static const char *sure_text(const struct doctor_finding *f, char *buf, size_t size)
{
	buf[0] = '\0';
	if (f->weight != DOCTOR_DOUBT)
		snprintf(buf, size, "%.0f %% sure", f->confidence * 100);
	return buf;
}

static void phasor_words_outcome(struct below *p, const struct phasor *s)
{
	static const struct { const char *text; enum role role; } looks[] = {
		[DOCTOR_INSUFFICIENT] = { " ○ INSUFFICIENT ", ROLE_WARN },
		[DOCTOR_PASS] = { " ● PASS ", ROLE_GOOD },
		[DOCTOR_FAIL] = { " ▼ FAIL ", ROLE_BAD },
	};
	const struct doctor_verdict *v = &s->verdict;
	const struct doctor_finding *f = &v->findings[s->finding];
	bool old = phasor_old(p->u, s);
	char text[64], since[24], phases[24], sure[24];
	int x;

	phasor_age_text(p->u, s, since, sizeof(since));
	snprintf(text, sizeof(text), "%s%s%s", looks[v->outcome].text, old ? since : "", old ? " " : "");
	x = 1 + draw_width(text) + 1;
	ui_text(p->u, p->w, p->y, 1, x, old ? ROLE_DIM : looks[v->outcome].role, "%s", text);
	if (v->nfindings)
		ui_text(p->u, p->w, p->y, x, p->u->cols - x - 16, ROLE_TITLE, "%s%s%s%s%s",
			doctor_code_name(f->code), f->phases ? " on " : "",
			doctor_phases_text(f->phases, phases, sizeof(phases)),
			*sure_text(f, sure, sizeof(sure)) ? " · " : "", sure);
	if (v->nfindings > 1)
		ui_right(p->u, p->w, p->y, p->u->cols - 24, 23, ROLE_DIM, "finding %zu of %zu",
			 s->finding + 1, v->nfindings);
	p->y++;
	p->rows--;
}

/* The findings that are not shown, a line each. */
static void others(struct below *p, const struct phasor *s)
{
	const struct doctor_verdict *v = &s->verdict;
	char line[DOCTOR_TEXT + 64], phases[24];

	for (size_t i = 0; i < v->nfindings && p->rows > 0; i++) {
		const struct doctor_finding *f = &v->findings[i];

		if (i == s->finding)
			continue;
		snprintf(line, sizeof(line), "%s%s%s: %s", doctor_code_name(f->code), f->phases ? " on " : "",
			 doctor_phases_text(f->phases, phases, sizeof(phases)), f->explain);
		phasor_words_say(p, ROLE_DIM, "also:", line, 1);
	}
}

static void phasor_words_verdict(struct below *p, const struct phasor *s)
{
	const struct doctor_verdict *v = &s->verdict;
	const struct doctor_finding *f = &v->findings[s->finding];
	char text[DOCTOR_TEXT];
	int fix;

	if (s->nsamples < DOCTOR_SAMPLES_LEAST) {
		ui_text(p->u, p->w, p->y, 1, p->u->cols - 2, ROLE_NORMAL, " ○ no verdict yet: %zu of the %d "
			"samples that have to agree", s->nsamples, DOCTOR_SAMPLES_LEAST);
		return;
	}
	if (v->evidence.used < DOCTOR_SAMPLES_LEAST && phasor_old(p->u, s)) {
		ui_text(p->u, p->w, p->y, 1, p->u->cols - 2, ROLE_WARN, " ○ no verdict: the samples have "
			"grown too old for one");
		return;
	}
	phasor_words_outcome(p, s);
	if (v->nfindings == 0) {
		phasor_words_say(p, ROLE_NORMAL, NULL, v->outcome == DOCTOR_PASS
				 ? DOCTOR_PASS_TEXT
				 : "Nothing speaks against the wiring, and not enough for it.", 2);
		return;
	}
	/* what to do matters more than what was seen */
	fix_text(f, text);
	fix = wrapped_rows(p, text, (int)strlen("do: "));
	if (fix > p->rows - 2)
		fix = p->rows - 2;
	phasor_words_say(p, ROLE_NORMAL, NULL, f->explain, p->rows - fix);
	phasor_words_say(p, ROLE_TITLE, "do:", text, p->rows);
	others(p, s);
}

/* ---- what if ------------------------------------------------------------------ */

/* Which inputs' loads would be what this site's can be. */
static void phasor_words_plausible(const struct phasor *s, char *buf, size_t size)
{
	unsigned known = 0, outside = 0;
	char names[24];
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned x = 0; x < 3; x++) {
		double lag = phasor_lag(&s->then, x);

		if (isnan(lag))
			continue;
		text_append(buf, size, &at, "%s%c lags %.0f°", known ? ", " : "Then ", 'A' + (int)x, lag);
		known |= 1U << x;
		outside |= (unsigned)!phasor_inside(s, x) << x;
	}
	if (!known)
		text_append(buf, size, &at, "Too little current to say what would be seen.");
	else if (outside)
		text_append(buf, size, &at, ": %s outside the power factors of this site.",
			    doctor_phases_text(outside, names, sizeof(names)));
	else
		text_append(buf, size, &at, ": loads that this site can have.");
}

static void phasor_words_what_if(struct below *p, const struct phasor *s)
{
	size_t n = phasor_candidates(s), choice = phasor_choice(s);
	char wiring[160], text[256];

	ui_text(p->u, p->w, p->y, 1, 9, ROLE_ARMED, " WHAT IF ");
	doctor_wiring_text(&s->new_value, wiring, sizeof(wiring));
	ui_text(p->u, p->w, p->y, 11, p->u->cols - 29, ROLE_TITLE, "%s", doctor_wiring_right(&s->new_value)
		? "as it is, nothing put right" : wiring);
	if (choice < n)
		ui_right(p->u, p->w, p->y, p->u->cols - 18, 17, ROLE_DIM, "doctor's %zu of %zu",
			 choice + 1, n);
	else
		ui_right(p->u, p->w, p->y, p->u->cols - 18, 17, ROLE_DIM, "your own");
	p->y++;
	p->rows--;
	phasor_words_plausible(s, text, sizeof(text));
	phasor_words_say(p, ROLE_NORMAL, NULL, text, 2);
	phasor_words_say(p, ROLE_NORMAL, NULL, "Calculated, not measured: nothing at the meter has changed.", 1);
	phasor_words_say(p, ROLE_DIM, NULL, "← → the doctor's wirings   o exchange, rotate   a b c turn a CT   Esc back", 1);
}

void phasor_draw_words(const struct ui *u, WINDOW *w, const struct phasor *s, int y, int rows)
{
	struct below p = { u, w, y, rows };

	if (s->what_if)
		phasor_words_what_if(&p, s);
	else
		phasor_words_verdict(&p, s);
}

/* ---- on a page of its own ----------------------------------------------------- */

#define PAGE_TEXT 16384

struct page_text {
	const struct ui *u;
	char *text;
	size_t at;
};

/* TEXT cut to the width of the screen, indented. */
static void phasor_words_add(struct page_text *p, const char *text)
{
	const char *row[16];
	int len[16], n = draw_wrap(text, p->u->cols - 4, row, len, 16);

	for (int i = 0; i < n; i++)
		text_append(p->text, PAGE_TEXT, &p->at, "  %.*s\n", len[i], row[i]);
}

static void add_finding(struct page_text *p, const struct doctor_finding *f)
{
	static const char *const weights[] = { "remark", "doubt", "fault" };
	char phases[24], fix[DOCTOR_TEXT], sure[24];

	text_append(p->text, PAGE_TEXT, &p->at, "%s%s%s (%s%s%s)\n", doctor_code_name(f->code),
		    f->phases ? " on " : "", doctor_phases_text(f->phases, phases, sizeof(phases)),
		    weights[f->weight], *sure_text(f, sure, sizeof(sure)) ? ", " : "", sure);
	phasor_words_add(p, f->explain);
	phasor_words_add(p, fix_text(f, fix));
	text_append(p->text, PAGE_TEXT, &p->at, "\n");
}

const char *phasor_candidate_text(const struct doctor_hypothesis *h, char *buf, size_t size)
{
	char wiring[160], pf[32];

	if (h->feeds_in || isnan(h->lag))
		return doctor_hypothesis_text(h, buf, size);
	snprintf(buf, size, "%s: loads of %s, %.0f° apart", doctor_wiring_text(&h->wiring, wiring, sizeof(wiring)),
		 doctor_pf_text(h->lag, pf, sizeof(pf)), h->spread);
	return buf;
}

static void add_candidates(struct page_text *p, const struct doctor_evidence *e, size_t n)
{
	char line[256], one[240];

	text_append(p->text, PAGE_TEXT, &p->at, "wirings that would look like this: %zu\n", e->ncandidates);
	for (size_t i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "%zu. %s", i + 1,
			 phasor_candidate_text(&e->candidates[i], one, sizeof(one)));
		phasor_words_add(p, line);
	}
}

void phasor_show_all(struct ui *u, const struct phasor *s)
{
	const struct doctor_verdict *v = &s->verdict;
	struct page_text p = { u, calloc(1, PAGE_TEXT), 0 };
	char title[64];

	if (!p.text)
		return;
	for (size_t i = 0; i < v->nfindings; i++)
		add_finding(&p, &v->findings[i]);
	add_candidates(&p, &v->evidence, phasor_candidates(s));
	snprintf(title, sizeof(title), "Wiring: %s", doctor_outcome_name(v->outcome));
	page_show(u, title, p.text);
	free(p.text);
}
