/* ical_rule.h - which repeating rules are worked out; private to ical.c. */
#ifndef WIRE_ICAL_RULE_H
#define WIRE_ICAL_RULE_H

#include <stdbool.h>

#include <libical/ical.h>

/*
 * Does the rule repeat by the day or slower, and soon fit some date? libical
 * looks for the next date up to the year 20000 and cannot be stopped there,
 * so what might never fit is left alone. The rules of holidays and of closed
 * days all pass.
 */
bool ical_rule_usable(const struct icalrecurrencetype *);

#endif
