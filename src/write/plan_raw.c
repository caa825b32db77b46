#include "plan_raw.h"

#include <stdio.h>
#include <stdlib.h>

#include "profile/codec.h"

/* A point that no profile has, and the text its key points to. */
struct unnamed {
	struct point point;	/* first: plan_raw_free() casts back */
	char key[sizeof("raw:0xFFFF")];
};

static struct unnamed *make_point(const struct profile *p, long addr)
{
	const struct point *known = profile_at(p, SPACE_HOLDING, addr);
	struct unnamed *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	snprintf(u->key, sizeof(u->key), "raw:0x%04X", (unsigned)(addr & 0xFFFF));
	u->point = (struct point){
		.key = u->key, .name = "", .group = "", .unit = "", .note = "", .section = "",
		.type = TYPE_U16, .space = SPACE_HOLDING, .addr = (uint16_t)addr, .words = 1,
		.scale = 1, .min = 1, .max = 0,
		.flags = POINT_WRITABLE | (known ? known->flags & POINT_SECRET : 0),
	};
	return u;
}

void plan_raw_free(const struct point *made)
{
	free((void *)(uintptr_t)made);
}

static int add_register(struct plan *p, long addr, uint16_t value, struct err *e)
{
	struct unnamed *u = make_point(p->profile, addr);
	struct step s = { 0 };

	if (!u)
		return err_set(e, ERR_NO, "out of memory");
	s.made = &u->point;
	if (codec_decode(s.made, &value, &s.want, e) == 0 && plan_append(p, &s, e) == 0)
		return 0;
	free(u);
	return -1;
}

int plan_add_registers(struct plan *p, long addr, long n, const uint16_t *values, struct err *e)
{
	long most = p->profile->write_most && p->profile->write_most < PLAN_REGISTERS_MAX
		    ? p->profile->write_most : PLAN_REGISTERS_MAX;
	char key[16];

	if (n > most)
		return err_set(e, ERR_USAGE, "%ld values are more than this meter takes at once (%ld)", n, most);
	if (addr + n > 65536)
		return err_set(e, ERR_USAGE, "%ld registers from 0x%04lX go beyond 0xFFFF", n, addr);
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].made)
			return err_set(e, ERR_USAGE, "registers by address are written once in a plan");
	snprintf(key, sizeof(key), "raw:0x%04lX", addr);
	if (plan_may_write(p, key, e))
		return -1;
	for (long i = 0; i < n; i++)
		if (add_register(p, addr + i, values[i], e))
			return -1;
	return 0;
}

int plan_raw_look(struct plan *p, struct meter *m, struct err *e)
{
	uint16_t regs[PLAN_REGISTERS_MAX];

	for (size_t i = 0, n; i < p->n; i += n) {
		struct step *s = &p->steps[i];

		for (n = 1; i + n < p->n && s[n].made && s[n].write == s->write;)
			n++;
		if (!s->made)
			continue;
		if (meter_read_registers(m, SPACE_HOLDING, s->made->addr, (long)n, regs, e))
			return -1;
		for (size_t k = 0; k < n; k++) {
			s[k].before_raw[0] = regs[k];
			s[k].state = STEP_PLANNED;
			if (codec_decode(s[k].made, &regs[k], &s[k].before, e))
				return -1;
		}
	}
	return 0;
}
