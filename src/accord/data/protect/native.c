/* What is done for every byte or every number of a text, where an array at a time is too slow.
 *
 * A text is bytes that begin and end with empty ones. Every position that is given is held against
 * its size, so that no wrong one reads what is not the text's. Functions that fill lists return
 * whether there was memory; lists are freed by `forget`.
 *
 * Plain C without Python: `native.py` calls it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t *at;
    int64_t count, room;
} List;

static bool
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

void
forget(List *lists, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        free(lists[i].at);
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
is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10;
}

/* Bit `i` of the result: whether byte `i` of these eight is a digit. */
static inline uint64_t
digits_of_eight(const uint8_t *text)
{
    const uint64_t each = 0x0101010101010101u;
    uint64_t bytes;
    memcpy(&bytes, text, sizeof bytes);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    uint64_t off = bytes ^ (each * '0');
    uint64_t digit = ~(((off & (each * 0x7F)) + each * (0x80 - 10)) | off) & (each * 0x80);
    return ((digit >> 7) * 0x0102040810204080u) >> 56;
}

/* Bit `i`: whether byte `i` of these 64 is a digit; of what is left of a text, if that is less. */
static uint64_t
digits(const uint8_t *text, int64_t left)
{
    uint64_t mask = 0;
    if (left >= 64) {
        for (int i = 0; i < 64; i += 8)
            mask |= digits_of_eight(text + i) << i;
        return mask;
    }
    for (int64_t i = 0; i < left; i++)
        mask |= (uint64_t)is_digit(text[i]) << i;
    return mask;
}

/* ---- texts side by side ---------------------------------------------------------------------- */

/* The character of three bytes, which begins with 0xEF. */
static inline unsigned
wide(const uint8_t *at)
{
    return 0xF000u | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
}

/* Where full-width forms (U+FF01 to U+FF5E) stand in `data` whose ASCII has bit 1 in `kinds` [256];
 * none if none of them has bit 2. */
bool
full_width(const uint8_t *data, int64_t first, int64_t last, const uint8_t *kinds, List *found)
{
    unsigned seen = 0;
    for (const uint8_t *at = data + first, *end = data + last - 2; at < end; at++) {
        at = memchr(at, 0xEF, (size_t)(end - at));
        if (at == NULL)
            break;
        unsigned point = wide(at);
        if (point < 0xFF01 || point > 0xFF5E || !(kinds[point - 0xFEE0] & 1))
            continue;
        seen |= kinds[point - 0xFEE0];
        if (!push(found, at - data))
            return false;
    }
    if (!(seen & 2))
        found->count = 0;
    return true;
}

/* Texts in one, an empty byte between any two, with the full-width forms at these places as ASCII.
 *
 * offset [rows + 1]: where each begins in `data`, and the last ends. at [count] becomes where the
 * forms stand in the whole.
 */
void
join(const uint8_t *data, const int32_t *offset, int64_t rows, int64_t *at, int64_t count,
     uint8_t *text)
{
    uint8_t *to = text;
    int64_t next = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t from = offset[row];
        for (; next < count && at[next] < offset[row + 1]; next++) {
            memcpy(to, data + from, (size_t)(at[next] - from));
            to += at[next] - from;
            from = at[next] + 3;
            *to = (uint8_t)(wide(data + at[next]) - 0xFEE0u);
            at[next] = to++ - text;
        }
        memcpy(to, data + from, (size_t)(offset[row + 1] - from));
        to += offset[row + 1] - from;
        if (row < rows - 1)
            *to++ = 0;
    }
}

/* ---- one look at a text ---------------------------------------------------------------------- */

/* Where each of some bytes stands, then where each sign of three bytes begins.
 *
 * signs [at most 16, 3]; found [bytes + signs].
 */
bool
places(const uint8_t *text, int64_t size, const uint8_t *wanted, int64_t bytes,
       const uint8_t *signs, int64_t many, List *found)
{
    enum { SIGN = 0xFFFF };
    /* Of each byte: its list and 1, or that a sign begins with it. */
    uint16_t list[256] = {0};
    /* Signs that end in two bytes, each of which has six bits of its own. */
    uint16_t ending[4096] = {0};
    for (int64_t i = 0; i < bytes; i++)
        list[wanted[i]] = (uint16_t)(i + 1);
    for (int64_t i = 0; i < many; i++) {
        const uint8_t *sign = signs + 3 * i;
        list[sign[0]] = SIGN;
        ending[(sign[1] & 0x3Fu) << 6 | (sign[2] & 0x3Fu)] |= (uint16_t)(1u << i);
    }
    uint8_t any[256];
    for (int i = 0; i < 256; i++)
        any[i] = list[i] != 0;
    for (int64_t block = 0; block < size - 2; block += 64) {
        uint64_t mask = 0;
        int64_t left = size - 2 - block < 64 ? size - 2 - block : 64;
        for (int64_t i = 0; i < left; i++)
            mask |= (uint64_t)any[text[block + i]] << i;
        for (; mask; mask &= mask - 1) {
            int64_t at = block + __builtin_ctzll(mask);
            unsigned kind = list[text[at]];
            if (kind != SIGN) {
                if (!push(&found[kind - 1], at))
                    return false;
                continue;
            }
            unsigned may = ending[(text[at + 1] & 0x3Fu) << 6 | (text[at + 2] & 0x3Fu)];
            for (int64_t i = 0; may != 0; i++, may >>= 1)
                if ((may & 1) && memcmp(text + at, signs + 3 * i, 3) == 0 &&
                    !push(&found[bytes + i], at))
                    return false;
        }
    }
    return true;
}

