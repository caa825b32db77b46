/* fleet_draw.c - the Fleet screen as it looks. Only the rows in sight are touched. */
#include "fleet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/draw/draw.h"

const struct fleet_column fleet_columns[FLEET_ORDERS] = {
	{ FLEET_BY_SN, "serial", 15, 0, true },
	{ FLEET_BY_STATE, "state", 10, 0, true },
	{ FLEET_BY_MODEL, "model", 10, 107, true },
	{ FLEET_BY_DIALECT, "dialect", 7, 115, true },
	{ FLEET_BY_LAST, "last", 6, 0, false },
	{ FLEET_BY_NEXT, "next", 6, 0, false },
	{ FLEET_BY_RHYTHM, "every/set", 9, 96, false },
	{ FLEET_BY_SIGNAL, "signal", 8, 0, false },
	{ FLEET_BY_U, "U low", 7, 0, false },
	{ FLEET_BY_I, "I A", 7, 0, false },
	{ FLEET_BY_P, "P kW", 8, 0, false },
	{ FLEET_BY_PF, "PF", 6, 88, false },
	{ FLEET_BY_ALARMS, "al", 3, 119, false },
};

#define FLEET_DROPPED 1200

/* Everything that was not used, of all meters: in one line. Returns BUF. */
static const char *fleet_draw_dropped(const struct ui *u, char *buf, size_t size)
{
	struct reasons all;

	reasons_clear(&all);
	if (u->fleet) {
		reasons_join(&all, &u->fleet->refusals);
		reasons_join(&all, &u->fleet->drops);
	}
	snprintf(buf, size, "%s", all.total ? "dropped: " : "");
	if (all.total)
		reasons_text(&all, buf + strlen(buf), size - strlen(buf));
	return buf;
}

/* ... for which there are so many rows at most, in a body of HEIGHT. */
static int fleet_draw_dropped_most(int height)
{
	return height < 30 ? 2 : UI_WRAP_ROWS;
}

static int foot_rows(const struct ui *u, int height)
{
	char text[FLEET_DROPPED];
	const char *row[UI_WRAP_ROWS];
	int len[UI_WRAP_ROWS];

	if (!*fleet_draw_dropped(u, text, sizeof(text)))
		return FLEET_FOOT;
	return FLEET_FOOT + draw_wrap(text, u->cols - 2, row, len, fleet_draw_dropped_most(height));
}

int fleet_rows(const struct ui *u, int height)
{
	int rows = height - FLEET_HEAD - foot_rows(u, height);

	return rows < 1 ? 1 : rows;
}

/* Serials may be long where there is room. */
static int column_width(const struct ui *u, const struct fleet_column *c)
{
	int more = u->cols - 119;

	if (c->order != FLEET_BY_SN || more < 0)
		return c->width;
	return c->width + (more < 16 ? more : 16);
}

/* "12 s"; "-12 s": it should have come. */
static void put_next(double s, char *buf, size_t size)
{
	char span[24];

	if (isnan(s))
		snprintf(buf, size, "--");
	else
		snprintf(buf, size, "%s%s", s <= -1 ? "-" : "", draw_span((int64_t)(fabs(s) * 1e6), span, sizeof(span)));
}

static void put_rhythm(const struct rhythm *r, char *buf, size_t size)
{
	double seen = rhythm_seen_s(r);
	char each[24] = "--", set[16] = "--";

	if (seen > 0)
		snprintf(each, sizeof(each), "%.*f", seen < 9.95 ? 1 : 0, seen);
	if (r->set_s > 0)
		snprintf(set, sizeof(set), "%d", r->set_s);
	snprintf(buf, size, "%s/%s", each, set);
}

static void fleet_draw_put_number(double v, int decimals, int width, char *buf, size_t size)
{
	if (isnan(v))
		snprintf(buf, size, "--");
	else
		draw_number(v, decimals, width, buf, size);
}

