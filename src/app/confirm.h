/*
 * confirm.h: the question before a command that takes something back (contract, section 5).
 */
#ifndef SKEIN_APP_CONFIRM_H
#define SKEIN_APP_CONFIRM_H

#include "app/app.h"

/* More than one target needs -t, -l, --state or --all. 0, or 2 with the error printed. */
int confirm_selection(const struct app *app);

/* Asks at the terminal, and reads the answer: whether it is yes. */
bool confirm_question(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Asks where stdin is a terminal; needs -y where not, for more than one target. 0: go on; else 2,
 * nothing was touched. */
int confirm_ask(const struct app *app, const char *command, const char *goal);

#endif
