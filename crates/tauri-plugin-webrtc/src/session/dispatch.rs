//! From a request to what does it.

use std::sync::Arc;

use rtc_host::core::{OfferOptions, TransceiverId};
use serde_json::Value;

use super::rendering::volume;
use super::reply::value;
use super::{Session, convert, stats};
use crate::wire::{DeviceInfo, Op, Request, SessionDescription, TransceiverInit, WireError};

/// Parses and carries out one request. What is not understood is answered if it has an id.
pub(super) fn request(session: &Arc<Session>, text: &str) {
    match serde_json::from_str::<Request>(text) {
        Ok(Request { id, op }) => perform(session, id, op),
        Err(error) => {
            tracing::warn!(%error, "a request of the page was not understood");
            let id = serde_json::from_str::<Value>(text).ok();
            let id = id.and_then(|value| value.get("id")?.as_u64());
            if let Some(id) = id.and_then(|id| u32::try_from(id).ok()) {
                session
                    .outbox
                    .reply(id, Err(WireError::new("TypeError", error.to_string())));
            }
        }
    }
}

fn perform(session: &Arc<Session>, id: u32, op: Op) {
    match op {
        Op::EnumerateDevices => {
            session.blocking(id, |session| {
                let found = session.host.devices().enumerate();
                value(convert::list::<_, DeviceInfo>(found))
            });
        }
        Op::GetUserMedia { audio, video } => session.get_user_media(id, audio, video),
        Op::GetDisplayMedia { video } => session.get_display_media(id, video),
        Op::ChooseDisplaySource { source } => session.choose_display_source(id, source.as_deref()),
        Op::SetContentHint { track, hint } => {
            session.set_content_hint(track, &hint);
            session.outbox.reply(id, Ok(Value::Null));
        }
        Op::CloneTrack { track, clone } => {
            session.outbox.reply(id, session.clone_track(track, clone));
        }
        Op::StopTrack { track } => {
            session.stop_track(track);
            session.outbox.reply(id, Ok(Value::Null));
        }
        Op::SetTrackEnabled { track, enabled } => {
            // Remote tracks are switched in the page, where they are shown and played.
            if let Some(track) = session.tracks.get(track) {
                track.set_enabled(enabled);
            }
            session.outbox.reply(id, Ok(Value::Null));
        }
        Op::ApplyConstraints { track, constraints } => {
            session.apply_constraints(id, track, &constraints);
        }
        Op::AttachVideo {
            sink,
            track,
            width,
            height,
        } => {
            session.show(id, sink, track, (width, height), true);
        }
        Op::UpdateVideo {
            sink,
            width,
            height,
            visible,
        } => {
            session.update_shown(id, sink, (width, height), visible);
        }
        Op::DetachVideo { sink } => session.hide(id, sink),
        Op::RequestKeyFrame { track } => {
            session.with_remote_or_nothing(id, track, |connection, of| {
                connection.restart_video(of);
            })
        }
        Op::ReportDecoded { track, report } => {
            session.report_decoded(track, report);
            session.outbox.reply(id, Ok(Value::Null));
        }
        Op::AttachAudio {
            sink,
            track,
            volume: loudness,
            muted,
            device_id,
        } => {
            session.play(id, sink, track, volume(loudness, muted), &device_id);
        }
        Op::UpdateAudio {
            sink,
            volume: loudness,
            muted,
            device_id,
        } => {
            session.update_played(id, sink, volume(loudness, muted), &device_id);
        }
        Op::DetachAudio { sink } => session.fall_silent(id, sink),
        Op::WatchLevel { track, on } => session.watch_level(id, track, on),
        op => connection(session, id, op),
    }
}

