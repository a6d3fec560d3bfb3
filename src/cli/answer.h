/* answer.h - what check and explain answer for programs: a JSON object for each
 * address, one on a line */
#ifndef SBIND_CLI_ANSWER_H
#define SBIND_CLI_ANSWER_H

#include <sbind/parse.h>
#include <sbind/status.h>

#include "json_writer.h"

/* {"text":, then one of the two in the middle, and more if there is */
void answer_begin(json_writer *w, const char *text);
void answer_accepted(json_writer *w, const sbind_address *address);
void answer_refused(json_writer *w, const sbind_error *error);
void answer_end(json_writer *w);

#endif
