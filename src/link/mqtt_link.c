#include "mqtt_link.h"

struct link *mqtt_link_open(const struct target *t, const struct link_opts *o,
			    int cancel_fd, struct err *e)
{
	(void)o;
	(void)cancel_fd;
	err_set(e, ERR_USAGE, "'%s': brokers are not spoken to yet", t->text);
	return NULL;
}
