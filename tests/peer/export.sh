#!/usr/bin/env bash
# What other programs read of a meter by an exported profile; see export.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/export.py"
exit
