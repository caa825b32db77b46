#include "cell.h"

#include <math.h>
#include <stdio.h>

#include "output.h"

struct cell cell_real(double v, int decimals)
{
	return (struct cell){ .kind = isfinite(v) ? CELL_REAL : CELL_NONE, .real = v, .decimals = decimals };
}

static double cell_rounded(double v, int decimals)
{
	double ten = pow(10, decimals);

	return decimals < 0 ? v : round(v * ten) / ten;
}

json_t *cell_to_json(const struct cell *c)
{
	switch (c->kind) {
	case CELL_TEXT: return json_string(c->string);
	case CELL_INTEGER: return json_integer((json_int_t)c->integer);
	case CELL_REAL: return json_real(cell_rounded(c->real, c->decimals));
	case CELL_BOOL: return json_boolean(c->flag);
	case CELL_VALUE: return output_value_json(c->point, c->value);
	case CELL_JSON: return json_incref(c->json);
	case CELL_NONE: break;
	}
	return json_null();
}

static void cell_real_text(const struct cell *c, char *buf, size_t size)
{
	if (c->decimals < 0)
		snprintf(buf, size, "%.10g", c->real);
	else
		snprintf(buf, size, "%.*f", c->decimals, c->real);
}

const char *cell_to_text(const struct cell *c, char *buf, size_t size)
{
	if (c->text)
		return c->text;
	if (c->kind == CELL_TEXT)
		return c->string;
	buf[0] = '\0';
	switch (c->kind) {
	case CELL_INTEGER: snprintf(buf, size, "%lld", (long long)c->integer); break;
	case CELL_REAL: cell_real_text(c, buf, size); break;
	case CELL_BOOL: snprintf(buf, size, c->flag ? "true" : "false"); break;
	case CELL_VALUE: output_text(c->point, c->value, buf, size); break;
	case CELL_TEXT:
	case CELL_JSON:
	case CELL_NONE: break;
	}
	return buf;
}

json_t *cell_row_json(const struct column *columns, size_t n, enum format_form form,
		      const struct cell *cells)
{
	json_t *row = json_object();

	for (size_t i = 0; row && i < n; i++) {
		if (!(columns[i].in & form) || (columns[i].optional && cells[i].kind == CELL_NONE))
			continue;
		if (json_object_set_new(row, columns[i].name, cell_to_json(&cells[i]))) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}
