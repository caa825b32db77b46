#include "learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/password.h"
#include "target/secret.h"

/* What a reference stands for; NULL and E. */
static char *learn_fetch(const struct app *a, const char *key, const char *text, struct err *e)
{
	char question[128];

	if (strncmp(text, "@env:", 5) == 0)
		return secret_env(text + 5, e);
	if (strncmp(text, "@file:", 6) == 0)
		return secret_file(text + 6, e);
	if (strcmp(text, "@ask") == 0 && a->host && a->host->on_screen) {
		err_set(e, ERR_USAGE, "the screens cannot ask for '%s' (write %s=@env:NAME or %s=@file:PATH)", key, key, key);
		return NULL;
	}
	if (strcmp(text, "@ask") == 0) {
		snprintf(question, sizeof(question), "value of %s", key);
		return password_ask(question, e);
	}
	err_set(e, ERR_USAGE, "'%s' is a secret, and others can read a command line (write %s=@ask, %s=@env:NAME or "
		"%s=@file:PATH)", key, key, key, key);
	return NULL;
}

/* What KEY is, as far as the profile knows. */
static int learn_add(struct learn *l, const struct profile *p, const char *key, const char *value, bool secret, struct err *e)
{
	int idx = profile_find(p, key);
	const struct point *q = idx < 0 ? NULL : &p->points[idx];

	return learn_want(l, key, value, q && strcmp(q->unit, "s") == 0, q && q->min <= q->max ? q->max : 0, secret, e);
}

int learn_value(const struct app *a, struct learn *l, const struct profile *p, const char *word, struct err *e)
{
	size_t len = strcspn(word, "=");
	char key[64], *secret;
	const char *text = word + len + 1;
	int idx, rc;

	if (word[len] == '\0' || len == 0 || len >= sizeof(key)
	    || strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789._-") < len || strchr("._-", word[0]) || word[len - 1] == '.')
		return err_set(e, ERR_USAGE, "'%.*s' is not written KEY=VALUE, with a key like network.apn", (int)len, word);
	snprintf(key, sizeof(key), "%.*s", (int)len, word);
	idx = profile_find(p, key);
	if (text[0] != '@' && !(idx >= 0 && p->points[idx].flags & POINT_SECRET))
		return learn_add(l, p, key, text, false, e);
	secret = learn_fetch(a, key, text, e);
	rc = secret ? learn_add(l, p, key, secret, true, e) : -1;
	secret_free(secret);
	return rc;
}

int learn_ask(const struct app *a, struct learn *l, const struct profile *p, struct err *e)
{
	char *line = NULL;
	size_t size = 0;
	int rc = 0;

	if (!a->asks)
		return err_set(e, ERR_USAGE, "no value to look for (--value network.apn=NAME, as typed in the maker's tool)");
	fprintf(a->err, "Values that you type in the maker's tool, KEY=VALUE, one a line (secrets: KEY=@ask).\n"
		"An empty line ends the list.\n");
	while (rc == 0) {
		ssize_t n;

		fputs("value: ", a->err);
		fflush(a->err);
		n = getline(&line, &size, stdin);
		if (n <= 1)
			break;
		line[strcspn(line, "\r\n")] = '\0';
		rc = learn_value(a, l, p, line, e);
	}
	free(line);
	return rc || l->nwants ? rc : err_set(e, ERR_USAGE, "no value was given");
}
