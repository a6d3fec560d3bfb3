/* posix/variables.c - the environment of the command: the variables of -E, and
 * the address of the client
 *
 * An environment may have the same variable several times. setenv would only change
 * the first, so unsetenv removes all of them before. */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "variables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "remote.h"

/* ---- What -E says --------------------------------------------------------- */

static size_t length_of(const char *variable) { return strcspn(variable, "="); }

static bool is_named(const char *variable, const char *name, size_t length)
{
    return length_of(variable) == length &&
           strncmp(variable, name, length) == 0;
}

/* If -E is given several times for a name, the last one counts. */
static const char *last_of(const serving *s, const char *name, size_t length)
{
    for (size_t i = s->variable_count; i > 0; i--)
        if (is_named(s->variables[i - 1], name, length))
            return s->variables[i - 1];
    return NULL;
}

const char *variables_value(const serving *s, const char *name)
{
    const size_t length = strlen(name);
    const char *variable = last_of(s, name, length);
    if (variable == NULL || variable[length] == '\0')
        return getenv(name);
    return variable + length + 1;
}

static int set(const char *name, const char *value)
{
    if (unsetenv(name) != 0 || setenv(name, value, 1) != 0)
        return cli_failed("setenv");
    return DONE;
}

/* With NAME alone, the variable keeps the value that it has. */
static int set_one(const char *variable)
{
    const size_t length = length_of(variable);
    if (variable[length] == '\0')
        return DONE;
    char *name = strndup(variable, length);
    if (name == NULL)
        return cli_failed("strndup");
    int status = set(name, variable + length + 1);
    free(name);
    return status;
}

int variables_set(const serving *s)
{
    int status = DONE;
    for (size_t i = 0; status == DONE && i < s->variable_count; i++) {
        const char *one = s->variables[i];
        if (last_of(s, one, length_of(one)) == one)
            status = set_one(one);
    }
    return status;
}

/* ---- Who the client is ------------------------------------------------------ */

int variables_set_peer(const sbind_peer *peer)
{
    char address[REMOTE_MAX], port[8];
    int status = DONE;
    unsetenv("REMOTE_ADDR");
    unsetenv("REMOTE_PORT");
    if (remote_address(peer, address))
        status = set("REMOTE_ADDR", address);
    if (status == DONE && remote_is_tcp(peer)) {
        snprintf(port, sizeof port, "%u", (unsigned)peer->address.port);
        status = set("REMOTE_PORT", port);
    }
    return status;
}
