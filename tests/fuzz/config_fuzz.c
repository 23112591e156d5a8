/*
 * skein.yaml, read and checked. Not resolved: that would run the commands which the fuzzer makes
 * up.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "fuzz.h"

const char *const fuzz_words[] = {
    "{",         "}",        "[",     "]",        ": ",       ", ",         "- ",
    "\n  ",      "\"",       "'",     "&a ",      "*a",       "!!str ",     "|\n",
    "---\n",     "# ",       "? ",    "<<: ",     "~",        "null",       "${S}",
    "{{",        "1%",       "0",     "tenants:", "servers:", "discover: ", "databases:",
    "files: ",   "name: ",   "url: ", "sqlite:x", "labels:",  "vars:",      "connection",
    "password:", "command:", "\xff",  "\xef\xbb", "\t",       NULL,
};

static const char *environment(const char *name)
{
    return name[0] == 'S' ? "sqlite:x" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = ARENA_INIT;
    int descriptor = memfd_create("skein.yaml", MFD_CLOEXEC);
    struct config_source source = {.environment = environment};
    struct inventory *inventory;
    struct err_list errors;
    char path[40];
    int status;

    FUZZ_CHECK(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size, "memory file");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    source.path = path;
    err_list_init(&errors, &arena, 20);
    status = config_load(&arena, &source, &inventory, &errors);
    FUZZ_CHECK((status != 0) == (errors.total > 0), "what is wrong is told");
    for (size_t i = 0; i < errors.count; i++) {
        FUZZ_CHECK(errors.items[i].message, "an error has a message");
        FUZZ_CHECK(errors.items[i].line > 0 && errors.items[i].column > 0, "and a place");
    }
    close(descriptor);
    arena_release(&arena);
    return 0;
}
