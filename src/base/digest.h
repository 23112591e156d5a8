/*
 * digest.h: SHA-256, by OpenSSL's EVP (the only file that includes its headers).
 */
#ifndef SKEIN_BASE_DIGEST_H
#define SKEIN_BASE_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65 /* 64 hex digits and NUL */

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest *digest);
void digest_add(struct digest *digest, const void *data, size_t length);
/* `digest` becomes what `from` is now: the same was added. */
void digest_copy(struct digest *digest, const struct digest *from);
/* Lower-case hex of all that was added; the digest starts anew. */
void digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE]);

#endif
