#include "base/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"

struct digest {
    EVP_MD_CTX *context;
};

/* Looked up once: EVP_sha256() is looked up anew in OpenSSL 3 whenever a digest begins, which takes
 * longer than the digest of a short text. Lives until the end. */
static EVP_MD *sha256;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256) {
        BUG("no SHA-256 in this OpenSSL");
    }
}

static void start(struct digest *digest)
{
    if (EVP_DigestInit_ex(digest->context, sha256, NULL) != 1) {
        BUG("SHA-256 fails");
    }
}

struct digest *digest_new(void)
{
    struct digest *digest = xcalloc(1, sizeof(*digest));

    pthread_once(&fetched, fetch);
    digest->context = EVP_MD_CTX_new();
    if (!digest->context) {
        BUG("no memory for a digest");
    }
    start(digest);
    return digest;
}

void digest_free(struct digest *digest)
{
    if (digest) {
        EVP_MD_CTX_free(digest->context);
        free(digest);
    }
}

void digest_add(struct digest *digest, const void *data, size_t length)
{
    if (length && EVP_DigestUpdate(digest->context, data, length) != 1) {
        BUG("SHA-256 fails");
    }
}

void digest_copy(struct digest *digest, const struct digest *from)
{
    if (EVP_MD_CTX_copy_ex(digest->context, from->context) != 1) {
        BUG("SHA-256 fails");
    }
}

void digest_finish(struct digest *digest, char hex[DIGEST_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (EVP_DigestFinal_ex(digest->context, bytes, &length) != 1 ||
        length * 2 + 1 != DIGEST_HEX_SIZE) {
        BUG("SHA-256 fails");
    }
    for (unsigned i = 0; i < length; i++) {
        hex[i * 2] = digits[bytes[i] >> 4];
        hex[i * 2 + 1] = digits[bytes[i] & 15];
    }
    hex[length * 2] = '\0';
    start(digest);
}
