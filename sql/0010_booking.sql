-- Times held for callers, and calendars that subscribe to the book.
-- @up
-- A time that a call was offered; gone with the call, or when it expires.
CREATE TABLE hold (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	resource_id TEXT NOT NULL,
	call_id TEXT NOT NULL,
	starts_at BIGINT NOT NULL,
	blocked_from BIGINT NOT NULL,
	blocked_to BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id) ON DELETE CASCADE,
	FOREIGN KEY (account_id, call_id) REFERENCES call (account_id, id)
		ON DELETE CASCADE,
	CHECK (blocked_to > blocked_from)
);
CREATE INDEX hold_resource ON hold (account_id, resource_id);
CREATE INDEX hold_call ON hold (account_id, call_id);
CREATE INDEX hold_expiry ON hold (account_id, expires_at);
-- @tenant hold

-- A secret address at which a calendar reads the book. Only the hash of the
-- secret is kept; the directory leads from it to the account.
CREATE TABLE calendar_feed (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	resource_id TEXT,
	detail TEXT NOT NULL CHECK (detail IN ('full', 'busy')),
	token_hash TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, token_hash),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id) ON DELETE CASCADE
);
CREATE INDEX calendar_feed_resource ON calendar_feed
	(account_id, resource_id);
-- @tenant calendar_feed

-- @down
-- @drop calendar_feed
-- @drop hold
