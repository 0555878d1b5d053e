# La reunión: lo que rodea las imágenes, sus controles y menús.

room-with = con { $party }
room-live = En directo
room-connecting = Conectando…
room-reconnecting = Reconectando…
room-recording = Grabando
room-people = Participantes, { $count }
room-interrupted = Se interrumpió la conexión. Reconectando…
room-sound-waits = El sonido de esta reunión espera un clic.
room-sound-play = Reproducir
room-unheard = Micrófono silenciado: nadie le oye. Ctrl+D para activarlo.
room-unheard-or-hold = Micrófono silenciado: nadie le oye. Ctrl+D para activarlo, o mantener pulsada la barra espaciadora.
room-participants = Participantes

waiting-all-left = Todos los demás han salido.
waiting-nobody = Todavía no hay nadie más.
waiting-for = Esperando a { $party }…
invitation = Invitación

control-mute = Silenciar
control-unmute = Activar micrófono
control-mute-opening = Abriendo… Seguir en silencio
control-mute-away = Seguir en silencio
control-sound-devices = Micrófono y altavoz
control-chat = Chat
control-chat-unread =
    { $count ->
        [one] Chat, { $count } mensaje sin leer
       *[other] Chat, { $count } mensajes sin leer
    }
control-leave = Salir
control-leave-or-end = Salir o finalizar la reunión
control-end = Finalizar para todos
control-more = Más
control-layout = Disposición
layout-grid = Cuadrícula
layout-speaker = Quien habla en grande
layout-unpin = Dejar de fijar a { $name }
layout-own-show = Mostrar su imagen
layout-own-hide = Ocultar su imagen
layout-own-move = Mover su imagen: teclas de flecha
layout-own-move-hint = Mover su imagen: arrastrarla o usar las teclas de flecha
layout-to-grid = Mostrar a todos en cuadrícula
layout-to-speaker = Mostrar en grande a quien habla
pages-label = Páginas de participantes
pages-previous = Página anterior
pages-next = Página siguiente

share-stop = Dejar de compartir su pantalla
share-start = Compartir su pantalla
share-not-by-provider = En esta reunión no se pueden compartir pantallas
share-not-by-grant = En esta reunión no tiene permiso para compartir su pantalla
share-not-by-webview = Desde este sistema aún no se puede compartir la pantalla
hand-lower = Bajar la mano
hand-raise = Levantar la mano
hand-not-by-provider = En esta reunión no se puede levantar la mano
hand-not-by-grant = En esta reunión no tiene permiso para levantar la mano
hand-not-by-webview = Desde este sistema no se puede levantar la mano

react = Reaccionar
reactions = Reacciones
reactions-not-by-grant = En esta reunión no tiene permiso para reaccionar
reactions-none = En esta reunión no hay reacciones
reaction-thumbs-up = Pulgar arriba
reaction-heart = Corazón
reaction-clapping = Aplauso
reaction-laughing = Risa
reaction-surprised = Sorpresa
reaction-celebrating = Celebración

more-pictures = Imágenes de los demás
more-pictures-all = Todas las imágenes
more-pictures-small = Ahorrar datos: imágenes pequeñas
more-pictures-none = Solo sonido: sin imágenes
more-captions = Subtítulos
more-captions-read = Leer los subtítulos en voz alta
more-transcript = Transcripción
more-captions-start = Iniciar subtítulos para todos
more-captions-stop = Detener subtítulos para todos
more-record = Grabar esta reunión…
more-record-stop = Detener la grabación
more-full-screen = Pantalla completa
more-full-screen-leave = Salir de pantalla completa
more-shortcuts = Atajos de teclado

record-ask = ¿Grabar esta reunión?
record-ask-words = Se avisa a todos los participantes, y lo ven mientras dure.
record-ask-yes = Iniciar grabación

key-ctrl = Ctrl
key-space = Espacio
key-page-up = Re Pág
key-page-down = Av Pág
shortcut-mute = Silenciar o activar el micrófono
shortcut-camera = Activar o desactivar la cámara
shortcut-talk = Hablar mientras se mantiene pulsada, si el micrófono está silenciado
shortcut-hand = Levantar o bajar la mano
shortcut-chat = Abrir o cerrar el chat
shortcut-layout = Cuadrícula, o quien habla en grande
shortcut-previous = Página anterior de participantes
shortcut-next = Página siguiente de participantes
shortcut-full = Pantalla completa
shortcut-ring = Ir a una reunión que suena
shortcut-list = Esta lista
shortcut-single = Las teclas sin Ctrl también actúan

