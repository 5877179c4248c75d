-- Voice assistants, kept in step with the provider.
-- @up
-- body is what the provider is believed to have, wanted what it shall have:
-- while wanted is not null, the two sides may differ and the runner mends it.
CREATE TABLE assistant (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	vapi_id TEXT,
	name TEXT NOT NULL,
	body TEXT NOT NULL CHECK (app_json(body)),
	wanted TEXT CHECK (app_json(wanted)),
	fingerprint TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('pending', 'active',
		'deleting')),
	line_id TEXT,
	line_uri TEXT,
	tried_at BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX assistant_pending ON assistant (account_id, fingerprint)
	WHERE status = 'pending';
-- @tenant assistant

-- @down
-- @drop assistant
