/* The connection to a broker, as far as it goes without one. */
#include "base/cancel.h"
#include "base/time.h"
#include "unit.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <signal.h>
#include <unistd.h>

#include "link/link.h"
#include "mqtt/broker.h"
#include "modbus/lookup.h"
#include "mqtt/paho.h"
#include "profile/value.h"

/* A port of 127.0.0.1; LISTENS: connections to it are accepted by the system, and
 * nobody reads what comes. */
static int some_port(int *fd, bool listens)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(*fd >= 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&a, sizeof(a)), 0);
	if (listens)
		assert_int_equal(listen(*fd, 8), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
	return ntohs(a.sin_port);
}

static struct target at(const char *fmt, int port)
{
	struct target t;
	struct err e;
	char text[300];

	snprintf(text, sizeof(text), fmt, port);
	if (target_parse(text, &t, &e))
		fail_msg("%s: %s", text, e.text);
	return t;
}

/* Does not open: CODE, at STEP, and the text has every word of WORDS ("a|b"). */
static void refuses(const struct target *t, const struct broker_opts *o, enum err_code code,
		    enum broker_step step, const char *words)
{
	enum broker_step came;
	struct err e = { 0 };
	char list[200], *save;

	assert_null(broker_open(t, o, &came, &e));
	if (e.code != code || came != step)
		fail_msg("code %d at %s: %s", e.code, broker_step_names[came], e.text);
	snprintf(list, sizeof(list), "%s", words);
	for (char *w = strtok_r(list, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(e.text, w))
			fail_msg("no '%s' in: %s", w, e.text);
}

static const struct broker_opts patient = { .timeout_ms = UNIT_PATIENCE_MS, .cancel_fd = -1 };
/* For a broker that says nothing: how far it came with it shall be known by then. */
static const struct broker_opts brief = { .timeout_ms = 2000, .cancel_fd = -1 };

static void files_are_looked_at_first(void **state)
{
	struct target t;

	(void)state;
	/* nothing listens there: it is not even tried */
	t = at("mqtts://127.0.0.1:%d?ca=/nonexistent/ca.pem", 1);
	refuses(&t, &patient, ERR_USAGE, BROKER_NAME, "ca file|/nonexistent/ca.pem|No such file");
	t = at("mqtts://127.0.0.1:%d?cert=/nonexistent/c.pem&key=/dev/null", 1);
	refuses(&t, &patient, ERR_USAGE, BROKER_NAME, "cert file|/nonexistent/c.pem");
	t = at("mqtts://127.0.0.1:%d?cert=/dev/null&key=/nonexistent/k.pem", 1);
	refuses(&t, &patient, ERR_USAGE, BROKER_NAME, "key file|/nonexistent/k.pem");
}

static void no_password_in_clear(void **state)
{
	struct broker_opts o = patient;
	struct target t = at("mqtt://127.0.0.1:%d?user=u", 1);

	(void)state;
	o.password = "hush";
	refuses(&t, &o, ERR_DENIED, BROKER_NAME, "'u'|--allow-plaintext|mqtts://");
	o.plain_password = true;
	refuses(&t, &o, ERR_SILENT, BROKER_TCP, "refused");
	/* without one, and over TLS, there is nothing to refuse */
	refuses(&t, &patient, ERR_SILENT, BROKER_TCP, "refused");
	o.plain_password = false;
	t = at("mqtts://127.0.0.1:%d?user=u", 1);
	refuses(&t, &o, ERR_SILENT, BROKER_TCP, "refused");
}

static void topics_are_looked_at_first(void **state)
{
	struct broker_opts o = patient;
	struct target t = at("mqtt://127.0.0.1:%d", 1);

	(void)state;
	o.will_topic = "a/+";
	refuses(&t, &o, ERR_USAGE, BROKER_NAME, "a/+");
	t = at("tcp:127.0.0.1:%d", 1);
	refuses(&t, &patient, ERR_USAGE, BROKER_NAME, "no broker");
}

static void names_and_ports(void **state)
{
	struct target t = at("mqtt://no-such-host.invalid:%d", 1);
	int fd, port = some_port(&fd, false);

	(void)state;
	refuses(&t, &patient, ERR_SILENT, BROKER_NAME, "no-such-host.invalid|cannot find host");
	t = at("mqtt://127.0.0.1:%d", port);
	refuses(&t, &patient, ERR_SILENT, BROKER_TCP, "cannot connect|refused|check the port");
	close(fd);
}

/* A broker that accepts and says nothing: each step has its deadline. */
static void silence_is_named(void **state)
{
	int fd, port = some_port(&fd, true);
	struct target t = at("mqtt://127.0.0.1:%d", port);

	(void)state;
	refuses(&t, &brief, ERR_SILENT, BROKER_LOGIN, "accepted the connection|did not answer the login|2 s");
	t = at("mqtt://127.0.0.1:%d?version=5", port);
	refuses(&t, &brief, ERR_SILENT, BROKER_LOGIN, "did not answer the login");
	t = at("mqtts://127.0.0.1:%d", port);
	refuses(&t, &brief, ERR_SILENT, BROKER_TLS, "no TLS handshake");
	close(fd);
}

struct canceller {
	int listener, cancel_fd;
};

/* Once it is connected to. */
static void *cancel_login(void *arg)
{
	const struct canceller *c = arg;

	if (unit_readable(c->listener, UNIT_PATIENCE_MS))
		cancel_raise(c->cancel_fd);
	return NULL;
}

static void a_cancel_ends_it(void **state)
{
	int fd, cancel = eventfd(0, EFD_CLOEXEC), port = some_port(&fd, true);
	struct broker_opts o = { .timeout_ms = UNIT_FOR_EVER_MS, .cancel_fd = cancel };
	struct canceller c = { fd, cancel };
	struct target t = at("mqtt://127.0.0.1:%d", port);
	enum broker_step step;
	struct err e = { 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, cancel_login, &c), 0);
	assert_null(broker_open(&t, &o, &step, &e));
	pthread_join(thread, NULL);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	close(cancel);
	close(fd);
}

