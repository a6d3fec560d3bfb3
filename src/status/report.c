/* report.c - an error as people read it: message, text, caret, hint */
#include <sbind/status.h>

#include <stdbool.h>
#include <string.h>

#include "writer.h"

#define INDENT 2  /* columns before the text */
#define WINDOW 72 /* most columns of the text */
#define BEFORE 40 /* columns before the caret, if the text is cut */

static void put_spaces(sbind__writer *to, size_t n)
{
    static const char some[] = "                                ";
    for (; n >= sizeof some; n -= sizeof some - 1)
        sbind__put(to, some, sizeof some - 1);
    sbind__put(to, some, n);
}

/* How many columns an octet takes: 1, or 4 as \xHH. */
static size_t width(char c) { return c >= 0x20 && c <= 0x7E ? 1 : 4; }

static void put_escaped(sbind__writer *to, char c)
{
    static const char digits[] = "0123456789abcdef";
    unsigned octet = (unsigned char)c;
    sbind__put(to, "\\x", 2);
    sbind__put(to, &digits[octet >> 4], 1);
    sbind__put(to, &digits[octet & 15], 1);
}

static void put_octets(sbind__writer *to, const char *text, size_t len)
{
    size_t put = 0;
    for (size_t i = 0; i < len; i++)
        if (width(text[i]) != 1) {
            sbind__put(to, text + put, i - put);
            put_escaped(to, text[i]);
            put = i + 1;
        }
    sbind__put(to, text + put, len - put);
}

static bool fits(const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len && columns <= WINDOW; i++)
        columns += width(text[i]);
    return columns <= WINDOW;
}

/* The first octet to show of a text that is too long to be shown as a whole. The
 * part from there on includes "mark". */
static size_t window_start(const char *text, size_t mark)
{
    size_t columns = 0, start = mark;
    while (start > 0 && columns + width(text[start - 1]) <= BEFORE)
        columns += width(text[--start]);
    return start;
}

/* Writes the text, or the part around "mark". Returns the column of mark. */
static size_t put_window(sbind__writer *to, const char *text, size_t len,
                         size_t mark)
{
    bool whole = fits(text, len);
    size_t start = whole ? 0 : window_start(text, mark), i = start;
    size_t column = start > 0 ? 3 : 0, marked = column;
    for (; i < len && (whole || column + width(text[i]) <= WINDOW - 3); i++) {
        column += width(text[i]);
        if (i < mark)
            marked = column;
    }
    sbind__put_text(to, start > 0 ? "..." : "");
    put_octets(to, text + start, i - start);
    sbind__put_text(to, i < len ? "..." : "");
    return marked;
}

/* Writes a line with the text, and a line with the caret under mark. */
static void put_excerpt(sbind__writer *to, const char *text, size_t len,
                        size_t mark, bool caret)
{
    put_spaces(to, INDENT);
    size_t column = put_window(to, text, len, mark);
    sbind__put_text(to, "\n");
    if (caret) {
        put_spaces(to, INDENT + column);
        sbind__put_text(to, "^\n");
    }
}

