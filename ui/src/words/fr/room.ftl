# La réunion : ce qui entoure les images, ses commandes et ses menus.

room-with = avec { $party }
room-live = En direct
room-connecting = Connexion…
room-reconnecting = Reconnexion…
room-recording = Enregistrement en cours
room-people = Participants, { $count }
room-interrupted = La connexion a été interrompue. Reconnexion…
room-sound-waits = Le son de cette réunion attend un clic.
room-sound-play = Écouter
room-unheard = Votre micro est coupé : personne ne vous entend. Ctrl+D pour l’activer.
room-unheard-or-hold = Votre micro est coupé : personne ne vous entend. Ctrl+D pour l’activer, ou maintenir la barre d’espace.
room-participants = Participants

waiting-all-left = Tous les autres sont partis.
waiting-nobody = Il n’y a encore personne d’autre.
waiting-for = En attente de { $party }…
invitation = Invitation

control-mute = Couper le micro
control-unmute = Activer le micro
control-mute-opening = Ouverture… Laisser le micro coupé
control-mute-away = Laisser le micro coupé
control-sound-devices = Micro et haut-parleur
control-chat = Discussion
control-chat-unread =
    { $count ->
        [one] Discussion, { $count } message non lu
       *[other] Discussion, { $count } messages non lus
    }
control-leave = Quitter
control-leave-or-end = Quitter ou terminer la réunion
control-end = Terminer pour tous
control-more = Plus
control-layout = Disposition
layout-grid = Grille
layout-speaker = Intervenant en grand
layout-unpin = Désépingler { $name }
layout-own-show = Afficher votre image
layout-own-hide = Masquer votre image
layout-own-move = Déplacer votre image : touches fléchées
layout-own-move-hint = Déplacer votre image : la faire glisser, ou utiliser les touches fléchées
layout-to-grid = Afficher tout le monde en grille
layout-to-speaker = Afficher l’intervenant en grand
pages-label = Pages de participants
pages-previous = Page précédente
pages-next = Page suivante

share-stop = Arrêter le partage de votre écran
share-start = Partager votre écran
share-not-by-provider = Le partage d’écran n’existe pas dans cette réunion
share-not-by-grant = Le partage de votre écran n’est pas autorisé dans cette réunion
share-not-by-webview = Votre écran ne peut pas encore être partagé depuis ce système
hand-lower = Baisser la main
hand-raise = Lever la main
hand-not-by-provider = On ne peut pas lever la main dans cette réunion
hand-not-by-grant = Vous n’avez pas le droit de lever la main dans cette réunion
hand-not-by-webview = On ne peut pas lever la main depuis ce système

react = Réagir
reactions = Réactions
reactions-not-by-grant = Vous n’avez pas le droit de réagir dans cette réunion
reactions-none = Il n’y a pas de réactions dans cette réunion
reaction-thumbs-up = Pouce levé
reaction-heart = Cœur
reaction-clapping = Applaudissements
reaction-laughing = Rire
reaction-surprised = Surprise
reaction-celebrating = Fête

more-pictures = Images des autres
more-pictures-all = Toutes les images
more-pictures-small = Économie de données : petites images
more-pictures-none = Son seul : aucune image
more-captions = Sous-titres
more-captions-read = Lire les sous-titres à voix haute
more-transcript = Transcription
more-captions-start = Démarrer les sous-titres pour tous
more-captions-stop = Arrêter les sous-titres pour tous
more-record = Enregistrer cette réunion…
more-record-stop = Arrêter l’enregistrement
more-full-screen = Plein écran
more-full-screen-leave = Quitter le plein écran
more-shortcuts = Raccourcis clavier

record-ask = Enregistrer cette réunion ?
record-ask-words = Tous les participants en sont avertis, et le voient tant que cela dure.
record-ask-yes = Démarrer l’enregistrement

key-ctrl = Ctrl
key-space = Espace
key-page-up = Page préc.
key-page-down = Page suiv.
shortcut-mute = Couper ou activer le micro
shortcut-camera = Activer ou désactiver la caméra
shortcut-talk = Parler tant que la touche est enfoncée, si le micro est coupé
shortcut-hand = Lever ou baisser la main
shortcut-chat = Ouvrir ou fermer la discussion
shortcut-layout = Grille, ou intervenant en grand
shortcut-previous = Page précédente des participants
shortcut-next = Page suivante des participants
shortcut-full = Plein écran
shortcut-ring = Aller à une réunion qui sonne
shortcut-list = Cette liste
shortcut-single = Les touches sans Ctrl agissent aussi

