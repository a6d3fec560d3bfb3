/* reader.c - another project that only reads addresses */
#include <sbind/parse.h>

int main(void)
{
    sbind_address address;
    return sbind_parse("unix://@app", 11, &address, NULL) != SBIND_OK;
}
