# The room: what stands around the pictures, its controls and menus.

room-with = with { $party }
room-live = Live
room-connecting = Connecting…
room-reconnecting = Reconnecting…
room-recording = Recording
room-people = People, { $count }
room-interrupted = The connection was interrupted. Reconnecting…
room-sound-waits = The sound of this meeting waits for a click.
room-sound-play = Play it
room-unheard = You are muted: nobody hears you. Unmute with Ctrl+D.
room-unheard-or-hold = You are muted: nobody hears you. Unmute with Ctrl+D, or hold the space bar.
room-participants = Participants

# Alone in it.

waiting-all-left = Everybody else has left.
waiting-nobody = Nobody else is here yet.
waiting-for = Waiting for { $party }…
invitation = Invitation

# Controls.

control-mute = Mute
control-unmute = Unmute
control-mute-opening = Opening… Stay muted
control-mute-away = Stay muted
control-sound-devices = Microphone and speaker
control-chat = Chat
control-chat-unread = Chat, { $count } unread
control-leave = Leave
control-leave-or-end = Leave or end the meeting
control-end = End for everyone
control-more = More
control-layout = Layout
layout-grid = Grid
layout-speaker = Speaker large
layout-unpin = Unpin { $name }
layout-own-show = Show your view
layout-own-hide = Hide your view
layout-own-move = Move your view: arrow keys
layout-own-move-hint = Move your view: drag it, or use the arrow keys
layout-to-grid = Show all in a grid
layout-to-speaker = Show the speaker large
pages-label = Pages of participants
pages-previous = Previous page
pages-next = Next page

share-stop = Stop sharing your screen
share-start = Share your screen
share-not-by-provider = Screens cannot be shared in this meeting
share-not-by-grant = You may not share your screen in this meeting
share-not-by-webview = Your screen cannot be shared from this system yet
hand-lower = Lower your hand
hand-raise = Raise your hand
hand-not-by-provider = Hands cannot be raised in this meeting
hand-not-by-grant = You may not raise your hand in this meeting
hand-not-by-webview = Hands cannot be raised from this system

react = React
reactions = Reactions
reactions-not-by-grant = You may not react in this meeting
reactions-none = There are no reactions in this meeting
reaction-thumbs-up = Thumbs up
reaction-heart = Heart
reaction-clapping = Clapping
reaction-laughing = Laughing
reaction-surprised = Surprised
reaction-celebrating = Celebrating

more-pictures = Pictures of the others
more-pictures-all = All pictures
more-pictures-small = Save data: small pictures
more-pictures-none = Sound only: no pictures
more-captions = Captions
more-captions-read = Read captions out
more-transcript = Transcript
more-captions-start = Start captions for everyone
more-captions-stop = Stop captions for everyone
more-record = Record this meeting…
more-record-stop = Stop recording
more-full-screen = Full screen
more-full-screen-leave = Leave full screen
more-shortcuts = Keyboard shortcuts

record-ask = Record this meeting?
record-ask-words = Everyone in it is told, and sees it for as long as it goes on.
record-ask-yes = Start recording

# Keys, and what they do.

key-ctrl = Ctrl
key-space = Space
key-page-up = Page up
key-page-down = Page down
shortcut-mute = Mute or unmute
shortcut-camera = Camera on or off
shortcut-talk = Speak while you hold it, if you are muted
shortcut-hand = Raise or lower your hand
shortcut-chat = Open or close the chat
shortcut-layout = Grid, or the speaker large
shortcut-previous = Previous page of participants
shortcut-next = Next page of participants
shortcut-full = Full screen
shortcut-ring = To a meeting that rings
shortcut-list = This list
shortcut-single = Keys without Ctrl do something, too

# Bars at the top: what the host asks, what others ask, what devices do.

host-asks-microphone = The host asks you to unmute.
host-asks-camera = The host asks you to turn the camera on.
host-yes-microphone = Unmute
host-yes-camera = Turn on
host-no-microphone = Stay muted
host-no-camera = Leave off
host-off-microphone = The host muted you.
host-off-camera = The host turned your camera off.
host-off-screen = The host ended the sharing of your screen.
host-off-screen-audio = The host muted the sound of your screen.
request-microphone = { $name } asks to speak.
request-camera = { $name } asks to turn their camera on.
request-screen = { $name } asks to share their screen.
request-waiting =
    { $count ->
        [one] { $count } more waits.
       *[other] { $count } more wait.
    }
request-allow = Allow
request-deny = Deny
sharing-screen = You are sharing your screen. Everybody in the meeting sees it.
sharing-named = You are sharing “{ $title }”. Everybody in the meeting sees it.
sharing-fluent = Smooth video
sharing-stop = Stop sharing

device-gone =
    { $role ->
        [microphone] The microphone is gone.
        [camera] The camera is gone.
       *[speaker] The speaker is gone.
    }
device-gone-named = “{ $device }” is gone.
device-back =
    { $role ->
        [microphone] The microphone is back.
        [camera] The camera is back.
       *[speaker] The speaker is back.
    }
device-back-named = “{ $device }” is back.
device-back-in-use =
    { $role ->
        [microphone] The microphone is back and in use again.
        [camera] The camera is back and in use again.
       *[speaker] The speaker is back and in use again.
    }
