CREATE TABLE meetings (
    -- Ids are not given twice: the page may still show one that is gone.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
    title TEXT NOT NULL,
    room TEXT NOT NULL,
    provider TEXT NOT NULL,
    profile TEXT,
    session_id TEXT,
    -- JSON, a list of names.
    participants TEXT NOT NULL,
    -- Title, room and names without the difference of small and capital letters.
    searched TEXT NOT NULL,
    -- Milliseconds since 1970, as all times.
    started_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL CHECK (last_seen_at >= started_at),
    ended_at INTEGER CHECK (ended_at >= started_at),
    end_reason TEXT,
    -- JSON, see `QualitySummary`.
    quality TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;

CREATE INDEX meetings_in_order ON meetings (started_at, id);
