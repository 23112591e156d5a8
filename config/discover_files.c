#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "config/discover_parts.h"

/* SQLite's and skein's own files beside a database. */
static bool is_companion(const char *name)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal", "-skein"};
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);

        if (length > end && strcmp(name + length - end, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A file that two patterns of one entry match is one: `met` has those before. */
static void on_path(struct finding *finding, const char *path, size_t folder_length,
                    struct map *met)
{
    struct arena *arena = finding->reader->arena;
    const struct tenant_entry *tenant = finding->tenant;
    const char *shown = arena_strdup(arena, path + folder_length);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const struct found found = {.database = shown, .labels = tenant->labels, .vars = tenant->vars};
    struct stat status;

    if (is_companion(name) || stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        map_get(met, shown)) {
        return;
    }
    map_set(met, shown, (void *)shown);
    if (!finding_matches(&tenant->discover.exclude, name) &&
        !finding_matches(&tenant->discover.exclude, shown)) {
        finding_add(finding, &found, file_stem(arena, name));
    }
}

static int on_glob_error(const char *path, int error)
{
    (void)path;
    return error != ENOENT && error != ENOTDIR;
}

/* The folder of skein.yaml as it is: its own stars and brackets are no pattern. */
static const char *pattern_of(struct finding *finding, const char *pattern)
{
    struct str folder = STR_INIT;
    const char *whole;

    for (const char *at = finding->inventory->folder; *at; at++) {
        if (strchr("*?[]\\", *at)) {
            str_addc(&folder, '\\');
        }
        str_addc(&folder, *at);
    }
    whole = file_join(finding->reader->arena, folder.text, pattern);
    str_release(&folder);
    return whole;
}

void discover_files(struct finding *finding)
{
    const struct texts *patterns = &finding->tenant->discover.files;
    const char *folder = finding->inventory->folder;
    struct map met;

    map_init(&met, finding->reader->arena);
    for (size_t i = 0; i < patterns->count; i++) {
        bool absolute = patterns->items[i][0] == '/';
        size_t skip = absolute ? 0 : strlen(folder) + (strcmp(folder, "/") != 0);
        glob_t paths = {0};
        int status =
            glob(pattern_of(finding, patterns->items[i]), GLOB_NOSORT, on_glob_error, &paths);

        if (status == GLOB_ABORTED) {
            finding_error(finding, 0, "a folder that the pattern leads through cannot be read");
        }
        for (size_t k = 0; !status && k < paths.gl_pathc; k++) {
            on_path(finding, paths.gl_pathv[k], skip, &met);
        }
        globfree(&paths);
    }
}
