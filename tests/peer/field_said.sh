#!/usr/bin/env bash
# What a command says of its line; see field_said.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_said.py"
exit
