#include "config/discover.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "config/check.h"

struct finding {
    struct reader *reader;
    const struct inventory *inventory;
    const struct tenant_entry *tenant;
    const struct yaml_node *node; /* of discover: */
    const char *label;
    struct found *items;
    size_t count, capacity;
};

const char *discover_label(const struct inventory *inventory, const struct tenant_entry *tenant)
{
    size_t index = (size_t)(tenant - inventory->tenants);

    if (tenant->server_entry) {
        return arena_printf(inventory->arena, "tenants[%zu].discover (server %s)", index,
                            tenant->server_entry->name);
    }
    return arena_printf(inventory->arena, "tenants[%zu].discover", index);
}

static struct err *add_error(struct finding *finding, const char *message)
{
    return reader_error(finding->reader, NULL, finding->node->line, finding->node->column, "%s: %s",
                        finding->label, message);
}

static bool matches(const struct texts *patterns, const char *name)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (text_glob(patterns->items[i], name)) {
            return true;
        }
    }
    return false;
}

/* `word` is what {{database}} stands for. */
static void add_found(struct finding *finding, const char *database, const char *word)
{
    struct arena *arena = finding->reader->arena;
    const struct tenant_entry *tenant = finding->tenant;
    const char *server = tenant->server_entry ? tenant->server_entry->name : "local";
    const char *name =
        tenant->name ? check_expand(arena, tenant->name, word, server) : arena_strdup(arena, word);
    const char *wrong = check_tenant_name(name);

    wrong = wrong ? wrong : check_database_name(tenant->engine, database);
    if (wrong) {
        struct str shown = STR_INIT;

        text_add_safe(&shown, name, strlen(name), true);
        add_error(finding,
                  arena_printf(arena, "\"%.300s\": %s; exclude it, or let name: make another of it",
                               shown.text, wrong));
        str_release(&shown);
        return;
    }
    finding->items = arena_grow(arena, finding->items, sizeof(*finding->items), &finding->capacity,
                                finding->count + 1);
    finding->items[finding->count++] = (struct found){name, arena_strdup(arena, database)};
}

static void find_databases(struct finding *finding, const struct texts *names)
{
    const struct discover_entry *discover = &finding->tenant->discover;

    for (size_t i = 0; i < names->count; i++) {
        if (matches(&discover->databases, names->items[i]) &&
            !matches(&discover->exclude, names->items[i])) {
            add_found(finding, names->items[i], names->items[i]);
        }
    }
}

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

static void on_path(struct finding *finding, const char *path, size_t folder_length)
{
    struct arena *arena = finding->reader->arena;
    const char *shown = path + folder_length;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    struct stat status;

    if (is_companion(name) || stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return;
    }
    if (!matches(&finding->tenant->discover.exclude, name) &&
        !matches(&finding->tenant->discover.exclude, shown)) {
        add_found(finding, shown, file_stem(arena, name));
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

static void find_files(struct finding *finding)
{
    const struct texts *patterns = &finding->tenant->discover.files;
    const char *folder = finding->inventory->folder;

    for (size_t i = 0; i < patterns->count; i++) {
        bool absolute = patterns->items[i][0] == '/';
        size_t skip = absolute ? 0 : strlen(folder) + (strcmp(folder, "/") != 0);
        glob_t paths = {0};
        int status =
            glob(pattern_of(finding, patterns->items[i]), GLOB_NOSORT, on_glob_error, &paths);

        if (status == GLOB_ABORTED) {
            add_error(finding, "a folder that the pattern leads through cannot be read");
        }
        for (size_t k = 0; !status && k < paths.gl_pathc; k++) {
            on_path(finding, paths.gl_pathv[k], skip);
        }
        globfree(&paths);
    }
}

static int compare_found(const void *left, const void *right)
{
    const struct found *one = left, *other = right;
    int order = strcmp(one->name, other->name);

    return order ? order : strcmp(one->database, other->database);
}

/* A file that two patterns of one entry match is one. */
static size_t without_repeats(struct found *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (!kept || strcmp(items[kept - 1].database, items[i].database) != 0) {
            items[kept++] = items[i];
        }
    }
    return kept;
}

void discover_find(struct reader *reader, const struct inventory *inventory,
                   const struct tenant_entry *tenant, const struct texts *names,
                   struct found **found, size_t *count)
{
    struct finding finding = {
        .reader = reader,
        .inventory = inventory,
        .tenant = tenant,
        .node = yaml_get(tenant->node, "discover"),
        .label = discover_label(inventory, tenant),
    };

    if (tenant->discover.files.count) {
        find_files(&finding);
    } else {
        find_databases(&finding, names);
    }
    if (finding.count) {
        qsort(finding.items, finding.count, sizeof(*finding.items), compare_found);
        finding.count = without_repeats(finding.items, finding.count);
    }
    if (finding.count < tenant->discover.min) {
        add_error(&finding, arena_printf(reader->arena, "found %zu, fewer than min: %u",
                                         finding.count, tenant->discover.min));
    }
    *found = finding.items;
    *count = finding.count;
}

void discover_patterns(struct arena *arena, const struct tenant_entry *tenant, struct found **found,
                       size_t *count)
{
    const struct discover_entry *discover = &tenant->discover;
    bool files = discover->files.count > 0;
    const struct texts *patterns = files ? &discover->files : &discover->databases;
    const char *server = tenant->server_entry ? tenant->server_entry->name : "local";

    *count = patterns->count;
    *found = arena_array(arena, *count, sizeof(**found));
    for (size_t i = 0; i < *count; i++) {
        const char *pattern = patterns->items[i];
        const char *word = files ? file_stem(arena, pattern) : pattern;

        (*found)[i] = (struct found){
            tenant->name ? check_expand(arena, tenant->name, word, server) : word, pattern};
    }
    if (*count > 0) {
        qsort(*found, *count, sizeof(**found), compare_found);
    }
}
