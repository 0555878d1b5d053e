# What the program itself says, in Spanish.

### The icon in the tray

open = Abrir { $app }
quit = Salir
join = Unirse: { $meeting }
join-what-rings = Está sonando – unirse: { $meeting }
the-meeting = la reunión
meeting-with = { $title } ({ $party })
ringing =
    { $count ->
        [one] { $app }: una reunión está sonando
       *[other] { $app }: { $count } reuniones están sonando
    }

### Notifications

your-offer-accepted = Su oferta ha sido aceptada
you-accepted = Ha aceptado una oferta: la reunión puede empezar
join-the-meeting = Unirse a la reunión
dismiss = Descartar
goes-on-ringing = { $app } seguirá sonando
    .next = Su icono en la bandeja vuelve a abrir la ventana o cierra la aplicación. Se desactiva en los ajustes.
updated = Se ha instalado una versión nueva
    .next = { $app } { $version } se usará a partir del próximo inicio.