/* Where a sign begins whose byte at `key` is at these positions; `?` in it is any byte. Returns how
 * many there are; found [count]. */
int64_t
standing(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *sign,
         int64_t length, int64_t key, int64_t *found)
{
    int64_t seen = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t start = at[i] - key, place = 0;
        if (start < 0 || start > size - length)
            continue;
        while (place < length && (sign[place] == '?' || text[start + place] == sign[place]))
            place++;
        if (place == length)
            found[seen++] = start;
    }
    return seen;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* How many runs of digits there are. */
int64_t
count_runs(const uint8_t *text, int64_t size)
{
    int64_t count = 0;
    uint64_t before = 0;
    for (int64_t at = 0; at < size; at += 64) {
        uint64_t mask = digits(text + at, size - at);
        count += __builtin_popcountll(mask & ~(mask << 1 | before));
        before = mask >> 63;
    }
    return count;
}

/* Three bytes as a number. */
static inline uint32_t
packed(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

/* Runs of digits of a text that does not end with one: where each begins and ends, and what stands
 * between it and the next [count of them].
 *
 * That is by the table `single` [256] if it is one byte, else by `several` [many, 3], in which
 * empty bytes stand before what is shorter, and `links` [many].
 */
void
runs(const uint8_t *text, int64_t size, const uint8_t *single, const uint8_t *several,
     const uint8_t *links, int64_t many, int64_t count, int64_t *start, int64_t *end, uint8_t *link)
{
    int64_t seen = 0;
    uint64_t before = 0;
    for (int64_t at = 0; at < size; at += 64) {
        uint64_t mask = digits(text + at, size - at);
        /* Where a digit stands beside none, at either end: they take turns. */
        for (uint64_t edges = mask ^ (mask << 1 | before); edges; edges &= edges - 1) {
            int64_t *side = seen & 1 ? end : start;
            if (seen < 2 * count)
                side[seen >> 1] = at + __builtin_ctzll(edges);
            seen++;
        }
        before = mask >> 63;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t gap = i + 1 < count ? start[i + 1] - end[i] : 0;
        const uint8_t *between = text + end[i];
        link[i] = gap == 1 ? single[*between] : 0;
        if (gap != 2 && gap != 3)
            continue;
        uint32_t sign = packed(between) >> (gap == 2 ? 8 : 0);
        int64_t j = 0;
        while (j < many && packed(several + 3 * j) != sign)
            j++;
        link[i] = j < many ? links[j] : 0;
    }
}

/* First runs of the sequences of each shape.
 *
 * tables [places, 2048] say which shapes (bits) a token below 2048 lets pass: that before a
 * sequence, then that of each of its places. Before the first and behind the last is token 0.
 * found [64].
 */
bool
shaped(const uint16_t *token, int64_t many, const uint64_t *tables, int64_t width, List *found)
{
    enum { TOKENS = 2048 };
    for (int64_t i = 0; i < many; i++) {
        uint64_t bits = tables[i ? token[i - 1] : 0] & tables[TOKENS + token[i]];
        for (int64_t place = 2; place < width && bits; place++) {
            int64_t next = i + place - 1;
            bits &= tables[TOKENS * place + (next < many ? token[next] : 0)];
        }
        for (int shape = 0; bits; shape++, bits >>= 1)
            if ((bits & 1) && !push(&found[shape], i))
                return false;
    }
    return true;
}

/* Which runs each of 64 rules takes: found [64].
 *
 * lead [256], trail [256] and digits [32] say for which rules (bits) the byte before a run, the one
 * behind it, and the number of its digits are right; more digits count as 31.
 */
bool
touching(const uint8_t *text, const int64_t *start, const int64_t *end, int64_t count,
         const uint64_t *lead, const uint64_t *trail, const uint64_t *digits, List *found)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t size = end[i] - start[i];
        uint64_t bits = lead[text[start[i] - 1]] & trail[text[end[i]]];
        bits &= digits[size < 31 ? size : 31];
        for (int rule = 0; bits; rule++, bits >>= 1)
            if ((bits & 1) && !push(&found[rule], i))
                return false;
    }
    return true;
}

/* Runs that hang together by `links` [256]: found [0] the first, [1] the last of each chain of at
 * most `most` runs that have from `least` to `many` digits together. */
