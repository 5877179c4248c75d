-- The outbox of the runner, and the record of what happened.
-- @up
CREATE TABLE job (
	id TEXT PRIMARY KEY,
	account_id TEXT REFERENCES account (account_id) ON DELETE CASCADE,
	path TEXT NOT NULL,
	ref TEXT NOT NULL,
	payload TEXT NOT NULL DEFAULT '{}' CHECK (app_json(payload)),
	state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready',
		'running', 'dead')),
	run_at BIGINT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	lease_until BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_open ON job (path, ref)
	WHERE state IN ('ready', 'running');
CREATE INDEX job_account ON job (account_id);
CREATE INDEX job_due ON job (run_at) WHERE state IN ('ready', 'running');
-- @open job

-- What each host's own files have to follow: the account whose voice files
-- changed last, and when. A later change has a later time, or the same when
-- two were made at once.
CREATE TABLE voice_change (
	account_id TEXT PRIMARY KEY REFERENCES account (account_id)
		ON DELETE CASCADE,
	changed_at BIGINT NOT NULL
);
CREATE INDEX voice_change_at ON voice_change (changed_at, account_id);
-- @open voice_change

CREATE TABLE event (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	kind TEXT NOT NULL,
	ref TEXT,
	data TEXT NOT NULL DEFAULT '{}' CHECK (app_json(data)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
-- @tenant event

-- @down
-- @drop event
-- @drop voice_change
-- @drop job
