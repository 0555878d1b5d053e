-- Times are milliseconds since 1970.

CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    -- The id as Stream gets it. Two accounts must not become one there.
    media_id      TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE refresh_families (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

-- Of secrets that were handed out, only the SHA-256 is kept.
CREATE TABLE refresh_tokens (
    hash       BLOB PRIMARY KEY,
    family_id  TEXT NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);

CREATE TABLE authorisation_codes (
    hash         BLOB PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER,
    -- What the code was exchanged for: revoked if the code comes a second time.
    family_id    TEXT REFERENCES refresh_families (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE requests (
    id           TEXT PRIMARY KEY,
    requester_id TEXT NOT NULL REFERENCES accounts (id),
    title        TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_by_age ON requests (created_at);

CREATE TABLE offers (
    id         TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES requests (id),
    offerer_id TEXT NOT NULL REFERENCES accounts (id),
    message    TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'rejected')),
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    CHECK ((status = 'pending') = (decided_at IS NULL))
) STRICT;
CREATE INDEX offers_by_request ON offers (request_id);
CREATE INDEX offers_by_offerer ON offers (offerer_id);
CREATE UNIQUE INDEX offers_one_pending ON offers (request_id, offerer_id) WHERE status = 'pending';

CREATE TRIGGER offers_are_decided_once BEFORE UPDATE OF status ON offers
WHEN OLD.status <> 'pending'
BEGIN
    SELECT RAISE (ABORT, 'the offer is already decided');
END;

CREATE TABLE meeting_sessions (
    id           TEXT PRIMARY KEY,
    offer_id     TEXT NOT NULL UNIQUE REFERENCES offers (id),
    requester_id TEXT NOT NULL REFERENCES accounts (id),
    offerer_id   TEXT NOT NULL REFERENCES accounts (id),
    call_id      TEXT NOT NULL UNIQUE,
    status       TEXT NOT NULL CHECK (status IN ('active', 'completed', 'cancelled')),
    created_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    -- Counts the changes of all sessions; what Last-Event-ID refers to.
    revision     INTEGER NOT NULL UNIQUE,
    CHECK ((status = 'active') = (ended_at IS NULL))
) STRICT;
CREATE INDEX sessions_active_of_requester ON meeting_sessions (requester_id) WHERE status = 'active';
CREATE INDEX sessions_active_of_offerer ON meeting_sessions (offerer_id) WHERE status = 'active';
CREATE INDEX sessions_of_requester ON meeting_sessions (requester_id, revision);
CREATE INDEX sessions_of_offerer ON meeting_sessions (offerer_id, revision);

CREATE TRIGGER sessions_end_once BEFORE UPDATE ON meeting_sessions
WHEN OLD.status <> 'active'
BEGIN
    SELECT RAISE (ABORT, 'the meeting session is over');
END;
