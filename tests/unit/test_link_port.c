/* Ports and connections: had, not had, lost and found again. */
#include "meter/open.h"
#include "temp.h"
#include "test_link_slave.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct point points[2];
static struct profile profile = { .name = "test", .points = points, .npoints = 2, .read_most = 125 };

/* For what says nothing; what answers; what does the one after the other. */
static const struct link_opts quick = { .timeout_ms = 100, .retries = 1 };
static const struct link_opts patient = { .timeout_ms = UNIT_PATIENCE_MS, .retries = 1 };
static const struct link_opts steady = { .timeout_ms = 1000, .retries = 1 };

static void take(void *arg, size_t idx, const struct reading *r)
{
	unsigned *n = arg;

	assert_int_equal(r->quality, QUALITY_OK);
	assert_int_equal(r->raw[0], register_value(points[idx].addr));
	(*n)++;
}

static int read_both(struct link *l, unsigned *n, struct err *e)
{
	static const uint16_t idx[] = { 0, 1 };

	*n = 0;
	*e = (struct err){ 0 };
	return link_read(l, &profile, idx, 2, take, n, e);
}

static void refused(const char *text, enum err_code code, const char *words)
{
	struct err e = { 0 };
	char copy[200], *save = NULL;
	struct target t;

	assert_int_equal(target_parse(text, &t, &e), 0);
	if (link_open(&t, &patient, &e))
		fail_msg("'%s' is opened", text);
	if (e.code != code)
		fail_msg("code %d: %s", e.code, e.text);
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(e.text, w))
			fail_msg("no '%s' in: %s", w, e.text);
}

/* ---- ports -------------------------------------------------------------- */

static void ports_that_are_none(void **state)
{
	char path[TEMP_PATH], text[TEMP_PATH + 8];

	(void)state;
	refused("rtu:/dev/ttyNONE7", ERR_SILENT, "no such port|/dev/ttyNONE7");
	refused("rtu:/dev/null", ERR_USAGE, "/dev/null|not a serial port");
	close(open(temp_path(path, "file"), O_WRONLY | O_CREAT, 0600));
	snprintf(text, sizeof(text), "rtu:%s", path);
	refused(text, ERR_USAGE, "not a serial port");
}

static void a_port_that_may_not_be_opened(void **state)
{
	char path[TEMP_PATH], text[TEMP_PATH + 8];
	int fd = open(temp_path(path, "port"), O_WRONLY | O_CREAT, 0600), status;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(path, 0060), 0);
	snprintf(text, sizeof(text), "rtu:%s", path);
	if (geteuid() == 0 && chown(path, 0, 20) != 0)
		UNIT_WITHOUT("another owner of a file");
	/* root may open everything */
	pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(77);
		refused(text, ERR_DENIED, geteuid() == 65534
			? "permission|dialout|usermod -aG dialout" : "permission");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_port_in_use(void **state)
{
	struct slave s = { 0 };
	struct link *l, *again;
	char text[160], pid[32];
	struct target t;
	struct err e;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	snprintf(text, sizeof(text), "rtu:%s?baud=115200", s.path);
	snprintf(pid, sizeof(pid), "process %d", getpid());
	refused(text, ERR_DENIED, "in use");
	refused(text, ERR_DENIED, access("/proc/locks", R_OK) == 0 ? pid : "in use");
	link_close(l);
	/* and free again */
	assert_int_equal(target_parse(text, &t, &e), 0);
	again = link_open(&t, &quick, &e);
	assert_non_null(again);
	link_close(again);
	slave_stop(&s);
}

static void a_uucp_lock_is_honoured(void **state)
{
	struct slave s = { 0 };
	char lock[160], text[160], pid[32];
	struct link *l;
	FILE *f;

	(void)state;
	slave_pty(&s);
	snprintf(lock, sizeof(lock), "/run/lock/LCK..%s", strrchr(s.path, '/') + 1);
	snprintf(text, sizeof(text), "rtu:%s", s.path);
	f = access(lock, F_OK) == 0 ? NULL : fopen(lock, "w");
	if (!f) {
		slave_stop(&s);
		UNIT_WITHOUT("/run/lock");
	}
	fprintf(f, "%10d\n", getppid());
	fclose(f);
	snprintf(pid, sizeof(pid), "process %d", getppid());
	refused(text, ERR_DENIED, pid);
	/* binary, as some write it */
	f = fopen(lock, "w");
	fwrite(&(int){ getppid() }, sizeof(int), 1, f);
	fclose(f);
	refused(text, ERR_DENIED, pid);
	/* left behind by one that is no more */
	f = fopen(lock, "w");
	fprintf(f, "%10d\n", 0x3FFFFFFF);
	fclose(f);
	l = slave_link(&s, SCHEME_RTU, &quick);
	link_close(l);
	unlink(lock);
	slave_stop(&s);
}