/* What stands in column C of R. */
static void fleet_draw_cell(const struct ui *u, const struct fleet_row *r, const struct fleet_column *c,
			    char *buf, size_t size)
{
	const struct fleet_values *v = &r->values;
	char number[32];

	switch (c->order) {
	case FLEET_BY_SN: snprintf(buf, size, "%s", r->sn); break;
	case FLEET_BY_MODEL: snprintf(buf, size, "%s", r->model[0] ? r->model : "--"); break;
	case FLEET_BY_DIALECT: snprintf(buf, size, "%s", r->dialect ? r->dialect->name : "--"); break;
	case FLEET_BY_LAST:
		if (r->heard_us)
			draw_age(u, r->heard_us, buf, size);
		else
			snprintf(buf, size, "kept");
		break;
	case FLEET_BY_RHYTHM: put_rhythm(&r->rhythm, buf, size); break;
	case FLEET_BY_SIGNAL:
		if (isnan(v->signal))
			snprintf(buf, size, "--");
		else
			snprintf(buf, size, "%.0f %s", (double)v->signal, v->signal_percent ? "%" : "dBm");
		break;
	case FLEET_BY_STATE: fleet_state_text(r, u->now_us, buf, size); break;
	case FLEET_BY_NEXT: put_next(fleet_next_s(r, u->now_us), buf, size); break;
	case FLEET_BY_U:
		fleet_draw_put_number((double)v->u_low, 1, c->width - 2, number, sizeof(number));
		snprintf(buf, size, "%c %s", v->u_phase ? v->u_phase : ' ', number);
		break;
	case FLEET_BY_I: fleet_draw_put_number((double)v->i, 2, c->width, buf, size); break;
	case FLEET_BY_P: fleet_draw_put_number((double)v->p, 3, c->width, buf, size); break;
	case FLEET_BY_PF: fleet_draw_put_number((double)v->pf, 3, c->width, buf, size); break;
	case FLEET_BY_ALARMS: snprintf(buf, size, v->alarms ? "%u" : "-", v->alarms); break;
	default: buf[0] = '\0'; break;
	}
}

/* How the meter is, in one mark; a word stands below the list. */
static const char *fleet_draw_mark_of(const struct ui *u, const struct fleet_row *r, enum role *role)
{
	if (r->offline) {
		*role = ROLE_BAD;
		return "x";
	}
	if (!r->heard_us) {
		*role = ROLE_DIM;
		return "○";
	}
	if (fleet_state(r, u->now_us) != FLEET_ON_AIR) {
		*role = ROLE_WARN;
		return "▲";
	}
	*role = ROLE_GOOD;
	return "●";
}

static enum role cell_role(const struct ui *u, const struct fleet_row *r, enum fleet_order order)
{
	if (order == FLEET_BY_ALARMS && r->values.alarms)
		return ROLE_WARN;
	if ((order == FLEET_BY_LAST || order == FLEET_BY_NEXT) && fleet_silent(r, u->now_us))
		return ROLE_WARN;
	if (order == FLEET_BY_STATE && fleet_state(r, u->now_us) > FLEET_KEPT)
		return ROLE_WARN;
	if (order == FLEET_BY_U && r->values.u_lost)
		return ROLE_WARN;
	return r->offline || !r->heard_us ? ROLE_DIM : ROLE_NORMAL;
}

static void fleet_draw_row(const struct ui *u, WINDOW *w, int y, const struct fleet_row *r, bool here)
{
	enum role role;
	const char *mark = fleet_draw_mark_of(u, r, &role);
	char text[MQTT_NAME + 8];
	int x = 3;

	if (here)
		ui_text(u, w, y, 0, 1, ROLE_KEY, "▸");
	ui_text(u, w, y, 1, 1, role, "%s", mark);
	for (size_t i = 0; i < FLEET_ORDERS; i++) {
		const struct fleet_column *c = &fleet_columns[i];
		int width = column_width(u, c);

		if (u->cols < c->from_cols)
			continue;
		fleet_draw_cell(u, r, c, text, sizeof(text));
		role = here && c->order == FLEET_BY_SN ? ROLE_SELECTED : cell_role(u, r, c->order);
		if (c->left)
			ui_text(u, w, y, x, width, role, "%s", text);
		else
			ui_right(u, w, y, x, width, role, "%s", text);
		x += width + 1;
	}
}

static void fleet_draw_names(const struct ui *u, const struct fleet_view *v, WINDOW *w, int y)
{
	int x = 3;

	for (size_t i = 0; i < FLEET_ORDERS; i++) {
		const struct fleet_column *c = &fleet_columns[i];
		int width = column_width(u, c);
		bool by = c->order == v->by;
		char name[16];

		if (u->cols < c->from_cols)
			continue;
		/* the order takes the cell between two columns */
		snprintf(name, sizeof(name), "%s%s", by ? v->descending ? "↓" : "↑" : "", c->name);
		if (c->left)
			ui_text(u, w, y, x, width + 1, by ? ROLE_KEY : ROLE_LABEL, "%s", name);
		else
			ui_right(u, w, y, x - 1, width + 1, by ? ROLE_KEY : ROLE_LABEL, "%s", name);
		x += width + 1;
	}
}

