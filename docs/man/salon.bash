_salon() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="salon"
                ;;
            salon,config)
                cmd="salon__subcmd__config"
                ;;
            salon,doctor)
                cmd="salon__subcmd__doctor"
                ;;
            salon,guest)
                cmd="salon__subcmd__guest"
                ;;
            salon,help)
                cmd="salon__subcmd__help"
                ;;
            salon,update)
                cmd="salon__subcmd__update"
                ;;
            salon__subcmd__help,config)
                cmd="salon__subcmd__help__subcmd__config"
                ;;
            salon__subcmd__help,doctor)
                cmd="salon__subcmd__help__subcmd__doctor"
                ;;
            salon__subcmd__help,guest)
                cmd="salon__subcmd__help__subcmd__guest"
                ;;
            salon__subcmd__help,help)
                cmd="salon__subcmd__help__subcmd__help"
                ;;
            salon__subcmd__help,update)
                cmd="salon__subcmd__help__subcmd__update"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        salon)
            opts="-h -V --profile --backend --server --stream-api-key --stream-call-type --stream-url --dev --allow-dev --name --ringtone --notifications --history --history-days --close-to-tray --start-muted --start-camera-off --close-when-muted --echo-cancellation --noise-suppression --auto-gain-control --fake-devices --fake-sound --profile-folders --updates --update-notice --update-channel --update-delay-days --update-url --language --room --lobby --beside --help --version guest doctor config update help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backend)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-api-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-call-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ringtone)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --notifications)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-to-tray)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-camera-off)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-when-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --echo-cancellation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --noise-suppression)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --auto-gain-control)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-sound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile-folders)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --updates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-notice)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-delay-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --language)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --room)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__config)
            opts="-h --show --path --json --profile --backend --server --stream-api-key --stream-call-type --stream-url --dev --allow-dev --name --ringtone --notifications --history --history-days --close-to-tray --start-muted --start-camera-off --close-when-muted --echo-cancellation --noise-suppression --auto-gain-control --fake-devices --fake-sound --profile-folders --updates --update-notice --update-channel --update-delay-days --update-url --language --room --lobby --beside --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backend)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-api-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-call-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ringtone)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --notifications)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-to-tray)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-camera-off)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-when-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --echo-cancellation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --noise-suppression)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --auto-gain-control)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-sound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile-folders)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --updates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-notice)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-delay-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --language)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --room)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__doctor)
            opts="-h --token --session --stun-port --tcp-port --json --kind --identity --profile --backend --server --stream-api-key --stream-call-type --stream-url --dev --allow-dev --name --ringtone --notifications --history --history-days --close-to-tray --start-muted --start-camera-off --close-when-muted --echo-cancellation --noise-suppression --auto-gain-control --fake-devices --fake-sound --profile-folders --updates --update-notice --update-channel --update-delay-days --update-url --language --room --lobby --beside --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --token)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --session)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stun-port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tcp-port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kind)
                    COMPREPLY=($(compgen -W "livekit stream" -- "${cur}"))
                    return 0
                    ;;
                --identity)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backend)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-api-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-call-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ringtone)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --notifications)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-to-tray)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-camera-off)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-when-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --echo-cancellation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --noise-suppression)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --auto-gain-control)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-sound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile-folders)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --updates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-notice)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-delay-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --language)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --room)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__guest)
            opts="-h --profile --backend --server --stream-api-key --stream-call-type --stream-url --dev --allow-dev --name --ringtone --notifications --history --history-days --close-to-tray --start-muted --start-camera-off --close-when-muted --echo-cancellation --noise-suppression --auto-gain-control --fake-devices --fake-sound --profile-folders --updates --update-notice --update-channel --update-delay-days --update-url --language --room --lobby --beside --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backend)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-api-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-call-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ringtone)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --notifications)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-to-tray)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-camera-off)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-when-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --echo-cancellation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --noise-suppression)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --auto-gain-control)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-sound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile-folders)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --updates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-notice)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-delay-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --language)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --room)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help)
            opts="guest doctor config update help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help__subcmd__config)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help__subcmd__doctor)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help__subcmd__guest)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__help__subcmd__update)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        salon__subcmd__update)
            opts="-h --profile --backend --server --stream-api-key --stream-call-type --stream-url --dev --allow-dev --name --ringtone --notifications --history --history-days --close-to-tray --start-muted --start-camera-off --close-when-muted --echo-cancellation --noise-suppression --auto-gain-control --fake-devices --fake-sound --profile-folders --updates --update-notice --update-channel --update-delay-days --update-url --language --room --lobby --beside --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --profile)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --backend)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-api-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-call-type)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stream-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow-dev)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ringtone)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --notifications)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --history-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-to-tray)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --start-camera-off)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --close-when-muted)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --echo-cancellation)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --noise-suppression)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --auto-gain-control)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-devices)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fake-sound)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile-folders)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --updates)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-notice)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-delay-days)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --update-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --language)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --room)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --beside)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _salon -o nosort -o bashdefault -o default salon
else
    complete -F _salon -o bashdefault -o default salon
fi
