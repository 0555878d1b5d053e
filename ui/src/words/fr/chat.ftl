# Discussion, fichiers, sous-titres.

you = Vous
chat-title = Discussion
chat-save = Enregistrer la discussion
chat-not-saved = La discussion n’a pas pu être enregistrée.
chat-earlier = Les messages plus anciens ne sont plus conservés.
chat-omitted =
    { $count ->
        [one] { $count } message de { $name } omis : ils arrivaient trop vite.
       *[other] { $count } messages de { $name } omis : ils arrivaient trop vite.
    }
chat-empty = Aucun message pour l’instant.
chat-empty-words = Tous les participants peuvent lire ce qui est écrit ici.
chat-latest = Aller au dernier message
chat-to = À
chat-everyone = Tous
chat-gone = Une personne qui est partie
chat-reply-to = Répondre à { $name }
chat-reply-to-oneself = Répondre à votre propre message
chat-no-reply = Ne pas répondre
chat-too-long = C’est trop long pour un seul message.
chat-file-empty = { $file } est vide.
chat-file-too-large = { $file } est trop volumineux : au plus { $size }.
chat-file-send = Envoyer un fichier
chat-message = Message
chat-hint-closed = Écrire n’est pas autorisé dans cette réunion
chat-hint-gone = Cette personne n’est plus là
chat-hint-everyone = Message à tous
chat-send = Envoyer
chat-private-to = À { $name } seulement
chat-private = À vous seulement
chat-not-here = Un message qui n’est pas ici
chat-sending = Envoi…
chat-not-sent = Non envoyé.
chat-again = Renvoyer
chat-unfold = Tout afficher
emoji-add = Ajouter un emoji
emoji = Emoji

chat-text-omitted =
    { $count ->
        [one] ({ $count } message de { $name } omis)
       *[other] ({ $count } messages de { $name } omis)
    }
chat-text-private-to = (à { $name } seulement)
chat-text-private = (à vous seulement)
chat-text-not-sent = (non envoyé)

file-size-bytes =
    { $count ->
        [one] { $count } octet
       *[other] { $count } octets
    }
file-size-kb = { $size } ko
file-size-mb = { $size } Mo
file-on-its-way =
    { $count ->
        [one] { $size }, en route vers une personne
       *[other] { $size }, en route vers { $count } personnes
    }
file-waiting = En attente…
file-part = { $received } sur { $size }
file-failed = Le fichier n’est pas arrivé.
file-taken-back = Vous l’avez retiré.
file-gone = Il n’est plus disponible.
file-get = Télécharger
file-get-named = Télécharger { $file }
file-again = Réessayer
file-cancel = Annuler : { $file }
file-take-back = Retirer : { $file }
file-save = Enregistrer { $file }
file-arrives = { $file } arrive
file-saved = Enregistré : { $place }
file-not-saved = L’enregistrement a échoué.

captions = Sous-titres
captions-none = Cette réunion n’a pas encore de sous-titres.
transcript-title = Transcription
transcript-save = Enregistrer la transcription
transcript-not-saved = La transcription n’a pas pu être enregistrée.
transcript-label = Ce qui a été dit
transcript-earlier = Les sous-titres plus anciens ne sont plus conservés.
transcript-empty = Les sous-titres de cette réunion peuvent être lus ici tant que vous y êtes.
transcript-file = { $title }, transcription { $time }
