/* status.c - the names, texts and hints of the statuses */
#include <sbind/status.h>

const char *sbind_status_name(sbind_status status)
{
    switch (status) {
#define NAME(id, number, name, text, hint)                                     \
    case id:                                                                   \
        return name;
        SBIND_STATUS_LIST(NAME)
#undef NAME
    }
    return "unknown";
}

const char *sbind_status_text(sbind_status status)
{
    switch (status) {
#define TEXT(id, number, name, text, hint)                                     \
    case id:                                                                   \
        return text;
        SBIND_STATUS_LIST(TEXT)
#undef TEXT
    }
    return "this is no status of sbind";
}

const char *sbind_status_hint(sbind_status status)
{
    switch (status) {
#define HINT(id, number, name, text, hint)                                     \
    case id:                                                                   \
        return hint;
        SBIND_STATUS_LIST(HINT)
#undef HINT
    }
    return "";
}