host-asks-microphone = L’organisateur vous demande d’activer le micro.
host-asks-camera = L’organisateur vous demande d’activer la caméra.
host-yes-microphone = Activer le micro
host-yes-camera = Activer
host-no-microphone = Laisser coupé
host-no-camera = Laisser désactivée
host-off-microphone = L’organisateur a coupé votre micro.
host-off-camera = L’organisateur a désactivé votre caméra.
host-off-screen = L’organisateur a arrêté le partage de votre écran.
host-off-screen-audio = L’organisateur a coupé le son de votre écran.
request-microphone = { $name } demande la parole.
request-camera = { $name } demande à activer sa caméra.
request-screen = { $name } demande à partager son écran.
request-waiting =
    { $count ->
        [one] { $count } autre demande attend.
       *[other] { $count } autres demandes attendent.
    }
request-allow = Autoriser
request-deny = Refuser
sharing-screen = Vous partagez votre écran. Tous les participants le voient.
sharing-named = Vous partagez « { $title } ». Tous les participants le voient.
sharing-fluent = Vidéo fluide
sharing-stop = Arrêter le partage

device-gone =
    { $role ->
        [microphone] Le micro n’est plus là.
        [camera] La caméra n’est plus là.
       *[speaker] Le haut-parleur n’est plus là.
    }
device-gone-named = « { $device } » n’est plus là.
device-back =
    { $role ->
        [microphone] Le micro est de retour.
        [camera] La caméra est de retour.
       *[speaker] Le haut-parleur est de retour.
    }
device-back-named = « { $device } » est de retour.
device-back-in-use =
    { $role ->
        [microphone] Le micro est de retour et de nouveau utilisé.
        [camera] La caméra est de retour et de nouveau utilisée.
       *[speaker] Le haut-parleur est de retour et de nouveau utilisé.
    }
device-back-in-use-named = « { $device } » est de retour et de nouveau en service.
device-used-when-on =
    { $role ->
        [microphone] Il servira à la prochaine activation du micro.
        [camera] Elle servira à la prochaine activation de la caméra.
       *[speaker] Il servira à la prochaine activation du haut-parleur.
    }
device-instead =
    { $role ->
        [microphone] On vous entend par « { $device } ».
        [camera] On vous voit par « { $device } ».
       *[speaker] Vous entendez par « { $device } ».
    }
device-nothing-instead =
    { $role ->
        [microphone] Personne ne vous entend pour le moment.
        [camera] Personne ne vous voit pour le moment.
       *[speaker] Vous n’entendez personne pour le moment.
    }
device-stay-muted = Le laisser coupé à son retour
device-leave-off = La laisser désactivée à son retour
device-use-again = Utiliser de nouveau

event-joined = { $name } a rejoint la réunion.
event-left = { $name } a quitté la réunion.
event-hand-raised = { $name } a levé la main.
event-hand-lowered = { $name } a baissé la main.
event-recorded = Cette réunion est enregistrée.
event-recording-begun = L’enregistrement a commencé.
event-recording-ended = L’enregistrement est terminé.
event-message = { $name } a écrit : { $text }
event-message-private = { $name } n’a écrit qu’à vous : { $text }
event-messages =
    { $count ->
        [one] { $count } nouveau message.
       *[other] { $count } nouveaux messages.
    }
event-not-sent = Votre message n’a pas été envoyé.
notice-messages =
    { $count ->
        [one] { $count } nouveau message
       *[other] { $count } nouveaux messages
    }
notice-private = Un message pour vous uniquement

