#include "line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/crc16.h"
#include "site.h"

#define US 1000LL
#define MS 1000000LL

/* Bytes that leave together when they come faster than this: waking up for
 * each costs more than it shows. */
#define CHUNK (300 * US)

/* A frame in pieces is given up after this silence. A pty and a socket deliver
 * late what a wire would not. */
#define BROKEN_OFF (20 * MS)

void line_init(struct line *l, int fd, enum framing framing,
	       const struct scenario *scenario, uint64_t seed)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->framing = framing;
	l->scenario = scenario;
	l->luck = seed;
}

bool line_busy(const struct line *l)
{
	return l->sent < l->nout;
}

/* 0 .. 1, other each time, the same sequence for the same seed. */
static double draw(struct line *l)
{
	return site_chance(l->luck++, 254, 0);
}

static bool line_happens(struct line *l, struct chance c)
{
	return c.percent > 0 && draw(l) * 100 < c.percent;
}

static struct fate draw_fate(struct line *l)
{
	const struct scenario *s = l->scenario;
	struct fate f = { .lost = s->dead };

	if (line_happens(l, s->drop)) {
		f.lost |= draw(l) < 0.5;
		f.mute = !f.lost;
	}
	f.flip = line_happens(l, s->flip);
	f.garbage = line_happens(l, s->garbage);
	f.foreign = line_happens(l, s->foreign);
	f.late_ms = line_happens(l, s->late) ? s->late_ms : 0;
	f.exception = line_happens(l, s->exceptions) ? s->exception : 0;
	/* TCP has no noise: a gateway that hears a broken frame stays silent */
	if (l->framing == FRAMING_MBAP && f.flip)
		f.mute = true;
	return f;
}

bool line_hear(struct line *l, int64_t now)
{
	size_t room = sizeof(l->in) - l->nin;
	uint8_t buf[sizeof(l->in)];
	/* TCP keeps what there is no room for; a wire does not */
	ssize_t n = read(l->fd, buf, l->framing == FRAMING_MBAP ? room : sizeof(buf));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	if (l->framing == FRAMING_RTU && line_busy(l))
		return true;
	if (l->framing == FRAMING_RTU && l->nin > 0 && now - l->heard > BROKEN_OFF)
		l->nin = 0;
	if (l->nin == 0)
		l->began = now;
	l->heard = now;
	if ((size_t)n > sizeof(l->in) - l->nin) {
		l->nin = 0;
		return true;
	}
	memcpy(l->in + l->nin, buf, (size_t)n);
	l->nin += (size_t)n;
	return true;
}

void line_put(struct line *l, const uint8_t *bytes, size_t n, int64_t now)
{
	if (line_busy(l) || n > sizeof(l->in))
		return;
	memcpy(l->in, bytes, n);
	l->nin = n;
	/* all of it is there: the silence behind it need not be waited for */
	l->began = now;
	l->heard = now - BROKEN_OFF - MS;
}

/* Length of the RTU request that IN begins with; 0: not known (yet). */
static size_t rtu_length(const struct line *l)
{
	if (l->nin < 8)
		return 0;
	if (l->in[1] >= 1 && l->in[1] <= 6)
		return 8;
	if (l->in[1] == 15 || l->in[1] == 16)
		return 9U + l->in[6];
	return 0;
}

static bool rtu_request(struct line *l, int64_t now, struct request *rq)
{
	size_t n = rtu_length(l);
	bool silence = now - l->heard > BROKEN_OFF;

	if (n == 0 && silence)
		n = l->nin;
	if (n < 4 || n > l->nin || n - 3 > sizeof(rq->pdu) || !crc16_good(l->in, n)) {
		if (silence)
			l->nin = 0;
		return false;
	}
	rq->unit = l->in[0];
	rq->n = n - 3;
	memcpy(rq->pdu, l->in + 1, rq->n);
	l->nin = 0;
	return true;
}

