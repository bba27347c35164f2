/* Texts side by side. */
#include "text.h"

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
