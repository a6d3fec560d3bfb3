/* replay.c - runs a target over files, without a fuzzer. It is linked in place
 * of an engine (LIB_FUZZING_ENGINE). A file is one input. In a file called
 * *.hex each line is an input, and in a directory each file is an input. At the
 * end the program prints how many inputs it ran. If the target crashes, the
 * program writes the input to PROGRAM.failed. It prints the command that
 * reproduces the crash to standard error. */
#define _POSIX_C_SOURCE 200809L /* dirent.h */
#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { MOST = 1 << 20 };

static size_t runs;

/* ---- Dying --------------------------------------------------------------------- */

static const char *program;
static struct {
    const uint8_t *data;
    size_t size;
} now; /* the input that runs */

/* A function of the sanitizers. They call the given callback before they end
 * the process. Without a sanitizer, this function is NULL. */
__attribute__((weak)) void
__sanitizer_set_death_callback(void (*callback)(void));

static void keep_input(void)
{
    char name[4096];
    FILE *file;
    const uint8_t *data = now.data;
    now.data = NULL; /* once: a sanitizer may abort as well */
    snprintf(name, sizeof name, "%s.failed", program);
    if (data == NULL || (file = fopen(name, "wb")) == NULL)
        return;
    fwrite(data, 1, now.size, file);
    fclose(file);
    fprintf(stderr, "reproduce: %s %s\n", program, name);
}

/* Handles a signal that ends the process. After this handler returns, the same
 * signal comes again and has its usual effect. */
static void die(int signal_number)
{
    keep_input();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void prepare_to_die(const char *self)
{
    program = self;
    signal(SIGABRT, die);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(keep_input);
    else
        signal(SIGSEGV, die);
}

/* ---- Inputs -------------------------------------------------------------------- */

static void replay(const uint8_t *data, size_t size)
{
    now.data = data;
    now.size = size;
    LLVMFuzzerTestOneInput(data, size);
    now.data = NULL;
    runs++;
}

static uint8_t digit(int c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Runs a file in which each line is one input, in lower-case hexadecimal. */
static void replay_lines(FILE *file)
{
    static uint8_t data[MOST];
    size_t digits = 0;
    for (int c = getc(file); c != EOF; c = getc(file)) {
        if (c == '\n') {
            replay(data, digits / 2);
            digits = 0;
        } else if (digits / 2 < MOST) {
            uint8_t *to = &data[digits++ / 2];
            *to = (uint8_t)((*to & 15) << 4 | digit(c));
        }
    }
}

static bool is_hex(const char *path)
{
    size_t n = strlen(path);
    return n >= 4 && strcmp(path + n - 4, ".hex") == 0;
}

static int replay_file(const char *path)
{
    static uint8_t data[MOST];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return EXIT_FAILURE;
    }
    if (is_hex(path))
        replay_lines(file);
    else
        replay(data, fread(data, 1, sizeof data, file));
    if (ferror(file)) {
        perror(path);
        fclose(file);
        return EXIT_FAILURE;
    }
    fclose(file);
    return EXIT_SUCCESS;
}

static int replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int status = EXIT_SUCCESS;
    if (directory == NULL) {
        perror(path);
        return EXIT_FAILURE;
    }
    while ((entry = readdir(directory)) != NULL) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        status |= replay_file(name);
    }
    closedir(directory);
    return status;
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    prepare_to_die(argv[0]);
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            status |= replay_directory(argv[i]);
        else
            status |= replay_file(argv[i]);
    }
    printf("%zu inputs\n", runs);
    return status == EXIT_SUCCESS && runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
