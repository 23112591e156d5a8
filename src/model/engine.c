#include "model/engine.h"

#include <string.h>

static const char *const names[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = "postgresql",
    [ENGINE_MYSQL] = "mysql",
    [ENGINE_MARIADB] = "mariadb",
    [ENGINE_SQLITE] = "sqlite",
};

const char *engine_name(enum engine engine)
{
    return names[engine];
}

bool engine_parse(const char *name, enum engine *engine)
{
    for (unsigned i = 0; i < ENGINE_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *engine = (enum engine)i;
            return true;
        }
    }
    return false;
}
