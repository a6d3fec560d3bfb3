/* clients.c - clients ADDRESS SERIAL PARALLEL: makes SERIAL exchanges with an
 * echo server, one after the other, and then PARALLEL exchanges at once. Each
 * answer has to come back complete.
 *
 * clients ADDRESS idle COUNT: connects COUNT clients that send nothing. Waits
 * until the server has disconnected all of them. */
#include "check.h"

#include "../../examples/transfer.h"

static sbind_address address;
static volatile LONG done;

static DWORD WINAPI exchange(void *context)
{
    char sent[64], got[64];
    size_t length, n = 0, more;
    sbind_connect_options o;
    sbind_stream s;
    sbind_error e;
    sbind_connect_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    o.timeout = 60000;
    length = (size_t)snprintf(sent, sizeof sent, "ping %ld of client %p",
                              (long)done, context);
    CHECK_STATUS(sbind_connect(&address, &o, &s, &e), SBIND_OK);
    CHECK(transfer_write(&s, sent, length));
    while (n < length &&
           (more = transfer_read(&s, got + n, sizeof got - n)) > 0)
        n += more;
    CHECK(n == length && memcmp(sent, got, n) == 0);
    sbind_close_stream(&s);
    InterlockedIncrement(&done);
    return 0;
}

enum { IDLE_MAX = 100 };

static int stay_idle(int count)
{
    static sbind_stream streams[IDLE_MAX];
    sbind_connect_options o;
    char octet;
    sbind_connect_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    CHECK(count <= IDLE_MAX);
    for (int i = 0; i < count; i++)
        CHECK_STATUS(sbind_connect(&address, &o, &streams[i], NULL), SBIND_OK);
    printf("%d idle\n", count);
    fflush(stdout);
    for (int i = 0; i < count; i++)
        CHECK(transfer_read(&streams[i], &octet, 1) == 0);
    return 0;
}

int main(int argc, char **argv)
{
    HANDLE threads[MAXIMUM_WAIT_OBJECTS];
    int sequential = argc > 3 ? atoi(argv[2]) : 0;
    int parallel = argc > 3 ? atoi(argv[3]) : 0;
    check_running = "clients";
    CHECK(argc == 4);
    address = parsed(argv[1]);
    if (strcmp(argv[2], "idle") == 0)
        return stay_idle(parallel);
    CHECK(parallel <= MAXIMUM_WAIT_OBJECTS);
    for (INT_PTR i = 0; i < sequential; i++)
        exchange((void *)i);
    for (INT_PTR i = 0; i < parallel; i++)
        threads[i] = CreateThread(NULL, 0, exchange, (void *)i, 0, NULL);
    for (int i = 0; i < parallel; i++)
        WaitForSingleObject(threads[i], INFINITE);
    CHECK(done == sequential + parallel);
    printf("%ld exchanges\n", (long)done);
    return 0;
}