bool
chains(const int64_t *start, const int64_t *end, const uint8_t *link, int64_t count,
       const uint8_t *links, int64_t most, int64_t least, int64_t many, List *found)
{
    for (int64_t first = 0, last; first < count; first = last + 1) {
        int64_t digits = end[first] - start[first];
        for (last = first; last + 1 < count && links[link[last]]; last++)
            digits += end[last + 1] - start[last + 1];
        if (digits >= least && digits <= many && last - first < most &&
            !(push(&found[0], first) && push(&found[1], last)))
            return false;
    }
    return true;
}

/* The digits from each position on, as many as its size says, as numbers. */
void
numbers(const uint8_t *text, int64_t size, const int64_t *at, const int64_t *digits, int64_t count,
        int64_t *value)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t number = 0;
        if (at[i] >= 0 && at[i] <= size - digits[i])
            for (int64_t place = 0; place < digits[i]; place++)
                number = 10 * number + (text[at[i] + place] & 15);
        value[i] = number;
    }
}

/* ---- around a place -------------------------------------------------------------------------- */

/* How many bytes from each position on (step 1), or before it (step -1), are `inside` [256]. */
void
reach(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *inside,
      int64_t most, int64_t step, int64_t *counts)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t place = step > 0 ? at[i] : at[i] - 1, seen = 0;
        while (seen < most && place >= 0 && place < size && inside[text[place]]) {
            place += step;
            seen++;
        }
        counts[i] = seen;
    }
}

/* Words in lower case, each behind its length, and the first two bytes of each in either case. */
typedef struct {
    const uint8_t *words;
    int64_t size;
    uint8_t first[256];
    uint8_t pairs[65536 / 8];
} Words;

static void
take(Words *known, const uint8_t *words, int64_t size)
{
    memset(known, 0, sizeof *known);
    known->words = words;
    known->size = size;
    for (int64_t at = 0; at < size; at += 1 + words[at]) {
        for (int way = 0; way < 4; way++) {
            unsigned one = way & 1 ? upper(words[at + 1]) : words[at + 1];
            unsigned two = way & 2 ? upper(words[at + 2]) : words[at + 2];
            known->first[one] = 1;
            known->pairs[(one << 8 | two) / 8] |= (uint8_t)(1u << two % 8);
        }
    }
}

/* Whether a word begins here and does not reach beyond `end`. */
static bool
begins(const Words *known, const uint8_t *here, const uint8_t *end)
{
    unsigned pair = (unsigned)here[0] << 8 | here[1];
    if (!(known->pairs[pair / 8] >> pair % 8 & 1))
        return false;
    for (int64_t at = 0; at < known->size; at += 1 + known->words[at]) {
        const uint8_t *word = known->words + at + 1;
        int64_t size = known->words[at], place = 0;
        if (end - here < size)
            continue;
        while (place < size && lower(here[place]) == word[place])
            place++;
        if (place == size)
            return true;
    }
    return false;
}

/* Whether a word begins at most `back` bytes before each position and does not reach beyond it, in
 * the same text and sentence, and is no part of a mask: `[PHONE]` tells nothing of what is behind.
 */
void
near(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *words,
     int64_t length, int64_t back, uint8_t *told)
{
    Words known;
    take(&known, words, length);
    /* What most bytes are not: the first of a word, a bracket, the end of a sentence or text. */
    known.first[0] = known.first['['] = known.first[']'] = known.first[0xE3] = 1;
    for (int64_t i = 0; i < count; i++) {
        told[i] = 0;
        if (at[i] < 0 || at[i] > size)
            continue;
        bool closed = false, opened = false;
        const uint8_t *end = text + at[i], *last = text + (at[i] > back ? at[i] - back : 0);
        for (const uint8_t *here = end - 1; here >= last; here--) {
            if (!known.first[*here])
                continue;
            bool stop = end - here >= 3 && here[0] == 0xE3 && here[1] == 0x80 && here[2] == 0x82;
            if (*here == 0 || stop)
                break;
            if (*here == ']') {
                closed = true;
                opened = false;
            } else if (*here == '[') {
                opened = true;
            } else if ((!closed || opened) && end - here > 1 && begins(&known, here, end)) {
                told[i] = 1;
                break;
            }
        }
    }
}

/* Every such word, whatever stands between: found [0] the index of the position, [1] where the word
 * begins. */
bool
hints(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *words,
      int64_t length, int64_t back, List *found)
{
    Words known;
    take(&known, words, length);
    for (int64_t i = 0; i < count; i++) {
        if (at[i] < 0 || at[i] > size)
            continue;
        const uint8_t *end = text + at[i];
        for (const uint8_t *here = text + (at[i] > back ? at[i] - back : 0); here < end - 1; here++)
            if (known.first[*here] && begins(&known, here, end) &&
                !(push(&found[0], i) && push(&found[1], here - text)))
                return false;
    }
    return true;
}
