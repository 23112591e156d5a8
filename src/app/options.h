/*
 * options.h: the command line as data: one const table of options, one of commands (commands.c);
 * help and the checks are made from them.
 *
 * Options stand before or after the command, `--name VALUE` or `--name=VALUE`, short ones as `-t
 * VALUE` or `-tVALUE`. `-1` and `+2` are operands. Nothing may be abbreviated. A value given twice
 * counts the last time, unless the option is repeatable.
 */
#ifndef SKEIN_APP_OPTIONS_H
#define SKEIN_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum option {
    OPTION_CONFIG,
    OPTION_URL,
    OPTION_VARIABLE,
    OPTION_FORMAT,
    OPTION_COLOR,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_VERSION,
    OPTION_HELP,
    OPTION_TENANT,
    OPTION_SELECTOR,
    OPTION_EXCLUDE,
    OPTION_STATE,
    OPTION_SHARD,
    OPTION_LIMIT,
    OPTION_ALL,
    OPTION_EXPECT_TARGETS,
    OPTION_CONCURRENCY,
    OPTION_PER_SERVER,
    OPTION_MAX_FAILURES,
    OPTION_KEEP_GOING,
    OPTION_DRY_RUN,
    OPTION_YES,
    OPTION_TAG,
    OPTION_REASON,
    OPTION_ACTOR,
    OPTION_ALLOW_CHANGED,
    OPTION_EACH,
    OPTION_DRAIN_TIMEOUT,
    OPTION_CHECK,
    OPTION_PURGE,
    OPTION_SQL,
    OPTION_SQL_DIR,
    OPTION_PING,
    OPTION_CHECK_HEADS,
    OPTION_RANGE,
    OPTION_INDICATE_CURRENT,
    OPTION_MESSAGE,
    OPTION_HEAD,
    OPTION_SPLICE,
    OPTION_BRANCH_LABEL,
    OPTION_REV_ID,
    OPTION_DEPENDS_ON,
    OPTION_VERSION_PATH,
    OPTION_RESOLVE_DEPENDENCIES,
    OPTION_DONE_TO,
    OPTION_APPLIED,
    OPTION_REVERTED,
    OPTION_TEMPLATE,
    OPTION_ENGINE,
    OPTION_BASELINE,
    OPTION_ALEMBIC,
    OPTION_NAME,
    OPTION_COUNT
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))

/* What every command takes; selection; execution (contract, section 5). */
#define OPTIONS_GLOBAL                                                                             \
    (OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_URL) | OPTION_BIT(OPTION_VARIABLE) |            \
     OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_COLOR) | OPTION_BIT(OPTION_QUIET) |             \
     OPTION_BIT(OPTION_VERBOSE) | OPTION_BIT(OPTION_VERSION) | OPTION_BIT(OPTION_HELP))
#define OPTIONS_SELECTION                                                                          \
    (OPTION_BIT(OPTION_TENANT) | OPTION_BIT(OPTION_SELECTOR) | OPTION_BIT(OPTION_EXCLUDE) |        \
     OPTION_BIT(OPTION_STATE) | OPTION_BIT(OPTION_SHARD) | OPTION_BIT(OPTION_LIMIT) |              \
     OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_EXPECT_TARGETS))
#define OPTIONS_LIMITS (OPTION_BIT(OPTION_CONCURRENCY) | OPTION_BIT(OPTION_PER_SERVER))
#define OPTIONS_EXECUTION                                                                          \
    (OPTIONS_LIMITS | OPTION_BIT(OPTION_MAX_FAILURES) | OPTION_BIT(OPTION_KEEP_GOING) |            \
     OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_TAG) |                \
     OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_ACTOR) | OPTION_BIT(OPTION_DRAIN_TIMEOUT))

struct option_row {
    const char *name;     /* "tenant" */
    char letter;          /* 't', or 0 */
    const char *argument; /* "NAME|GLOB|@FILE", or NULL: a switch */
    bool repeatable;
    const char *help;
};

extern const struct option_row option_table[OPTION_COUNT];

struct options;

struct verb {
    const char *name;
    const char *operands; /* "REV", "[DIR]", "" */
    const char *summary;
    const char *help;        /* paragraphs; examples */
    uint64_t options;        /* beside OPTIONS_GLOBAL */
    size_t minimum, maximum; /* operands */
    bool hidden;
    int (*run)(const struct options *options, struct arena *arena);
};

struct option_values {
    const char **items;
    size_t count, capacity;
};

struct options {
    const struct verb *command; /* NULL: none was given */
    const char **operands;
    size_t operand_count;
    struct option_values values[OPTION_COUNT];
    bool json, csv; /* --format */
    bool verbose, quiet;
    int argc; /* as it was typed, for "type again" */
    char *const *argv;
};

/* Parses; ERROR_USAGE with the nearest option or command. --help and --version are left to the
 * caller: they are in values. */
int options_parse(struct options *options, struct arena *arena, int argc, char *const *argv,
                  const struct verb *commands, size_t count, struct err *err);

bool option_given(const struct options *options, enum option option);
/* The last value, or NULL. */
const char *option_value(const struct options *options, enum option option);

/* Whole numbers 1 to `most`; *value is untouched where the option is not given. */
int option_number(const struct options *options, enum option option, uint64_t most, uint64_t *value,
                  struct err *err);

struct str;
void options_help(const struct verb *commands, size_t count, struct str *out);
void options_command_help(const struct verb *command, struct str *out);

#endif
