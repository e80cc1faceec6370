/* What this machine can do at all with the bytes of documents: compiled on the fly by bench/shred/limits.py.

   Every function goes through `count` documents that lie one after the other in `data`, document i from offsets[i] to
   offsets[i + 1], and returns a number that depends on all of them, so that nothing can be left out. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,popcnt,bmi")))
#define WIDTH 32
typedef uint32_t mask_t;

/* Bit i: data[i] is one of the five. */
AVX2 static inline mask_t five(const char *data) {
    const __m256i v = _mm256_loadu_si256((const __m256i *)data);
    const __m256i angles = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('<')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('>')));
    const __m256i quotes = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('=')));
    const __m256i all = _mm256_or_si256(_mm256_or_si256(angles, quotes), _mm256_cmpeq_epi8(v, _mm256_set1_epi8('&')));
    return (mask_t)_mm256_movemask_epi8(all);
}

int has_vectors(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"); }
#else
#define AVX2
#define WIDTH 8
typedef uint32_t mask_t;

static inline int is_five(char c) { return c == '<' || c == '>' || c == '&' || c == '"' || c == '='; }

static inline mask_t five(const char *data) {
    mask_t found = 0;
    for (int i = 0; i < WIDTH; i++) found |= (mask_t)is_five(data[i]) << i;
    return found;
}

int has_vectors(void) { return 0; }
#endif

/* The rest of a document that does not fill a vector, in one that is filled up with blanks. */
AVX2 static inline mask_t five_of_rest(const char *data, size_t size) {
    char rest[WIDTH];
    memset(rest, ' ', WIDTH);
    memcpy(rest, data, size);
    return five(rest);
}

/* How many of the five characters there are: nothing is done with any of them. */
AVX2 uint64_t count_five(const char *data, const int64_t *offsets, size_t count) {
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *at = data + offsets[i], *end = data + offsets[i + 1];
        for (; end - at >= WIDTH; at += WIDTH) found += (uint64_t)__builtin_popcount(five(at));
        found += (uint64_t)__builtin_popcount(five_of_rest(at, (size_t)(end - at)));
    }
    return found;
}

AVX2 static inline uint64_t visit(mask_t mask, const char *data) {
    uint64_t found = 0;
    for (; mask; mask &= mask - 1) found += (unsigned char)data[__builtin_ctz(mask)];
    return found;
}

/* Each of the five characters is found and looked at: what a scanner has to do whatever it does then. */
AVX2 uint64_t visit_five(const char *data, const int64_t *offsets, size_t count) {
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *at = data + offsets[i], *end = data + offsets[i + 1];
        for (; end - at >= WIDTH; at += WIDTH) found += visit(five(at), at);
        found += visit(five_of_rest(at, (size_t)(end - at)), at);
    }
    return found;
}

/* How many '<' there are, by the C library's own search from one to the next. */
uint64_t count_tags(const char *data, const int64_t *offsets, size_t count) {
    uint64_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *at = data + offsets[i], *end = data + offsets[i + 1];
        while (at < end && (at = memchr(at, '<', (size_t)(end - at))) != NULL) {
            found++;
            at++;
        }
    }
    return found;
}

/* All documents copied to `target`, which has room for them. */
uint64_t copy(const char *data, const int64_t *offsets, size_t count, char *target) {
    const size_t size = (size_t)(offsets[count] - offsets[0]);
    memcpy(target, data + offsets[0], size);
    return (uint64_t)size;
}
