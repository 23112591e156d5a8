#include "sim_revisions.h"

#define HEADER(message, id, revises)                                                               \
    "-- " message "\n"                                                                             \
    "--\n"                                                                                         \
    "-- Revision ID: " id "\n"                                                                     \
    "-- Revises: " revises "\n"                                                                    \
    "\n"

#define FIRST                                                                                      \
    HEADER("First", SIM_FIRST, "")                                                                 \
    "-- skein:upgrade\n"                                                                           \
    "CREATE TABLE first_one (id integer);\n"                                                       \
    "CREATE TABLE first_two (id integer);\n"                                                       \
    "-- skein:downgrade\n"                                                                         \
    "DROP TABLE first_two;\n"                                                                      \
    "DROP TABLE first_one;\n"

#define SECOND                                                                                     \
    HEADER("Second", SIM_SECOND, SIM_FIRST)                                                        \
    "-- skein:upgrade\n"                                                                           \
    "CREATE TABLE second_one (id integer);\n"                                                      \
    "CREATE TABLE second_two (id integer);\n"                                                      \
    "-- skein:downgrade\n"                                                                         \
    "DROP TABLE second_two;\n"                                                                     \
    "DROP TABLE second_one;\n"

#define THIRD                                                                                      \
    HEADER("Third", SIM_THIRD, SIM_SECOND)                                                         \
    "-- skein:upgrade\n"                                                                           \
    "CREATE TABLE third_one (id integer);\n"                                                       \
    "-- skein:downgrade\n"                                                                         \
    "DROP TABLE third_one;\n"

static const char *const plain[] = {FIRST, SECOND, THIRD};

static const char *const off[] = {
    FIRST,
    HEADER("Second", SIM_SECOND, SIM_FIRST) "-- skein:upgrade transaction=off\n"
                                            "ALTER TABLE first_one ADD off_one integer;\n"
                                            "ALTER TABLE first_one ADD off_two integer;\n"
                                            "ALTER TABLE first_one ADD off_three integer;\n"
                                            "-- skein:downgrade\n"
                                            "ALTER TABLE first_one DROP off_one;\n",
    THIRD,
};

static const char *const mixed[] = {
    FIRST,
    HEADER("Second", SIM_SECOND, SIM_FIRST) "-- skein:upgrade\n"
                                            "CREATE TABLE mixed_one (id integer);\n"
                                            "-- skein:upgrade transaction=off\n"
                                            "ALTER TABLE mixed_one ADD mixed_two integer;\n"
                                            "-- skein:upgrade\n"
                                            "CREATE TABLE mixed_three (id integer);\n"
                                            "-- skein:downgrade\n"
                                            "DROP TABLE mixed_one;\n",
    THIRD,
};

static const char *const checks[] = {
    HEADER("First", SIM_FIRST, "") "-- skein:upgrade\n"
                                   "CREATE TABLE first_one (id integer);\n"
                                   "-- skein:verify is_empty\n"
                                   "SELECT 1 FROM first_one;\n"
                                   "-- skein:downgrade\n"
                                   "DROP TABLE first_one;\n",
    HEADER("Second", SIM_SECOND, SIM_FIRST) "-- skein:require is_empty\n"
                                            "SELECT 1 FROM first_one;\n"
                                            "-- skein:upgrade\n"
                                            "CREATE TABLE second_one (id integer);\n"
                                            "-- skein:verify is_true expect=true\n"
                                            "SELECT 'value:1';\n"
                                            "-- skein:downgrade\n"
                                            "DROP TABLE second_one;\n",
    THIRD,
};

