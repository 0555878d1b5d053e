# What the program itself says. The page's words are in ui/src/words; docs/decisions/languages.md has the rules of both.

### The icon in the tray

open = Open { $app }
quit = Quit
join = Join: { $meeting }
join-what-rings = Ringing – join: { $meeting }
# A meeting that has no title, of nobody known.
the-meeting = the meeting
meeting-with = { $title } ({ $party })
ringing =
    { $count ->
        [one] { $app }: a meeting is ringing
       *[other] { $app }: { $count } meetings are ringing
    }

### Notifications

your-offer-accepted = Your offer was accepted!
you-accepted = You accepted an offer: the meeting can begin
join-the-meeting = Join the meeting
dismiss = Dismiss
goes-on-ringing = { $app } goes on ringing
    .next = Its icon in the tray opens the window again, or quits. Settings switch this off.
updated = A new version is installed
    .next = { $app } { $version } runs from the next start.
