/*
 * export_evcc.c - a custom meter of evcc: docs.evcc.io, plugins, modbus. It has the values below and no others,
 * powers in W, those of three phases together or not at all. An "s" behind a type: the low word first.
 */
#include <stdio.h>
#include <string.h>

#include "export.h"

static const struct {
	const char *name, *keys[3];
	double factor;		/* to the unit that it has there */
} evcc_values[] = {
	{ "power", { "power.active.total" }, 1000 },
	{ "energy", { "energy.active.import.total" }, 1 },
	{ "currents", { "current.a", "current.b", "current.c" }, 1 },
	{ "voltages", { "voltage.a", "voltage.b", "voltage.c" }, 1 },
	{ "powers", { "power.active.a", "power.active.b", "power.active.c" }, 1000 },
};
#define NVALUES (sizeof(evcc_values) / sizeof(*evcc_values))

static const struct point *evcc_find(const struct export *x, const char *key)
{
	for (size_t i = 0; key && i < x->n; i++)
		if (strcmp(x->points[i]->key, key) == 0)
			return x->points[i];
	return NULL;
}

static const char *evcc_lacks(const struct profile *profile, const struct point *p)
{
	for (size_t i = 0; i < NVALUES; i++)
		for (size_t k = 0; k < 3 && evcc_values[i].keys[k]; k++) {
			bool whole = true;

			if (strcmp(evcc_values[i].keys[k], p->key) != 0)
				continue;
			for (size_t j = 0; j < 3 && evcc_values[i].keys[j]; j++)
				whole = whole && profile_find(profile, evcc_values[i].keys[j]) >= 0;
			if (p->words == 4 && p->order != ORDER_ABCD)
				return "this byte order";
			return whole ? NULL : "one phase of three";
		}
	return "this quantity";
}

static void evcc_line(const struct export *x, int deep, const char *text)
{
	fprintf(x->out, "%*s%s", deep, "", text);
}

/* What reads P, each line DEEP spaces in, the first behind what is there. */
static void evcc_source(const struct export *x, const struct point *p, double factor, int deep)
{
	const struct target *t = x->target;

	fputs("source: modbus\n", x->out);
	if (target_is_serial(t))
		fprintf(x->out, "%*sdevice: %s\n%*sbaudrate: %d\n%*scomset: \"8%c%d\"\n", deep, "", t->path, deep, "", t->baud, deep, "",
			t->parity, t->stop);
	else
		fprintf(x->out, "%*suri: %s:%d\n", deep, "", t->host, t->port);
	if (!target_is_serial(t) && !target_frames_tcp(t))
		evcc_line(x, deep, "rtu: true\n");
	fprintf(x->out, "%*sid: %d\n%*sregister:\n%*saddress: %u\n%*stype: %s\n%*sdecode: %s%s\n", deep, "", t->unit, deep, "", deep + 2,
		"", p->addr, deep + 2, "", p->space == SPACE_INPUT ? "input" : "holding", deep + 2, "", export_evcc.types[p->type],
		p->words > 1 ? export_evcc.orders[p->order] : "");
	if (p->scale * factor < 1 || p->scale * factor > 1)
		fprintf(x->out, "%*sscale: %.10g\n", deep, "", p->scale * factor);
}

static void evcc_print(const struct export *x)
{
	fprintf(x->out, "meters:\n  - name: %s\n    type: custom\n", x->profile->name);
	for (size_t i = 0; i < NVALUES; i++) {
		bool three = evcc_values[i].keys[1] != NULL;

		if (!evcc_find(x, evcc_values[i].keys[0])
		    || (three && !(evcc_find(x, evcc_values[i].keys[1]) && evcc_find(x, evcc_values[i].keys[2]))))
			continue;
		fprintf(x->out, "    %s:\n", evcc_values[i].name);
		for (size_t k = 0; k < 3 && evcc_values[i].keys[k]; k++) {
			evcc_line(x, 6, three ? "- " : "");
			evcc_source(x, evcc_find(x, evcc_values[i].keys[k]), evcc_values[i].factor, three ? 8 : 6);
		}
	}
}

const struct export_form export_evcc = {
	.name = "evcc",
	.types = { [TYPE_U16] = "uint16", [TYPE_I16] = "int16", [TYPE_U32] = "uint32", [TYPE_I32] = "int32", [TYPE_U64] = "uint64",
		   [TYPE_I64] = "int64", [TYPE_F32] = "float32", [TYPE_F64] = "float64" },
	.orders = { [ORDER_ABCD] = "", [ORDER_CDAB] = "s" },
	.lacks = evcc_lacks,
	.print = evcc_print,
};
