/*
 * fleet_source.h - a broker connection that feeds a fleet (fleet.h): every message of
 * every meter that a broker shows. One thread owns it.
 */
#ifndef METERCTL_MQTT_FLEET_SOURCE_H
#define METERCTL_MQTT_FLEET_SOURCE_H

#include "broker.h"
#include "fleet.h"
#include "link/link.h"
#include "broker.h"

struct fleet_source;

/*
 * Connects to the broker of T (SCHEME_MQTT, without a serial) and subscribes: to T's
 * topic, else to what the dialect of T uses, else to what all of them do; and to T's
 * last wills. O->profile is that of every meter and must outlive it; O->cancel_fd: 0
 * for none. NULL and E on failure: as broker_open() and broker_subscribe(), ERR_USAGE
 * for a dialect there is not or a will without {sn}. fleet_source_close() frees.
 */
struct fleet_source *fleet_source_open(const struct target *t, const struct link_opts *o,
				       struct err *e);
void fleet_source_close(struct fleet_source *s);
/* The same; what it has heard is then FLEET's, for fleet_release() or ... */
void fleet_source_part(struct fleet_source *s, struct fleet *fleet);
/* ... for S, new at the same broker, to go on with, to whom nobody has listened
 * meanwhile. All its rows have changed; FLEET is empty then. */
void fleet_source_resume(struct fleet_source *s, struct fleet *fleet);

/* An upload has been taken: UP of ROW, which came in MSG. False: no more for now. */
typedef bool fleet_sink(void *arg, const struct fleet_row *row, struct upload *up,
			const struct broker_message *msg);

/*
 * Takes every message that waits, or waits for one until UNTIL_US (monotonic). SINK
 * (may be NULL) is called for each that was understood; when it has enough, the rest
 * stays for the next call. How many were taken; -1 and E: not connected (ERR_SILENT,
 * and says which step fails; going on is worth it, it connects again by itself), or
 * ERR_INTERRUPTED.
 */
int fleet_source_receive(struct fleet_source *s, int64_t until_us, fleet_sink *sink, void *arg,
			 struct err *e);

/* Disconnects: see broker_leave(). What has come can still be received. */
void fleet_source_leave(struct fleet_source *s);

/* No upload has come since SINCE_US (monotonic): -1 and E, as mqtt_state_silence() has it. */
int fleet_source_silence(struct fleet_source *s, int64_t since_us, struct err *e);
/* Of its connection so far. */
void fleet_source_stats(struct fleet_source *s, struct broker_stats *out);
/* What has been heard so far. */
const struct fleet *fleet_source_fleet(const struct fleet_source *s);
/* Rows (indices, each once) that have changed since the last call; *N of them. The
 * array stays valid until the next fleet_source_receive(). */
const uint32_t *fleet_source_changed(struct fleet_source *s, size_t *n);

/* "'a', 'b'": the topics listened on, and that more there are. Returns BUF. */
const char *fleet_source_topics(const struct fleet_source *s, char *buf, size_t size);

/* The target of the meter in ROW behind BROKER, and its text. A subscription that is
 * shared or a session that is kept are BROKER's own. False: its serial cannot stand
 * in a target. */
bool fleet_target(const struct target *broker, const struct fleet_row *row, struct target *out);

#endif
