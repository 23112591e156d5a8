#include "report/revisions.h"

#include <string.h>

#include "report/json.h"
#include "report/words.h"

static void add_joined(struct str *out, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            str_add(out, ", ");
        words_safe(out, items[i]);
    }
}

static void add_parents(struct str *out, const struct revision *revision)
{
    if (revision->down_count == 0)
        str_add(out, "<base>");
    else
        add_joined(out, revision->down, revision->down_count);
}

/* What one line may show beside the id. */
enum line_part {
    LINE_PARENTS = 1u << 0,
    LINE_LABELS = 1u << 1,
    LINE_TREE = 1u << 2,
    LINE_MESSAGE = 1u << 3,
};

static void add_line(struct str *out, const struct revision_view *view, unsigned parts)
{
    const struct revision *revision = view->revision;
    if (parts & LINE_PARENTS) {
        add_parents(out, revision);
        if (revision->depends_on_written_count > 0) {
            str_add(out, " (");
            add_joined(out, revision->depends_on_written, revision->depends_on_written_count);
            str_addc(out, ')');
        }
        str_add(out, " -> ");
    }
    words_safe(out, revision->id);
    if ((parts & LINE_LABELS) && view->label_count > 0) {
        str_add(out, " (");
        add_joined(out, view->labels, view->label_count);
        str_addc(out, ')');
    }
    if (view->is_head)
        str_add(out, view->is_real_head ? " (head)" : " (effective head)");
    if (view->is_current)
        str_add(out, " (current)");
    if (parts & LINE_TREE) {
        str_add(out, view->is_branch_point ? " (branchpoint)" : "");
        str_add(out, view->is_merge_point ? " (mergepoint)" : "");
    }
    if (parts & LINE_MESSAGE) {
        str_add(out, ", ");
        words_safe(out, revision->message);
    }
}

/* "-- text" as "    text". */
static void add_header_line(struct str *out, const char *text, size_t length)
{
    struct str line = STR_INIT;
    size_t skip = length > 2 && text[2] == ' ' ? 3 : 2;
    str_addn(&line, text + skip, length - skip);
    str_add(out, "    ");
    words_safe(out, line.text);
    str_addc(out, '\n');
    str_release(&line);
}

/* The header as it stands in the file, which is what Alembic prints of a docstring; without the
 * two lines that Alembic has no words for there, because the entry has them above. */
static void add_header(struct str *out, const struct revision *revision)
{
    const char *text = revision->header, *end = text + revision->header_length;
    for (int number = revision->lines.header; text < end; number++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((newline != NULL ? newline : end) - text);
        if (number != revision->lines.labels && number != revision->lines.depends_on)
            add_header_line(out, text, length);
        text += length + 1;
    }
}

static void add_entry(struct str *out, const struct revision_view *view)
{
    const struct revision *revision = view->revision;
    str_add(out, "Rev: ");
    words_safe(out, revision->id);
    str_add(out, view->is_head ? " (head)" : "");
    str_add(out, view->is_branch_point ? " (branchpoint)" : "");
    str_add(out, view->is_merge_point ? " (mergepoint)" : "");
    str_add(out, view->is_current ? " (current)" : "");
    str_add(out, view->is_merge_point ? "\nMerges: " : "\nParent: ");
    add_parents(out, revision);
    if (revision->depends_on_written_count > 0) {
        str_add(out, "\nAlso depends on: ");
        add_joined(out, revision->depends_on_written, revision->depends_on_written_count);
    }
    if (view->is_branch_point) {
        str_add(out, "\nBranches into: ");
        add_joined(out, view->children, view->child_count);
    }
    if (view->label_count > 0) {
        str_add(out, "\nBranch names: ");
        add_joined(out, view->labels, view->label_count);
    }
    str_add(out, "\nPath: ");
    words_safe(out, revision->path);
    str_add(out, "\n\n");
    add_header(out, revision);
    str_addc(out, '\n');
}

/* Entries with verbose, else a line each. */
static void add_list(struct str *out, const struct revision_view *views, size_t count, bool verbose,
                     unsigned parts)
{
    for (size_t i = 0; i < count; i++) {
        if (verbose) {
            add_entry(out, &views[i]);
            continue;
        }
        add_line(out, &views[i], parts);
        str_addc(out, '\n');
    }
}

void report_history(const struct revision_view *views, size_t count, bool verbose, struct str *out)
{
    add_list(out, views, count, verbose, LINE_PARENTS | LINE_LABELS | LINE_TREE | LINE_MESSAGE);
}

void report_heads(const struct revision_view *views, size_t count, bool verbose, struct str *out)
{
    add_list(out, views, count, verbose, LINE_LABELS);
}

void report_current_revisions(const struct revision_view *views, size_t count, bool verbose,
                              struct str *out)
{
    add_list(out, views, count, verbose, LINE_TREE);
}

void report_show(const struct revision_view *views, size_t count, struct str *out)
{
    add_list(out, views, count, true, 0);
}

static const struct revision_view *find_view(const struct revision_view *all, size_t total,
                                             const char *id)
{
    for (size_t i = 0; i < total; i++)
        if (strcmp(all[i].revision->id, id) == 0)
            return &all[i];
    return NULL;
}

void report_branches(const struct revision_view *views, size_t count,
                     const struct revision_view *all, size_t total, bool verbose, struct str *out)
{
    for (size_t i = 0; i < count; i++) {
        if (verbose) {
            add_entry(out, &views[i]);
        } else {
            add_line(out, &views[i], LINE_LABELS | LINE_TREE);
            str_addc(out, '\n');
        }
        for (size_t child = 0; child < views[i].child_count; child++) {
            const struct revision_view *view = find_view(all, total, views[i].children[child]);
            str_addf(out, "%*s -> ", (int)strlen(views[i].revision->id), "");
            if (view != NULL)
                add_line(out, view, LINE_LABELS | LINE_TREE | (verbose ? LINE_MESSAGE : 0u));
            str_addc(out, '\n');
        }
        str_addc(out, '\n');
    }
}

static void add_checksums(struct json *json, const struct revision *revision)
{
    json_key(json, "checksum");
    json_object(json);
    for (int engine = 0; engine < ENGINE_COUNT; engine++)
        if (revision->checksum[engine][0] != '\0')
            json_key_string(json, engine_name((enum engine)engine), revision->checksum[engine]);
    json_end_object(json);
}

void report_revisions_json(const struct revision_view *views, size_t count, struct str *out)
{
    struct json json;
    json_document(&json, out);
    json_key(&json, "revisions");
    json_array(&json);
    for (size_t i = 0; i < count; i++) {
        const struct revision *revision = views[i].revision;
        json_object(&json);
        json_key_string(&json, "id", revision->id);
        json_key_strings(&json, "down", revision->down, revision->down_count);
        json_key_strings(&json, "depends_on", revision->depends_on, revision->depends_on_count);
        json_key_strings(&json, "labels", views[i].labels, views[i].label_count);
        json_key_string(&json, "message", revision->message);
        json_key_string(&json, "path", revision->path);
        json_key_string(&json, "create_date", revision->create_date);
        add_checksums(&json, revision);
        json_key_bool(&json, "is_head", views[i].is_head);
        json_key_bool(&json, "is_base", revision->down_count == 0);
        json_key_bool(&json, "is_branch_point", views[i].is_branch_point);
        json_key_bool(&json, "is_merge_point", views[i].is_merge_point);
        json_key_bool(&json, "is_current", views[i].is_current);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
}
