#include "gateway.h"

#include <string.h>

#include "base/ascii.h"
#include "mqtt/tunnel.h"

int gateway_init(struct gateway *g, const struct target_mqtt *t, const char *sn,
		 struct sim_meter *only, const struct scenario *scenario, uint64_t seed,
		 struct err *e)
{
	line_init(&g->line, -1, FRAMING_RTU, scenario, seed);
	g->line.only = only;
	g->hex = t->hex;
	if (!mqtt_fill(g->request, sizeof(g->request),
		       t->request[0] ? t->request : TUNNEL_REQUEST, sn)
	    || !mqtt_fill(g->reply, sizeof(g->reply), t->reply[0] ? t->reply : TUNNEL_REPLY, sn))
		return err_set(e, ERR_USAGE, "no room for '%s' in the topics of the tunnel", sn);
	if (!mqtt_topic(g->reply, false))
		return err_set(e, ERR_USAGE, "reply '%s' is no topic to publish to (no '+', '#')",
			       g->reply);
	return 0;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, ascii_lower(c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Digits in pairs, blanks between them. Returns how many bytes they are, 0 when
 * it is anything else. */
static size_t from_hex(const char *text, size_t n, uint8_t *out, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i += 2) {
		while (i < n && ascii_blank(text[i]))
			i++;
		if (i == n)
			break;
		if (i + 1 == n || digit(text[i]) < 0 || digit(text[i + 1]) < 0 || count == size)
			return 0;
		out[count++] = (uint8_t)(digit(text[i]) << 4 | digit(text[i + 1]));
	}
	return count;
}

void gateway_put(struct gateway *g, const char *payload, size_t n, int64_t now)
{
	uint8_t frame[sizeof(g->line.in)];

	if (!g->hex) {
		line_put(&g->line, (const uint8_t *)payload, n, now);
		return;
	}
	n = from_hex(payload, n, frame, sizeof(frame));
	if (n > 0)
		line_put(&g->line, frame, n, now);
}

size_t gateway_take(struct gateway *g, int64_t now, char out[GATEWAY_REPLY_MAX])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t frame[sizeof(g->line.out)];
	size_t n = line_take(&g->line, now, frame, sizeof(frame));

	if (!g->hex) {
		memcpy(out, frame, n);
		return n;
	}
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[frame[i] >> 4];
		out[2 * i + 1] = digits[frame[i] & 15];
	}
	return 2 * n;
}
