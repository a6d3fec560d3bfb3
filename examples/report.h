/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * report.h - what the examples print if an address cannot be used
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

/* The text that the report quotes. It is the address, or the value of the
 * environment variable that the error is about. */
static int refuse(const char *program, const sbind_error *error,
                  const char *text)
{
    char report[SBIND_REPORT_MAX];
    size_t length;
    if (error->variable != NULL)
        text = getenv(error->variable);
    if (text == NULL)
        text = "";
    sbind_report(error, text, strlen(text), report, sizeof report, &length);
    fprintf(stderr, "%s: %s", program, report);
    return EXIT_FAILURE;
}

#endif
