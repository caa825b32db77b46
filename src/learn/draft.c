#include "draft.h"

#include <math.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

void draft_name(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
	size_t n = 0;

	for (; *from && strcmp(from, ".yaml") != 0 && n + 1 < size; from++) {
		char c = (char)ascii_lower(*from);
		bool inside = strchr("._-", c) != NULL;

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (inside && n))
			name[n++] = c;
	}
	while (n && (name[n - 1] == '.' || name[n - 1] == '-'))
		n--;
	name[n] = '\0';
	if (!n)
		snprintf(name, size, "learned");
}

static const struct point *draft_base(const struct draft *d, const char *key)
{
	int idx = profile_find(d->base, key);

	return idx < 0 ? NULL : &d->base->points[idx];
}

/* Does another key of the draft take the place of P? */
static bool draft_replaces(const struct draft *d, const struct point *p)
{
	for (size_t i = 0; i < d->learn->nwants; i++)
		if (d->found[i].state == LEARN_FOUND && strcmp(d->learn->wants[i].key, p->key) == 0)
			return true;
	return false;
}

const struct point *draft_conflict(const struct draft *d, size_t i)
{
	const struct learn_place *at = &d->found[i].place;

	for (size_t k = 0; k < d->base->npoints; k++) {
		const struct point *p = &d->base->points[k];

		if (d->found[i].state == LEARN_FOUND && !(p->flags & POINT_DERIVED) && p->space == at->space && p->addr < at->addr + at->words
		    && p->addr + p->words > at->addr && !draft_replaces(d, p))
			return p;
	}
	return NULL;
}

const struct point *draft_any_conflict(const struct draft *d)
{
	const struct point *p = NULL;

	for (size_t i = 0; i < d->learn->nwants && !p; i++)
		p = draft_conflict(d, i);
	return p;
}

static bool draft_has(const struct draft *d, size_t i)
{
	return d->found[i].state == LEARN_FOUND;
}

const char *draft_certainty(const struct learn_found *f, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	if (f->reads_only)
		text_append(buf, size, &at, "read in %u frames, how it is written was not seen", f->place.reads);
	else
		text_append(buf, size, &at, "written by function %02XH in %u frames%s, %s", f->place.function, f->place.writes,
			    f->place.joined ? " side by side" : "", f->place.read ? "read back" : "not read back");
	if (f->limit > 0)
		text_append(buf, size, &at, ", known up to %.0f", f->limit);
	return buf;
}

static void draft_code(FILE *f, const char *name, const struct learn_write *w)
{
	fprintf(f, "%s: [", name);
	for (unsigned i = 0; i < w->n; i++)
		fprintf(f, "%s0x%04X", i ? ", " : "", w->regs[i]);
	fputc(']', f);
}

static void draft_around(const struct draft *d, FILE *f)
{
	const struct learn_around *a = &d->around;

	if (a->unlock) {
		fprintf(f, "unlock: {at: 0x%04X, ", a->unlock->addr);
		draft_code(f, "password", a->unlock);
		if (a->lock) {
			fprintf(f, ", lock: {at: 0x%04X, ", a->lock->addr);
			draft_code(f, "value", a->lock);
			fputc('}', f);
		}
		fputs("}\n", f);
	}
	if (a->commit) {
		fprintf(f, "commit: {at: 0x%04X, ", a->commit->addr);
		draft_code(f, "value", a->commit);
		fputs("}\n", f);
	}
}

/* The range of a number: what the base says of the key, what its registers hold, how far the
 * claim goes. */
static void draft_range(const struct draft *d, size_t i, FILE *f)
{
	const struct learn_found *found = &d->found[i];
	const struct point *base = draft_base(d, d->learn->wants[i].key);
	double scale = found->place.form.scale, least = 0, most = scale * 65535;

	if (found->place.form.type == TYPE_BCD)
		most = scale * (found->place.form.words == 1 ? 9999 : 99999999);
	else if (found->place.form.words == 2)
		most = scale * 4294967295.0;
	if (base && base->min <= base->max) {
		least = fmax(least, ceil(base->min / scale) * scale);
		most = fmin(most, floor(base->max / scale) * scale);
	}
	if (found->limit > 0)
		most = fmin(most, found->limit);
	fprintf(f, ", scale: %.0f, min: %.0f, max: %.0f", scale, least, most);
}

static void draft_point(const struct draft *d, size_t i, FILE *f)
{
	const struct learn_want *w = &d->learn->wants[i];
	const struct learn_found *found = &d->found[i];
	const struct learn_place *p = &found->place;
	const struct point *base = draft_base(d, w->key);
	bool text = p->form.type == TYPE_STRING;
	char how[LEARN_TEXT];

	fprintf(f, "      - {key: %s, at: 0x%04X, type: %s", w->key, p->addr, point_type_names[p->form.type]);
	if (!base || draft_any_conflict(d))
		fprintf(f, ", name: \"%s\", unit: \"%s\"", base ? base->name : w->key, base ? base->unit : "");
	if (text || p->form.type == TYPE_BCD)
		fprintf(f, ", words: %u", p->words);
	if (text || p->form.words == 2)
		fprintf(f, ", order: %s", byte_order_names[p->form.order]);
	if (text)
		fprintf(f, ", pad: %s", pad_names[p->form.pad == ' ']);
	else if (p->form.type != TYPE_IPV4)
		draft_range(d, i, f);
	fprintf(f, ",\n         space: %s, access: %s", space_names[p->space], found->reads_only ? "r" : "rw");
	if (w->secret)
		fputs(", secret: yes", f);
	if (!found->reads_only)
		fprintf(f, ", unlock: %s, commit: %s", d->around.unlock ? "yes" : "no", d->around.commit ? "yes" : "no");
	fprintf(f, ",\n         source: \"%s, %s\"}\n", d->date, draft_certainty(found, how, sizeof(how)));
}

