/* clients.c - clients ADDRESS ONE_AFTER_THE_OTHER AT_ONCE: that many exchanges
 * with an echo server, each of which has to come back whole */
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

int main(int argc, char **argv)
{
    HANDLE threads[MAXIMUM_WAIT_OBJECTS];
    int sequential = argc > 3 ? atoi(argv[2]) : 0;
    int parallel = argc > 3 ? atoi(argv[3]) : 0;
    check_running = "clients";
    CHECK(argc == 4 && parallel <= MAXIMUM_WAIT_OBJECTS);
    address = parsed(argv[1]);
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
