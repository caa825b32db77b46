/*
 * diagram.h - where the arrows of a phasor diagram end and where their names
 * stand, for a terminal and for a drawing alike. Pure.
 *
 * The voltage of input a points up and a lag turns clockwise, so that the angles
 * beside the diagram read like those of a dial. The centre is 0,0, the circle has
 * radius 1, x grows to the right and y downwards.
 */
#ifndef METERCTL_REPORT_DIAGRAM_H
#define METERCTL_REPORT_DIAGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/doctor.h"

#define DIAGRAM_ARROWS 6
#define DIAGRAM_CURRENT 0.7	/* how far the largest current reaches */

struct diagram_arrow {
	bool current;
	unsigned input;		/* 0 a, 1 b, 2 c */
	double lag;		/* degrees, clockwise from the top */
	double x, y;		/* the tip */
	double name_x, name_y;	/* the middle of its name */
};

/* The voltages first. Those without a length or an angle are not among them. */
struct diagram {
	struct diagram_arrow arrow[DIAGRAM_ARROWS];
	size_t n;
};

/* How large a name is, and how far beyond the tip its middle is wanted. */
struct diagram_names {
	double width, height, beyond;
};

void diagram_make(const struct doctor_phasors *p, const struct diagram_names *names,
		  struct diagram *d);

#endif
