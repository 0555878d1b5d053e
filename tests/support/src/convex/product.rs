//! The product behind the double: people ask for something, others offer it, and when an offer is
//! accepted the two meet. All of it in memory.

use serde_json::{Value, json};

use crate::clock::since_1970;

/// Somebody whom the product knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The product's name for them.
    pub id: String,
    /// What others see.
    pub name: String,
}

impl Account {
    /// An account.
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The two of the demo: Amina asks, Bruno offers.
    pub fn demo() -> Vec<Self> {
        vec![Self::new("amina", "Amina"), Self::new("bruno", "Bruno")]
    }
}

/// Where an offer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfferStatus {
    Pending,
    Accepted,
    Rejected,
}

impl OfferStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Rejected]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// How a meeting session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    Cancelled,
}

impl Ending {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) requester: String,
    title: String,
    created_ms: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) request: String,
    pub(crate) offerer: String,
    message: String,
    pub(crate) status: OfferStatus,
    created_ms: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct MeetingSession {
    pub(crate) id: String,
    offer: String,
    request: String,
    requester: String,
    offerer: String,
    pub(crate) call: String,
    /// Milliseconds since 1970.
    created_ms: u64,
    /// Absent: it is active.
    ended: Option<(Ending, u64)>,
}

impl MeetingSession {
    pub(crate) fn has(&self, account: &str) -> bool {
        self.requester == account || self.offerer == account
    }

    pub(crate) fn is_active(&self) -> bool {
        self.ended.is_none()
    }
}

/// Everything the product knows.
#[derive(Debug, Default)]
pub(crate) struct Product {
    pub(crate) accounts: Vec<Account>,
    requests: Vec<Request>,
    offers: Vec<Offer>,
    sessions: Vec<MeetingSession>,
    /// Rows made so far; ids are made of it.
    rows: u64,
    /// Part of every call id: rooms of one run are not those of another on the same media server.
    run: u128,
}

impl Product {
    pub(crate) fn new(accounts: Vec<Account>) -> Self {
        Self {
            accounts,
            run: since_1970().as_nanos(),
            ..Self::default()
        }
    }

    fn id(&mut self, table: &str) -> String {
        self.rows += 1;
        format!("{table}{:06}", self.rows)
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn name_of(&self, id: &str) -> &str {
        self.account(id).map_or("", |account| account.name.as_str())
    }

    pub(crate) fn request(&self, id: &str) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == id)
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    pub(crate) fn offer(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.id == id)
    }

    pub(crate) fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.iter()
    }

    pub(crate) fn session(&self, id: &str) -> Option<&MeetingSession> {
        self.sessions.iter().find(|session| session.id == id)
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = &MeetingSession> {
        self.sessions.iter()
    }

    pub(crate) fn add_request(&mut self, requester: &str, title: &str) -> String {
        let id = self.id("demande");
        self.requests.push(Request {
            id: id.clone(),
            requester: requester.to_owned(),
            title: title.to_owned(),
            created_ms: now_ms(),
        });
        id
    }

    pub(crate) fn add_offer(&mut self, request: &str, offerer: &str, message: &str) -> String {
        let id = self.id("offre");
        self.offers.push(Offer {
            id: id.clone(),
            request: request.to_owned(),
            offerer: offerer.to_owned(),
            message: message.to_owned(),
            status: OfferStatus::Pending,
            created_ms: now_ms(),
        });
        id
    }

    pub(crate) fn set_offer(&mut self, id: &str, status: OfferStatus) {
        if let Some(offer) = self.offers.iter_mut().find(|offer| offer.id == id) {
            offer.status = status;
        }
    }

    /// A meeting session for an accepted offer; `None` if there is no such offer.
    pub(crate) fn add_session(&mut self, offer: &str) -> Option<&MeetingSession> {
        let offer = self.offer(offer)?.clone();
        let requester = self.request(&offer.request)?.requester.clone();
        let id = self.id("session");
        let call = format!("call-{:x}-{}", self.run, self.rows);
        self.sessions.push(MeetingSession {
            id,
            offer: offer.id,
            request: offer.request,
            requester,
            offerer: offer.offerer,
            call,
            created_ms: now_ms(),
            ended: None,
        });
        self.sessions.last()
    }

    /// Ends an active one. There is no way back, and no second end.
    ///
    /// # Errors
    /// How it has ended before.
    pub(crate) fn end_session(&mut self, id: &str, ending: Ending) -> Result<(), Ending> {
        let session = self.sessions.iter_mut().find(|session| session.id == id);
        let Some(session) = session else {
            return Ok(());
        };
        if let Some((before, _)) = session.ended {
            return Err(before);
        }
        session.ended = Some((ending, now_ms()));
        Ok(())
    }

    pub(crate) fn request_json(&self, request: &Request) -> Value {
        json!({
            "_id": request.id,
            "title": request.title,
            "demandeurId": request.requester,
            "demandeurName": self.name_of(&request.requester),
            "createdAt": request.created_ms,
        })
    }

    pub(crate) fn offer_json(&self, offer: &Offer) -> Value {
        json!({
            "_id": offer.id,
            "demandeId": offer.request,
            "offreurId": offer.offerer,
            "offreurName": self.name_of(&offer.offerer),
            "message": offer.message,
            "status": offer.status.name(),
            "createdAt": offer.created_ms,
        })
    }

    /// As `viewer` sees it.
    pub(crate) fn session_json(&self, session: &MeetingSession, viewer: &str) -> Value {
        let other = if session.requester == viewer {
            &session.offerer
        } else {
            &session.requester
        };
        let title = self
            .request(&session.request)
            .map(|request| request.title.as_str());
        let status = session.ended.map_or("active", |(ending, _)| ending.name());
        let mut json = json!({
            "_id": session.id,
            "offreId": session.offer,
            "demandeId": session.request,
            "demandeurId": session.requester,
            "offreurId": session.offerer,
            "callId": session.call,
            "status": status,
            "createdAt": session.created_ms,
            "title": title,
            "otherPartyName": self.name_of(other),
        });
        if let Some((_, ended_ms)) = session.ended {
            json["endedAt"] = ended_ms.into();
        }
        json
    }
}

fn now_ms() -> u64 {
    since_1970().as_millis() as u64
}
