/* json.c - the answers of the adapter, in exactly the octets of SPEC.md 7.3 */
#include "cli.h"

#include <inttypes.h>

static void put_hex(FILE *out, const char *octets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%02x", (unsigned)(unsigned char)octets[i]);
}

static void put_octets(FILE *out, const sbind_address *a, const char *type)
{
    fprintf(out, "{\"scheme\":\"unix\",\"type\":\"%s\",\"octets\":\"", type);
    put_hex(out, a->name, a->name_length);
    fputs("\"}", out);
}

static void put_host(FILE *out, const char *type, const char *value,
                     const sbind_address *a)
{
    fprintf(out, "{\"scheme\":\"tcp\",\"host\":{\"type\":\"%s\"", type);
    if (value != NULL)
        fprintf(out, ",\"value\":\"%s\"", value);
    if (a->zone_length > 0)
        fprintf(out, ",\"zone\":\"%s\"", a->zone);
    fputs("}", out);
    if (a->kind != SBIND_TCP_DEFAULT)
        fprintf(out, ",\"port\":%u", (unsigned)a->port);
    fputs("}", out);
}

/* The octets of a socket-name are printable ASCII. */
static void put_socket_name(FILE *out, const sbind_address *a)
{
    fputs("{\"scheme\":\"fd\",\"type\":\"name\",\"value\":\"", out);
    for (size_t i = 0; i < a->name_length; i++) {
        if (a->name[i] == '"' || a->name[i] == '\\')
            putc('\\', out);
        putc(a->name[i], out);
    }
    fputs("\"}", out);
}

static void put_pipe(FILE *out, const sbind_address *a)
{
    fprintf(out, "{\"scheme\":\"npipe\",\"server\":\"%s\",\"name\":\"",
            a->host);
    put_hex(out, a->name, a->name_length);
    fputs("\"}", out);
}

static void put_address(FILE *out, const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    switch (a->kind) {
    case SBIND_TCP_DEFAULT:
        put_host(out, "default", NULL, a);
        break;
    case SBIND_TCP_IPV4:
        sbind_format_ipv4(a->ip, ip);
        put_host(out, "ipv4", ip, a);
        break;
    case SBIND_TCP_IPV6:
        sbind_format_ipv6(a->ip, ip);
        put_host(out, "ipv6", ip, a);
        break;
    case SBIND_TCP_NAME:
        put_host(out, "name", a->host, a);
        break;
    case SBIND_TCP_ANY:
        put_host(out, "any", NULL, a);
        break;
    case SBIND_UNIX_PATH:
        put_octets(out, a, "path");
        break;
    case SBIND_UNIX_ABSTRACT:
        put_octets(out, a, "abstract");
        break;
    case SBIND_FD_SINGLE:
        fputs("{\"scheme\":\"fd\",\"type\":\"single\"}", out);
        break;
    case SBIND_FD_ALL:
        fputs("{\"scheme\":\"fd\",\"type\":\"all\"}", out);
        break;
    case SBIND_FD_NUMBER:
        fprintf(out,
                "{\"scheme\":\"fd\",\"type\":\"number\",\"value\":%" PRId32 "}",
                a->fd);
        break;
    case SBIND_FD_NAME:
        put_socket_name(out, a);
        break;
    case SBIND_NPIPE:
        put_pipe(out, a);
        break;
    }
}

void json_parse(FILE *out, const char *text, size_t len)
{
    sbind_address address;
    sbind_error error;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    if (sbind_parse(text, len, &address, &error) != SBIND_OK) {
        fprintf(out, "{\"ok\":false,\"error\":\"%s\",\"offset\":%zu}\n",
                sbind_status_name(error.status), error.offset);
        return;
    }
    sbind_format(&address, canonical, sizeof canonical, &length);
    fputs("{\"ok\":true,\"canonical\":\"", out);
    put_hex(out, canonical, length);
    fputs("\",\"address\":", out);
    put_address(out, &address);
    fputs("}\n", out);
}

static void put_names(FILE *out, sbind_env_value names)
{
    sbind_env_value name;
    const char *separator = "";
    fputs("[", out);
    while (sbind_activation_next_name(&names, &name)) {
        fprintf(out, "%s\"", separator);
        put_hex(out, name.text, name.length);
        fputs("\"", out);
        separator = ",";
    }
    fputs("]", out);
}

void json_activation(FILE *out, const sbind_activation_input *in)
{
    sbind_activation activation;
    sbind_error error;
    if (sbind_activation_read(in, &activation, &error) != SBIND_OK) {
        fprintf(out,
                "{\"ok\":false,\"error\":\"%s\",\"variable\":\"%s\","
                "\"offset\":%zu}\n",
                sbind_status_name(error.status), error.variable, error.offset);
        return;
    }
    switch (activation.outcome) {
    case SBIND_ACTIVATION_NONE:
        fputs("{\"ok\":true,\"outcome\":\"none\"}\n", out);
        break;
    case SBIND_ACTIVATION_OTHER_PROCESS:
        fputs("{\"ok\":true,\"outcome\":\"other-process\"}\n", out);
        break;
    case SBIND_ACTIVATION_PASSED:
        fprintf(out,
                "{\"ok\":true,\"outcome\":\"passed\",\"count\":%" PRIu32
                ",\"names\":",
                activation.count);
        put_names(out, activation.names);
        fputs("}\n", out);
        break;
    }
}
