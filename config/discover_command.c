/* `discover: {command: …}`: a program of the user's prints the tenants. */
#include <string.h>

#include "base/process.h"
#include "config/discover.h"
#include "config/table.h"

#define COMMAND_US     INT64_C(60000000)
#define COMMAND_LIMIT  ((size_t)16 * 1024 * 1024)
#define FAILURE_BUFFER 256

static int parse(const struct inventory *inventory, const struct process *process,
                 struct config_rows *rows, struct err *err)
{
    int failed =
        table_parse(inventory->arena, process->output.text, process->output.length, rows, err);

    if (failed) {
        err_prefix(err, "what the command %.100s prints", process->argv[0]);
        err_hint(err, "CSV with a head line, or an object of JSON a line");
    }
    return failed;
}

int discover_command(const struct inventory *inventory, const struct tenant_entry *tenant,
                     struct config_rows *rows, struct err *err)
{
    struct process process = {.argv = tenant->discover.command.items,
                              .folder = inventory->folder,
                              .limit = COMMAND_LIMIT,
                              .timeout_us = COMMAND_US,
                              .output = STR_INIT,
                              .errors = STR_INIT};
    char text[FAILURE_BUFFER];
    const char *failure;
    int failed;

    process_run(&process, 1, 1, NULL, NULL, NULL);
    failure = process_failure(&process, text, sizeof(text));
    failed = failure ? err_set(err, ERROR_CONFIGURATION, "the command %.100s %s", process.argv[0],
                               failure)
                     : parse(inventory, &process, rows, err);
    str_release(&process.output);
    str_release(&process.errors);
    return failed;
}
