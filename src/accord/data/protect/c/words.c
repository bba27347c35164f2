/* What stands around a place. */
#include "text.h"

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

/* Bytes from each position on up to the last that is `last` [256], none but `inside` [256] between
 * them; 0 if there is none. Positions in order are gone through once, however they lie. */
void
until(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *inside,
      const uint8_t *last, int64_t *counts)
{
    int64_t from = 0, to = -1, behind = 0;
    for (int64_t i = 0; i < count; i++) {
        counts[i] = 0;
        if (at[i] < 0 || at[i] >= size)
            continue;
        if (at[i] < from || at[i] > to) {
            from = to = behind = at[i];
            for (; to < size && inside[text[to]]; to++)
                if (last[text[to]])
                    behind = to + 1;
        }
        if (behind > at[i])
            counts[i] = behind - at[i];
    }
}

/* Where the host name ends that begins at each position: labels of letters, digits and dashes with
 * a dot behind each, none of which begins with a dash, and 2 to 24 letters that go on as none of
 * these. The position itself if there is none. */
void
hosts(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, int64_t *end)
{
    for (int64_t i = 0; i < count; i++) {
        end[i] = at[i];
        for (int64_t place = at[i], first; place >= 0 && place < size;) {
            for (first = place; place < size && (is_letter(text[place]) || is_digit(text[place]) ||
                                                 (text[place] == '-' && place > first));)
                place++;
            if (place == first || place >= size || text[place] != '.')
                break;
            int64_t last = ++place;
            while (last < size && is_letter(text[last]))
                last++;
            bool over = last == size || (!is_digit(text[last]) && text[last] != '-');
            if (over && last - place >= 2 && last - place <= 24)
                end[i] = last;
        }
    }
}

/* Which positions have bytes around them of the kinds that a form asks for.
 *
 * kinds [256]: those of each byte, as bits. form [length]: those that each place asks for one of,
 * from `before` bytes before a position on. found [count]; returns how many there are.
 */
int64_t
formed(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *kinds,
       const uint8_t *form, int64_t length, int64_t before, int64_t *found)
{
    int64_t seen = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t start = at[i] - before, place = 0;
        if (start < 0 || start > size - length)
            continue;
        while (place < length && (kinds[text[start + place]] & form[place]))
            place++;
        if (place == length)
            found[seen++] = at[i];
    }
    return seen;
}

/* Words in lower case, and which two bytes they begin with in either case. */
typedef struct {
    const uint8_t *word[256];
    uint8_t size[256];
    /* The word tried first for each small letter or other byte, and the one after each word. */
    uint8_t first[256], next[256];
    uint64_t pairs[256][4];
} Words;

static inline void
let(Words *known, unsigned one, unsigned two)
{
    known->pairs[one][two >> 6] |= 1ull << (two & 63);
}

/* From at most 255 words, each behind its length. */
static void
take(Words *known, const uint8_t *words, int64_t size)
{
    memset(known->first, 0, sizeof known->first);
    memset(known->pairs, 0, sizeof known->pairs);
    int many = 1;
    for (int64_t at = 0; at < size && many < 256; at += 1 + words[at], many++) {
        const uint8_t *word = words + at + 1;
        known->word[many] = word;
        known->size[many] = words[at];
        known->next[many] = known->first[word[0]];
        known->first[word[0]] = (uint8_t)many;
        for (int way = 0; way < 4; way++)
            let(known, way & 1 ? upper(word[0]) : word[0], way & 2 ? upper(word[1]) : word[1]);
    }
}

/* Whether a word may begin with these two bytes. */
static inline bool
may(const Words *known, unsigned one, unsigned two)
{
    return known->pairs[one][two >> 6] >> (two & 63) & 1;
}

/* Whether a word begins here and does not reach beyond `end`. */
static bool
begins(const Words *known, const uint8_t *here, const uint8_t *end)
{
    for (int which = known->first[lower(*here)]; which; which = known->next[which]) {
        const uint8_t *word = known->word[which];
        int64_t size = known->size[which], place = 0;
        if (end - here < size)
            continue;
        while (place < size && lower(here[place]) == word[place])
            place++;
        if (place == size)
            return true;
    }
    return false;
}

/* What is seen on the way back from a place. */
typedef struct {
    bool closed, opened, told, over;
} Way;

static inline void
see(const Words *known, const uint8_t *here, const uint8_t *end, Way *way)
{
    bool stop = end - here >= 3 && here[0] == 0xE3 && here[1] == 0x80 && here[2] == 0x82;
    if (*here == 0 || stop) {
        way->over = true;
    } else if (*here == ']') {
        way->closed = true;
        way->opened = false;
    } else if (*here == '[') {
        way->opened = true;
    } else if ((!way->closed || way->opened) && end - here > 1 && begins(known, here, end)) {
        way->over = way->told = true;
    }
}

/* Whether a word begins at most `back` bytes before each position and does not reach beyond it, in
 * the same text and sentence, and is no part of a mask: `[PHONE]` tells nothing of what is behind.
 */
EVERY_BYTE void
near(const uint8_t *text, int64_t size, const int64_t *at, int64_t count, const uint8_t *words,
     int64_t length, int64_t back, uint8_t *told)
{
    Words known;
    take(&known, words, length);
    /* Beside words: brackets, the end of a sentence, the end of a text. */
    for (unsigned two = 0; two < 256; two++) {
        let(&known, 0, two);
        let(&known, '[', two);
        let(&known, ']', two);
    }
    let(&known, 0xE3, 0x80);
    bool begun[256];
    for (int one = 0; one < 256; one++) {
        const uint64_t *pairs = known.pairs[one];
        begun[one] = (pairs[0] | pairs[1] | pairs[2] | pairs[3]) != 0;
    }
    Among some;
    choose(&some, begun);
    for (int64_t i = 0; i < count; i++) {
        told[i] = 0;
        if (at[i] < 0 || at[i] > size)
            continue;
        Way way = {false, false, false, false};
        const uint8_t *end = text + at[i];
        int64_t last = at[i] > back ? at[i] - back : 0;
        for (int64_t from, to = at[i]; to > last && !way.over; to = from) {
            from = to - last > BLOCK ? to - BLOCK : last;
            uint8_t spare[BLOCK + BEYOND];
            uint64_t mask = among(&some, block(text, size, from, spare));
            mask &= ~0ull >> (BLOCK - (to - from));
            while (mask && !way.over) {
                int64_t place = from + 63 - __builtin_clzll(mask);
                mask &= ~(1ull << (place - from));
                if (may(&known, text[place], place + 1 < at[i] ? text[place + 1] : 0))
                    see(&known, text + place, end, &way);
            }
        }
        told[i] = way.told;
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
            if (may(&known, here[0], here[1]) && begins(&known, here, end) &&
                !(push(&found[0], i) && push(&found[1], here - text)))
                return false;
    }
    return true;
}
