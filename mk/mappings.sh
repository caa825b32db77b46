#!/bin/sh
# mappings.sh FILE... - dialects that are data (YAML) as C texts, by the names of their files:
# mapping_texts of src/mqtt/dialects/mapping.h.
printf '#include "mqtt/dialects/mapping.h"\n\nconst struct mapping_text mapping_texts[] = {\n'
for file; do
	printf '\t{ "%s",\n' "$(basename "$file" .yaml)"
	sed 's/[\\"?]/\\&/g; s/.*/\t"&\\n"/' "$file"
	printf '\t},\n'
done
printf '\t{ 0 },\n};\n'
