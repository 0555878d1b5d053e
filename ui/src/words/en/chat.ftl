# Chat, files in it, captions.

you = You
chat-title = Chat
chat-save = Save the chat
chat-not-saved = The chat could not be saved.
chat-earlier = Earlier messages are no longer kept.
chat-omitted =
    { $count ->
        [one] { $count } message of { $name } left out: they came too fast.
       *[other] { $count } messages of { $name } left out: they came too fast.
    }
chat-empty = No messages yet.
chat-empty-words = Everyone in the meeting can read what is written here.
chat-latest = To the latest message
chat-to = To
chat-everyone = Everyone
chat-gone = Somebody who left
chat-reply-to = Reply to { $name }
chat-reply-to-oneself = Reply to yourself
chat-no-reply = No reply
chat-too-long = This is too long for one message.
chat-file-empty = { $file } is empty.
chat-file-too-large = { $file } is too large: at most { $size }.
chat-file-send = Send a file
chat-message = Message
chat-hint-closed = You may not write in this meeting
chat-hint-gone = They are not here any more
chat-hint-everyone = Message to everyone
chat-send = Send
chat-private-to = Only to { $name }
chat-private = Only to you
chat-not-here = A message that is not here
chat-sending = Sending…
chat-not-sent = Not sent.
chat-again = Send again
chat-unfold = Show all
emoji-add = Add an emoji
emoji = Emoji

# In the chat as a text.

chat-text-omitted = ({ $count } of { $name } left out)
chat-text-private-to = (only to { $name })
chat-text-private = (only to you)
chat-text-not-sent = (not sent)

file-size-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
file-size-kb = { $size } kB
file-size-mb = { $size } MB
file-on-its-way =
    { $count ->
        [one] { $size }, on its way to one person
       *[other] { $size }, on its way to { $count } people
    }
file-waiting = Waiting for it…
file-part = { $received } of { $size }
file-failed = It did not arrive.
file-taken-back = You took it back.
file-gone = It cannot be had any more.
file-get = Get
file-get-named = Get { $file }
file-again = Try again
file-cancel = Cancel: { $file }
file-take-back = Take back: { $file }
file-save = Save { $file }
file-arrives = { $file } arrives
file-saved = Saved: { $place }
file-not-saved = It could not be saved.

captions = Captions
captions-none = This meeting has no captions yet.
transcript-title = Transcript
transcript-save = Save the transcript
transcript-not-saved = The transcript could not be saved.
transcript-label = What was said
transcript-earlier = Earlier captions are no longer kept.
transcript-empty = What is captioned in this meeting can be read here, as long as you are in it.
transcript-file = { $title }, transcript { $time }
