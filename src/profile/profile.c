#include "profile.h"
#include "base.h"

#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "codec.h"
#include "profile_load.h"
#include "base/text.h"

const char *const point_type_names[TYPE_COUNT] = {
	[TYPE_U16] = "u16", [TYPE_I16] = "i16", [TYPE_U32] = "u32",
	[TYPE_I32] = "i32", [TYPE_U64] = "u64", [TYPE_I64] = "i64", [TYPE_BCD] = "bcd",
	[TYPE_F32] = "f32", [TYPE_F64] = "f64",
	[TYPE_BITS] = "bits", [TYPE_BIT] = "bit", [TYPE_CLOCK] = "clock",
	[TYPE_STAMP] = "stamp", [TYPE_FRAME] = "frame", [TYPE_FREEZE] = "freeze",
	[TYPE_DAYTABLE] = "daytable", [TYPE_ZONES] = "zones",
	[TYPE_HEX] = "hex", [TYPE_STRING] = "string",
	[TYPE_IPV4] = "ipv4",
};
const char *const write_function_names[3] = { "any", "6", "16" };
const char *const effect_names[3] = { "now", "restart", "reopen" };
const char *const role_names[POINT_ROLES] = {
	[POINT_ROLE_NONE] = "none", [POINT_ROLE_ABSOLUTE] = "wiring.absolute", [POINT_ROLE_VERDICT] = "wiring.verdict",
	[POINT_ROLE_INVERT] = "wiring.invert", [POINT_ROLE_INVERT_A] = "wiring.invert.a",
	[POINT_ROLE_INVERT_B] = "wiring.invert.b", [POINT_ROLE_INVERT_C] = "wiring.invert.c",
	[POINT_ROLE_MAP_A] = "wiring.map.a", [POINT_ROLE_MAP_B] = "wiring.map.b", [POINT_ROLE_MAP_C] = "wiring.map.c",
	[POINT_ROLE_UPLINK] = "uplink.status",
};
const char *const space_names[2] = { "holding", "input" };
const char *const byte_order_names[4] = { "ABCD", "CDAB", "BADC", "DCBA" };
const char *const pad_names[2] = { "zero", "blank" };
const char *const read_align_names[2] = { "any", "even" };
const char *const provenance_names[FROM_COUNT] = { "manual", "public", "learned", "provisional" };
const char *const word_part_names[3] = { "both", "high", "low" };
const char *const ratio_names[4] = { "none", "pt", "ct", "ptct" };
const char *const side_names[3] = { "unknown", "primary", "secondary" };
const char *const baud_names[NBAUDS] = { "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200" };
const char *const frame_names[NFRAMES] = { "8N1", "8E1", "8O1", "8N2" };

bool profile_is_file(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') || (len > 5 && strcmp(name + len - 5, ".yaml") == 0);
}

/* Where a user's own profile of that name would be; "" without a home. */
static const char *own_path(const char *name, char *buf, size_t size)
{
	char leaf[NAME_MAX + sizeof("profiles/")];

	buf[0] = '\0';
	if (snprintf(leaf, sizeof(leaf), "profiles/%s.yaml", name) < (int)sizeof(leaf))
		paths_config(buf, size, leaf);
	return buf;
}

bool profile_is_own(const char *name)
{
	char path[PATH_MAX];

	return access(own_path(name, path, sizeof(path)), F_OK) == 0;
}

static int is_yaml(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return d->d_name[0] != '.' && len > 5 && strcmp(d->d_name + len - 5, ".yaml") == 0;
}

void profile_each_own(void (*each)(const char *name, void *arg), void *arg)
{
	char folder[PATH_MAX];
	struct dirent **list = NULL;
	int n = scandir(paths_config(folder, sizeof(folder), "profiles"), &list,
			is_yaml, alphasort);

	for (int i = 0; i < n; i++) {
		list[i]->d_name[strlen(list[i]->d_name) - strlen(".yaml")] = '\0';
		each(list[i]->d_name, arg);
		free(list[i]);
	}
	free(list);
}

bool profile_is_auto(const char *name)
{
	return strcmp(name, "auto") == 0;
}

