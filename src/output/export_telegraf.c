/*
 * export_telegraf.c - inputs.modbus of Telegraf, in its register style: plugins/inputs/modbus of
 * github.com/influxdata/telegraf. A number that is scaled is of a type of its own there.
 */
#include "export.h"

static void telegraf_place(const struct export *x)
{
	const struct target *t = x->target;

	fprintf(x->out, "[[inputs.modbus]]\n  name = \"%s\"\n  slave_id = %d\n  timeout = \"1s\"\n", x->profile->name, t->unit);
	if (target_is_serial(t))
		fprintf(x->out, "  controller = \"file://%s\"\n  baud_rate = %d\n  data_bits = 8\n  parity = \"%c\"\n  stop_bits = %d\n"
			"  transmission_mode = \"RTU\"\n", t->path, t->baud, t->parity, t->stop);
	else
		fprintf(x->out, "  controller = \"tcp://%s:%d\"\n  transmission_mode = \"%s\"\n", t->host, t->port,
			target_frames_tcp(t) ? "TCP" : "RTUoverTCP");
}

static const char *telegraf_type(const struct point *p)
{
	bool plain = p->type == TYPE_F32 || p->type == TYPE_F64 || (p->scale >= 1 && p->scale <= 1);

	if (plain)
		return export_telegraf.types[p->type];
	return p->type == TYPE_U16 || p->type == TYPE_U32 || p->type == TYPE_U64 ? "UFIXED" : "FIXED";
}

static const char *telegraf_order(const struct point *p)
{
	static const char *const four[] = {
		[ORDER_ABCD] = "ABCDEFGH", [ORDER_CDAB] = "GHEFCDAB", [ORDER_BADC] = "BADCFEHG", [ORDER_DCBA] = "HGFEDCBA",
	};

	return p->words == 1 ? "AB" : p->words == 2 ? export_telegraf.orders[p->order] : four[p->order];
}

static void telegraf_point(const struct export *x, const struct point *p)
{
	fprintf(x->out, "    { name = \"%s\", byte_order = \"%s\", data_type = \"%s\", scale = %#.10g, address = [", p->key,
		telegraf_order(p), telegraf_type(p), p->scale);
	for (unsigned i = 0; i < p->words; i++)
		fprintf(x->out, "%s%u", i ? ", " : "", p->addr + i);
	fputs("] },\n", x->out);
}

static void telegraf_print(const struct export *x)
{
	static const char *const names[] = { [SPACE_HOLDING] = "holding_registers", [SPACE_INPUT] = "input_registers" };
	int open = -1;

	telegraf_place(x);
	for (size_t i = 0; i < x->n; i++) {
		if (open != (int)x->points[i]->space)
			fprintf(x->out, "%s  %s = [\n", open >= 0 ? "  ]\n" : "", names[x->points[i]->space]);
		open = (int)x->points[i]->space;
		telegraf_point(x, x->points[i]);
	}
	fputs("  ]\n", x->out);
}

const struct export_form export_telegraf = {
	.name = "telegraf",
	.types = { [TYPE_U16] = "UINT16", [TYPE_I16] = "INT16", [TYPE_U32] = "UINT32", [TYPE_I32] = "INT32", [TYPE_U64] = "UINT64",
		   [TYPE_I64] = "INT64", [TYPE_F32] = "FLOAT32-IEEE", [TYPE_F64] = "FLOAT64-IEEE" },
	.orders = { [ORDER_ABCD] = "ABCD", [ORDER_CDAB] = "CDAB", [ORDER_BADC] = "BADC", [ORDER_DCBA] = "DCBA" },
	.print = telegraf_print,
};
