#!/usr/bin/env bash
# Every exception code, every command: a refusal is a refusal; see field_refusal.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_refusal.py"
exit
