/*
 * export_gateway.c - the register table of Acrel's AWT gateways: 12 columns of CSV, as a public tool for them
 * has it (github.com/tyrival/Hummingbird, src-tauri/src/prompt.rs). Its number for the byte order of 32 bits is
 * only sure for the usual one, so others are left out.
 */
#include <math.h>
#include <string.h>

#include "export.h"

/* What the gateway calls it; others are DOC_ and our key. */
static const struct {
	const char *key, *name;
} gateway_names[] = {
	{ "voltage.a", "Ua" }, { "voltage.b", "Ub" }, { "voltage.c", "Uc" }, { "voltage.average", "UPA" }, { "voltage.ab", "Uab" },
	{ "voltage.bc", "Ubc" }, { "voltage.ca", "Uca" }, { "voltage.line.average", "ULA" }, { "current.a", "Ia" },
	{ "current.b", "Ib" }, { "current.c", "Ic" }, { "current.average", "IPA" }, { "current.n", "IN" },
	{ "current.residual", "Lg" }, { "power.active.total", "P" }, { "power.active.a", "Pa" }, { "power.active.b", "Pb" },
	{ "power.active.c", "Pc" }, { "power.reactive.total", "Q" }, { "power.reactive.a", "Qa" }, { "power.reactive.b", "Qb" },
	{ "power.reactive.c", "Qc" }, { "power.apparent.total", "S" }, { "power.apparent.a", "Sa" }, { "power.apparent.b", "Sb" },
	{ "power.apparent.c", "Sc" }, { "pf.total", "PF" }, { "pf.a", "PFa" }, { "pf.b", "PFb" }, { "pf.c", "PFc" },
	{ "frequency", "Fr" }, { "ratio.pt", "PT" }, { "ratio.ct", "CT" }, { "unbalance.voltage", "Uub" },
	{ "unbalance.current", "Iub" }, { "energy.active.combined.total", "EP" }, { "energy.active.import.total", "EPI" },
	{ "energy.active.export.total", "EPE" }, { "energy.reactive.combined.total", "EQ" },
	{ "energy.reactive.import.total", "EQL" }, { "energy.reactive.export.total", "EQC" }, { "thd.voltage.a", "UaTHD" },
	{ "thd.voltage.b", "UbTHD" }, { "thd.voltage.c", "UcTHD" }, { "thd.current.a", "IaTHD" }, { "thd.current.b", "IbTHD" },
	{ "thd.current.c", "IcTHD" },
};

/* By what power of ten a number is divided; -1: by none. */
static int gateway_decimals(const struct point *p)
{
	double scale = 1;

	for (int n = 0; n <= 6; n++, scale /= 10)
		if (fabs(p->scale - scale) < scale * 1e-9)
			return n;
	return -1;
}

static const char *gateway_lacks(const struct profile *profile, const struct point *p)
{
	(void)profile;
	return gateway_decimals(p) < 0 ? "this scale" : NULL;
}

static void gateway_name(FILE *f, const char *key)
{
	for (size_t i = 0; i < sizeof(gateway_names) / sizeof(*gateway_names); i++)
		if (strcmp(gateway_names[i].key, key) == 0) {
			fputs(gateway_names[i].name, f);
			return;
		}
	fprintf(f, "DOC_%s", key);
}

static void gateway_print(const struct export *x)
{
	fputs("id,group,data_name,unit,reg_add,reg_type,endian,dcm,k,fun_num,calc,style\n", x->out);
	for (size_t i = 0; i < x->n; i++) {
		const struct point *p = x->points[i];

		fprintf(x->out, "%zu,1,", i + 1);
		gateway_name(x->out, p->key);
		fprintf(x->out, ",%s,%u,%s,%s,%d,%d,%d,,0\n", p->unit, p->addr, export_gateway.types[p->type],
			export_gateway.orders[ORDER_ABCD], gateway_decimals(p), gateway_decimals(p), p->space == SPACE_INPUT ? 4 : 3);
	}
}

const struct export_form export_gateway = {
	.name = "acrel-gateway",
	.types = { [TYPE_U16] = "6", [TYPE_I16] = "7", [TYPE_U32] = "8", [TYPE_I32] = "9", [TYPE_U64] = "10", [TYPE_I64] = "11",
		   [TYPE_F32] = "12" },
	.orders = { [ORDER_ABCD] = "1" },
	.lacks = gateway_lacks,
	.print = gateway_print,
};
