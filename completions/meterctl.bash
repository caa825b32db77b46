# bash completion for meterctl; made by `meterctl completion bash`.
# shellcheck shell=bash disable=SC2034,SC2221,SC2222

# The values of option $1, in $offer; fails when it takes none.
_meterctl_value() {
	case $1 in
	-c | --connect) offer=(@target) ;;
	-p | --profile) offer=(@profile) ;;
	-f | --format) offer=(table json jsonl csv influx) ;;
	-t | --timeout) offer=() ;;
	-r | --retries) offer=() ;;
	--trace) offer=(@file) ;;
	--color) offer=(auto always never) ;;
	--journal) offer=(@file) ;;
	--wait) offer=() ;;
	--expect) offer=(@range) ;;
	-i | --interval) offer=() ;;
	-n | --count) offer=() ;;
	--for) offer=() ;;
	--until) offer=(@range) ;;
	--for) offer=() ;;
	--unlock) offer=() ;;
	--unlock) offer=() ;;
	-o | --output) offer=(@file) ;;
	--unlock) offer=() ;;
	--unlock) offer=() ;;
	--clamp) offer=() ;;
	--site) offer=(consumer exporting) ;;
	--pf-window) offer=() ;;
	--wires) offer=(3 4) ;;
	--service) offer=(wye delta3 high-leg corner split single) ;;
	--nominal-voltage) offer=() ;;
	--nominal-current) offer=() ;;
	--energy) offer=() ;;
	--since) offer=() ;;
	--list) offer=(@file) ;;
	--settings) offer=(@file) ;;
	--nameplate-ct) offer=() ;;
	--nameplate-pt) offer=() ;;
	--clamp) offer=() ;;
	--site) offer=(consumer exporting) ;;
	--pf-window) offer=() ;;
	--wires) offer=(3 4) ;;
	--service) offer=(wye delta3 high-leg corner split single) ;;
	--nominal-voltage) offer=() ;;
	--nominal-current) offer=() ;;
	--save) offer=() ;;
	--baud) offer=(9600 19200 4800 2400 1200 38400 57600 115200) ;;
	--frame) offer=(8N1 8E1 8O1 8N2) ;;
	--unit) offer=() ;;
	--first) offer=() ;;
	--for) offer=(auto) ;;
	--for) offer=() ;;
	-n | --count) offer=() ;;
	-o | --output) offer=(@file) ;;
	--tap) offer=(@target) ;;
	--between) offer=(@target) ;;
	--serve) offer=(pty tcp: rtu:) ;;
	--from) offer=(@file) ;;
	--value) offer=(@setting) ;;
	-o | --output) offer=(@file) ;;
	--for) offer=() ;;
	--jobs) offer=() ;;
	--only) offer=(failed) ;;
	--shard) offer=() ;;
	-o | --output) offer=(@file) ;;
	--from-scan) offer=(@file) ;;
	--unlock) offer=() ;;
	-o | --output) offer=(@file) ;;
	--site-name) offer=() ;;
	--technician) offer=() ;;
	--note) offer=() ;;
	--nameplate-ct) offer=() ;;
	--nameplate-pt) offer=() ;;
	--clamp) offer=() ;;
	--site) offer=(consumer exporting) ;;
	--pf-window) offer=() ;;
	--wires) offer=(3 4) ;;
	--service) offer=(wye delta3 high-leg corner split single) ;;
	--nominal-voltage) offer=() ;;
	--nominal-current) offer=() ;;
	--since) offer=() ;;
	--uplink) offer=(@file) ;;
	--verify) offer=(@file) ;;
	--deadline) offer=() ;;
	--interval) offer=() ;;
	--clock-tolerance) offer=() ;;
	--with) offer=(@target) ;;
	--for) offer=() ;;
	--listen) offer=() ;;
	--product) offer=() ;;
	--months) offer=() ;;
	--to) offer=(homeassistant telegraf evcc modpoll acrel-gateway) ;;
	-n | --count) offer=() ;;
	--pty) offer=(@file) ;;
	--tcp) offer=() ;;
	--rtu-tcp) offer=() ;;
	--count) offer=() ;;
	--fleet) offer=(@file) ;;
	--mqtt) offer=(@target) ;;
	--dialect) offer=(json-v2 acrelhw shadow tunnel) ;;
	--interval) offer=() ;;
	*) return 1 ;;
	esac
}

