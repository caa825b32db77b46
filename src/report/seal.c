#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <sha2.h>

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

static bool seal_begins(const char *text, size_t n, const char *with)
{
	return n >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* Each kind has a seal of its own, and what the other's looks like may stand in it
 * as the name of a site. */
static const char *find_seal(const char *text, size_t n)
{
	if (seal_begins(text, n, REPORT_HEAD_HTML))
		return find_mark(text, n, REPORT_SEAL_HTML);
	return seal_begins(text, n, REPORT_HEAD_TEXT) ? find_mark(text, n, REPORT_SEAL_TEXT) : NULL;
}

/* SHA-256 of TEXT with zeros at SEAL. */
static void hash_around(const char *text, size_t n, const char *seal, char out[SHA256_HEX + 1])
{
	size_t before = (size_t)(seal - text);
	SHA2_CTX s;

	SHA256Init(&s);
	SHA256Update(&s, (const uint8_t *)text, before);
	SHA256Update(&s, (const uint8_t *)REPORT_ZEROS, SHA256_HEX);
	SHA256Update(&s, (const uint8_t *)seal + SHA256_HEX, n - before - SHA256_HEX);
	SHA256End(&s, out);
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
	return SHA256Data((const uint8_t *)text, n, out);
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
		/* plain text does not hold the data */
		c->state = data_whole(text, n) || seal_begins(text, n, REPORT_HEAD_TEXT)
			 ? REPORT_CHANGED : REPORT_DATA_CHANGED;
}
