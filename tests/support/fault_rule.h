/*
 * fault_rule.h: the words of fault_proxy's command `rule`, as a value.
 */
#ifndef SKEIN_TESTS_FAULT_RULE_H
#define SKEIN_TESTS_FAULT_RULE_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT 64

enum action { ACTION_NONE, ACTION_CUT, ACTION_RESET, ACTION_HOLE };
enum trigger { TRIGGER_CLIENT, TRIGGER_SERVER, TRIGGER_SENT, TRIGGER_UNSENT };

struct rule {
    enum action action;
    enum trigger trigger;
    long base, step; /* bytes */
    long modulo;
    char text[TEXT];
    size_t length;
    long first, last; /* the matches that strike */
    bool all, next_refuses, next_in_hole;
    int next_port; /* 0: as before */
};

/* Place of the word (or NULL) among the words, which end with NULL; -1: it is none of them. */
int word_index(const char *word, const char *const *words);

/* Reads "ACTION TRIGGER …" and writes on it. False: it makes no sense. */
bool rule_read(struct rule *rule, char *words);

#endif