/* "LISTEN_FDS: text (name)", "mode: text (name)" */
static void put_message(sbind__writer *to, const sbind_error *e)
{
    const char *subject = e->variable != NULL ? e->variable : e->option;
    if (subject != NULL) {
        sbind__put_text(to, subject);
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

/* "bind: EACCES" */
static void put_call(sbind__writer *to, const char *call, const char *os_name,
                     int os_error)
{
    sbind__put_text(to, call);
    sbind__put_text(to, ": ");
    if (os_name != NULL) {
        sbind__put_text(to, os_name);
        return;
    }
    sbind__put_text(to, "error ");
    sbind__put_text(to, os_error < 0 ? "-" : "");
    sbind__put_decimal(to, magnitude(os_error));
}

/* A program may have filled in the attempt itself. In that case the address may
 * fill the whole array, without a NUL. */
static size_t address_length(const sbind_attempt *a)
{
    const char *end = memchr(a->address, '\0', sizeof a->address);
    return end == NULL ? sizeof a->address : (size_t)(end - a->address);
}

static void put_address(sbind__writer *to, const sbind_attempt *a)
{
    put_octets(to, a->address, address_length(a));
}

/* A single attempt does not get a line of its own. Its address is left out if it
 * is the same as the text that the report shows anyway. */
static void put_only_attempt(sbind__writer *to, const sbind_error *e,
                             const char *text, size_t len)
{
    const sbind_attempt *a = &e->attempts[0];
    if (e->attempt_count != 1 ||
        (address_length(a) == len && memcmp(a->address, text, len) == 0))
        return;
    sbind__put_text(to, "; at ");
    put_address(to, a);
}

/* "; at tcp://[::1]:80; descriptor 3; bind: EACCES" */
static void put_particulars(sbind__writer *to, const sbind_error *e,
                            const char *text, size_t len)
{
    put_only_attempt(to, e, text, len);
    for (int i = 0; i < 2 && e->fds[i] >= 0; i++) {
        sbind__put_text(to, i == 0 ? "; descriptor " : " and ");
        sbind__put_decimal(to, (uint32_t)e->fds[i]);
    }
    if (e->call != NULL && e->attempt_count < 2) {
        sbind__put_text(to, "; ");
        put_call(to, e->call, e->os_name, e->os_error);
    }
}

/* ---- Several attempts -------------------------------------------------------- */

/* "tcp://[::1]:80: connect: ECONNREFUSED; no server listens on ..." */
static void put_attempt(sbind__writer *to, const sbind_attempt *a)
{
    const char *hint = a->hint != NULL ? a->hint : sbind_status_hint(a->status);
    put_address(to, a);
    sbind__put_text(to, ": ");
    if (a->call != NULL)
        put_call(to, a->call, a->os_name, a->os_error);
    else
        sbind__put_text(to, sbind_status_text(a->status));
    if (hint[0] != '\0') {
        sbind__put_text(to, "; ");
        sbind__put_text(to, hint);
    }
}

/* The texts before and after each part of a report. A report on several lines
 * and a report on a single line have different texts. */
typedef struct layout {
    const char *before, *after;
} layout;

static const layout of_page = {"  ", "\n"}, of_line = {"; ", ""};

static void put_attempts(sbind__writer *to, const sbind_error *e,
                         const layout *as)
{
    for (size_t i = 0; i < e->attempt_count && i < SBIND_ATTEMPTS_MAX; i++) {
        sbind__put_text(to, as->before);
        put_attempt(to, &e->attempts[i]);
        sbind__put_text(to, as->after);
    }
    if (e->attempt_count > SBIND_ATTEMPTS_MAX) {
        sbind__put_text(to, as->before);
        sbind__put_text(to, "and ");
        sbind__put_decimal(to,
                           (uint32_t)(e->attempt_count - SBIND_ATTEMPTS_MAX));
        sbind__put_text(to, " more");
        sbind__put_text(to, as->after);
    }
}

static void put_hint(sbind__writer *to, const sbind_error *e, const layout *as)
{
    const char *hint = e->hint != NULL ? e->hint : sbind_status_hint(e->status);
    if (hint[0] == '\0')
        return;
    sbind__put_text(to, as->before);
    sbind__put_text(to, "hint: ");
    sbind__put_text(to, hint);
    sbind__put_text(to, as->after);
}

/* Writes the hint. If there were several attempts, writes them instead, each with
 * its hint. */
static void put_remedies(sbind__writer *to, const sbind_error *e,
                         const layout *as)
{
    if (e->attempt_count > 1)
        put_attempts(to, e, as);
    else
        put_hint(to, e, as);
}

/* ---- All of it ------------------------------------------------------------------ */

static bool has_caret(const sbind_error *e)
{
    return e->offset != SBIND_NO_OFFSET;
}

/* The octet that the report shows in any case: the one under the caret. */
static size_t mark_of(const sbind_error *e, size_t len)
{
    if (!has_caret(e))
        return 0;
    return e->offset < len ? e->offset : len;
}

static void put_page(sbind__writer *to, const sbind_error *e, const char *text,
                     size_t len)
{
    put_message(to, e);
    put_particulars(to, e, text, len);
    sbind__put_text(to, "\n");
    put_excerpt(to, text, len, mark_of(e, len), has_caret(e));
    put_remedies(to, e, &of_page);
}

/* "; octet 3 of tcp:/" */
static void put_place(sbind__writer *to, const sbind_error *e, const char *text,
                      size_t len)
{
    size_t mark = mark_of(e, len);
    if (has_caret(e)) {
        sbind__put_text(to, "; octet ");
        sbind__put_decimal(to, (uint32_t)mark);
    }
    if (len == 0)
        return;
    sbind__put_text(to, has_caret(e) ? " of " : "; ");
    put_window(to, text, len, mark);
}

static void put_line(sbind__writer *to, const sbind_error *e, const char *text,
                     size_t len)
{
    put_message(to, e);
    put_particulars(to, e, text, len);
    put_place(to, e, text, len);
    put_remedies(to, e, &of_line);
    // an error that a program has filled in may have other octets
    for (size_t i = 0; to->buf != NULL && i < to->length; i++)
        if (width(to->buf[i]) != 1)
            to->buf[i] = ' ';
}

typedef void report_form(sbind__writer *to, const sbind_error *e,
                         const char *text, size_t len);

/* Writes a report twice: first only to count its octets, so that buf stays
 * untouched if they do not fit. Counting takes less of the stack than writing
 * to a copy. */
static sbind_status write_report(report_form *put, const sbind_error *error,
                                 const char *text, size_t len, char *buf,
                                 size_t cap, size_t *ret_len)
{
    sbind__writer count = {NULL, SBIND_REPORT_MAX - 1, 0, false};
    sbind__writer to = {buf, cap, 0, false};

    if (len == 0)
        text = ""; /* it may be NULL */
    put(&count, error, text, len);
    if (count.full || count.length >= cap)
        return SBIND_BUFFER_TOO_SMALL;
    put(&to, error, text, len);
    sbind__put_end(&to);
    *ret_len = to.length;
    return SBIND_OK;
}

sbind_status sbind_report(const sbind_error *error, const char *text,
                          size_t len, char *buf, size_t cap, size_t *ret_len)
{
    return write_report(put_page, error, text, len, buf, cap, ret_len);
}

sbind_status sbind_report_line(const sbind_error *error, const char *text,
                               size_t len, char *buf, size_t cap,
                               size_t *ret_len)
{
    return write_report(put_line, error, text, len, buf, cap, ret_len);
}
