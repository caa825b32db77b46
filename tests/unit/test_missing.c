/* What has not come is counted, named and explained; what the meter has answered is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meter/missing.h"
#include "unit.h"

#define N 60

static struct meter meter;
static uint16_t idx[N];

static int start(void **state)
{
	(void)state;
	meter.profile = profile_builtin_named("adw300");
	meter.readings = calloc(meter.profile->npoints, sizeof(*meter.readings));
	for (size_t i = 0; i < N; i++)
		idx[i] = (uint16_t)i;
	return meter.readings ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	free(meter.readings);
	return 0;
}

static const char *key(size_t i)
{
	return meter.profile->points[i].key;
}

static void all_well(void)
{
	for (size_t i = 0; i < N; i++)
		meter.readings[i] = (struct reading){ .quality = QUALITY_OK, .words = 1 };
}

static void refuse(size_t i, enum err_code code, const char *why)
{
	meter.readings[i] = (struct reading){ .quality = QUALITY_FAILED };
	err_set(&meter.readings[i].err, code, "%s", why);
}

static void answered(void **state)
{
	struct err e = { 0 };

	(void)state;
	all_well();
	refuse(3, ERR_REFUSED, "no such register");
	meter.readings[3].absent = true;
	refuse(4, ERR_FOREIGN, "no date");		/* its registers came */
	meter.readings[4].words = 3;
	refuse(5, ERR_NO, "not in the upload");
	assert_int_equal(missing_count(&meter, idx, N), 0);
	assert_int_equal(missing_first(&meter, idx, N), -1);
	assert_int_equal(missing_complain(&meter, idx, N, "points", &e), 0);
	assert_int_equal(e.code, ERR_NONE);
}

static void complaints(void **state)
{
	struct err e;

	(void)state;
	all_well();
	meter.readings[7] = (struct reading){ .quality = QUALITY_NEVER };
	assert_int_equal(missing_complain(&meter, idx, N, "points", &e), -1);
	assert_int_equal(e.code, ERR_SILENT);		/* nobody has said why */
	refuse(7, ERR_FOREIGN, "another master");	/* no registers came */
	assert_int_equal(missing_complain(&meter, idx, N, "points", &e), -1);
	assert_int_equal(e.code, ERR_FOREIGN);
	assert_non_null(strstr(e.text, key(7)));
	assert_non_null(strstr(e.text, "not read: another master"));
	refuse(6, ERR_SILENT, "silent");
	assert_int_equal(missing_complain(&meter, idx, N, "points", &e), -1);
	assert_int_equal(e.code, ERR_SILENT);		/* of the first */
	assert_non_null(strstr(e.text, "2 of 60 points not read, the first '"));
	assert_int_equal(missing_complain(&meter, idx + 6, 2, "points", &e), -1);
	assert_string_equal(e.text, "none of 2 points read: silent");
	assert_int_equal(missing_complain(&meter, idx + 6, 1, "points", &e), -1);
	assert_string_equal(e.text, "silent");
}

static char said[64][200];
static int nsaid;

static void say(void *arg, const char *line)
{
	assert_ptr_equal(arg, &nsaid);
	strncpy(said[nsaid++], line, sizeof(said[0]) - 1);
}

static void list(void)
{
	nsaid = 0;
	memset(said, 0, sizeof(said));
	missing_list(&meter, idx, N, say, &nsaid);
}

static void lists(void **state)
{
	char want[200];

	(void)state;
	all_well();
	refuse(2, ERR_REFUSED, "busy");
	list();
	assert_int_equal(nsaid, 0);			/* missing_complain() has said it */
	refuse(4, ERR_REFUSED, "busy");
	refuse(9, ERR_SILENT, "silent");
	list();
	assert_int_equal(nsaid, 2);
	snprintf(want, sizeof(want), "%s, %s (busy)", key(2), key(4));
	assert_string_equal(said[0], want);
	snprintf(want, sizeof(want), "%s (silent)", key(9));
	assert_string_equal(said[1], want);
	/* a reason each: the first twenty */
	for (size_t i = 1; i < N; i++)
		refuse(i, ERR_REFUSED, key(i));
	list();
	assert_int_equal(nsaid, 21);
	assert_string_equal(said[20], "and 39 more");
	refuse(0, ERR_REFUSED, "busy");
	list();
	assert_int_equal(nsaid, 0);			/* all of them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answered),
		cmocka_unit_test(complaints),
		cmocka_unit_test(lists),
	};

	return UNIT_RUN_WITH(tests, start, stop);
}
