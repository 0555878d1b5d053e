-- When a party first asked for a token of the call, and with which sign-in: it answered there.
ALTER TABLE meeting_sessions ADD COLUMN requester_answered_at INTEGER;
ALTER TABLE meeting_sessions ADD COLUMN requester_answered_by TEXT;
ALTER TABLE meeting_sessions ADD COLUMN offerer_answered_at INTEGER;
ALTER TABLE meeting_sessions ADD COLUMN offerer_answered_by TEXT;
