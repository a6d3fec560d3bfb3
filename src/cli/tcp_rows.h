/* tcp_rows.h - the options of TCP that listening and connecting share */
#ifndef SBIND_CLI_TCP_ROWS_H
#define SBIND_CLI_TCP_ROWS_H

/* The options as rows of an option table. AT(options.MEMBER) is the offset of a
 * value. */
#define TCP_ROWS                                                               \
    {"nodelay",                                                                \
     NULL,                                                                     \
     "send small pieces of data at once",                                      \
     option_set,                                                               \
     .at = AT(options.nodelay),                                                \
     .value = SBIND_ON},                                                       \
        {"keepalive",                                                          \
         NULL,                                                                 \
         "notice when the other end is gone",                                  \
         option_set,                                                           \
         .at = AT(options.keepalive),                                          \
         .value = SBIND_ON},                                                   \
        {"keepalive-idle",                                                     \
         "SECONDS",                                                            \
         "the silence before the first probe, 7200 on most systems",           \
         option_number,                                                        \
         .at = AT(options.keepalive_idle),                                     \
         .least = 1,                                                           \
         .most = 32767},                                                       \
        {"keepalive-interval",                                                 \
         "SECONDS",                                                            \
         "the time between two probes",                                        \
         option_number,                                                        \
         .at = AT(options.keepalive_interval),                                 \
         .least = 1,                                                           \
         .most = 32767},                                                       \
        {"keepalive-count",                                                    \
         "N",                                                                  \
         "end a connection after N probes without an answer",                  \
         option_number,                                                        \
         .at = AT(options.keepalive_count),                                    \
         .least = 1,                                                           \
         .most = 127},                                                         \
        {"user-timeout",                                                       \
         "MILLISECONDS",                                                       \
         "end a connection if data is not acknowledged for this time",         \
         option_number,                                                        \
         .at = AT(options.user_timeout),                                       \
         .least = 1,                                                           \
         .most = INT32_MAX},                                                   \
    {                                                                          \
        "mptcp", NULL, "use Multipath TCP with peers that support it",         \
            option_set, .at = AT(options.mptcp), .value = SBIND_ON             \
    }

#endif
