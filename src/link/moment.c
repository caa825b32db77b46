#include "moment.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"

#define PACE_S 0.5	/* uploads closer than this show no pace: a burst */
#define PACE_OFF 0.25	/* of the gap, and this: stamps may be whole seconds */
#define PACE_OFF_S 0.6
#define STEADY 2	/* stamps at that pace prove a clock */
#define INTERVALS 1.5	/* of the rhythm, by which an upload may be old */

/* Has the clock behind this stamp gone on as ours has since the one before? */
static bool moment_paced(const struct moment *m, int64_t sent_us, int64_t mono_us)
{
	double ours = (double)(mono_us - m->mono_us) / 1e6, its = (double)(sent_us - m->sent_us) / 1e6;

	return m->sent_us && ours >= PACE_S && fabs(its - ours) <= PACE_OFF * ours + PACE_OFF_S;
}

/* Between two uploads of now the clock was set. */
static void moment_jump(struct moment *m, double off_s)
{
	bool known = m->clock == MOMENT_RIGHT || m->clock == MOMENT_OFF;
	bool ahead = off_s < -MOMENT_TOLERANCE_S || m->off_s < -MOMENT_TOLERANCE_S;

	/* one that is behind after a right one is a backlog, as far as anybody can tell */
	if (known && m->sent_us && (ahead || m->clock == MOMENT_OFF) && fabs(off_s - m->off_s) > MOMENT_TOLERANCE_S
	    && m->jumps < UINT8_MAX)
		m->jumps++;
}

void moment_take(struct moment *m, int64_t sent_us, int64_t mono_us, int64_t wall_us,
		 double rhythm_s, bool past)
{
	double off = (double)(wall_us - sent_us) / 1e6;
	bool behind, off_clock;

	m->late = past;
	m->unstamped = !sent_us;
	m->measured_us = sent_us && sent_us <= wall_us ? sent_us : past ? 0 : wall_us;
	if (!sent_us || past)
		return;
	m->steady = !moment_paced(m, sent_us, mono_us) ? 0 : m->steady < STEADY ? m->steady + 1 : STEADY;
	moment_jump(m, off);
	behind = off > fmax(MOMENT_TOLERANCE_S, INTERVALS * rhythm_s);
	m->late = behind && m->steady < STEADY;
	off_clock = off < -MOMENT_TOLERANCE_S || (behind && !m->late);
	if (off_clock)
		m->measured_us = wall_us;
	if (!m->late)
		m->clock = off_clock ? MOMENT_OFF : MOMENT_RIGHT;
	m->sent_us = sent_us;
	m->mono_us = mono_us;
	m->off_s = off;
}

void moment_stuck(struct moment *m, int64_t mono_us, int64_t wall_us)
{
	m->clock = MOMENT_STUCK;
	m->late = m->unstamped = false;
	m->measured_us = wall_us;
	m->mono_us = mono_us;
	m->steady = 0;
}

/* "90 s", "8 h", "26 years" */
static void moment_span(double s, char *buf, size_t size)
{
	static const struct {
		double from, unit;
		const char *name;
	} spans[] = {
		{ 2 * 365.25 * 86400, 365.25 * 86400, "years" }, { 2 * 86400, 86400, "days" },
		{ 2 * 3600, 3600, "h" }, { 120, 60, "min" }, { 0, 1, "s" },
	};
	size_t i = 0;

	while (s < spans[i].from)
		i++;
	snprintf(buf, size, "%.3g %s", round(s / spans[i].unit * 10) / 10, spans[i].name);
}

const char *moment_text(const struct moment *m, double tolerance_s, char *buf, unsigned long size)
{
	char span[32];
	size_t at = 0;

	buf[0] = '\0';
	moment_span(fabs(m->off_s), span, sizeof(span));
	if (m->clock == MOMENT_STUCK)
		text_append(buf, size, &at, "time stamp stuck: new values, same stamp");
	else if (m->clock != MOMENT_UNKNOWN && !m->late && fabs(m->off_s) > tolerance_s)
		text_append(buf, size, &at, "clock %s %s", span, m->off_s > 0 ? "behind" : "ahead");
	if (m->jumps)
		text_append(buf, size, &at, "%sclock set %d time%s while listening", at ? ", " : "", m->jumps,
			    m->jumps == 1 ? "" : "s");
	return buf;
}
