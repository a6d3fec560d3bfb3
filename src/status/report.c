/* report.c - an error as people want to see it: message, text, caret, hint */
#include <sbind/status.h>

#include <stdbool.h>
#include <string.h>

#include "writer.h"

#define INDENT 2  /* columns before the text */
#define WINDOW 72 /* columns of the text, at most */
#define BEFORE 40 /* of these, before the caret, when the text is cut */

static void put_spaces(sbind__writer *to, size_t n)
{
    while (n-- > 0)
        sbind__put(to, " ", 1);
}

/* Columns that an octet takes: itself, or \xHH. */
static size_t width(char c) { return c >= 0x20 && c <= 0x7E ? 1 : 4; }

static void put_escaped(sbind__writer *to, char c)
{
    static const char digits[16] = "0123456789abcdef";
    unsigned octet = (unsigned char)c;
    if (width(c) == 1) {
        sbind__put(to, &c, 1);
        return;
    }
    sbind__put(to, "\\x", 2);
    sbind__put(to, &digits[octet >> 4], 1);
    sbind__put(to, &digits[octet & 15], 1);
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
static void put_excerpt(sbind__writer *to, const char *text, size_t len,
                        size_t mark, bool caret)
{
    size_t i = window_start(text, len, mark), column = 0, caret_column = 0;
    bool whole = fits(text, len);

    put_spaces(to, INDENT);
    if (i > 0) {
        sbind__put_text(to, "...");
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
    sbind__put_text(to, i < len ? "...\n" : "\n");
    if (caret) {
        put_spaces(to, INDENT + caret_column);
        sbind__put_text(to, "^\n");
    }
}

/* "LISTEN_FDS: text (name)" */
static void put_message(sbind__writer *to, const sbind_error *e)
{
    if (e->variable != NULL) {
        sbind__put_text(to, e->variable);
        sbind__put_text(to, ": ");
    }
    sbind__put_text(to, sbind_status_text(e->status));
    sbind__put_text(to, " (");
    sbind__put_text(to, sbind_status_name(e->status));
    sbind__put_text(to, ")");
}

/* getaddrinfo's codes are negative. */
static uint32_t magnitude(int error)
{
    return error < 0 ? 0U - (uint32_t)error : (uint32_t)error;
}

/* "; at tcp://[::1]:80; descriptor 3; bind: EACCES" */
static void put_particulars(sbind__writer *to, const sbind_error *e)
{
    if (e->attempt[0] != '\0') {
        sbind__put_text(to, "; at ");
        sbind__put_text(to, e->attempt);
    }
    for (int i = 0; i < 2 && e->fds[i] >= 0; i++) {
        sbind__put_text(to, i == 0 ? "; descriptor " : " and ");
        sbind__put_decimal(to, (uint32_t)e->fds[i]);
    }
    if (e->call != NULL) {
        sbind__put_text(to, "; ");
        sbind__put_text(to, e->call);
        sbind__put_text(to, ": ");
        if (e->os_name != NULL) {
            sbind__put_text(to, e->os_name);
        } else {
            sbind__put_text(to, "error ");
            sbind__put_text(to, e->os_error < 0 ? "-" : "");
            sbind__put_decimal(to, magnitude(e->os_error));
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
    char page[SBIND_REPORT_MAX];
    sbind__writer to = {page, sizeof page - 1, 0, false};

    put_message(&to, error);
    put_particulars(&to, error);
    sbind__put_text(&to, "\n");
    put_excerpt(&to, len ? text : "", len, caret ? mark : 0, caret);
    if (hint[0] != '\0') {
        put_spaces(&to, INDENT);
        sbind__put_text(&to, "hint: ");
        sbind__put_text(&to, hint);
        sbind__put_text(&to, "\n");
    }
    if (to.full || to.length >= cap)
        return SBIND_BUFFER_TOO_SMALL;
    memcpy(buf, page, to.length);
    buf[to.length] = '\0';
    *ret_len = to.length;
    return SBIND_OK;
}
