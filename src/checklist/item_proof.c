/*
 * item_proof.c - the items that rest on proofs: wiring, clamp, uplink, report.
 *
 * A proof does not count when it is older than what it proves: a check of the wiring says
 * nothing of a ratio that was written after it.
 */
#include <stdio.h>
#include <string.h>

#include "profile/ability.h"
#include "finding.h"
#include "items.h"

#define DAY_US 86400000000LL

static const char *proof_text(const struct checklist_proof *p, const char *key)
{
	const char *text = json_string_value(json_object_get(p->what, key));

	return text ? text : "";
}

/* Does the proof of KIND, called NOUN, not count any more? Then OUT says why. BEGIN: how
 * the keys begin whose writes it does not outlive. */
static bool proof_stale(const struct checklist_facts *f, enum proof_kind kind, const char *noun, const char *begin,
			int days, struct checklist_item *out)
{
	const struct checklist_proof *p = &f->proofs[kind];

	for (size_t i = 0; i < f->nwrites; i++) {
		const struct checklist_write *w = &f->writes[i];

		if (w->at_us <= p->at_us || strncmp(w->key, begin, strlen(begin)) != 0)
			continue;
		item_say(out, CHECKLIST_OPEN, "%s was written after the %s", w->key, noun);
		return true;
	}
	if (!days || f->now_us - p->at_us <= days * DAY_US)
		return false;
	item_say(out, CHECKLIST_OPEN, "the %s is older than %d %s", noun, days, days == 1 ? "day" : "days");
	return true;
}

static void proof_note_target(const struct checklist_proof *p, struct checklist_item *out)
{
	if (p->by_target)
		item_add(out, " (matched by target: meter without identity)");
}

/* ---- wiring ------------------------------------------------------------------------- */

/* By the last check, as what is read now does not tell. */
static void wiring_by_proof(const struct checklist_facts *f, const struct checklist_entry *p, const char *now,
			    struct checklist_item *out)
{
	const struct checklist_proof *check = &f->proofs[PROOF_WIRING];
	char when[24];

	if (!check->there || strcmp(check->outcome, "insufficient") == 0) {
		item_say(out, CHECKLIST_OPEN, "inconclusive: %s", now);
		return;
	}
	if (proof_stale(f, PROOF_WIRING, "check", "ratio.", p->days, out))
		return;
	if (strcmp(check->outcome, "pass") == 0)
		item_say(out, CHECKLIST_DONE, "pass at %s; now inconclusive: %s", item_time(check->at_us, when), now);
	else
		item_say(out, CHECKLIST_FAILED, "fail at %s: %s; now inconclusive: %s", item_time(check->at_us, when),
			 proof_text(check, "said"), now);
	proof_note_target(check, out);
}

void item_wiring(const struct checklist_facts *f, const struct checklist_entry *p,
		 const struct checklist *before, struct checklist_item *out)
{
	const char *lack = ability_lack(f->profile, ABILITY_WIRING);
	const struct doctor_verdict *v = f->verdict;
	char said[FINDING_TEXT];

	(void)before;
	if (lack)
		item_say(out, CHECKLIST_NOT_APPLICABLE, "the model of profile '%s' %s", f->profile->name, lack);
	else if (!v || v->evidence.used < DOCTOR_SAMPLES_LEAST)
		wiring_by_proof(f, p, f->unread ? f->unread : "too few readings", out);
	else if (v->outcome == DOCTOR_INSUFFICIENT)
		wiring_by_proof(f, p, finding_text(v, said), out);
	else if (v->outcome == DOCTOR_PASS)
		item_say(out, CHECKLIST_DONE, "pass: every current fits its own voltage");
	else
		item_say(out, CHECKLIST_FAILED, "%s", finding_text(v, said));
}

/* ---- clamp -------------------------------------------------------------------------- */

