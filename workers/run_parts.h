/*
 * run_parts.h: what the files of the run share; nobody else includes it.
 *
 *   run.c            the outside, and the pump: what has become possible is done, until nothing is
 *   run_survey.c     the heads of many schemas of one database, read together before lives begin
 *   run_perform.c    one life: an event goes in, its demand is performed over host and driver
 *   run_operation.c  its connection: look up, open, request, abort, deadlines
 *   run_group.c      plans by key, places of the slow start, groups that same_error stopped
 *   run_holder.c     who holds the lock that a life waits for, asked by a second connection
 *   run_down.c       servers that were given up: who waits behind them, and whether they are back
 *   run_identity.c   which of the servers are one, reached by two names
 *   run_company.c    members whose connections differ by the schema only: one takes over another's
 *   run_slots.c      who may connect: global, server's and database's slots, breaker, ceiling
 *   run_credential.c who has which credential, and what an answer says of it
 *   run_keep.c       an outcome copied out of a life that goes away; observers
 *
 * Calls go down this list only. A callback of the host ends with run->pump, because what it freed
 * may be what another waits for.
 */
#ifndef SKEIN_WORKERS_RUN_PARTS_H
#define SKEIN_WORKERS_RUN_PARTS_H

#include "base/list.h"
#include "base/map.h"
#include "planner/retry.h"
#include "planner/rollout.h"
#include "workers/ask.h"
#include "workers/run.h"

#define PLACE_WAIT_US INT64_C(1000000) /* a connection is kept so long for a place */
#define ABORT_WAIT_US INT64_C(5000000) /* an abort is given so long to bring its completion */

/* A selected target. It is small, because most of 10,000 only wait. */
struct member {
    struct list node; /* in one queue at most: ready, its database's, credential's, group's */
    struct run *run;
    size_t index; /* into options.targets and outcomes */
    const struct target *target;
    struct run_server *server;
    struct run_database *database;
    struct run_credential *credential; /* NULL: SQLite */
    struct company *company;           /* or NULL */
    struct active *active;             /* from first admitted to ended */
    bool trial;                        /* connects with a credential that was not accepted yet */
    bool surveyed;                     /* some survey had it, so no other will */
    bool ended;
};

/* A user with a password at a server, whatever targets have it. */
struct run_credential {
    struct credential_breaker breaker;
    struct list waiting; /* members, until others have tried it */
    struct err last;     /* that the others end with once it is refused */
    bool counted;        /* that it is refused stands in the budget */
};

/* Members whose connections differ by the schema only. */
struct company {
    struct member **members; /* in the order of their turn */
    size_t count, capacity;
    size_t next;          /* the first that no survey has looked at */
    size_t told, settled; /* of them by surveys; those that ended by that */
    bool alone;           /* surveys are of no use here any more */
    size_t ended, busy;   /* busy: have a slot */
    struct list kept;     /* connections that wait for the next of them, until the pump's end */
    size_t kept_count;
};

/* What is known of a connection since it was opened. */
struct opened {
    const char *weak_tls;
    int64_t session;
};

struct run_database {
    unsigned in_use, kept;
    struct list waiting; /* members whose server had room but their database had not */
};

/* The question which server it is, asked by a second connection before anybody is admitted. */
struct introduction {
    struct asker *asker;
    struct host_timer *timer; /* the server is held no longer */
    struct arena arena;
    struct question question;
    size_t asked; /* targets by which it was asked */
};

/* That a server was given up while others still have work: now and then it is asked, by a second
 * connection, whether it is back. */
struct outage {
    struct asker *asker;
    struct host_timer *timer;
    struct arena arena;
    struct question question;
    bool last; /* the question began after the rest of the run had ended */
    size_t at; /* the first member that may not have ended */
};

/* A server that turns out to be another one, by another name, has no members any more: they are the
 * other one's, and all that is counted is counted there. */
