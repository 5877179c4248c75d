-- The set-up wizard, its files, integrations, and what happened on the way.
-- @up
-- How far the wizard is. voice: the choice that assistants were last given.
CREATE TABLE setup (
	account_id TEXT PRIMARY KEY REFERENCES account (account_id)
		ON DELETE CASCADE,
	last_step TEXT CHECK (last_step IN ('voice', 'knowledge',
		'integrations', 'phone')),
	completed_at BIGINT,
	voice TEXT CHECK (app_json(voice)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @tenant setup

-- A row a step, so that savers of different steps never meet.
CREATE TABLE setup_step (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	step TEXT NOT NULL CHECK (step IN ('voice', 'knowledge',
		'integrations', 'phone')),
	data TEXT NOT NULL CHECK (app_json(data)),
	completed_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, step)
);
-- @tenant setup_step

-- Files that the assistants may look things up in; the bytes are on disk.
CREATE TABLE knowledge_file (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	bytes BIGINT NOT NULL,
	digest TEXT NOT NULL,
	text TEXT,
	status TEXT NOT NULL CHECK (status IN ('stored', 'sent', 'failed',
		'deleting')),
	vapi_id TEXT,
	tried_at BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX knowledge_file_digest ON knowledge_file
	(account_id, digest) WHERE status <> 'deleting';
-- @tenant knowledge_file

-- What the account is connected to; settings holds no secret.
CREATE TABLE integration (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	type TEXT NOT NULL CHECK (type IN ('crm', 'telephony', 'calendar',
		'messaging', 'email', 'pms', 'voice')),
	status TEXT NOT NULL CHECK (status IN ('connected', 'disconnected',
		'error')),
	settings TEXT NOT NULL DEFAULT '{}' CHECK (app_json(settings)),
	last_sync BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, name)
);
-- @tenant integration

-- What happened on a new customer's way, each cause once; run is the user,
-- the account or the session that goes through a flow.
CREATE TABLE track (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	user_id TEXT,
	name TEXT NOT NULL,
	flow TEXT NOT NULL,
	run TEXT NOT NULL,
	step TEXT,
	skipped INTEGER NOT NULL DEFAULT 0 CHECK (skipped IN (0, 1)),
	cause TEXT NOT NULL,
	data TEXT NOT NULL CHECK (app_json(data)),
	happened_at BIGINT NOT NULL,
	sent_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, cause)
);
CREATE INDEX track_time ON track (account_id, happened_at, id);
CREATE INDEX track_unsent ON track (account_id, id) WHERE sent_at IS NULL;
-- @tenant track

CREATE INDEX call_time ON call (account_id, created_at, id);

-- @down
DROP INDEX call_time;
-- @drop track
-- @drop integration
-- @drop knowledge_file
-- @drop setup_step
-- @drop setup
