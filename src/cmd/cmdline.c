#include "cmdline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

/* ---- words -------------------------------------------------------------- */

/* Takes a line apart. */
struct cutter {
	const char *at;
	char quote;		/* inside this one; 0: outside */
};

enum cut { CUT_END, CUT_GAP, CUT_QUOTE, CUT_CHAR };

/* The next step: a character of a word in *CH, a quote round some of it, or a
 * gap between two words. */
static enum cut cmdline_cut(struct cutter *c, char *ch)
{
	*ch = *c->at;
	if (!*ch)
		return CUT_END;
	c->at++;
	if (c->quote ? *ch == c->quote : *ch == '\'' || *ch == '"') {
		c->quote = c->quote ? 0 : *ch;
		return CUT_QUOTE;
	}
	if (*ch == '\\' && c->quote != '\'' && *c->at) {
		*ch = *c->at++;
		return CUT_CHAR;
	}
	return !c->quote && ascii_blank(*ch) ? CUT_GAP : CUT_CHAR;
}

int cmdline_split(struct cmdline *w, const char *line, struct err *e)
{
	struct cutter c = { .at = line };
	bool inside = false;
	enum cut what;
	size_t n = 0;
	char ch;

	w->argc = 0;
	do {
		what = cmdline_cut(&c, &ch);
		if (!inside && (what == CUT_CHAR || what == CUT_QUOTE)) {
			if (w->argc == CMDLINE_MAX)
				return err_set(e, ERR_USAGE, "more than %d words", CMDLINE_MAX);
			w->argv[w->argc++] = w->text + n;
			inside = true;
		}
		if (n + 1 >= sizeof(w->text))
			return err_set(e, ERR_USAGE, "the line is too long");
		if (what == CUT_CHAR) {
			w->text[n++] = ch;
		} else if (inside && what != CUT_QUOTE) {
			w->text[n++] = '\0';
			inside = false;
		}
	} while (what != CUT_END);
	w->argv[w->argc] = NULL;
	return c.quote ? err_set(e, ERR_USAGE, "a quote (%c) is not closed", c.quote) : 0;
}

/* ---- secrets ------------------------------------------------------------ */

static const struct point *point_named(const struct profile *p, const char *key)
{
	int i = p ? profile_find(p, key) : -1;

	return i < 0 ? NULL : &p->points[i];
}

bool cmdline_keep(const struct profile *p, const char *line)
{
	struct cmdline w;
	struct err e;

	if (cmdline_split(&w, line, &e))
		return strchr(line, '=') == NULL;
	for (int i = 0; i < w.argc; i++) {
		char *equals = strchr(w.argv[i], '=');
		const struct point *pt;

		if (!equals)
			continue;
		*equals = '\0';
		if (strpbrk(w.argv[i], ":/"))	/* a target: it has no password in it */
			continue;
		pt = point_named(p, w.argv[i]);
		if (!pt || pt->flags & POINT_SECRET)
			return false;
	}
	return true;
}

const char *cmdline_mask(const struct profile *p, const char *line, char *buf, size_t size)
{
	struct cutter c = { .at = line };
	size_t nkey = 0, n = 0;
	bool hide = false;
	char key[80];

	while (*c.at && n + 1 < size) {
		const char *from = c.at;
		char ch;
		enum cut what = cmdline_cut(&c, &ch);

		if (what == CUT_GAP) {
			nkey = 0;
			hide = false;
		}
		for (; from < c.at && n + 1 < size; from++)
			if (!hide)
				buf[n++] = *from;
			else if (((unsigned char)*from & 0xC0) != 0x80)
				buf[n++] = '*';
		if (what != CUT_CHAR)
			continue;
		if (ch == '=' && !hide) {
			const struct point *pt;

			key[nkey] = '\0';
			pt = point_named(p, key);
			hide = pt && pt->flags & POINT_SECRET;
		} else if (nkey + 1 < sizeof(key)) {
			key[nkey++] = ch;
		}
	}
	buf[n] = '\0';
	return buf;
}
