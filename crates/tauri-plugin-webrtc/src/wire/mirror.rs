//! One declaration for what has the same shape on the wire and below it.

/// Declares types of the wire, each `as` the type that it stands for, and converts between the two in both
/// directions, field by field and variant by variant. `rtc-core` and `rtc-media` stay without serde, and one
/// that gets a field or a variant which the other lacks does not compile. Why this way:
/// `docs/decisions/wire-types.md`.
macro_rules! mirror {
    () => {};
    (
        $(#[$attribute:meta])*
        pub struct $wire:ident as $below:ty {
            $($(#[$on_field:meta])* pub $field:ident: $type:ty,)*
        }
        $($rest:tt)*
    ) => {
        $(#[$attribute])*
        pub struct $wire {
            $($(#[$on_field])* pub $field: $type,)*
        }

        const _: () = {
            type Below = $below;

            impl From<Below> for $wire {
                fn from(below: Below) -> Self {
                    Self { $($field: below.$field.into(),)* }
                }
            }

            impl From<$wire> for Below {
                fn from(wire: $wire) -> Self {
                    Self { $($field: wire.$field.into(),)* }
                }
            }
        };

        mirror! { $($rest)* }
    };
    (
        $(#[$attribute:meta])*
        pub enum $wire:ident as $below:ty {
            $($(#[$on_variant:meta])* $variant:ident,)*
        }
        $($rest:tt)*
    ) => {
        $(#[$attribute])*
        pub enum $wire {
            $($(#[$on_variant])* $variant,)*
        }

        const _: () = {
            type Below = $below;

            impl From<Below> for $wire {
                fn from(below: Below) -> Self {
                    match below {
                        $(Below::$variant => Self::$variant,)*
                    }
                }
            }

            impl From<$wire> for Below {
                fn from(wire: $wire) -> Self {
                    match wire {
                        $($wire::$variant => Self::$variant,)*
                    }
                }
            }
        };

        mirror! { $($rest)* }
    };
}

pub(super) use mirror;
