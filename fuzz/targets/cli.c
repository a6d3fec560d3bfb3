/* cli.c - asserts that the command, with any arguments and any requests,
 * returns one of its four statuses. It writes to standard error exactly when
 * the status is not 0 (except with "--json", which answers on standard output).
 * It prints the same as sbind_format, answers each request of the adapter with
 * one line, and prints only printable ASCII. The target reaches all of src/cli/
 * except "listen", whose options would stay from call to call. "connect" ends
 * just before it would connect.
 *
 * Input: arguments, separated by NULs. An octet 0xFF ends them, and standard input
 * follows. */
#define _GNU_SOURCE /* getopt, open_memstream */
#include <getopt.h>

#include <sbind/sbind.h>

#include "../fuzz.h"

enum { ARGUMENTS = 12, DONE = 0, REFUSED = 1, USAGE = 2, SYSTEM = 111 };

/* The build renames two functions: main, and sbind_connect where the command calls
 * it. */
int sbind_main(int argc, char **argv);
sbind_status fuzz_connect(const sbind_address *address,
                          const sbind_connect_options *options,
                          sbind_stream *ret, sbind_error *reterr);

sbind_status fuzz_connect(const sbind_address *address,
                          const sbind_connect_options *options,
                          sbind_stream *ret, sbind_error *reterr)
{
    (void)ret;
    CHECK(sbind_valid(address) && options->size == sizeof *options);
    memset(reterr, 0, sizeof *reterr);
    reterr->status = SBIND_TIMED_OUT;
    reterr->offset = SBIND_NO_OFFSET;
    reterr->fds[0] = reterr->fds[1] = -1;
    return reterr->status;
}

/* ---- Standard input, output and error in memory ----------------------------- */

typedef struct page {
    char *text;
    size_t length;
    FILE *file, *real;
} page;

static void open_page(page *p, FILE **stream)
{
    p->file = open_memstream(&p->text, &p->length);
    CHECK(p->file != NULL);
    p->real = *stream;
    *stream = p->file;
}

static void close_page(page *p, FILE **stream)
{
    *stream = p->real;
    fclose(p->file);
}

static int run(int argc, char **argv, fuzz_input input, page *out, page *err)
{
    char *text = fuzz_copy(input.at, input.left);
    FILE *real = stdin;
    int status;
    stdin = fmemopen(text, input.left > 0 ? input.left : 1, "r");
    CHECK(stdin != NULL);
    if (input.left == 0) /* fmemopen cannot open an empty file */
        fgetc(stdin);
    open_page(out, &stdout);
    open_page(err, &stderr);
    optind = 0; /* makes getopt begin anew */
    status = sbind_main(argc, argv);
    close_page(err, &stderr);
    close_page(out, &stdout);
    fclose(stdin);
    stdin = real;
    free(text);
    return status;
}

/* ---- What is asserted ------------------------------------------------------ */

static size_t lines(const uint8_t *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += text[i] == '\n' || i == size - 1;
    return n;
}

/* Each answer is a line of JSON, with blanks only within names. */
static void check_answers(const page *out, fuzz_input input)
{
    size_t answers = 0, begin = 0;
    for (size_t i = 0; i < out->length; i++) {
        if (out->text[i] != '\n')
            continue;
        CHECK(i - begin > 10 && memcmp(out->text + begin, "{\"ok\":", 6) == 0);
        CHECK(out->text[i - 1] == '}');
        begin = i + 1;
        answers++;
    }
    CHECK(begin == out->length && answers == lines(input.at, input.left));
}

static void check_printable(const page *p)
{
    for (size_t i = 0; i < p->length; i++)
        CHECK(p->text[i] == '\n' || (p->text[i] >= 0x20 && p->text[i] <= 0x7E));
}

/* Writes the text as the command shows it: octets other than printable ASCII become
 * \xHH. */
static size_t escape(const char *text, size_t n, char *ret)
{
    char *to = ret;
    for (size_t i = 0; i < n; i++)
        if (text[i] >= 0x20 && text[i] <= 0x7E)
            *to++ = text[i];
        else
            to += sprintf(to, "\\x%02x", (unsigned)(unsigned char)text[i]);
    return (size_t)(to - ret);
}

/* The first line is the canonical spelling, or nothing is printed. */
static void check_address(const char *text, int status, const page *out)
{
    char canonical[SBIND_FORMAT_MAX], shown[4 * SBIND_FORMAT_MAX + 1];
    sbind_address a;
    size_t n;
    if (sbind_parse(text, strlen(text), &a, NULL) != SBIND_OK) {
        CHECK(status == REFUSED && out->length == 0);
        return;
    }
    CHECK(sbind_format(&a, canonical, sizeof canonical, &n) == SBIND_OK);
    n = escape(canonical, n, shown);
    CHECK(status == DONE && out->length > n && out->text[n] == '\n');
    CHECK(memcmp(out->text, shown, n) == 0);
}

/* Whether --json is among the arguments. getopt_long also accepts abbreviations of
 * it. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strlen(argv[i]) > 2 &&
            strncmp(argv[i], "--json", strlen(argv[i])) == 0)
            return true;
    return false;
}

static void check(int argc, char **argv, fuzz_input input)
{
    bool json = asks_for_json(argc, argv);
    page out, err;
    const char *word = argc > 1 ? argv[1] : "";
    int status;
    if (strcmp(word, "listen") == 0)
        return;
    status = run(argc, argv, input, &out, &err);
    CHECK(status == DONE || status == REFUSED || status == USAGE ||
          status == SYSTEM);
    if (!json)
        CHECK((status == DONE) == (err.length == 0));
    check_printable(&out);
    check_printable(&err);
    if (strcmp(word, "adapter") == 0 && argc == 2)
        check_answers(&out, input);
    if ((strcmp(word, "parse") == 0 || strcmp(word, "check") == 0 ||
         strcmp(word, "explain") == 0) &&
        argc == 3 && argv[2][0] != '-')
        check_address(argv[2], status, &out);
    free(out.text);
    free(err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size}, line = fuzz_field(&in, 0xFF);
    char *words[ARGUMENTS + 1] = {fuzz_copy("sbind", 6)};
    char *argv[ARGUMENTS + 2] = {words[0]}; /* the command may change it */
    int argc = 1;
    while (line.left > 0 && argc <= ARGUMENTS) {
        fuzz_input word = fuzz_field(&line, '\0');
        char *copy = malloc(word.left + 1);
        CHECK(copy != NULL);
        memcpy(copy, word.at, word.left);
        copy[word.left] = '\0';
        argv[argc] = words[argc] = copy;
        argc++;
    }
    check(argc, argv, in);
    for (int i = 0; i < argc; i++)
        free(words[i]);
    return 0;
}