/* Another process that has the port open, and no lock on it. */
static pid_t open_elsewhere(const char *path)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		/* nothing else of ours, least of all the other end */
		if (dup2(open(path, O_RDONLY | O_NOCTTY), 0) < 0 || dup2(ready[1], 1) < 0
		    || close_range(3, ~0U, 0) || write(1, "!", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void nothing_comes(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	(void)pdu;
	(void)nth;
}

static void another_program_on_the_port(void **state)
{
	struct slave s = { .serve = nothing_comes };
	char who[128], words[32];
	struct link *l;
	struct err e;
	unsigned n;
	pid_t pid;

	(void)state;
	slave_pty(&s);
	l = slave_link(&s, SCHEME_RTU, &quick);
	assert_false(link_shared(l, who, sizeof(who)));
	assert_int_equal(read_both(l, &n, &e), -1);
	assert_null(strstr(e.text, "has the port open"));
	assert_non_null(strstr(e.text, "(check the meter's power"));
	pid = open_elsewhere(s.path);
	assert_true(link_shared(l, who, sizeof(who)));
	snprintf(words, sizeof(words), "process %d (", (int)pid);
	assert_non_null(strstr(who, words));
	assert_int_equal(read_both(l, &n, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_non_null(strstr(e.text, words));
	assert_non_null(strstr(e.text, "has the port open, too"));
	assert_null(strstr(e.text, "check the meter's power"));	/* that is not it */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(link_shared(l, who, sizeof(who)));
	link_close(l);
	slave_stop(&s);
}

static void a_rate_is_really_set(void **state)
{
	static const int rates[] = { 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };
	static const speed_t codes[] = { B1200, B2400, B4800, B9600, B19200, B38400, B57600, B115200 };
	struct slave s = { 0 };
	struct termios tio;

	(void)state;
	slave_pty(&s);
	for (size_t i = 0; i < 8; i++) {
		struct target t;
		struct err e;
		struct link *l;
		unsigned n;
		char text[160];

		snprintf(text, sizeof(text), "rtu:%s?baud=%d", s.path, rates[i]);
		assert_int_equal(target_parse(text, &t, &e), 0);
		l = link_open(&t, &patient, &e);
		assert_non_null(l);
		assert_int_equal(tcgetattr(s.keep, &tio), 0);
		assert_int_equal(cfgetospeed(&tio), codes[i]);
		assert_int_equal(tio.c_lflag & (ICANON | ECHO), 0);
		assert_int_equal(read_both(l, &n, &e), 0);
		assert_int_equal(n, 2);
		link_close(l);
	}
	slave_stop(&s);
}

/* A port under a name of its own, which leads to one device or another. */
struct plug {
	char port[TEMP_PATH];
	struct slave s;
};

static void plug_in(struct plug *p)
{
	p->s = (struct slave){ 0 };
	slave_pty(&p->s);
	assert_int_equal(symlink(p->s.path, p->port), 0);
}

static void pull(struct plug *p)
{
	slave_stop(&p->s);
	unlink(p->port);
}

static void reads_both(struct link *l)
{
	struct err e;
	unsigned n;

	if (read_both(l, &n, &e))
		fail_msg("%s", e.text);
	assert_int_equal(n, 2);
}

/* A read fails with CODE. */
static void fails(struct link *l, enum err_code code, const char *words)
{
	struct err e;
	unsigned n;

	assert_int_equal(read_both(l, &n, &e), -1);
	if (e.code != code || !strstr(e.text, words))
		fail_msg("code %d: %s", e.code, e.text);
}

/* Twice, and not in a spin: the second after a second. */
static void goes_on_failing(struct link *l, enum err_code code, const char *words)
{
	int64_t began = unit_now_ms();

	fails(l, code, words);
	fails(l, code, words);
	assert_true(unit_now_ms() - began >= 999);
}

/* The adapter is pulled and comes back: as another device under the same name. */
static void unplugged_and_back(void **state)
{
	struct plug p = { .s = { 0 } };
	struct link_stats st;
	struct target t;
	struct err e;
	struct link *l;
	int64_t began, took;
	unsigned times = 0;
	char text[TEMP_PATH + 32];

	(void)state;
	temp_path(p.port, "port");
	snprintf(text, sizeof(text), "rtu:%s?baud=115200", p.port);
	plug_in(&p);
	assert_int_equal(target_parse(text, &t, &e), 0);
	l = link_open(&t, &patient, &e);
	assert_non_null(l);
	reads_both(l);

	pull(&p);
	fails(l, ERR_SILENT, "adapter is gone");
	goes_on_failing(l, ERR_SILENT, p.port);

	/* back, but somebody else was quicker */
	p.s = (struct slave){ 0 };
	slave_pty(&p.s);
	assert_int_equal(flock(p.s.keep, LOCK_EX), 0);
	assert_int_equal(symlink(p.s.path, p.port), 0);
	goes_on_failing(l, ERR_DENIED, "");
	pull(&p);

	/* it is noticed before that second is over; on a busy machine not always */
	do {
		/* the first may be that it is noticed, the second is an attempt to open it */
		fails(l, ERR_SILENT, "");
		fails(l, ERR_SILENT, "");
		plug_in(&p);
		began = unit_now_ms();
		reads_both(l);
		took = unit_now_ms() - began;
		pull(&p);
	} while (took >= 900 && ++times < 30);
	if (took >= 900)
		fail_msg("noticed only after %lld ms", (long long)took);
	link_stats(l, &st);
	assert_int_equal(st.reopened, times + 1);
	link_close(l);
}

/* ---- TCP ---------------------------------------------------------------- */

static void over(enum scheme scheme, bool mbap)
{
	struct slave s = { .mbap = mbap };
	struct link *l;
	struct err e;
	uint16_t regs[125];
	unsigned n;

	slave_tcp(&s);
	l = slave_link(&s, scheme, &patient);
	assert_true(link_has_registers(l));
	for (int i = 0; i < 20; i++) {
		assert_int_equal(read_both(l, &n, &e), 0);
		assert_int_equal(n, 2);
	}
	assert_int_equal(link_raw_read(l, SPACE_INPUT, 0x1234, 125, regs, &e), 0);
	for (unsigned i = 0; i < 125; i++)
		assert_int_equal(regs[i], register_value(0x1234 + i));
	assert_int_equal(link_raw_read(l, SPACE_INPUT, 0xFFFF, 2, regs, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	link_close(l);
	slave_stop(&s);
}

static void tcp_and_rtu_over_tcp(void **state)
{
	(void)state;
	over(SCHEME_TCP, true);
	over(SCHEME_RTUTCP, false);
}

static void nobody_listens(void **state)
{
	struct slave s = { 0 };
	char text[64];

	(void)state;
	slave_tcp(&s);
	slave_stop(&s);		/* its port is free now */
	snprintf(text, sizeof(text), "tcp:127.0.0.1:%d", s.port);
	refused(text, ERR_SILENT, "127.0.0.1|refused|nothing listens");
	snprintf(text, sizeof(text), "rtutcp:127.0.0.1:%d", s.port);
	refused(text, ERR_SILENT, "refused");
	refused("tcp:no-such-host.invalid", ERR_SILENT, "cannot find host|no-such-host.invalid");
}

/* Answers the request before this one: a gateway that is one behind. */
static void one_behind(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static uint8_t before[6], head[6];

	if (nth > 1) {
		uint8_t now[6];

		memcpy(now, s->head, 6);
		memcpy(s->head, head, 6);
		slave_good(s, before);
		memcpy(s->head, now, 6);
	}
	memcpy(before, pdu, 6);
	memcpy(head, s->head, 6);
	if (nth > 1)
		slave_good(s, pdu);
}

static void tcp_answers_of_another_transaction(void **state)
{
	struct slave s = { .mbap = true, .serve = one_behind };
	struct link_stats st;
	struct link *l;
	struct err e;
	uint16_t reg;

	(void)state;
	slave_tcp(&s);
	l = slave_link(&s, SCHEME_TCP, &steady);
	for (uint16_t i = 0; i < 10; i++) {
		assert_int_equal(link_raw_read(l, SPACE_HOLDING, i, 1, &reg, &e), 0);
		assert_int_equal(reg, register_value(i));
	}
	link_stats(l, &st);
	assert_true(st.foreign >= 9);
	/* numbers tell answers apart: no need to hang up for a late one */
	assert_int_equal(atomic_load(&s.connections), 1);
	link_close(l);
	slave_stop(&s);
}

static void hangs_up(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	if (nth % 3 == 0) {
		shutdown(s->fd, SHUT_RDWR);
		return;
	}
	slave_good(s, pdu);
}

static void a_gateway_that_hangs_up(void **state)
{
	static const enum scheme schemes[] = { SCHEME_TCP, SCHEME_RTUTCP };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct slave s = { .mbap = schemes[i] == SCHEME_TCP, .serve = hangs_up };
		struct link_stats st;
		struct link *l;
		struct err e;
		unsigned n;

		slave_tcp(&s);
		l = slave_link(&s, schemes[i], &patient);
		for (int k = 0; k < 12; k++) {
			if (read_both(l, &n, &e))
				fail_msg("%s", e.text);
			assert_int_equal(n, 2);
		}
		link_stats(l, &st);
		assert_true(st.reopened >= 5);
		link_close(l);
		slave_stop(&s);
	}
}

static void not_modbus(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	static const char page[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

	(void)pdu;
	(void)nth;
	slave_send(s, (const uint8_t *)page, sizeof(page) - 1);
}

static void silent(struct slave *s, const uint8_t *pdu, unsigned nth)
{
	(void)s;
	(void)pdu;
	(void)nth;
}

static void wrong_services(void **state)
{
	struct slave s = { .mbap = true, .serve = not_modbus };
	struct link *l;
	struct err e;
	unsigned n;

	(void)state;
	slave_tcp(&s);
	l = slave_link(&s, SCHEME_TCP, &patient);
	assert_int_equal(read_both(l, &n, &e), -1);
	assert_int_equal(e.code, ERR_FOREIGN);
	assert_non_null(strstr(e.text, "not Modbus TCP"));
	link_close(l);
	slave_stop(&s);

	s = (struct slave){ .mbap = true, .serve = silent };
	slave_tcp(&s);
	l = slave_link(&s, SCHEME_TCP, &quick);
	assert_int_equal(read_both(l, &n, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_non_null(strstr(e.text, "connection stands"));
	link_close(l);
	slave_stop(&s);
}

/* ---- simulated ---------------------------------------------------------- */

static void a_simulated_meter(void **state)
{
	const struct profile *p = profile_builtin_named("adw300");
	struct link_opts o = { .timeout_ms = UNIT_PATIENCE_MS, .retries = 1, .profile = p };
	struct target t;
	struct err e;
	struct link *l;
	uint16_t reg;

	(void)state;
	assert_int_equal(target_parse("sim:unit=9", &t, &e), 0);
	l = link_open(&t, &o, &e);
	if (!l)
		fail_msg("%s", e.text);
	assert_int_equal(link_raw_read(l, SPACE_HOLDING, 0, 1, &reg, &e), 0);
	assert_int_equal(reg, 9);
	link_close(l);
	assert_int_equal(target_parse("sim:no-such-word", &t, &e), 0);
	assert_null(link_open(&t, &o, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.text, "no-such-word"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_that_are_none),
		cmocka_unit_test(a_port_that_may_not_be_opened),
		cmocka_unit_test(a_port_in_use),
		cmocka_unit_test(a_uucp_lock_is_honoured),
		cmocka_unit_test(another_program_on_the_port),
		cmocka_unit_test(a_rate_is_really_set),
		cmocka_unit_test(unplugged_and_back),
		cmocka_unit_test(tcp_and_rtu_over_tcp),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(tcp_answers_of_another_transaction),
		cmocka_unit_test(a_gateway_that_hangs_up),
		cmocka_unit_test(wrong_services),
		cmocka_unit_test(a_simulated_meter),
	};

	for (unsigned i = 0; i < 2; i++)
		points[i] = (struct point){
			.key = i ? "b" : "a", .name = "", .group = "", .unit = "", .note = "",
			.section = "", .type = TYPE_U16, .words = 1, .scale = 1,
			.addr = (uint16_t)(i * 1000), .min = 1, .max = 0,
		};
	return UNIT_RUN(tests);
}
