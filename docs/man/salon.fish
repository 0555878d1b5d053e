# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_salon_global_optspecs
    string join \n profile= backend= server= stream-api-key= stream-call-type= stream-url= dev= allow-dev= name= ringtone= notifications= history= history-days= close-to-tray= start-muted= start-camera-off= close-when-muted= echo-cancellation= noise-suppression= auto-gain-control= fake-devices= fake-sound= profile-folders= updates= update-notice= update-channel= update-delay-days= update-url= language= room= lobby beside= h/help V/version
end

function __fish_salon_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_salon_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_salon_using_subcommand
    set -l cmd (__fish_salon_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c salon -n "__fish_salon_needs_command" -l profile -d 'Name of the backend profile that meetings come from' -r
complete -c salon -n "__fish_salon_needs_command" -l backend -d 'Address of the backend that hands out tokens: https, or http on this computer' -r
complete -c salon -n "__fish_salon_needs_command" -l server -d 'Address of the media server: wss, or ws on this computer' -r
complete -c salon -n "__fish_salon_needs_command" -l stream-api-key -d 'API key of the Stream app that calls are of: public, and no secret' -r
complete -c salon -n "__fish_salon_needs_command" -l stream-call-type -d 'Type of Stream calls, such as default or livestream' -r
complete -c salon -n "__fish_salon_needs_command" -l stream-url -d 'Address of Stream\'s coordinator, if it is not Stream\'s own: https, or in dev mode http on this computer' -r
complete -c salon -n "__fish_salon_needs_command" -l dev -d 'Sign tokens on this computer, for trying things out' -r
complete -c salon -n "__fish_salon_needs_command" -l allow-dev -d 'Whether dev mode may be switched on at all' -r
complete -c salon -n "__fish_salon_needs_command" -l name -d 'Your name in meetings' -r
complete -c salon -n "__fish_salon_needs_command" -l ringtone -d 'Ring when a meeting begins' -r
complete -c salon -n "__fish_salon_needs_command" -l notifications -d 'Tell of meetings with the system\'s notifications' -r
complete -c salon -n "__fish_salon_needs_command" -l history -d 'Remember past meetings on this computer' -r
complete -c salon -n "__fish_salon_needs_command" -l history-days -d 'Days after which a past meeting is forgotten; 0: never' -r
complete -c salon -n "__fish_salon_needs_command" -l close-to-tray -d 'Closing the window leaves the app in the tray, ringing, while somebody is signed in' -r
complete -c salon -n "__fish_salon_needs_command" -l start-muted -d 'Begin with the microphone switched off' -r
complete -c salon -n "__fish_salon_needs_command" -l start-camera-off -d 'Begin with the camera switched off' -r
complete -c salon -n "__fish_salon_needs_command" -l close-when-muted -d 'Close the microphone while muted' -r
complete -c salon -n "__fish_salon_needs_command" -l echo-cancellation -d 'Take what the loudspeaker plays out of what the microphone hears' -r
complete -c salon -n "__fish_salon_needs_command" -l noise-suppression -d 'Make steady noise around the microphone quieter' -r
complete -c salon -n "__fish_salon_needs_command" -l auto-gain-control -d 'Keep your voice at an even loudness' -r
complete -c salon -n "__fish_salon_needs_command" -l fake-devices -d 'Offer a fake camera and microphone: off, when-none, also or only' -r
complete -c salon -n "__fish_salon_needs_command" -l fake-sound -d 'What the fake microphone gives: tone or speech' -r
complete -c salon -n "__fish_salon_needs_command" -l profile-folders -d 'More folders with files of backend profiles' -r
complete -c salon -n "__fish_salon_needs_command" -l updates -d 'Install new versions; where the system\'s packages do that, it is theirs' -r
complete -c salon -n "__fish_salon_needs_command" -l update-notice -d 'Tell when a new version has been installed' -r
complete -c salon -n "__fish_salon_needs_command" -l update-channel -d 'Whose new versions are taken: stable or beta' -r
complete -c salon -n "__fish_salon_needs_command" -l update-delay-days -d 'Days after its publication that a new version is left to others' -r
complete -c salon -n "__fish_salon_needs_command" -l update-url -d 'Address of the folder with new versions, if they are not fetched from who makes the app: https, or http on this computer' -r
complete -c salon -n "__fish_salon_needs_command" -l language -d 'Language of the app: system, en, fr, es or ar' -r
complete -c salon -n "__fish_salon_needs_command" -l room -d 'The room to open' -r
complete -c salon -n "__fish_salon_needs_command" -l beside -d 'Run beside one that runs already, with settings, history and logs in this folder. A sign-in is forgotten at the end' -r -F
complete -c salon -n "__fish_salon_needs_command" -l lobby -d 'Begin at the device preview of the room'
complete -c salon -n "__fish_salon_needs_command" -s h -l help -d 'Print help'
complete -c salon -n "__fish_salon_needs_command" -s V -l version -d 'Print version'
complete -c salon -n "__fish_salon_needs_command" -a "guest" -d 'Join a room with a fake camera and microphone and without a window; ends with standard input'
complete -c salon -n "__fish_salon_needs_command" -a "doctor" -d 'Say what a token allows and what is wrong with it; without --token, try the way into a meeting step by step, as --profile and --backend say'
complete -c salon -n "__fish_salon_needs_command" -a "config" -d 'Say what is set and where from. Ends with 2 if a file has a fault'
complete -c salon -n "__fish_salon_needs_command" -a "update" -d 'Look for a new version now, and install it. Ends with 1 if that failed, or if somebody else keeps this copy up to date'
complete -c salon -n "__fish_salon_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c salon -n "__fish_salon_using_subcommand guest" -l profile -d 'Name of the backend profile that meetings come from' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l backend -d 'Address of the backend that hands out tokens: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l server -d 'Address of the media server: wss, or ws on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l stream-api-key -d 'API key of the Stream app that calls are of: public, and no secret' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l stream-call-type -d 'Type of Stream calls, such as default or livestream' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l stream-url -d 'Address of Stream\'s coordinator, if it is not Stream\'s own: https, or in dev mode http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l dev -d 'Sign tokens on this computer, for trying things out' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l allow-dev -d 'Whether dev mode may be switched on at all' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l name -d 'Your name in meetings' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l ringtone -d 'Ring when a meeting begins' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l notifications -d 'Tell of meetings with the system\'s notifications' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l history -d 'Remember past meetings on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l history-days -d 'Days after which a past meeting is forgotten; 0: never' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l close-to-tray -d 'Closing the window leaves the app in the tray, ringing, while somebody is signed in' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l start-muted -d 'Begin with the microphone switched off' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l start-camera-off -d 'Begin with the camera switched off' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l close-when-muted -d 'Close the microphone while muted' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l echo-cancellation -d 'Take what the loudspeaker plays out of what the microphone hears' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l noise-suppression -d 'Make steady noise around the microphone quieter' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l auto-gain-control -d 'Keep your voice at an even loudness' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l fake-devices -d 'Offer a fake camera and microphone: off, when-none, also or only' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l fake-sound -d 'What the fake microphone gives: tone or speech' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l profile-folders -d 'More folders with files of backend profiles' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l updates -d 'Install new versions; where the system\'s packages do that, it is theirs' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l update-notice -d 'Tell when a new version has been installed' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l update-channel -d 'Whose new versions are taken: stable or beta' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l update-delay-days -d 'Days after its publication that a new version is left to others' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l update-url -d 'Address of the folder with new versions, if they are not fetched from who makes the app: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l language -d 'Language of the app: system, en, fr, es or ar' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l room -d 'The room to open' -r
complete -c salon -n "__fish_salon_using_subcommand guest" -l beside -d 'Run beside one that runs already, with settings, history and logs in this folder. A sign-in is forgotten at the end' -r -F
complete -c salon -n "__fish_salon_using_subcommand guest" -l lobby -d 'Begin at the device preview of the room'
complete -c salon -n "__fish_salon_using_subcommand guest" -s h -l help -d 'Print help'
complete -c salon -n "__fish_salon_using_subcommand doctor" -l token -d 'A file with the token; "-" is standard input' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l session -d 'The meeting session to ask for a token for' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l stun-port -d 'The port at which the media server answers STUN' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l tcp-port -d 'The media server\'s port for ICE over TCP' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l kind -d 'The kind of token that is wanted; by default what it seems to be' -r -f -a "livekit\t''
stream\t''"
complete -c salon -n "__fish_salon_using_subcommand doctor" -l identity -d 'The identity that it should be for' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l profile -d 'Name of the backend profile that meetings come from' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l backend -d 'Address of the backend that hands out tokens: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l server -d 'Address of the media server: wss, or ws on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l stream-api-key -d 'API key of the Stream app that calls are of: public, and no secret' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l stream-call-type -d 'Type of Stream calls, such as default or livestream' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l stream-url -d 'Address of Stream\'s coordinator, if it is not Stream\'s own: https, or in dev mode http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l dev -d 'Sign tokens on this computer, for trying things out' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l allow-dev -d 'Whether dev mode may be switched on at all' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l name -d 'Your name in meetings' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l ringtone -d 'Ring when a meeting begins' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l notifications -d 'Tell of meetings with the system\'s notifications' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l history -d 'Remember past meetings on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l history-days -d 'Days after which a past meeting is forgotten; 0: never' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l close-to-tray -d 'Closing the window leaves the app in the tray, ringing, while somebody is signed in' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l start-muted -d 'Begin with the microphone switched off' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l start-camera-off -d 'Begin with the camera switched off' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l close-when-muted -d 'Close the microphone while muted' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l echo-cancellation -d 'Take what the loudspeaker plays out of what the microphone hears' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l noise-suppression -d 'Make steady noise around the microphone quieter' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l auto-gain-control -d 'Keep your voice at an even loudness' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l fake-devices -d 'Offer a fake camera and microphone: off, when-none, also or only' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l fake-sound -d 'What the fake microphone gives: tone or speech' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l profile-folders -d 'More folders with files of backend profiles' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l updates -d 'Install new versions; where the system\'s packages do that, it is theirs' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l update-notice -d 'Tell when a new version has been installed' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l update-channel -d 'Whose new versions are taken: stable or beta' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l update-delay-days -d 'Days after its publication that a new version is left to others' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l update-url -d 'Address of the folder with new versions, if they are not fetched from who makes the app: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l language -d 'Language of the app: system, en, fr, es or ar' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l room -d 'The room to open' -r
complete -c salon -n "__fish_salon_using_subcommand doctor" -l beside -d 'Run beside one that runs already, with settings, history and logs in this folder. A sign-in is forgotten at the end' -r -F
complete -c salon -n "__fish_salon_using_subcommand doctor" -l json -d 'Print JSON'
complete -c salon -n "__fish_salon_using_subcommand doctor" -l lobby -d 'Begin at the device preview of the room'
complete -c salon -n "__fish_salon_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c salon -n "__fish_salon_using_subcommand config" -l profile -d 'Name of the backend profile that meetings come from' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l backend -d 'Address of the backend that hands out tokens: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l server -d 'Address of the media server: wss, or ws on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l stream-api-key -d 'API key of the Stream app that calls are of: public, and no secret' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l stream-call-type -d 'Type of Stream calls, such as default or livestream' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l stream-url -d 'Address of Stream\'s coordinator, if it is not Stream\'s own: https, or in dev mode http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l dev -d 'Sign tokens on this computer, for trying things out' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l allow-dev -d 'Whether dev mode may be switched on at all' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l name -d 'Your name in meetings' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l ringtone -d 'Ring when a meeting begins' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l notifications -d 'Tell of meetings with the system\'s notifications' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l history -d 'Remember past meetings on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l history-days -d 'Days after which a past meeting is forgotten; 0: never' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l close-to-tray -d 'Closing the window leaves the app in the tray, ringing, while somebody is signed in' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l start-muted -d 'Begin with the microphone switched off' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l start-camera-off -d 'Begin with the camera switched off' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l close-when-muted -d 'Close the microphone while muted' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l echo-cancellation -d 'Take what the loudspeaker plays out of what the microphone hears' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l noise-suppression -d 'Make steady noise around the microphone quieter' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l auto-gain-control -d 'Keep your voice at an even loudness' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l fake-devices -d 'Offer a fake camera and microphone: off, when-none, also or only' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l fake-sound -d 'What the fake microphone gives: tone or speech' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l profile-folders -d 'More folders with files of backend profiles' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l updates -d 'Install new versions; where the system\'s packages do that, it is theirs' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l update-notice -d 'Tell when a new version has been installed' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l update-channel -d 'Whose new versions are taken: stable or beta' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l update-delay-days -d 'Days after its publication that a new version is left to others' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l update-url -d 'Address of the folder with new versions, if they are not fetched from who makes the app: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l language -d 'Language of the app: system, en, fr, es or ar' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l room -d 'The room to open' -r
complete -c salon -n "__fish_salon_using_subcommand config" -l beside -d 'Run beside one that runs already, with settings, history and logs in this folder. A sign-in is forgotten at the end' -r -F
complete -c salon -n "__fish_salon_using_subcommand config" -l show -d 'Print each setting, its value and where it comes from. So without any option, too'
complete -c salon -n "__fish_salon_using_subcommand config" -l path -d 'Print the paths of files and folders instead'
complete -c salon -n "__fish_salon_using_subcommand config" -l json -d 'Print JSON'
complete -c salon -n "__fish_salon_using_subcommand config" -l lobby -d 'Begin at the device preview of the room'
complete -c salon -n "__fish_salon_using_subcommand config" -s h -l help -d 'Print help'
complete -c salon -n "__fish_salon_using_subcommand update" -l profile -d 'Name of the backend profile that meetings come from' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l backend -d 'Address of the backend that hands out tokens: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l server -d 'Address of the media server: wss, or ws on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l stream-api-key -d 'API key of the Stream app that calls are of: public, and no secret' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l stream-call-type -d 'Type of Stream calls, such as default or livestream' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l stream-url -d 'Address of Stream\'s coordinator, if it is not Stream\'s own: https, or in dev mode http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l dev -d 'Sign tokens on this computer, for trying things out' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l allow-dev -d 'Whether dev mode may be switched on at all' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l name -d 'Your name in meetings' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l ringtone -d 'Ring when a meeting begins' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l notifications -d 'Tell of meetings with the system\'s notifications' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l history -d 'Remember past meetings on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l history-days -d 'Days after which a past meeting is forgotten; 0: never' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l close-to-tray -d 'Closing the window leaves the app in the tray, ringing, while somebody is signed in' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l start-muted -d 'Begin with the microphone switched off' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l start-camera-off -d 'Begin with the camera switched off' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l close-when-muted -d 'Close the microphone while muted' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l echo-cancellation -d 'Take what the loudspeaker plays out of what the microphone hears' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l noise-suppression -d 'Make steady noise around the microphone quieter' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l auto-gain-control -d 'Keep your voice at an even loudness' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l fake-devices -d 'Offer a fake camera and microphone: off, when-none, also or only' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l fake-sound -d 'What the fake microphone gives: tone or speech' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l profile-folders -d 'More folders with files of backend profiles' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l updates -d 'Install new versions; where the system\'s packages do that, it is theirs' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l update-notice -d 'Tell when a new version has been installed' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l update-channel -d 'Whose new versions are taken: stable or beta' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l update-delay-days -d 'Days after its publication that a new version is left to others' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l update-url -d 'Address of the folder with new versions, if they are not fetched from who makes the app: https, or http on this computer' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l language -d 'Language of the app: system, en, fr, es or ar' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l room -d 'The room to open' -r
complete -c salon -n "__fish_salon_using_subcommand update" -l beside -d 'Run beside one that runs already, with settings, history and logs in this folder. A sign-in is forgotten at the end' -r -F
complete -c salon -n "__fish_salon_using_subcommand update" -l lobby -d 'Begin at the device preview of the room'
complete -c salon -n "__fish_salon_using_subcommand update" -s h -l help -d 'Print help'
complete -c salon -n "__fish_salon_using_subcommand help; and not __fish_seen_subcommand_from guest doctor config update help" -f -a "guest" -d 'Join a room with a fake camera and microphone and without a window; ends with standard input'
complete -c salon -n "__fish_salon_using_subcommand help; and not __fish_seen_subcommand_from guest doctor config update help" -f -a "doctor" -d 'Say what a token allows and what is wrong with it; without --token, try the way into a meeting step by step, as --profile and --backend say'
complete -c salon -n "__fish_salon_using_subcommand help; and not __fish_seen_subcommand_from guest doctor config update help" -f -a "config" -d 'Say what is set and where from. Ends with 2 if a file has a fault'
complete -c salon -n "__fish_salon_using_subcommand help; and not __fish_seen_subcommand_from guest doctor config update help" -f -a "update" -d 'Look for a new version now, and install it. Ends with 1 if that failed, or if somebody else keeps this copy up to date'
complete -c salon -n "__fish_salon_using_subcommand help; and not __fish_seen_subcommand_from guest doctor config update help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
