#include "ports.h"

#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static void add_word(char *buf, size_t size, size_t *at, const char *word)
{
	if (word && *word && !strstr(buf, word))
		text_append(buf, size, at, "%s%s", *at ? ", " : "", word);
}

static void ports_fill(struct found_port *p, struct sp_port *from)
{
	char raw[sizeof(p->name)] = "";
	size_t at = 0;

	text_clean(p->path, sizeof(p->path), sp_get_port_name(from));
	p->usb = sp_get_port_transport(from) == SP_TRANSPORT_USB;
	p->allowed = access(p->path, R_OK | W_OK) == 0;
	if (p->usb) {
		add_word(raw, sizeof(raw), &at, sp_get_port_usb_product(from));
		add_word(raw, sizeof(raw), &at, sp_get_port_usb_manufacturer(from));
		add_word(raw, sizeof(raw), &at, sp_get_port_usb_serial(from));
	}
	/* elsewhere the description only repeats the device's name */
	text_clean(p->name, sizeof(p->name), raw);
}

/* ttyUSB2 before ttyUSB10. */
static int by_use(const void *a, const void *b)
{
	const struct found_port *p = a, *q = b;

	if (p->usb != q->usb)
		return p->usb ? -1 : 1;
	return strverscmp(p->path, q->path);
}

int ports_list(struct found_port **list, size_t *n, struct err *e)
{
	struct sp_port **found = NULL;
	size_t count = 0;

	*list = NULL;
	*n = 0;
	if (sp_list_ports(&found) != SP_OK)
		return err_set(e, ERR_NO, "cannot list the serial ports");
	while (found[count])
		count++;
	if (count > 0) {
		*list = calloc(count, sizeof(**list));
		if (!*list) {
			sp_free_port_list(found);
			return err_set(e, ERR_NO, "out of memory");
		}
	}
	for (size_t i = 0; i < count; i++)
		ports_fill(&(*list)[i], found[i]);
	sp_free_port_list(found);
	*n = count;
	if (count > 1)
		qsort(*list, count, sizeof(**list), by_use);
	return 0;
}
