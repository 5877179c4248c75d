/* fault.c - failures on purpose. */
#include "base/fault.h"

static unsigned left;
static bool fired;

void
fault_arm(unsigned n)
{
	left = n;
	fired = false;
}

bool
fault_due(void)
{
	if (left == 0 || --left > 0)
		return false;
	fired = true;
	return true;
}

bool
fault_fired(void)
{
	return fired;
}