/* Protocol 0, and a length that a unit and a PDU can have: as far as it has come. */
static bool mbap_sane(const struct line *l, size_t len)
{
	return (l->nin < 4 || (l->in[2] == 0 && l->in[3] == 0))
	    && (l->nin < 6 || (len >= 2 && len <= PDU_MAX + 1));
}

/* Every frame is looked at here, where its length is used: behind the first of a
 * segment may stand another. */
static bool mbap_request(struct line *l, struct request *rq)
{
	size_t len = l->nin < 6 ? 0 : (size_t)l->in[4] << 8 | l->in[5];

	l->broken = !mbap_sane(l, len);
	if (l->broken || l->nin < 6 || l->nin < 6 + len)
		return false;
	memcpy(rq->head, l->in, sizeof(rq->head));
	rq->unit = l->in[6];
	rq->n = len - 1;
	memcpy(rq->pdu, l->in + 7, rq->n);
	l->nin -= 6 + len;
	memmove(l->in, l->in + 6 + len, l->nin);
	return true;
}

bool line_request(struct line *l, int64_t now, struct request *rq)
{
	if (l->nin == 0 || l->broken || line_busy(l))
		return false;
	*rq = (struct request){ .began = l->began };
	if (l->framing == FRAMING_MBAP ? !mbap_request(l, rq) : !rtu_request(l, now, rq))
		return false;
	rq->fate = draw_fate(l);
	return true;
}

/* Time on the wire. */
struct timing {
	int64_t one;		/* character; 0 without a pace */
	int64_t silence;	/* between frames */
};

/* Modbus over serial line V1.02, 2.5.1.1: 3.5 characters, 1.75 ms above 19200. */
static struct timing timing_of(const struct line *l, int baud, int bits)
{
	struct timing t = { 0, 0 };

	if (l->scenario->pace && baud > 0) {
		t.one = (int64_t)bits * 1000000000LL / baud;
		t.silence = baud > 19200 ? 1750 * US : t.one * 7 / 2;
	}
	return t;
}

static int64_t sim_line_put(struct line *l, const uint8_t *bytes, size_t n, int64_t from, int64_t one)
{
	for (size_t i = 0; i < n && l->nout < sizeof(l->out); i++) {
		from += one;
		l->out[l->nout] = bytes[i];
		l->due[l->nout++] = from;
	}
	return from;
}

static size_t rtu_frame(uint8_t unit, const uint8_t *pdu, size_t n, uint8_t *out)
{
	out[0] = unit;
	memcpy(out + 1, pdu, n);
	return crc16_append(out, n + 1);
}

/* One to three bits: CRC-16 finds every such error. */
static void flip_bits(struct line *l, uint8_t *frame, size_t n)
{
	unsigned count = 1 + (unsigned)(draw(l) * 3), at = (unsigned)(draw(l) * (double)(8 * n));

	for (unsigned i = 0; i < count; i++)
		frame[(at + 5 * i) / 8 % n] ^= (uint8_t)(1U << (at + 5 * i) % 8);
}

/* Another meter answers first, soundly, with values of its own. */
static int64_t put_foreign(struct line *l, const struct request *rq, const uint8_t *pdu,
			   size_t n, int64_t at, struct timing t)
{
	uint8_t other[PDU_MAX], frame[PDU_MAX + 3];

	memcpy(other, pdu, n);
	for (size_t i = 2; i < n; i++)
		other[i] = (uint8_t)(draw(l) * 256);
	n = rtu_frame((uint8_t)(rq->unit % 247 + 1), other, n, frame);
	return sim_line_put(l, frame, n, at, t.one) + t.silence;
}

