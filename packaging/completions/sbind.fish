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
complete -c sbind -n '__sbind_in parse' -l json -d 'the answers of sbind adapter instead, one a line'
complete -c sbind -n '__sbind_in parse' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in parse' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in check' -l json -d 'an answer for programs instead, one a line'
complete -c sbind -n '__sbind_in check' -l absolute -d 'unix paths begin with a slash'
complete -c sbind -n '__sbind_in check' -l no-abstract -d 'no abstract unix sockets'
complete -c sbind -n '__sbind_in check' -l loopback -d 'TCP on 127.0.0.0/8 and ::1 only'
complete -c sbind -n '__sbind_in check' -l numeric -d 'no host names'
complete -c sbind -n '__sbind_in check' -l local-pipe -d 'no named pipes of other machines'
complete -c sbind -n '__sbind_in check' -l portable -d 'the same on every platform'
complete -c sbind -n '__sbind_in check' -l no-wildcard -d 'not every address: no *, 0.0.0.0, [::], tcp://, name'
complete -c sbind -n '__sbind_in check' -l passed-only -d 'fd://N only if LISTEN_FDS has it'
complete -c sbind -n '__sbind_in check' -l no-mptcp -d 'no passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in check' -l strict -d 'for addresses that are not trusted: all of these but --loopback and --portable'
complete -c sbind -n '__sbind_in check' -l scheme -x -a '(__sbind_scheme)' -d 'of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in check' -l within -x -a '(__sbind_directory)' -d 'unix paths below it only: without //, . or .. in them'
complete -c sbind -n '__sbind_in check' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in check' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in explain' -l here -d 'what the system has at each address now, too'
complete -c sbind -n '__sbind_in explain' -l json -d 'an answer for programs instead, one a line'
complete -c sbind -n '__sbind_in explain' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in explain' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in listen' -l host -s H -x -a '(__sbind_address)' -d 'may be repeated; unless given, HOST in the environment'
complete -c sbind -n '__sbind_in listen' -l name -x -a '(__sbind_other)' -d 'of the sockets; repeated, one for each -H'
complete -c sbind -n '__sbind_in listen' -l user -x -a '(__sbind_user)' -d 'become this user before COMMAND, with its groups'
complete -c sbind -n '__sbind_in listen' -l primary-group -x -a '(__sbind_group)' -d 'this group instead'
complete -c sbind -n '__sbind_in listen' -l supplementary-groups -x -a '(__sbind_group)' -d 'these groups instead'
complete -c sbind -n '__sbind_in listen' -l no-new-privs -d 'no set-user-id program gives it more'
complete -c sbind -n '__sbind_in listen' -l close-fds -d 'pass no other open descriptor but 0, 1 and 2'
complete -c sbind -n '__sbind_in listen' -l nonblocking -d 'pass the sockets with O_NONBLOCK; without it new ones have none, and passed ones stay as they are'
complete -c sbind -n '__sbind_in listen' -l backlog -x -a '(__sbind_other)' -d 'connections that may wait, 4096 unless given'
complete -c sbind -n '__sbind_in listen' -l in-use-timeout -x -a '(__sbind_other)' -d 'keep trying while an address is in use; not at all unless given'
complete -c sbind -n '__sbind_in listen' -l receive-buffer -x -a '(__sbind_other)' -d 'size of the socket\'s buffer'
complete -c sbind -n '__sbind_in listen' -l send-buffer -x -a '(__sbind_other)' -d 'size of the socket\'s buffer'
complete -c sbind -n '__sbind_in listen' -l verbose -s v -d 'say on standard error where it listens; without a command it always does'
complete -c sbind -n '__sbind_in listen' -l accept -d 'COMMAND for each connection, which is descriptor 3'
complete -c sbind -n '__sbind_in listen' -l inetd -d 'the connection is standard input and output instead; without --accept the one listening socket is'
complete -c sbind -n '__sbind_in listen' -l max-connections -x -a '(__sbind_other)' -d 'at once, 64 unless given; the others wait'
complete -c sbind -n '__sbind_in listen' -l max-connections-per-user -x -a '(__sbind_other)' -d 'of unix sockets; the others are closed'
complete -c sbind -n '__sbind_in listen' -l max-connections-per-address -x -a '(__sbind_other)' -d 'of TCP; the others are closed'
complete -c sbind -n '__sbind_in listen' -l lazy -d 'wait for the first client, then become it'
complete -c sbind -n '__sbind_in listen' -l print-address -d 'print the address of each socket before it'
complete -c sbind -n '__sbind_in listen' -l ready-fd -x -a '(__sbind_other)' -d 'write a newline to descriptor N when the sockets listen, and close it'
complete -c sbind -n '__sbind_in listen' -l setenv -s E -x -a '(__sbind_other)' -d 'NAME=VALUE, of its environment'
complete -c sbind -n '__sbind_in listen' -l absolute -d 'unix paths begin with a slash'
complete -c sbind -n '__sbind_in listen' -l no-abstract -d 'no abstract unix sockets'
complete -c sbind -n '__sbind_in listen' -l loopback -d 'TCP on 127.0.0.0/8 and ::1 only'
complete -c sbind -n '__sbind_in listen' -l numeric -d 'no host names'
complete -c sbind -n '__sbind_in listen' -l local-pipe -d 'no named pipes of other machines'
complete -c sbind -n '__sbind_in listen' -l portable -d 'the same on every platform'
complete -c sbind -n '__sbind_in listen' -l no-wildcard -d 'not every address: no *, 0.0.0.0, [::], tcp://, name'
complete -c sbind -n '__sbind_in listen' -l passed-only -d 'fd://N only if LISTEN_FDS has it'
complete -c sbind -n '__sbind_in listen' -l no-mptcp -d 'no passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in listen' -l strict -d 'for addresses that are not trusted: all of these but --loopback and --portable'
complete -c sbind -n '__sbind_in listen' -l scheme -x -a '(__sbind_scheme)' -d 'of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in listen' -l within -x -a '(__sbind_directory)' -d 'unix paths below it only: without //, . or .. in them'
complete -c sbind -n '__sbind_in listen' -l accept-missing-pid -d 'also when LISTEN_PID is not set'
complete -c sbind -n '__sbind_in listen' -l mode -x -a '(__sbind_other)' -d 'of the socket file, 0600 unless given'
complete -c sbind -n '__sbind_in listen' -l owner -x -a '(__sbind_user)' -d 'of the socket file'
complete -c sbind -n '__sbind_in listen' -l group -x -a '(__sbind_group)' -d 'of the socket file'
complete -c sbind -n '__sbind_in listen' -l replace -d 'take over from one who listens there'
complete -c sbind -n '__sbind_in listen' -l refuse -d 'do not even replace a stale socket file'
complete -c sbind -n '__sbind_in listen' -l any-directory -d 'even one where others can replace files'
complete -c sbind -n '__sbind_in listen' -l refuse-descriptors -d 'let no client send descriptors, from Linux 6.16 on'
complete -c sbind -n '__sbind_in listen' -l no-reuse-address -d 'without SO_REUSEADDR'
complete -c sbind -n '__sbind_in listen' -l reuse-port -d 'with SO_REUSEPORT'
complete -c sbind -n '__sbind_in listen' -l freebind -d 'even an address that no interface has yet'
complete -c sbind -n '__sbind_in listen' -l device -x -a '(__sbind_interface)' -d 'on this interface only'
complete -c sbind -n '__sbind_in listen' -l dual-stack -d 'IPv4 as well on an IPv6 address'
complete -c sbind -n '__sbind_in listen' -l nodelay -d 'send small pieces at once'
complete -c sbind -n '__sbind_in listen' -l keepalive -d 'notice when the other end is gone'
complete -c sbind -n '__sbind_in listen' -l keepalive-idle -x -a '(__sbind_other)' -d 'silence before the first probe, 7200 in most systems'
complete -c sbind -n '__sbind_in listen' -l keepalive-interval -x -a '(__sbind_other)' -d 'time between two probes'
complete -c sbind -n '__sbind_in listen' -l keepalive-count -x -a '(__sbind_other)' -d 'probes without an answer that end the connection'
complete -c sbind -n '__sbind_in listen' -l user-timeout -x -a '(__sbind_other)' -d 'end a connection whose data is not acknowledged for so long'
complete -c sbind -n '__sbind_in listen' -l mptcp -d 'Multipath TCP with those who speak it'
complete -c sbind -n '__sbind_in listen' -l pipe-sddl -x -a '(__sbind_other)' -d 'who may do what, this user and SYSTEM unless given'
complete -c sbind -n '__sbind_in listen' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in listen' -a '(__sbind_command)'
complete -c sbind -n '__sbind_in connect' -l host -s H -x -a '(__sbind_address)' -d 'the same as the operand'
complete -c sbind -n '__sbind_in connect' -l timeout -x -a '(__sbind_other)' -d 'for connecting, 30000 unless given'
complete -c sbind -n '__sbind_in connect' -l attempt-delay -x -a '(__sbind_other)' -d 'until the next address of a name is tried beside the others, 250 unless given'
complete -c sbind -n '__sbind_in connect' -l receive-buffer -x -a '(__sbind_other)' -d 'size of the socket\'s buffer'
complete -c sbind -n '__sbind_in connect' -l send-buffer -x -a '(__sbind_other)' -d 'size of the socket\'s buffer'
complete -c sbind -n '__sbind_in connect' -l absolute -d 'unix paths begin with a slash'
complete -c sbind -n '__sbind_in connect' -l no-abstract -d 'no abstract unix sockets'
complete -c sbind -n '__sbind_in connect' -l loopback -d 'TCP on 127.0.0.0/8 and ::1 only'
complete -c sbind -n '__sbind_in connect' -l numeric -d 'no host names'
complete -c sbind -n '__sbind_in connect' -l local-pipe -d 'no named pipes of other machines'
complete -c sbind -n '__sbind_in connect' -l portable -d 'the same on every platform'
complete -c sbind -n '__sbind_in connect' -l no-wildcard -d 'not every address: no *, 0.0.0.0, [::], tcp://, name'
complete -c sbind -n '__sbind_in connect' -l passed-only -d 'fd://N only if LISTEN_FDS has it'
complete -c sbind -n '__sbind_in connect' -l no-mptcp -d 'no passed socket of Multipath TCP'
complete -c sbind -n '__sbind_in connect' -l strict -d 'for addresses that are not trusted: all of these but --loopback and --portable'
complete -c sbind -n '__sbind_in connect' -l scheme -x -a '(__sbind_scheme)' -d 'of tcp, unix, fd and npipe, separated by commas'
complete -c sbind -n '__sbind_in connect' -l within -x -a '(__sbind_directory)' -d 'unix paths below it only: without //, . or .. in them'
complete -c sbind -n '__sbind_in connect' -l nodelay -d 'send small pieces at once'
complete -c sbind -n '__sbind_in connect' -l keepalive -d 'notice when the other end is gone'
complete -c sbind -n '__sbind_in connect' -l keepalive-idle -x -a '(__sbind_other)' -d 'silence before the first probe, 7200 in most systems'
complete -c sbind -n '__sbind_in connect' -l keepalive-interval -x -a '(__sbind_other)' -d 'time between two probes'
complete -c sbind -n '__sbind_in connect' -l keepalive-count -x -a '(__sbind_other)' -d 'probes without an answer that end the connection'
complete -c sbind -n '__sbind_in connect' -l user-timeout -x -a '(__sbind_other)' -d 'end a connection whose data is not acknowledged for so long'
complete -c sbind -n '__sbind_in connect' -l mptcp -d 'Multipath TCP with those who speak it'
complete -c sbind -n '__sbind_in connect' -l device -x -a '(__sbind_interface)' -d 'by this interface only'
complete -c sbind -n '__sbind_in connect' -l accept-missing-pid -d 'also when LISTEN_PID is not set'
complete -c sbind -n '__sbind_in connect' -l refuse-descriptors -d 'let the server send no descriptors'
complete -c sbind -n '__sbind_in connect' -l unix-owner -x -a '(__sbind_user)' -d 'refuse any but this user\'s server'
complete -c sbind -n '__sbind_in connect' -l pipe-owner -x -a '(__sbind_other)' -d 'refuse any but these users\' pipes'
complete -c sbind -n '__sbind_in connect' -l pipe-server -x -a '(__sbind_other)' -d 'refuse any but this process\'s pipe'
complete -c sbind -n '__sbind_in connect' -l pipe-anonymous -d 'do not tell the server who this user is'
complete -c sbind -n '__sbind_in connect' -l pipe-remote -d 'allow a pipe of another machine'
complete -c sbind -n '__sbind_in connect' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in connect' -a '(__sbind_address)'
complete -c sbind -n '__sbind_in adapter' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in adapter' -a '(__sbind_none)'
complete -c sbind -n '__sbind_in help' -l json -d 'the options of all subcommands, for programs'
complete -c sbind -n '__sbind_in help' -l help -s h -d 'print how it is used'
complete -c sbind -n '__sbind_in help' -a '(__sbind_subcommand)'
