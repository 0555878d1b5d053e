//! Data channels (webrtc-pc section 6).

use str0m::channel::{ChannelConfig, ChannelId, Reliability};

use super::PeerConnection;
use crate::data::{DataChannelInfo, DataChannelInit, DataChannelState, MAX_DATA_BUFFER};
use crate::error::Error;
use crate::event::Event;
use crate::ids::DataChannelId;
use crate::stack::MAX_MESSAGE_SIZE;
use crate::state::{SctpState, SctpTransport};

/// RFC 8831 section 6.2: 65535 is reserved.
const MAX_STREAM_ID: u16 = 65534;

/// What the remote side takes if it says nothing (RFC 8841 section 6.1).
const DEFAULT_REMOTE_LIMIT: u32 = 65536;

/// Closed data channels that statistics still tell of.
const MAX_CLOSED: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Channels {
    pub(super) all: Vec<DataChannel>,
    pub(super) transport: Option<SctpTransport>,
    /// Mid that the first offer gave the application section.
    pub(super) proposed_mid: Option<String>,
    pub(super) opened: u32,
    pub(super) closed: u32,
    /// What comes stays with its sender.
    pub(super) held: bool,
}

#[derive(Debug)]
pub(super) struct DataChannel {
    pub(super) info: DataChannelInfo,
    /// Known to the stack once data channels are negotiated.
    stack: Option<ChannelId>,
    pub(super) sent: (u64, u64),
    pub(super) received: (u64, u64),
}

impl Channels {
    /// Any data channel was ever asked for.
    pub(super) fn wanted(&self) -> bool {
        !self.all.is_empty()
    }

    fn find(&mut self, id: DataChannelId) -> Result<&mut DataChannel, Error> {
        self.all
            .iter_mut()
            .find(|c| c.info.id == id)
            .ok_or_else(|| Error::InvalidState("no such data channel".into()))
    }
}

impl PeerConnection {
    /// `createDataChannel`. `id` must be new and below [`FIRST_OWN_ID`](crate::FIRST_OWN_ID).
    ///
    /// # Errors
    /// [`Error::InvalidState`] when closed, [`Error::Type`] for contradicting or too long
    /// parameters, [`Error::Operation`] if the SCTP stream id is taken.
    pub fn create_data_channel(
        &mut self,
        id: DataChannelId,
        label: &str,
        mut init: DataChannelInit,
    ) -> Result<(), Error> {
        self.check_open()?;
        if id.0 >= crate::FIRST_OWN_ID || self.channels.all.iter().any(|c| c.info.id == id) {
            return Err(Error::Type("the data channel id is not free".into()));
        }
        if init.max_packet_life_time.is_some() && init.max_retransmits.is_some() {
            return Err(Error::Type(
                "both maxPacketLifeTime and maxRetransmits".into(),
            ));
        }
        if label.len() > 65535 || init.protocol.len() > 65535 {
            return Err(Error::Type("label or protocol is too long".into()));
        }
        if init.negotiated {
            let Some(stream) = init.id.filter(|id| *id <= MAX_STREAM_ID) else {
                return Err(Error::Type("a negotiated data channel needs an id".into()));
            };
            let open = |s| s != DataChannelState::Closed;
            if self
                .channels
                .all
                .iter()
                .any(|c| c.info.init.id == Some(stream) && open(c.info.state))
            {
                return Err(Error::Operation("the SCTP stream id is taken".into()));
            }
        } else {
            init.id = None;
        }
        self.channels.all.push(DataChannel {
            info: DataChannelInfo {
                id,
                label: label.to_owned(),
                init,
                state: DataChannelState::Connecting,
                buffered_amount: 0,
            },
            stack: None,
            sent: (0, 0),
            received: (0, 0),
        });
        if self.channels.transport.is_some() {
            self.open_waiting();
        }
        self.update_negotiation_needed();
        Ok(())
    }

    /// What is known of a data channel.
    pub fn data_channel(&self, id: DataChannelId) -> Option<DataChannelInfo> {
        self.channels
            .all
            .iter()
            .find(|c| c.info.id == id)
            .map(|c| c.info.clone())
    }

