/*
 * csv.h - a cell of CSV.
 */
#ifndef METERCTL_OUTPUT_CSV_H
#define METERCTL_OUTPUT_CSV_H

#include <stdio.h>

/* Quoted when needed (RFC 4180), and never one that a spreadsheet would take for a formula. */
void csv_cell(FILE *f, const char *text);

#endif