host-asks-microphone = El anfitrión le pide que active el micrófono.
host-asks-camera = El anfitrión le pide que active la cámara.
host-yes-microphone = Activar micrófono
host-yes-camera = Activar
host-no-microphone = Seguir en silencio
host-no-camera = Dejar desactivada
host-off-microphone = El anfitrión silenció su micrófono.
host-off-camera = El anfitrión desactivó su cámara.
host-off-screen = El anfitrión detuvo el uso compartido de su pantalla.
host-off-screen-audio = El anfitrión silenció el sonido de su pantalla.
request-microphone = { $name } pide la palabra.
request-camera = { $name } pide activar su cámara.
request-screen = { $name } pide compartir su pantalla.
request-waiting =
    { $count ->
        [one] { $count } petición más espera.
       *[other] { $count } peticiones más esperan.
    }
request-allow = Permitir
request-deny = Rechazar
sharing-screen = Usted está compartiendo su pantalla. La ven todos los participantes.
sharing-named = Usted está compartiendo «{ $title }». Lo ven todos los participantes.
sharing-fluent = Vídeo fluido
sharing-stop = Dejar de compartir

device-gone =
    { $role ->
        [microphone] El micrófono ya no está.
        [camera] La cámara ya no está.
       *[speaker] El altavoz ya no está.
    }
device-gone-named = «{ $device }» ya no está.
device-back =
    { $role ->
        [microphone] El micrófono ha vuelto.
        [camera] La cámara ha vuelto.
       *[speaker] El altavoz ha vuelto.
    }
device-back-named = «{ $device }» ha vuelto.
device-back-in-use =
    { $role ->
        [microphone] El micrófono ha vuelto y está de nuevo en uso.
        [camera] La cámara ha vuelto y está de nuevo en uso.
       *[speaker] El altavoz ha vuelto y está de nuevo en uso.
    }
device-back-in-use-named = «{ $device }» ha vuelto y está de nuevo en uso.
device-used-when-on =
    { $role ->
        [microphone] Se usará al activar el micrófono.
        [camera] Se usará al activar la cámara.
       *[speaker] Se usará al activar el altavoz.
    }
device-instead =
    { $role ->
        [microphone] Se le oye por «{ $device }».
        [camera] Se le ve por «{ $device }».
       *[speaker] Le llega el sonido por «{ $device }».
    }
device-nothing-instead =
    { $role ->
        [microphone] Ahora nadie le oye.
        [camera] Ahora nadie le ve.
       *[speaker] Ahora no oye a nadie.
    }
device-stay-muted = Seguir en silencio cuando vuelva
device-leave-off = Dejar desactivada cuando vuelva
device-use-again = Usar de nuevo

event-joined = { $name } se ha unido.
event-left = { $name } ha salido.
event-hand-raised = { $name } ha levantado la mano.
event-hand-lowered = { $name } ha bajado la mano.
event-recorded = Esta reunión se está grabando.
event-recording-begun = Ha empezado la grabación.
event-recording-ended = Ha terminado la grabación.
event-message = { $name } ha escrito: { $text }
event-message-private = { $name } le ha escrito solo a usted: { $text }
event-messages =
    { $count ->
        [one] { $count } mensaje nuevo.
       *[other] { $count } mensajes nuevos.
    }
event-not-sent = Su mensaje no se envió.
notice-messages =
    { $count ->
        [one] { $count } mensaje nuevo
       *[other] { $count } mensajes nuevos
    }
notice-private = Un mensaje solo para usted

