/* report.c - an error as people want to see it: message, text, caret, hint */
#include <sbind/status.h>

#include <stdbool.h>
#include <string.h>

#define INDENT 2  /* columns before the text */
#define WINDOW 72 /* columns of the text, at most */
#define BEFORE 40 /* of these, before the caret, when the text is cut */

typedef struct page {
    char text[SBIND_REPORT_MAX];
    size_t length;
    bool full;
} page;

static void put(page *to, const char *octets, size_t n)
{
    if (n >= sizeof to->text - to->length) {
        to->full = true;
        return;
    }
    memcpy(to->text + to->length, octets, n);
    to->length += n;
}

static void put_text(page *to, const char *text)
{
    put(to, text, strlen(text));
}

static void put_spaces(page *to, size_t n)
{
    while (n-- > 0)
        put(to, " ", 1);
}

static void put_decimal(page *to, unsigned value)
{
    char digits[10];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(to, digits + n, sizeof digits - n);
}

/* Columns that an octet takes: itself, or \xHH. */
static size_t width(char c) { return c >= 0x20 && c <= 0x7E ? 1 : 4; }

static void put_escaped(page *to, char c)
{
    static const char digits[16] = "0123456789abcdef";
    unsigned octet = (unsigned char)c;
    if (width(c) == 1) {
        put(to, &c, 1);
        return;
    }
    put(to, "\\x", 2);
    put(to, &digits[octet >> 4], 1);
    put(to, &digits[octet & 15], 1);
}

static bool fits(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len && columns <= WINDOW; i++)
        columns += width(text[i]);
    return columns <= WINDOW;
}

/* Where to begin so that "mark" is shown, when not all is. */
static size_t window_start(const char *text, size_t len, size_t mark)
{
    size_t columns = 0, start = mark;
    if (fits(text, len))
        return 0;
    while (start > 0 && columns + width(text[start - 1]) <= BEFORE)
        columns += width(text[--start]);
    return start;
}

/* The text or the part of it around "mark", and the caret under mark. */
static void put_excerpt(page *to, const char *text, size_t len, size_t mark,
                        bool caret)
{
    size_t i = window_start(text, len, mark), column = 0, caret_column = 0;
    bool whole = fits(text, len);

    put_spaces(to, INDENT);
    if (i > 0) {
        put_text(to, "...");
        column = 3;
    }
    for (; i < len && (whole || column + width(text[i]) <= WINDOW - 3); i++) {
        if (i == mark)
            caret_column = column;
        put_escaped(to, text[i]);
        column += width(text[i]);
    }
    if (mark >= i)
        caret_column = column;
    put_text(to, i < len ? "...\n" : "\n");
    if (caret) {
        put_spaces(to, INDENT + caret_column);
        put_text(to, "^\n");
    }
}

/* "LISTEN_FDS: text (name)" */
static void put_message(page *to, const sbind_error *e)
{
    if (e->variable != NULL) {
        put_text(to, e->variable);
        put_text(to, ": ");
    }
    put_text(to, sbind_status_text(e->status));
    put_text(to, " (");
    put_text(to, sbind_status_name(e->status));
    put_text(to, ")");
}

/* "; at tcp://[::1]:80; descriptor 3; bind: EACCES" */
static void put_particulars(page *to, const sbind_error *e)
{
    if (e->attempt[0] != '\0') {
        put_text(to, "; at ");
        put_text(to, e->attempt);
    }
    for (int i = 0; i < 2 && e->fds[i] >= 0; i++) {
        put_text(to, i == 0 ? "; descriptor " : " and ");
        put_decimal(to, (unsigned)e->fds[i]);
    }
    if (e->call != NULL) {
        put_text(to, "; ");
        put_text(to, e->call);
        put_text(to, ": ");
        if (e->os_name != NULL) {
            put_text(to, e->os_name);
        } else {
            put_text(to, "error ");
            put_text(to, e->os_error < 0 ? "-" : "");
            put_decimal(to, e->os_error < 0 ? 0U - (unsigned)e->os_error
                                            : (unsigned)e->os_error);
        }
    }
}

sbind_status sbind_report(const sbind_error *error, const char *text,
                          size_t len, char *buf, size_t cap, size_t *ret_len)
{
    const char *hint =
        error->hint != NULL ? error->hint : sbind_status_hint(error->status);
    bool caret = error->offset != SBIND_NO_OFFSET;
    size_t mark = caret && error->offset < len ? error->offset : len;
    page to;

    to.length = 0;
    to.full = false;
    put_message(&to, error);
    put_particulars(&to, error);
    put_text(&to, "\n");
    put_excerpt(&to, len ? text : "", len, caret ? mark : 0, caret);
    if (hint[0] != '\0') {
        put_spaces(&to, INDENT);
        put_text(&to, "hint: ");
        put_text(&to, hint);
        put_text(&to, "\n");
    }
    if (to.full || to.length >= cap)
        return SBIND_BUFFER_TOO_SMALL;
    memcpy(buf, to.text, to.length);
    buf[to.length] = '\0';
    *ret_len = to.length;
    return SBIND_OK;
}
