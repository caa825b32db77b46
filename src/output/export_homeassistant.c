/*
 * export_homeassistant.c - the integration "modbus" of Home Assistant, for configuration.yaml:
 * home-assistant.io/integrations/modbus.
 */
#include <math.h>
#include <string.h>

#include "export.h"

/* By its unit: device_class, and how it counts on. */
static const struct {
	const char *unit, *class, *state;
} homeassistant_classes[] = {
	{ "V", "voltage", "measurement" }, { "A", "current", "measurement" }, { "mA", "current", "measurement" },
	{ "kW", "power", "measurement" }, { "kWh", "energy", "total_increasing" }, { "Hz", "frequency", "measurement" },
	{ "kvar", "reactive_power", "measurement" }, { "kVA", "apparent_power", "measurement" },
};

static void homeassistant_class(FILE *f, const char *unit)
{
	for (size_t i = 0; i < sizeof(homeassistant_classes) / sizeof(*homeassistant_classes); i++)
		if (strcmp(homeassistant_classes[i].unit, unit) == 0)
			fprintf(f, "        device_class: %s\n        state_class: %s\n", homeassistant_classes[i].class,
				homeassistant_classes[i].state);
}

static void homeassistant_place(const struct export *x)
{
	const struct target *t = x->target;

	fprintf(x->out, "modbus:\n  - name: %s\n", x->profile->name);
	if (target_is_serial(t))
		fprintf(x->out, "    type: serial\n    port: %s\n    baudrate: %d\n    bytesize: 8\n    method: rtu\n    parity: %c\n"
			"    stopbits: %d\n", t->path, t->baud, t->parity, t->stop);
	else
		fprintf(x->out, "    type: %s\n    host: %s\n    port: %d\n",
			target_frames_tcp(t) ? "tcp" : "rtuovertcp", t->host, t->port);
	if (x->profile->line_pause_ms)
		fprintf(x->out, "    message_wait_milliseconds: %u\n", x->profile->line_pause_ms);
	fputs("    sensors:\n", x->out);
}

static void homeassistant_point(const struct export *x, const struct point *p)
{
	FILE *f = x->out;
	char id[200];

	fputs("      - name: ", f);
	export_quoted(f, p->name);
	fprintf(f, "\n        unique_id: %s\n        slave: %d\n        address: %u\n        input_type: %s\n        data_type: %s\n",
		export_id(x, p, id, sizeof(id)), x->target->unit, p->addr, p->space == SPACE_INPUT ? "input" : "holding",
		export_homeassistant.types[p->type]);
	if (p->words > 1 && p->order != ORDER_ABCD)
		fprintf(f, "        swap: %s\n", export_homeassistant.orders[p->order]);
	if (p->scale < 1 || p->scale > 1)
		fprintf(f, "        scale: %.10g\n", p->scale);
	if (fabs(p->offset) > 0)
		fprintf(f, "        offset: %.10g\n", p->offset);
	fprintf(f, "        precision: %u\n", p->decimals);
	if (*p->unit) {
		fputs("        unit_of_measurement: ", f);
		export_quoted(f, p->unit);
		fputc('\n', f);
	}
	homeassistant_class(f, p->unit);
	if (p->nnone)
		fprintf(f, "        nan_value: 0x%llX\n", (unsigned long long)p->none[0].bits);
}

static void homeassistant_print(const struct export *x)
{
	homeassistant_place(x);
	for (size_t i = 0; i < x->n; i++)
		homeassistant_point(x, x->points[i]);
}

const struct export_form export_homeassistant = {
	.name = "homeassistant",
	.types = { [TYPE_U16] = "uint16", [TYPE_I16] = "int16", [TYPE_U32] = "uint32", [TYPE_I32] = "int32", [TYPE_U64] = "uint64",
		   [TYPE_I64] = "int64", [TYPE_F32] = "float32", [TYPE_F64] = "float64" },
	.orders = { [ORDER_ABCD] = "none", [ORDER_CDAB] = "word", [ORDER_BADC] = "byte", [ORDER_DCBA] = "word_byte" },
	.offsets = true,
	.codes = true,
	.print = homeassistant_print,
};