static void answer_rtu(struct line *l, const struct request *rq, const uint8_t *pdu,
		       size_t n, struct timing t, int64_t at)
{
	uint8_t frame[PDU_MAX + 3];

	if (rq->fate.foreign)
		at = put_foreign(l, rq, pdu, n, at, t);
	if (rq->fate.garbage) {
		uint8_t noise[12];
		size_t many = 3 + (size_t)(draw(l) * 9);

		for (size_t i = 0; i < many; i++)
			noise[i] = (uint8_t)(draw(l) * 256);
		at = sim_line_put(l, noise, many, at, t.one);
	}
	n = rtu_frame(rq->unit, pdu, n, frame);
	if (rq->fate.flip)
		flip_bits(l, frame, n);
	sim_line_put(l, frame, n, at, t.one);
}

/* A gateway passes on what it has heard to the end, in one piece. */
static void answer_mbap(struct line *l, const struct request *rq, const uint8_t *pdu,
			size_t n, struct timing t, int64_t at)
{
	uint8_t frame[PDU_MAX + 7];

	at += (int64_t)(n + 3) * t.one;
	memcpy(frame, rq->head, sizeof(rq->head));
	frame[4] = (uint8_t)((n + 1) >> 8);
	frame[5] = (uint8_t)(n + 1);
	frame[6] = rq->unit;
	memcpy(frame + 7, pdu, n);
	if (rq->fate.foreign) {
		frame[1]--;	/* an answer to the transaction before */
		sim_line_put(l, frame, n + 7, at, 0);
		frame[1]++;
	}
	sim_line_put(l, frame, n + 7, at, 0);
}

void line_answer(struct line *l, const struct request *rq, const uint8_t *pdu,
		 size_t n, int baud, int bits, int64_t now)
{
	struct timing t = timing_of(l, baud, bits);
	uint8_t echo[PDU_MAX + 3];
	size_t asked = rtu_frame(rq->unit, rq->pdu, rq->n, echo);
	int64_t at = rq->began;

	l->nout = l->sent = 0;
	if (at < l->free_at + t.silence)
		at = l->free_at + t.silence;
	if (l->scenario->echo && l->framing == FRAMING_RTU)
		sim_line_put(l, echo, asked, at, t.one);
	/* on the wire the request takes its time, however it came here */
	at += (int64_t)asked * t.one;
	if (at < l->heard)
		at = l->heard;
	at += t.silence + l->scenario->turnaround_us * US + rq->fate.late_ms * MS;
	if (n > 0 && !rq->fate.lost && !rq->fate.mute) {
		if (l->framing == FRAMING_MBAP)
			answer_mbap(l, rq, pdu, n, t, at);
		else
			answer_rtu(l, rq, pdu, n, t, at);
	}
	l->free_at = l->nout ? l->due[l->nout - 1] : now;
}

bool line_send(struct line *l, int64_t now)
{
	size_t n = 0;
	ssize_t put_out;

	while (l->sent + n < l->nout && l->due[l->sent + n] <= now)
		n++;
	if (n == 0)
		return true;
	put_out = write(l->fd, l->out + l->sent, n);
	if (put_out < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	/* nobody reads, and a wire does not wait: the rest is lost. On TCP that
	 * would leave half a frame in the stream */
	if (put_out < (ssize_t)n && l->framing == FRAMING_MBAP)
		return false;
	l->sent += n;
	l->wrote = now;
	return true;
}

size_t line_take(struct line *l, int64_t now, uint8_t *out, size_t size)
{
	size_t n = l->nout;

	if (!line_busy(l) || l->due[n - 1] > now || n > size)
		return 0;
	memcpy(out, l->out, n);
	l->sent = n;
	return n;
}

int64_t line_next(const struct line *l)
{
	int64_t next, last;

	if (!line_busy(l))
		return l->nin > 0 && l->framing == FRAMING_RTU
			? l->heard + BROKEN_OFF + MS : NEVER;
	next = l->due[l->sent];
	last = l->due[l->nout - 1];
	if (l->fd < 0)
		return last;
	if (next < l->wrote + CHUNK)
		next = l->wrote + CHUNK < last ? l->wrote + CHUNK : last;
	return next;
}
