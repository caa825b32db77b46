# fish completion for meterctl; made by `meterctl completion fish`.

# The command line so far without options: the command and its words.
function __meterctl_plain
	set -l with_value -c --connect -p --profile -f --format -t --timeout -r --retries --trace --color --journal --wait --expect -i --interval -n --count --for --until --for -o --output --clamp --site --pf-window --wires --service --nominal-voltage --nominal-current --energy --list --settings --nameplate-ct --nameplate-pt --clamp --site --pf-window --wires --service --nominal-voltage --nominal-current --save --baud --frame --unit --first --for --for -n --count -o --output --tap --between --serve --from --value -o --output --for --jobs --only --shard -o --output --from-scan -o --output --site-name --technician --note --nameplate-ct --nameplate-pt --clamp --site --pf-window --wires --service --nominal-voltage --nominal-current --uplink --verify --deadline --interval --clock-tolerance --with --for --listen --product --months -n --count --pty --tcp --rtu-tcp --count --mqtt --dialect --interval
	set -l words (commandline -opc)
	set -l i 2
	while test $i -le (count $words)
		if contains -- $words[$i] $with_value
			set i (math $i + 1)
		else if not string match -q -- '-*' $words[$i]
			echo $words[$i]
		end
		set i (math $i + 1)
	end
end

# Is this the command, and the word to complete its first or a further one?
function __meterctl_is
	set -l plain (__meterctl_plain)
	test "$plain[1]" = "$argv[1]"; or return
	switch "$argv[2]"
		case first
			test (count $plain) -eq 1
		case more
			test (count $plain) -gt 1
	end
end

# keys, targets or profiles, as the program lists them
function __meterctl
	set -l words (commandline -opc)
	set -l profile
	for i in (seq 2 (math (count $words) - 1))
		contains -- $words[$i] -p --profile; and set profile -p $words[(math $i + 1)]
	end
	$words[1] $profile completion $argv[1] 2>/dev/null
	test $argv[1] = profiles; and __fish_complete_suffix .yaml
end

