#include "limits.h"

#include <math.h>

double limits_voltage_harmonic(int order)
{
	static const double odd[] = {
		[3] = 5.0, [5] = 6.0, [7] = 5.0, [9] = 1.5, [11] = 3.5, [13] = 3.0,
		[15] = 0.5, [17] = 2.0, [19] = 1.5, [21] = 0.5, [23] = 1.5, [25] = 1.5,
	};

	if (order > 25)
		return INFINITY;
	if (order % 2)
		return odd[order];
	return order == 2 ? 2.0 : order == 4 ? 1.0 : 0.5;
}
