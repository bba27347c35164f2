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
 * how many they are; what stands between them does not count. The first four as a number. */
void
luhn(const uint8_t *text, int64_t size, const int64_t *start, const int64_t *end, int64_t count,
     uint8_t *right, int64_t *digits, int64_t *four)
{
    static const uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    for (int64_t i = 0; i < count; i++) {
        right[i] = 0;
        digits[i] = four[i] = 0;
        if (start[i] < 0 || end[i] > size)
            continue;
        int64_t seen = 0;
        unsigned sums[2] = {0, 0};
        for (int64_t at = start[i]; at < end[i]; at++) {
            if (!is_digit(text[at]))
                continue;
            unsigned digit = text[at] - (unsigned)'0';
            if (seen < 4)
                four[i] = 10 * four[i] + digit;
            /* Which ones are doubled is known at the end: both ways are summed. */
            sums[seen & 1] += digit;
            sums[~seen & 1] += doubled[digit];
            seen++;
        }
        digits[i] = seen;
        right[i] = seen > 0 && sums[~seen & 1] % 10 == 0;
    }
}

static inline bool
is_date(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return year >= 1850 && year < 2100 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month];
}

static inline unsigned
two(const uint8_t *digits)
{
    return 10u * (digits[0] & 15u) + (digits[1] & 15u);
}

/* GB 11643-1999: whether the 18 characters from each position on, 17 digits and a digit or X, have
 * one of `provinces` [100], a date and the check digit of ISO 7064 mod 11-2. */
void
residents(const uint8_t *text, int64_t size, const int64_t *at, int64_t count,
          const uint8_t *provinces, uint8_t *right)
{
    static const uint8_t weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    for (int64_t i = 0; i < count; i++) {
        right[i] = 0;
        if (at[i] < 0 || at[i] > size - 18)
            continue;
        const uint8_t *digits = text + at[i];
        unsigned sum = 0, last = is_digit(digits[17]) ? digits[17] & 15u : 10;
        for (int place = 0; place < 17; place++)
            sum += weights[place] * (digits[place] & 15u);
        unsigned province = two(digits), year = 100 * two(digits + 6) + two(digits + 8);
        right[i] = (12 - sum % 11) % 11 == last && province < 100 && provinces[province] &&
                   is_date(year, two(digits + 10), two(digits + 12));
    }
}

/* ISO 13616: whether what stands from each `start` to each `end` has a remainder of one by 97;
 * letters count in either case, and what is no letter or digit does not. */
void
ibans(const uint8_t *text, int64_t size, const int64_t *start, const int64_t *end, int64_t count,
      uint8_t *right)
{
    for (int64_t i = 0; i < count; i++) {
        right[i] = 0;
        if (start[i] < 0 || end[i] > size)
            continue;
        unsigned rest = 0, country = 0, digits = 1;
        int64_t seen = 0;
        for (int64_t at = start[i]; at < end[i]; at++) {
            uint8_t byte = upper(text[at]);
            bool letter = byte >= 'A' && byte <= 'Z';
            if (!letter && !is_digit(byte))
                continue;
            unsigned value = letter ? byte - 'A' + 10u : byte & 15u, places = letter ? 100 : 10;
            /* The first four count as if they stood behind the others. */
            if (seen++ < 4) {
                country = country * places + value;
                digits *= places;
            } else {
                rest = (rest * places + value) % 97;
            }
        }
        right[i] = seen > 4 && (rest * (digits % 97) + country) % 97 == 1;
    }
}