    /// `send`
    ///
    /// # Errors
    /// [`Error::InvalidState`] unless open, [`Error::Type`] for a message that the remote side
    /// does not take, [`Error::Operation`] if more than [`MAX_DATA_BUFFER`] bytes of this data
    /// channel would wait. What is refused has not been sent.
    pub fn send(&mut self, id: DataChannelId, binary: bool, data: &[u8]) -> Result<(), Error> {
        self.check_open()?;
        let limit = self
            .channels
            .transport
            .map_or(DEFAULT_REMOTE_LIMIT, |t| t.max_message_size);
        let channel = self.channels.find(id)?;
        let (DataChannelState::Open, Some(stack)) = (channel.info.state, channel.stack) else {
            return Err(Error::InvalidState("the data channel is not open".into()));
        };
        if data.len() > limit as usize {
            return Err(Error::Type(format!(
                "the message has more than {limit} bytes"
            )));
        }
        let Some(mut open) = self.rtc.channel(stack) else {
            return Err(Error::InvalidState("the data channel is not open".into()));
        };
        let full = || Error::Operation(format!("more than {MAX_DATA_BUFFER} bytes wait"));
        if open.buffered_amount().saturating_add(data.len()) > MAX_DATA_BUFFER {
            return Err(full());
        }
        let written = open
            .write(binary, data)
            .map_err(|e| Error::Operation(e.to_string()))?;
        if !written {
            return Err(full());
        }
        channel.info.buffered_amount = open.buffered_amount();
        channel.sent.0 += 1;
        channel.sent.1 += data.len() as u64;
        Ok(())
    }

    /// Whether what comes on data channels stays with its sender for now, who will send it again,
    /// ever more slowly (RFC 9260 section 6.3). All else goes on: what is sent here is acknowledged,
    /// channels and the connection close.
    pub fn hold_data(&mut self, hold: bool) {
        self.channels.held = hold;
    }

    /// `close` of a data channel.
    ///
    /// # Errors
    /// [`Error::InvalidState`] for an unknown data channel.
    pub fn close_data_channel(&mut self, id: DataChannelId) -> Result<(), Error> {
        let channel = self.channels.find(id)?;
        let state = match (channel.info.state, channel.stack) {
            (DataChannelState::Closing | DataChannelState::Closed, _) => return Ok(()),
            // Nothing went over the wire yet.
            (DataChannelState::Connecting, None) => DataChannelState::Closed,
            (DataChannelState::Connecting | DataChannelState::Open, _) => DataChannelState::Closing,
        };
        let was_open = channel.info.state == DataChannelState::Open;
        channel.info.state = state;
        let (stack, stream_id) = (channel.stack, channel.info.init.id);
        self.events.push_back(Event::DataChannelState {
            channel: id,
            state,
            stream_id,
        });
        // One that is still opening is closed as soon as it is open.
        if was_open && let Some(stack) = stack {
            self.rtc.direct_api().close_data_channel(stack);
        }
        Ok(())
    }

    /// Data channels are negotiated.
    pub(super) fn channels_negotiated(&mut self, remote_limit: Option<u32>) {
        let offered = match remote_limit {
            None => DEFAULT_REMOTE_LIMIT,
            // RFC 8841 section 6.1: no limit.
            Some(0) => u32::MAX,
            Some(limit) => limit,
        };
        let max_message_size = offered.min(MAX_MESSAGE_SIZE);
        if self.channels.transport.is_none() {
            let transport = SctpTransport {
                state: SctpState::Connecting,
                max_message_size,
                max_channels: None,
            };
            self.channels.transport = Some(transport);
            self.events.push_back(Event::Sctp(transport));
        } else if let Some(transport) = &mut self.channels.transport {
            transport.max_message_size = max_message_size;
        }
        self.open_waiting();
    }

    fn open_waiting(&mut self) {
        for channel in &mut self.channels.all {
            if channel.stack.is_some() || channel.info.state != DataChannelState::Connecting {
                continue;
            }
            let init = &channel.info.init;
            let reliability = match (init.max_retransmits, init.max_packet_life_time) {
                (Some(retransmits), _) => Reliability::MaxRetransmits { retransmits },
                (None, Some(lifetime)) => Reliability::MaxPacketLifetime { lifetime },
                (None, None) => Reliability::Reliable,
            };
            let config = ChannelConfig {
                label: channel.info.label.clone(),
                ordered: init.ordered,
                reliability,
                negotiated: init.id.filter(|_| init.negotiated),
                protocol: init.protocol.clone(),
            };
            channel.stack = Some(self.rtc.direct_api().create_data_channel(config));
        }
    }

