/* target_same.c - are two targets on one line? */
#include <stdlib.h>
#include <string.h>

#include "target.h"

/* Also where one is a link to the other: /dev/serial/by-id/... */
static bool target_same_path(const char *a, const char *b)
{
	char *one = realpath(a, NULL), *other = realpath(b, NULL);
	bool same = strcmp(a, b) == 0 || (one && other && strcmp(one, other) == 0);

	free(one);
	free(other);
	return same;
}

bool target_same_line(const struct target *a, const struct target *b)
{
	if (target_is_serial(a) || target_is_serial(b))
		return target_is_serial(a) && target_is_serial(b) && target_same_path(a->path, b->path);
	return target_is_network(a) && target_is_network(b) && target_is_datagram(a) == target_is_datagram(b)
	    && strcmp(a->host, b->host) == 0 && a->port == b->port;
}
