#include "workers/run_parts.h"
#include "workers/survey.h"

static struct company *company_of(struct run *run, const struct target *target)
{
    const char *key;
    struct company *company;

    arena_clear(&run->scratch);
    key = survey_key(&run->scratch, target);
    company = map_get(&run->companies, key);
    if (!company) {
        company = arena_alloc(&run->arena, sizeof(*company));
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
