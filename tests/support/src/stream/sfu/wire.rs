//! What a client sends over the signalling WebSocket: three kinds of protobuf messages, of which a few
//! fields count.

/// How a client comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// It does not: this is its first join.
    #[default]
    None,
    /// The same connections go on, over a new signalling connection.
    Fast,
    /// All anew, in place of an earlier one.
    Rejoin,
    /// The same participant, on another media server.
    Migrate,
}

impl Strategy {
    fn from_wire(number: u64) -> Self {
        match number {
            2 => Self::Fast,
            3 => Self::Rejoin,
            4 => Self::Migrate,
            _ => Self::None,
        }
    }
}

/// The first thing that a client says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JoinRequest {
    pub(crate) token: String,
    pub(crate) session: String,
    pub(crate) strategy: Strategy,
    /// In whose place this comes, with [`Strategy::Rejoin`].
    pub(crate) previous_session: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientMessage {
    Join(JoinRequest),
    Health,
    Leave,
}

impl ClientMessage {
    /// None: nothing that is known here.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (number, field) = Fields(bytes).next()?;
        let Field::Bytes(content) = field else {
            return None;
        };
        match number {
            1 => Some(Self::Join(join(content))),
            2 => Some(Self::Health),
            3 => Some(Self::Leave),
            _ => None,
        }
    }
}

fn join(bytes: &[u8]) -> JoinRequest {
    let mut request = JoinRequest::default();
    for (number, field) in Fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(token)) => request.token = text(token),
            (2, Field::Bytes(session)) => request.session = text(session),
            (7, Field::Bytes(details)) => reconnect_details(details, &mut request),
            _ => {}
        }
    }
    request
}

fn reconnect_details(bytes: &[u8], request: &mut JoinRequest) {
    for (number, field) in Fields(bytes) {
        match (number, field) {
            (1, Field::Number(strategy)) => request.strategy = Strategy::from_wire(strategy),
            (7, Field::Bytes(session)) => request.previous_session = text(session),
            _ => {}
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of four or eight bytes; there are none that count.
    Fixed,
}

/// The fields of a message, up to where it can be read (protobuf encoding).
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.varint()?;
        let length = match key & 7 {
            0 => return Some((key >> 3, Field::Number(self.varint()?))),
            1 => 8,
            2 => usize::try_from(self.varint()?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        let field = match key & 7 {
            2 => Field::Bytes(content),
            _ => Field::Fixed,
        };
        Some((key >> 3, field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("short");
        [&[number << 3 | 2, length], content].concat()
    }

    #[test]
    fn a_join_says_who_and_how() {
        let details = [&[1 << 3, 3][..], &message(7, b"before")].concat();
        let join = [
            message(1, b"token"),
            message(2, b"now"),
            message(3, b"v=0"),
            message(7, &details),
        ];
        let read = ClientMessage::read(&message(1, &join.concat()));
        let expected = JoinRequest {
            token: "token".into(),
            session: "now".into(),
            strategy: Strategy::Rejoin,
            previous_session: "before".into(),
        };
        assert_eq!(read, Some(ClientMessage::Join(expected)));
    }

    #[test]
    fn broken_messages_are_nothing() {
        for bytes in [&[][..], &[0x0a], &[0x0a, 0x05, 1], &[0xff; 12], &[0x0b, 0]] {
            assert_eq!(ClientMessage::read(bytes), None);
        }
        assert_eq!(ClientMessage::read(&[0x12, 0]), Some(ClientMessage::Health));
    }
}
