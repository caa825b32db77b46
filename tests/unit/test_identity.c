/* Which meter answers: what a serial number proves, what counters show, what nothing tells. */
#include <string.h>

#include "meter/identity.h"
#include "unit.h"

#define SECOND 1000000LL
#define COUNTED "energy.active.import.total=16286.62 energy.active.export.total=0.00"

static struct err why;

static enum identity_match after(long long s, const char *was, const char *is)
{
	why = (struct err){ 0 };
	return identity_compare(was, is, s * SECOND, &why);
}

static void serial(void **state)
{
	(void)state;
	assert_int_equal(after(1, "meter.serial=4711", "meter.serial=4711"), IDENTITY_SAME);
	assert_int_equal(after(1, "meter.serial=4711", "meter.serial=47112"), IDENTITY_OTHER);
	assert_non_null(strstr(why.text, "meter.serial is 47112, and was 4711"));
	/* it could not be read this time */
	assert_int_equal(after(1, "meter.serial=4711", COUNTED), IDENTITY_OPEN);
	assert_int_equal(after(1, "meter.serial=4711", ""), IDENTITY_OPEN);
}

static void counters(void **state)
{
	(void)state;
	assert_int_equal(after(10, COUNTED, COUNTED), IDENTITY_SAME);
	assert_int_equal(after(10, COUNTED, "energy.active.export.total=0.00 energy.active.import.total=16286.65"),
			 IDENTITY_SAME);
	assert_int_equal(after(10, COUNTED, "energy.active.import.total=16286.60 energy.active.export.total=0.00"),
			 IDENTITY_OTHER);
	assert_non_null(strstr(why.text, "energy.active.import.total is 16286.60, and was 16286.62"));
	/* 10 MW for ten seconds are 27.8 kWh */
	assert_int_equal(after(10, COUNTED, "energy.active.import.total=16314.30"), IDENTITY_SAME);
	assert_int_equal(after(10, COUNTED, "energy.active.import.total=16314.50"), IDENTITY_OTHER);
	assert_int_equal(after(3600, COUNTED, "energy.active.import.total=16314.50"), IDENTITY_SAME);
	assert_int_equal(after(10, COUNTED, "energy.active.import.total=16286.62 energy.active.export.total=44.00"),
			 IDENTITY_OTHER);
	/* the last digit of a float */
	assert_int_equal(after(0, "energy.active.import.total=16286.62", "energy.active.import.total=16286.61"),
			 IDENTITY_SAME);
}

static void nothing(void **state)
{
	(void)state;
	assert_int_equal(after(10, "", COUNTED), IDENTITY_OPEN);
	assert_int_equal(after(10, "energy.active.import.total=0.00", "energy.active.import.total=0.00"), IDENTITY_OPEN);
	assert_int_equal(after(10, "energy.active.import.total=0.00", "energy.active.import.total=3.00"), IDENTITY_OPEN);
	assert_int_equal(after(10, "energy.active.import.total=0.00", "energy.active.import.total=300.00"),
			 IDENTITY_OTHER);
	assert_int_equal(after(10, COUNTED, ""), IDENTITY_OPEN);
	assert_int_equal(identity_compare("", "", 0, NULL), IDENTITY_OPEN);
	/* keys that only begin alike */
	assert_int_equal(after(1, "meter.serial=4711", "meter.serial2=4711"), IDENTITY_OPEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serial),
		cmocka_unit_test(counters),
		cmocka_unit_test(nothing),
	};

	return UNIT_RUN(tests);
}
