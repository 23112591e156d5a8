#include "check.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_all(int descriptor, char *text, size_t size)
{
    size_t length = 0;
    ssize_t got;

    while (length + 1 < size && (got = read(descriptor, text + length, size - length - 1)) > 0) {
        length += (size_t)got;
    }
    text[length] = '\0';
}

void check_aborts(void (*body)(void *context), void *context, const char *expected)
{
    char text[4096];
    int ends[2], status = 0;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};

        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL); /* cmocka catches it to go on with the next test */
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        body(context);
        _exit(0);
    }
    close(ends[1]);
    read_all(ends[0], text, sizeof(text));
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) {
        fail_msg("no abort: status %d, stderr \"%s\"", status, text);
    }
    if (!strstr(text, expected)) {
        fail_msg("\"%s\" is not in \"%s\"", expected, text);
    }
}

char *check_folder(void)
{
    const char *base = getenv("TMPDIR");
    char name[512];

    snprintf(name, sizeof(name), "%s/skein-test-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(name));
    return strdup(name);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void check_folder_remove(char *folder)
{
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(folder);
}

void check_write(const char *folder, const char *name, const char *text)
{
    char path[1024];
    FILE *stream;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    stream = fopen(path, "we");
    assert_non_null(stream);
    assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
    assert_int_equal(fclose(stream), 0);
}
