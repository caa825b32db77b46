#include "pause.h"

/* Answered so often without a pause, a meter needs none: a request lost then is more
 * likely damaged on its way. */
#define PROVEN 8
/* A learned pause is left out once in so many requests: it may not be needed any more. */
#define AGAIN 64

void pause_init(struct pause *p, int given_ms)
{
	*p = (struct pause){ .us = given_ms * (int64_t)1000, .given = given_ms > 0 };
}

void pause_recall(struct pause *p, int64_t us, bool doubt)
{
	if (p->given || us <= 0 || us > PAUSE_MOST_US)
		return;
	p->us = us;
	p->good = doubt ? AGAIN : 0;
}

bool pause_holds(const struct pause *p)
{
	return p->us && !p->given && p->good < AGAIN;
}

int64_t pause_us(const struct pause *p)
{
	if (p->us && !p->given && p->good >= AGAIN)
		return 0;
	return p->trial ? p->candidate_us : p->us;
}

static int64_t longer(int64_t us)
{
	return 2 * us < PAUSE_MOST_US ? 2 * us : PAUSE_MOST_US;
}

static void pause_learn(struct pause *p, int64_t us)
{
	p->us = us;
	p->lost = p->good = 0;
	p->candidate_us = 0;
	p->trial = false;
}

/* The pause that is kept was not enough, or was left out to see. */
static void lost_with(struct pause *p, int64_t gap_us)
{
	p->good = 0;
	if (gap_us >= p->us && ++p->lost >= 2)
		pause_learn(p, longer(p->us));
}

void pause_lost(struct pause *p, int64_t gap_us)
{
	if (p->given || gap_us >= PAUSE_MOST_US)
		return;
	if (p->us) {
		lost_with(p, gap_us);
		return;
	}
	if (p->trial && gap_us >= p->candidate_us) {
		p->candidate_us = longer(p->candidate_us);
		return;
	}
	if (!p->candidate_us)
		p->candidate_us = PAUSE_FIRST_US;
	if (++p->lost >= (p->good >= PROVEN ? 3U : 2U))
		pause_learn(p, p->candidate_us);
	else
		p->trial = true;
}

void pause_answered(struct pause *p, int64_t gap_us)
{
	if (p->given)
		return;
	if (p->us && p->good >= AGAIN && gap_us < p->us) {
		pause_learn(p, 0);
	} else if (p->us) {
		p->good++;
		p->lost = 0;
	} else if (p->trial && gap_us >= p->candidate_us) {
		p->trial = false;	/* the next one goes out at once, to see */
	} else if (gap_us < PAUSE_FIRST_US) {
		p->good++;
		p->lost = 0;
		p->candidate_us = 0;
	}
}
