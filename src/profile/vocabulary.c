#include "vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define KEY_MAX 128	/* of a key that follows from a pattern */

/* What stands in braces at TEXT, "{a,b}" or "{2..63}". */
struct braces {
	const char *inside, *after;
	size_t len;
	bool any, range;
	long from, to;
};

static bool braces_parse(const char *text, struct braces *b)
{
	char number[2][8];
	const char *end = strchr(text, '}');
	const char *dots;
	size_t len;

	if (!end)
		return false;
	len = (size_t)(end - text) - 1;
	*b = (struct braces){ .inside = text + 1, .after = end + 1, .len = len };
	b->any = len == 1 && text[1] == '*';
	dots = memmem(b->inside, len, "..", 2);
	if (!dots)
		return len > 0 && !memchr(b->inside, '{', len);
	snprintf(number[0], sizeof(number[0]), "%.*s", (int)(dots - b->inside), b->inside);
	snprintf(number[1], sizeof(number[1]), "%.*s", (int)(end - dots - 2), dots + 2);
	b->range = true;
	return text_long(number[0], 0, 9999, &b->from) && text_long(number[1], b->from, 9999, &b->to);
}

/* The alternative at *AT of B, "" included: its length in *LEN. False: no more. */
static bool braces_next(const struct braces *b, size_t *at, const char **word, size_t *len)
{
	const char *comma;

	if (*at > b->len)
		return false;
	*word = b->inside + *at;
	comma = memchr(*word, ',', b->len - *at);
	*len = comma ? (size_t)(comma - *word) : b->len - *at;
	*at += *len + 1;
	return true;
}

bool vocabulary_pattern_valid(const char *pattern)
{
	struct braces b;

	for (; *pattern; pattern = *pattern == '{' ? b.after : pattern + 1) {
		if (*pattern == '{' ? !braces_parse(pattern, &b) || (b.any && *b.after) : *pattern == '}')
			return false;
	}
	return true;
}

bool vocabulary_matches(const char *pattern, const char *key)
{
	const char *word;
	struct braces b;
	size_t at = 0, len;

	for (; *pattern && *pattern != '{'; pattern++, key++)
		if (*pattern != *key)
			return false;
	if (!*pattern)
		return !*key;
	if (!braces_parse(pattern, &b))
		return false;
	if (b.any)
		return *key != '\0';
	if (b.range) {
		char number[8];
		long v;

		len = strspn(key, "0123456789");
		snprintf(number, sizeof(number), "%.*s", (int)len, key);
		return len > 0 && (len == 1 || *key != '0') && text_long(number, b.from, b.to, &v)
		    && vocabulary_matches(b.after, key + len);
	}
	while (braces_next(&b, &at, &word, &len))
		if (strncmp(key, word, len) == 0 && vocabulary_matches(b.after, key + len))
			return true;
	return false;
}

const struct vocabulary_key *vocabulary_find(const char *key)
{
	char plain[KEY_MAX];
	size_t n;
	const struct vocabulary_key *k = vocabulary_all(&n);

	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(key, "@"), key);
	for (; n; k++, n--)
		if (vocabulary_matches(k->pattern, plain))
			return k;
	return NULL;
}

bool vocabulary_has_unit(const struct vocabulary_key *k, const char *unit)
{
	for (const char *const *u = k->units; *u; u++)
		if (strcmp(*u, unit) == 0 || strcmp(*u, "*") == 0)
			return true;
	return false;
}

static int vocabulary_add(struct arena *a, struct vocabulary_list *list, const char *key)
{
	char *copy = arena_format(a, "%s", key);

	/* grows at powers of two, so that n alone tells the capacity */
	if ((list->n & (list->n - 1)) == 0) {
		const char **more = realloc(list->key, (list->n ? 2 * list->n : 1) * sizeof(*more));

		if (!more)
			return -1;
		list->key = more;
	}
	list->key[list->n] = copy;
	list->n += copy != NULL;
	return copy ? 0 : -1;
}

/* KEY has LEN characters so far; PATTERN is what follows. */
static int vocabulary_follow(const char *pattern, char *key, size_t len, struct arena *a,
			     struct vocabulary_list *list)
{
	size_t plain = strcspn(pattern, "{"), at = 0, n;
	const char *word;
	struct braces b;

	len += (size_t)snprintf(key + len, KEY_MAX - len, "%.*s", (int)plain, pattern);
	if (len >= KEY_MAX)
		return 0;
	if (!pattern[plain])
		return vocabulary_add(a, list, key);
	if (!braces_parse(pattern + plain, &b) || b.any)
		return 0;
	for (long v = b.from; b.range && v <= b.to; v++) {
		n = (size_t)snprintf(key + len, KEY_MAX - len, "%ld", v);
		if (vocabulary_follow(b.after, key, len + n, a, list))
			return -1;
	}
	while (!b.range && braces_next(&b, &at, &word, &n)) {
		snprintf(key + len, KEY_MAX - len, "%.*s", (int)n, word);
		if (len + n < KEY_MAX && vocabulary_follow(b.after, key, len + n, a, list))
			return -1;
	}
	return 0;
}

int vocabulary_expand(const char *pattern, struct arena *a, struct vocabulary_list *list)
{
	char key[KEY_MAX] = "";

	return vocabulary_follow(pattern, key, 0, a, list);
}

int vocabulary_expand_all(struct arena *a, struct vocabulary_list *list)
{
	size_t n;
	const struct vocabulary_key *k = vocabulary_all(&n);

	for (; n; k++, n--)
		if (vocabulary_expand(k->pattern, a, list))
			return -1;
	return 0;
}
