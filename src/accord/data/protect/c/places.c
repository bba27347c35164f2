/* Where bytes and signs stand. */
#include "text.h"

void
forget(List *lists, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        free(lists[i].at);
}

/* What each byte tells: the list it goes to and 1, or that a sign may end with it. To find them many
 * at a time: bytes that follow each other as ranges, others alone. */
typedef struct {
    uint8_t list[256];
    bool ends[256];
    uint8_t first[256], more[256], alone[256];
    int ranges, singles;
} Wanted;

static void
want(Wanted *known, const uint8_t *wanted, int64_t bytes, const uint8_t *signs, int64_t many)
{
    memset(known, 0, sizeof *known);
    for (int64_t i = 0; i < bytes; i++)
        known->list[wanted[i]] = (uint8_t)(i + 1);
    for (int64_t i = 0; i < many; i++)
        known->ends[signs[3 * i + 2]] = true;
    for (int byte = 0, last; byte < 256; byte = last + 1) {
        for (last = byte; last < 256 && (known->list[last] || known->ends[last]); last++)
            ;
        if (last - byte == 1)
            known->alone[known->singles++] = (uint8_t)byte;
        if (last - byte > 1) {
            known->first[known->ranges] = (uint8_t)byte;
            known->more[known->ranges++] = (uint8_t)(last - byte - 1);
        }
    }
}

/* Bit `i`: whether byte `i` of the block is wanted. */
static inline uint64_t
wanted_of(const Wanted *known, const uint8_t *restrict here)
{
    uint8_t hit[BLOCK] = {0};
    for (int j = 0; j < known->ranges; j++) {
        const uint8_t first = known->first[j], more = known->more[j];
        for (int i = 0; i < BLOCK; i++)
            hit[i] |= (uint8_t)((uint8_t)(here[i] - first) > more) - 1;
    }
    for (int j = 0; j < known->singles; j++) {
        const uint8_t alone = known->alone[j];
        for (int i = 0; i < BLOCK; i++)
            hit[i] |= (uint8_t)(here[i] != alone) - 1;
    }
    return bits(hit);
}

/* Where each of some bytes stands, then where each sign of three bytes begins.
 *
 * wanted [at most 255]; signs [many, 3]; found [bytes + signs].
 */
EVERY_BYTE bool
places(const uint8_t *text, int64_t size, const uint8_t *wanted, int64_t bytes,
       const uint8_t *signs, int64_t many, List *found)
{
    uint8_t spare[BLOCK + BEYOND];
    Wanted known;
    want(&known, wanted, bytes, signs, many);
    for (int64_t from = 0; from < size; from += BLOCK) {
        for (uint64_t mask = wanted_of(&known, block(text, size, from, spare)); mask; mask &= mask - 1) {
            int64_t at = from + __builtin_ctzll(mask);
            if (at >= size)
                break;
            unsigned list = known.list[text[at]];
            if (list && !push(&found[list - 1], at))
                return false;
            if (!known.ends[text[at]] || at < 2)
                continue;
            for (int64_t i = 0; i < many; i++)
                if (memcmp(text + at - 2, signs + 3 * i, 3) == 0 && !push(&found[bytes + i], at - 2))
                    return false;
        }
    }
    return true;
}

/* Bit `i`: whether two bytes begin at byte `i` of the block; a letter counts in either case. */
static inline uint64_t
pairs_of(const uint8_t pairs[][4], int many, const uint8_t *restrict here)
{
    uint8_t hit[BLOCK] = {0};
    for (int j = 0; j < many; j++) {
        const uint8_t one = pairs[j][0], two = pairs[j][1], a = pairs[j][2], b = pairs[j][3];
        for (int i = 0; i < BLOCK; i++) {
            uint8_t off = (uint8_t)(((here[i] | a) ^ one) | ((here[i + 1] | b) ^ two));
            hit[i] |= (uint8_t)(off != 0) - 1;
        }
    }
    return bits(hit);
}

