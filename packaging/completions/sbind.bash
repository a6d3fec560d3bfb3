# sbind.bash - completions of sbind(1) for bash; made from sbind.bash.in by
# packaging/completions/generate.py

# _sbind_options SUBCOMMAND
_sbind_options() {
    case $1 in
    parse) echo '--json -h --help' ;;
    check) echo '--json --absolute --no-abstract --loopback --numeric --local-pipe --portable --no-wildcard --passed-only --no-mptcp --strict --scheme --within -h --help' ;;
    explain) echo '--here --json -h --help' ;;
    listen) echo '-H --host --name --user --primary-group --supplementary-groups --no-new-privs --close-fds --nonblocking --backlog --in-use-timeout --receive-buffer --send-buffer -v --verbose --accept --inetd --max-connections --max-connections-per-user --max-connections-per-address --lazy --print-address --ready-fd -E --setenv --absolute --no-abstract --loopback --numeric --local-pipe --portable --no-wildcard --passed-only --no-mptcp --strict --scheme --within --accept-missing-pid --mode --owner --group --replace --refuse --any-directory --refuse-descriptors --no-reuse-address --reuse-port --freebind --device --dual-stack --nodelay --keepalive --keepalive-idle --keepalive-interval --keepalive-count --user-timeout --mptcp --pipe-sddl -h --help' ;;
    connect) echo '-H --host --timeout --attempt-delay --receive-buffer --send-buffer --absolute --no-abstract --loopback --numeric --local-pipe --portable --no-wildcard --passed-only --no-mptcp --strict --scheme --within --nodelay --keepalive --keepalive-idle --keepalive-interval --keepalive-count --user-timeout --mptcp --device --accept-missing-pid --refuse-descriptors --unix-owner --pipe-owner --pipe-server --pipe-anonymous --pipe-remote -h --help' ;;
    adapter) echo '-h --help' ;;
    help) echo '--json -h --help' ;;
    esac
}

# _sbind_kind SUBCOMMAND:OPTION - what its argument is; without OPTION, an operand
_sbind_kind() {
    case $1 in
    parse:) echo address ;;
    check:--scheme) echo scheme ;;
    check:--within) echo directory ;;
    check:) echo address ;;
    explain:) echo address ;;
    listen:-H | listen:--host) echo address ;;
    listen:--name) echo other ;;
    listen:--user) echo user ;;
    listen:--primary-group) echo group ;;
    listen:--supplementary-groups) echo group ;;
    listen:--backlog) echo other ;;
    listen:--in-use-timeout) echo other ;;
    listen:--receive-buffer) echo other ;;
    listen:--send-buffer) echo other ;;
    listen:--max-connections) echo other ;;
    listen:--max-connections-per-user) echo other ;;
    listen:--max-connections-per-address) echo other ;;
    listen:--ready-fd) echo other ;;
    listen:-E | listen:--setenv) echo other ;;
    listen:--scheme) echo scheme ;;
    listen:--within) echo directory ;;
    listen:--mode) echo other ;;
    listen:--owner) echo user ;;
    listen:--group) echo group ;;
    listen:--device) echo interface ;;
    listen:--keepalive-idle) echo other ;;
    listen:--keepalive-interval) echo other ;;
    listen:--keepalive-count) echo other ;;
    listen:--user-timeout) echo other ;;
    listen:--pipe-sddl) echo other ;;
    listen:) echo command ;;
    connect:-H | connect:--host) echo address ;;
    connect:--timeout) echo other ;;
    connect:--attempt-delay) echo other ;;
    connect:--receive-buffer) echo other ;;
    connect:--send-buffer) echo other ;;
    connect:--scheme) echo scheme ;;
    connect:--within) echo directory ;;
    connect:--keepalive-idle) echo other ;;
    connect:--keepalive-interval) echo other ;;
    connect:--keepalive-count) echo other ;;
    connect:--user-timeout) echo other ;;
    connect:--device) echo interface ;;
    connect:--unix-owner) echo user ;;
    connect:--pipe-owner) echo other ;;
    connect:--pipe-server) echo other ;;
    connect:) echo address ;;
    adapter:) echo none ;;
    help:) echo subcommand ;;
    esac
}

# _sbind_addresses WORD
_sbind_addresses() {
    local path each
    case $1 in
    unix://@*) ;;
    unix://*)
        path=${1#unix://}
        compgen -f -- "$path" | while IFS= read -r each; do
            [ ! -d "$each" ] || each=$each/
            printf 'unix://%s\n' "$each"
        done
        ;;
    tcp://\[*%*)
        for each in /sys/class/net/*; do
            printf '%s\n' "${1%%\%*}%${each##*/}]:"
        done
        ;;
    tcp://*) printf '%s\n' tcp://127.0.0.1: 'tcp://[::1]:' tcp://localhost: 'tcp://*:' ;;
    fd://*) printf '%s\n' fd:// 'fd://*' fd://3 ;;
    *) printf '%s\n' tcp:// unix:// unix://@ fd:// npipe:// ;;
    esac
}

# _sbind_candidates KIND WORD - a line each
_sbind_candidates() {
    case $1 in
    address) _sbind_addresses "$2" ;;
    subcommand) printf '%s\n' parse check explain listen connect adapter help ;;
    user) compgen -u ;;
    group) compgen -g ;;
    directory) compgen -d -- "$2" ;;
    interface) (cd /sys/class/net && printf '%s\n' *) ;;
    scheme) printf '%s\n' tcp unix fd npipe ;;
    esac
}

# bash ends words at : and =, and wants only what follows.
_sbind_reply() { # WORD
    local each before=${1%"${1##*[:=]}"}
    COMPREPLY=()
    while IFS= read -r each; do
        [[ $each != "$1"* ]] || COMPREPLY+=("${each#"$before"}")
    done
    case ${COMPREPLY[*]} in
    *[:/@]) compopt -o nospace 2>/dev/null ;;
    esac
}

_sbind() {
    local line=${COMP_LINE:0:COMP_POINT} word last kind each
    local -a words
    read -ra words <<<"$line"
    word=${line##*[[:blank:]]}
    [[ -z $word ]] || unset 'words[-1]'
    if ((${#words[@]} < 2)); then
        _sbind_reply "$word" < <(
            _sbind_candidates subcommand
            printf '%s\n' --help --version
        )
        return
    fi
    for each in "${!words[@]}"; do
        [[ ${words[each]} != -- || $(_sbind_kind "${words[1]}:") != command ]] || {
            ((each + 1 < ${#words[@]})) && each=-f || each=-c
            mapfile -t COMPREPLY < <(compgen "$each" -- "$word")
            return
        }
    done
    last=${words[-1]}
    if [[ $word == --*=* ]]; then
        kind=$(_sbind_kind "${words[1]}:${word%%=*}")
        _sbind_reply "$word" < <(
            _sbind_candidates "$kind" "${word#*=}" | sed "s|^|${word%%=*}=|"
        )
    elif kind=$(_sbind_kind "${words[1]}:$last") && [[ $last == -* && -n $kind ]]; then
        _sbind_reply "$word" < <(_sbind_candidates "$kind" "$word")
    elif [[ $word == -* ]]; then
        _sbind_reply "$word" < <(_sbind_options "${words[1]}" | tr ' ' '\n')
    else
        kind=$(_sbind_kind "${words[1]}:")
        [[ $kind != command ]] || kind=address
        _sbind_reply "$word" < <(_sbind_candidates "$kind" "$word")
    fi
}

complete -F _sbind sbind
