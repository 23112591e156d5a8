/*
 * engine.h: the database engines, their names, and sets of them.
 */
#ifndef SKEIN_MODEL_ENGINE_H
#define SKEIN_MODEL_ENGINE_H

#include <stdbool.h>

enum engine { ENGINE_POSTGRESQL, ENGINE_MYSQL, ENGINE_MARIADB, ENGINE_SQLITE, ENGINE_COUNT };

/* A set of engines: bit `1u << engine`. */
#define ENGINE_BIT(engine) (1u << (unsigned)(engine))
#define ENGINE_ALL         ((1u << ENGINE_COUNT) - 1u)

/* "postgresql", "mysql", "mariadb", "sqlite". */
const char *engine_name(enum engine engine);
/* By that name; false where there is none. */
bool engine_parse(const char *name, enum engine *engine);

#endif
