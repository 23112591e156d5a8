#include "model/revision.h"

const char *direction_name(enum direction direction)
{
    static const char *const names[DIRECTION_COUNT] = {
        [DIRECTION_UPGRADE] = "upgrade",
        [DIRECTION_DOWNGRADE] = "downgrade",
    };

    return names[direction];
}
