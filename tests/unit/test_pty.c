/* The pseudo terminal that stands for a serial port: what nobody was there to read is
 * dropped, what somebody waits for is not. */
#include <fcntl.h>
#include <unistd.h>

#include "base/pty.h"
#include "unit.h"

static void start(struct pty *p)
{
	struct err e = { 0 };

	if (pty_open(p, NULL, &e))
		fail_msg("%s", e.text);
}

static int user(const struct pty *p)
{
	int fd = open(p->path, O_RDWR | O_NOCTTY | O_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

/* What is sent reaches FD, whatever is noticed of the users after that. */
static void assert_arrives(struct pty *p, int fd)
{
	char got[8];

	assert_int_equal(write(p->master, "!", 1), 1);
	assert_true(unit_readable(fd, UNIT_PATIENCE_MS));
	pty_forget_unread(p);
	assert_int_equal(read(fd, got, sizeof(got)), 1);
	assert_int_equal(got[0], '!');
}

/* The next program finds nothing but what is sent to it. */
static int assert_clean(struct pty *p)
{
	int fd = user(p);

	pty_forget_unread(p);
	assert_arrives(p, fd);
	return fd;
}

static void what_the_last_user_left_is_dropped(void **state)
{
	struct pty p;
	int fd;

	(void)state;
	start(&p);
	fd = assert_clean(&p);
	assert_int_equal(write(p.master, "left", 4), 4);
	assert_true(unit_readable(fd, UNIT_PATIENCE_MS));
	close(fd);
	/* who comes at once is another all the same */
	close(assert_clean(&p));
	pty_close(&p);
}

static void what_came_to_nobody_is_dropped(void **state)
{
	struct pty p;

	(void)state;
	start(&p);
	assert_int_equal(write(p.master, "none", 4), 4);
	close(assert_clean(&p));
	assert_int_equal(write(p.master, "late", 4), 4);
	close(assert_clean(&p));
	pty_forget_unread(&p);
	assert_int_equal(write(p.master, "later", 5), 5);
	close(assert_clean(&p));
	pty_close(&p);
}

/* Two opens one upon the other are told as one: inotify(7) merges them. */
static void two_that_come_at_once_are_both_there(void **state)
{
	struct pty p;
	int first, second;

	(void)state;
	start(&p);
	first = user(&p);
	second = user(&p);
	pty_forget_unread(&p);
	assert_arrives(&p, second);
	close(first);
	pty_forget_unread(&p);
	for (int i = 0; i < 3; i++)
		assert_arrives(&p, second);
	close(second);
	close(assert_clean(&p));
	pty_close(&p);
}

static void two_that_go_at_once_are_both_gone(void **state)
{
	struct pty p;
	int first, second;

	(void)state;
	start(&p);
	first = assert_clean(&p);
	second = assert_clean(&p);
	close(first);
	close(second);
	assert_int_equal(write(p.master, "none", 4), 4);
	close(assert_clean(&p));
	assert_int_equal(write(p.master, "none", 4), 4);
	close(assert_clean(&p));
	pty_close(&p);
}

/* Last words are still to be heard: the master is not waited for any more. */
static void what_was_said_at_last_is_told(void **state)
{
	struct pty p;
	char got[8];
	int fd;

	(void)state;
	start(&p);
	fd = assert_clean(&p);
	assert_false(pty_forget_unread(&p));
	assert_int_equal(write(fd, "bye", 3), 3);
	assert_true(unit_readable(p.master, UNIT_PATIENCE_MS));
	assert_false(pty_forget_unread(&p));
	close(fd);
	assert_true(pty_forget_unread(&p));
	assert_true(p.unused);
	assert_int_equal(read(p.master, got, sizeof(got)), 3);
	assert_false(pty_forget_unread(&p));
	assert_true(p.unused);
	pty_close(&p);
}

/* A second program that comes and goes takes nothing from the first. */
static void a_visitor_disturbs_nobody(void **state)
{
	struct pty p;
	int fd;

	(void)state;
	start(&p);
	fd = assert_clean(&p);
	assert_int_equal(write(p.master, "!", 1), 1);
	close(user(&p));
	pty_forget_unread(&p);
	assert_true(unit_readable(fd, UNIT_PATIENCE_MS));
	close(fd);
	pty_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_last_user_left_is_dropped),
		cmocka_unit_test(what_came_to_nobody_is_dropped),
		cmocka_unit_test(two_that_come_at_once_are_both_there),
		cmocka_unit_test(two_that_go_at_once_are_both_gone),
		cmocka_unit_test(what_was_said_at_last_is_told),
		cmocka_unit_test(a_visitor_disturbs_nobody),
	};

	return UNIT_RUN(tests);
}