device-back-in-use-named = “{ $device }” is back and in use again.
device-used-when-on =
    { $role ->
        [microphone] It is used when you turn the microphone on.
        [camera] It is used when you turn the camera on.
       *[speaker] It is used when you turn the speaker on.
    }
device-instead =
    { $role ->
        [microphone] You are heard through “{ $device }”.
        [camera] You are seen through “{ $device }”.
       *[speaker] You hear through “{ $device }”.
    }
device-nothing-instead =
    { $role ->
        [microphone] Nobody hears you now.
        [camera] Nobody sees you now.
       *[speaker] You hear nobody now.
    }
device-stay-muted = Stay muted when it is back
device-leave-off = Leave off when it is back
device-use-again = Use it again

# What is read out, or said outside of the window.

event-joined = { $name } joined.
event-left = { $name } left.
event-hand-raised = { $name } raised their hand.
event-hand-lowered = { $name } lowered their hand.
event-recorded = This meeting is being recorded.
event-recording-begun = The recording has begun.
event-recording-ended = The recording has ended.
event-message = { $name } wrote: { $text }
event-message-private = { $name } wrote to you only: { $text }
event-messages =
    { $count ->
        [one] { $count } new message.
       *[other] { $count } new messages.
    }
event-not-sent = Your message was not sent.
notice-messages =
    { $count ->
        [one] { $count } new message
       *[other] { $count } new messages
    }
notice-private = A message to you only

# Of one participant.

tile-camera = Camera of { $name }
tile-screen = Screen of { $name }
tile-options = Options for { $name }
tile-options-screen = Options for the screen of { $name }
tile-pinned = pinned
tile-screen-of = screen of
tile-hand = hand raised
tile-muted = muted
tile-muted-for-me = muted for you
tile-speaking = speaking
tile-own = (you)
tile-unpin = Unpin
tile-pin = Pin: show large
tile-hear = Hear again
tile-mute-for-me = Mute for me
tile-volume = Volume for me
tile-mute-for-all = Mute for everyone
picture-camera-off = Camera off
picture-screen-off = Screen off
picture-unwanted = Sound only: you asked for no pictures
picture-unplayable =
    { $source ->
        [camera] Their camera sends { $codec }, which cannot be shown here
       *[screen] Their screen sends { $codec }, which cannot be shown here
    }
picture-broken =
    { $source ->
        [camera] The pictures of this camera cannot be shown here
       *[screen] The pictures of this screen cannot be shown here
    }
picture-waiting = Waiting for the picture…
picture-unseen = The others do not see this yet
picture-slow = Paused: the connection is too slow
connection-own-poor = Your connection is poor: the others may see and hear you with breaks
connection-own-lost = Your connection is lost: nothing of you arrives
connection-poor = { $name }’s connection is poor: picture and sound may break
connection-lost = { $name }’s connection is lost: nothing arrives
zoom-tools = Zoom of the screen of { $name }
zoom-in = Zoom in
zoom-out = Zoom out
zoom-whole = Show all of it
zoom = Zoom

# People.

people = People
people-search = Search people
people-search-hint = Search
people-hands =
    { $count ->
        [one] { $count } hand is raised
       *[other] { $count } hands are raised
    }
people-none = Nobody here is called that.
people-mute-all = Mute everyone else
people-end-ask = End the meeting for everyone?
people-end-words = Everybody is put out of the call.
people-end-yes = End it
people-remove-ask = Remove { $name }?
people-remove-words = They are put out of the call. Whoever may join can come back.
people-remove = Remove
people-no = No
person-microphone-on = microphone on
person-muted = muted
person-camera-on = camera on
person-camera-off = camera off
person-shares = shares a screen
person-hand = hand raised
person-you = You
person-more = More for { $name }
person-write = Write to them only

# Choosing what is shared.

picker-words = Everybody in the meeting sees what you choose, until you stop.
picker-screens = Screens
picker-windows = Windows
picker-whole = The whole screen
picker-screen = Screen { $number }
picker-window-unnamed = A window without a name
picker-share = Share

# How the connection does.

quality-title = Connection
quality-more = { $verdict } Show more
quality-unknown = Nothing is known of your connection yet.
quality-good = Your connection is good.
quality-fair-slow = Your connection is fair: answers take long.
quality-fair-loss = Your connection is fair: parts of what is sent get lost.
quality-fair-both = Your connection is fair: answers take long, and parts of what is sent get lost.
quality-poor-slow = Your connection is poor: answers take long.
quality-poor-loss = Your connection is poor: parts of what is sent get lost.
quality-poor-both = Your connection is poor: answers take long, and parts of what is sent get lost.
quality-round-trip = Round trip
quality-loss = Loss
quality-jitter = Jitter
quality-received = Received
quality-sent = Sent
quality-graph = { $title } in the last minutes, at most { $most }
quality-flows = What is received and sent
quality-what = What
quality-codec = Codec
quality-size = Size
quality-rate = Rate
quality-delay = Delay
quality-copy = Copy a report without names
quality-copied = Copied
quality-not-copied = This system did not let the report be copied
quality-own-sound = You, sound
quality-own-picture = You, picture
quality-sound = { $name }, sound
quality-picture = { $name }, picture
quality-somebody = Somebody
