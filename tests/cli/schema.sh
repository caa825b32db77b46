#!/usr/bin/env bash
# The schema of profiles, for editors; see schema.py.
. "$(dirname "$0")/../tap.sh"
mapfile -t FILES < <(grep -L '^vocabulary:' "$TOP"/src/profiles/*.yaml)
"$PYTHON" "$TOP/tests/cli/schema.py" "$METERCTL" "${FILES[@]}"
exit
