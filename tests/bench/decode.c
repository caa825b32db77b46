/*
 * decode.c - how long one upload takes: our reader, and the JSON library's parse of the
 * same text alone. Prints microseconds of processor time: ours, library.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "mqtt/dialects/dialect.h"

#define BATCHES 40
#define EACH 500

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* One upload of all items, about 1 KB. */
static size_t make(char *buf, size_t size)
{
	size_t at = (size_t)snprintf(buf, size, "{\"data\":[{\"tp\":1631839905057,\"point\":["
				     "{\"id\":0,\"val\":\"20201998111433\"}");

	for (int i = 1; i <= 41; i++)
		if (i != 33)
			at += (size_t)snprintf(buf + at, size - at, ",{\"id\":%d,\"val\":%.1f}", i,
					       i == 41 ? 5 : 220.1 + i);
	return at + (size_t)snprintf(buf + at, size - at, "]}]}");
}

static bool ours(const char *text, size_t n)
{
	static const char topic[] = "platform/acrel/meter/json-v2/analog/0";
	struct upload up;
	struct err e;

	return dialect_decode(NULL, topic, sizeof(topic) - 1, text, n, &up, &e) == 0;
}

static bool theirs(const char *text, size_t n)
{
	json_error_t e;
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &e);

	json_decref(j);
	return j != NULL;
}

/* The least of the batches: what it takes when nothing is in the way. */
static double least(bool (*read)(const char *text, size_t n), const char *text, size_t n)
{
	double best = 1e9;

	for (int b = 0; b < BATCHES; b++) {
		double began = cpu_us(), took;

		for (int i = 0; i < EACH; i++)
			if (!read(text, n))
				return -1;
		took = (cpu_us() - began) / EACH;
		best = took < best ? took : best;
	}
	return best;
}

int main(void)
{
	char text[4096];
	size_t n = make(text, sizeof(text));
	double mine = least(ours, text, n), its = least(theirs, text, n);

	printf("%zu %.2f %.2f\n", n, mine, its);
	return mine > 0 && its > 0 ? 0 : 1;
}
