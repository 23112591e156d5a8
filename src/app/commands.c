#include "app/commands.h"

#include <stdint.h>

#define BIT(name) OPTION_BIT(OPTION_##name)
#define MANY      64 /* operands at most, where several are taken */

const struct verb command_table[] = {
    {"list_templates", "", "list what a new project may begin with", NULL, 0, 0, 0, false,
     command_list_templates},
    {"init", "[DIR]", "make a new project to look around in",
     "Makes the folder of the migrations, DIR (default: migrations), with revision.sql, the "
     "template "
     "of a new revision, and versions/; and skein.yaml here (or -c FILE), which names it and has "
     "an "
     "example tenant. DIR must be missing or empty; a skein.yaml that exists stays as it is.\n\n"
     "  skein init\n"
     "  skein init --template generic db/migrations\n",
     BIT(TEMPLATE), 0, 1, false, command_init},
    {"revision", "", "write a new revision file",
     "  skein revision -m \"add users\"\n"
     "  skein revision -m \"billing\" --head base --branch-label billing\n",
     BIT(MESSAGE) | BIT(HEAD) | BIT(SPLICE) | BIT(BRANCH_LABEL) | BIT(REV_ID) | BIT(DEPENDS_ON) |
         BIT(VERSION_PATH),
     0, 0, false, command_revision},
    {"merge", "REV…", "write a revision file that joins heads",
     "  skein merge heads -m \"join billing and accounts\"\n"
     "  skein merge ae10 1975 -m \"join\"\n",
     BIT(MESSAGE) | BIT(BRANCH_LABEL) | BIT(REV_ID), 1, MANY, false, command_merge},
    {"history", "", "list the revisions, newest first", "  skein history -r 1975ea83b712:head\n",
     BIT(RANGE) | BIT(INDICATE_CURRENT) | OPTIONS_SELECTION | OPTIONS_LIMITS, 0, 0, false,
     command_history},
    {"heads", "", "list the heads of the revision files", NULL, BIT(RESOLVE_DEPENDENCIES), 0, 0,
     false, command_heads},
    {"branches", "", "list where branches begin", NULL, 0, 0, 0, false, command_branches},
    {"show", "REV", "show revisions whole",
     "  skein show head\n"
     "  skein show current -t acme\n",
     OPTIONS_SELECTION | OPTIONS_LIMITS, 1, 1, false, command_show},
    {"edit", "REV", "edit a revision file, then check all of them",
     "Runs $VISUAL, else $EDITOR, else the system's editor. REV names one revision; current is the "
     "one that the selected targets stand at.\n\n"
     "  skein edit head\n",
     OPTIONS_SELECTION | OPTIONS_LIMITS, 1, 1, false, command_edit},
    {"upgrade", "REV", "move every selected target up to REV",
     "  skein upgrade head\n"
     "  skein upgrade head -l tier=gold --dry-run\n"
     "  skein upgrade +1 -t acme\n"
     "  skein upgrade ae1027a6acf1:head --sql -t acme >acme.sql\n",
     OPTIONS_SELECTION | OPTIONS_EXECUTION | BIT(ALLOW_CHANGED) | BIT(EACH) | BIT(CHECK) |
         BIT(SQL) | BIT(SQL_DIR),
     1, 1, false, command_upgrade},
    {"downgrade", "REV", "move every selected target down to REV",
     "All heads are read before anything moves. More than one target needs a selection or --all, "
     "and -y where nobody can be asked.\n\n"
     "  skein downgrade -1 -t acme\n"
     "  skein downgrade base --all -y\n"
     "  skein downgrade head:ae1027a6acf1 --sql\n",
     OPTIONS_SELECTION | OPTIONS_EXECUTION | BIT(ALLOW_CHANGED) | BIT(EACH) | BIT(CHECK) |
         BIT(SQL) | BIT(SQL_DIR),
     1, 1, false, command_downgrade},
    {"stamp", "REV…", "set the version rows without running anything",
     "  skein stamp head -t acme\n"
     "  skein stamp base --purge -t acme\n",
     OPTIONS_SELECTION | OPTIONS_EXECUTION | BIT(PURGE) | BIT(EACH) | BIT(SQL) | BIT(SQL_DIR), 1,
     MANY, false, command_stamp},
    {"ensure_version", "", "create the version table where it is missing, and nothing else",
     "  skein ensure_version --dry-run\n", OPTIONS_SELECTION | OPTIONS_EXECUTION, 0, 0, false,
     command_ensure_version},
    {"plan", "upgrade|downgrade REV", "show what a command would do, by groups of identical steps",
     "Reads all heads, asks the require checks of pending revisions, writes nothing. With -v the "
     "SQL.\n\n"
     "  skein plan upgrade head --check\n",
     OPTIONS_SELECTION | OPTIONS_LIMITS | BIT(CHECK) | BIT(EACH) | BIT(ALLOW_CHANGED), 2, 2, false,
     command_plan},
    {"current", "", "show where the selected targets stand, by groups", NULL,
     OPTIONS_SELECTION | OPTIONS_LIMITS | BIT(CHECK_HEADS), 0, 0, false, command_current},
    {"status", "",
     "one page: versions across the fleet, who is behind, half done, unknown, unreachable", NULL,
     OPTIONS_SELECTION | OPTIONS_LIMITS, 0, 0, false, command_status},
    {"targets", "", "list the resolved fleet", "  skein targets --ping -l tier=gold\n",
     OPTIONS_SELECTION | OPTIONS_LIMITS | BIT(PING), 0, 0, false, command_targets},
    {"validate", "", "check all that can be checked without a connection", NULL, 0, 0, 0, false,
     command_validate},
    {"resolve", "", "settle a target that is partial or in doubt, by hand",
     "Say what is true on the target: --applied, --reverted, or --done-to K (statements 1 to K "
     "stand). --dry-run shows the open rows.\n\n"
     "  skein resolve --done-to 2 --reason \"rows mended\" -t acme\n",
     OPTIONS_SELECTION | OPTIONS_EXECUTION | BIT(DONE_TO) | BIT(APPLIED) | BIT(REVERTED), 0, 0,
     false, command_resolve},
    {"import", "alembic", "write the revision files of a project that Alembic manages",
     "Runs your own `alembic upgrade A:B --sql` and `alembic downgrade B:A --sql` for each "
     "revision; no database is touched. What Alembic cannot render is marked in the file, and "
     "validate refuses it until you have finished it. Nothing that exists is touched.\n\n"
     "Here -c names alembic.ini (default: $ALEMBIC_CONFIG, else alembic.ini) and -x goes to "
     "env.py; "
     "the fleet is $SKEIN_CONFIG, else ./skein.yaml, if there is one.\n\n"
     "  skein import alembic\n"
     "  skein import alembic --engine postgresql --engine sqlite --baseline 1975ea83b712\n"
     "  skein import alembic --alembic \"poetry run alembic\"\n",
     BIT(ENGINE) | BIT(BASELINE) | BIT(ALEMBIC) | BIT(NAME) | BIT(VERSION_PATH), 1, 1, false,
     command_import},
    {"unlock", "", "show who holds skein's own lock, and end a run that is dead",
     "Ends nothing without -y but asks where stdin is a terminal. Dead is a session that calls "
     "itself a skein run and whose server has waited for its next word for longer than "
     "`abandoned_after`; nothing else is ever ended.\n\n"
     "  skein unlock -t acme\n"
     "  skein unlock --all -y\n",
     OPTIONS_SELECTION | BIT(YES), 0, 0, false, command_unlock},
    {"debug", "fsm", "print the table of moves of a target's life", NULL, 0, 1, 1, true,
     command_debug},
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);