# The words and options of command $1 ('': none yet), in $offer and $options.
_meterctl_command() {
	options=(-c --connect -p --profile -f --format -t --timeout -r --retries --trace --ascii --color --journal --primary --read-only --force --wait --insecure --allow-plaintext -q --quiet -v --verbose -h --help -V --version)
	case $1 in
	'') offer=(tui read get watch wait set plan apply backup restore diff undo check checklist connect scan listen learn batch report uplink platform history raw profile journal config simulate shell help) ;;
	tui) offer=() options+=() ;;
	read) offer=(@key) options+=(--expect) ;;
	get) offer=(@key) options+=() ;;
	watch) offer=(@key) options+=(-i --interval -n --count --for --until) ;;
	wait) offer=(@range) options+=(--for) ;;
	set) offer=(@setting) options+=(--dry-run --yes --allow-provisional --allow-switching --unlock) ;;
	plan) offer=(@file) options+=(--allow-provisional --allow-switching) ;;
	apply) offer=(@file) options+=(--dry-run --yes --allow-provisional --allow-switching --unlock) ;;
	backup) offer=() options+=(-o --output --allow-provisional) ;;
	restore) offer=(@file) options+=(--dry-run --yes --allow-provisional --allow-switching --unlock --incomplete) ;;
	diff) offer=(@file) options+=() ;;
	undo) offer=() options+=(--dry-run --yes --allow-provisional --allow-switching --unlock) ;;
	check) offer=() options+=(--clamp --site --pf-window --wires --service --nominal-voltage --nominal-current --step --correction --energy --since) ;;
	checklist) offer=() options+=(--list --settings --nameplate-ct --nameplate-pt --clamp --site --pf-window --wires --service --nominal-voltage --nominal-current) ;;
	connect) offer=(@target) options+=(--save) ;;
	scan) offer=(@target) options+=(--baud --frame --unit --full --first --for --resume --intrude) ;;
	listen) offer=(@target) options+=(--for -n --count -o --output) ;;
	learn) offer=(@profile) options+=(--tap --between --serve --from --value -o --output --for) ;;
	batch) offer=(@file) options+=(--jobs --resume --only --stop-on-error --shard -o --output --from-scan --assign --dry-run --yes --allow-provisional --allow-switching --unlock) ;;
	report) offer=() options+=(-o --output --text --site-name --technician --note --nameplate-ct --nameplate-pt --clamp --site --pf-window --wires --service --nominal-voltage --nominal-current --since --uplink --verify) ;;
	uplink) offer=() options+=(--deadline --interval --from-start --assume-identity --clock-tolerance --with) ;;
	platform) offer=() options+=(--for --listen --product) ;;
	history) offer=() options+=(--months) ;;
	raw) offer=(read write) options+=(--input --secrets --yes) ;;
	profile) offer=(list show check export schema @key @profile) options+=(--to) ;;
	journal) offer=(show) options+=(-n --count --all --target) ;;
	config) offer=(check show path) options+=() ;;
	simulate) offer=(ct-reversed= ct-swapped= ct-rotated ct-missing= ct-shorted= phase-order= voltage-missing= voltage-duplicated= voltage-low= lag= step= exporting no-load pace= turnaround= drop= flip= late= echo exception= garbage= foreign= dead ignore-writes refuse-writes write-lost= mute-after-write= only-06 unit= ct= pt= seed= start= clock-off= frozen state= sn= heart= no-login no-time no-para wait-login refuse-para ignore-para lose-para mqtt-interval= mqtt-late= mqtt-jump= mqtt-stuck mqtt-backlog= mqtt-no-stamp mqtt-no-sn mqtt-drop= mqtt-duplicate= mqtt-disorder= mqtt-garbage= mqtt-silent mqtt-silent-after= mqtt-retained mqtt-scale=) options+=(--pty --tcp --rtu-tcp --count --fleet --mqtt --dialect --interval) ;;
	shell) offer=() options+=(-k --keep-going) ;;
	help) offer=(@command) options+=() ;;
	esac
}

# One candidate a line, for the words in $offer. Plain words are a command's
# first argument only.
_meterctl_candidates() {
	local word

	for word in "${offer[@]}"; do
		case $word in
		@file) compgen -f -- "$cur" ;;
		@key | @setting | @range) "${words[0]}" ${profile:+-p "$profile"} completion "${word#@}s" ;;
		@command) "${words[0]}" completion commands ;;
		@target) "${words[0]}" completion targets ;;
		@profile) "${words[0]}" completion profiles
			compgen -f -X '!*.yaml' -- "$cur" ;;
		@*) ;;
		*) ((nargs == 0)) && printf '%s\n' "$word" ;;
		esac
	done 2>/dev/null
}

_meterctl() {
	local line=${COMP_LINE:0:COMP_POINT} cur last command='' profile='' word head i nargs=0
	local -a words=() offer=() options=()

	# split at blanks: bash itself also splits a target at its colons
	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=('')
	cur=${words[-1]} last=${words[-2]-}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		word=${words[i]}
		case $word in
		-p | --profile) profile=${words[i + 1]} ;;
		--profile=*) profile=${word#*=} ;;
		esac
		if [[ $word == -* ]]; then
			_meterctl_value "$word" && ((i++))
		elif [[ -z $command ]]; then
			command=$word
		else
			((nargs++))
		fi
	done
	if [[ $cur == --*=* ]] && _meterctl_value "${cur%%=*}"; then
		cur=${cur#*=} nargs=0
	elif [[ $last == -* ]] && _meterctl_value "$last"; then
		nargs=0
	else
		_meterctl_command "$command"
		[[ $cur == -* ]] && offer=("${options[@]}") nargs=0
	fi
	# bash replaces only what follows the last of its own word breaks
	head=
	[[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && head=${cur%"${cur##*:}"}
	COMPREPLY=()
	while IFS= read -r word; do
		[[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$head"}")
	done < <(_meterctl_candidates)
	[[ ${COMPREPLY[*]} == *[:=] ]] && compopt -o nospace 2>/dev/null
	[[ ${offer[*]} == @file ]] && compopt -o filenames 2>/dev/null
	return 0
}

complete -F _meterctl meterctl
