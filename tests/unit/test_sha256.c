/*
 * SHA-256 against the examples of NIST for FIPS 180-4 (csrc.nist.gov, Examples with
 * Intermediate Values), and in pieces of any size.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/sha256.h"

static const char *of(const void *data, size_t n, size_t piece)
{
	static char hex[SHA256_HEX + 1];
	struct sha256 s;

	sha256_init(&s);
	for (size_t at = 0; at < n; at += piece)
		sha256_add(&s, (const char *)data + at, n - at < piece ? n - at : piece);
	return sha256_hex(&s, hex);
}

static void published(void **state)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	static const char four[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
	char *million = malloc(1000000);

	(void)state;
	assert_non_null(million);
	memset(million, 'a', 1000000);
	assert_string_equal(of("", 0, 1),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(of("abc", 3, 3),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(of(two, strlen(two), 100),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_string_equal(of(four, strlen(four), 200),
		"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	assert_string_equal(of(million, 1000000, 1000000),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

/* Every length round a block, in pieces of every size: the same as in one. */
static void in_pieces(void **state)
{
	char data[200], whole[SHA256_HEX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t n = 0; n <= sizeof(data); n++) {
		memcpy(whole, of(data, n, sizeof(data)), sizeof(whole));
		for (size_t piece = 1; piece < 130; piece += 3)
			assert_string_equal(of(data, n, piece), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(in_pieces),
	};

	return UNIT_RUN(tests);
}
