//! The product's functions, by the names of contract P3, and those that it takes to get there.

use serde_json::{Map, Value, json};

use super::product::{Ending, OfferStatus, Product};
use super::tokens::Secrets;

/// What a function answers or how it fails.
pub(crate) type Outcome = Result<Value, Failure>;

/// Why a function failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    /// What a deployment in development says; in production only that it failed.
    pub(crate) message: String,
    /// Of a `ConvexError`, which is for the client's eyes.
    pub(crate) data: Option<Value>,
}

impl Failure {
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            data: None,
        }
    }

    /// As `throw new ConvexError({ code, message })` gives.
    fn application(code: &str, message: &str) -> Self {
        Self {
            message: "Uncaught ConvexError".into(),
            data: Some(json!({ "code": code, "message": message })),
        }
    }
}

/// How a function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Query,
    Mutation,
    Action,
}

/// All that a function sees.
pub(crate) struct Call<'a> {
    pub(crate) product: &'a mut Product,
    pub(crate) secrets: &'a Secrets,
    /// Where LiveKit is.
    pub(crate) livekit_url: &'a str,
    /// Who is signed in.
    pub(crate) caller: Option<&'a str>,
    pub(crate) args: &'a Map<String, Value>,
}

/// The path without what clients write in different ways: `a.js:b` is `a:b`.
pub(crate) fn canonical(path: &str) -> String {
    match path.rsplit_once(':') {
        Some((module, function)) => {
            format!(
                "{}:{function}",
                module.strip_suffix(".js").unwrap_or(module)
            )
        }
        None => format!("{}:default", path.strip_suffix(".js").unwrap_or(path)),
    }
}

/// Runs one function. `path` is [`canonical`].
pub(crate) fn run(kind: Kind, path: &str, mut call: Call<'_>) -> Outcome {
    match (kind, path) {
        (Kind::Query, "users:getCurrentUser") => call.current_user(),
        (Kind::Query, "demandes:getOpenDemandes") => call.open_requests(),
        (Kind::Mutation, "demandes:createDemande") => call.create_request(),
        (Kind::Query, "offres:getOffresForDemande") => call.offers_for_request(),
        (Kind::Mutation, "offres:createOffre") => call.create_offer(),
        (Kind::Mutation, "offres:updateOffreStatus") => call.update_offer(),
        (Kind::Query, "meetSessions:getUserActiveMeetSessions") => call.active_sessions(),
        (Kind::Query, "meetSessions:getMeetSession") => call.session(),
        (Kind::Mutation, "meetSessions:endMeetSession") => call.end(Ending::Completed),
        (Kind::Mutation, "meetSessions:cancelMeetSession") => call.end(Ending::Cancelled),
        (Kind::Query, "stream:generateStreamToken") => call.stream_token(),
        // Signing needs no database, so products have it as an action too.
        (Kind::Query, "livekit:generateToken") | (Kind::Action, "livekit:createToken") => {
            call.livekit_token()
        }
        _ => Err(Failure::plain(format!(
            "Could not find public function for '{path}'"
        ))),
    }
}

