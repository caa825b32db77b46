#include "splitter.h"

#include <string.h>

#include "base/crc16.h"
#include "function.h"

#define SHORTEST 4		/* unit, function, check */
#define RTU_MOST 256
#define EXCEPTION_BYTES 5
#define EXCEPTION_MOST 11	/* the highest code there is: section 7 */
#define FULL SPLITTER_LUMP	/* more is not waited for */
/* On a line a request and the next are some silence apart, and a master waits for at least
 * so long before it gives a reply up. */
#define GIVEN_UP_US 50000

void splitter_feed(struct splitter *s, const uint8_t *bytes, size_t n, int64_t at_us)
{
	memcpy(s->buf + s->n, bytes, n);
	for (size_t i = 0; i < n; i++)
		s->times[s->n + i] = at_us;
	s->n += n;
}

static unsigned splitter_word(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

/* ---- requests that wait ------------------------------------------------------ */

/* The bytes of a reply to the request B; 0: it tells itself. */
static size_t reply_bytes(const uint8_t *b, size_t n)
{
	unsigned count = n >= 8 ? splitter_word(b + 4) : 0;

	switch (b[1]) {
	case 1: case 2: return 5 + (count + 7) / 8;
	case 3: case 4: case 0x17: return 5 + 2 * (size_t)count;
	default: return function_reply_length(b, 2);
	}
}

/* How many bytes of its request a reply repeats, function included. */
static size_t repeated_bytes(uint8_t function)
{
	switch (function) {
	case 5: case 6: case 8: case 0x0F: case 0x10: return 6;
	case 0x16: return 8;
	default: return 2;
	}
}

/* Whatever follows in B may be the reply to D, as far as its N bytes go. */
static bool due_fits(const struct splitter_due *d, const uint8_t *b, size_t n)
{
	size_t same = repeated_bytes(d->head[1]);

	if (!d->open || memcmp(b, d->head, n < same ? n : same) != 0)
		return false;
	/* a read reply begins with how many bytes follow */
	return same > 2 || d->reply <= EXCEPTION_BYTES || n < 3 || b[2] + 5U == d->reply;
}

/* The newest request that the frame at B may answer, before the one numbered BELOW. */
static struct splitter_due *due_for(struct splitter *s, const uint8_t *b, size_t n, unsigned long below)
{
	struct splitter_due *best = NULL;

	for (size_t i = 0; i < SPLITTER_DUE; i++) {
		struct splitter_due *d = &s->due[i];
		bool exception = d->open && n > 1 && b[0] == d->head[0] && b[1] == (d->head[1] | 0x80);

		if (d->number < below && (exception || due_fits(d, b, n)) && (!best || d->number > best->number))
			best = d;
	}
	return best;
}

static struct splitter_due *due_slot(struct splitter *s)
{
	struct splitter_due *oldest = &s->due[0];

	for (size_t i = 0; i < SPLITTER_DUE; i++) {
		if (!s->due[i].open)
			return &s->due[i];
		if (s->due[i].number < oldest->number)
			oldest = &s->due[i];
	}
	return oldest;
}

static bool due_is_old(const struct splitter_due *d, int64_t at_us)
{
	return at_us - d->at_us > SPLITTER_DUE_US;
}

/* ---- is it a frame? ------------------------------------------------------------ */

enum splitter_guess { GUESS_NO, GUESS_MORE, GUESS_WHOLE };

/* One way to understand what begins at a place. */
struct splitter_look {
	enum splitter_guess guess;
	enum cut_kind kind;
	size_t n;
};

/* May LEN bytes at B be a frame? 0: nobody can tell yet. */
static enum splitter_guess look_length(const uint8_t *b, size_t n, size_t len)
{
	if (len > RTU_MOST)
		return GUESS_NO;
	if (len == 0 || len > n)
		return GUESS_MORE;
	return crc16_good(b, len) ? GUESS_WHOLE : GUESS_NO;
}

/* Modbus Application Protocol V1.1b3, 6: what a length follows from is what it may be. */
static bool request_plausible(const uint8_t *b, size_t n)
{
	unsigned count = n >= 6 ? splitter_word(b + 4) : 1;

	switch (b[1]) {
	case 0x0F: return n < 7 || b[6] == (count + 7) / 8;
	case 0x10: return n < 7 || b[6] == 2 * count;
	default: return true;
	}
}

static bool reply_plausible(const uint8_t *b, size_t n)
{
	if (b[1] & 0x80)
		return function_find(b[1] & 0x7F) && (n < 3 || (b[2] > 0 && b[2] <= EXCEPTION_MOST));
	switch (b[1]) {
	case 1: case 2: return n < 3 || b[2] > 0;
	case 3: case 4: case 0x17: return n < 3 || (b[2] > 0 && b[2] % 2 == 0);
	default: return true;
	}
}

/* A reply of this function does not tell its length. */
static bool ends_by_silence(const uint8_t *b)
{
	const struct function *f = function_find(b[1]);

	return !(b[1] & 0x80) && (!f || f->reply.base == 0);
}

/* A length that a waiting request has announced. */
static enum splitter_guess look_due(struct splitter *s, const uint8_t *b, size_t n, int64_t at_us, size_t *len)
{
	const struct splitter_due *d = n > 1 ? due_for(s, b, n, s->requests + 1) : NULL;

	if (!d || due_is_old(d, at_us))
		return GUESS_NO;
	*len = b[1] & 0x80 ? EXCEPTION_BYTES : d->reply ? d->reply : function_reply_length(b, n);
	if (*len == 0 && ends_by_silence(b))
		return GUESS_NO;
	return look_length(b, n, *len);
}

/* What begins at byte AT of the buffer. The likeliest first; one that may still become whole
 * is waited for, unless all is OVER. */
static struct splitter_look splitter_look(struct splitter *s, size_t at, bool over)
{
	const uint8_t *b = s->buf + at;
	size_t n = s->n - at, len[3] = { 0, function_request_length(b, n), function_reply_length(b, n) };
	enum splitter_guess guess[3] = { GUESS_NO, GUESS_NO, GUESS_NO };
	bool waits = false;

	if (n < 2)
		return (struct splitter_look){ .guess = GUESS_MORE };
	guess[0] = look_due(s, b, n, s->times[at], &len[0]);
	if (function_find(b[1]) && request_plausible(b, n))
		guess[1] = look_length(b, n, len[1]);
	if (!ends_by_silence(b) && reply_plausible(b, n))
		guess[2] = look_length(b, n, len[2]);
	for (size_t i = 0; i < 3; i++) {
		if (guess[i] == GUESS_WHOLE && (over || !waits))
			return (struct splitter_look){ GUESS_WHOLE, i == 1 ? CUT_REQUEST : CUT_REPLY, len[i] };
		waits = waits || guess[i] == GUESS_MORE;
	}
	return (struct splitter_look){ .guess = waits ? GUESS_MORE : GUESS_NO };
}

/* The first frame of those that bytes AT to END consist of, when they are nothing but whole
 * frames and it is one of an unknown function; 0: they are not. */
static size_t unknown_frame(struct splitter *s, size_t at, size_t end, int depth)
{
	for (size_t len = SHORTEST; len <= end - at && len <= RTU_MOST; len++) {
		struct splitter_look next;

		if (!crc16_good(s->buf + at, len))
			continue;
		if (at + len == end)
			return len;
		next = splitter_look(s, at + len, true);
		if (next.guess == GUESS_WHOLE || (depth > 0 && unknown_frame(s, at + len, end, depth - 1)))
			return len;
	}
	return 0;
}

/* ---- what is found ----------------------------------------------------------------- */

/* Takes the first N bytes out. */
static void splitter_take(struct splitter *s, size_t n, struct cut *out)
{
	memcpy(s->out, s->buf, n);
	*out = (struct cut){
		.kind = CUT_GARBAGE, .bytes = s->out, .n = n, .from_us = s->times[0], .at_us = s->times[n - 1],
		.wait_us = -1,
	};
	s->n -= n;
	memmove(s->buf, s->buf + n, s->n);
	memmove(s->times, s->times + n, s->n * sizeof(s->times[0]));
}

/* What a request, or the acknowledgement of a write, says it is about. */
static void cut_read_about(struct cut *c)
{
	const uint8_t *b = c->bytes;
	bool one = c->function == 5 || c->function == FUNCTION_WRITE_ONE;

	c->about = (struct request){ .unit = c->unit, .function = c->function };
	c->addressed = (function_addressed(c->function) || c->function == 0x16 || c->function == 0x17) && c->n >= 8;
	if (!c->addressed)
		return;
	c->about.addr = (uint16_t)splitter_word(b + 2);
	c->about.count = one || c->function == 0x16 ? 1 : (uint16_t)splitter_word(b + 4);
}

static void cut_request(struct splitter *s, struct cut *c)
{
	struct splitter_due *d = due_slot(s);
	size_t head = c->n < sizeof(d->head) ? c->n : sizeof(d->head);

	cut_read_about(c);
	for (size_t i = 0; i < SPLITTER_DUE; i++) {
		struct splitter_due *old = &s->due[i];

		c->early = c->early || (old->open && c->from_us - old->at_us < GIVEN_UP_US);
		if (!old->open || old->n != c->n || memcmp(old->head, c->bytes, head) != 0)
			continue;
		c->repeated = true;
		old->open = false;
		d = old;
	}
	if (c->unit == 0)	/* a broadcast has no reply */
		return;
	*d = (struct splitter_due){
		.open = true, .n = c->n, .reply = reply_bytes(c->bytes, c->n), .about = c->about,
		.addressed = c->addressed, .at_us = c->at_us, .number = ++s->requests,
	};
	memcpy(d->head, c->bytes, head);
}

static void cut_reply(struct splitter *s, struct cut *c)
{
	struct splitter_due *d = due_for(s, c->bytes, c->n, s->requests + 1);
	const struct splitter_due *other = d ? due_for(s, c->bytes, c->n, d->number) : NULL;

	if (!d || due_is_old(d, c->from_us)) {
		/* the acknowledgement of a write tells what it is about */
		cut_read_about(c);
		c->addressed = c->addressed && repeated_bytes(c->function) > 2;
		if (!c->addressed)
			c->about.count = 0;
		return;
	}
	c->paired = true;
	c->about = d->about;
	c->addressed = d->addressed;
	c->wait_us = c->from_us - d->at_us;
	c->late = d->number != s->requests;
	c->ambiguous = other && !due_is_old(other, c->from_us) && !request_same(&other->about, &d->about);
	d->open = false;
}

/* Of two alike, the first is taken for the request. */
static void cut_unknown(struct splitter *s, struct cut *c)
{
	const struct splitter_due *d = due_for(s, c->bytes, 2, s->requests + 1);

	if (d && !due_is_old(d, c->from_us))
		cut_reply(s, c);
	else
		cut_request(s, c);
	c->about.count = 0;
	c->addressed = false;
}

static bool splitter_cut(struct splitter *s, enum cut_kind kind, size_t n, struct cut *out)
{
	splitter_take(s, n, out);
	out->kind = kind;
	if (kind == CUT_GARBAGE)
		return true;
	out->unit = out->bytes[0];
	out->function = out->bytes[1];
	if (kind == CUT_REQUEST)
		cut_request(s, out);
	else if (kind == CUT_REPLY)
		cut_reply(s, out);
	else
		cut_unknown(s, out);
	return true;
}

/* AT bytes are no frame that is known, or of an unknown function. */
static bool splitter_cut_before(struct splitter *s, size_t at, struct cut *out)
{
	size_t unknown = unknown_frame(s, 0, at, 4);

	return splitter_cut(s, unknown ? CUT_UNKNOWN : CUT_GARBAGE, unknown ? unknown : at, out);
}

/* Nothing known begins the buffer: where does something? */
static bool splitter_resync(struct splitter *s, bool over, bool lost, struct cut *out)
{
	for (size_t at = 1; at < s->n; at++) {
		struct splitter_look here = splitter_look(s, at, over);

		if (here.guess == GUESS_WHOLE)
			return splitter_cut_before(s, at, out);
		if (here.guess == GUESS_MORE && !over)
			return false;
	}
	return lost && splitter_cut_before(s, s->n, out);
}

bool splitter_next(struct splitter *s, int64_t now_us, struct cut *out)
{
	int64_t idle;
	bool over, lost;
	struct splitter_look first;

	if (s->n == 0)
		return false;
	idle = now_us - s->times[s->n - 1];
	over = idle >= SPLITTER_QUIET_US || s->n >= FULL;
	lost = idle >= SPLITTER_LOST_US || s->n >= FULL + RTU_MOST;
	first = splitter_look(s, 0, over);
	if (first.guess == GUESS_WHOLE)
		return splitter_cut(s, first.kind, first.n, out);
	/* what looks like a frame inside one that is not whole yet is none */
	if (first.guess == GUESS_MORE && !lost)
		return false;
	/* silence ends a frame of an unknown function, in which others may be wrapped up */
	if (s->n > 1 && ends_by_silence(s->buf)) {
		size_t n = over ? unknown_frame(s, 0, s->n, 4) : 0;

		if (!over)
			return false;
		if (n)
			return splitter_cut(s, CUT_UNKNOWN, n, out);
	}
	return splitter_resync(s, over, lost, out);
}

int64_t splitter_due_us(const struct splitter *s, int64_t now_us)
{
	int64_t last = s->n ? s->times[s->n - 1] : 0;

	if (s->n == 0)
		return INT64_MAX;
	return now_us - last < SPLITTER_QUIET_US ? last + SPLITTER_QUIET_US : last + SPLITTER_LOST_US;
}
