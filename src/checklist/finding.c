#include "finding.h"

#include "base/ascii.h"
#include "base/text.h"

/* "a and c" -> "A and C": a phase stands as one letter between blanks. */
static void finding_capitals(char *names)
{
	for (char *c = names; *c; c++)
		if ((c == names || c[-1] == ' ') && (c[1] == '\0' || c[1] == ' ' || c[1] == ','))
			*c = ascii_upper(*c);
}

const char *finding_text(const struct doctor_verdict *v, char buf[FINDING_TEXT])
{
	const struct doctor_finding *f = &v->findings[0];
	char names[24];
	size_t at = 0;

	if (v->nfindings == 0) {
		text_append(buf, FINDING_TEXT, &at, "%s", v->outcome == DOCTOR_PASS ? "no findings" : "too few readings");
		return buf;
	}
	doctor_phases_text(f->phases, names, sizeof(names));
	finding_capitals(names);
	text_append(buf, FINDING_TEXT, &at, "%s%s%s", doctor_code_name(f->code), f->phases ? " on " : "",
		    f->phases ? names : "");
	if (f->weight == DOCTOR_FAULT)
		text_append(buf, FINDING_TEXT, &at, " (%.0f %%)", 100 * f->confidence);
	return buf;
}