struct run_server {
    struct list node;  /* in run->admissible[in_use], where somebody could be admitted */
    struct list ready; /* members in the order of their turn */
    struct run *run;
    unsigned in_use, kept;             /* kept: connections without a slot, until the pump's end */
    unsigned asking;                   /* second connections that ask who holds a lock */
    bool held;                         /* nobody is admitted until it is known which one it is */
    struct introduction *introduction; /* that it is being asked; or NULL */
    struct ceiling ceiling;
    bool breaks; /* SQLite's has no breaker */
    struct breaker breaker;
    struct host_timer *probe_timer; /* made when the breaker first opens */
    bool down;                      /* given up: nobody connects any more */
    bool over;                      /* nor will anybody: those behind it end */
    bool counted;                   /* this outage stands in the budget */
    struct outage *outage;          /* made when it first was given up; or NULL */
    struct list down_node;          /* in run->down until that was seen, then in run->parked */
    struct arena last_arena;
    struct err last;           /* of the failure that opened the breaker, or of the last probe */
    struct member **members;   /* of this server */
    size_t member_count, left; /* left: not ended */
};

/* A plan group: targets with the same engine and heads. */
struct group {
    const char *key;
    const struct plan *plan;
    struct pace pace;
    struct list waiting; /* members with a connection, for a second */
    struct list parked;  /* members without */
    struct list changed; /* in run->changed_groups: a place may have become free */
    size_t invited;      /* parked ones that were queued again because a place was free */
    bool stopped;        /* same_error: nobody starts any more */
};

enum operation_under_way {
    UNDER_WAY_NOTHING,
    UNDER_WAY_LOOKUP, /* of the name, before open */
    UNDER_WAY_OPEN,
    UNDER_WAY_REQUEST,
};

/* What the one timer of an active member is set for. */
enum timer_purpose {
    TIMER_OFF,
    TIMER_DEADLINE, /* of the operation under way */
    TIMER_ABORT,    /* until an aborted operation must have completed */
    TIMER_PLACE,
    TIMER_WAIT,
    TIMER_BACKOFF,
};

/* A member that was admitted at least once and has not ended. */
struct active {
    struct member *member;
    struct life life;
    const struct target *reached; /* what is connected to: member->target, or its `direct` */
    struct group *group;          /* where it last wanted a place; or NULL */
    struct host_timer *timer;
    enum timer_purpose purpose;
    struct host_timer *timeout; /* target_timeout; or NULL */
    struct lookup *lookup;      /* the name being looked up */
    struct connection *connection;
    struct opened opened;
    struct arena arena; /* as long as the connection */
    struct host_poll *poll;
    enum operation_under_way under_way;
    const struct request *request;
    int64_t deadline_us;
    bool read_only;
    struct reply reply; /* of the operation that completed, for the event */
    struct err err;
    /* who holds the lock that is waited for */
    struct watch watch;
    struct host_timer *watch_timer; /* made when first needed */
    int64_t watch_us;               /* the present interval */
    struct asker *asker;
    enum watch_kind asked;
    bool asked_then; /* its second text */
    bool blind;      /* and the server could not answer one of them */
    struct question question;
    const char *asked_parameter;
    struct arena answers;
    size_t steps_seen; /* of its outcome, told to the rollout */
    bool slot, probe, place, invited;
    bool placed;  /* had a place in this attempt */
    bool working; /* a pool thread has the connection */
    bool late;    /* the deadline passed, abort was asked */
    bool reused;  /* nothing was heard on the connection since it was another's */
    bool healthy; /* it may become another's when it is closed */
    bool close_after_work;
    bool finish_asked; /* driver->finish, once a connection */
    bool no_place, stop_told, cancel_told;
};

struct run {
    struct host *host;
    struct run_options options;
    struct life_order order;
    struct arena arena; /* as long as the run */
    struct arena plans;
    struct arena scratch; /* cleared between uses */
    struct member *members;
    struct outcome *outcomes;
    size_t ended;
    struct rollout *rollout;
    struct random random;
    void (*pump)(struct run *run); /* of run.c, for what is below it */
    void (*happened)(
        struct active *active,
        const struct life_event *event); /* of run_perform.c: steps the life, then pumps */
    bool started, pumping, finished;
    /* how it stops */
    const char *stopped_by; /* what the report says */
    const char *stopping;   /* reason of a stop of all; or NULL */
    const char *cancelling;
    bool stop_changed; /* members are to be told */
    /* slots */
    unsigned in_use;
    struct run_server *servers;
    size_t server_count;
    struct list *admissible; /* [in_use of a server]: servers that could admit somebody */
    unsigned admissible_count;
    struct map databases;
    struct map credentials;
    struct map identities; /* engine and identity -> the server that was found first */
    struct list down;      /* servers that were given up, or are over, just now */
    struct list parked;    /* that are down while others have work */
    size_t left_up;        /* members that have not ended, of servers that are not down */
    struct map companies;
    unsigned kept;
    struct list surveys;
    /* groups */
    struct map book;   /* plan key -> plan */
    struct map groups; /* life_group -> struct group */
    struct list changed_groups;
    struct map stopped_revisions;
    struct map kept_texts, kept_lists; /* what outcomes share: revision names, heads */
};

