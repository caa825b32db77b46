/*
 * samples.h - readings of a meter for the doctor, some time apart.
 */
#ifndef METERCTL_METER_SAMPLES_H
#define METERCTL_METER_SAMPLES_H

#include "doctor/doctor.h"
#include "meter.h"

/* Adds the points that the doctor looks at and P has: none of a model whose wiring cannot be told (ability.h). */
int samples_select(const struct profile *p, struct selection *sel, struct err *e);

/* How many are taken: of a meter that sends by itself, which is waited for, as few as
 * will do. */
size_t samples_wanted(const struct meter *m);

/*
 * Reads SEL so many times. 0; also when the line fails after enough of them, and then LATE
 * says why. -1 and E: the line failed before. 1 and E: the meter refuses a voltage, current
 * or power that it has: a sample with a hole is none, though the line is well.
 */
int samples_take(struct meter *m, const struct selection *sel,
		 struct doctor_sample samples[DOCTOR_SAMPLES], size_t *n,
		 struct err *late, struct err *e);

/* Has the meter no register for one of them? -1, and E says how it refused. For samples
 * that are not enough to judge. */
int samples_absent(const struct meter *m, const struct selection *sel, struct err *e);

#endif
