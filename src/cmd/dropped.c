#include "dropped.h"

#include "base/time.h"
#include "mqtt/broker.h"

#define AGAIN_US 60000000

void dropped_tell(const struct app *a, struct dropped *d, unsigned long n, const char *why)
{
	int64_t now = time_mono_us();

	if (n == d->said || now < d->next_us)
		return;
	if (n - d->said == 1)
		app_say(a, "dropped: %s", why);
	else
		app_say(a, "%lu dropped, the last: %s", n - d->said, why);
	d->said = n;
	d->next_us = now + AGAIN_US;
}

void dropped_tell_oversized(const struct app *a, unsigned long n)
{
	if (n)
		app_say(a, "%lu message%s dropped: more than %d KiB", n, n == 1 ? "" : "s", BROKER_PAYLOAD_MAX / 1024);
}
