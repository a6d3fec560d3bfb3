/* texts_test.c - does everything that Windows lacks, or does differently, give
 * the hint that fits it? The test compares every octet, because users read
 * these texts. */
#include "check.h"

static void refuses_to_listen(const char *text, const sbind_listen_options *o,
                              sbind_status status, const char *hint)
{
    sbind_address a = parsed(text);
    sbind_listener l;
    sbind_error e;
    CHECK_STATUS(sbind_listen(&a, o, &l, &e), status);
    CHECK(e.hint != NULL && strcmp(e.hint, hint) == 0);
}

static void refuses_to_connect(const char *text, const sbind_connect_options *o,
                               sbind_status status, const char *hint)
{
    sbind_address a = parsed(text);
    sbind_stream s;
    sbind_error e;
    CHECK_STATUS(sbind_connect(&a, o, &s, &e), status);
    CHECK(e.hint != NULL && strcmp(e.hint, hint) == 0);
}

static void addresses(void)
{
    char text[256] = "unix://";
    refuses_to_listen("tcp://[::1%1]:0", NULL, SBIND_UNUSABLE_ADDRESS,
                      "on Windows ::1 has no zone; leave it out");
    refuses_to_listen("tcp://[fe80::1%no-such]:0", NULL, SBIND_NO_SUCH_ZONE,
                      "write the index of an interface; see: netsh interface "
                      "ipv6 show interface");
    refuses_to_listen("npipe://a.", NULL, SBIND_UNUSABLE_ADDRESS,
                      "Windows drops a dot or space at the end of a pipe's "
                      "name; leave it out");
    refuses_to_listen("npipe:////srv/pipe/a", NULL, SBIND_UNUSABLE_ADDRESS,
                      "a pipe of another machine is for connecting only; use "
                      "npipe://NAME");
    refuses_to_connect("npipe:////srv/pipe/a", NULL, SBIND_REMOTE_PIPE,
                       "write npipe://NAME, or allow pipes of other machines "
                       "(--pipe-remote)");
    refuses_to_connect("unix://\xFF", NULL, SBIND_UNUSABLE_ADDRESS,
                       "on Windows a path is text in UTF-8; rename the file");
    memset(text + strlen(text), 'p', 108);
    refuses_to_connect(text, NULL, SBIND_PATH_TOO_LONG,
                       "on Windows a path has at most 107 octets; use a "
                       "shorter one");
}

static const char no_timeout[] =
    "Windows does not have the option user_timeout; leave it out";
static const char one_path[] =
    "Windows does not have Multipath TCP; leave mptcp out";

static void options_of_listening(void)
{
    sbind_listen_options o;
    const char *port = "on Windows reuse_address and reuse_port would let "
                       "others take the port; leave them out";
    const char *file = "mode, owner, group and replace do not exist on "
                       "Windows; leave them out";
    sbind_listen_options_init(&o);
    o.device = "lo";
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      "Windows does not have the option device; leave it out");
    sbind_listen_options_init(&o);
    o.freebind = SBIND_ON;
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      "Windows does not have the option freebind; leave it "
                      "out");
    sbind_listen_options_init(&o);
    o.user_timeout = 1;
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      no_timeout);
    sbind_listen_options_init(&o);
    o.mptcp = SBIND_ON;
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      one_path);
    sbind_listen_options_init(&o);
    o.reuse_address = SBIND_ON;
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      port);
    sbind_listen_options_init(&o);
    o.reuse_port = SBIND_ON;
    refuses_to_listen("tcp://127.0.0.1:0", &o, SBIND_OPTION_NOT_APPLICABLE,
                      port);
    sbind_listen_options_init(&o);
    o.mode = 0640;
    refuses_to_listen("unix://x", &o, SBIND_OPTION_NOT_APPLICABLE, file);
    sbind_listen_options_init(&o);
    o.existing = SBIND_REPLACE;
    refuses_to_listen("unix://x", &o, SBIND_OPTION_NOT_APPLICABLE, file);
}

static void options_of_connecting(void)
{
    sbind_connect_options o;
    sbind_connect_options_init(&o);
    o.device = "eth0";
    refuses_to_connect("tcp://127.0.0.1:1", &o, SBIND_OPTION_NOT_APPLICABLE,
                       "Windows does not have the option device; leave it out");
    sbind_connect_options_init(&o);
    o.user_timeout = 1;
    refuses_to_connect("tcp://127.0.0.1:1", &o, SBIND_OPTION_NOT_APPLICABLE,
                       no_timeout);
    sbind_connect_options_init(&o);
    o.mptcp = SBIND_ON;
    refuses_to_connect("tcp://127.0.0.1:1", &o, SBIND_OPTION_NOT_APPLICABLE,
                       one_path);
}

static void security_of_pipes(void)
{
    static const struct {
        const char *sddl, *hint;
    } rows[] = {
        {"D:(A;;GA;;;OW)", "pipe_sddl: write a protected list, D:P(...)"},
        {"O:SYD:P(A;;GA;;;OW)",
         "pipe_sddl: leave O: out; the owner is always this user"},
        {"D:P(A;;GA;;;OW)(A;;GA;;;WD)",
         "pipe_sddl: give others GR or 0x12019b at most; GA and GW let them be "
         "the server"},
        {"nonsense",
         "pipe_sddl: write a security descriptor, such as D:P(A;;GA;;;OW)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sbind_listen_options o;
        sbind_listen_options_init(&o);
        o.pipe_sddl = rows[i].sddl;
        refuses_to_listen("npipe://texts", &o, SBIND_BAD_OPTION, rows[i].hint);
    }
}

/* Functions that work only on other systems fail on Windows with an error that
 * says this, or do nothing. */
static void service_managers(void)
{
    static sbind_passed passed;
    sbind_address a;
    sbind_error e;
    char **environment = NULL;
    CHECK_STATUS(sbind_pass(NULL, NULL, 0, &passed, &e), SBIND_UNSUPPORTED);
    CHECK(strcmp(e.hint, "on Windows no sockets can be passed to a child") ==
          0);
    CHECK_STATUS(sbind_pass_here(&passed, NULL, &environment),
                 SBIND_UNSUPPORTED);
    CHECK(environment == NULL);
    CHECK_STATUS(sbind_notify(SBIND_NOTIFY_READY, NULL, 0, &e), SBIND_OK);
    CHECK_STATUS(sbind_notify("READY", NULL, 0, &e), SBIND_BAD_NOTIFY_STATE);
    CHECK(e.offset == 5);
    CHECK_STATUS(sbind_notify_address("/run/n", 6, &a, &e), SBIND_OK);
    CHECK(a.kind == SBIND_UNIX_PATH);
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(addresses),
        TEST(options_of_listening),
        TEST(options_of_connecting),
        TEST(security_of_pipes),
        TEST(service_managers),
    };
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
