#!/usr/bin/env bash
# Meters that need silence between two requests; see field_pause.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_pause.py"
exit
