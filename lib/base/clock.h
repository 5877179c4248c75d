/*
 * clock.h - now, and times as text.
 *
 * All times are UTC milliseconds since 1970. FRONTDESK_CLOCK (epoch ms) stops
 * the clock for tests.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT 25 /* 2026-02-11T20:10:00.000Z and a NUL */

int64_t clock_now_ms(void);
/* Monotonic microseconds, for durations only. */
int64_t clock_tick_us(void);
/* Print t_ms as in wire rule 4; out holds CLOCK_TEXT bytes. */
void clock_text(int64_t t_ms, char out[CLOCK_TEXT]);
/*
 * Read an RFC 3339 time: date, 'T' or blank, hours, minutes, optional seconds
 * and fraction, then 'Z' or an offset. False when it is not one.
 */
bool clock_parse(const char *, int64_t *t_ms);
/* Read a date that exists, YYYY-MM-DD, as days since 1970-01-01. */
bool clock_day(const char *, int64_t *days);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t clock_days(int year, int month, int day);
void clock_date(int64_t days, int *year, int *month, int *day);

#endif
