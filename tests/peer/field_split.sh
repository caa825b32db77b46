#!/usr/bin/env bash
# Answers in pieces, with pauses between them; see field_split.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_split.py"
exit
