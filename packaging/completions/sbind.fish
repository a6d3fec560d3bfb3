# sbind.fish - completions of sbind(1) for fish; made from sbind.fish.in by
# packaging/completions/generate.py

# The subcommand is this one.
function __sbind_in
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test $words[2] = $argv[1]
end

function __sbind_word
    commandline -ct | string replace -r '^--[a-z-]+=' ''
end

function __sbind_interface
    for each in /sys/class/net/*
        string replace -r '.*/' '' $each
    end
end

function __sbind_address
    set -l word (__sbind_word)
    switch "$word"
        case 'unix://@*'
        case 'unix://*'
            set -l path (string replace 'unix://' '' -- $word)
            for each in $path*
                test -d $each; and set each $each/
                echo unix://$each
            end
        case 'tcp://[*%*'
            set -l host (string replace -r '%.*' '%' -- $word)
            for each in (__sbind_interface)
                echo $host$each]:
            end
        case 'tcp://*'
            printf '%s\n' tcp://127.0.0.1: 'tcp://[::1]:' tcp://localhost: 'tcp://*:'
        case 'fd://*'
            printf '%s\n' fd:// 'fd://*' fd://3
        case '*'
            printf '%s\n' tcp:// unix:// unix://@ fd:// npipe://
    end
end

# An address, or after -- the command that gets the sockets.
function __sbind_command
    set -l words (commandline -opc)
    if set -l at (contains -i -- -- $words)
        set -l command $words[(math $at + 1)..-1] (commandline -ct)
        complete -C (string join ' ' -- $command)
    else
        __sbind_address
    end
end

function __sbind_subcommand
    printf '%s\n' parse check explain listen connect adapter help
end

function __sbind_user
    __fish_complete_users
end

function __sbind_group
    __fish_complete_groups
end

function __sbind_directory
    __fish_complete_directories (__sbind_word)
end

function __sbind_scheme
    printf '%s\n' tcp unix fd npipe
end

function __sbind_other
end

function __sbind_none
end

