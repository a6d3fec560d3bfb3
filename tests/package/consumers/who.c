/* who.c - another project. It asks who the user of its client is, and who the
 * user of its server is. It is compiled as C11 and as C++. */
#include <sbind/sbind.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "unix://@sbind-consumer-who";

static bool connect_to_own_server(sbind_stream *ret)
{
    sbind_address address;
    sbind_connect_options options;
    sbind_connect_options_init(&options);
    options.unix_owner = (uint32_t)geteuid();
    return sbind_parse(text, strlen(text), &address, NULL) == SBIND_OK &&
           sbind_connect(&address, &options, ret, NULL) == SBIND_OK;
}

static bool lets_in(const sbind_stream *stream)
{
    const uint32_t allowed[] = {(uint32_t)geteuid()};
    sbind_peer peer;
    sbind_error error;
    if (sbind_peer_of(stream, &peer, &error) != SBIND_OK)
        return false;
    if (peer.uid == SBIND_NO_ID || peer.pid == SBIND_NO_PID)
        return false;
    return sbind_peer_is(&peer, allowed, 1) && peer.pid == (int32_t)getpid();
}

/* If the kernel has no pidfds, the program goes on. If the other process has
 * ended, this program ends, too. */
static bool holds_process(const sbind_stream *stream)
{
    sbind_handle pidfd;
    sbind_status status = sbind_peer_pidfd(stream, &pidfd, NULL);
    if (status == SBIND_OK)
        close(pidfd);
    return status == SBIND_OK || status == SBIND_NO_PEER_PIDFD;
}

int main(void)
{
    sbind_address address;
    sbind_listener listener;
    sbind_stream client, server;
    bool is_right;
    if (sbind_parse(text, strlen(text), &address, NULL) != SBIND_OK ||
        sbind_listen(&address, NULL, &listener, NULL) != SBIND_OK ||
        !connect_to_own_server(&client) ||
        sbind_accept(&listener, SBIND_BLOCKING, &server, NULL) != SBIND_OK)
        return 1;
    is_right = lets_in(&server) && lets_in(&client) && holds_process(&server);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    sbind_close(&listener, NULL);
    puts(is_right ? "it is us" : "it is somebody else");
    return is_right ? 0 : 1;
}