    pub(super) fn channel_opened(&mut self, stack: ChannelId, label: String) {
        if let Some(transport) = &mut self.channels.transport
            && transport.state == SctpState::Connecting
        {
            transport.state = SctpState::Connected;
            transport.max_channels = Some(MAX_STREAM_ID);
            self.events.push_back(Event::Sctp(*transport));
        }
        let stream_id = self.rtc.direct_api().sctp_stream_id_by_channel_id(stack);
        self.channels.opened += 1;
        if let Some(channel) = self
            .channels
            .all
            .iter_mut()
            .find(|c| c.stack == Some(stack))
        {
            channel.info.init.id = stream_id;
            let id = channel.info.id;
            if channel.info.state == DataChannelState::Closing {
                self.rtc.direct_api().close_data_channel(stack);
                return;
            }
            channel.info.state = DataChannelState::Open;
            let state = DataChannelState::Open;
            self.events.push_back(Event::DataChannelState {
                channel: id,
                state,
                stream_id,
            });
            return;
        }
        let mut init = DataChannelInit {
            id: stream_id,
            ..DataChannelInit::default()
        };
        if let Some(open) = self.rtc.channel(stack)
            && let Some(config) = open.config()
        {
            init.ordered = config.ordered;
            init.protocol.clone_from(&config.protocol);
            match config.reliability {
                Reliability::Reliable => {}
                Reliability::MaxPacketLifetime { lifetime } => {
                    init.max_packet_life_time = Some(lifetime);
                }
                Reliability::MaxRetransmits { retransmits } => {
                    init.max_retransmits = Some(retransmits);
                }
            }
        }
        let id = DataChannelId(self.own_id());
        self.channels.all.push(DataChannel {
            info: DataChannelInfo {
                id,
                label: label.clone(),
                init: init.clone(),
                state: DataChannelState::Open,
                buffered_amount: 0,
            },
            stack: Some(stack),
            sent: (0, 0),
            received: (0, 0),
        });
        self.events.push_back(Event::DataChannel {
            channel: id,
            label,
            init,
        });
        let state = DataChannelState::Open;
        self.events.push_back(Event::DataChannelState {
            channel: id,
            state,
            stream_id,
        });
    }

    pub(super) fn channel_data(&mut self, stack: ChannelId, binary: bool, data: Vec<u8>) {
        let Some(channel) = self
            .channels
            .all
            .iter_mut()
            .find(|c| c.stack == Some(stack))
        else {
            return;
        };
        channel.received.0 += 1;
        channel.received.1 += data.len() as u64;
        if !binary && std::str::from_utf8(&data).is_err() {
            tracing::debug!("a text message that is not UTF-8");
            return;
        }
        let channel = channel.info.id;
        self.events.push_back(Event::DataChannelMessage {
            channel,
            binary,
            data,
        });
    }

    pub(super) fn channel_closed(&mut self, stack: ChannelId) {
        let Some(channel) = self
            .channels
            .all
            .iter_mut()
            .find(|c| c.stack == Some(stack))
        else {
            return;
        };
        channel.stack = None;
        channel.info.buffered_amount = 0;
        if channel.info.state == DataChannelState::Closed {
            return;
        }
        channel.info.state = DataChannelState::Closed;
        self.channels.closed += 1;
        let (id, stream_id) = (channel.info.id, channel.info.init.id);
        let state = DataChannelState::Closed;
        self.events.push_back(Event::DataChannelState {
            channel: id,
            state,
            stream_id,
        });
        self.forget_closed_channels();
    }

    /// A remote side that opens and closes channels all day long costs no more than these.
    fn forget_closed_channels(&mut self) {
        let closed = |c: &DataChannel| c.info.state == DataChannelState::Closed;
        let count = self.channels.all.iter().filter(|c| closed(c)).count();
        if count > MAX_CLOSED
            && let Some(oldest) = self.channels.all.iter().position(closed)
        {
            self.channels.all.remove(oldest);
        }
    }

    /// The association is gone, and every data channel with it.
    pub(super) fn channels_lost(&mut self) {
        let stacks: Vec<ChannelId> = self.channels.all.iter().filter_map(|c| c.stack).collect();
        for stack in stacks {
            self.channel_closed(stack);
        }
        if let Some(transport) = &mut self.channels.transport
            && transport.state != SctpState::Closed
        {
            transport.state = SctpState::Closed;
            self.events.push_back(Event::Sctp(*transport));
        }
    }

    /// Looks what has left the buffers since the last time.
    pub(super) fn measure_buffers(&mut self) {
        for channel in &mut self.channels.all {
            let before = channel.info.buffered_amount;
            if before == 0 {
                continue;
            }
            let Some(stack) = channel.stack else {
                continue;
            };
            let Some(mut open) = self.rtc.channel(stack) else {
                continue;
            };
            let amount = open.buffered_amount();
            if amount == before {
                continue;
            }
            channel.info.buffered_amount = amount;
            let id = channel.info.id;
            self.events.push_back(Event::DataChannelBuffered {
                channel: id,
                amount,
            });
        }
    }
}
