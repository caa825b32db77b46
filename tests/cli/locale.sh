#!/usr/bin/env bash
# What is read and written is the same in every locale: under one in which, as in
# Turkish, I is not the capital of i, and numbers have a comma.
. "$(dirname "$0")/../tap.sh"

# localedef is part of libc-bin; the sources of real locales need not be installed
"$PYTHON" >"$TMP/source" <<'END'
from string import ascii_lowercase as low, ascii_uppercase as up, digits

def u(c):
    return f"<U{ord(c):04X}>"

pairs = [c for c in low if c != "i"]
print("comment_char %\nescape_char /\nLC_CTYPE")
for kind, chars in ("upper", up), ("lower", low), ("digit", digits), ("space", " \t\n\v\f\r"):
    print(kind, ";".join(u(c) for c in chars))
print("toupper", ";".join(f"({u(c)},{u(c.upper())})" for c in pairs))
print("tolower", ";".join(f"({u(c.upper())},{u(c)})" for c in pairs))
print("END LC_CTYPE\nLC_NUMERIC")
print(f'decimal_point "{u(",")}"\nthousands_sep "{u(".")}"\ngrouping 3;3\nEND LC_NUMERIC')
END
mkdir "$TMP/locales"
localedef --no-archive -c -i "$TMP/source" "$TMP/locales/dotless" 2>"$TMP/err"
THERE=(env "LOCPATH=$TMP/locales" LC_ALL=dotless)
is "$("${THERE[@]}" locale decimal_point)" "," "the locale is in force" || give_up "$(cat "$TMP/err")"

exits 0 "a choice in capitals" -- "${THERE[@]}" "$METERCTL" -c sim:frozen -f csv set demand.cycle=30MIN --dry-run
like "$OUT" '^demand\.cycle,15min,30min,' "is that choice"
exits 0 "bits in capitals" -- "${THERE[@]}" "$METERCTL" -c sim:frozen -f csv set 'alarm1.enable=OVERVOLTAGE+PHASE-SEQUENCE' --dry-run
exits 0 "a number" -- "${THERE[@]}" "$METERCTL" -c sim:frozen get voltage.a
like "$OUT" '^[0-9]+\.[0-9]$' "with a point"
exits 0 "a number is taken" -- "${THERE[@]}" "$METERCTL" -c sim:frozen -f csv set alarm1.voltage.over.threshold=250.5 --dry-run
like "$OUT" '^alarm1\.voltage\.over\.threshold,[0-9.]+,250\.5,' "with a point"
exits 0 "backup" -- "${THERE[@]}" "$METERCTL" -c sim:frozen -q backup
like "$OUT" '^  # security\.code: \{env: METERCTL_SECURITY_CODE\}' "the name of a variable has its letters"
like "$OUT" '^  alarm1\.voltage\.over\.threshold: [0-9]+\.[0-9] ' "and its numbers a point"
printf 'profile: own\ntitle: t\nread: {holes: TRUE}\ngroups:\n- group: g\n  title: T\n  type: u16\n  access: r\n  from: manual\n  points:\n  - {key: a, at: 1, name: A, scale: 0.1}\nvectors:\n- {at: 1, regs: [5], expect: [a=0.5]}\n' >"$TMP/own.yaml"
exits 0 "a profile" -- "${THERE[@]}" "$METERCTL" profile check "$TMP/own.yaml"

done_testing
