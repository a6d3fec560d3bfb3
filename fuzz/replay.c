/* replay.c - runs a harness over files without a fuzzer: a file is one input;
 * of a directory every file is. Says how many it ran. */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { MOST = 1 << 20 };

static size_t runs;

static int replay_file(const char *path)
{
    static uint8_t data[MOST];
    FILE *file = fopen(path, "rb");
    size_t size;
    if (file == NULL) {
        perror(path);
        return EXIT_FAILURE;
    }
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    runs++;
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
