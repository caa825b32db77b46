/*
 * scenario_words.h - the words of a scenario, one row each: the parser, --help and the completions
 * are made of it. Their meanings are in sim.h and, for who uses them, in meterctl(1).
 *
 *   FLAG(NAME, MEMBER)	a bool of struct scenario becomes true
 *   ACT(NAME, SET)		SET is called
 *   CHANCE(NAME, MEMBER)	NAME=PERCENT, a struct chance
 *   VALUE(NAME, TAKES, SET)	NAME=TAKES, understood by SET
 */
#ifndef METERCTL_SIM_SCENARIO_WORDS_H
#define METERCTL_SIM_SCENARIO_WORDS_H

#define SCENARIO_LIST(FLAG, ACT, CHANCE, VALUE) \
	VALUE("ct-reversed", "PHASES", set_ct_reversed) \
	VALUE("ct-swapped", "XY", set_ct_swapped) \
	ACT("ct-rotated", set_ct_rotated) \
	VALUE("ct-missing", "PHASES", set_ct_missing) \
	VALUE("ct-shorted", "PHASES", set_ct_shorted) \
	VALUE("phase-order", "XYZ", set_phase_order) \
	VALUE("voltage-missing", "PHASES", set_voltage_missing) \
	VALUE("voltage-duplicated", "XY", set_voltage_duplicated) \
	VALUE("voltage-low", "PHASES", set_voltage_low) \
	VALUE("lag", "DEGREES", set_lag) \
	VALUE("step", "KIND/PHASES/AMPERES[/SECONDS]", set_step) \
	FLAG("exporting", exporting) \
	FLAG("no-load", no_load) \
	VALUE("pace", "BAUD", set_pace) \
	VALUE("turnaround", "MS", set_turnaround) \
	CHANCE("drop", drop) \
	CHANCE("flip", flip) \
	VALUE("late", "MS[/PERCENT]", set_late) \
	FLAG("echo", echo) \
	VALUE("exception", "CODE[/PERCENT]", set_exception) \
	CHANCE("garbage", garbage) \
	CHANCE("foreign", foreign) \
	FLAG("dead", dead) \
	FLAG("ignore-writes", ignore_writes) \
	FLAG("refuse-writes", refuse_writes) \
	VALUE("write-lost", "WHAT", set_write_lost) \
	VALUE("mute-after-write", "MS", set_mute_after_write) \
	FLAG("only-06", only_06) \
	VALUE("unit", "N", scenario_set_unit) \
	VALUE("ct", "N", set_ct) \
	VALUE("pt", "N", set_pt) \
	VALUE("seed", "N", set_seed) \
	VALUE("start", "TIME", set_start) \
	VALUE("clock-off", "SECONDS", set_clock_off) \
	FLAG("frozen", frozen) \
	VALUE("state", "FILE", set_state) \
	VALUE("sn", "BASE", set_sn) \
	VALUE("heart", "S", set_heartbeat) \
	FLAG("no-login", uplink.no_login) \
	FLAG("no-time", uplink.no_time) \
	FLAG("no-para", uplink.no_para) \
	FLAG("wait-login", uplink.wait_login) \
	FLAG("refuse-para", uplink.refuse_para) \
	FLAG("ignore-para", uplink.ignore_para) \
	FLAG("lose-para", uplink.lose_para) \
	VALUE("mqtt-interval", "S", set_mqtt_interval) \
	VALUE("mqtt-late", "S[/PERCENT]", set_mqtt_late) \
	VALUE("mqtt-jump", "S[/N]", set_mqtt_jump) \
	FLAG("mqtt-stuck", uplink.stuck) \
	VALUE("mqtt-backlog", "N[/S]", set_mqtt_backlog) \
	FLAG("mqtt-no-stamp", uplink.no_stamp) \
	FLAG("mqtt-no-sn", uplink.no_sn) \
	CHANCE("mqtt-drop", uplink.drop) \
	CHANCE("mqtt-duplicate", uplink.duplicate) \
	CHANCE("mqtt-disorder", uplink.disorder) \
	CHANCE("mqtt-garbage", uplink.garbage) \
	ACT("mqtt-silent", set_mqtt_silent) \
	VALUE("mqtt-silent-after", "N", set_mqtt_silent_after) \
	FLAG("mqtt-retained", uplink.retained) \
	VALUE("mqtt-scale", "FACTOR", set_mqtt_scale)

#define SCENARIO_PERCENT "PERCENT"

/* " frozen drop= ...", as one begins to type them; the first blank is none of theirs. */
#define SCENARIO_ALONE(name, as) " " name
#define SCENARIO_BEGUN(name, ...) " " name "="
#define SCENARIO_WORDS SCENARIO_LIST(SCENARIO_ALONE, SCENARIO_ALONE, SCENARIO_BEGUN, SCENARIO_BEGUN)

/* " frozen drop=PERCENT ...", for help. */
#define SCENARIO_FORM_CHANCE(name, member) " " name "=" SCENARIO_PERCENT
#define SCENARIO_FORM_VALUE(name, takes, set) " " name "=" takes
#define SCENARIO_FORMS \
	SCENARIO_LIST(SCENARIO_ALONE, SCENARIO_ALONE, SCENARIO_FORM_CHANCE, SCENARIO_FORM_VALUE)

#endif