static void lookups(void **state)
{
	int64_t soon = time_mono_us() + UNIT_PATIENCE_MS * 1000LL;
	int cancel = eventfd(1, EFD_CLOEXEC);
	struct addrinfo *list;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(lookup_host("127.0.0.1", 1883, soon, -1, &list, &e), 0);
	assert_non_null(list);
	freeaddrinfo(list);
	assert_int_equal(lookup_host("localhost", 1883, soon, -1, &list, &e), 0);
	freeaddrinfo(list);
	/* an address needs no waiting, a name that is waited for can be left */
	assert_int_equal(lookup_host("::1", 1883, soon, cancel, &list, &e), 0);
	freeaddrinfo(list);
	assert_int_equal(lookup_host("localhost", 1883, soon, cancel, &list, &e), -1);
	assert_int_equal(e.code, ERR_INTERRUPTED);
	assert_int_equal(lookup_host("localhost", 1883, 0, -1, &list, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	close(cancel);
}

static void the_library(void **state)
{
	struct sigaction pipe = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(paho_start(&e), 0);
	assert_int_equal(paho_start(NULL), 0);
	/* it ignores SIGPIPE for the whole process: put back */
	assert_int_equal(sigaction(SIGPIPE, NULL, &pipe), 0);
	assert_true(pipe.sa_handler == SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_looked_at_first),
		cmocka_unit_test(no_password_in_clear),
		cmocka_unit_test(topics_are_looked_at_first),
		cmocka_unit_test(names_and_ports),
		cmocka_unit_test(silence_is_named),
		cmocka_unit_test(a_cancel_ends_it),
		cmocka_unit_test(lookups),
		cmocka_unit_test(the_library),
	};

	return UNIT_RUN(tests);
}