void item_clamp(const struct checklist_facts *f, const struct checklist_entry *p,
		const struct checklist *before, struct checklist_item *out)
{
	const struct checklist_proof *clamp = &f->proofs[PROOF_CLAMP];
	enum checklist_state state;
	char when[24];

	(void)before;
	if (!ability_begins(f->profile, "ratio.ct") || !ability_phases(f->profile)) {
		item_say(out, CHECKLIST_NOT_APPLICABLE, "profile '%s' has no CT ratio to compare", f->profile->name);
		return;
	}
	if (!clamp->there) {
		item_say(out, CHECKLIST_OPEN, "no clamp meter value entered");
		return;
	}
	if (proof_stale(f, PROOF_CLAMP, "clamp comparison", "ratio.ct", p->days, out))
		return;
	state = strcmp(clamp->outcome, "fits") == 0 ? CHECKLIST_DONE
	      : strcmp(clamp->outcome, "mismatch") == 0 ? CHECKLIST_FAILED : CHECKLIST_OPEN;
	item_say(out, state, "%s: %s", item_time(clamp->at_us, when), proof_text(clamp, "says"));
	proof_note_target(clamp, out);
}

/* ---- uplink ------------------------------------------------------------------------- */

/* Nothing shows that this meter has a way to upload. */
static bool uplink_none(const struct checklist_facts *f)
{
	const struct reading *signal = item_reading(f, "signal.strength");

	if (f->pushes || target_is_broker(f->target) || f->proofs[PROOF_UPLINK].there)
		return false;
	for (size_t i = 0; i < f->nwrites; i++)
		if (strncmp(f->writes[i].key, "network.", strlen("network.")) == 0)
			return false;
	return !signal || signal->value.num == 0;
}

void item_uplink(const struct checklist_facts *f, const struct checklist_entry *p,
		 const struct checklist *before, struct checklist_item *out)
{
	const struct checklist_proof *proof = &f->proofs[PROOF_UPLINK];
	char when[24];

	(void)before;
	if (uplink_none(f)) {
		item_say(out, CHECKLIST_NOT_APPLICABLE, "no wireless signal and no network settings written: no uplink known");
		return;
	}
	if (!proof->there) {
		item_say(out, CHECKLIST_OPEN, "no proof of the uplink");
		return;
	}
	if (proof_stale(f, PROOF_UPLINK, "proof of the uplink", "network.", p->days, out))
		return;
	item_time(proof->at_us, when);
	if (strcmp(proof->outcome, "pass") == 0)
		item_say(out, CHECKLIST_DONE, "pass at %s: %s", when, proof_text(proof, "said"));
	else
		item_say(out, CHECKLIST_FAILED, "%s at %s: %s: %s", proof->outcome, when, proof_text(proof, "step"),
			 proof_text(proof, "said"));
	proof_note_target(proof, out);
}

/* ---- report ------------------------------------------------------------------------- */

static void report_by_proof(const struct checklist_facts *f, const struct checklist_entry *p,
			    struct checklist_item *out)
{
	const struct checklist_proof *made = &f->proofs[PROOF_REPORT];
	json_int_t done = json_integer_value(json_object_get(made->what, "done"));
	json_int_t of = json_integer_value(json_object_get(made->what, "of"));

	if (!made->there)
		item_say(out, CHECKLIST_OPEN, "not made yet");
	else if (proof_stale(f, PROOF_REPORT, "report", "", p->days, out))
		return;
	else if (done < of)
		item_say(out, CHECKLIST_OPEN, "'%s' was made when %d of the others were open", proof_text(made, "file"),
			 (int)(of - done));
	else {
		item_say(out, CHECKLIST_DONE, "'%s', seal %.12s...", proof_text(made, "file"), proof_text(made, "seal"));
		proof_note_target(made, out);
	}
}

void item_report(const struct checklist_facts *f, const struct checklist_entry *p,
		 const struct checklist *before, struct checklist_item *out)
{
	if (before->done < before->of)
		item_say(out, CHECKLIST_OPEN, "after the others");
	else if (f->reporting)
		item_say(out, CHECKLIST_DONE, "this report");
	else
		report_by_proof(f, p, out);
}
