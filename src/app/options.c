#include "app/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

const struct option_row option_table[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", 'c', "FILE", false,
                       "the fleet's file (default: $SKEIN_CONFIG, else ./skein.yaml)"},
    [OPTION_URL] = {"url", 0, "URL", false, "a fleet of one database, without any skein.yaml"},
    [OPTION_VARIABLE] = {"x", 'x', "KEY=VALUE", true,
                         "a variable for revisions that declare it, over the tenants' own"},
    [OPTION_FORMAT] = {"format", 0, "text|json", false,
                       "what is printed on stdout (default: text); targets also csv"},
    [OPTION_COLOR] = {"color", 0, "auto|always|never", false,
                      "colours (default: auto; NO_COLOR is respected)"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, false, "only what needs a person"},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, false,
                        "more: a line a target, all names, SQL in plans"},
    [OPTION_VERSION] = {"version", 0, NULL, false, "print the version"},
    [OPTION_HELP] = {"help", 'h', NULL, false, "print this, or a command's own page"},
    [OPTION_TENANT] = {"tenant", 't', "NAME|GLOB|@FILE", true, "these tenants; several add up"},
    [OPTION_SELECTOR] = {"selector", 'l', "KEY=VALUE,…", true,
                         "tenants with all of these labels; KEY!=VALUE too; engine, server, "
                         "database, schema, version are labels"},
    [OPTION_EXCLUDE] = {"exclude", 0, "GLOB", true, "but not these tenants"},
    [OPTION_STATE] =
        {"state", 0, "STATE,…", false,
         "of these, those in a state: unreachable, partial, unknown, back, behind, head"},
    [OPTION_SHARD] = {"shard", 0, "I/N", false,
                      "the I-th of N parts of the fleet, split by server"},
    [OPTION_LIMIT] = {"limit", 0, "N", false, "at most N of what is left"},
    [OPTION_ALL] = {"all", 0, NULL, false,
                    "the whole fleet: needed where a command takes something back"},
    [OPTION_EXPECT_TARGETS] = {"expect-targets", 0, "N", false,
                               "refuse unless exactly N targets are selected"},
    [OPTION_CONCURRENCY] = {"concurrency", 0, "N", false,
                            "targets at once (default: limits.concurrency)"},
    [OPTION_PER_SERVER] = {"per-server", 0, "N", false,
                           "targets at once on one server (default: limits.per_server)"},
    [OPTION_MAX_FAILURES] = {"max-failures", 0, "N|N%", false,
                             "stop when more than that failed (default: rollout.max_failures)"},
    [OPTION_KEEP_GOING] = {"keep-going", 0, NULL, false, "no budget: try every target"},
    [OPTION_DRY_RUN] = {"dry-run", 0, NULL, false, "read all heads, show the plan, write nothing"},
    [OPTION_YES] = {"yes", 'y', NULL, false, "do not ask"},
    [OPTION_TAG] = {"tag", 0, "TEXT", false, "kept in the history table, at most 32 bytes"},
    [OPTION_REASON] = {"reason", 0, "TEXT", false,
                       "why: kept in the history table, at most 100 bytes"},
    [OPTION_ACTOR] = {"actor", 0, "NAME", false,
                      "who: kept in the history table (default: $SKEIN_ACTOR, else user@host)"},
    [OPTION_ALLOW_CHANGED] = {"allow-changed", 0, "REV", true,
                              "accept that this revision's file was edited after it was applied"},
    [OPTION_EACH] = {"each", 0, NULL, false,
                     "a relative revision counts from each target's own heads"},
    [OPTION_DRAIN_TIMEOUT] = {"drain-timeout", 0, "DURATION", false,
                              "after an interrupt, cancel what still runs then (default: 25s)"},
    [OPTION_CHECK] = {"check", 0, NULL, false, "exit 3 if anything is pending"},
    [OPTION_PURGE] = {"purge", 0, NULL, false, "empty the version table first"},
    [OPTION_SQL] =
        {"sql", 0, NULL, false,
         "print a script instead, from the files and skein.yaml alone; begins at base, or "
         "at A of A:B"},
    [OPTION_SQL_DIR] = {"sql-dir", 0, "DIR", false, "write the scripts into DIR, one an engine"},
    [OPTION_PING] = {"ping", 0, NULL, false, "connect to each and read its heads"},
    [OPTION_CHECK_HEADS] = {"check-heads", 0, NULL, false,
                            "exit 3 unless every target is at the heads"},
    [OPTION_RANGE] = {"rev-range", 'r', "A:B", false, "only these revisions"},
    [OPTION_INDICATE_CURRENT] = {"indicate-current", 'i', NULL, false,
                                 "mark revisions that some target is at"},
    [OPTION_MESSAGE] = {"message", 'm', "TEXT", false,
                        "what the revision does; lines after the first explain"},
    [OPTION_HEAD] = {"head", 0, "REV", true, "the parent (default: the only head)"},
    [OPTION_SPLICE] = {"splice", 0, NULL, false, "allow a parent that is no head"},
    [OPTION_BRANCH_LABEL] = {"branch-label", 0, "LABEL", true,
                             "a label for the branch that begins here"},
    [OPTION_REV_ID] = {"rev-id", 0, "ID", false, "the id (default: 12 random hex digits)"},
    [OPTION_DEPENDS_ON] = {"depends-on", 0, "REV", true, "a revision that must be there first"},
    [OPTION_VERSION_PATH] = {"version-path", 0, "FOLDER", false,
                             "where the file goes, with several version_locations"},
    [OPTION_RESOLVE_DEPENDENCIES] = {"resolve-dependencies", 0, NULL, false,
                                     "count dependencies as parents"},
    [OPTION_DONE_TO] = {"done-to", 0, "K", false, "statements 1 to K stand, the rest does not"},
    [OPTION_APPLIED] = {"applied", 0, NULL, false, "the whole revision stands"},
    [OPTION_TEMPLATE] = {"template", 0, "NAME", false,
                         "what the new skein.yaml is for (default: fleet; skein list_templates)"},
    [OPTION_REVERTED] = {"reverted", 0, NULL, false, "nothing of the revision stands any more"},
    [OPTION_ENGINE] = {"engine", 0, "ENGINE", true,
                       "render for postgresql, mysql, mariadb or sqlite (default: the fleet's "
                       "engines, else what env.py renders for)"},
    [OPTION_BASELINE] = {"baseline", 0, "REV", false, "one file in place of all up to REV"},
    [OPTION_ALEMBIC] = {"alembic", 0, "COMMAND", false,
                        "how Alembic is called, words separated by blanks (default: alembic)"},
    [OPTION_NAME] = {"name", 'n', "SECTION", false, "the section of alembic.ini, as alembic -n"},
};

