#include <stdlib.h>

#include "base/bug.h"
#include "workers/run_parts.h"
#include "workers/survey.h"

/* A connection without a life. */
struct kept {
    struct list node; /* in its company's */
    struct member *last;
    const struct driver *driver;
    struct connection *connection;
    struct opened opened;
    struct arena arena;
};

static struct company *company_of(struct run *run, const struct target *target)
{
    const char *key;
    struct company *company;

    arena_clear(&run->scratch);
    key = survey_key(&run->scratch, target);
    company = map_get(&run->companies, key);
    if (!company) {
        company = arena_alloc(&run->arena, sizeof(*company));
        list_init(&company->kept);
        map_set(&run->companies, arena_strdup(&run->arena, key), company);
    }
    return company;
}

void companies_init(struct run *run)
{
    map_init(&run->companies, &run->arena);
}

void companies_join(struct member *member)
{
    struct run *run = member->run;
    struct company *company;

    if (!survey_fits(member->target)) {
        return;
    }
    company = member->company = company_of(run, member->target);
    company->members = arena_grow(&run->arena, company->members, sizeof(struct member *),
                                  &company->capacity, company->count + 1);
    company->members[company->count++] = member;
}

void company_busy(struct member *member, bool busy)
{
    if (member->company) {
        member->company->busy += busy ? 1 : (size_t)-1;
    }
}

void company_ended(struct member *member)
{
    if (member->company) {
        member->company->ended++;
    }
}

/* ---- connections handed on */

static void count_kept(const struct member *member, int change)
{
    member->run->kept += (unsigned)change;
    member->server->kept += (unsigned)change;
    member->database->kept += (unsigned)change;
    member->company->kept_count += (size_t)change;
}

static void close_kept(struct kept *kept)
{
    list_remove(&kept->node);
    count_kept(kept->last, -1);
    kept->driver->close(kept->connection);
    free(kept->connection);
    arena_release(&kept->arena);
    free(kept);
}

/* Of the company's members that have not ended, how many have no slot: the next one may be one of
 * them. */
static size_t waiting(const struct company *company)
{
    return company->count - company->ended - company->busy;
}

bool company_keep(struct active *active)
{
    struct member *member = active->member;
    struct company *company = member->company;
    struct kept *kept;

    if (!active->healthy || !company || !active->connection || !active->life.driver->reuse ||
        active->reached != member->target || active->under_way != UNDER_WAY_NOTHING ||
        company->kept_count >= waiting(company)) {
        return false;
    }
    kept = xcalloc(1, sizeof(*kept));
    kept->last = member;
    kept->driver = active->life.driver;
    kept->connection = active->connection;
    kept->opened = active->opened;
    kept->arena = active->arena;
    active->connection = NULL;
    active->arena = (struct arena)ARENA_INIT;
    list_append(&company->kept, &kept->node);
    count_kept(member, 1);
    return true;
}

static void take_over(struct active *active, struct kept *kept)
{
    active->connection = kept->connection;
    active->opened = kept->opened;
    arena_release(&active->arena);
    active->arena = kept->arena;
    list_remove(&kept->node);
    count_kept(kept->last, -1);
    free(kept);
}

bool company_reuse(struct active *active, const struct open_options *options)
{
    struct company *company = active->member->company;
    struct list *next;

    if (!company || active->probe) {
        return false;
    }
    for (struct list *node = company->kept.next; node != &company->kept; node = next) {
        struct kept *kept = LIST_ITEM(node, struct kept, node);
        struct open_options own = *options;

        next = node->next;
        own.arena = &kept->arena;
        if (kept->driver->reuse(kept->connection, &own)) {
            take_over(active, kept);
            return true;
        }
        close_kept(kept);
    }
    return false;
}

static bool in_the_way(const struct kept *kept, const struct member *member, bool all)
{
    const struct run *run = member->run;
    const struct run_server *server = member->server;
    const struct run_database *database = member->database;
    bool over = server->in_use + server->kept > server->ceiling.limit;

    return (kept->last->server == server && (all || over)) ||
           (kept->last->database == database &&
            database->in_use + database->kept > run->options.limits.per_database) ||
           run->in_use + run->kept > run->options.limits.concurrency;
}

static void close_those(struct company *company, const struct member *member, bool all)
{
    struct list *next;

    for (struct list *node = company->kept.next; node != &company->kept; node = next) {
        struct kept *kept = LIST_ITEM(node, struct kept, node);

        next = node->next;
        if (!member || in_the_way(kept, member, all)) {
            close_kept(kept);
        }
    }
}

static void close_of_all(struct run *run, const struct member *member, bool all)
{
    for (size_t i = 0; i < run->companies.count && run->kept > 0; i++) {
        close_those(run->companies.entries[i].value, member, all);
    }
}

void company_make_room(struct member *member, bool all)
{
    close_of_all(member->run, member, all);
}

void companies_close_kept(struct run *run)
{
    close_of_all(run, NULL, true);
}
