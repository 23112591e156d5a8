#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fault_rule.h"

static size_t read_text(const char *word, char *text)
{
    size_t length = 0;

    while (*word && length < TEXT) {
        if (word[0] == '\\' && word[1] == 'x' && isxdigit((unsigned char)word[2]) &&
            isxdigit((unsigned char)word[3])) {
            char digits[3] = {word[2], word[3], '\0'};

            text[length++] = (char)strtol(digits, NULL, 16);
            word += 4;
        } else {
            text[length++] = *word++;
        }
    }
    return length;
}

int word_index(const char *word, const char *const *words)
{
    int at = 0;

    while (words[at] && (!word || strcmp(words[at], word) != 0)) {
        at++;
    }
    return words[at] ? at : -1;
}

static char *next_word(char **words)
{
    return strtok_r(NULL, " ", words);
}

static long next_number(char **words)
{
    const char *word = next_word(words);

    return word ? strtol(word, NULL, 10) : 0;
}

static bool read_trigger(struct rule *rule, char **words)
{
    static const char *const triggers[] = {"client", "server", "sent", "unsent", NULL};
    int trigger = word_index(next_word(words), triggers);

    if (trigger < 0) {
        return false;
    }
    rule->trigger = (enum trigger)trigger;
    if (rule->trigger == TRIGGER_CLIENT || rule->trigger == TRIGGER_SERVER) {
        rule->base = next_number(words);
        rule->step = next_number(words);
        rule->modulo = next_number(words);
        return true;
    }
    const char *word = next_word(words);
    rule->length = word ? read_text(word, rule->text) : 0;
    return rule->length > 0;
}

static bool read_rest(struct rule *rule, char **words)
{
    char *word;

    while ((word = next_word(words))) {
        if (strcmp(word, "each") == 0) {
            rule->last = LONG_MAX;
        } else if (strcmp(word, "first") == 0) {
            rule->last = next_number(words);
        } else if (strcmp(word, "all") == 0) {
            rule->all = true;
        } else if (strcmp(word, "next") == 0) {
            word = next_word(words);
            rule->next_refuses = word && strcmp(word, "refuse") == 0;
            rule->next_in_hole = word && strcmp(word, "hole") == 0;
            rule->next_port = word ? (int)strtol(word, NULL, 10) : 0;
        } else if (isdigit((unsigned char)*word)) {
            rule->first = rule->last = strtol(word, NULL, 10);
        } else {
            return false;
        }
    }
    return true;
}

bool rule_read(struct rule *rule, char *words)
{
    static const char *const actions[] = {"none", "cut", "reset", "hole", NULL};
    char *rest = NULL;
    int action = word_index(words ? strtok_r(words, " ", &rest) : NULL, actions);

    *rule = (struct rule){.first = 1, .last = 1};
    if (action < 1) {
        return false;
    }
    rule->action = (enum action)action;
    return read_trigger(rule, &rest) && read_rest(rule, &rest);
}
