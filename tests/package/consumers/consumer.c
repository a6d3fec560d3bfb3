/* consumer.c - another project. It reads addresses, prints them, listens and
 * connects, as C11 and as C++17. */
#include <sbind/sbind.h>

#include <stdio.h>
#include <string.h>

static void print_anew(const char *text)
{
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    sbind_address address;
    sbind_error error;
    if (sbind_parse(text, strlen(text), &address, &error) != SBIND_OK) {
        printf("%s: %s at %u\n", text, sbind_status_name(error.status),
               (unsigned)error.offset);
        return;
    }
    sbind_format(&address, canonical, sizeof canonical, &length);
    printf("%s: %s\n", text, canonical);
}

static bool takes_a_client(void)
{
    sbind_address address, own;
    sbind_listener listener;
    sbind_stream client, server;
    const char *text = "tcp://127.0.0.1:0";
    if (sbind_parse(text, strlen(text), &address, NULL) != SBIND_OK ||
        sbind_listen(&address, NULL, &listener, NULL) != SBIND_OK ||
        sbind_local_address(&listener, &own, NULL) != SBIND_OK ||
        sbind_connect(&own, NULL, &client, NULL) != SBIND_OK ||
        sbind_accept(&listener, SBIND_BLOCKING, &server, NULL) != SBIND_OK)
        return false;
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    return sbind_close(&listener, NULL) == SBIND_OK;
}

int main(void)
{
    print_anew("tcp://[0:0::1]:80");
    print_anew("unix:///run//app.sock");
    print_anew("tcp://127.0.0.1:65536");
    puts(takes_a_client() ? "listens" : "does not listen");
    puts(strcmp(sbind_version(), SBIND_VERSION) == 0 ? "one version"
                                                     : "two versions");
    return 0;
}
