# Chat, archivos, subtítulos.

you = Usted
chat-title = Chat
chat-save = Guardar el chat
chat-not-saved = No se pudo guardar el chat.
chat-earlier = Los mensajes anteriores ya no se conservan.
chat-omitted =
    { $count ->
        [one] Se omitió { $count } mensaje de { $name }: llegaban demasiado rápido.
       *[other] Se omitieron { $count } mensajes de { $name }: llegaban demasiado rápido.
    }
chat-empty = Aún no hay mensajes.
chat-empty-words = Todos los participantes pueden leer lo que se escribe aquí.
chat-latest = Ir al último mensaje
chat-to = Para
chat-everyone = Todos
chat-gone = Alguien que se fue
chat-reply-to = Responder a { $name }
chat-reply-to-oneself = Responder a su propio mensaje
chat-no-reply = No responder
chat-too-long = Es demasiado largo para un solo mensaje.
chat-file-empty = { $file } está vacío.
chat-file-too-large = { $file } es demasiado grande: como máximo { $size }.
chat-file-send = Enviar un archivo
chat-message = Mensaje
chat-hint-closed = En esta reunión no tiene permiso para escribir
chat-hint-gone = Esta persona ya no está aquí
chat-hint-everyone = Mensaje para todos
chat-send = Enviar
chat-private-to = Solo para { $name }
chat-private = Solo para usted
chat-not-here = Un mensaje que no está aquí
chat-sending = Enviando…
chat-not-sent = No enviado.
chat-again = Enviar de nuevo
chat-unfold = Mostrar todo
emoji-add = Añadir un emoji
emoji = Emoji

chat-text-omitted =
    { $count ->
        [one] (se omitió { $count } mensaje de { $name })
       *[other] (se omitieron { $count } mensajes de { $name })
    }
chat-text-private-to = (solo para { $name })
chat-text-private = (solo para usted)
chat-text-not-sent = (no enviado)

file-size-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
file-size-kb = { $size } kB
file-size-mb = { $size } MB
file-on-its-way =
    { $count ->
        [one] { $size }, en camino a una persona
       *[other] { $size }, en camino a { $count } personas
    }
file-waiting = Esperándolo…
file-part = { $received } de { $size }
file-failed = No llegó.
file-taken-back = Usted lo ha retirado.
file-gone = Ya no está disponible.
file-get = Descargar
file-get-named = Descargar { $file }
file-again = Reintentar
file-cancel = Cancelar: { $file }
file-take-back = Retirar: { $file }
file-save = Guardar { $file }
file-arrives = Recibiendo { $file }
file-saved = Guardado: { $place }
file-not-saved = No se pudo guardar.

captions = Subtítulos
captions-none = Esta reunión aún no tiene subtítulos.
transcript-title = Transcripción
transcript-save = Guardar la transcripción
transcript-not-saved = No se pudo guardar la transcripción.
transcript-label = Lo que se dijo
transcript-earlier = Los subtítulos anteriores ya no se conservan.
transcript-empty = Los subtítulos de esta reunión se pueden leer aquí mientras se esté en ella.
transcript-file = { $title }, transcripción { $time }
