#include "cmdline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

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

/* Is a password in WORD, a target as nobody should write one: "mqtt://NAME:PASSWORD@HOST",
 * "...?password=..."? */
static bool cmdline_has_password(const char *word)
{
	static const char *const parts[] = { "password=", "passwd=", "pass=", "pwd=", "token=" };
	const char *host = strstr(word, "://"), *at;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (ascii_casestr(word, parts[i]))
			return true;
	at = host ? strchr(host, '@') : NULL;
	return at && memchr(host + 3, ':', (size_t)(at - host - 3));
}

/* `raw write ADDR VALUE ...`: is one of those registers a secret's? */
static bool cmdline_raw_secret(const struct profile *p, const struct cmdline *w)
{
	long addr = 0, number;
	int i = 1, numbers = 0;

	while (i < w->argc && (strcmp(w->argv[i - 1], "raw") != 0 || strcmp(w->argv[i], "write") != 0))
		i++;
	for (i++; p && i < w->argc; i++) {
		const struct point *pt;

		if (!text_long(w->argv[i], 0, 65535, &number))
			continue;
		/* the address, the value that goes there, those behind it */
		addr = numbers == 0 ? number : numbers == 1 ? addr : addr + 1;
		numbers++;
		pt = profile_at(p, SPACE_HOLDING, addr);
		if (pt && pt->flags & POINT_SECRET)
			return true;
	}
	return false;
}

/* Is a secret in W other than as KEY=VALUE? */
static bool cmdline_hides(const struct profile *p, const struct cmdline *w)
{
	for (int i = 0; i < w->argc; i++)
		if (strpbrk(w->argv[i], ":/") && cmdline_has_password(w->argv[i]))
			return true;
	return cmdline_raw_secret(p, w);
}

bool cmdline_keep(const struct profile *p, const char *line)
{
	struct cmdline w;
	struct err e;

	if (cmdline_split(&w, line, &e))
		return strchr(line, '=') == NULL;
	if (cmdline_hides(p, &w))
		return false;
	for (int i = 0; i < w.argc; i++) {
		char *equals = strchr(w.argv[i], '=');
		const struct point *pt;

		if (!equals)
			continue;
		*equals = '\0';
		if (strpbrk(w.argv[i], ":/"))	/* a target */
			continue;
		pt = point_named(p, w.argv[i]);
		if (!pt || pt->flags & POINT_SECRET)
			return false;
	}
	return true;
}

/* All but the first word: what it is that hides there cannot be told apart. */
static const char *cmdline_mask_rest(const char *line, char *buf, size_t size)
{
	snprintf(buf, size, "%.*s ****", (int)strcspn(line, " "), line);
	return buf;
}

const char *cmdline_mask(const struct profile *p, const char *line, char *buf, size_t size)
{
	struct cmdline w;
	struct err none;
	struct cutter c = { .at = line };
	size_t nkey = 0, n = 0;
	bool hide = false;
	char key[80];

	if (cmdline_split(&w, line, &none) == 0 && cmdline_hides(p, &w))
		return cmdline_mask_rest(line, buf, size);
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