const struct profile *profile_open(const char *name, struct err *e)
{
	const struct profile *p;
	char path[PATH_MAX];

	if (profile_is_auto(name)) {
		err_set(e, ERR_USAGE, "profile 'auto' identifies a meter that is connected (name a profile here, see 'profile list')");
		return NULL;
	}
	if (profile_is_file(name))
		return profile_load(name, e);
	if (profile_is_own(name))
		return profile_load(own_path(name, path, sizeof(path)), e);
	p = profile_builtin_named(name);
	own_path(name, path, sizeof(path));
	if (!p)
		err_set(e, ERR_USAGE, "no profile '%s' (built in: see 'profile list'%s%s)", name,
			*path ? "; your own: " : "", path);
	return p;
}

void profile_free(const struct profile *p)
{
	if (p && p->based)
		base_release(p);
	else if (p && p->own)
		profile_unload(p);
}

int profile_find(const struct profile *p, const char *key)
{
	size_t lo = 0, hi = p->npoints;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(key, p->points[p->by_key[mid]].key);

		if (c == 0)
			return p->by_key[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return -1;
}

bool profile_alone(const struct profile *p, const struct point *point)
{
	if (p->read_align == ALIGN_EVEN && (point->words % 2 || point->addr % 2))
		return true;
	for (const char *s = p->read_alone; s && *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");

		if (strlen(point->key) == n && memcmp(s, point->key, n) == 0)
			return true;
		s += n;
	}
	return false;
}

bool profile_side_assumed(const struct profile *p)
{
	for (size_t i = 0; i < p->npoints; i++)
		if (p->points[i].ratio != RATIO_NONE && p->points[i].side == SIDE_UNKNOWN)
			return true;
	return false;
}

struct ratio_points profile_ratio(const struct profile *p, enum ratio which)
{
	const char *given = which == RATIO_PT ? p->ratio_pt : p->ratio_ct;
	const char *keys = given && *given ? given : which == RATIO_PT ? "ratio.pt" : "ratio.ct";
	struct ratio_points at = { { -1, -1 } };
	char key[64];

	for (int i = 0; i < 2 && *keys; i++) {
		size_t len = strcspn(keys, " ");

		snprintf(key, sizeof(key), "%.*s", (int)len, keys);
		at.of[i] = profile_find(p, key);
		keys += len + (keys[len] == ' ');
	}
	return at;
}

int profile_role(const struct profile *p, enum point_role role)
{
	for (size_t i = 0; i < p->npoints; i++)
		if (p->points[i].role == role)
			return (int)i;
	return -1;
}

int profile_scaler(const struct profile *p, const struct point *point)
{
	if (point->exponent && *point->exponent)
		return profile_find(p, point->exponent);
	return point->factor && *point->factor ? profile_find(p, point->factor) : -1;
}

const struct point *profile_at(const struct profile *p, enum space space, long addr)
{
	for (size_t i = 0; i < p->npoints; i++) {
		const struct point *pt = &p->points[i];

		if (pt->space == space && !(pt->flags & (POINT_DERIVED | POINT_PART))
		    && addr >= pt->addr && addr < pt->addr + pt->words)
			return pt;
	}
	return NULL;
}

bool profile_divides(const struct point *p)
{
	return p->type <= TYPE_LAST_NUMBER || p->type == TYPE_STRING || p->type == TYPE_IPV4;
}

unsigned profile_unlock_words(const struct profile *p)
{
	return p->unlock_password.n == CODE_ASKED ? codec_words(p->unlock_type) : p->unlock_password.n;
}

const struct group *profile_group(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->ngroups; i++)
		if (strcmp(p->groups[i].name, name) == 0)
			return &p->groups[i];
	return NULL;
}

void selection_release(struct selection *sel)
{
	free(sel->idx);
	*sel = (struct selection){ 0 };
}

static int append(struct selection *sel, size_t idx, struct err *e)
{
	for (size_t i = 0; i < sel->n; i++)
		if (sel->idx[i] == idx)
			return 0;
	/* grows at powers of two, so that n alone tells the capacity */
	if ((sel->n & (sel->n - 1)) == 0) {
		uint16_t *more = realloc(sel->idx, (sel->n ? 2 * sel->n : 1) * sizeof(*more));

		if (!more)
			return err_set(e, ERR_NO, "out of memory");
		sel->idx = more;
	}
	sel->idx[sel->n++] = (uint16_t)idx;
	return 0;
}

