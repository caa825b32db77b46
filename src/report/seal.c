#include <string.h>

#include "report.h"

/* The last place of MARK in TEXT with 64 bytes behind it; NULL. */
static const char *find_mark(const char *text, size_t n, const char *mark)
{
	size_t len = strlen(mark);
	const char *last = NULL;

	for (const char *at = text; at; ) {
		size_t left = n - (size_t)(at - text);

		at = memmem(at, left, mark, len);
		if (!at)
			break;
		at += len;
		if (n - (size_t)(at - text) >= SHA256_HEX)
			last = at;
	}
	return last;
}

static const char *find_seal(const char *text, size_t n)
{
	const char *at = find_mark(text, n, REPORT_SEAL_HTML);

	return at ? at : find_mark(text, n, REPORT_SEAL_TEXT);
}

/* SHA-256 of TEXT with zeros at SEAL. */
static void hash_around(const char *text, size_t n, const char *seal, char out[SHA256_HEX + 1])
{
	size_t before = (size_t)(seal - text);
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, text, before);
	sha256_add(&s, REPORT_ZEROS, SHA256_HEX);
	sha256_add(&s, seal + SHA256_HEX, n - before - SHA256_HEX);
	sha256_hex(&s, out);
}

int report_seal(char *text, size_t n)
{
	const char *at = find_seal(text, n);
	char hex[SHA256_HEX + 1];

	if (!at || memcmp(at, REPORT_ZEROS, SHA256_HEX) != 0)
		return -1;
	hash_around(text, n, at, hex);
	memcpy(text + (at - text), hex, SHA256_HEX);
	return 0;
}

static const char *hash_of(const char *text, size_t n, char out[SHA256_HEX + 1])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, text, n);
	return sha256_hex(&s, out);
}

const char *report_data_hash(const char *json, char out[SHA256_HEX + 1])
{
	return hash_of(json, strlen(json), out);
}

/* Are the data in TEXT those whose hash is printed in it? */
static bool data_whole(const char *text, size_t n)
{
	const char *data = memmem(text, n, REPORT_DATA_HTML, strlen(REPORT_DATA_HTML));
	const char *hash = find_mark(text, n, REPORT_HASH_HTML), *end;
	char hex[SHA256_HEX + 1];

	if (!data || !hash)
		return false;
	data += strlen(REPORT_DATA_HTML);
	end = memmem(data, n - (size_t)(data - text), "</script>", strlen("</script>"));
	return end && memcmp(hash_of(data, (size_t)(end - data), hex), hash, SHA256_HEX) == 0;
}

void report_verify(const char *text, size_t n, struct report_check *c)
{
	const char *at = find_seal(text, n);

	*c = (struct report_check){ .state = REPORT_UNSEALED };
	if (!at)
		return;
	memcpy(c->seal, at, SHA256_HEX);
	hash_around(text, n, at, c->found);
	if (strspn(c->seal, "0123456789abcdef") != SHA256_HEX)
		c->seal[0] = '\0';
	else if (strcmp(c->seal, c->found) == 0)
		c->state = REPORT_UNCHANGED;
	else
		c->state = data_whole(text, n) || find_mark(text, n, REPORT_SEAL_HTML) == NULL
			 ? REPORT_CHANGED : REPORT_DATA_CHANGED;
}
