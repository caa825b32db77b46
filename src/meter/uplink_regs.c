#include "uplink_regs.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "missing.h"

int uplink_regs_init(struct uplink_regs *r, struct meter *m, struct err *e)
{
	*r = (struct uplink_regs){ .m = *m };
	if (!link_has_registers(m->link)) {
		err_set(e, ERR_USAGE, "'%s' has no registers to compare with", m->link->target.text);
		uplink_regs_close(r);
		return -1;
	}
	r->brought = calloc(m->profile->npoints, 1);
	r->list = calloc(m->profile->npoints, sizeof(*r->list));
	if (r->brought && r->list)
		return 0;
	uplink_regs_close(r);
	return err_set(e, ERR_NO, "out of memory");
}

void uplink_regs_close(struct uplink_regs *r)
{
	if (r->m.link)
		meter_close(&r->m);
	free(r->brought);
	free(r->list);
	*r = (struct uplink_regs){ .n = 0 };
}

void uplink_regs_note(struct uplink_regs *r, size_t idx, const struct reading *reading)
{
	if (r->m.link)
		r->brought[idx] = reading->quality == QUALITY_OK;
}

int uplink_regs_read(struct uplink_regs *r, struct err *e)
{
	const struct profile *profile = r->m.profile;
	int64_t came = time_mono_us();

	r->n = 0;
	for (size_t i = 0; i < profile->npoints; i++)
		if (r->brought[i] && profile->points[i].from != FROM_PROVISIONAL)
			r->list[r->n++] = (uint16_t)i;
	memset(r->brought, 0, profile->npoints);
	if (r->n == 0)
		return 0;
	if (meter_read(&r->m, r->list, r->n, NULL, NULL, e))
		return -1;
	r->skew_s = (double)(time_mono_us() - came) / 1e6;
	/* what is refused does not agree, nor is it nothing to compare */
	if (missing_complain(&r->m, r->list, r->n, "registers", e))
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (!r->m.readings[r->list[i]].absent)
			return 1;
	*e = r->m.readings[r->list[0]].err;
	return -1;
}

void uplink_regs_compare(const struct uplink_regs *r, struct uplink *u, const struct reading *uploaded,
			 int64_t wall_us)
{
	uplink_compare(u, r->m.profile, r->list, r->n, uploaded, r->m.readings, r->skew_s, wall_us);
}
