/*
 * broker_probe.c - speaks to a broker as a script says, for broker.sh.
 *
 * broker_probe [--insecure] [--plain] [--timeout MS] [--queue BYTES] [--will TOPIC]
 *              [--trace FILE] TARGET
 *
 * The password is in METERCTL_MQTT_PASSWORD. Commands, one a line on stdin; each is
 * answered by one line, "ok ..." or "error CODE STEP TEXT", after "remark TEXT" if there is one:
 *
 *   open               connect
 *   subscribe FILTER
 *   publish TOPIC [TEXT]     waits; retain TOPIC [TEXT]: retained
 *   post N TOPIC SIZE  N messages that begin with their number, not waiting
 *   expect N           takes until N messages have come since the last `expect`:
 *                      "ok N", and then each, one a line, as
 *                      "qos=1 retained=0 TOPIC PAYLOAD" (payloads cut at 60 bytes)
 *   numbers N [ABOVE]  takes messages that begin with a number above ABOVE until N
 *                      different ones have come: "ok SEEN of N, AGAIN again". What
 *                      the one before it has seen counts, until `forget`
 *   have N             the same of what has come by now
 *   up                 until it is connected and subscribed: "ok", or why not
 *   down               until it is not: "ok WHY"
 *   why TEXT           until the reason why not holds TEXT: "ok WHY"
 *   back               "ok 1": it was lost, and is back; "ok 0"
 *   stats              "ok messages=.. published=.. failed=.. reconnects=.. step=.."
 *   cancel             what comes after this is interrupted
 *   leave              disconnect; what has come can still be taken
 *   close
 *   quit               like the end of the input
 *
 * What never comes is waited for PATIENCE_S seconds, a little less than tap.sh waits for
 * the answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/cancel.h"
#include "base/time.h"
#include "link/link.h"
#include "mqtt/broker.h"
#include "profile/value.h"

#define PATIENCE_S 50

static struct broker *broker;
static struct target target;

static void say_remark(void *arg, const char *text)
{
	(void)arg;
	printf("remark %s\n", text);
}

static struct broker_opts opts = { .cancel_fd = -1, .remark = say_remark };

static void say_error(const struct err *e, enum broker_step step)
{
	printf("error %d %s %s\n", e->code, broker_step_names[step], e->text);
}

static void say(int rc, const struct err *e)
{
	struct broker_stats s = { .step = BROKER_NAME };

	if (broker)
		broker_stats(broker, &s);
	if (rc)
		say_error(e, s.step);
	else
		printf("ok\n");
}

static int64_t patience(void)
{
	return time_mono_us() + PATIENCE_S * 1000000LL;
}

static void do_open(void)
{
	enum broker_step step;
	struct err e = { 0 };
	int64_t began = time_mono_us();

	broker = broker_open(&target, &opts, &step, &e);
	if (broker)
		printf("ok %d ms\n", (int)((time_mono_us() - began) / 1000));
	else
		say_error(&e, step);
}

/* The next list, or NULL when the time is over. */
static struct broker_message *next(int64_t until)
{
	struct err e;
	struct broker_message *list = broker_take(broker);

	while (!list && broker_wait(broker, until, &e) > 0)
		list = broker_take(broker);
	return list;
}

static void drop(struct broker_message **list)
{
	struct broker_message *m = *list;

	*list = m->next;
	broker_message_free(m);
}

static void do_expect(long n)
{
	int64_t until = patience();
	struct broker_message *first = NULL, **last = &first;
	long count = 0;

	while (count < n) {
		struct broker_message *list = next(until);

		if (!list)
			break;
		*last = list;
		for (; *last; last = &(*last)->next)
			count++;
	}
	printf("ok %ld\n", count);
	while (first) {
		printf("qos=%d retained=%d %s %.60s\n", first->qos, first->retained, first->topic,
		       first->payload);
		drop(&first);
	}
}

#define NUMBERS 100000
static char had[NUMBERS + 1];
static long seen, again;

static void do_numbers(long n, int64_t until, long above)
{
	while (seen < n) {
		struct broker_message *list = next(until);

		if (!list)
			break;
		while (list) {
			long i = atol(list->payload);

			if (i > above && i <= NUMBERS && !had[i]) {
				had[i] = 1;
				seen++;
			} else {
				again++;
			}
			drop(&list);
		}
	}
	printf("ok %ld of %ld, %ld again\n", seen, n, again);
}

static void do_post(long n, const char *topic, long size)
{
	char *text = calloc(1, (size_t)size + 24);
	struct err e = { 0 };
	int rc = 0;

	for (long i = 1; text && rc == 0 && i <= n; i++) {
		int len;

		memset(text, ' ', (size_t)size);
		len = snprintf(text, 24, "%ld ", i);
		if (len < size)
			text[len] = ' ';
		rc = broker_post(broker, topic, text, (size_t)(len > size ? len : size), false, &e);
	}
	free(text);
	say(rc, &e);
}

