/* status.c - the names, texts and hints of the statuses */
#include <sbind/status.h>

#include <stddef.h>

typedef struct row {
    sbind_status status;
    const char *name, *text, *hint;
} row;

static const row rows[] = {
#define ROW(id, number, name, text, hint) {id, name, text, hint},
    SBIND_STATUS_LIST(ROW)
#undef ROW
};

static const row *find_status(sbind_status status)
{
    static const row unknown = {SBIND_OK, "unknown",
                                "this is no status of sbind", ""};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *sbind_status_name(sbind_status status)
{
    return find_status(status)->name;
}

const char *sbind_status_text(sbind_status status)
{
    return find_status(status)->text;
}

const char *sbind_status_hint(sbind_status status)
{
    return find_status(status)->hint;
}
