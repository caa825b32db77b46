/*
 * scan_state.c - how far a search has come: a JSON file beside the journal. What was tried is kept by
 * setting, so that a search that is narrowed or widened goes on from there as well.
 */
#include <jansson.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "profile/base.h"
#include "scan.h"

#define STATE_SCHEMA "meterctl.scan-state/1"

const char *scan_state_path(const struct app *a, char *buf, size_t size)
{
	char journal[PATH_MAX];

	if (!a->journal)
		return paths_state(buf, size, "scan.json");
	snprintf(journal, sizeof(journal), "%s", a->journal);
	if (snprintf(buf, size, "%s/scan.json", dirname(journal)) >= (int)size)
		*buf = '\0';
	return buf;
}

/* ---- to the file --------------------------------------------------------------------------- */

/* A digit for each unit. */
static json_t *scan_tried_json(const uint8_t *tried)
{
	char text[SWEEP_UNITS + 1];

	for (int u = 0; u < SWEEP_UNITS; u++)
		text[u] = (char)('0' + tried[u]);
	text[SWEEP_UNITS] = '\0';
	return json_string(text);
}

static json_t *scan_settings_json(const struct sweep *s)
{
	json_t *j = json_object();
	char name[24];

	for (size_t i = 0; i < s->nsettings; i++)
		json_object_set_new(j, sweep_setting_text(&s->settings[i], name, sizeof(name)),
			json_pack("{s:o, s:b, s:b, s:I}", "tried", scan_tried_json(s->tried[i]), "found", s->found[i],
				  "suspect", s->suspect[i], "answer_us", (json_int_t)s->answer_us[i]));
	return j;
}

static json_t *scan_meter_json(const struct discover_meter *m)
{
	return json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:f, s:b, s:b}", "target", m->target.text,
			 "profile", m->profile ? m->profile->name : NULL, "model", m->model, "id", m->id, "reply", m->reply,
			 "latency_ms", m->latency_ms, "doubled", m->doubled, "any_unit", m->any_unit);
}

static json_t *scan_line_json(const struct finder_line *l, size_t line, const struct scan_meter *meters, size_t n)
{
	json_t *list = json_array();
	char name[300];

	for (size_t i = 0; i < n; i++)
		if (meters[i].line == line)
			json_array_append_new(list, scan_meter_json(&meters[i].meter));
	return json_pack("{s:s, s:o, s:o}", "line", scan_line_name(l, name, sizeof(name)),
			 "settings", scan_settings_json(&l->sweep), "meters", list);
}

int scan_state_save(const char *path, const struct finder_line *lines, size_t nlines, const struct scan_meter *meters,
		    size_t n, struct err *e)
{
	json_t *list = json_array(), *root;
	char *text;
	int rc;

	for (size_t i = 0; i < nlines; i++)
		json_array_append_new(list, scan_line_json(&lines[i], i, meters, n));
	root = json_pack("{s:s, s:o}", "schema", STATE_SCHEMA, "lines", list);
	text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
	rc = text ? paths_replace(path, text, e) : err_set(e, ERR_NO, "out of memory");
	free(text);
	json_decref(root);
	return rc;
}

/* ---- from it ---------------------------------------------------------------------------------- */

static void scan_restore_setting(struct sweep *s, size_t i, json_t *j)
{
	const char *tried = json_string_value(json_object_get(j, "tried"));

	for (size_t u = 0; tried && u < SWEEP_UNITS && tried[u]; u++)
		s->tried[i][u] = (uint8_t)((tried[u] - '0') & (SWEEP_TRIED | SWEEP_WAITED));
	s->found[i] = json_is_true(json_object_get(j, "found"));
	s->suspect[i] = json_is_true(json_object_get(j, "suspect"));
	s->answer_us[i] = json_integer_value(json_object_get(j, "answer_us"));
}

