#include "sighting.h"

#include <string.h>

#include "base/crc16.h"

#define CHECK 2		/* bytes of the CRC */
#define MBAP_HEAD 6	/* transaction, protocol, length */
#define SHORTEST 5
#define REQUEST_BYTES 8

/* Of a reply to function 43: as far as its objects go. 0: not that. */
static size_t sighting_device(const uint8_t *b, size_t n)
{
	size_t at = 8;

	if (n < at || b[2] != DEVICE_MEI)
		return 0;
	for (unsigned i = 0; i < b[7]; i++) {
		if (at + 2 > n)
			return 0;
		at += 2U + b[at + 1];
	}
	return at + CHECK;
}

/* How long is the reply that begins with these N bytes, with its CRC? 0: it is none. */
static size_t sighting_length(const uint8_t *b, size_t n)
{
	if (n + CHECK < SHORTEST)
		return 0;
	if (b[1] & 0x80)
		return SHORTEST;
	if (b[1] == FUNCTION_DEVICE)
		return sighting_device(b, n);
	return (b[1] >= 1 && b[1] <= FUNCTION_INPUT) || b[1] == FUNCTION_REPORT ? SHORTEST + b[2] : 0;
}

static size_t sighting_reply(const uint8_t *b, size_t n)
{
	size_t len = n < SHORTEST ? 0 : sighting_length(b, n);

	return len && len <= n && crc16_good(b, len) ? len : 0;
}

/* ... the request, or the acknowledgement of a write? */
static size_t sighting_request(const uint8_t *b, size_t n)
{
	size_t len = n < REQUEST_BYTES ? 0 : REQUEST_BYTES;

	if (len && crc16_good(b, len))
		return len;
	if (n > 6 && b[1] == FUNCTION_WRITE && 9U + b[6] <= n && crc16_good(b, 9U + b[6]))
		return 9U + b[6];
	return 0;
}

static void sighting_take(struct sighting *s, const uint8_t *b, size_t len)
{
	if (s->replies++)
		return;
	s->unit = b[0];
	s->refused = b[1] & 0x80;
	if (s->refused) {
		s->exception = b[2];
	} else if (b[1] == FUNCTION_DEVICE) {
		s->data = b + 10;
		s->ndata = b[7] ? b[9] : 0;
	} else {
		s->data = b + 3;
		s->ndata = len - SHORTEST;
	}
}

static bool sighting_answers(const struct request *q, const uint8_t *b)
{
	if (!q || (q->unit && b[0] != q->unit) || (b[1] & 0x7F) != q->function)
		return false;
	if ((b[1] & 0x80) || q->function == FUNCTION_REPORT || q->function == FUNCTION_DEVICE)
		return true;
	return b[2] == 2 * q->count;
}

void sighting_judge(const struct request *q, const uint8_t *buf, size_t n, struct sighting *s)
{
	uint8_t sent[FRAME_MAX];
	size_t nsent = q ? request_rtu(q, sent) : 0, at = 0;

	*s = (struct sighting){ 0 };
	/* an adapter that hands back what is sent */
	if (nsent && n >= nsent && memcmp(buf, sent, nsent) == 0)
		at = nsent;
	while (at < n) {
		size_t reply = sighting_reply(buf + at, n - at), request;

		if (reply && sighting_answers(q, buf + at)) {
			sighting_take(s, buf + at, reply);
		} else if (reply) {
			s->other = true;
			s->other_unit = buf[at];
		}
		request = reply ? 0 : sighting_request(buf + at, n - at);
		if (request && !s->master) {
			s->master = true;
			s->master_unit = buf[at];
		}
		s->garbage += !reply && !request;
		at += reply ? reply : request ? request : 1;
	}
}

void sighting_judge_tcp(const struct request *q, uint16_t transaction, const uint8_t *buf, size_t n, struct sighting *s)
{
	struct request any = *q;	/* a server may reply in the name of another unit */
	size_t at = 0;

	*s = (struct sighting){ 0 };
	any.unit = 0;
	while (at + MBAP_HEAD + 2 <= n) {
		const uint8_t *b = buf + at + MBAP_HEAD;
		size_t len = (size_t)b[-2] << 8 | b[-1];

		if (b[-4] || b[-3] || len < 2 || at + MBAP_HEAD + len > n)
			break;
		if (frame_transaction(buf + at) == transaction && sighting_length(b, len) == len + CHECK && sighting_answers(&any, b))
			sighting_take(s, b, len + CHECK);
		at += MBAP_HEAD + len;
	}
	s->garbage = n - at;
}
