#include "base/err.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/text.h"

static const char *const class_names[ERROR_CLASS_COUNT] = {
    [ERROR_NONE] = "none",
    [ERROR_CONNECTION] = "connection",
    [ERROR_TLS] = "tls",
    [ERROR_AUTH] = "auth",
    [ERROR_MISSING_DATABASE] = "missing_database",
    [ERROR_CAPACITY] = "capacity",
    [ERROR_LOCK_TIMEOUT] = "lock_timeout",
    [ERROR_SKEIN_LOCK] = "skein_lock",
    [ERROR_STATEMENT_TIMEOUT] = "statement_timeout",
    [ERROR_DEADLOCK] = "deadlock",
    [ERROR_SYNTAX] = "syntax",
    [ERROR_DUPLICATE_OBJECT] = "duplicate_object",
    [ERROR_MISSING_OBJECT] = "missing_object",
    [ERROR_CONSTRAINT] = "constraint",
    [ERROR_DATA] = "data",
    [ERROR_PRIVILEGE] = "privilege",
    [ERROR_READ_ONLY] = "read_only",
    [ERROR_WRONG_TARGET] = "wrong_target",
    [ERROR_REQUIREMENT] = "requirement",
    [ERROR_VERIFICATION] = "verification",
    [ERROR_UNKNOWN_REVISION] = "unknown_revision",
    [ERROR_CHANGED_FILE] = "changed_file",
    [ERROR_PLAN] = "plan",
    [ERROR_POOLER] = "pooler",
    [ERROR_DISK] = "disk",
    [ERROR_CORRUPT] = "corrupt",
    [ERROR_CANCELLED] = "cancelled",
    [ERROR_INTERNAL] = "internal",
    [ERROR_USAGE] = "usage",
    [ERROR_CONFIGURATION] = "configuration",
    [ERROR_REVISION] = "revision",
};

/* Formatted, without the password of a URL that somebody wrote where none belongs. */
__attribute__((format(printf, 2, 0))) static const char *
format_safe(struct arena *arena, const char *format, va_list arguments)
{
    char *text = arena_vprintf(arena, format, arguments);

    text_hide_passwords(text);
    return text;
}

int err_set(struct err *err, enum error_class class, const char *format, ...)
{
    struct arena *arena = err->arena;
    va_list arguments;
    const char *message;

    if (class == ERROR_NONE) {
        BUG("err_set without a class: %s", format);
    }
    /* The arguments may point into the err that is overwritten: format first. */
    va_start(arguments, format);
    message = format_safe(arena, format, arguments);
    va_end(arguments);
    *err = (struct err){.arena = arena, .class = class, .message = message};
    return (int)class;
}

void err_native(struct err *err, const char *code, enum retry_class retry)
{
    if (code) {
        err->code = arena_strdup(err->arena, code);
    }
    err->retry = retry;
}

void err_at(struct err *err, const char *file, int line, int column)
{
    if (file) {
        char *copy = arena_strdup(err->arena, file);

        text_hide_passwords(copy);
        err->file = copy;
    }
    err->line = line;
    err->column = column;
}

void err_hint(struct err *err, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    err->hint = format_safe(err->arena, format, arguments);
    va_end(arguments);
}

void err_prefix(struct err *err, const char *format, ...)
{
    va_list arguments;
    const char *context;

    va_start(arguments, format);
    context = format_safe(err->arena, format, arguments);
    va_end(arguments);
    err->message = arena_printf(err->arena, "%s: %s", context, err->message ? err->message : "");
}

void err_copy(struct err *dst, const struct err *src)
{
    struct arena *arena = dst->arena;
    struct err copy = *src; /* dst may be src */

    copy.arena = arena;
    copy.code = arena_strdup(arena, src->code);
    copy.message = arena_strdup(arena, src->message);
    copy.detail = arena_strdup(arena, src->detail);
    copy.hint = arena_strdup(arena, src->hint);
    copy.revision = arena_strdup(arena, src->revision);
    copy.file = arena_strdup(arena, src->file);
    copy.section = arena_strdup(arena, src->section);
    copy.holder = holder_copy(arena, src->holder);
    *dst = copy;
}

const char *error_class_name(enum error_class class)
{
    if ((unsigned)class >= ERROR_CLASS_COUNT) {
        BUG("no error class %d", (int)class);
    }
    return class_names[class];
}

void err_list_init(struct err_list *list, struct arena *arena, size_t limit)
{
    *list = (struct err_list){.arena = arena, .limit = limit};
}

struct err *err_list_add(struct err_list *list)
{
    struct err *err;

    list->total++;
    if (list->count >= list->limit) {
        err = arena_alloc(list->arena, sizeof(*err));
    } else {
        list->items = arena_grow(list->arena, list->items, sizeof(*list->items), &list->capacity,
                                 list->count + 1);
        err = &list->items[list->count++];
    }
    *err = (struct err)ERR_INIT(list->arena);
    return err;
}