tile-camera = Cámara de { $name }
tile-screen = Pantalla de { $name }
tile-options = Opciones de { $name }
tile-options-screen = Opciones de la pantalla de { $name }
tile-pinned = imagen fijada
tile-screen-of = pantalla de
tile-hand = mano levantada
tile-muted = micrófono silenciado
tile-muted-for-me = sin sonido para usted
tile-speaking = habla
tile-own = (usted)
tile-unpin = Dejar de fijar
tile-pin = Fijar: mostrar en grande
tile-hear = Volver a oír
tile-mute-for-me = Silenciar para mí
tile-volume = Volumen para mí
tile-mute-for-all = Silenciar para todos
picture-camera-off = Cámara desactivada
picture-screen-off = Pantalla desactivada
picture-unwanted = Solo sonido: no se han pedido imágenes
picture-unplayable =
    { $source ->
        [camera] Esta cámara envía { $codec }, que aquí no se puede mostrar
       *[screen] Esta pantalla envía { $codec }, que aquí no se puede mostrar
    }
picture-broken =
    { $source ->
        [camera] Las imágenes de esta cámara no se pueden mostrar aquí
       *[screen] Las imágenes de esta pantalla no se pueden mostrar aquí
    }
picture-waiting = Esperando la imagen…
picture-unseen = Los demás aún no ven esto
picture-slow = En pausa: la conexión es demasiado lenta
connection-own-poor = Su conexión es mala: los demás pueden verle y oírle con cortes
connection-own-lost = Se perdió su conexión: los demás no reciben nada de usted
connection-poor = La conexión de { $name } es mala: la imagen y el sonido pueden cortarse
connection-lost = Se perdió la conexión de { $name }: no llega nada
zoom-tools = Zoom de la pantalla de { $name }
zoom-in = Acercar
zoom-out = Alejar
zoom-whole = Mostrar todo
zoom = Zoom

people = Participantes
people-search = Buscar participantes
people-search-hint = Buscar
people-hands =
    { $count ->
        [one] { $count } mano levantada
       *[other] { $count } manos levantadas
    }
people-none = Aquí nadie se llama así.
people-mute-all = Silenciar a los demás
people-end-ask = ¿Finalizar la reunión para todos?
people-end-words = La llamada termina para todos los participantes.
people-end-yes = Finalizar
people-remove-ask = ¿Expulsar a { $name }?
people-remove-words = Esta persona saldrá de la llamada. Quien tenga permiso para entrar puede volver.
people-remove = Expulsar
people-no = No
person-microphone-on = micrófono activado
person-muted = micrófono silenciado
person-camera-on = cámara activada
person-camera-off = cámara desactivada
person-shares = comparte una pantalla
person-hand = mano levantada
person-you = Usted
person-more = Más acciones para { $name }
person-write = Escribir en privado

picker-words = Todos los participantes ven lo que elija, hasta que deje de compartir.
picker-screens = Pantallas
picker-windows = Ventanas
picker-whole = Toda la pantalla
picker-screen = Pantalla { $number }
picker-window-unnamed = Una ventana sin nombre
picker-share = Compartir

quality-title = Conexión
quality-more = { $verdict } Mostrar más
quality-unknown = Aún no se sabe nada de su conexión.
quality-good = Su conexión es buena.
quality-fair-slow = Su conexión es regular: la red responde con lentitud.
quality-fair-loss = Su conexión es regular: se pierde parte de lo enviado.
quality-fair-both = Su conexión es regular: la red responde con lentitud y se pierde parte de lo enviado.
quality-poor-slow = Su conexión es mala: la red responde con lentitud.
quality-poor-loss = Su conexión es mala: se pierde parte de lo enviado.
quality-poor-both = Su conexión es mala: la red responde con lentitud y se pierde parte de lo enviado.
quality-round-trip = Ida y vuelta
quality-loss = Pérdida
quality-jitter = Fluctuación
quality-received = Recibido
quality-sent = Enviado
quality-graph = { $title } en los últimos minutos, como máximo { $most }
quality-flows = Lo que se recibe y se envía
quality-what = Elemento
quality-codec = Códec
quality-size = Tamaño
quality-rate = Velocidad
quality-delay = Retardo
quality-copy = Copiar un informe sin nombres
quality-copied = Copiado
quality-not-copied = Este sistema no permitió copiar el informe
quality-own-sound = Usted, sonido
quality-own-picture = Usted, imagen
quality-sound = { $name }, sonido
quality-picture = { $name }, imagen
quality-somebody = Alguien
