#include "open.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "modbus/port_owner.h"

typedef struct link *link_opener(const struct target *t, const struct link_opts *o,
				 int cancel_fd, struct err *e);

static link_opener *const openers[] = {
#define SCHEME(id, prefix, port, form, least, most, others, flags, opener, name, title) \
	[SCHEME_##id] = opener##_link_open,
#include "target/schemes.h"
#undef SCHEME
};

struct link *link_open(const struct target *t, const struct link_opts *o, struct err *e)
{
	int cancel_fd = o->cancel_fd ? o->cancel_fd : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct link *l;

	if (cancel_fd < 0) {
		err_set(e, ERR_NO, "cannot make an event descriptor: %s", strerror(errno));
		return NULL;
	}
	l = openers[t->scheme](t, o, cancel_fd, e);
	if (l)
		l->owns_cancel_fd = !o->cancel_fd;
	else if (!o->cancel_fd)
		close(cancel_fd);
	return l;
}

bool link_shared(const struct link *l, char *buf, size_t size)
{
	const char *now = link_port(l);

	return target_is_serial(&l->target) && port_shared(now ? now : l->target.path, buf, size);
}
