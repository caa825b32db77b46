#include "codec_packed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/text.h"

const char *packed_word(const char *list, unsigned i, size_t *len)
{
	for (; i > 0 && *list; i--) {
		list += strcspn(list, " ");
		list += *list == ' ';
	}
	*len = strcspn(list, " ");
	return list;
}

unsigned packed_words(const char *list)
{
	unsigned n = *list != '\0';

	for (; *list; list++)
		n += *list == ' ';
	return n;
}

unsigned packed_count(const char *list, const char *word)
{
	unsigned n = 0;
	size_t len;

	for (unsigned i = 0; i < packed_words(list); i++) {
		const char *w = packed_word(list, i, &len);

		n += strlen(word) == len && memcmp(w, word, len) == 0;
	}
	return n;
}

unsigned packed_byte(const uint16_t *r, unsigned i)
{
	return i % 2 ? LO(r[i / 2]) : HI(r[i / 2]);
}

void packed_set_byte(uint16_t *r, unsigned i, unsigned byte)
{
	r[i / 2] = i % 2 ? WORD(HI(r[i / 2]), byte) : WORD(byte, LO(r[i / 2]));
}

int packed_odd(const struct point *p, struct err *e, const char *what)
{
	return err_set(e, ERR_FOREIGN, "'%s' holds no %s", p->key, what);
}

int packed_unlike(const struct point *p, struct err *e, const char *text,
		  const char *like)
{
	return err_set(e, ERR_USAGE, "'%s' is no value for '%s' (like %s)",
		       text, p->key, like);
}

/* ADW300 0004H; its sibling ADW310 has the bytes the other way round (A3). */
int frame_decode(const struct point *p, const uint16_t *r, char *text,
		 size_t size, struct err *e)
{
	if (HI(r[0]) > 2 || LO(r[0]) > 1)
		return packed_odd(p, e, "parity and stop bits");
	snprintf(text, size, "8%c%u", "NEO"[HI(r[0])], LO(r[0]) + 1);
	return 0;
}

int frame_encode(const struct point *p, const char *text, uint16_t *r,
		 struct err *e)
{
	const char *parity = strlen(text) == 3 ? strchr("NEO", ascii_upper(text[1])) : NULL;

	if (!parity || text[0] != '8' || (text[2] != '1' && text[2] != '2'))
		return packed_unlike(p, e, text, "8N1, 8E1, 8O1, 8N2");
	r[0] = WORD((unsigned)(parity - "NEO"), (unsigned)(text[2] - '1'));
	return 0;
}

int freeze_decode(const struct point *p, const uint16_t *r, char *text,
		  size_t size, struct err *e)
{
	if (HI(r[0]) > 23 || LO(r[0]) < 1 || LO(r[0]) > 31)
		return packed_odd(p, e, "day and hour");
	snprintf(text, size, "%u %02u:00", LO(r[0]), HI(r[0]));
	return 0;
}

int freeze_encode(const struct point *p, const char *text, uint16_t *r,
		  struct err *e)
{
	unsigned day, hour;
	int end = 0;

	if (sscanf(text, "%2u %2u:00%n", &day, &hour, &end) != 2 || !end || text[end]
	    || hour > 23 || day < 1)
		return packed_unlike(p, e, text, "1 00:00: day, hour");
	/* The range of the day is not printed; 28 is safe in every month (C6). */
	if (day > 28)
		return err_set(e, ERR_DENIED, "'%s' day %u is out of range (1 to 28)",
			       p->key, day);
	r[0] = WORD(hour, day);
	return 0;
}

int hex_decode(const struct point *p, const uint16_t *r, char *text,
	       size_t size, struct err *e)
{
	size_t at = 0;

	(void)e;
	text[0] = '\0';
	for (unsigned i = 0; i < p->words; i++)
		text_append(text, size, &at, "%s%04X", i ? " " : "", r[i]);
	return 0;
}

int hex_encode(const struct point *p, const char *text, uint16_t *r,
	       struct err *e)
{
	const char *s = text;

	for (unsigned i = 0; i < p->words; i++) {
		unsigned word;
		int len = 0;

		if (sscanf(s, " %4x%n", &word, &len) != 1)
			return packed_unlike(p, e, text, "0102 0304: a word of 4 hex digits each");
		r[i] = (uint16_t)word;
		s += len;
	}
	return *s ? packed_unlike(p, e, text, "0102 0304: a word of 4 hex digits each") : 0;
}

void string_bytes(const struct point *p, const uint16_t *r, char *out)
{
	for (unsigned i = 0; i < p->words; i++) {
		if (p->chars != 1)
			*out++ = (char)HI(r[i]);
		*out++ = (char)LO(r[i]);
	}
}

int string_decode(const struct point *p, const uint16_t *r, char *text,
		  size_t size, struct err *e)
{
	char raw[2 * VALUE_WORDS + 1];
	size_t n;

	(void)e;
	string_bytes(p, r, raw);
	raw[codec_room(p)] = '\0';
	n = strlen(raw);
	while (n > 0 && raw[n - 1] == ' ')
		raw[--n] = '\0';
	text_clean(text, size, raw);
	return 0;
}

int string_encode(const struct point *p, const char *text, uint16_t *r,
		  struct err *e)
{
	size_t n = strlen(text), room = codec_room(p);
	char shown[2 * VALUE_WORDS + 1], filled[2 * VALUE_WORDS];

	if (n > room)
		return err_set(e, ERR_DENIED, "'%s' takes at most %zu characters, not %zu",
			       p->key, room, n);
	/* what would not be read back as it was written: it may be a password, so
	 * it is not quoted */
	text_clean(shown, sizeof(shown), text);
	if (strcmp(shown, text) != 0)
		return err_set(e, ERR_DENIED, "'%s' takes no characters that cannot be shown", p->key);
	if (n && text[n - 1] == ' ')
		return err_set(e, ERR_DENIED, "'%s' cannot end in a blank: meters fill up with them",
			       p->key);
	memset(filled, p->pad == PAD_BLANK ? ' ' : 0, sizeof(filled));
	memcpy(filled, text, n);
	for (unsigned i = 0; i < p->words; i++) {
		const unsigned char *at = (const unsigned char *)filled + (p->chars == 1 ? i : 2 * i);

		r[i] = p->chars == 1 ? WORD(0U, at[0]) : WORD((unsigned)at[0], at[1]);
	}
	return 0;
}

int ipv4_decode(const struct point *p, const uint16_t *r, char *text, size_t size, struct err *e)
{
	(void)p;
	(void)e;
	snprintf(text, size, "%u.%u.%u.%u", HI(r[0]), LO(r[0]), HI(r[1]), LO(r[1]));
	return 0;
}

int ipv4_encode(const struct point *p, const char *text, uint16_t *r, struct err *e)
{
	struct in_addr a;
	uint32_t v;

	if (inet_pton(AF_INET, text, &a) != 1)
		return packed_unlike(p, e, text, "192.168.1.10");
	v = ntohl(a.s_addr);
	r[0] = (uint16_t)(v >> 16);
	r[1] = (uint16_t)v;
	return 0;
}
