/* answer.h - answers of check and explain as JSON, for programs: one line for
 * each address, with one object */
#ifndef SBIND_CLI_ANSWER_H
#define SBIND_CLI_ANSWER_H

#include <sbind/parse.h>
#include <sbind/status.h>

#include "json_writer.h"

/* answer_begin writes {"text": and the text. One of the next two functions has
 * to follow. Before answer_end, more members may be written. */
void answer_begin(json_writer *w, const char *text);
void answer_accepted(json_writer *w, const sbind_address *address);
void answer_refused(json_writer *w, const sbind_error *error);
void answer_end(json_writer *w);

#endif