tile-camera = Caméra de { $name }
tile-screen = Écran de { $name }
tile-options = Options pour { $name }
tile-options-screen = Options pour l’écran de { $name }
tile-pinned = image épinglée
tile-screen-of = écran de
tile-hand = main levée
tile-muted = micro coupé
tile-muted-for-me = son coupé pour vous
tile-speaking = parle
tile-own = (vous)
tile-unpin = Désépingler
tile-pin = Épingler : afficher en grand
tile-hear = Rétablir le son
tile-mute-for-me = Couper le son pour moi
tile-volume = Volume pour moi
tile-mute-for-all = Couper le micro pour tous
picture-camera-off = Caméra désactivée
picture-screen-off = Écran désactivé
picture-unwanted = Son seul : vous n’avez demandé aucune image
picture-unplayable =
    { $source ->
        [camera] Cette caméra envoie du { $codec }, qui ne peut pas être affiché ici
       *[screen] Cet écran envoie du { $codec }, qui ne peut pas être affiché ici
    }
picture-broken =
    { $source ->
        [camera] Les images de cette caméra ne peuvent pas être affichées ici
       *[screen] Les images de cet écran ne peuvent pas être affichées ici
    }
picture-waiting = En attente de l’image…
picture-unseen = Les autres ne voient pas encore ceci
picture-slow = En pause : la connexion est trop lente
connection-own-poor = Votre connexion est mauvaise : les autres peuvent vous voir et vous entendre avec des coupures
connection-own-lost = Votre connexion est perdue : les autres ne reçoivent plus rien de vous
connection-poor = La connexion de { $name } est mauvaise : l’image et le son peuvent être coupés
connection-lost = La connexion de { $name } est perdue : rien n’arrive
zoom-tools = Zoom sur l’écran de { $name }
zoom-in = Zoom avant
zoom-out = Zoom arrière
zoom-whole = Tout afficher
zoom = Zoom

people = Participants
people-search = Rechercher des participants
people-search-hint = Rechercher
people-hands =
    { $count ->
        [one] { $count } main est levée
       *[other] { $count } mains sont levées
    }
people-none = Personne ici ne porte ce nom.
people-mute-all = Couper le micro de tous les autres
people-end-ask = Terminer la réunion pour tous ?
people-end-words = Tous les participants seront retirés de l’appel.
people-end-yes = Terminer
people-remove-ask = Exclure { $name } ?
people-remove-words = Cette personne sera retirée de l’appel. Elle pourra revenir si elle a le droit d’entrer.
people-remove = Exclure
people-no = Non
person-microphone-on = micro activé
person-muted = micro coupé
person-camera-on = caméra activée
person-camera-off = caméra désactivée
person-shares = partage un écran
person-hand = main levée
person-you = Vous
person-more = Plus d’actions pour { $name }
person-write = N’écrire qu’à cette personne

picker-words = Tous les participants voient ce que vous choisissez, jusqu’à l’arrêt du partage.
picker-screens = Écrans
picker-windows = Fenêtres
picker-whole = Tout l’écran
picker-screen = Écran { $number }
picker-window-unnamed = Une fenêtre sans nom
picker-share = Partager

quality-title = Connexion
quality-more = { $verdict } En savoir plus
quality-unknown = On ne sait encore rien de votre connexion.
quality-good = Votre connexion est bonne.
quality-fair-slow = Votre connexion est moyenne : le réseau répond lentement.
quality-fair-loss = Votre connexion est moyenne : une partie des données se perd.
quality-fair-both = Votre connexion est moyenne : le réseau répond lentement, et une partie des données se perd.
quality-poor-slow = Votre connexion est mauvaise : le réseau répond lentement.
quality-poor-loss = Votre connexion est mauvaise : une partie des données se perd.
quality-poor-both = Votre connexion est mauvaise : le réseau répond lentement, et une partie des données se perd.
quality-round-trip = Aller-retour
quality-loss = Perte
quality-jitter = Gigue
quality-received = Reçu
quality-sent = Envoyé
quality-graph = { $title } pendant les dernières minutes, au plus { $most }
quality-flows = Ce qui est reçu et envoyé
quality-what = Élément
quality-codec = Codec
quality-size = Taille
quality-rate = Débit
quality-delay = Délai
quality-copy = Copier un rapport sans noms
quality-copied = Copié
quality-not-copied = Ce système n’a pas permis de copier le rapport
quality-own-sound = Vous, son
quality-own-picture = Vous, image
quality-sound = { $name }, son
quality-picture = { $name }, image
quality-somebody = Quelqu’un
