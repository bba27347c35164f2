/* Where bytes and signs stand. */
#include "text.h"

void
forget(List *lists, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        free(lists[i].at);
}

/* Bytes that are looked for: the list of each and 1, and as neighbours in the order of ASCII. */
typedef struct {
    uint8_t list[256];
    uint8_t first[256], more[256];
    int neighbours;
} Wanted;

static void
want(Wanted *known, const uint8_t *wanted, int64_t count)
{
    memset(known, 0, sizeof *known);
    for (int64_t i = 0; i < count; i++)
        known->list[wanted[i]] = (uint8_t)(i + 1);
    for (int byte = 0; byte < 256; byte++) {
        if (!known->list[byte])
            continue;
        if (byte && known->list[byte - 1]) {
            known->more[known->neighbours - 1]++;
        } else {
            known->first[known->neighbours++] = (uint8_t)byte;
        }
    }
}

/* Marks with bit `sign` the bytes of a block that three bytes begin at; a byte of `letters` counts in
 * either case. */
static inline void
mark(const uint8_t *here, const uint8_t sign[3], const uint8_t letters[3], int bit,
     uint8_t hit[BLOCK])
{
    const uint8_t one = sign[0], two = sign[1], three = sign[2], set = (uint8_t)(1u << bit);
    const uint8_t a = letters[0], b = letters[1], c = letters[2];
    for (int i = 0; i < BLOCK; i++) {
        bool same = ((here[i] | a) == one) & ((here[i + 1] | b) == two) & ((here[i + 2] | c) == three);
        hit[i] |= same ? set : 0;
    }
}

/* Where each of some bytes stands, then where each sign of three bytes begins.
 *
 * wanted [at most 255]; signs [at most 8, 3]; found [bytes + signs].
 */
bool
places(const uint8_t *text, int64_t size, const uint8_t *wanted, int64_t bytes,
       const uint8_t *signs, int64_t many, List *found)
{
    const uint8_t exactly[3] = {0};
    uint8_t spare[BLOCK + BEYOND];
    Wanted known;
    want(&known, wanted, bytes);
    for (int64_t at = 0; at < size; at += BLOCK) {
        const uint8_t *here = block(text, size, at, spare);
        uint8_t hit[BLOCK] = {0}, begun[BLOCK] = {0};
        for (int j = 0; j < known.neighbours; j++) {
            const uint8_t first = known.first[j], more = known.more[j];
            for (int i = 0; i < BLOCK; i++)
                hit[i] |= (uint8_t)(here[i] - first) <= more;
        }
        for (uint64_t mask = bits(hit); mask; mask &= mask - 1) {
            int place = __builtin_ctzll(mask);
            if (at + place < size && !push(&found[known.list[here[place]] - 1], at + place))
                return false;
        }
        for (int j = 0; j < many; j++)
            mark(here, signs + 3 * j, exactly, j, begun);
        for (uint64_t mask = bits(begun); mask; mask &= mask - 1) {
            int place = __builtin_ctzll(mask);
            for (unsigned which = begun[place]; which; which &= which - 1)
                if (!push(&found[bytes + __builtin_ctz(which)], at + place))
                    return false;
        }
    }
    return true;
}

/* Where one of at most eight words of three letters or more begins, in either case.
 *
 * words: in lower case, each behind its length.
 */
bool
anywhere(const uint8_t *text, int64_t size, const uint8_t *words, int64_t length, List *found)
{
    uint8_t spare[BLOCK + BEYOND];
    const uint8_t *word[8];
    uint8_t letters[8][3];
    int many = 0;
    for (int64_t at = 0; at < length && many < 8; at += 1 + words[at]) {
        for (int i = 0; i < 3; i++)
            letters[many][i] = words[at + 1 + i] >= 'a' && words[at + 1 + i] <= 'z' ? 32 : 0;
        word[many++] = words + at;
    }
    for (int64_t at = 0; at < size; at += BLOCK) {
        const uint8_t *here = block(text, size, at, spare);
        uint8_t begun[BLOCK] = {0};
        for (int j = 0; j < many; j++)
            mark(here, word[j] + 1, letters[j], j, begun);
        for (uint64_t mask = bits(begun); mask; mask &= mask - 1) {
            int64_t start = at + __builtin_ctzll(mask);
            for (int j = 0; j < many; j++) {
                int64_t place = 0;
                while (place < *word[j] && start + place < size &&
                       lower(text[start + place]) == word[j][1 + place])
                    place++;
                if (place < *word[j])
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
