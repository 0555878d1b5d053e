# What the program itself says, in French.

### The icon in the tray

open = Ouvrir { $app }
quit = Quitter
join = Rejoindre : { $meeting }
join-what-rings = Sonnerie – rejoindre : { $meeting }
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
goes-on-ringing = { $app } continue de sonner
    .next = Son icône dans la barre d’état rouvre la fenêtre ou quitte l’application. Les paramètres désactivent cela.
updated = Une nouvelle version est installée
    .next = { $app } { $version } sera utilisée au prochain démarrage.
