/*
 * profile_fields.h - reading the fields of a profile's YAML (field.h), and the
 * state of reading one. For profile_load.c and embed.c alone.
 */
#ifndef METERCTL_PROFILE_PROFILE_FIELDS_H
#define METERCTL_PROFILE_PROFILE_FIELDS_H

#include "base/arena.h"
#include "field.h"
#include "base/yaml.h"

#define MAX_LIST 256	/* choices, bits, live entries, registers of a vector */

/* The profile while it is being read. `made` is what comes out; the rest of the
 * struct is what profile_unload() gives back. */
struct loader {
	struct profile made;	/* first: profile_unload() casts back */
	struct arena arena;
	struct yaml yaml;
	struct point *points;
	size_t npoints, cap;
	const struct profile *base;	/* extended; NULL: none */
	size_t nbase;			/* the first points are still its own */
	uint8_t *replaced;		/* of those: this file has said something */
	struct {
		const struct none *list;
		size_t n;
	} none[TYPE_COUNT];		/* of the profile, by type */
	struct group *groups;
	size_t ngroups;
	struct err *e;
};

/* A point as written, with what only the file knows. */
struct spec {
	struct point p;
	bool known;		/* it stands in the profile that is extended */
	bool ranged;		/* ... with min and max */
	bool given[FIELDS_MAX];	/* those of fields[] that the file gives */
	long array_from, array_count;
	long repeat_count, repeat_stride;
	yaml_node_t *none;	/* the codes: what they mean depends on the type; NULL: not given */
};

int load_out_of_memory(struct loader *l);

/* A copy that can be shown. NULL: out of memory. */
const char *load_clean(struct loader *l, const char *text);
/* Text that outlives the YAML tree, cleaned: it will be shown. NULL: complained. */
const char *load_text(struct loader *l, const yaml_node_t *n);
/* The values of the COUNT fields a mapping may have, in NODE; NULL: not there. */
int load_fields(struct loader *l, yaml_node_t *map, const char *const *names,
		size_t count, yaml_node_t **node);
int load_need_list(struct loader *l, const yaml_node_t *n, const char *what);
int load_set_text(struct loader *l, const yaml_node_t *n, const char **out);
/* A key: lower-case words joined by dots. */
int load_set_key(struct loader *l, const yaml_node_t *n, const char **out);
/* One of COUNT words; its index goes to *OUT. */
int load_set_word(struct loader *l, const yaml_node_t *n, const char *const *words,
		  size_t count, unsigned *out);
int load_set_u16(struct loader *l, const yaml_node_t *n, long most, uint16_t *out);

/* The codes of `none`, a list; profile_none.c. TYPE: whose they are. */
int load_set_none(struct loader *l, yaml_node_t *n, enum point_type type, const struct none **out, size_t *count);
/* {TYPE: list}, of the profile. */
int load_none(struct loader *l, yaml_node_t *map);
/* What a point without a list of its own has. */
void load_none_default(const struct loader *l, struct point *p);

/* The rules of `identify`, a list; profile_rules.c. */
int load_set_rules(struct loader *l, yaml_node_t *n, struct identify_list *out);

/* Applies every field of MAP, that of a group or a point (FIELD_GROUP, FIELD_POINT), to
 * S; all but FIELD_PARTS. */
int spec_apply(struct loader *l, yaml_node_t *map, unsigned where, struct spec *s);
/* The same for those of the profile itself; S only remembers which there were. */
int load_profile_fields(struct loader *l, yaml_node_t *map, struct spec *s);
bool spec_given(const struct spec *s, unsigned where, const char *name);
/* Fills in and checks what only makes sense when the whole point is known. */
int spec_complete(struct loader *l, const yaml_node_t *n, struct spec *s);

#endif
