/*
 * between_probe.c - stands between a tool and a meter, for between.sh.
 *
 * between_probe TARGET SERVE
 *
 * Says where the tool is served, then passes on until SIGTERM; then how many bytes were heard of
 * the tool and of the meter. What ends it before that is its exit status and its error.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "base/cancel.h"
#include "modbus/between.h"

static int stop;
static unsigned long heard[2];

static void on_signal(int number)
{
	(void)number;
	cancel_raise(stop);
}

static void hear(void *arg, bool from_meter, const uint8_t *bytes, size_t n, int64_t at_us)
{
	(void)arg;
	(void)bytes;
	(void)at_us;
	heard[from_meter] += n;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	struct between *b = NULL;
	struct target t;

	stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	signal(SIGTERM, on_signal);
	if (argc != 3 || stop < 0)
		return ERR_USAGE;
	if (target_parse(argv[1], &t, &e) == 0 && between_open(&b, &t, argv[2], stop, &e) == 0) {
		puts(between_where(b));
		fflush(stdout);
		between_run(b, INT64_MAX, hear, NULL, &e);
		between_close(b);
	}
	printf("heard %lu %lu\n", heard[false], heard[true]);
	fflush(stdout);
	if (e.code == ERR_INTERRUPTED)
		return 0;
	fprintf(stderr, "%s\n", e.text);
	return (int)e.code;
}
