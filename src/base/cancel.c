#include "cancel.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

void cancel_raise(int fd)
{
	const uint64_t one = 1;
	int before = errno;
	/* only a full counter makes this fail, and then it is readable already */
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
	errno = before;
}

void cancel_clear(int fd)
{
	uint64_t count;
	/* nothing to read is what is wanted, too */
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
}

bool cancel_raised(int fd)
{
	return poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 0) > 0;
}