static int option_by_name(const char *name, size_t length)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(option_table[i].name) == length &&
            strncmp(option_table[i].name, name, length) == 0)
            return i;
    return -1;
}

static int option_by_letter(char letter)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (option_table[i].letter == letter)
            return i;
    return -1;
}

static int unknown_option(struct err *err, const char *argument)
{
    const char *names[OPTION_COUNT];
    for (int i = 0; i < OPTION_COUNT; i++)
        names[i] = option_table[i].name;
    struct str word = STR_INIT;
    str_addn(&word, argument + 2, strcspn(argument + 2, "="));
    const char *nearest = argument[1] == '-' ? text_nearest(word.text, names, OPTION_COUNT) : NULL;
    int code = err_set(err, ERROR_USAGE, "unknown option %s", argument);
    if (nearest != NULL)
        err_hint(err, "did you mean --%s?", nearest);
    else
        err_hint(err, "skein --help lists commands, skein COMMAND --help their options");
    str_release(&word);
    return code;
}

static void add_value(struct options *options, struct arena *arena, int option, const char *value)
{
    struct option_values *values = &options->values[option];
    values->items = arena_grow(arena, values->items, sizeof(*values->items), &values->capacity,
                               values->count + 1);
    values->items[values->count++] = value;
}

/* One argument that begins with '-'; *at moves on where the value is the next argument. */
static int parse_option(struct options *options, struct arena *arena, int argc, char *const *argv,
                        int *at, struct err *err)
{
    const char *argument = argv[*at];
    const char *value = NULL;
    int option;
    if (argument[1] == '-') {
        size_t length = strcspn(argument + 2, "=");
        option = option_by_name(argument + 2, length);
        if (argument[2 + length] == '=')
            value = argument + 2 + length + 1;
    } else {
        option = option_by_letter(argument[1]);
        if (option >= 0 && option_table[option].argument == NULL && argument[2] != '\0')
            return err_set(err, ERROR_USAGE, "%s: short switches are written one by one", argument);
        if (argument[2] != '\0')
            value = argument + 2;
    }
    if (option < 0)
        return unknown_option(err, argument);
    const struct option_row *row = &option_table[option];
    if (row->argument == NULL && value != NULL)
        return err_set(err, ERROR_USAGE, "--%s takes no value", row->name);
    if (row->argument != NULL && value == NULL) {
        if (*at + 1 >= argc)
            return err_set(err, ERROR_USAGE, "--%s needs a value: %s", row->name, row->argument);
        value = argv[++*at];
    }
    add_value(options, arena, option, value != NULL ? value : "");
    return 0;
}

