/* Runs of digits, and how they hang together. */
#include "text.h"

/* Bit `i`: whether byte `i` of the block is a digit. */
static inline uint64_t
digits(const uint8_t *here)
{
    uint8_t hit[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        hit[i] = (uint8_t)((uint8_t)(here[i] - '0') > 9) - 1;
    return bits(hit);
}

/* How many runs of digits there are. */
EVERY_BYTE int64_t
count_runs(const uint8_t *text, int64_t size)
{
    uint8_t spare[BLOCK + BEYOND];
    int64_t count = 0;
    uint64_t before = 0;
    for (int64_t at = 0; at < size; at += BLOCK) {
        uint64_t mask = digits(block(text, size, at, spare));
        count += __builtin_popcountll(mask & ~(mask << 1 | before));
        before = mask >> 63;
    }
    return count;
}

/* Where each run begins and ends [count + FEW], in a text that does not end with one. */
EVERY_BYTE static void
edges(const uint8_t *text, int64_t size, int64_t count, int64_t *start, int64_t *end)
{
    uint8_t spare[BLOCK + BEYOND];
    int64_t begun = 0, ended = 0;
    uint64_t before = 0;
    for (int64_t from = 0; from < size; from += BLOCK) {
        uint64_t mask = digits(block(text, size, from, spare));
        uint64_t behind = mask << 1 | before, first = mask & ~behind, last = behind & ~mask;
        if (begun + __builtin_popcountll(first) > count ||
            ended + __builtin_popcountll(last) > count)
            return;
        begun += unpack(first, from, start + begun);
        ended += unpack(last, from, end + ended);
        before = mask >> 63;
    }
}

/* Three bytes as a number. */
static inline uint32_t
packed(const uint8_t *at)
{
    return (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
}

/* What signs between two runs mean: by the table `single` [256] if one byte, else by `several`
 * [many, 3], in which empty bytes stand before what is shorter, and `links` [many]. */
typedef struct {
    const uint8_t *single, *several, *links;
    int64_t many;
    bool begins[256];
} Between;

static inline uint8_t
meaning(const Between *known, const uint8_t *between, int64_t gap)
{
    uint8_t link = gap == 1 ? known->single[*between] : 0;
    if (!known->begins[*between] || (gap != 2 && gap != 3))
        return link;
    uint32_t sign = packed(between) >> (gap == 2 ? 8 : 0);
    for (int64_t i = 0; i < known->many; i++)
        if (packed(known->several + 3 * i) == sign)
            return known->links[i];
    return 0;
}

/* The first digits of a run, at most four, as a number; four bytes may be read. */
static inline uint16_t
head_of(const uint8_t *digits, int64_t size)
{
    uint32_t four;
    memcpy(&four, digits, sizeof four);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    four = __builtin_bswap32(four);
#endif
    /* What is no digit of the run is shifted out, and zeros stand before it. */
    four = (four << (size < 4 ? 8 * (4 - size) : 0)) & 0x0F0F0F0Fu;
    four = 10 * four + (four >> 8);
    return (uint16_t)((four & 0xFF) * 100 + (four >> 16 & 0xFF));
}

/* Runs of digits of a text that neither begins nor ends with one: where each begins and ends, what
 * stands between it and the next, its token and its first digits as a number [count of them, and
 * `FEW` more of start and end].
 *
 * single, several, links: as in `Between`. word [256]: the bytes that may belong to a number. A
 * token is the number of digits, at most 31; 5 bits on, the link; 9 and 10 bits on, whether no word
 * touches the run before and behind.
 */
void
runs(const uint8_t *text, int64_t size, const uint8_t *single, const uint8_t *several,
     const uint8_t *links, int64_t many, const uint8_t *word, int64_t count, int64_t *start,
     int64_t *end, uint8_t *link, uint16_t *token, uint16_t *head)
{
    Between known = {single, several, links, many, {false}};
    for (int64_t i = 0; i < many; i++)
        known.begins[several[3 * i] ? several[3 * i] : several[3 * i + 1]] = true;
    edges(text, size, count, start, end);
    for (int64_t i = 0; i < count; i++) {
        int64_t first = start[i], last = end[i];
        int64_t length = last - first, gap = i + 1 < count ? start[i + 1] - last : 0;
        uint8_t spare[4] = {0}, between = meaning(&known, text + last, gap);
        unsigned free = (unsigned)!word[text[first - 1]] << 9 | (unsigned)!word[text[last]] << 10;
        if (first > size - 4)
            memcpy(spare, text + first, (size_t)(size - first));
        link[i] = between;
        token[i] = (uint16_t)((length < 31 ? length : 31) | between << 5 | free);
        head[i] = head_of(first > size - 4 ? spare : text + first, length);
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
        if (width > 2)
            bits &= tables[2 * TOKENS + (i + 1 < many ? token[i + 1] : 0)];
        for (int64_t place = 3; place < width && bits; place++) {
            int64_t next = i + place - 1;
            bits &= tables[TOKENS * place + (next < many ? token[next] : 0)];
        }
        for (; bits; bits &= bits - 1)
            if (!push(&found[__builtin_ctzll(bits)], i))
                return false;
    }
    return true;
}

/* Which runs each of 64 rules takes: found [64].
 *
 * around [4, 256] say for which rules (bits) the byte before a run, its first digit, the byte
 * behind it and the one after that are right, digits [32] the same of the number of its digits;
 * more digits count as 31.
 */
bool
touching(const uint8_t *text, int64_t size, const int64_t *start, const int64_t *end, int64_t count,
         const uint64_t *around, const uint64_t *digits, List *found)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t length = end[i] - start[i];
        uint64_t bits = around[text[start[i] - 1]] & around[256 + text[start[i]]];
        bits &= around[512 + text[end[i]]];
        bits &= around[768 + (end[i] + 1 < size ? text[end[i] + 1] : 0)];
        bits &= digits[length < 31 ? length : 31];
        for (; bits; bits &= bits - 1)
            if (!push(&found[__builtin_ctzll(bits)], i))
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
