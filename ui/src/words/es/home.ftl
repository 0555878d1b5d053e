# Antes de una llamada: inicio, cuenta, lista de reuniones, timbre, vestíbulo y dispositivos.

back = Atrás
cancel = Cancelar
close = Cerrar
copy = Copiar
copied = Copiado
copy-by-hand = Está seleccionado: cópielo con Ctrl+C.
dismiss = Descartar
dismiss-named = Descartar: { $title }
join = Unirse
join-again = Volver a unirse
ok = Aceptar
try-again = Reintentar

window-title = { $title } – { $app }
window-lobby = Antes de unirse a { $title }
dev-mode = Modo de desarrollo
dev-mode-servers = Modo de desarrollo: se confía en los servidores de este equipo. No es para reuniones reales.
dev-mode-tokens = Modo de desarrollo: los tokens se firman en este equipo. No es para reuniones reales.
sign-in-expired-in-call = Su sesión ha caducado. Inicie sesión de nuevo para poder volver tras un corte.
way-token = Pidiendo el token de la reunión…
way-server = Preguntando al servidor multimedia…
way-free = El camino a la reunión está libre.
way-check = Comprobar la conexión

close-ask = ¿Salir de la llamada y cerrar la ventana?
close-words = La reunión continúa sin usted.
close-yes = Salir y cerrar
close-no = Seguir en la llamada
lost-ask = ¿Volver a la reunión?
lost-ask-yes = Volver a la reunión
lost-no = Ahora no
lost-died = La ventana de { $app } dejó de funcionar y se abrió de nuevo. Ya no está en «{ $title }»: allí nadie le ve ni le oye.
lost-reloaded = La ventana de { $app } se volvió a cargar. Ya no está en «{ $title }»: allí nadie le ve ni le oye.
arrival-no = Quedarse aquí
arrival-another = Otra reunión
arrival-named = «{ $title }»
arrival-placed = { $meeting } ({ $place })
arrival-in-call = ¿Salir de esta llamada y unirse a la otra?
arrival-in-call-words = { $meeting } se abre en su lugar. Podrá volver a esta llamada más tarde.
arrival-in-call-yes = Salir y unirse
arrival-in-lobby = ¿Abrir otra reunión?
arrival-in-lobby-words = Un enlace lleva a otro sitio: { $meeting }. Se abre en lugar de la reunión a la que iba a unirse.
arrival-in-lobby-yes = Abrir

home-join = Unirse a una reunión
home-join-words = Pegue el enlace que recibió o escriba el nombre de una sala.
home-input = Enlace o nombre de sala
home-input-hint = { $link } o nombre de sala
home-continue = Continuar
home-new = Nueva reunión
home-more = Más
home-history = Historial
home-settings = Ajustes
recent-title = Salas recientes
recent-with = { $since }, con { $people }
recent-join = Volver a unirse a { $title }

account = Cuenta:
sign-out = Cerrar sesión
sign-out-shared = Cerrar sesión en un equipo compartido…
erase-ask = ¿Cerrar sesión y no dejar nada aquí?
erase-words = Se borrarán de este equipo sus reuniones pasadas, su nombre, lo elegido antes de entrar y los registros. No se puede deshacer.
erase-yes = Cerrar sesión y borrar
erase-no = Mantener la sesión

sign-in-title = Iniciar sesión en { $title }
sign-in-words = Para ver sus reuniones y oír cuándo empieza una.
sign-in-kept-keyring = Su sesión se guarda en el llavero de este equipo.
sign-in-kept-memory = Su sesión se conserva hasta que se cierre { $app }, sin escribirse en ningún sitio.
sign-in-waiting = Termine de iniciar sesión en el navegador
sign-in-waiting-words = { $app } continúa solo en cuanto esté hecho.
sign-in-browser = Iniciar sesión con el navegador
sign-in-paste = Pegar un token o una sesión
sign-in-site = Abrir el sitio web de { $title }
paste-title = Pegar los datos de acceso
paste-words-keyring = Copie el token o la sesión que muestra { $title } y péguelo aquí. Se guarda en el llavero de este equipo.
paste-words-memory = Copie el token o la sesión que muestra { $title } y péguelo aquí. Se conserva hasta que se cierre { $app }.
paste-field = Token o sesión
paste-busy = Iniciando sesión…
paste-yes = Iniciar sesión

