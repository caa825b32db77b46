#include "usb.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The line in the file NAME of FOLDER; "" when there is none. */
static void read_line(const char *folder, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	FILE *f;

	buf[0] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return;
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(buf, (int)size, f))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(f);
}

/* From the folder of a tty upwards: port and interface, then the device itself. */
static bool read_id(const char *folder, struct usb_id *id)
{
	char at[PATH_MAX], *end;

	memset(id, 0, sizeof(*id));
	if (!realpath(folder, at))
		return false;
	while (!*id->vendor && (end = strrchr(at, '/')) && end > at) {
		if (!*id->port)
			read_line(at, "port_number", id->port, sizeof(id->port));
		if (!*id->interface)
			read_line(at, "bInterfaceNumber", id->interface, sizeof(id->interface));
		read_line(at, "idVendor", id->vendor, sizeof(id->vendor));
		if (*id->vendor) {
			read_line(at, "idProduct", id->product, sizeof(id->product));
			read_line(at, "serial", id->serial, sizeof(id->serial));
			snprintf(id->place, sizeof(id->place), "%.63s", end + 1);
		}
		*end = '\0';
	}
	return *id->vendor != '\0';
}

bool usb_of(const struct usb_tree *t, dev_t rdev, struct usb_id *id)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s/dev/char/%u:%u", t->sys, major(rdev), minor(rdev));
	return read_id(folder, id);
}

/* ---- finding it again ----------------------------------------------------------- */

static bool same_kind(const struct usb_id *a, const struct usb_id *b)
{
	return strcmp(a->vendor, b->vendor) == 0 && strcmp(a->product, b->product) == 0
	    && strcmp(a->interface, b->interface) == 0 && strcmp(a->port, b->port) == 0;
}

/* How sure A is B: 0 it is not, 1 of its kind, 2 by its serial number, 3 that and its place. */
static int likeness(const struct usb_id *a, const struct usb_id *b)
{
	bool serial = strcmp(a->serial, b->serial) == 0, here = strcmp(a->place, b->place) == 0;

	if (!same_kind(a, b))
		return 0;
	if (!serial)
		return 1;
	return here ? 3 : *a->serial ? 2 : 1;
}

/* Is the device of that name the tty whose number sysfs gives? */
static bool is_device(const char *path, const char *folder)
{
	unsigned maj, min;
	char number[32];
	struct stat st;

	read_line(folder, "dev", number, sizeof(number));
	return sscanf(number, "%u:%u", &maj, &min) == 2 && stat(path, &st) == 0 && S_ISCHR(st.st_mode)
	    && st.st_rdev == makedev(maj, min);
}

/* The device that is ID at least so surely; *N: how many are just as likely. */
static int find_best(const struct usb_tree *t, const struct usb_id *id, char *path, size_t size, int *n)
{
	char folder[PATH_MAX], link[PATH_MAX], device[PATH_MAX];
	struct usb_id other;
	struct dirent *d;
	int best = 0;
	DIR *dir;

	*n = 0;
	snprintf(folder, sizeof(folder), "%s/class/tty", t->sys);
	dir = opendir(folder);
	while (dir && (d = readdir(dir))) {
		ssize_t len;
		int like;

		if (snprintf(folder, sizeof(folder), "%s/class/tty/%s", t->sys, d->d_name) >= (int)sizeof(folder)
		    || snprintf(device, sizeof(device), "%s/%s", t->dev, d->d_name) >= (int)sizeof(device))
			continue;
		/* most ttys are no adapters, and this is looked at often */
		len = readlink(folder, link, sizeof(link) - 1);
		if (len < 0 || (link[len] = '\0', !strstr(link, "/usb")))
			continue;
		if (!read_id(folder, &other) || !is_device(device, folder))
			continue;
		like = likeness(&other, id);
		*n = like > best ? 1 : *n + (like == best);
		if (like > best) {
			best = like;
			snprintf(path, size, "%s", device);
		}
	}
	if (dir)
		closedir(dir);
	return best;
}

bool usb_find(const struct usb_tree *t, const struct usb_id *id, char *path, size_t size)
{
	int n;

	return find_best(t, id, path, size, &n) >= 2 && n == 1;
}

bool usb_find_kind(const struct usb_tree *t, const struct usb_id *id, char *path, size_t size)
{
	int n;

	return find_best(t, id, path, size, &n) >= 1;
}
