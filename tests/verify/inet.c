/* inet.c - the readers of src/parse/inet.c for any octets, and its writers for any
 * address. The readers begin at any place among ROOM octets. The octets end where the
 * array ends, so that a read past the end is an alarm.
 */
#include "../../src/parse/inet.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];
static uint8_t ip[16];
static char text[SBIND_IPV6_TEXT_MAX];

static void read_one(const unsigned char *from)
{
    const unsigned char *limit = room + ROOM, *end;
    uint8_t four[4], sixteen[16];
    uint32_t number;
    end = sbind__read_decimal(from, limit, &number);
    //@ check 0 <= end - (const unsigned char *)room <= ROOM;
    end = sbind__read_ipv4(from, limit, four);
    //@ check 0 <= end - (const unsigned char *)room <= ROOM;
    //@ check \initialized(&four[0 .. 3]);
    end = sbind__read_ipv6(from, limit, sixteen);
    //@ check 0 <= end - (const unsigned char *)room <= ROOM;
    //@ check \initialized(&sixteen[0 .. 15]);
}

/* Checks what was written into text, which was all 0 before. */
static void check_text(size_t n, size_t most)
{
    //@ check n <= most;
    for (size_t i = 0; i < sizeof text; i++) {
        char c = text[i];
        //@ check c == 0 || c == '.' || '0' <= c <= ':' || 'a' <= c <= 'f';
        //@ check i >= most ==> c == 0;
    }
}

int main(void)
{
    Frama_C_make_unknown((char *)room, ROOM);
    Frama_C_make_unknown((char *)ip, sizeof ip);
    read_one(room + Frama_C_interval(0, ROOM));
    check_text(sbind_format_ipv4(ip, text), sizeof "255.255.255.255" - 1);
    check_text(sbind_format_ipv6(ip, text),
               sizeof "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" - 1);
    return 0;
}
