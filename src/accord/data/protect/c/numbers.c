/* Digits as numbers, and their check digits. */
#include "text.h"

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

/* ISO/IEC 7812-1: whether the digits from each `start` to each `end` have Luhn's check digit, and
 * how many they are; what stands between them does not count. The first six as a number. */
void
luhn(const uint8_t *text, int64_t size, const int64_t *start, const int64_t *end, int64_t count,
     uint8_t *right, int64_t *digits, int64_t *six)
{
    static const uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    for (int64_t i = 0; i < count; i++) {
        right[i] = 0;
        digits[i] = six[i] = 0;
        if (start[i] < 0 || end[i] > size)
            continue;
        int64_t seen = 0;
        unsigned sums[2] = {0, 0};
        for (int64_t at = start[i]; at < end[i]; at++) {
            if (!is_digit(text[at]))
                continue;
            unsigned digit = text[at] - (unsigned)'0';
            if (seen < 6)
                six[i] = 10 * six[i] + digit;
            /* Which ones are doubled is known at the end: both ways are summed. */
            sums[seen & 1] += digit;
            sums[~seen & 1] += doubled[digit];
            seen++;
        }
        digits[i] = seen;
        right[i] = seen > 0 && sums[~seen & 1] % 10 == 0;
    }
}