static inline int64_t run_now(const struct run *run)
{
    return run->host->table->now_us(run->host);
}

/* ---- run_slots.c */

void slots_init(struct run *run);
void slots_release(struct run *run);
/* Admits nobody to the server until slots_known. */
void slots_hold(struct run_server *server);
/* A held server is itself, or (not NULL) the other one by another name: limits, queue, breaker and
 * databases are one from now on, the lower limit counts. */
void slots_known(struct run_server *server, struct run_server *same);
/* To the end of its server's queue (or the front: it was promised something). */
void slots_enqueue(struct member *member, bool front);
/* The next member that may connect, its slots taken; NULL: nobody now. *probe: it tries a server
 * whose breaker is open. *refused not NULL: it took none, for its credential is refused, and is to
 * end with that error. */
struct member *slots_next(struct run *run, bool *probe, const struct err **refused);
/* Gives back what slots_next took. */
void slots_give_back(struct member *member, bool probe);
/* The server answered; `opened`: by a connection. */
void slots_answered(struct member *member, bool opened);
/* The answer of a server that was down is that it is not there yet: it starts up (57P03). */
bool slots_not_yet(const struct run_server *server, const struct err *err);
/* It did not: nothing was heard but `err`. */
void slots_unanswered(struct member *member, bool probe, const struct err *err);
/* What came of opening a connection says of the member's credential; `err` is NULL where it was
 * opened. */
void slots_credential(struct member *member, bool answered, const struct err *err);
/* The server has no connection left for us. Call after the slot was given back. */
void slots_full(struct member *member);
/* Whether an unreachable target is one more of an outage, or of a refused credential, that was
 * counted. Counts it. */
bool slots_outage_counted(struct member *member, const struct err *err);
/* It leaves the queue that it is in, to come back by slots_enqueue. */
void slots_withdraw(struct member *member);
void slots_ended(struct member *member);
/* A server that was given up is there again. */
void slots_returned(struct run_server *server);
/* What those behind it end with. */
void slots_keep_error(struct run_server *server, const struct err *err);

/* ---- run_company.c */

void companies_init(struct run *run);
/* Once a member, in the order of their turn. */
void companies_join(struct member *member);
/* The member has got a slot, or given it back; it has ended. */
void company_busy(struct member *member, bool busy);
void company_ended(struct member *member);
/* Takes the connection of a life that needs it no more, if another of the company may want it
 * within this pump. */
bool company_keep(struct active *active);
/* Gives such a one to the life. */
bool company_reuse(struct active *active, const struct open_options *options);
/* Before a connection is opened by who has the slots for it: the kept ones go as far as they stand
 * in the way of the limits. `all`: of its server. */
void company_make_room(struct member *member, bool all);
/* At the end of a pump: nobody has taken them, and a session's lock must not stay. */
void companies_close_kept(struct run *run);

/* ---- run_group.c */

void groups_init(struct run *run);
/* life_order.plan_for: made once for each (engine, heads). */
const struct plan *groups_plan_for(void *context, enum engine engine, const char *const *rows,
                                   size_t count);
/* The group of a life, made where it is new; NULL: it has none, no place is needed. */
struct group *groups_find(struct run *run, const struct life *life);
/* A place for the member at once, or false. */
bool groups_take(struct active *active);
/* Waits for one, with the connection (`parked` false) or without. */
void groups_wait(struct active *active, bool parked);
void groups_give_back(struct active *active);
/* The member does not come for the place that it was invited to. */
void groups_forget_invitation(struct active *active);
/* The server is down: none of its members comes, or places would wait for them and nobody else have
 * them until it is back. */