meetings-title = Sus reuniones
meetings-old = { $fault } Esta lista puede estar anticuada.
meetings-looking = Buscando sus reuniones…
meetings-none = Ahora no hay reuniones. Cuando empiece una, sonará aquí.
meetings-fact = { $roles } · { $since }
meetings-elsewhere = Usted respondió en otro dispositivo.
meetings-join = Unirse a { $title } con { $party }
meetings-more = Más sobre { $title }
meetings-cancel = Cancelar la reunión
meetings-cancel-ask = ¿Cancelar esta reunión?
meetings-cancel-words = «{ $title }» se cancela también para { $party }.
meetings-cancel-no = Mantenerla
meeting-untitled = Reunión
user-unnamed = Usted
party-requester = la parte solicitante
party-offerer = la parte oferente
roles-offerer =
    { $known ->
        [no] Su oferta ha sido aceptada
       *[yes] { $party } aceptó su oferta
    }
roles-requester =
    { $known ->
        [no] Usted aceptó la oferta
       *[yes] Usted aceptó la oferta de { $party }
    }
rings-label = Llamadas entrantes
rings-join = Unirse a la reunión
ring-offerer = Su oferta ha sido aceptada
ring-offerer-words =
    { $known ->
        [no] La reunión puede empezar.
       *[yes] { $party } ya puede reunirse con usted.
    }
ring-requester = Usted aceptó la oferta
ring-requester-words =
    { $known ->
        [no] La reunión puede empezar.
       *[yes] La reunión con { $party } puede empezar.
    }
missed-label = Llamadas perdidas
missed-words = Llamada perdida de { $party }, { $time }: «{ $title }»

place-room = Sala «{ $room }»
place-on = Sala «{ $room }» en { $server }
place-of = Sala «{ $room }» de { $server }

lobby-preview = Su cámara, en espejo
lobby-camera-opening = Abriendo su cámara…
lobby-camera-off = Su cámara está desactivada
lobby-level = Nivel del micrófono
lobby-quiet = No se le oye. Diga algo; si la barra no se mueve, elija otro micrófono o compruebe si el suyo está silenciado.
lobby-words = Compruebe su imagen y su sonido, y únase.
lobby-name = Su nombre
lobby-name-hint = Lo que ven los demás
lobby-joining = Uniéndose…
microphone = Micrófono
camera = Cámara
speaker = Altavoz
device-default = Predeterminado del sistema
device-unnamed = { $role } { $number }
device-none =
    { $role ->
        [microphone] No se encontró ningún micrófono
        [camera] No se encontró ninguna cámara
       *[speaker] No se encontró ningún altavoz
    }
switch-opening =
    { $role ->
        [microphone] Abriendo el micrófono… Dejarlo desactivado
       *[camera] Abriendo la cámara… Dejarla desactivada
    }
switch-away =
    { $role ->
        [microphone] Dejar el micrófono desactivado
       *[camera] Dejar la cámara desactivada
    }
switch-off =
    { $role ->
        [microphone] Desactivar el micrófono
       *[camera] Desactivar la cámara
    }
switch-on =
    { $role ->
        [microphone] Activar el micrófono
       *[camera] Activar la cámara
    }
sound-title = Su sonido
sound-echo = Eliminar el eco
sound-noise = Reducir el ruido
sound-gain = Ajustar mi volumen
sound-check-failed = No funcionó con estos dispositivos.
sound-check-tone = Debería oír dos tonos.
sound-check-recording = Diga algo…
sound-check-playing = Así se le oye.
sound-check-play = Reproducir un sonido
sound-check-echo = Escucharse

duration-days =
    { $count ->
        [one] { $count } día
       *[other] { $count } días
    }
duration-hours =
    { $count ->
        [one] { $count } hora
       *[other] { $count } horas
    }
duration-minutes =
    { $count ->
        [one] { $count } minuto
       *[other] { $count } minutos
    }
duration-seconds =
    { $count ->
        [one] { $count } segundo
       *[other] { $count } segundos
    }
just-now = ahora mismo
ago = hace { $duration }
