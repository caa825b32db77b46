#!/usr/bin/env bash
# SunSpec meters at each of their bases; see sunspec.py.
. "$(dirname "$0")/../tap.sh"
"$PYTHON" "$PEER/sunspec.py"
exit