static const char *const branch[] = {
    FIRST,
    SECOND,
    HEADER("Third", SIM_THIRD, SIM_FIRST) "-- skein:upgrade\n"
                                          "CREATE TABLE third_one (id integer);\n"
                                          "-- skein:downgrade\n"
                                          "DROP TABLE third_one;\n",
    HEADER("Merge", "aaaaaaaaaaa4", SIM_SECOND ", " SIM_THIRD) "-- skein:upgrade\n"
                                                               "-- skein:downgrade\n",
    HEADER("Fifth", "aaaaaaaaaaa5", "aaaaaaaaaaa4") "-- skein:upgrade\n"
                                                    "CREATE TABLE fifth_one (id integer);\n"
                                                    "-- skein:downgrade\n"
                                                    "DROP TABLE fifth_one;\n",
};

static const char *const rebuild[] = {
    FIRST,
    HEADER("Second", SIM_SECOND, SIM_FIRST) "-- skein:upgrade sqlite foreign_keys=off\n"
                                            "CREATE TABLE rebuild_one (id integer);\n"
                                            "CREATE TABLE rebuild_two (id integer);\n"
                                            "-- skein:upgrade postgresql\n"
                                            "CREATE TABLE rebuild_one (id integer);\n"
                                            "-- skein:upgrade\n"
                                            "CREATE TABLE rebuild_three (id integer);\n"
                                            "-- skein:downgrade\n"
                                            "DROP TABLE rebuild_one;\n",
    THIRD,
};

/* Inside and outside by turns, also on engines whose definitions are all outside; the first and the
 * third end outside. */
static const char *const turns[] = {
    HEADER("First", SIM_FIRST, "") "-- skein:upgrade transaction=off\n"
                                   "CREATE TABLE first_one (id integer);\n"
                                   "CREATE TABLE first_two (id integer);\n"
                                   "-- skein:downgrade\n"
                                   "DROP TABLE first_one;\n",
    HEADER("Second", SIM_SECOND, SIM_FIRST) "-- skein:upgrade\n"
                                            "INSERT INTO first_one VALUES (1);\n"
                                            "-- skein:upgrade transaction=off\n"
                                            "ALTER TABLE first_one ADD turns_two integer;\n"
                                            "-- skein:upgrade\n"
                                            "INSERT INTO first_one VALUES (3);\n"
                                            "-- skein:upgrade transaction=off\n"
                                            "ALTER TABLE first_one ADD turns_four integer;\n"
                                            "-- skein:upgrade\n"
                                            "INSERT INTO first_one VALUES (5);\n"
                                            "-- skein:downgrade\n"
                                            "ALTER TABLE first_one DROP turns_two;\n",
    HEADER("Third", SIM_THIRD, SIM_SECOND) "-- skein:upgrade\n"
                                           "INSERT INTO first_one VALUES (6);\n"
                                           "-- skein:upgrade transaction=off\n"
                                           "ALTER TABLE first_one ADD third_two integer;\n"
                                           "-- skein:downgrade\n"
                                           "ALTER TABLE first_one DROP third_two;\n",
    HEADER("Fourth", "aaaaaaaaaaa4", SIM_THIRD) "-- skein:upgrade transaction=off\n"
                                                "ALTER TABLE first_one ADD fourth_one integer;\n"
                                                "-- skein:downgrade\n"
                                                "ALTER TABLE first_one DROP fourth_one;\n",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const struct sim_revisions sim_plain = {"plain", plain, COUNT(plain), false};
const struct sim_revisions sim_off = {"off", off, COUNT(off), true};
const struct sim_revisions sim_mixed = {"mixed", mixed, COUNT(mixed), true};
const struct sim_revisions sim_checks = {"checks", checks, COUNT(checks), false};
const struct sim_revisions sim_branch = {"branch", branch, COUNT(branch), false};
const struct sim_revisions sim_rebuild = {"rebuild", rebuild, COUNT(rebuild), false};
const struct sim_revisions sim_turns = {"turns", turns, COUNT(turns), true};

const struct sim_revisions *const sim_all_revisions[] = {
    &sim_plain, &sim_off, &sim_mixed, &sim_checks, &sim_branch, &sim_rebuild, &sim_turns};
const size_t sim_all_revisions_count = COUNT(sim_all_revisions);