/* Where one of at most eight words begins, in either case.
 *
 * words: in lower case, each behind its length.
 */
EVERY_BYTE bool
anywhere(const uint8_t *text, int64_t size, const uint8_t *words, int64_t length, List *found)
{
    uint8_t spare[BLOCK + BEYOND], pairs[8][4];
    int many = 0;
    for (int64_t at = 0; at < length && many < 8; at += 1 + words[at]) {
        uint8_t one = words[at + 1], two = words[at + 2];
        bool known = false;
        for (int i = 0; i < many; i++)
            known |= pairs[i][0] == one && pairs[i][1] == two;
        if (known)
            continue;
        memcpy(pairs[many++], (uint8_t[]){one, two, upper(one) ^ one, upper(two) ^ two}, 4);
    }
    for (int64_t from = 0; from < size; from += BLOCK) {
        const uint8_t *here = block(text, size, from, spare);
        for (uint64_t mask = pairs_of(pairs, many, here); mask; mask &= mask - 1) {
            int64_t start = from + __builtin_ctzll(mask);
            for (int64_t at = 0; at < length; at += 1 + words[at]) {
                int64_t place = 0;
                while (place < words[at] && start + place < size &&
                       lower(text[start + place]) == words[at + 1 + place])
                    place++;
                if (place < words[at])
                    continue;
                if (!push(found, start))
                    return false;
                break;
            }
        }
    }
    return true;
}

/* Signs of which one byte is known to stand somewhere: each behind its length and the place of that
 * byte; `?` is any byte. Which of them the bytes beside the known one let pass. */
typedef struct {
    const uint8_t *sign[64];
    int64_t many;
    uint64_t before[256], behind[256];
} Signs;

static void
learn(Signs *known, const uint8_t *signs, int64_t length)
{
    memset(known, 0, sizeof *known);
    for (int64_t at = 0; at < length && known->many < 64; at += 2 + signs[at]) {
        const uint8_t *sign = signs + at + 2;
        int size = signs[at], key = signs[at + 1];
        uint64_t bit = 1ull << known->many;
        bool left = key > 0 && sign[key - 1] != '?', right = key + 1 < size && sign[key + 1] != '?';
        for (int byte = 0; byte < 256; byte++) {
            if (!left || sign[key - 1] == byte)
                known->before[byte] |= bit;
            if (!right || sign[key + 1] == byte)
                known->behind[byte] |= bit;
        }
        known->sign[known->many++] = signs + at;
    }
}

/* Whether a sign of this size begins here; looked at from its end, which tells more. */
static inline bool
stands(const uint8_t *here, const uint8_t *sign, int64_t size)
{
    while (size > 0 && (sign[size - 1] == '?' || here[size - 1] == sign[size - 1]))
        size--;
    return size == 0;
}

/* Where each of at most 64 signs, written as in `Signs`, begins whose known byte is at one of these
 * positions: found [signs]. */
bool
standing(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *signs,
         int64_t length, List *found)
{
    Signs known;
    learn(&known, signs, length);
    for (int64_t i = 0; i < count; i++) {
        if (at[i] < 0 || at[i] >= size)
            continue;
        uint64_t may = known.before[at[i] > 0 ? text[at[i] - 1] : 0];
        may &= known.behind[at[i] + 1 < size ? text[at[i] + 1] : 0];
        for (; may; may &= may - 1) {
            int which = __builtin_ctzll(may);
            const uint8_t *sign = known.sign[which];
            int64_t start = at[i] - sign[1];
            if (start >= 0 && start <= size - sign[0] && stands(text + start, sign + 2, sign[0]) &&
                !push(&found[which], start))
                return false;
        }
    }
    return true;
}

/* Whether a sign begins at each position. */
void
follows(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *sign,
        int64_t length, uint8_t *found)
{
    for (int64_t i = 0; i < count; i++)
        found[i] = at[i] >= 0 && at[i] <= size - length &&
                   memcmp(text + at[i], sign, (size_t)length) == 0;
}
