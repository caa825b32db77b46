/*
 * output.h - readings on stdout: table, JSON, JSON lines, CSV
 * (meterctl(1), OUTPUT).
 */
#ifndef METERCTL_OUTPUT_OUTPUT_H
#define METERCTL_OUTPUT_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "base/time.h"
#include "cmd/app.h"
#include "meter/meter.h"

/* One reading as it was at output; a JSON object of the `readings` list. The
 * caller owns the reference; NULL when memory has run out. */
json_t *output_reading_json(const struct meter *m, size_t idx);
/* A value by itself: a number, a name, null for VALUE_NONE; secrets hidden. */
json_t *output_value_json(const struct point *p, const struct value *v);
/* "meter": {"profile":...,"target":...,"id":null} */
json_t *output_meter_json(const struct meter *m);

/* Prints and gives back J, one line; ERR_NO when it cannot be made. */
int output_json(FILE *f, json_t *j, struct err *e);

#define output_time time_text

/* A CSV cell: quoted when needed (RFC 4180), and never one that a spreadsheet
 * would take for a formula. */
void output_csv_cell(FILE *f, const char *text);

/* Cells a text takes on a terminal; bytes where the locale cannot tell. */
int output_cells(const char *text);

/* A value as codec_format() writes it, secrets hidden. Returns BUF. */
const char *output_text(const struct point *p, const struct value *v, char *buf, size_t size);

/* What a person or a script sees of a reading: primary when asked for, secrets
 * hidden. False when there is none; E (may be NULL) says why. */
bool output_value(const struct app *a, const struct meter *m, size_t idx,
		  char *buf, size_t size, struct err *e);

/* One reading of these points, as `read` prints it. */
int output_read(FILE *f, const struct app *a, const struct meter *m,
		const uint16_t *idx, size_t n, struct err *e);

/* One round of `watch`: a line a reading, the table with times. CSV needs its
 * header once. */
void output_header(FILE *f, const struct app *a);
int output_round(FILE *f, const struct app *a, const struct meter *m,
		 const uint16_t *idx, size_t n, struct err *e);

/* The same for one upload of meter ID among others, with its id in each line; as
 * table or CSV (JSON lines: output_line.h). */
void output_upload_header(FILE *f, const struct app *a);
int output_upload(FILE *f, const struct app *a, const struct meter *m, const char *id,
		  const uint16_t *idx, size_t n, struct err *e);

#endif