/* "network" of network.apn */
static void draft_group(const struct draft *d, const char *key, char *group, size_t size)
{
	const struct point *base = draft_base(d, key);
	size_t n = strcspn(key, ".");

	if (base)
		snprintf(group, size, "%s", base->group);
	else
		snprintf(group, size, "%.*s", (int)n, key);
}

/* Has a key before want I the same group? Then both stand there. */
static bool draft_group_again(const struct draft *d, size_t i, const char *group)
{
	char other[64];

	for (size_t k = 0; k < i; k++) {
		draft_group(d, d->learn->wants[k].key, other, sizeof(other));
		if (draft_has(d, k) && strcmp(other, group) == 0)
			return true;
	}
	return false;
}

static void draft_groups(const struct draft *d, FILE *f)
{
	char group[64], other[64];
	bool any = false;

	for (size_t i = 0; i < d->learn->nwants; i++) {
		draft_group(d, d->learn->wants[i].key, group, sizeof(group));
		if (!draft_has(d, i) || draft_group_again(d, i, group))
			continue;
		fprintf(f, "%s  - group: %s\n%s    from: learned\n    note: \"\"\n    points:\n", any ? "" : "groups:\n", group,
			draft_any_conflict(d) || !profile_group(d->base, group) ? "    title: Learned\n" : "");
		any = true;
		for (size_t k = i; k < d->learn->nwants; k++) {
			draft_group(d, d->learn->wants[k].key, other, sizeof(other));
			if (draft_has(d, k) && strcmp(other, group) == 0)
				draft_point(d, k, f);
		}
	}
}

/* The first value in the form of P. */
static struct form draft_form(const struct learn_want *w, const struct learn_place *p)
{
	struct form all[FORMS_MAX];
	size_t n = form_all(&w->values[0], w->seconds, all);

	for (size_t i = 0; i < n; i++)
		if (form_same(&all[i], &p->form))
			return all[i];
	return p->form;
}

/* What was seen proves the point. */
static void draft_vector(const struct draft *d, size_t i, FILE *f)
{
	const struct learn_want *w = &d->learn->wants[i];
	const struct learn_place *p = &d->found[i].place;
	const struct form form = draft_form(w, p);
	unsigned pad = (unsigned char)p->form.pad;

	fprintf(f, "  - {at: 0x%04X, space: %s, regs: [", p->addr, space_names[p->space]);
	for (unsigned k = 0; k < p->words; k++) {
		unsigned word = k < form.words ? form.regs[k] : pad << 8 | pad;

		if (form.half && k + 1U == form.words)
			word |= form.order ? pad << 8 : pad;
		fprintf(f, "%s0x%04X", k ? ", " : "", word);
	}
	fprintf(f, "], expect: [\"%s=", w->key);
	for (const char *c = w->values[0].text; *c; c++)
		fprintf(f, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
	fputs("\"]}\n", f);
}

static void draft_vectors(const struct draft *d, FILE *f)
{
	bool any = false;

	for (size_t i = 0; i < d->learn->nwants; i++) {
		if (!draft_has(d, i) || d->learn->wants[i].secret)
			continue;
		if (!any)
			fputs("vectors:\n", f);
		any = true;
		draft_vector(d, i, f);
	}
}

/* What is not in it, for who reads the file. */
static void draft_rest(const struct draft *d, FILE *f)
{
	const struct point *other = draft_any_conflict(d);

	for (size_t i = 0; i < d->learn->nwants; i++)
		if (d->found[i].state != LEARN_FOUND)
			fprintf(f, "# %s: %s, %s\n", d->learn->wants[i].key, learn_state_names[d->found[i].state], d->found[i].why);
	if (other)
		fprintf(f, "# not extended: profile %s has %s among these registers\n", d->base->name, other->key);
	if (d->around.unlock || d->around.commit || d->around.lock)
		fputs("# unlock and commit: assumed, from what was written before and after the settings\n", f);
}

void draft_write(const struct draft *d, FILE *f)
{
	fprintf(f, "# A draft of meterctl learn (meterctl-learn(7)).\n");
	draft_rest(d, f);
	fprintf(f, "profile: %s\n", d->name);
	if (draft_any_conflict(d))
		fprintf(f, "title: Learned settings\n");
	else
		fprintf(f, "title: \"%s, with learned settings\"\nextends: %s\n", d->base->name, d->base->name);
	fprintf(f, "source: \"learned on %s from %lu frames of a tool and a meter\"\n", d->date, d->learn->frames);
	draft_around(d, f);
	draft_groups(d, f);
	draft_vectors(d, f);
}
