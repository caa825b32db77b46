#include "facts.h"

#include <stdlib.h>
#include <string.h>

const struct checklist_write *checklist_written(const struct checklist_facts *f, const char *key)
{
	for (size_t i = 0; i < f->nwrites; i++)
		if (strcmp(f->writes[i].key, key) == 0)
			return &f->writes[i];
	return NULL;
}

void checklist_facts_release(struct checklist_facts *f)
{
	for (enum proof_kind k = 0; k < PROOF_KINDS; k++)
		json_decref(f->proofs[k].what);
	free(f->writes);
	memset(f->proofs, 0, sizeof(f->proofs));
	f->writes = NULL;
	f->nwrites = 0;
}