/* Until it is (WANT) connected and subscribed, or is not and the reason has WORDS. */
static void do_up(bool want, const char *words)
{
	int64_t until = patience();
	struct err e = { 0 }, ignored;

	for (;;) {
		bool up = broker_up(broker, &e);

		if (up == want && (up || strstr(e.text, words)))
			break;
		/* what has come stays for `expect`; the wake-up that it leaves makes this
		 * look again */
		if (broker_wait(broker, until, &ignored) <= 0) {
			say_error(&e, BROKER_UP);
			return;
		}
	}
	printf("ok %s\n", want ? "" : e.text);
}

static void do_stats(void)
{
	struct broker_stats s;

	broker_stats(broker, &s);
	printf("ok messages=%lu published=%lu failed=%lu reconnects=%lu oversized=%lu step=%s\n",
	       s.messages, s.published, s.failed, s.reconnects, s.oversized,
	       broker_step_names[s.step]);
}

static void obey(char *line)
{
	char *save, *word = strtok_r(line, " \n", &save);
	char *a = strtok_r(NULL, " \n", &save), *b = strtok_r(NULL, " \n", &save);
	char *c = strtok_r(NULL, "\n", &save);
	struct err e = { 0 };

	if (!word)
		return;
	if (strcmp(word, "open") == 0)
		do_open();
	else if (strcmp(word, "cancel") == 0) {
		cancel_raise(opts.cancel_fd);
		printf("ok\n");
	} else if (!broker)
		printf("error 2 name not open\n");
	else if (strcmp(word, "close") == 0) {
		int64_t began = time_mono_us();

		broker_close(broker);
		broker = NULL;
		printf("ok %d ms\n", (int)((time_mono_us() - began) / 1000));
	} else if (strcmp(word, "subscribe") == 0 && a)
		say(broker_subscribe(broker, a, &e), &e);
	else if ((strcmp(word, "publish") == 0 || strcmp(word, "retain") == 0) && a)
		say(broker_publish(broker, a, b ? b : "", b ? strlen(b) : 0, *word == 'r', &e), &e);
	else if (strcmp(word, "post") == 0 && c)
		do_post(atol(a), b, atol(c));
	else if (strcmp(word, "expect") == 0 && a)
		do_expect(atol(a));
	else if (strcmp(word, "numbers") == 0 && a)
		do_numbers(atol(a), patience(), b ? atol(b) : 0);
	else if (strcmp(word, "have") == 0 && a)
		do_numbers(atol(a), 0, 0);
	else if (strcmp(word, "forget") == 0) {
		memset(had, 0, sizeof(had));
		seen = again = 0;
		printf("ok\n");
	} else if (strcmp(word, "leave") == 0) {
		broker_leave(broker);
		printf("ok\n");
	} else if (strcmp(word, "up") == 0)
		do_up(true, "");
	else if (strcmp(word, "down") == 0)
		do_up(false, "");
	else if (strcmp(word, "why") == 0 && a) {
		/* the words were one text */
		if (b)
			a[strlen(a)] = ' ';
		if (c)
			b[strlen(b)] = ' ';
		do_up(false, a);
	} else if (strcmp(word, "back") == 0)
		printf("ok %d\n", broker_back(broker));
	else if (strcmp(word, "stats") == 0)
		do_stats();
	else
		printf("error 2 name what is '%s'?\n", word);
}

int main(int argc, char **argv)
{
	static struct trace trace;
	static struct trace_sink sink;
	const char *where = NULL;
	char line[4096];
	struct err e = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--insecure") == 0)
			opts.insecure = true;
		else if (strcmp(argv[i], "--plain") == 0)
			opts.plain_password = true;
		else if (strcmp(argv[i], "--timeout") == 0 && ++i)
			opts.timeout_ms = atoi(value);
		else if (strcmp(argv[i], "--queue") == 0 && ++i)
			opts.queue_bytes = (size_t)atol(value);
		else if (strcmp(argv[i], "--will") == 0 && ++i) {
			opts.will_topic = value;
			opts.will_payload = "gone";
		} else if (strcmp(argv[i], "--trace") == 0 && ++i) {
			if (trace_file_open(&sink, value, true, &e) == 0)
				trace_add(&trace, &sink);
			opts.trace = &trace;
		} else
			where = argv[i];
	}
	opts.password = getenv("METERCTL_MQTT_PASSWORD");
	opts.cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!where || target_parse(where, &target, &e)) {
		fprintf(stderr, "broker_probe: %s\n", where ? e.text : "no target");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n") != 0)
		obey(line);
	broker_close(broker);
	return sink.arg ? -trace_file_close(&sink) : 0;
}
