# Before a call: home, sign-in, the list of meetings, what rings, the lobby and its devices.

back = Back
cancel = Cancel
close = Close
copy = Copy
copied = Copied
copy-by-hand = It is marked: copy it with Ctrl+C.
dismiss = Dismiss
dismiss-named = Dismiss: { $title }
join = Join
join-again = Join again
ok = OK
try-again = Try again

window-title = { $title } – { $app }
window-lobby = Before you join { $title }
dev-mode = Dev mode
dev-mode-servers = Dev mode: servers on this computer are trusted. Not for real meetings.
dev-mode-tokens = Dev mode: tokens are signed on this computer. Not for real meetings.
sign-in-expired-in-call = Your sign-in has expired. Sign in again to come back after a break.
way-token = Asking for the meeting’s token…
way-server = Asking the media server…
way-free = The way into the meeting is free.
way-check = Check the connection

close-ask = Leave the call and close the window?
close-words = The meeting goes on without you.
close-yes = Leave and close
close-no = Stay in the call
lost-ask = Return to the meeting?
lost-ask-yes = Return to the meeting
lost-no = Not now
lost-died = { $app }’s window stopped working and was opened again. You are no longer in “{ $title }”: nobody there sees or hears you.
lost-reloaded = { $app }’s window was loaded anew. You are no longer in “{ $title }”: nobody there sees or hears you.
arrival-no = Stay here
arrival-another = Another meeting
arrival-named = “{ $title }”
arrival-placed = { $meeting } ({ $place })
arrival-in-call = Leave this call and join?
arrival-in-call-words = { $meeting } opens in its place. You can come back to this call later.
arrival-in-call-yes = Leave and join
arrival-in-lobby = Open another meeting?
arrival-in-lobby-words = A link leads to { $meeting }. It opens in place of the one that you are about to join.
arrival-in-lobby-yes = Open it

home-join = Join a meeting
home-join-words = Paste the link you were sent, or type the name of a room.
home-input = Link or room name
home-input-hint = { $link } or room name
home-continue = Continue
home-new = New meeting
home-more = More
home-history = History
home-settings = Settings
recent-title = Recent rooms
recent-with = { $since }, with { $people }
recent-join = Join { $title } again

account = Account:
sign-out = Sign out
sign-out-shared = Sign out of a shared computer…
erase-ask = Sign out, and leave nothing here?
erase-words = Your past meetings, your name, what was chosen in lobbies and the logs will be erased from this computer. This cannot be undone.
erase-yes = Sign out and erase
erase-no = Stay signed in

sign-in-title = Sign in to { $title }
sign-in-words = To see your meetings, and to hear when one begins.
sign-in-kept-keyring = Your sign-in is kept in this computer's keyring.
sign-in-kept-memory = Your sign-in is kept until { $app } ends, and not written down.
sign-in-waiting = Finish signing in in your browser
sign-in-waiting-words = { $app } goes on by itself as soon as that is done.
sign-in-browser = Sign in with the browser
sign-in-paste = Paste a token or session
sign-in-site = Open the web site of { $title }
paste-title = Paste your sign-in
paste-words-keyring = Copy the token or session that { $title } shows you, and paste it here. It is kept in this computer's keyring.
paste-words-memory = Copy the token or session that { $title } shows you, and paste it here. It is kept until { $app } ends.
paste-field = Token or session
paste-busy = Signing in…
paste-yes = Sign in

meetings-title = Your meetings
meetings-old = { $fault } This list may be old.
meetings-looking = Looking for your meetings…
meetings-none = No meetings now. When one begins, it rings here.
meetings-fact = { $roles } · { $since }
meetings-elsewhere = You answered on another device.
meetings-join = Join { $title } with { $party }
meetings-more = More about { $title }
meetings-cancel = Cancel the meeting
meetings-cancel-ask = Cancel this meeting?
meetings-cancel-words = “{ $title }” is called off for { $party }, too.
meetings-cancel-no = Keep it
meeting-untitled = Meeting
user-unnamed = You
party-requester = the requester
party-offerer = the offerer
roles-offerer =
    { $known ->
        [no] Your offer was accepted
       *[yes] { $party } accepted your offer
    }
roles-requester =
    { $known ->
        [no] You accepted the offer
       *[yes] You accepted the offer of { $party }
    }
rings-label = Meetings that ring
rings-join = Join the meeting
ring-offerer = Your offer was accepted!
ring-offerer-words =
    { $known ->
        [no] The meeting can begin.
       *[yes] { $party } is ready to meet you.
    }
ring-requester = You accepted the offer
ring-requester-words =
    { $known ->
        [no] The meeting can begin.
       *[yes] The meeting with { $party } can begin.
    }
missed-label = Missed
missed-words = You missed { $party }, { $time }: “{ $title }”

place-room = Room “{ $room }”
place-on = Room “{ $room }” on { $server }
place-of = Room “{ $room }” of { $server }

lobby-preview = Your camera, mirrored
lobby-camera-opening = Opening your camera…
lobby-camera-off = Your camera is off
lobby-level = Microphone level
lobby-quiet = We can’t hear you. Say something; if the bar does not move, choose another microphone or see whether yours is muted.
lobby-words = Check how you look and sound, then join.
lobby-name = Your name
lobby-name-hint = What others see
lobby-joining = Joining…
microphone = Microphone
camera = Camera
speaker = Speaker
device-default = System default
device-unnamed = { $role } { $number }
device-none =
    { $role ->
        [microphone] No microphone found
        [camera] No camera found
       *[speaker] No speaker found
    }
switch-opening =
    { $role ->
        [microphone] Opening the microphone… Leave it off
       *[camera] Opening the camera… Leave it off
    }
switch-away =
    { $role ->
        [microphone] Leave the microphone off
       *[camera] Leave the camera off
    }
switch-off =
    { $role ->
        [microphone] Turn the microphone off
       *[camera] Turn the camera off
    }
switch-on =
    { $role ->
        [microphone] Turn the microphone on
       *[camera] Turn the camera on
    }
sound-title = Your sound
sound-echo = Remove echo
sound-noise = Reduce noise
sound-gain = Adjust my volume
sound-check-failed = That did not work with these devices.
sound-check-tone = You should hear two tones.
sound-check-recording = Say something…
sound-check-playing = This is how you sound.
sound-check-play = Play a sound
sound-check-echo = Hear yourself

duration-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
duration-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
just-now = just now
ago = { $duration } ago
