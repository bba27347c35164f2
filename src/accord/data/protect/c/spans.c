/* Spans of several kinds, put in order. */
#include "text.h"

/* A span with what it is sorted by: its kind and start, or its start and kind. */
typedef struct {
    int64_t major, minor, end;
} Span;

static inline bool
before(const Span *one, const Span *other)
{
    return one->major < other->major || (one->major == other->major && one->minor < other->minor);
}

/* The end of the spans in order that begin here. */
static int64_t
ordered(const Span *spans, int64_t first, int64_t count)
{
    int64_t last = first;
    while (last < count && (last == first || !before(&spans[last], &spans[last - 1])))
        last++;
    return last;
}

/* Sorts spans, equal ones as they come, by merging what is in order already: most of them are.
 * Returns which of the two arrays they are in then. */
static Span *
sorted(Span *spans, Span *spare, int64_t count)
{
    while (ordered(spans, 0, count) < count) {
        for (int64_t first = 0, last; first < count; first = last) {
            int64_t middle = ordered(spans, first, count), left = first, right = middle;
            last = ordered(spans, middle, count);
            for (int64_t to = first; to < last; to++) {
                bool other = left == middle ||
                             (right < last && before(&spans[right], &spans[left]));
                spare[to] = spans[other ? right++ : left++];
            }
        }
        Span *done = spare;
        spare = spans;
        spans = done;
    }
    return spans;
}

/* Puts spans in order of their start, those of one kind that overlap as one.
 *
 * start, end, kind [count] are changed; cluster [count] becomes, of each span, the place of the
 * first of those that hang together by overlaps. Returns how many there are then, -1 without
 * memory.
 */
int64_t
united(int64_t *start, int64_t *end, int64_t *kind, int64_t count, int64_t *cluster)
{
    Span *memory = malloc((size_t)(count > 0 ? 2 * count : 1) * sizeof *memory);
    if (memory == NULL)
        return -1;
    for (int64_t i = 0; i < count; i++)
        memory[i] = (Span){kind[i], start[i], end[i]};
    Span *spans = sorted(memory, memory + count, count);
    int64_t many = 0;
    for (int64_t i = 0; i < count; i++) {
        Span *last = spans + many - 1;
        if (many && last->major == spans[i].major && spans[i].minor < last->end) {
            if (spans[i].end > last->end)
                last->end = spans[i].end;
        } else {
            spans[many++] = spans[i];
        }
    }
    for (int64_t i = 0; i < many; i++)
        spans[i] = (Span){spans[i].minor, spans[i].major, spans[i].end};
    spans = sorted(spans, spans == memory ? memory + count : memory, many);
    int64_t furthest = 0, first = 0;
    for (int64_t i = 0; i < many; i++) {
        start[i] = spans[i].major;
        kind[i] = spans[i].minor;
        end[i] = spans[i].end;
        if (i == 0 || start[i] >= furthest)
            first = i;
        if (i == 0 || end[i] > furthest)
            furthest = end[i];
        cluster[i] = first;
    }
    free(memory);
    return many;
}

/* Where spans in order stand in the texts that were joined: start and end become positions in the
 * text of each before full-width forms were folded, row which text that is.
 *
 * folded [folds]: where folded forms stand. starts [rows]: where texts begin before folding.
 */
void
located(int64_t *start, int64_t *end, int64_t count, const int64_t *folded, int64_t folds,
        const int64_t *starts, int64_t rows, int64_t *row)
{
    int64_t passed = 0, text = 0;
    for (int64_t i = 0; i < count; i++) {
        while (passed < folds && folded[passed] < start[i])
            passed++;
        int64_t inside = passed;
        while (inside < folds && folded[inside] < end[i])
            inside++;
        start[i] += 2 * passed;
        end[i] += 2 * inside;
        while (text + 1 < rows && starts[text + 1] <= start[i])
            text++;
        row[i] = text;
        if (rows > 0) {
            start[i] -= starts[text];
            end[i] -= starts[text];
        }
    }
}

/* A text with parts of it exchanged for others.
 *
 * start, end [count]: of the parts, in order. size [count]: bytes of what takes the place of each,
 * which stand one after the other in `values`. `found` has room for the whole.
 */
void
exchanged(const uint8_t *text, int64_t length, const int64_t *start, const int64_t *end,
          int64_t count, const uint8_t *values, const int64_t *size, uint8_t *found)
{
    int64_t last = 0;
    for (int64_t i = 0; i < count; i++) {
        memcpy(found, text + last, (size_t)(start[i] - last));
        found += start[i] - last;
        memcpy(found, values, (size_t)size[i]);
        found += size[i];
        values += size[i];
        last = end[i];
    }
    memcpy(found, text + last, (size_t)(length - last));
}