/// What concerns connections.
fn connection(session: &Arc<Session>, id: u32, op: Op) {
    match op {
        Op::PcCreate { pc, configuration } => {
            session
                .outbox
                .reply(id, session.create_connection(pc, configuration));
        }
        Op::PcClose { pc } => session.close_connection(id, pc),
        Op::PcSetConfiguration { pc, configuration } => {
            session.on_connection(id, pc, |connection| {
                connection.set_configuration(configuration.into())?;
                Ok(Value::Null)
            })
        }
        Op::PcCreateOffer { pc, ice_restart } => session.on_connection(id, pc, move |connection| {
            let offer = connection.create_offer(OfferOptions { ice_restart })?;
            value(SessionDescription::from(offer))
        }),
        Op::PcCreateAnswer { pc } => session.on_connection(id, pc, |connection| {
            value(SessionDescription::from(connection.create_answer()?))
        }),
        Op::PcSetLocalDescription { pc, description } => {
            session.on_connection(id, pc, |connection| {
                let outcome = connection.set_local_description(description.map(Into::into))?;
                value(convert::outcome(connection, outcome))
            })
        }
        Op::PcSetRemoteDescription { pc, description } => {
            session.on_connection(id, pc, |connection| {
                let outcome = connection.set_remote_description(description.into())?;
                value(convert::outcome(connection, outcome))
            })
        }
        Op::PcAddIceCandidate { pc, candidate } => session.on_connection(id, pc, |connection| {
            connection.add_ice_candidate(candidate.map(Into::into))?;
            Ok(Value::Null)
        }),
        Op::PcRestartIce { pc } => session.on_connection(id, pc, |connection| {
            connection.restart_ice();
            Ok(Value::Null)
        }),
        Op::PcAddTransceiver {
            pc,
            transceiver,
            kind,
            init,
        } => {
            add_transceiver(session, id, (pc, transceiver), kind, init);
        }
        Op::TransceiverSetDirection {
            pc,
            transceiver,
            direction,
        } => {
            session.on_connection(id, pc, move |connection| {
                connection.set_direction(TransceiverId(transceiver), direction.into())?;
                Ok(Value::Null)
            });
        }
        Op::TransceiverStop { pc, transceiver } => {
            session.on_connection(id, pc, move |connection| {
                connection.stop(TransceiverId(transceiver))?;
                connection.report_state();
                Ok(Value::Null)
            })
        }
        Op::TransceiverSetCodecPreferences {
            pc,
            transceiver,
            codecs,
        } => {
            session.on_connection(id, pc, move |connection| {
                let codecs = convert::list(codecs);
                connection.set_codec_preferences(TransceiverId(transceiver), codecs)?;
                Ok(Value::Null)
            });
        }
        op => sending(session, id, op),
    }
}

/// What concerns senders, data channels and statistics.
fn sending(session: &Arc<Session>, id: u32, op: Op) {
    match op {
        Op::SenderReplaceTrack {
            pc,
            transceiver,
            track,
            track_id,
        } => {
            let local = track.and_then(|track| session.tracks.get(track));
            session.on_connection(id, pc, move |connection| {
                connection.set_sender_track(TransceiverId(transceiver), local, track_id)?;
                Ok(Value::Null)
            });
        }
        Op::SenderSetStreams {
            pc,
            transceiver,
            streams,
        } => {
            session.on_connection(id, pc, move |connection| {
                connection.set_sender_streams(TransceiverId(transceiver), streams)?;
                Ok(Value::Null)
            });
        }
        Op::SenderSetParameters {
            pc,
            transceiver,
            encodings,
            degradation_preference,
        } => {
            session.on_connection(id, pc, move |connection| {
                let encodings = convert::list(encodings);
                let preference = convert::degradation(degradation_preference.as_deref());
                connection.set_sender_parameters(
                    TransceiverId(transceiver),
                    encodings,
                    preference,
                )?;
                Ok(Value::Null)
            });
        }
        Op::ReceiverSetJitterBufferTarget {
            pc,
            transceiver,
            milliseconds,
        } => {
            session.on_connection(id, pc, move |connection| {
                let milliseconds = milliseconds.unwrap_or_default().clamp(0.0, 4000.0) as u32;
                connection.set_jitter_buffer_target(TransceiverId(transceiver), milliseconds);
                Ok(Value::Null)
            });
        }
        Op::PcCreateDataChannel {
            pc,
            channel,
            label,
            init,
        } => {
            session.create_data_channel(id, pc, channel, label, init);
        }
        Op::DataTaken { bytes } => {
            session.outbox.data_taken(bytes as usize);
            session.outbox.reply(id, Ok(Value::Null));
        }
        Op::DataChannelClose { channel } => session.close_data_channel(id, channel),
        Op::PcGetStats {
            pc,
            transceiver,
            side,
        } => {
            let decoded = session.rendering.decoded();
            session.on_connection(id, pc, move |connection| {
                let only = transceiver.map(|id| (TransceiverId(id), side.map(Into::into)));
                Ok(stats::report(connection, &decoded.lock(), only))
            });
        }
        // The other groups have theirs.
        _ => session.outbox.reply(
            id,
            Err(WireError::new("NotSupportedError", "unknown request")),
        ),
    }
}

fn add_transceiver(
    session: &Arc<Session>,
    id: u32,
    (pc, transceiver): (u32, u32),
    kind: crate::wire::Kind,
    init: TransceiverInit,
) {
    let local = init.track.and_then(|track| session.tracks.get(track));
    session.on_connection(id, pc, move |connection| {
        let (transceiver, track_id) = (TransceiverId(transceiver), init.track_id.clone());
        connection.add_transceiver(transceiver, kind.into(), init.into())?;
        connection.set_sender_track(transceiver, local, track_id)?;
        // The page learns the number of the receiver's track from it.
        connection.report_state();
        Ok(Value::Null)
    });
}

impl Session {
    /// Runs what takes a while beside the network thread and replies with what comes of it.
    fn blocking(
        self: &Arc<Self>,
        request: u32,
        run: impl FnOnce(&Self) -> Result<Value, WireError> + Send + 'static,
    ) {
        let session = self.clone();
        tokio::task::spawn_blocking(move || {
            let result = run(&session);
            session.outbox.reply(request, result);
        });
    }
}
