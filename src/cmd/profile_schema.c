#include "profile_schema.h"

#include <string.h>

#include "base/text.h"
#include "profile/field.h"

static json_t *schema_type(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *schema_list(json_t *of)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", of);
}

static json_t *schema_ref(const char *what)
{
	return json_pack("{s:s+}", "$ref", "#/$defs/", what);
}

/* One of some words; a word that is a number stands there as one. */
static json_t *schema_words(const char *const *words, size_t n)
{
	json_t *list = json_array();
	long v;

	for (size_t i = 0; i < n; i++)
		/* bits come with their word */
		if (words[i] != point_type_names[TYPE_BIT])
			json_array_append_new(list, text_long(words[i], 0, 1000000, &v) ? json_integer(v) : json_string(words[i]));
	return json_pack("{s:o}", "enum", list);
}

static json_t *schema_whole(long least, long most)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)least, "maximum", (json_int_t)most);
}

/* yes and no are words for some readers of YAML. */
static json_t *schema_either(void)
{
	return json_pack("{s:[b, b, s, s]}", "enum", 1, 0, "yes", "no");
}

static json_t *schema_text(void)
{
	return json_pack("{s:[s, s]}", "type", "string", "number");
}

static json_t *schema_address(void)
{
	return schema_whole(0, 65535);
}

static json_t *schema_object(json_t *properties)
{
	return json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties, "additionalProperties", 0);
}

static json_t *schema_needing(json_t *object, json_t *required)
{
	json_object_set_new(object, "required", required);
	return object;
}

/* What profile_load.c takes apart. */
static json_t *schema_part(const char *name)
{
	if (strcmp(name, "groups") == 0)
		return schema_list(schema_ref("group"));
	if (strcmp(name, "points") == 0)
		return schema_list(schema_ref("point"));
	if (strcmp(name, "vectors") == 0)
		return schema_list(schema_ref("vector"));
	if (strcmp(name, "live") == 0)
		return schema_list(schema_type("string"));
	if (strcmp(name, "none") == 0)
		return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", schema_list(schema_type("number")));
	return schema_text();
}

static json_t *schema_field(const struct field *f)
{
	switch (f->kind) {
	case FIELD_KEY: return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[a-z0-9._-]+$");
	case FIELD_WORD:
	case FIELD_ACCESS: return schema_words(f->words, f->nwords);
	case FIELD_BOOL:
	case FIELD_FLAG: return f->words ? schema_words(f->words, f->nwords) : schema_either();
	case FIELD_WHOLE: return schema_whole(f->least, f->most);
	case FIELD_LIST: return schema_list(f->words ? schema_words(f->words, f->nwords) : schema_type("string"));
	case FIELD_REAL: return schema_type("number");
	case FIELD_NUMBERS: return schema_list(f->words ? schema_words(f->words, f->nwords) : schema_whole(f->least, f->most));
	case FIELD_MS: return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[0-9.]+ (ms|s)$");
	case FIELD_CODE: return json_pack("{s:[o, o]}", "anyOf", schema_address(), schema_list(schema_address()));
	case FIELD_RULES: return schema_list(schema_ref("rule"));
	case FIELD_NONE: return schema_list(schema_type("number"));
	case FIELD_CHOICES:
	case FIELD_BITS: return schema_list(schema_type("string"));
	case FIELD_ARRAY:
		return schema_object(json_pack("{s:o, s:o}", "from", schema_whole(0, 1000), "count", schema_whole(1, 1000)));
	case FIELD_REPEAT:
		return schema_object(json_pack("{s:o, s:o}", "count", schema_whole(1, 255), "stride", schema_whole(1, 65535)));
	case FIELD_PARTS: return schema_part(f->name);
	case FIELD_TEXT:
	case FIELD_DOUBT:
	case FIELD_INSTANCES:
	case FIELD_STRIDE: break;
	}
	return schema_text();
}

/* NAME, "unlock.lock.at", into the mappings that it stands in. */
static void schema_put(json_t *properties, const char *name, json_t *schema)
{
	const char *dot = strchr(name, '.');
	char parent[64];
	json_t *object;

	if (!dot) {
		json_object_set_new(properties, name, schema);
		return;
	}
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - name), name);
	object = json_object_get(properties, parent);
	if (!object) {
		object = schema_object(json_object());
		json_object_set_new(properties, parent, object);
	}
	schema_put(json_object_get(object, "properties"), dot + 1, schema);
}

/* The fields that may stand in WHERE. */
static json_t *schema_fields(unsigned where)
{
	json_t *properties = json_object();

	for (size_t i = 0; i < nfields; i++)
		if (fields[i].where & where && fields[i].name)
			schema_put(properties, fields[i].name, schema_field(&fields[i]));
	return schema_object(properties);
}

static json_t *schema_rule(void)
{
	json_t *value = json_pack("{s:[s, s]}", "type", "string", "number");
	json_t *p = json_pack("{s:o, s:o, s:o, s:o, s:O, s:o, s:o, s:o, s:o, s:o, s:o}", "at", schema_address(), "space",
			      schema_words(space_names, 2), "type", schema_words(point_type_names, TYPE_COUNT), "words",
			      schema_whole(1, VALUE_WORDS), "equals", value, "in", schema_list(value), "matches", schema_type("string"),
			      "model", schema_type("string"), "function", json_pack("{s:[i, i]}", "enum", 17, 43), "object",
			      schema_whole(0, 255), "and", schema_list(schema_ref("rule")));

	return schema_object(p);
}

static json_t *schema_vector(void)
{
	json_t *p = json_pack("{s:o, s:o, s:o, s:o}", "at", schema_address(), "space", schema_words(space_names, 2), "regs",
			      schema_list(schema_address()), "expect", schema_list(schema_type("string")));

	return schema_needing(schema_object(p), json_pack("[s, s, s]", "at", "regs", "expect"));
}

json_t *profile_schema(void)
{
	json_t *schema = schema_needing(schema_fields(FIELD_PROFILE), json_pack("[s]", "profile"));
	json_t *defs = json_pack("{s:o, s:o, s:o, s:o}", "group",
				 schema_needing(schema_fields(FIELD_GROUP), json_pack("[s, s]", "group", "points")), "point",
				 schema_needing(schema_fields(FIELD_POINT), json_pack("[s]", "key")), "vector", schema_vector(), "rule",
				 schema_rule());

	json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(schema, "title", json_string("meterctl profile"));
	json_object_set_new(schema, "$defs", defs);
	return schema;
}
