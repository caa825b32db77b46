#include "mbap.h"

#include <string.h>

#include "base/crc16.h"

/* Modbus messaging on TCP/IP implementation guide V1.0b, 3.1.3: transaction, protocol 0, and
 * how many bytes follow: the unit and the PDU. */
#define HEAD 6
#define UNIT_AND_PDU 2

static size_t mbap_length(const struct mbap *m)
{
	return HEAD + ((size_t)m->buf[4] << 8 | m->buf[5]);
}

static int mbap_plausible(const struct mbap *m)
{
	return m->buf[2] == 0 && m->buf[3] == 0 && mbap_length(m) >= HEAD + UNIT_AND_PDU && mbap_length(m) <= FRAME_MAX;
}

static void mbap_take(struct mbap *m, size_t want, const uint8_t **bytes, size_t *n)
{
	size_t some = want - m->n < *n ? want - m->n : *n;

	memcpy(m->buf + m->n, *bytes, some);
	m->n += some;
	*bytes += some;
	*n -= some;
}

size_t mbap_next(struct mbap *m, const uint8_t **bytes, size_t *n, uint8_t out[FRAME_MAX])
{
	size_t len;

	if (m->n < HEAD)
		mbap_take(m, HEAD, bytes, n);
	if (m->n < HEAD)
		return 0;
	if (!mbap_plausible(m)) {
		m->n = *n = 0;
		return 0;
	}
	mbap_take(m, mbap_length(m), bytes, n);
	if (m->n < mbap_length(m))
		return 0;
	len = m->n - HEAD;
	memcpy(out, m->buf + HEAD, len);
	m->n = 0;
	return crc16_append(out, len);
}