static void draw_counts(const struct ui *u, const struct fleet_view *v, WINDOW *w)
{
	static const char *const states[FLEET_STATES] = {
		[FLEET_KEPT] = "kept", [FLEET_ALARMS] = "in alarm", [FLEET_VOLTAGE] = "no U",
		[FLEET_OVERDUE] = "overdue", [FLEET_OFFLINE] = "offline",
	};
	const struct fleet *f = u->fleet;
	int right = !v->finding && !v->find.text[0] ? 20 : u->cols < 100 ? 26 : 36, room = u->cols - right - 3;
	char text[200];
	size_t at = (size_t)snprintf(text, sizeof(text), "%zu meter%s", f->n, f->n == 1 ? "" : "s");

	for (int s = FLEET_STATES - 1; s > FLEET_ON_AIR; s--)
		if (v->states[s])
			text_append(text, sizeof(text), &at, " · %zu %s", v->states[s], states[s]);
	ui_text(u, w, 0, 1, room, ROLE_TITLE, "%s", text);
	if (v->finding) {
		ui_text(u, w, 0, u->cols - right - 1, 5, ROLE_KEY, "find:");
		field_draw(u, w, 0, u->cols - right + 5, right - 6, &v->find, true);
	} else if (v->find.text[0]) {
		ui_right(u, w, 0, u->cols - right - 1, right, ROLE_KEY, "/%s · %zu found",
			 v->find.text, v->n);
	} else {
		ui_right(u, w, 0, u->cols - right - 1, right, v->sick ? ROLE_KEY : ROLE_DIM, v->sick ? "sick: %d of %d" : "%d of %d",
			 v->n ? v->list.at + 1 : 0, v->list.n);
	}
}

/* In words, what the mark says. */
static void fleet_draw_state_of(const struct ui *u, const struct fleet_row *r, char *buf, size_t size)
{
	unsigned overdue = rhythm_overdue(&r->rhythm, u->now_us);

	if (r->offline)
		snprintf(buf, size, "offline");
	else if (!r->heard_us)
		snprintf(buf, size, "only what the broker kept");
	else if (overdue)
		snprintf(buf, size, "%u overdue", overdue);
	else
		snprintf(buf, size, "%s", r->logged_in ? "logged in" : "on air");
}

static void fleet_draw_detail(const struct ui *u, const struct fleet_row *r, WINDOW *w, int y)
{
	struct reasons drops;
	char state[40];

	fleet_drops(u->fleet, r, &drops);
	ui_rule(u, w, y, 0, u->cols);
	fleet_draw_state_of(u, r, state, sizeof(state));
	ui_text(u, w, y + 1, 1, u->cols - 2, ROLE_NORMAL,
		"%s · %s · %lu upload%s, %lu missed, %lu again, %lu bad · %s%s%s", r->sn, state,
		r->rhythm.uploads, r->rhythm.uploads == 1 ? "" : "s", r->rhythm.missed, r->rhythm.duplicates + r->rhythm.old, drops.total,
		r->model, r->model[0] ? " " : "", r->dialect ? r->dialect->name : "--");
}

void fleet_draw(struct ui *u, void *state, WINDOW *w)
{
	const struct fleet_view *v = state;
	char text[FLEET_DROPPED];
	int height = getmaxy(w), rows = fleet_rows(u, height), y = FLEET_HEAD + rows;

	if (!v || !u->fleet || u->fleet->n == 0) {
		ui_text(u, w, 1, 2, u->cols - 4, ROLE_DIM, "%s", u->line == LINE_LIVE
			? "connected: no meter has been heard yet" : "not connected yet");
		ui_wrap(u, w, 3, 2, u->cols - 4, UI_WRAP_ROWS, ROLE_WARN, fleet_draw_dropped(u, text, sizeof(text)));
		return;
	}
	draw_counts(u, v, w);
	fleet_draw_names(u, v, w, 1);
	for (int i = 0; i < rows && v->list.top + i < v->list.n; i++)
		fleet_draw_row(u, w, FLEET_HEAD + i, &u->fleet->rows[v->idx[v->list.top + i]],
			       v->list.top + i == v->list.at);
	if (v->n == 0)
		ui_text(u, w, FLEET_HEAD, 3, u->cols - 4, ROLE_DIM, v->find.text[0] ? "none of them holds '%s'"
			: "nothing is wrong with any of them (f: all)%s", v->find.text);
	else
		fleet_draw_detail(u, &u->fleet->rows[v->idx[v->list.at]], w, y);
	ui_wrap(u, w, y + 2, 1, u->cols - 2, fleet_draw_dropped_most(height), ROLE_WARN,
		fleet_draw_dropped(u, text, sizeof(text)));
}