impl Call<'_> {
    fn caller(&self) -> Result<String, Failure> {
        let known = self.caller.filter(|id| self.product.account(id).is_some());
        known
            .map(str::to_owned)
            .ok_or_else(|| Failure::plain("Not authenticated"))
    }

    /// Exactly these arguments, all of them texts.
    fn texts<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], Failure> {
        let wrong = |what: String| Failure::plain(format!("ArgumentValidationError: {what}"));
        if let Some(extra) = self.args.keys().find(|key| !names.contains(&key.as_str())) {
            return Err(wrong(format!("extra field `{extra}`")));
        }
        let mut texts = names.map(str::to_owned);
        for text in &mut texts {
            let value = self.args.get(text.as_str()).and_then(Value::as_str);
            let value = value.ok_or_else(|| wrong(format!("`{text}` has to be a string")))?;
            *text = value.to_owned();
        }
        Ok(texts)
    }

    /// The caller, who has to be the `userId` that is asked for.
    fn own_user_id(&self) -> Result<String, Failure> {
        let caller = self.caller()?;
        let [user_id] = self.texts(["userId"])?;
        if user_id != caller {
            return Err(Failure::plain("Not authorized: userId is not the caller's"));
        }
        Ok(caller)
    }

    fn current_user(&self) -> Outcome {
        let caller = self.caller()?;
        let [] = self.texts([])?;
        let name = self.product.account(&caller).map(|account| &account.name);
        Ok(json!({ "_id": caller, "name": name }))
    }

    fn open_requests(&self) -> Outcome {
        self.caller()?;
        let [] = self.texts([])?;
        let product = &*self.product;
        let open = product.requests().filter(|request| {
            let accepted = |offer: &super::product::Offer| {
                offer.request == request.id && offer.status == OfferStatus::Accepted
            };
            !product.offers().any(accepted)
        });
        Ok(open.map(|request| product.request_json(request)).collect())
    }

    fn create_request(&mut self) -> Outcome {
        let caller = self.caller()?;
        let [title] = self.texts(["title"])?;
        Ok(json!({ "demandeId": self.product.add_request(&caller, &title) }))
    }

    fn offers_for_request(&self) -> Outcome {
        self.caller()?;
        let [request] = self.texts(["demandeId"])?;
        let product = &*self.product;
        let offers = product.offers().filter(|offer| offer.request == request);
        Ok(offers.map(|offer| product.offer_json(offer)).collect())
    }

    fn create_offer(&mut self) -> Outcome {
        let caller = self.caller()?;
        let [request, message] = self.texts(["demandeId", "message"])?;
        let found = self.product.request(&request);
        let requester = found.map(|request| request.requester.as_str());
        match requester {
            None => Err(Failure::application(
                "not-found",
                "There is no such request.",
            )),
            Some(own) if own == caller => Err(Failure::application(
                "own-request",
                "This request is your own.",
            )),
            Some(_) => {
                Ok(json!({ "offreId": self.product.add_offer(&request, &caller, &message) }))
            }
        }
    }

    fn update_offer(&mut self) -> Outcome {
        let caller = self.caller()?;
        let [id, status] = self.texts(["offreId", "status"])?;
        let status =
            OfferStatus::from_name(&status).filter(|status| *status != OfferStatus::Pending);
        let Some(status) = status else {
            return Err(Failure::plain(
                "ArgumentValidationError: `status` has to be \"accepted\" or \"rejected\"",
            ));
        };
        let Some(offer) = self.product.offer(&id).cloned() else {
            return Err(Failure::application("not-found", "There is no such offer."));
        };
        let requester = self.product.request(&offer.request);
        if requester.is_none_or(|request| request.requester != caller) {
            return Err(Failure::plain("Not authorized: the request is another's"));
        }
        if offer.status != OfferStatus::Pending {
            return Err(Failure::application(
                "offer-decided",
                "This offer has been decided on already.",
            ));
        }
        self.product.set_offer(&id, status);
        if status == OfferStatus::Rejected {
            return Ok(Value::Null);
        }
        let session = self.product.add_session(&id);
        let session = session.ok_or_else(|| Failure::plain("the request is gone"))?;
        Ok(json!({ "meetSessionId": session.id, "callId": session.call }))
    }

    fn active_sessions(&self) -> Outcome {
        let caller = self.own_user_id()?;
        let product = &*self.product;
        let active = product
            .sessions()
            .filter(|session| session.is_active() && session.has(&caller));
        Ok(active
            .map(|session| product.session_json(session, &caller))
            .collect())
    }

    /// One of the caller's meeting sessions.
    fn own_session(&self, id: &str, caller: &str) -> Result<(String, String, bool), Failure> {
        match self.product.session(id) {
            None => Err(Failure::application(
                "not-found",
                "There is no such meeting.",
            )),
            Some(session) if !session.has(caller) => {
                Err(Failure::plain("Not authorized: the meeting is of others"))
            }
            Some(session) => Ok((
                session.id.clone(),
                session.call.clone(),
                session.is_active(),
            )),
        }
    }

    fn session(&self) -> Outcome {
        let caller = self.caller()?;
        let [id] = self.texts(["sessionId"])?;
        self.own_session(&id, &caller)?;
        let session = self.product.session(&id);
        Ok(session.map_or(Value::Null, |session| {
            self.product.session_json(session, &caller)
        }))
    }

    fn end(&mut self, ending: Ending) -> Outcome {
        let caller = self.caller()?;
        let [id] = self.texts(["sessionId"])?;
        let (id, ..) = self.own_session(&id, &caller)?;
        let ended = self.product.end_session(&id, ending);
        ended.map(|()| Value::Null).map_err(|before| {
            let message = format!("This meeting has been {} already.", before.name());
            Failure::application(before.name(), &message)
        })
    }

    fn stream_token(&self) -> Outcome {
        let caller = self.own_user_id()?;
        Ok(json!({ "token": self.secrets.stream(&caller) }))
    }

    fn livekit_token(&self) -> Outcome {
        let caller = self.caller()?;
        let [id, name] = self.texts(["sessionId", "participantName"])?;
        let (_, room, active) = self.own_session(&id, &caller)?;
        if !active {
            return Err(Failure::application("over", "This meeting is over."));
        }
        Ok(json!({
            "token": self.secrets.livekit(&room, &caller, &name),
            "url": self.livekit_url,
            "room": room,
            "identity": caller,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_known_by_all_their_spellings() {
        assert_eq!(canonical("a/b.js:c"), "a/b:c");
        assert_eq!(canonical("a:c"), "a:c");
        assert_eq!(canonical("a"), "a:default");
    }
}
