/* answer.c - answers of check and explain as JSON, for programs */
#include "answer.h"

#include <string.h>

void answer_begin(json_writer *w, const char *text)
{
    json_begin(w, NULL, '{');
    json_octets(w, "text", text, strlen(text));
}

void answer_accepted(json_writer *w, const sbind_address *address)
{
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    sbind_format(address, canonical, sizeof canonical, &length);
    json_bool(w, "ok", true);
    json_octets(w, "canonical", canonical, length);
    json_text(w, "scheme", sbind_scheme(address->kind));
}

void answer_refused(json_writer *w, const sbind_error *error)
{
    json_bool(w, "ok", false);
    json_text(w, "error", sbind_status_name(error->status));
    json_text(w, "message", sbind_status_text(error->status));
    if (error->offset == SBIND_NO_OFFSET)
        json_null(w, "offset");
    else
        json_number(w, "offset", (long long)error->offset);
    json_text(w, "hint",
              error->hint != NULL ? error->hint
                                  : sbind_status_hint(error->status));
}

void answer_end(json_writer *w)
{
    json_end(w, '}');
    json_newline();
    w->follows = false;
}
