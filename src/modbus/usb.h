/*
 * usb.h - which USB adapter a serial port is, and under which name it is now.
 *
 * An adapter that is plugged in again may get another name, and its old one may go to
 * another adapter. sysfs says what it is (Documentation/ABI/stable/sysfs-bus-usb and
 * testing/sysfs-bus-usb; ttys stand below the interface they belong to).
 */
#ifndef METERCTL_MODBUS_USB_H
#define METERCTL_MODBUS_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct usb_id {
	char vendor[8], product[8];	/* "0403", "6001"; "": no USB adapter */
	char serial[128];		/* "": it has none */
	char interface[8], port[8];	/* of an adapter with several ports; "" */
	char place[64];			/* the socket: "1-2.4" */
};

/* Where the kernel's view is, and the devices: "/sys" and "/dev", but for tests. */
struct usb_tree {
	const char *sys, *dev;
};

/* What is behind the character device RDEV. False: nothing on USB. */
bool usb_of(const struct usb_tree *t, dev_t rdev, struct usb_id *id);

/*
 * The device in which the adapter ID is now: the one with its serial number; of several,
 * or without one, that of its kind in the same socket. False: it is not there, or cannot
 * be told from others.
 */
bool usb_find(const struct usb_tree *t, const struct usb_id *id, char *path, size_t size);

/* Any device of the same maker and kind. */
bool usb_find_kind(const struct usb_tree *t, const struct usb_id *id, char *path, size_t size);

#endif
