# Avant un appel : accueil, connexion au compte, liste des réunions, sonnerie, antichambre et appareils.

back = Retour
cancel = Annuler
close = Fermer
copy = Copier
copied = Copié
copy-by-hand = Le texte est sélectionné : le copier avec Ctrl+C.
dismiss = Ignorer
dismiss-named = Ignorer : { $title }
join = Rejoindre
join-again = Rejoindre à nouveau
ok = OK
try-again = Réessayer

window-title = { $title } – { $app }
window-lobby = Avant de rejoindre { $title }
dev-mode = Mode développement
dev-mode-servers = Mode développement : les serveurs de cet ordinateur sont acceptés. Pas pour de vraies réunions.
dev-mode-tokens = Mode développement : les jetons sont signés sur cet ordinateur. Pas pour de vraies réunions.
sign-in-expired-in-call = Votre session a expiré. Reconnectez-vous pour pouvoir revenir après une coupure.
way-token = Demande du jeton de la réunion…
way-server = Vérification du serveur média…
way-free = Le chemin vers la réunion est libre.
way-check = Vérifier la connexion

close-ask = Quitter l’appel et fermer la fenêtre ?
close-words = La réunion continue sans vous.
close-yes = Quitter et fermer
close-no = Rester dans l’appel
lost-ask = Revenir à la réunion ?
lost-ask-yes = Revenir à la réunion
lost-no = Pas maintenant
lost-died = La fenêtre de { $app } a cessé de fonctionner et a été rouverte. Vous n’êtes plus dans « { $title } » : personne n’y voit ni n’entend rien de vous.
lost-reloaded = La fenêtre de { $app } a été rechargée. Vous n’êtes plus dans « { $title } » : personne n’y voit ni n’entend rien de vous.
arrival-no = Rester ici
arrival-another = Une autre réunion
arrival-named = « { $title } »
arrival-placed = { $meeting } ({ $place })
arrival-in-call = Quitter cet appel et rejoindre l’autre ?
arrival-in-call-words = { $meeting } s’ouvre à sa place. Il sera possible de revenir à cet appel plus tard.
arrival-in-call-yes = Quitter et rejoindre
arrival-in-lobby = Ouvrir une autre réunion ?
arrival-in-lobby-words = Un lien mène ailleurs : { $meeting }. Cette réunion s’ouvre à la place de celle que vous alliez rejoindre.
arrival-in-lobby-yes = Ouvrir

home-join = Rejoindre une réunion
home-join-words = Collez le lien reçu, ou saisissez le nom d’une salle.
home-input = Lien ou nom de salle
home-input-hint = { $link } ou nom de salle
home-continue = Continuer
home-new = Nouvelle réunion
home-more = Plus
home-history = Historique
home-settings = Paramètres
recent-title = Salles récentes
recent-with = { $since }, avec { $people }
recent-join = Rejoindre à nouveau { $title }

account = Compte :
sign-out = Se déconnecter
sign-out-shared = Se déconnecter d’un ordinateur partagé…
erase-ask = Se déconnecter, et ne rien laisser ici ?
erase-words = Vos réunions passées, votre nom, les choix faits avant d’entrer et les journaux seront effacés de cet ordinateur. Cette action est irréversible.
erase-yes = Se déconnecter et effacer
erase-no = Garder la session ouverte

sign-in-title = Se connecter à { $title }
sign-in-words = Pour voir vos réunions et entendre quand l’une commence.
sign-in-kept-keyring = Votre session est conservée dans le trousseau de cet ordinateur.
sign-in-kept-memory = Votre session est conservée jusqu’à la fermeture de { $app }, sans être écrite.
sign-in-waiting = Terminer la connexion dans le navigateur
sign-in-waiting-words = { $app } continue tout seul dès que c’est fait.
sign-in-browser = Se connecter avec le navigateur
sign-in-paste = Coller un jeton ou une session
sign-in-site = Ouvrir le site web de { $title }
paste-title = Coller vos identifiants
paste-words-keyring = Copiez le jeton ou la session que { $title } affiche, et collez-le ici. Il est conservé dans le trousseau de cet ordinateur.
paste-words-memory = Copiez le jeton ou la session que { $title } affiche, et collez-le ici. Il est conservé jusqu’à la fermeture de { $app }.
paste-field = Jeton ou session
paste-busy = Connexion…
paste-yes = Se connecter