static bool is_operand(const char *argument)
{
    return argument[0] != '-' || argument[1] == '\0' || (argument[1] >= '0' && argument[1] <= '9');
}

static const struct verb *find_command(const char *name, const struct verb *commands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int unknown_command(const char *name, const struct verb *commands, size_t count,
                           struct arena *arena, struct err *err)
{
    const char **names = arena_array(arena, count, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        names[i] = commands[i].name;
    const char *nearest = text_nearest(name, names, count);
    int code = err_set(err, ERROR_USAGE, "unknown command %s", name);
    if (nearest != NULL)
        err_hint(err, "did you mean skein %s?", nearest);
    else
        err_hint(err, "skein --help lists the commands");
    return code;
}

/* Every option given must be one of the command's; counts of operands; values with a fixed set. */
static int check_command(struct options *options, struct err *err)
{
    const struct verb *command = options->command;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_values *values = &options->values[i];
        if (values->count == 0)
            continue;
        if ((OPTION_BIT(i) & (OPTIONS_GLOBAL | command->options)) == 0) {
            err_set(err, ERROR_USAGE, "skein %s has no option --%s", command->name,
                    option_table[i].name);
            err_hint(err, "skein %s --help lists its options", command->name);
            return err->class;
        }
    }
    if (options->operand_count < command->minimum || options->operand_count > command->maximum) {
        err_set(err, ERROR_USAGE, "skein %s takes %s, got %zu operand%s", command->name,
                command->operands[0] != '\0' ? command->operands : "no operand",
                options->operand_count, options->operand_count == 1 ? "" : "s");
        err_hint(err, "skein %s --help", command->name);
        return err->class;
    }
    return 0;
}

static int check_values(struct options *options, struct err *err)
{
    const char *format = option_value(options, OPTION_FORMAT);
    bool csv = options->command != NULL && strcmp(options->command->name, "targets") == 0;
    if (format != NULL && strcmp(format, "text") != 0 && strcmp(format, "json") != 0 &&
        !(csv && options->csv))
        return err_set(err, ERROR_USAGE, "--format is text or json%s, not \"%s\"",
                       csv ? " or csv" : "", format);
    const char *color = option_value(options, OPTION_COLOR);
    if (color != NULL && strcmp(color, "auto") != 0 && strcmp(color, "always") != 0 &&
        strcmp(color, "never") != 0)
        return err_set(err, ERROR_USAGE, "--color is auto, always or never, not \"%s\"", color);
    for (size_t i = 0; i < options->values[OPTION_VARIABLE].count; i++)
        if (strchr(options->values[OPTION_VARIABLE].items[i], '=') == NULL)
            return err_set(err, ERROR_USAGE, "-x needs KEY=VALUE, not \"%s\"",
                           options->values[OPTION_VARIABLE].items[i]);
    return 0;
}

int options_parse(struct options *options, struct arena *arena, int argc, char *const *argv,
                  const struct verb *commands, size_t count, struct err *err)
{
    memset(options, 0, sizeof(*options));
    options->argc = argc;
    options->argv = argv;
    options->operands = arena_array(arena, (size_t)argc + 1, sizeof(char *));
    const char *name = NULL;
    bool only_operands = false;
    for (int i = 1; i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0) {
            only_operands = true;
        } else if (!only_operands && !is_operand(argv[i])) {
            int failed = parse_option(options, arena, argc, argv, &i, err);
            if (failed)
                return failed;
        } else if (name == NULL) {
            name = argv[i];
        } else {
            options->operands[options->operand_count++] = argv[i];
        }
    }
    const char *format = option_value(options, OPTION_FORMAT);
    options->json = format != NULL && strcmp(format, "json") == 0;
    options->csv = format != NULL && strcmp(format, "csv") == 0;
    options->verbose = option_given(options, OPTION_VERBOSE);
    options->quiet = option_given(options, OPTION_QUIET);
    if (name == NULL)
        return check_values(options, err);
    options->command = find_command(name, commands, count);
    if (options->command == NULL)
        return unknown_command(name, commands, count, arena, err);
    if (option_given(options, OPTION_HELP) || option_given(options, OPTION_VERSION))
        return 0;
    int failed = check_command(options, err);
    return failed ? failed : check_values(options, err);
}

