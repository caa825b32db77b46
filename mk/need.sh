#!/bin/sh
# need.sh [-n] WHAT:PACKAGE...: installs the Debian packages of what is not there yet.
#
# WHAT is a command, a library that pkg-config knows (yaml-0.1.pc), a header
# (MQTTAsync.h) or a Python module (paho.mqtt.client.py). Root installs, other users
# by sudo; who cannot is told what to ask root for, with exit status 1. -n: installs
# nothing, only complains.
set -u

# Debian keeps some commands in /usr/sbin, which is not in everybody's PATH.
has() {
	case $1 in
	*.pc) ${PKG_CONFIG:-pkg-config} --exists "${1%.pc}" ;;
	*.h) printf '#include <%s>\n' "$1" | ${CC:-gcc} -E -x c - ;;
	*.py) "${PYTHON:-/usr/bin/python3}" -c "import ${1%.py}" ;;
	*) PATH=$PATH:/usr/sbin command -v "$1" ;;
	esac >/dev/null 2>&1
}

ask_root() {
	echo "ask root to run: apt-get install --no-install-recommends$missing" >&2
	exit 1
}

dry=
[ "${1:-}" != -n ] || { dry=yes; shift; }
missing=
for row; do
	case " $missing " in *" ${row##*:} "*) continue ;; esac
	has "${row%:*}" || missing="$missing ${row##*:}"
done
[ -n "$missing" ] || exit 0
if [ "$dry" ]; then
	echo "missing packages:$missing (run 'make deps', or 'make demo', which does)" >&2
	exit 1
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || ask_root
	sudo=sudo
fi
echo "installing:$missing"
# shellcheck disable=SC2086 # words
$sudo apt-get update -qq &&
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing && exit 0
[ -z "$sudo" ] || ask_root
exit 1
