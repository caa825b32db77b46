/*
 * export_modpoll.c - a configuration file of modpoll, the poller in Python: github.com/gavinying/modpoll,
 * examples/example.csv. Where the meter is, its command line says.
 */
#include "export.h"

static const char *modpoll_order(const struct point *p)
{
	return export_modpoll.orders[p->words > 1 ? p->order : ORDER_ABCD];
}

/* How many points from AT on go into one read. */
static size_t modpoll_together(const struct export *x, size_t at)
{
	const struct point *first = x->points[at];
	size_t n = 1;

	for (; at + n < x->n; n++) {
		const struct point *last = x->points[at + n - 1], *p = x->points[at + n];

		if (p->space != first->space || modpoll_order(p) != modpoll_order(first) || p->addr != last->addr + last->words
		    || p->addr + p->words - first->addr > x->profile->read_most)
			break;
	}
	return n;
}

static void modpoll_print(const struct export *x)
{
	fprintf(x->out, "device,%s,%d\n", x->profile->name, x->target->unit);
	for (size_t i = 0; i < x->n;) {
		size_t n = modpoll_together(x, i);
		const struct point *first = x->points[i], *last = x->points[i + n - 1];

		fprintf(x->out, "poll,%s,%u,%u,%s\n", first->space == SPACE_INPUT ? "input_register" : "holding_register", first->addr,
			(unsigned)(last->addr + last->words - first->addr), modpoll_order(first));
		for (; n; n--, i++)
			fprintf(x->out, "ref,%s,%u,%s,r,%s,%.10g\n", x->points[i]->key, x->points[i]->addr,
				export_modpoll.types[x->points[i]->type], x->points[i]->unit, x->points[i]->scale);
	}
}

const struct export_form export_modpoll = {
	.name = "modpoll",
	.types = { [TYPE_U16] = "uint16", [TYPE_I16] = "int16", [TYPE_U32] = "uint32", [TYPE_I32] = "int32", [TYPE_U64] = "uint64",
		   [TYPE_I64] = "int64", [TYPE_F32] = "float32", [TYPE_F64] = "float64" },
	/* of the bytes, and of the words */
	.orders = { [ORDER_ABCD] = "BE_BE", [ORDER_CDAB] = "BE_LE", [ORDER_BADC] = "LE_BE", [ORDER_DCBA] = "LE_LE" },
	.print = modpoll_print,
};