bool option_given(const struct options *options, enum option option)
{
    return options->values[option].count > 0;
}

const char *option_value(const struct options *options, enum option option)
{
    const struct option_values *values = &options->values[option];
    return values->count > 0 ? values->items[values->count - 1] : NULL;
}

int option_number(const struct options *options, enum option option, uint64_t most, uint64_t *value,
                  struct err *err)
{
    const char *text = option_value(options, option);
    if (text == NULL)
        return 0;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number == 0 ||
        number > most)
        return err_set(err, ERROR_USAGE, "--%s needs a whole number from 1 to %llu, not \"%s\"",
                       option_table[option].name, (unsigned long long)most, text);
    *value = number;
    return 0;
}

static void add_option_help(struct str *out, const struct option_row *row)
{
    struct str left = STR_INIT;
    if (row->letter != 0 && strlen(row->name) > 1)
        str_addf(&left, "-%c, --%s", row->letter, row->name);
    else if (row->letter != 0)
        str_addf(&left, "-%c", row->letter);
    else
        str_addf(&left, "    --%s", row->name);
    if (row->argument != NULL)
        str_addf(&left, " %s", row->argument);
    size_t width = text_width(left.text);
    str_addf(out, "  %s%*s%s\n", left.text, width < 32 ? (int)(32 - width) : 1, "", row->help);
    str_release(&left);
}

static void add_options_help(struct str *out, const char *title, uint64_t set)
{
    if (set == 0)
        return;
    str_addf(out, "\n%s\n", title);
    for (int i = 0; i < OPTION_COUNT; i++)
        if (set & OPTION_BIT(i))
            add_option_help(out, &option_table[i]);
}

void options_help(const struct verb *commands, size_t count, struct str *out)
{
    str_add(out, "skein moves a fleet of tenant databases through schema revisions, together.\n\n"
                 "usage: skein [OPTIONS] COMMAND [OPERANDS]\n\nCommands\n");
    for (size_t i = 0; i < count; i++) {
        if (commands[i].hidden)
            continue;
        struct str left = STR_INIT;
        str_addf(&left, "%s %s", commands[i].name, commands[i].operands);
        size_t width = text_width(left.text);
        str_addf(out, "  %s%*s  %s\n", left.text, width < 30 ? (int)(30 - width) : 0, "",
                 commands[i].summary);
        str_release(&left);
    }
    add_options_help(out, "Options of every command", OPTIONS_GLOBAL);
    str_add(out, "\nskein COMMAND --help prints a command's own page. Exit codes: 0 all well, 1 "
                 "some target did not, 2 nothing was\n"
                 "touched, 3 pending (where a check asked), 4 stopped by a budget, 5 partial or in "
                 "doubt, 7 internal, 129/130/143\n"
                 "interrupted.\n");
}

void options_command_help(const struct verb *command, struct str *out)
{
    str_addf(out, "usage: skein %s %s%s[OPTIONS]\n\n%s.\n", command->name, command->operands,
             command->operands[0] != '\0' ? " " : "", command->summary);
    if (command->help != NULL)
        str_addf(out, "\n%s", command->help);
    uint64_t selection = command->options & OPTIONS_SELECTION;
    uint64_t execution = command->options & OPTIONS_EXECUTION;
    add_options_help(out, "Options", command->options & ~(OPTIONS_SELECTION | OPTIONS_EXECUTION));
    add_options_help(out, "Which targets", selection);
    add_options_help(out, "How", execution);
    add_options_help(out, "Options of every command", OPTIONS_GLOBAL);
}
