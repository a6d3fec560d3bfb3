/* reader.c - reads the arguments of options that several subcommands share */
#include "option.h"

#include "cli.h"
#include "number.h"

int option_refused(const char *self, const option_row *row)
{
    if (row->takes != NULL)
        return cli_usage(self, "--%s takes %s", row->name, row->takes);
    return cli_usage(self, "--%s takes %d to %d", row->name, row->least,
                     row->most);
}

static int done_if(bool is_read, const char *self, const option_row *row)
{
    return is_read ? DONE : option_refused(self, row);
}

int option_true(const char *self, const option_row *row, const char *text,
                void *at)
{
    (void)self, (void)row, (void)text;
    *(bool *)at = true;
    return DONE;
}

int option_set(const char *self, const option_row *row, const char *text,
               void *at)
{
    (void)self, (void)text;
    *(int *)at = row->value;
    return DONE;
}

int option_number(const char *self, const option_row *row, const char *text,
                  void *at)
{
    return done_if(number_read(text, row->least, row->most, at), self, row);
}

int option_mode(const char *self, const option_row *row, const char *text,
                void *at)
{
    return done_if(number_read_mode(text, at), self, row);
}

int option_user(const char *self, const option_row *row, const char *text,
                void *at)
{
    uint32_t unused;
    return done_if(number_read_user(text, at, &unused), self, row);
}

int option_gid(const char *self, const option_row *row, const char *text,
               void *at)
{
    return done_if(number_read_group(text, at), self, row);
}

int option_text(const char *self, const option_row *row, const char *text,
                void *at)
{
    (void)self, (void)row;
    *(const char **)at = text;
    return DONE;
}
