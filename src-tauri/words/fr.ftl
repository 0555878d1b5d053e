# What the program itself says, in French.

### The icon in the tray

open = Ouvrir { $app }
quit = Quitter
join = Rejoindre : { $meeting }
join-what-rings = Sonne – rejoindre : { $meeting }
the-meeting = la réunion
meeting-with = { $title } ({ $party })
ringing =
    { $count ->
        [one] { $app } : une réunion sonne
       *[other] { $app } : { $count } réunions sonnent
    }

### Notifications

your-offer-accepted = Votre offre a été acceptée
you-accepted = Vous avez accepté une offre : la réunion peut commencer
join-the-meeting = Rejoindre la réunion
dismiss = Ignorer
goes-on-ringing = { $app } continuera de sonner
    .next = Son icône dans la zone de notification permet de rouvrir la fenêtre ou de quitter l’application. Se désactive dans les paramètres.
updated = Une nouvelle version a été installée
    .next = { $app } { $version } sera utilisée au prochain démarrage.