complete -c meterctl -f
complete -c meterctl -s c -l connect -x -a '(__meterctl targets)' -d 'where the meter is (default $METERCTL_CONNECT)'
complete -c meterctl -s p -l profile -x -a '(__meterctl profiles)' -d 'meter model (default adw300)'
complete -c meterctl -s f -l format -x -a 'table json jsonl csv influx' -d 'table, json, jsonl, csv or influx'
complete -c meterctl -s t -l timeout -x -d 'wait this long for an answer (default: adapts)'
complete -c meterctl -s r -l retries -x -d 'ask again this often (default 2)'
complete -c meterctl -l trace -r -F -d 'write every frame with its time to FILE'
complete -c meterctl -l ascii -d 'draw with ASCII characters only'
complete -c meterctl -l color -x -a 'auto always never' -d 'auto, always or never (NO_COLOR is honoured)'
complete -c meterctl -l journal -r -F -d 'journal of writes (default in the state folder)'
complete -c meterctl -l primary -d 'show primary-side values where PT and CT apply'
complete -c meterctl -l read-only -d 'refuse everything that would write'
complete -c meterctl -l force -d 'replace a file that exists'
complete -c meterctl -l wait -x -d 'wait this long for a port that is in use (default 0)'
complete -c meterctl -l insecure -d 'accept any certificate of a broker, for any host'
complete -c meterctl -l allow-plaintext -d 'let a broker'\''s password cross an unencrypted line'
complete -c meterctl -s q -l quiet -d 'say nothing but errors'
complete -c meterctl -s v -l verbose -d 'say more on stderr'
complete -c meterctl -s h -l help -d 'this help, or that of the command'
complete -c meterctl -s V -l version -d 'version'
complete -c meterctl -n '__meterctl_is read' -l expect -x -a '(__meterctl ranges)' -d 'exit status 1 unless the value is in this range; may be repeated'
complete -c meterctl -n '__meterctl_is watch' -s i -l interval -x -d 'from one round to the next (default 1, uploads as they come; 0: back to back)'
complete -c meterctl -n '__meterctl_is watch' -s n -l count -x -d 'stop after this many rounds or uploads'
complete -c meterctl -n '__meterctl_is watch' -l for -x -d 'stop after this time: 90, 90s, 5m, 1h'
complete -c meterctl -n '__meterctl_is watch' -l until -x -a '(__meterctl ranges)' -d 'stop when the value is in this range; may be repeated'
complete -c meterctl -n '__meterctl_is wait' -l for -x -d 'give up after this time: 90, 90s, 5m, 1h (default 60s)'
complete -c meterctl -n '__meterctl_is set' -l dry-run -d 'say what would be written, write nothing'
complete -c meterctl -n '__meterctl_is set' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is set' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is set' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is plan' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is plan' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is apply' -l dry-run -d 'say what would be written, write nothing'
complete -c meterctl -n '__meterctl_is apply' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is apply' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is apply' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is backup' -s o -l output -r -F -d 'write to FILE, whole or not at all (default: stdout); an older one needs --force'
complete -c meterctl -n '__meterctl_is backup' -l allow-provisional -d 'keep settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is restore' -l dry-run -d 'say what would be written, write nothing'
complete -c meterctl -n '__meterctl_is restore' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is restore' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is restore' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is restore' -l incomplete -d 'restore what an incomplete backup holds'
complete -c meterctl -n '__meterctl_is undo' -l dry-run -d 'say what would be written, write nothing'
complete -c meterctl -n '__meterctl_is undo' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is undo' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is undo' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is check' -l clamp -x -d 'amperes on the primary conductors, by a clamp meter'
complete -c meterctl -n '__meterctl_is check' -l site -x -a 'consumer exporting' -d 'consumer, or exporting: has PV, a battery or a generator'
complete -c meterctl -n '__meterctl_is check' -l pf-window -x -d 'power factors the loads can have (default: 0.5,0.95 usual, 0.26,0.7 possible)'
complete -c meterctl -n '__meterctl_is check' -l wires -x -a '3 4' -d 'wires of the connection (default 4)'
complete -c meterctl -n '__meterctl_is check' -l service -x -a 'wye delta3 high-leg corner split single' -d 'what the supply is (default: as the voltages tell, else wye)'
complete -c meterctl -n '__meterctl_is check' -l nominal-voltage -x -d 'at the meter, phase to neutral (3 wires: between lines)'
complete -c meterctl -n '__meterctl_is check' -l nominal-current -x -d 'at the meter at full load (default 5, of x/5 transformers)'
complete -c meterctl -n '__meterctl_is check' -l step -d 'wait for a load that is switched on and off twice on each phase'
complete -c meterctl -n '__meterctl_is check' -l correction -d 'of a fault: the factor from registered to right energy'
complete -c meterctl -n '__meterctl_is check' -l energy -x -d 'with --correction: registered while it was wrong'
complete -c meterctl -n '__meterctl_is checklist' -l list -r -F -d 'the items and their parameters (default: checklist.yaml beside the configuration, or all)'
complete -c meterctl -n '__meterctl_is checklist' -l settings -r -F -d 'settings file of the site to compare with'
complete -c meterctl -n '__meterctl_is checklist' -l nameplate-ct -x -d 'on the current transformers, as 200/5'
complete -c meterctl -n '__meterctl_is checklist' -l nameplate-pt -x -d 'on the voltage transformers, as 10kV/100V'
complete -c meterctl -n '__meterctl_is checklist' -l clamp -x -d 'amperes on the primary conductors, by a clamp meter'
complete -c meterctl -n '__meterctl_is checklist' -l site -x -a 'consumer exporting' -d 'consumer, or exporting: has PV, a battery or a generator'
complete -c meterctl -n '__meterctl_is checklist' -l pf-window -x -d 'power factors the loads can have (default: 0.5,0.95 usual, 0.26,0.7 possible)'
complete -c meterctl -n '__meterctl_is checklist' -l wires -x -a '3 4' -d 'wires of the connection (default 4)'
complete -c meterctl -n '__meterctl_is checklist' -l service -x -a 'wye delta3 high-leg corner split single' -d 'what the supply is (default: as the voltages tell, else wye)'
complete -c meterctl -n '__meterctl_is checklist' -l nominal-voltage -x -d 'at the meter, phase to neutral (3 wires: between lines)'
complete -c meterctl -n '__meterctl_is checklist' -l nominal-current -x -d 'at the meter at full load (default 5, of x/5 transformers)'
complete -c meterctl -n '__meterctl_is connect' -l save -x -d 'save the connection as NAME'
complete -c meterctl -n '__meterctl_is scan' -l baud -x -a '9600 19200 4800 2400 1200 38400 57600 115200' -d 'only these baud rates, like 4800,9600'
complete -c meterctl -n '__meterctl_is scan' -l frame -x -a '8N1 8E1 8O1 8N2' -d 'only these character formats, like 8N1,8E1'
complete -c meterctl -n '__meterctl_is scan' -l unit -x -d 'only these unit addresses, like 1-10,17'
complete -c meterctl -n '__meterctl_is scan' -l full -d 'every unit address at every baud rate and character format'
complete -c meterctl -n '__meterctl_is scan' -l first -x -d 'end when N meters are found'
complete -c meterctl -n '__meterctl_is scan' -l for -x -a 'auto' -d 'end after this time (default: of a broker 10; auto: after two upload intervals)'
complete -c meterctl -n '__meterctl_is scan' -l resume -d 'go on with a scan that was ended'
complete -c meterctl -n '__meterctl_is scan' -l intrude -d 'scan also where another master is on the line'
complete -c meterctl -n '__meterctl_is listen' -l for -x -d 'stop after this time: 90, 90s, 5m, 1h (default: when interrupted)'
complete -c meterctl -n '__meterctl_is listen' -s n -l count -x -d 'stop after this many frames'
complete -c meterctl -n '__meterctl_is listen' -s o -l output -r -F -d 'capture to FILE.pcapng for Wireshark, too'
complete -c meterctl -n '__meterctl_is learn' -l tap -x -a '(__meterctl targets)' -d 'hear the line, never send: rtu:/dev/ttyUSB1, rtutcp:HOST:PORT'
complete -c meterctl -n '__meterctl_is learn' -l between -x -a '(__meterctl targets)' -d 'stand between the tool and the meter at TARGET (with --serve)'
complete -c meterctl -n '__meterctl_is learn' -l serve -x -a 'pty tcp: rtu:' -d 'where the tool connects: pty, tcp:[ADDR:]PORT or rtu:PORT'
complete -c meterctl -n '__meterctl_is learn' -l from -r -F -d 'a trace that was recorded earlier; may be given more than once'
complete -c meterctl -n '__meterctl_is learn' -l value -x -a '(__meterctl settings)' -d 'what is typed in the tool; secrets: KEY=@ask, @env:NAME, @file:PATH'
complete -c meterctl -n '__meterctl_is learn' -s o -l output -r -F -d 'write the draft to FILE (default: learned.yaml)'
complete -c meterctl -n '__meterctl_is learn' -l for -x -d 'stop after this time: 90, 90s, 5m, 1h'
complete -c meterctl -n '__meterctl_is batch' -l jobs -x -d 'work at N lines side by side (default 32)'
complete -c meterctl -n '__meterctl_is batch' -l resume -d 'go on with a run that was ended'
complete -c meterctl -n '__meterctl_is batch' -l only -x -a 'failed' -d 'only the meters that the last run has not done'
complete -c meterctl -n '__meterctl_is batch' -l stop-on-error -d 'begin no meter after one has failed'
complete -c meterctl -n '__meterctl_is batch' -l shard -x -d 'only the I-th of N parts of the file'
complete -c meterctl -n '__meterctl_is batch' -s o -l output -r -F -d 'write the summary as CSV to FILE, too'
complete -c meterctl -n '__meterctl_is batch' -l from-scan -r -F -d 'make a batch file (-o FILE) of what scan -f json has found'
complete -c meterctl -n '__meterctl_is batch' -l assign -d 'give unit addresses to new meters, switched on one by one'
complete -c meterctl -n '__meterctl_is batch' -l dry-run -d 'say what would be written, write nothing'
complete -c meterctl -n '__meterctl_is batch' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is batch' -l allow-provisional -d 'write settings whose registers are not published, too'
complete -c meterctl -n '__meterctl_is batch' -l allow-switching -d 'write what may switch a breaker, too'
complete -c meterctl -n '__meterctl_is report' -s o -l output -r -F -d 'write to FILE (default: stdout); an older one needs --force'
complete -c meterctl -n '__meterctl_is report' -l text -d 'plain text instead of HTML'
complete -c meterctl -n '__meterctl_is report' -l site-name -x -d 'where the meter is, for the head of the report'
complete -c meterctl -n '__meterctl_is report' -l technician -x -d 'who commissioned it'
complete -c meterctl -n '__meterctl_is report' -l note -x -d 'what else is to be said'
complete -c meterctl -n '__meterctl_is report' -l nameplate-ct -x -d 'on the current transformers, as 200/5'
complete -c meterctl -n '__meterctl_is report' -l nameplate-pt -x -d 'on the voltage transformers, as 10kV/100V'
complete -c meterctl -n '__meterctl_is report' -l clamp -x -d 'amperes on the primary conductors, by a clamp meter'
complete -c meterctl -n '__meterctl_is report' -l site -x -a 'consumer exporting' -d 'consumer, or exporting: has PV, a battery or a generator'
complete -c meterctl -n '__meterctl_is report' -l pf-window -x -d 'power factors the loads can have (default: 0.5,0.95 usual, 0.26,0.7 possible)'
complete -c meterctl -n '__meterctl_is report' -l wires -x -a '3 4' -d 'wires of the connection (default 4)'
complete -c meterctl -n '__meterctl_is report' -l service -x -a 'wye delta3 high-leg corner split single' -d 'what the supply is (default: as the voltages tell, else wye)'
complete -c meterctl -n '__meterctl_is report' -l nominal-voltage -x -d 'at the meter, phase to neutral (3 wires: between lines)'
complete -c meterctl -n '__meterctl_is report' -l nominal-current -x -d 'at the meter at full load (default 5, of x/5 transformers)'
complete -c meterctl -n '__meterctl_is report' -l uplink -r -F -d 'what '\''uplink -f json'\'' printed, to be included'
complete -c meterctl -n '__meterctl_is report' -l verify -r -F -d 'is this report unchanged? (asks no meter)'
complete -c meterctl -n '__meterctl_is uplink' -l deadline -x -d 'give up after so long (default 700)'
complete -c meterctl -n '__meterctl_is uplink' -l interval -x -d 'how often it should upload (default: as the meter says)'
complete -c meterctl -n '__meterctl_is uplink' -l from-start -d 'the meter is switched on now: login and time must be seen'
complete -c meterctl -n '__meterctl_is uplink' -l assume-identity -d 'uploads without a serial number are this meter'\''s'
complete -c meterctl -n '__meterctl_is uplink' -l clock-tolerance -x -d 'what the meter'\''s clock may be off (default 120)'
complete -c meterctl -n '__meterctl_is uplink' -l with -x -a '(__meterctl targets)' -d 'compare values with the registers over this connection'
complete -c meterctl -n '__meterctl_is platform' -l for -x -d 'end after so long (default: when interrupted)'
complete -c meterctl -n '__meterctl_is platform' -l listen -x -d 'listen so long for another platform first (default 3)'
complete -c meterctl -n '__meterctl_is platform' -l product -x -d 'answer meters of this product only (a level of the topic)'
complete -c meterctl -n '__meterctl_is history' -l months -x -d 'the last so many months (1 to 12, default 12)'
complete -c meterctl -n '__meterctl_is raw' -l input -d 'input registers (function 04), not holding ones'
complete -c meterctl -n '__meterctl_is raw' -l secrets -d ''\''raw read'\'' shows registers of secrets, too'
complete -c meterctl -n '__meterctl_is raw' -l yes -d 'do not ask before writing'
complete -c meterctl -n '__meterctl_is journal' -s n -l count -x -d 'the newest so many entries (default 50)'
complete -c meterctl -n '__meterctl_is journal' -l all -d 'all entries'
complete -c meterctl -n '__meterctl_is journal' -l target -d 'only those of the meter of -c'
complete -c meterctl -n '__meterctl_is simulate' -l pty -r -F -d 'a fixed name for the serial port (a link to the pty)'
complete -c meterctl -n '__meterctl_is simulate' -l tcp -x -d 'serve Modbus TCP on 127.0.0.1 too (0: any free port)'
complete -c meterctl -n '__meterctl_is simulate' -l rtu-tcp -x -d 'serve RTU frames over TCP too (0: any free port)'
complete -c meterctl -n '__meterctl_is simulate' -l count -x -d 'so many meters, addresses and serial numbers one after another'
complete -c meterctl -n '__meterctl_is simulate' -l mqtt -x -a '(__meterctl targets)' -d 'upload to this broker (mqtt://HOST[/SN]), and no pty unless --pty'
complete -c meterctl -n '__meterctl_is simulate' -l dialect -x -a 'json-v2 acrelhw shadow tunnel' -d 'what they speak there (default json-v2)'
complete -c meterctl -n '__meterctl_is simulate' -l interval -x -d 'from one upload to the next (default 60)'
complete -c meterctl -n '__meterctl_is shell' -s k -l keep-going -d 'go on after an error; exit with the first one'\''s status'
complete -c meterctl -n '__meterctl_is' -a tui -d 'the screens (also without a command, on a terminal)'
complete -c meterctl -n '__meterctl_is' -a read -d 'one reading of these points (none named: the live page; '\''*'\'': the main map)'
complete -c meterctl -n '__meterctl_is read' -a '(__meterctl keys)'
complete -c meterctl -n '__meterctl_is' -a get -d 'bare values on stdout, one a line, for $(...)'
complete -c meterctl -n '__meterctl_is get' -a '(__meterctl keys)'
complete -c meterctl -n '__meterctl_is' -a watch -d 'readings as they come; -f jsonl, csv or influx for logging'
complete -c meterctl -n '__meterctl_is watch' -a '(__meterctl keys)'
complete -c meterctl -n '__meterctl_is' -a wait -d 'read until every value is in its range: LOW..HIGH, LOW.., ..HIGH or VALUE'
complete -c meterctl -n '__meterctl_is wait' -a '(__meterctl ranges)'
complete -c meterctl -n '__meterctl_is' -a set -d 'write settings: shows old -> new, asks, writes, reads back'
complete -c meterctl -n '__meterctl_is set' -a '(__meterctl settings)'
complete -c meterctl -n '__meterctl_is' -a plan -d 'what '\''apply'\'' would write (exit status 1: something)'
complete -c meterctl -n '__meterctl_is plan' -F
complete -c meterctl -n '__meterctl_is' -a apply -d 'write the settings of a file that differ from the meter'\''s'
complete -c meterctl -n '__meterctl_is apply' -F
complete -c meterctl -n '__meterctl_is' -a backup -d 'all settings of a meter as a file for '\''apply'\'', '\''restore'\'' and '\''diff'\'''
complete -c meterctl -n '__meterctl_is' -a restore -d 'the same with a file that '\''backup'\'' wrote'
complete -c meterctl -n '__meterctl_is restore' -F
complete -c meterctl -n '__meterctl_is' -a diff -d 'a file of settings against the meter, or two files (exit status 1: they differ)'
complete -c meterctl -n '__meterctl_is diff' -F
complete -c meterctl -n '__meterctl_is' -a undo -d 'put back what the journal says stood there before'
complete -c meterctl -n '__meterctl_is' -a check -d 'is it wired right? A verdict with what to do (exit status 1: it is not, or cannot be told)'
complete -c meterctl -n '__meterctl_is' -a checklist -d 'show what of the commissioning is done (exit status 1: not all that applies)'
complete -c meterctl -n '__meterctl_is' -a connect -d 'open a meter and say which replies; --save NAME keeps the connection'
complete -c meterctl -n '__meterctl_is connect' -a '(__meterctl targets)'
complete -c meterctl -n '__meterctl_is' -a scan -d 'find meters: on serial ports, behind gateways, or all that a broker shows'
complete -c meterctl -n '__meterctl_is scan' -a '(__meterctl targets)'
complete -c meterctl -n '__meterctl_is' -a listen -d 'hear a line without sending: frames of other masters and meters, named'
complete -c meterctl -n '__meterctl_is listen' -a '(__meterctl targets)'
complete -c meterctl -n '__meterctl_is' -a learn -d 'find registers that a maker'\''s tool sets, and draft a profile of them'
complete -c meterctl -n '__meterctl_is learn' -a '(__meterctl profiles)'
complete -c meterctl -n '__meterctl_is' -a batch -d 'set, check and report on many meters, a row each (exit status 8: some failed)'
complete -c meterctl -n '__meterctl_is batch' -F
complete -c meterctl -n '__meterctl_is' -a report -d 'the commissioning report: HTML or text, sealed; --verify: is one unchanged?'
complete -c meterctl -n '__meterctl_is' -a uplink -d 'prove the wireless uplink end to end through the broker'
complete -c meterctl -n '__meterctl_is' -a platform -d 'stand in for the cloud on a bench: answer meters behind a broker'
complete -c meterctl -n '__meterctl_is' -a history -d 'monthly energies and extremes kept by the meter'
complete -c meterctl -n '__meterctl_is' -a raw -d 'registers as they stand, by address (zero-based, decimal or 0x...)'
complete -c meterctl -n '__meterctl_is raw first' -a 'read write'
complete -c meterctl -n '__meterctl_is' -a profile -d 'meter models: which there are, what stands in one, does it hold'
complete -c meterctl -n '__meterctl_is profile first' -a 'list show check'
complete -c meterctl -n '__meterctl_is profile more' -a '(__meterctl keys; __meterctl profiles)'
complete -c meterctl -n '__meterctl_is' -a journal -d 'what was written, when, by whom, to which meter, with what result'
complete -c meterctl -n '__meterctl_is journal first' -a 'show'
complete -c meterctl -n '__meterctl_is' -a config -d 'check, show or locate the configuration file'
complete -c meterctl -n '__meterctl_is config first' -a 'check show path'
complete -c meterctl -n '__meterctl_is' -a simulate -d 'serve simulated meters on a pty, on TCP and at a broker'
complete -c meterctl -n '__meterctl_is' -a shell -d 'commands at a prompt, or from standard input, over one open meter'
complete -c meterctl -n '__meterctl_is' -a help -d 'the help of a command, or of all, as --help'
complete -c meterctl -n '__meterctl_is help' -a '(__meterctl commands)'
