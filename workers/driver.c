#include "workers/driver.h"

static const struct driver *const drivers[ENGINE_COUNT] = {
    [ENGINE_POSTGRESQL] = &driver_postgresql,
    [ENGINE_MYSQL] = &driver_mysql,
    [ENGINE_MARIADB] = &driver_mariadb,
    [ENGINE_SQLITE] = &driver_sqlite,
};

const struct driver *driver_for(enum engine engine)
{
    return (unsigned)engine < ENGINE_COUNT ? drivers[engine] : NULL;
}
