#include "proof.h"

#include <string.h>

#include "base/time.h"
#include "journal_own.h"

const char *const proof_kind_names[PROOF_KINDS] = {
	[PROOF_WIRING] = "wiring", [PROOF_CLAMP] = "clamp", [PROOF_NAMEPLATE] = "nameplate",
	[PROOF_UPLINK] = "uplink", [PROOF_REPORT] = "report",
	[PROOF_ENERGY] = "energy",
};

int proof_add(struct journal *j, struct proof *p, struct err *e)
{
	static const char insert[] = "INSERT INTO proof (at_us, target, identity, kind, outcome, what)"
				     " VALUES (?, ?, ?, ?, ?, ?)";
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, insert, -1, &s, NULL);

	if (p->at_us == 0)
		p->at_us = time_wall_us();
	if (rc == SQLITE_OK) {
		sqlite3_bind_int64(s, 1, p->at_us);
		journal_bind_text(s, 2, p->target);
		journal_bind_text(s, 3, p->identity);
		journal_bind_text(s, 4, proof_kind_names[p->kind]);
		journal_bind_text(s, 5, p->outcome);
		/* of any length; jansson has escaped its controls */
		sqlite3_bind_text(s, 6, p->what ? p->what : "{}", -1, SQLITE_TRANSIENT);
		rc = sqlite3_step(s);
	}
	if (rc != SQLITE_DONE)
		journal_complain(j, rc, e);
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return -1;
	p->id = (long)sqlite3_last_insert_rowid(j->db);
	return 0;
}

/* The one goes that leaves the smallest gap for its age. */
int proof_thin(struct journal *j, const struct proof *p, int most, struct err *e)
{
	static const char drop[] =
		"DELETE FROM proof WHERE (SELECT count(*) FROM proof WHERE kind = ?1 AND target = ?2) > ?3 AND id = ("
		" SELECT id FROM (SELECT id, at_us, lag(at_us) OVER w AS before, lead(at_us) OVER w AS after"
		"  FROM proof WHERE kind = ?1 AND target = ?2 WINDOW w AS (ORDER BY at_us, id))"
		" WHERE before NOT NULL AND after NOT NULL"
		" ORDER BY (after - before) / (1.0 + max(0, ?4 - at_us)), id LIMIT 1)";
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, drop, -1, &s, NULL);

	if (rc == SQLITE_OK) {
		journal_bind_text(s, 1, proof_kind_names[p->kind]);
		journal_bind_text(s, 2, p->target);
		sqlite3_bind_int(s, 3, most);
		sqlite3_bind_int64(s, 4, p->at_us);
		rc = sqlite3_step(s);
	}
	if (rc != SQLITE_DONE)
		journal_complain(j, rc, e);
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* PROOF_KINDS: another one. */
static enum proof_kind proof_kind_named(const char *name)
{
	enum proof_kind k = 0;

	while (k < PROOF_KINDS && strcmp(proof_kind_names[k], name) != 0)
		k++;
	return k;
}

/* False: of a kind that is not known here. */
static bool proof_take(sqlite3_stmt *s, struct proof *p)
{
	char kind[16];

	*p = (struct proof){ .id = (long)sqlite3_column_int64(s, 0), .at_us = sqlite3_column_int64(s, 1) };
	journal_take_text(s, 2, p->target, sizeof(p->target));
	journal_take_text(s, 3, p->identity, sizeof(p->identity));
	journal_take_text(s, 4, kind, sizeof(kind));
	journal_take_text(s, 5, p->outcome, sizeof(p->outcome));
	p->what = (const char *)sqlite3_column_text(s, 6);
	if (!p->what)
		p->what = "{}";
	p->kind = proof_kind_named(kind);
	return p->kind != PROOF_KINDS;
}

int proof_each(struct journal *j, const char *part, int (*each)(void *arg, const struct proof *p),
	       void *arg, struct err *e)
{
	static const char select[] = "SELECT id, at_us, target, identity, kind, outcome, what FROM proof"
				     " WHERE ?1 IS NULL OR instr(target, ?1) OR instr(identity, ?1)"
				     " ORDER BY at_us DESC, id DESC";
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, select, -1, &s, NULL);
	struct proof p;

	/* what is not bound is NULL */
	if (rc == SQLITE_OK && part)
		rc = sqlite3_bind_text(s, 1, part, -1, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK)
		while ((rc = sqlite3_step(s)) == SQLITE_ROW)
			if (proof_take(s, &p) && each(arg, &p))
				break;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		journal_complain(j, rc, e);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}
