/*
 * An adapter is followed by what it is, in a tree as sysfs has it: made here of folders
 * and links, with pseudo terminals for ttys. Its names are short, from the folder it is in:
 * a message has room for so much only.
 */
#include "temp.h"
#include "unit.h"

#include <fcntl.h>
#include <pty.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "modbus/port.h"

static const char sys[] = "sys", dev[] = "dev";
static struct usb_tree tree = { sys, dev };

struct adapter {
	const char *tty;	/* ttyUSB0 */
	const char *socket;	/* 1-2 */
	const char *serial;	/* "": none */
	int master, slave;
	dev_t rdev;
};

static void run(const char *fmt, ...)
{
	char command[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	assert_int_equal(system(command), 0);
}

/* A CH340 at SOCKET; the pseudo terminal stays the same one, whatever its name. */
static void plug(struct adapter *a)
{
	char at[160], name[64];
	struct stat st;

	if (a->master <= 0)
		assert_int_equal(openpty(&a->master, &a->slave, name, NULL, NULL), 0);
	assert_int_equal(fstat(a->slave, &st), 0);
	a->rdev = st.st_rdev;
	snprintf(at, sizeof(at), "%s/devices/pci0000:00/usb1/%s", sys, a->socket);
	run("mkdir -p %s/%s:1.0/%s/tty/%s && cd %s && echo 1a86 >idVendor && echo 7523 >idProduct"
	    " && echo 00 >%s:1.0/bInterfaceNumber && echo 0 >%s:1.0/%s/port_number && echo %u:%u >%s:1.0/%s/tty/%s/dev",
	    at, a->socket, a->tty, a->tty, at, a->socket, a->socket, a->tty, major(a->rdev), minor(a->rdev),
	    a->socket, a->tty, a->tty);
	if (*a->serial)
		run("echo %s >%s/serial", a->serial, at);
	run("ln -s ../../devices/pci0000:00/usb1/%s/%s:1.0/%s/tty/%s %s/class/tty/%s", a->socket, a->socket, a->tty,
	    a->tty, sys, a->tty);
	run("ln -s ../../devices/pci0000:00/usb1/%s/%s:1.0/%s/tty/%s %s/dev/char/%u:%u", a->socket, a->socket, a->tty,
	    a->tty, sys, major(a->rdev), minor(a->rdev));
	run("ln -s %s %s/%s", ttyname(a->slave), dev, a->tty);
}

static void unplug(const struct adapter *a)
{
	run("rm -rf %s/devices/pci0000:00/usb1/%s %s/class/tty/%s %s/dev/char/%u:%u %s/%s", sys, a->socket, sys, a->tty,
	    sys, major(a->rdev), minor(a->rdev), dev, a->tty);
}

static int set_up(void **state)
{
	char folder[TEMP_PATH];

	(void)state;
	assert_int_equal(chdir(temp_path(folder, "")), 0);
	run("mkdir -p %s/class/tty %s/dev/char %s", sys, sys, dev);
	/* what is no adapter */
	run("mkdir -p %s/devices/virtual/tty/tty0 && ln -s ../../devices/virtual/tty/tty0 %s/class/tty/tty0", sys, sys);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	run("rm -rf %s %s", sys, dev);
	return 0;
}

static void leave(struct adapter *a)
{
	close(a->master);
	close(a->slave);
}

static struct target target_of(const char *tty)
{
	char text[160];
	struct target t;
	struct err e;

	snprintf(text, sizeof(text), "rtu:%s/%s", dev, tty);
	assert_int_equal(target_parse(text, &t, &e), 0);
	return t;
}

static void what_it_is(void **state)
{
	struct adapter a = { .tty = "ttyUSB0", .socket = "1-2.4", .serial = "A50285BI" };
	struct usb_id id;

	(void)state;
	plug(&a);
	assert_true(usb_of(&tree, a.rdev, &id));
	assert_string_equal(id.vendor, "1a86");
	assert_string_equal(id.product, "7523");
	assert_string_equal(id.serial, "A50285BI");
	assert_string_equal(id.interface, "00");
	assert_string_equal(id.port, "0");
	assert_string_equal(id.place, "1-2.4");
	assert_false(usb_of(&tree, makedev(4, 64), &id));
	leave(&a);
}

/* Opened, lost, and back under another name. */
static void followed_by_its_serial_number(void **state)
{
	struct adapter a = { .tty = "ttyUSB0", .socket = "1-2", .serial = "A5" };
	struct adapter b = { .tty = "ttyUSB0", .socket = "1-2", .serial = "B6" };
	struct target t = target_of("ttyUSB0");
	struct port p = { .tree = tree };
	struct err e = { 0 };
	char want[128];

	(void)state;
	plug(&a);
	assert_int_equal(port_open(&p, &t, &e), 0);
	assert_string_equal(p.now, t.path);
	assert_true(port_present(&p));
	port_close(&p);
	unplug(&a);
	assert_false(port_present(&p));
	/* another one is plugged in where it was, and gets its name */
	plug(&b);
	assert_false(port_present(&p));
	assert_int_equal(port_open(&p, &t, &e), -1);
	assert_int_equal(e.code, ERR_SILENT);
	assert_non_null(strstr(e.text, "adapter is gone"));
	snprintf(want, sizeof(want), "'%s/ttyUSB0' is one of its kind", dev);
	assert_non_null(strstr(e.text, want));
	/* it comes back elsewhere */
	a.tty = "ttyUSB7";
	a.socket = "3-1";
	plug(&a);
	assert_true(port_present(&p));
	assert_int_equal(port_open(&p, &t, &e), 0);
	snprintf(want, sizeof(want), "%s/ttyUSB7", dev);
	assert_string_equal(p.now, want);
	port_close(&p);
	/* and gets its name again */
	unplug(&b);
	unplug(&a);
	a.tty = "ttyUSB0";
	plug(&a);
	assert_int_equal(port_open(&p, &t, &e), 0);
	assert_string_equal(p.now, t.path);
	port_close(&p);
	leave(&a);
	leave(&b);
}

/* Without a serial number the socket tells, and nothing else. */
static void followed_by_its_socket(void **state)
{
	struct adapter a = { .tty = "ttyUSB0", .socket = "1-2", .serial = "" };
	struct adapter b = { .tty = "ttyUSB1", .socket = "1-3", .serial = "" };
	struct target t = target_of("ttyUSB0");
	struct port p = { .tree = tree };
	struct err e = { 0 };
	char want[128];

	(void)state;
	plug(&a);
	plug(&b);
	assert_int_equal(port_open(&p, &t, &e), 0);
	port_close(&p);
	unplug(&a);
	assert_false(port_present(&p));
	a.tty = "ttyUSB2";
	plug(&a);
	assert_true(port_present(&p));
	assert_int_equal(port_open(&p, &t, &e), 0);
	snprintf(want, sizeof(want), "%s/ttyUSB2", dev);
	assert_string_equal(p.now, want);
	port_close(&p);
	/* into another socket: it may be a third one */
	unplug(&a);
	a.socket = "1-9";
	plug(&a);
	assert_false(port_present(&p));
	assert_int_equal(port_open(&p, &t, &e), -1);
	assert_non_null(strstr(e.text, "is one of its kind"));
	leave(&a);
	leave(&b);
}

/* Makers that give all of them one serial number. */
static void a_serial_number_that_is_none(void **state)
{
	struct adapter a = { .tty = "ttyUSB0", .socket = "1-2", .serial = "0001" };
	struct adapter b = { .tty = "ttyUSB1", .socket = "1-3", .serial = "0001" };
	struct target t = target_of("ttyUSB0");
	struct port p = { .tree = tree };
	struct err e = { 0 };

	(void)state;
	plug(&a);
	plug(&b);
	assert_int_equal(port_open(&p, &t, &e), 0);
	port_close(&p);
	/* both elsewhere */
	unplug(&a);
	unplug(&b);
	a.socket = "2-1";
	b.socket = "2-2";
	plug(&a);
	plug(&b);
	assert_false(port_present(&p));
	/* one of them in its place */
	unplug(&b);
	b.socket = "1-2";
	plug(&b);
	assert_true(port_present(&p));
	leave(&a);
	leave(&b);
}

/* No adapter at all: the name is all there is. */
static void a_port_that_is_no_adapter(void **state)
{
	struct adapter a = { .tty = "ttyS0", .socket = "1-2", .serial = "" };
	struct target t = target_of("ttyS0");
	struct port p = { .tree = tree };
	struct err e = { 0 };

	(void)state;
	plug(&a);
	run("rm -rf %s/devices/pci0000:00", sys);
	assert_int_equal(port_open(&p, &t, &e), 0);
	assert_string_equal(p.adapter.vendor, "");
	port_close(&p);
	assert_true(port_present(&p));
	run("rm %s/ttyS0", dev);
	assert_false(port_present(&p));
	assert_int_equal(port_open(&p, &t, &e), -1);
	assert_non_null(strstr(e.text, "no such port"));
	leave(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_it_is), TEST(followed_by_its_serial_number), TEST(followed_by_its_socket),
		TEST(a_serial_number_that_is_none), TEST(a_port_that_is_no_adapter),
	};

	return UNIT_RUN(tests);
}