meetings-title = Vos réunions
meetings-old = { $fault } Cette liste est peut-être ancienne.
meetings-looking = Recherche de vos réunions…
meetings-none = Pas de réunion en ce moment. Quand l’une commence, cela sonne ici.
meetings-fact = { $roles } · { $since }
meetings-elsewhere = Vous avez répondu sur un autre appareil.
meetings-join = Rejoindre { $title } avec { $party }
meetings-more = Plus sur { $title }
meetings-cancel = Annuler la réunion
meetings-cancel-ask = Annuler cette réunion ?
meetings-cancel-words = « { $title } » est annulée pour { $party } aussi.
meetings-cancel-no = La garder
meeting-untitled = Réunion
user-unnamed = Vous
party-requester = la personne qui demande
party-offerer = la personne qui propose
roles-offerer =
    { $known ->
        [no] Votre offre a été acceptée
       *[yes] { $party } a accepté votre offre
    }
roles-requester =
    { $known ->
        [no] Vous avez accepté l’offre
       *[yes] Vous avez accepté l’offre de { $party }
    }
rings-label = Appels entrants
rings-join = Rejoindre la réunion
ring-offerer = Votre offre a été acceptée
ring-offerer-words =
    { $known ->
        [no] La réunion peut commencer.
       *[yes] { $party } peut commencer la réunion.
    }
ring-requester = Vous avez accepté l’offre
ring-requester-words =
    { $known ->
        [no] La réunion peut commencer.
       *[yes] La réunion avec { $party } peut commencer.
    }
missed-label = Appels manqués
missed-words = Appel manqué de { $party }, { $time } : « { $title } »

place-room = Salle « { $room } »
place-on = Salle « { $room } » sur { $server }
place-of = Salle « { $room } » de { $server }

lobby-preview = Votre caméra, en miroir
lobby-camera-opening = Ouverture de votre caméra…
lobby-camera-off = Votre caméra est désactivée
lobby-level = Niveau du micro
lobby-quiet = On ne vous entend pas. Dites quelque chose ; si la barre ne bouge pas, choisissez un autre micro ou vérifiez que le vôtre n’est pas coupé.
lobby-words = Vérifiez votre image et votre son, puis rejoignez la réunion.
lobby-name = Votre nom
lobby-name-hint = Ce que voient les autres
lobby-joining = Connexion à la réunion…
microphone = Micro
camera = Caméra
speaker = Haut-parleur
device-default = Choix du système
device-unnamed = { $role } { $number }
device-none =
    { $role ->
        [microphone] Aucun micro trouvé
        [camera] Aucune caméra trouvée
       *[speaker] Aucun haut-parleur trouvé
    }
switch-opening =
    { $role ->
        [microphone] Ouverture du micro… Le laisser coupé
       *[camera] Ouverture de la caméra… La laisser désactivée
    }
switch-away =
    { $role ->
        [microphone] Laisser le micro coupé
       *[camera] Laisser la caméra désactivée
    }
switch-off =
    { $role ->
        [microphone] Couper le micro
       *[camera] Désactiver la caméra
    }
switch-on =
    { $role ->
        [microphone] Activer le micro
       *[camera] Activer la caméra
    }
sound-title = Votre son
sound-echo = Supprimer l’écho
sound-noise = Réduire le bruit
sound-gain = Ajuster mon volume
sound-check-failed = Cela n’a pas marché avec ces appareils.
sound-check-tone = Vous devriez entendre deux sons.
sound-check-recording = Dites quelque chose…
sound-check-playing = Voici comment on vous entend.
sound-check-play = Jouer un son
sound-check-echo = S’écouter

duration-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
duration-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-seconds =
    { $count ->
        [one] { $count } seconde
       *[other] { $count } secondes
    }
just-now = à l’instant
ago = il y a { $duration }
