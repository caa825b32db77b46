# shellcheck shell=bash
# mosquitto.sh - a real broker for a test, on 127.0.0.1, ended with the test. Sourced
# after tap.sh:
#
#   mosquitto_start plain                      # anybody may; its port in $BROKER_PORT
#   mosquitto_start strict 'password_file ...' # further lines of mosquitto.conf
#   mosquitto_stop plain [KILL]                # by pid
#   mosquitto_again plain                      # same port, same configuration
#   mosquitto_log plain                        # what it has said
#
# It listens when mosquitto_start returns. The pid is ${mosquitto_pid[NAME]}, the port
# ${mosquitto_port[NAME]}. What it keeps (persistence true) is in $TMP/NAME.kept.

# Debian has it in /usr/sbin, which is not in everybody's PATH.
MOSQUITTO=$(PATH=$PATH:/usr/sbin command -v mosquitto) || give_up "no mosquitto: make deps-test"
declare -A mosquitto_pid=() mosquitto_port=()

# mosquitto_start NAME [CONFIGURATION]: without allow_anonymous in it anybody may.
# shellcheck disable=SC2034 # BROKER_PORT is for the tests
mosquitto_start() {
	local name=$1 more=${2:-}

	mosquitto_port[$name]=$(free_port)
	BROKER_PORT=${mosquitto_port[$name]}
	mkdir -p "$TMP/$name.kept"
	{
		printf 'listener %s 127.0.0.1\n' "${mosquitto_port[$name]}"
		[[ $more == *allow_anonymous* ]] || echo 'allow_anonymous true'
		printf 'persistence_location %s/\nlog_dest stderr\nlog_type all\n' "$TMP/$name.kept"
		# started by root it would become somebody who may not read $TMP
		printf 'user %s\n%s\n' "$(id -un)" "$more"
	} >"$TMP/$name.conf"
	mosquitto_again "$name"
}

mosquitto_again() {
	local name=$1

	"$MOSQUITTO" -c "$TMP/$name.conf" >>"$TMP/$name.log" 2>&1 &
	mosquitto_pid[$name]=$!
	# shellcheck disable=SC2034 # tap.sh ends it
	tap_server[${mosquitto_pid[$name]}]=$name
	wait_for mosquitto_stands "$name"
	if pid_gone "${mosquitto_pid[$name]}" || ! port_open "${mosquitto_port[$name]}"; then
		give_up "mosquitto does not listen: $(tail -n 2 "$TMP/$name.log" | tr '\n' ' ')"
	fi
}
# It listens, or has ended.
mosquitto_stands() {
	port_open "${mosquitto_port[$1]}" || pid_gone "${mosquitto_pid[$1]}"
}
tell_mosquitto_stands() {
	mosquitto_log "$1" | tail -n 5
}

mosquitto_stop() {
	stop_pid "${mosquitto_pid[$1]}" "${2:-TERM}"
}

mosquitto_log() {
	cat "$TMP/$1.log"
}

# A password file for users and their passwords: mosquitto_users FILE USER PASSWORD ...
mosquitto_users() {
	local file=$1

	shift
	: >"$file"
	chmod 600 "$file"
	while [ $# -gt 1 ]; do
		mosquitto_passwd -b "$file" "$1" "$2"
		shift 2
	done
}

# An authority: it signs certificates.
#   authority NAME            $TMP/NAME.ca.crt
#   certificate NAME CA HOST [DAYS]    $TMP/NAME.crt and .key; -1: expired yesterday
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=authority $1" \
		-keyout "$TMP/$1.ca.key" -out "$TMP/$1.ca.crt" 2>"$TMP/openssl.err" ||
		give_up "openssl: $(tail -n 1 "$TMP/openssl.err")"
}

# HOST is a name, or IP:ADDRESS.
# shellcheck disable=SC2015 # either of the two may have failed
certificate() {
	local name=$1 ca=$2 host=$3 days=${4:-30}

	[[ $host == IP:* ]] || host=DNS:$host
	printf 'subjectAltName=%s\n' "$host" >"$TMP/$name.ext"
	openssl req -newkey rsa:2048 -nodes -subj "/CN=${host#*:}" \
		-keyout "$TMP/$name.key" -out "$TMP/$name.csr" 2>"$TMP/openssl.err" &&
		openssl x509 -req -in "$TMP/$name.csr" -CA "$TMP/$ca.ca.crt" -CAkey "$TMP/$ca.ca.key" \
			-CAcreateserial -extfile "$TMP/$name.ext" -out "$TMP/$name.crt" \
			-days "$days" 2>"$TMP/openssl.err" ||
		give_up "openssl: $(tail -n 1 "$TMP/openssl.err")"
}
