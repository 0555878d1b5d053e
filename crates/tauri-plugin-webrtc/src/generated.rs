//! Keeps the TypeScript twin of the wire types up to date.

use crate::wire::*;
use ts_rs::{Config, TS};

/// All TypeScript declarations of the wire in one file.
fn declarations() -> String {
    let config = Config::default();
    let mut text = String::from("// Generated from src/wire.rs by `./x types`. Do not edit.\n");
    macro_rules! declare {
        ($($ty:ty),* $(,)?) => {
            $(text.push_str(&format!("\nexport {}\n", <$ty>::decl(&config)));)*
        };
    }
    declare!(
        Opened,
        Request,
        Op,
        Reply,
        FromHost,
        WireError,
        Event,
        Kind,
        Side,
        Direction,
        DeviceInfo,
        NumberConstraint,
        StringConstraint,
        TrackConstraints,
        TrackSettings,
        LocalTrack,
        DisplayAnswer,
        DisplaySource,
        DecodeReport,
        SynchronizationSource,
        Configuration,
        IceServer,
        SessionDescription,
        SdpType,
        IceCandidate,
        TransceiverInit,
        Encoding,
        Codec,
        Capabilities,
        HeaderExtension,
        DataChannelInit,
        DataChannelState,
        DescriptionSet,
        RemoteTrack,
        PcState,
        Descriptions,
        SctpState,
        TransceiverState,
    );
    text
}

#[test]
fn typescript_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/guest-js/src/wire.ts");
    generated_files::assert_up_to_date(path, &declarations());
}