complete -c sbind -f
complete -c sbind -n 'test (count (commandline -opc)) -eq 1' -a 'parse check explain listen connect adapter help'
complete -c sbind -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'print how it is used'
complete -c sbind -n 'test (count (commandline -opc)) -eq 1' -s V -l version -d 'print the version'
complete -c sbind -n '__sbind_in parse' -l json -d 'print a line of JSON for each address instead, as sbind adapter does'
complete -c sbind -n '__sbind_in parse' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in parse' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in check' -l json -d 'print a line of JSON for each address instead'
complete -c sbind -n '__sbind_in check' -l absolute -d 'refuse unix paths that do not begin with a slash'
complete -c sbind -n '__sbind_in check' -l no-abstract -d 'refuse abstract unix sockets'
complete -c sbind -n '__sbind_in check' -l loopback -d 'allow TCP only on 127.0.0.0/8 and ::1'
complete -c sbind -n '__sbind_in check' -l numeric -d 'refuse host names'
complete -c sbind -n '__sbind_in check' -l local-pipe -d 'refuse named pipes of other machines'
complete -c sbind -n '__sbind_in check' -l portable -d 'refuse addresses that do not mean the same on every platform'
complete -c sbind -n '__sbind_in check' -l no-wildcard -d 'refuse what may mean every address: *, 0.0.0.0, [::], tcp://, host names'
complete -c sbind -n '__sbind_in check' -l passed-only -d 'allow fd://N only if descriptor N was passed (LISTEN_FDS)'
complete -c sbind -n '__sbind_in check' -l no-mptcp -d 'refuse a passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in check' -l strict -d 'for addresses that are not trusted: set all of these rules except --loopback and --portable'
complete -c sbind -n '__sbind_in check' -l scheme -x -a '(__sbind_scheme)' -d 'allow only these of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in check' -l within -x -a '(__sbind_directory)' -d 'allow only unix paths below DIRECTORY, without //, . or .. in them'
complete -c sbind -n '__sbind_in check' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in check' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in explain' -l here -d 'also say what the system has at each address now'
complete -c sbind -n '__sbind_in explain' -l json -d 'print a line of JSON for each address instead'
complete -c sbind -n '__sbind_in explain' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in explain' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in listen' -l host -s H -x -a '(__sbind_address)' -d 'listen on ADDRESS; may be repeated; the default is the environment variable HOST'
complete -c sbind -n '__sbind_in listen' -l name -x -a '(__sbind_other)' -d 'the name of all sockets; if repeated, one name for each -H'
complete -c sbind -n '__sbind_in listen' -l user -x -a '(__sbind_user)' -d 'become USER, with the groups of USER, before COMMAND starts'
complete -c sbind -n '__sbind_in listen' -l primary-group -x -a '(__sbind_group)' -d 'use GROUP instead of the primary group of USER'
complete -c sbind -n '__sbind_in listen' -l supplementary-groups -x -a '(__sbind_group)' -d 'use these instead of the supplementary groups of USER'
complete -c sbind -n '__sbind_in listen' -l no-new-privs -d 'COMMAND cannot gain privileges by running a program'
complete -c sbind -n '__sbind_in listen' -l close-fds -d 'pass no open descriptors except 0, 1, 2 and the sockets'
complete -c sbind -n '__sbind_in listen' -l nonblocking -d 'pass the sockets with O_NONBLOCK; without this option new sockets do not have it, and sockets that were passed to sbind stay as they are'
complete -c sbind -n '__sbind_in listen' -l backlog -x -a '(__sbind_other)' -d 'how many connections may wait; the default is 4096'
complete -c sbind -n '__sbind_in listen' -l in-use-timeout -x -a '(__sbind_other)' -d 'keep trying for this time while an address is in use'
complete -c sbind -n '__sbind_in listen' -l receive-buffer -x -a '(__sbind_other)' -d 'the size of the socket\'s receive buffer'
complete -c sbind -n '__sbind_in listen' -l send-buffer -x -a '(__sbind_other)' -d 'the size of the socket\'s send buffer'
complete -c sbind -n '__sbind_in listen' -l verbose -s v -d 'write the addresses of the sockets to standard error; without COMMAND this is always done'
complete -c sbind -n '__sbind_in listen' -l accept -d 'start COMMAND for each connection, which is its descriptor 3'
complete -c sbind -n '__sbind_in listen' -l inetd -d 'make the connection standard input and output of COMMAND; without --accept, do this with the only listening socket'
complete -c sbind -n '__sbind_in listen' -l max-connections -x -a '(__sbind_other)' -d 'serve at most N connections at once; the others wait; the default is 64'
complete -c sbind -n '__sbind_in listen' -l max-connections-per-user -x -a '(__sbind_other)' -d 'for unix sockets: close connections of a user who has N already'
complete -c sbind -n '__sbind_in listen' -l max-connections-per-address -x -a '(__sbind_other)' -d 'for TCP: close connections of an IP address that has N already'
complete -c sbind -n '__sbind_in listen' -l lazy -d 'wait for the first client, then become COMMAND'
complete -c sbind -n '__sbind_in listen' -l print-address -d 'print the address of each socket before COMMAND starts'
complete -c sbind -n '__sbind_in listen' -l ready-fd -x -a '(__sbind_other)' -d 'once the sockets listen, write a newline to descriptor N and close it'
complete -c sbind -n '__sbind_in listen' -l setenv -s E -x -a '(__sbind_other)' -d 'give COMMAND the variable NAME=VALUE, or NAME as sbind has it'
complete -c sbind -n '__sbind_in listen' -l absolute -d 'refuse unix paths that do not begin with a slash'
complete -c sbind -n '__sbind_in listen' -l no-abstract -d 'refuse abstract unix sockets'
complete -c sbind -n '__sbind_in listen' -l loopback -d 'allow TCP only on 127.0.0.0/8 and ::1'
complete -c sbind -n '__sbind_in listen' -l numeric -d 'refuse host names'
complete -c sbind -n '__sbind_in listen' -l local-pipe -d 'refuse named pipes of other machines'
complete -c sbind -n '__sbind_in listen' -l portable -d 'refuse addresses that do not mean the same on every platform'
complete -c sbind -n '__sbind_in listen' -l no-wildcard -d 'refuse what may mean every address: *, 0.0.0.0, [::], tcp://, host names'
complete -c sbind -n '__sbind_in listen' -l passed-only -d 'allow fd://N only if descriptor N was passed (LISTEN_FDS)'
complete -c sbind -n '__sbind_in listen' -l no-mptcp -d 'refuse a passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in listen' -l strict -d 'for addresses that are not trusted: set all of these rules except --loopback and --portable'
complete -c sbind -n '__sbind_in listen' -l scheme -x -a '(__sbind_scheme)' -d 'allow only these of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in listen' -l within -x -a '(__sbind_directory)' -d 'allow only unix paths below DIRECTORY, without //, . or .. in them'
complete -c sbind -n '__sbind_in listen' -l accept-missing-pid -d 'take passed sockets even if LISTEN_PID is not set'
complete -c sbind -n '__sbind_in listen' -l mode -x -a '(__sbind_other)' -d 'the mode of the socket file; the default is 0600'
complete -c sbind -n '__sbind_in listen' -l owner -x -a '(__sbind_user)' -d 'the owner of the socket file'
complete -c sbind -n '__sbind_in listen' -l group -x -a '(__sbind_group)' -d 'the group of the socket file'
complete -c sbind -n '__sbind_in listen' -l replace -d 'take over the path if a process listens on it'
complete -c sbind -n '__sbind_in listen' -l refuse -d 'do not replace any socket file, not even a stale one'
complete -c sbind -n '__sbind_in listen' -l any-directory -d 'allow a directory in which other users can replace files'
complete -c sbind -n '__sbind_in listen' -l refuse-descriptors -d 'let no client send descriptors; needs Linux 6.16'
complete -c sbind -n '__sbind_in listen' -l no-reuse-address -d 'do not set SO_REUSEADDR'
complete -c sbind -n '__sbind_in listen' -l reuse-port -d 'set SO_REUSEPORT'
complete -c sbind -n '__sbind_in listen' -l freebind -d 'allow an address that no interface has yet'
complete -c sbind -n '__sbind_in listen' -l device -x -a '(__sbind_interface)' -d 'listen on this interface only'
complete -c sbind -n '__sbind_in listen' -l dual-stack -d 'accept IPv4 as well on an IPv6 address'
complete -c sbind -n '__sbind_in listen' -l nodelay -d 'send small pieces of data at once'
complete -c sbind -n '__sbind_in listen' -l keepalive -d 'notice when the other end is gone'
complete -c sbind -n '__sbind_in listen' -l keepalive-idle -x -a '(__sbind_other)' -d 'the silence before the first probe, 7200 on most systems'
complete -c sbind -n '__sbind_in listen' -l keepalive-interval -x -a '(__sbind_other)' -d 'the time between two probes'
complete -c sbind -n '__sbind_in listen' -l keepalive-count -x -a '(__sbind_other)' -d 'end a connection after N probes without an answer'
complete -c sbind -n '__sbind_in listen' -l user-timeout -x -a '(__sbind_other)' -d 'end a connection if data is not acknowledged for this time'
complete -c sbind -n '__sbind_in listen' -l mptcp -d 'use Multipath TCP with peers that support it'
complete -c sbind -n '__sbind_in listen' -l pipe-sddl -x -a '(__sbind_other)' -d 'who may use the pipe; the default is this user and SYSTEM'
complete -c sbind -n '__sbind_in listen' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in listen' -a '(__sbind_command)'
complete -c sbind -n '__sbind_in connect' -l host -s H -x -a '(__sbind_address)' -d 'the address to connect to, instead of an operand'
complete -c sbind -n '__sbind_in connect' -l timeout -x -a '(__sbind_other)' -d 'give up connecting after this time; the default is 30000'
complete -c sbind -n '__sbind_in connect' -l attempt-delay -x -a '(__sbind_other)' -d 'wait this long before the next address of a host name is tried as well; the default is 250'
complete -c sbind -n '__sbind_in connect' -l receive-buffer -x -a '(__sbind_other)' -d 'the size of the socket\'s receive buffer'
complete -c sbind -n '__sbind_in connect' -l send-buffer -x -a '(__sbind_other)' -d 'the size of the socket\'s send buffer'
complete -c sbind -n '__sbind_in connect' -l absolute -d 'refuse unix paths that do not begin with a slash'
complete -c sbind -n '__sbind_in connect' -l no-abstract -d 'refuse abstract unix sockets'
complete -c sbind -n '__sbind_in connect' -l loopback -d 'allow TCP only on 127.0.0.0/8 and ::1'
complete -c sbind -n '__sbind_in connect' -l numeric -d 'refuse host names'
complete -c sbind -n '__sbind_in connect' -l local-pipe -d 'refuse named pipes of other machines'
complete -c sbind -n '__sbind_in connect' -l portable -d 'refuse addresses that do not mean the same on every platform'
complete -c sbind -n '__sbind_in connect' -l no-wildcard -d 'refuse what may mean every address: *, 0.0.0.0, [::], tcp://, host names'
complete -c sbind -n '__sbind_in connect' -l passed-only -d 'allow fd://N only if descriptor N was passed (LISTEN_FDS)'
complete -c sbind -n '__sbind_in connect' -l no-mptcp -d 'refuse a passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in connect' -l strict -d 'for addresses that are not trusted: set all of these rules except --loopback and --portable'
complete -c sbind -n '__sbind_in connect' -l scheme -x -a '(__sbind_scheme)' -d 'allow only these of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in connect' -l within -x -a '(__sbind_directory)' -d 'allow only unix paths below DIRECTORY, without //, . or .. in them'
complete -c sbind -n '__sbind_in connect' -l nodelay -d 'send small pieces of data at once'
complete -c sbind -n '__sbind_in connect' -l keepalive -d 'notice when the other end is gone'
complete -c sbind -n '__sbind_in connect' -l keepalive-idle -x -a '(__sbind_other)' -d 'the silence before the first probe, 7200 on most systems'
complete -c sbind -n '__sbind_in connect' -l keepalive-interval -x -a '(__sbind_other)' -d 'the time between two probes'
complete -c sbind -n '__sbind_in connect' -l keepalive-count -x -a '(__sbind_other)' -d 'end a connection after N probes without an answer'
complete -c sbind -n '__sbind_in connect' -l user-timeout -x -a '(__sbind_other)' -d 'end a connection if data is not acknowledged for this time'
complete -c sbind -n '__sbind_in connect' -l mptcp -d 'use Multipath TCP with peers that support it'
complete -c sbind -n '__sbind_in connect' -l device -x -a '(__sbind_interface)' -d 'connect through this interface only'
complete -c sbind -n '__sbind_in connect' -l accept-missing-pid -d 'take passed sockets even if LISTEN_PID is not set'
complete -c sbind -n '__sbind_in connect' -l refuse-descriptors -d 'let the server send no descriptors'
complete -c sbind -n '__sbind_in connect' -l unix-owner -x -a '(__sbind_user)' -d 'refuse a server that USER does not run'
complete -c sbind -n '__sbind_in connect' -l pipe-owner -x -a '(__sbind_other)' -d 'refuse a pipe that none of these users owns'
complete -c sbind -n '__sbind_in connect' -l pipe-server -x -a '(__sbind_other)' -d 'refuse a pipe that process PID does not serve'
complete -c sbind -n '__sbind_in connect' -l pipe-anonymous -d 'do not tell the server who this user is'
complete -c sbind -n '__sbind_in connect' -l pipe-remote -d 'allow a pipe of another machine'
complete -c sbind -n '__sbind_in connect' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in connect' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in adapter' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in adapter' -a '(__sbind_none)'
complete -c sbind -n '__sbind_in help' -l json -d 'print the options of all subcommands as JSON'
complete -c sbind -n '__sbind_in help' -l help -s h -d 'print this help'
complete -c sbind -n '__sbind_in help' -a '(__sbind_subcommand)'
