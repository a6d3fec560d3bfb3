/* consumer.c - another project that listens */
#include <sbind/sbind.h>

int main(void)
{
    sbind_address address, own;
    sbind_listener listener;
    if (sbind_parse("tcp://127.0.0.1:0", 17, &address, NULL) != SBIND_OK ||
        sbind_listen(&address, NULL, &listener, NULL) != SBIND_OK ||
        sbind_local_address(&listener, &own, NULL) != SBIND_OK)
        return 1;
    return own.port == 0 || sbind_close(&listener, NULL) != SBIND_OK;
}
