/* What every function reads texts with.
 *
 * A text is bytes that begin and end with empty ones. Every position that is given is held against
 * its size, so that no wrong one reads what is not the text's. Functions that fill lists return
 * whether there was memory; lists are freed by `forget`.
 *
 * Plain C without Python: `native.py` calls it.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct {
    int64_t *at;
    int64_t count, room;
} List;

static inline bool
push(List *list, int64_t value)
{
    if (list->count == list->room) {
        int64_t room = list->room ? 2 * list->room : 256;
        int64_t *at = realloc(list->at, (size_t)room * sizeof *at);
        if (at == NULL)
            return false;
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = value;
    return true;
}

/* Marks what goes through every byte: it is compiled for wider vectors too, and the machine chooses
 * when the library is loaded. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define EVERY_BYTE __attribute__((target_clones("avx2", "default")))
#else
#define EVERY_BYTE
#endif

/* Of what is looked at together: bit `i` of 64 is byte `i` of a block. */
enum { BLOCK = 64, BEYOND = 2 };

/* The block from here on and `BEYOND` bytes more: of the text, or a copy in `spare` with empty
 * bytes behind its end. */
static inline const uint8_t *
block(const uint8_t *text, int64_t size, int64_t at, uint8_t spare[BLOCK + BEYOND])
{
    if (size - at >= BLOCK + BEYOND)
        return text + at;
    memset(spare, 0, BLOCK + BEYOND);
    memcpy(spare, text + at, (size_t)(size - at));
    return spare;
}

/* Bit `i`: whether byte `i` is not empty. */
static inline uint64_t
bits(const uint8_t hit[BLOCK])
{
    uint64_t mask = 0;
#ifdef __SSE2__
    for (int i = 0; i < BLOCK; i += 16) {
        __m128i some = _mm_loadu_si128((const __m128i *)(hit + i));
        unsigned empty = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(some, _mm_setzero_si128()));
        mask |= (uint64_t)(~empty & 0xFFFF) << i;
    }
#else
    for (int i = 0; i < BLOCK; i++)
        mask |= (uint64_t)(hit[i] != 0) << i;
#endif
    return mask;
}

/* Bytes that are looked for many at a time: those that follow each other as ranges, others alone,
 * in fours, the last of which are filled up with what is there already. */
typedef struct {
    uint8_t first[256], more[256], alone[256];
    int ranges, singles;
} Among;

static inline void
choose(Among *some, const bool table[256])
{
    some->ranges = some->singles = 0;
    for (int byte = 0, last; byte < 256; byte = last + 1) {
        for (last = byte; last < 256 && table[last]; last++)
            ;
        if (last - byte == 1)
            some->alone[some->singles++] = (uint8_t)byte;
        if (last - byte > 1) {
            some->first[some->ranges] = (uint8_t)byte;
            some->more[some->ranges++] = (uint8_t)(last - byte - 1);
        }
    }
    for (; some->singles % 4; some->singles++)
        some->alone[some->singles] = some->alone[some->singles - 1];
    for (; some->ranges % 4; some->ranges++) {
        some->first[some->ranges] = some->first[some->ranges - 1];
        some->more[some->ranges] = some->more[some->ranges - 1];
    }
}

/* Bit `i`: whether byte `i` of the block is one of these. */
static inline uint64_t
among(const Among *some, const uint8_t *restrict here)
{
    uint8_t hit[BLOCK] = {0};
    for (int j = 0; j < some->singles; j += 4) {
        const uint8_t a = some->alone[j], b = some->alone[j + 1], c = some->alone[j + 2],
                      d = some->alone[j + 3];
        for (int i = 0; i < BLOCK; i++)
            hit[i] |= (uint8_t)((here[i] == a) | (here[i] == b) | (here[i] == c) | (here[i] == d));
    }
    for (int j = 0; j < some->ranges; j += 4) {
        const uint8_t *first = some->first + j, *more = some->more + j;
        const uint8_t a = first[0], b = first[1], c = first[2], d = first[3];
        const uint8_t e = more[0], f = more[1], g = more[2], h = more[3];
        for (int i = 0; i < BLOCK; i++)
            hit[i] |= (uint8_t)(((uint8_t)(here[i] - a) <= e) | ((uint8_t)(here[i] - b) <= f) |
                                ((uint8_t)(here[i] - c) <= g) | ((uint8_t)(here[i] - d) <= h));
    }
    return bits(hit);
}

/* Puts the places of a block's bits behind each other and returns how many there are. How many
 * cannot be foretold, so that as many as most blocks have are always written, at least `FEW`. */
enum { FEW = 4 };

static inline int64_t
unpack(uint64_t mask, int64_t from, int64_t *at)
{
    if (mask == 0)
        return 0;
    int count = __builtin_popcountll(mask);
    for (int done = 0; done < count; done += FEW)
        for (int i = 0; i < FEW; i++, mask &= mask - 1)
            at[done + i] = from + __builtin_ctzll(mask | 1ull << 63);
    return count;
}

static inline uint8_t
lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 32 : byte;
}

static inline uint8_t
upper(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? byte & 0xDF : byte;
}

static inline bool
is_letter(uint8_t byte)
{
    return (uint8_t)((byte | 32) - 'a') < 26;
}

static inline bool
is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10;
}

#endif
