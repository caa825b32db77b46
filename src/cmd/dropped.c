#include "dropped.h"

#include "base/time.h"
#include "mqtt/broker.h"

#define AGAIN_US 60000000

static void dropped_say(const struct app *a, unsigned long n, const char *why)
{
	if (n == 1)
		app_say(a, "dropped: %s", why);
	else if (n)
		app_say(a, "%lu dropped: %s", n, why);
}

void dropped_tell_rest(const struct app *a, struct dropped *d, const struct reasons *r)
{
	char text[sizeof(struct reason)];

	for (size_t i = 0; i < r->n; i++) {
		dropped_say(a, r->list[i].n - d->said[i], reason_text(&r->list[i], text, sizeof(text)));
		d->said[i] = r->list[i].n;
	}
	dropped_say(a, r->others - d->said_others, "other reasons");
	d->said_others = r->others;
	d->said_total = r->total;
}

void dropped_tell(const struct app *a, struct dropped *d, const struct reasons *r)
{
	int64_t now = time_mono_us();

	if (r->total == d->said_total || now < d->next_us)
		return;
	dropped_tell_rest(a, d, r);
	d->next_us = now + AGAIN_US;
}

void dropped_tell_all(const struct app *a, const char *sn, const struct reasons *r)
{
	char text[sizeof(struct reason)];

	for (size_t i = 0; i < r->n; i++)
		app_say(a, "'%s': %lu dropped: %s", sn, r->list[i].n, reason_text(&r->list[i], text, sizeof(text)));
	if (r->others)
		app_say(a, "'%s': %lu dropped: other reasons", sn, r->others);
}

void dropped_tell_oversized(const struct app *a, unsigned long n)
{
	if (n)
		app_say(a, "%lu message%s dropped: more than %d KiB", n, n == 1 ? "" : "s", BROKER_PAYLOAD_MAX / 1024);
}

void dropped_tell_namesake(const struct app *a, const struct target *t, unsigned long lost)
{
	char text[240];

	if (*broker_namesake(t, lost, text, sizeof(text)))
		app_say(a, "%s", text);
}
