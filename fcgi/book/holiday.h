/* holiday.h - closed days out of a calendar file. */
#ifndef BOOK_HOLIDAY_H
#define BOOK_HOLIDAY_H

#include "req.h"

/* POST /availability-exceptions/import; its own transactions. */
enum rc holiday_import(struct req *) MUST_CHECK;

#endif