void groups_forget_invitations(struct run_server *server);
/* A member with a connection that has just got its place, or NULL. Queues parked ones again where
 * places are left. */
struct member *groups_next_placed(struct run *run);
void groups_ended(struct active *active, enum outcome_kind kind);
/* Stops the groups, now and later, that have the revision ahead and have not passed it. True where
 * that is new. */
bool groups_stop_revision(struct run *run, const char *group, const char *revision);

/* ---- run_holder.c */

/* Asks what the demand wants to be asked, in place of what the last one wanted. Never holds a slot,
 * tells the breaker nothing, and is silent where it gets no answer. */
void holder_watch(struct active *active, const struct watch *watch);
/* Stops, and frees what it made. */
void holder_drop(struct active *active);

/* ---- run_down.c */

/* A server that was given up just now, or whose outage is over: then its members are to be told.
 * NULL: none. While others have work it is only parked. */
struct run_server *down_next(struct run *run);
/* Once the rest of the run has ended, or it stops: asks the parked ones for the last time, or ends
 * their outage. True: down_next has something. */
bool down_rest_ended(struct run *run);
void down_release(struct run *run);

/* ---- run_identity.c */

/* Holds and asks all servers that might be one: where there are two or more of an engine. Each is
 * held for its connect_timeout at most. */
void identity_begin(struct run *run);
void identity_release(struct run *run);

/* ---- run_credential.c */

void credentials_init(struct run *run);
/* The one of the target, made where it is new; NULL: SQLite. `server`: an index into run->servers.
 */
struct run_credential *credential_of(struct run *run, size_t server, const struct target *target);

enum credential_answer { CREDENTIAL_ACCEPTED, CREDENTIAL_DENIED, CREDENTIAL_NOT_JUDGED };

/* `err` is NULL where the connection was opened. */
enum credential_answer credential_read(bool answered, const struct err *err);
/* Makes `last` of a refusal, the third in a row or a later one. */
void credential_keep(struct run *run, struct run_credential *credential, const struct err *err);

/* ---- run_keep.c */

/* A copy with the lifetime of the run; what many outcomes share is kept once. */
void keep_outcome(struct run *run, struct outcome *kept, const struct outcome *outcome);

/* Tells the observers. member NULL: of the run. */
void run_tell(struct run *run, enum event_kind kind, const struct member *member,
              const char *reason);

/* ---- run_operation.c. bool: the answer is there already, in *event; else it comes to
 * run->happened */

bool operation_open(struct active *active, const struct demand *demand, struct life_event *event);
bool operation_submit(struct active *active, const struct demand *demand, struct life_event *event);
/* Asks what is under way to stop; if that brings no completion, operation_give_up is due after
 * ABORT_WAIT_US. */
bool operation_abort(struct active *active, struct life_event *event);
/* The abort brought nothing: ends without an answer. */
bool operation_give_up(struct active *active, struct life_event *event);
/* Gives back connection, place and slots; waits for the pool thread that has the connection. */
bool operation_close(struct active *active, struct life_event *event);
void operation_drop(struct active *active);
void operation_timer(struct active *active, enum timer_purpose purpose, int64_t delay_us);
void operation_timer_off(struct active *active);

/* ---- run_survey.c */

/* The member has its slots: lends them to a survey of it and others of its company, where one is of
 * use. They come back to the queue, or end. */
bool survey_begin(struct member *member, bool probe);
/* The run stops, or goes away. */
void survey_drop_all(struct run *run);

/* ---- run_perform.c */

void perform_init(struct run *run);
/* LIFE_TOLD. Whether the member has ended by it; else it never had a life. */
bool perform_told(struct member *member, const struct life_event *event);
/* The member has its slots: begins an attempt. */
void perform_admitted(struct member *member, bool probe);
/* PLACED, NO_PLACE, STOPPED, CANCEL, GIVEN_UP; nothing where the member has ended. */
void perform_event(struct member *member, enum life_event_kind kind, const char *reason,
                   const struct err *err);
/* Ends a member that never had a life. */
void perform_end_untried(struct member *member, enum outcome_kind kind, const struct err *err);
/* The server was given up: others have the places that its members were invited to; it is counted
 * once. */
void perform_outage(struct run_server *server);
/* Frees an active member in whatever state (a run that is given up). */
void perform_drop(struct member *member);

#endif
