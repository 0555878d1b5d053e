//! Keeps what the polyfill answers to `getCapabilities` up to date: that is synchronous, and the same on
//! every machine, so the page has it without asking.

use rtc_host::Host;
use rtc_host::core::{Kind, Side};
use serde::Serialize;

use super::convert::list;
use crate::wire::Capabilities;

#[derive(Serialize)]
struct Sides {
    sender: Capabilities,
    receiver: Capabilities,
}

#[derive(Serialize)]
struct Kinds {
    audio: Sides,
    video: Sides,
}

fn declaration() -> String {
    let of = |kind, side| {
        let known = Host::capabilities(kind, side);
        Capabilities {
            codecs: list(known.codecs),
            header_extensions: list(known.header_extensions),
        }
    };
    let sides = |kind| Sides {
        sender: of(kind, Side::Sender),
        receiver: of(kind, Side::Receiver),
    };
    let all = Kinds {
        audio: sides(Kind::Audio),
        video: sides(Kind::Video),
    };
    let all = serde_json::to_string_pretty(&all).unwrap();
    format!(
        "// Generated from rtc-host by `./x types`. Do not edit.\n\
         import type {{ Capabilities, Kind, Side }} from './wire';\n\n\
         export const CAPABILITIES: Readonly<Record<Kind, Record<Side, Capabilities>>> = {all};\n"
    )
}

#[test]
fn capabilities_are_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/guest-js/src/capabilities.ts");
    generated_files::assert_up_to_date(path, &declaration());
}