/* A rule's model of that name, which outlives M. */
static void scan_restore_model(struct discover_meter *m, json_t *j, const struct scan_profiles *p)
{
	const char *profile = json_string_value(json_object_get(j, "profile"));
	const char *model = json_string_value(json_object_get(j, "model"));

	for (size_t i = 0; profile && model && i < p->n; i++) {
		const struct profile *q = p->list[i];

		if (strcmp(q->name, profile) != 0)
			continue;
		if (base_is_sought(q) && strcmp(q->title, model) == 0) {
			m->profile = q;
			m->model = q->title;
		}
		for (size_t k = 0; k < q->identify.n; k++)
			if (strcmp(q->identify.list[k].model, model) == 0) {
				m->profile = q;
				m->model = q->identify.list[k].model;
			}
	}
}

static bool scan_restore_meter(struct discover_meter *m, json_t *j, const struct scan_profiles *p)
{
	const char *target = json_string_value(json_object_get(j, "target"));
	const char *id = json_string_value(json_object_get(j, "id")), *reply = json_string_value(json_object_get(j, "reply"));
	struct err ignored;

	*m = (struct discover_meter){ .latency_ms = json_number_value(json_object_get(j, "latency_ms")),
				      .doubled = json_is_true(json_object_get(j, "doubled")),
				      .any_unit = json_is_true(json_object_get(j, "any_unit")) };
	if (!target || !id || !reply || target_parse(target, &m->target, &ignored))
		return false;
	snprintf(m->id, sizeof(m->id), "%s", id);
	snprintf(m->reply, sizeof(m->reply), "%s", reply);
	scan_restore_model(m, j, p);
	return true;
}

static int scan_restore_meters(json_t *list, size_t line, const struct scan_profiles *p, struct scan_meter **meters, size_t *n,
			       struct err *e)
{
	struct scan_meter *more = realloc(*meters, (*n + json_array_size(list) + 1) * sizeof(*more));
	json_t *j;
	size_t i;

	if (!more)
		return err_set(e, ERR_NO, "out of memory");
	*meters = more;
	json_array_foreach(list, i, j) {
		more[*n].line = line;
		*n += scan_restore_meter(&more[*n].meter, j, p);
	}
	return 0;
}

static int scan_restore_line(struct finder_line *l, size_t line, json_t *lines, const struct scan_profiles *p,
			     struct scan_meter **meters, size_t *n, struct err *e)
{
	char name[300], setting[24];
	json_t *j;
	size_t i;

	scan_line_name(l, name, sizeof(name));
	json_array_foreach(lines, i, j) {
		const char *of = json_string_value(json_object_get(j, "line"));
		json_t *settings = json_object_get(j, "settings"), *s;

		if (!of || strcmp(of, name) != 0)
			continue;
		for (size_t k = 0; k < l->sweep.nsettings; k++) {
			s = json_object_get(settings, sweep_setting_text(&l->sweep.settings[k], setting, sizeof(setting)));
			if (s)
				scan_restore_setting(&l->sweep, k, s);
		}
		return scan_restore_meters(json_object_get(j, "meters"), line, p, meters, n, e);
	}
	return 0;
}

int scan_state_load(const char *path, struct finder_line *lines, size_t nlines, const struct scan_profiles *p,
		    struct scan_meter **meters, size_t *n, struct err *e)
{
	json_error_t why;
	json_t *root = access(path, F_OK) ? json_object() : json_load_file(path, 0, &why);
	const char *schema = root ? json_string_value(json_object_get(root, "schema")) : NULL;
	int rc = 0;

	if (!root || (json_object_size(root) && (!schema || strcmp(schema, STATE_SCHEMA) != 0))) {
		json_decref(root);
		return err_set(e, ERR_NO, "cannot read '%s': not the state of a scan (put it aside)", path);
	}
	for (size_t i = 0; i < nlines && !rc; i++)
		rc = scan_restore_line(&lines[i], i, json_object_get(root, "lines"), p, meters, n, e);
	json_decref(root);
	return rc;
}