/* Is NAME the word itself or something below it ("energy", "energy.tou")? */
static bool is_below(const char *name, const char *word)
{
	size_t len = strlen(word);

	return strncmp(name, word, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

enum how { BY_GROUP, BY_PREFIX, BY_GLOB };

struct new_value {
	const char *word;
	enum how how;
	unsigned hidden;	/* flags of points to pass over */
	bool main_only;
};

static bool profile_matches(const struct point *p, const struct new_value *w)
{
	if (p->flags & w->hidden || (w->main_only && !(p->flags & POINT_MAIN)))
		return false;
	switch (w->how) {
	case BY_GROUP: return is_below(p->group, w->word);
	case BY_PREFIX: return is_below(p->key, w->word);
	case BY_GLOB: return fnmatch(w->word, p->key, 0) == 0;
	}
	return false;
}

static int profile_by_address(const void *a, const void *b, void *points)
{
	const struct point *p = points;
	const struct point *pa = &p[*(const uint16_t *)a], *pb = &p[*(const uint16_t *)b];

	if (pa->space != pb->space)
		return pa->space < pb->space ? -1 : 1;
	if (pa->addr != pb->addr)
		return pa->addr < pb->addr ? -1 : 1;
	return (int)pa->bit - (int)pb->bit;
}

/* How many matched, or -1. */
static int profile_gather(const struct profile *p, const struct new_value *w,
			  struct selection *sel, struct err *e)
{
	struct selection found = { 0 };
	int rc = -1;

	for (size_t i = 0; i < p->npoints; i++)
		if (profile_matches(&p->points[i], w) && append(&found, i, e))
			goto out;
	if (found.n)
		qsort_r(found.idx, found.n, sizeof(*found.idx), profile_by_address,
			(void *)(uintptr_t)p->points);
	for (size_t i = 0; i < found.n; i++)
		if (append(sel, found.idx[i], e))
			goto out;
	rc = (int)found.n;
out:
	selection_release(&found);
	return rc;
}

static int complain_unknown(const struct profile *p, const char *word, struct err *e)
{
	const char **keys = malloc((p->npoints + p->ngroups) * sizeof(*keys));
	const char *near = NULL;
	size_t n = 0;

	for (size_t i = 0; keys && i < p->npoints; i++)
		keys[n++] = p->points[i].key;
	for (size_t i = 0; keys && i < p->ngroups; i++)
		keys[n++] = p->groups[i].name;
	if (keys)
		near = text_nearest(word, keys, n);
	free(keys);
	if (near)
		return err_set(e, ERR_USAGE, "unknown key '%s' (did you mean '%s'?)", word, near);
	return err_set(e, ERR_USAGE, "unknown key '%s' (see 'profile show')", word);
}

int profile_select(const struct profile *p, const char *word,
		   struct selection *sel, struct err *e)
{
	struct new_value w = { .word = word, .hidden = POINT_DERIVED | POINT_REPEAT };
	int idx = profile_find(p, word), n = 0;

	if (idx >= 0)
		return append(sel, (size_t)idx, e);
	if (strpbrk(word, "*?[")) {
		w.how = BY_GLOB;
		w.main_only = strchr("*?[", word[0]) != NULL;
		if (strchr(word, '@'))
			w.hidden &= ~(unsigned)POINT_REPEAT;
		n = profile_gather(p, &w, sel, e);
		/* "alarm1.enable.*" can only mean the bits */
		w.hidden &= ~(unsigned)POINT_DERIVED;
		if (n == 0)
			n = profile_gather(p, &w, sel, e);
	} else {
		n = profile_gather(p, &w, sel, e);
		w.how = BY_PREFIX;
		if (n == 0)
			n = profile_gather(p, &w, sel, e);
	}
	if (n < 0)
		return -1;
	return n ? 0 : complain_unknown(p, word, e);
}

int profile_select_live(const struct profile *p, struct selection *sel, struct err *e)
{
	struct new_value all = { .word = "*", .how = BY_GLOB, .main_only = true,
			    .hidden = POINT_DERIVED | POINT_REPEAT };

	for (size_t i = 0; i < p->nlive; i++)
		if (append(sel, p->live[i], e))
			return -1;
	return p->nlive || profile_gather(p, &all, sel, e) >= 0 ? 0 : -1;
}
