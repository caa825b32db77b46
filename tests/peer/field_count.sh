#!/usr/bin/env bash
# What a good line costs: transactions, and no wait behind the last; see field_count.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/field_count.py"
exit
