/* Where bytes and signs stand. */
#include "text.h"

void
forget(List *lists, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        free(lists[i].at);
}

/* Where each of some bytes stands, then where each sign of three bytes begins.
 *
 * wanted [bytes]; signs [many, 3]: no two of them end with the same byte, none with one that is
 * wanted, and all together are at most 255. found [bytes + signs].
 */
EVERY_BYTE bool
places(const uint8_t *text, int64_t size, const uint8_t *wanted, int64_t bytes,
       const uint8_t *signs, int64_t many, List *found)
{
    uint8_t spare[BLOCK + BEYOND], list[256] = {0};
    int64_t at[BLOCK + FEW];
    bool table[256] = {false};
    Among some;
    for (int64_t i = 0; i < bytes + many; i++) {
        uint8_t byte = i < bytes ? wanted[i] : signs[3 * (i - bytes) + 2];
        list[byte] = (uint8_t)i;
        table[byte] = true;
    }
    choose(&some, table);
    for (int64_t from = 0; from < size; from += BLOCK) {
        int64_t count = unpack(among(&some, block(text, size, from, spare)), from, at);
        for (int64_t i = 0; i < count && at[i] < size; i++)
            if (!push(&found[list[text[at[i]]]], at[i]))
                return false;
    }
    /* Of the signs, only the last bytes were looked for. */
    for (int64_t i = 0; i < many; i++) {
        List *ends = &found[bytes + i];
        int64_t seen = 0;
        for (int64_t j = 0; j < ends->count; j++) {
            int64_t start = ends->at[j] - 2;
            if (start >= 0 && memcmp(text + start, signs + 3 * i, 2) == 0)
                ends->at[seen++] = start;
        }
        ends->count = seen;
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
