-- Accounts (tenants), users, and what sign-in needs.
-- @up
CREATE TABLE account (
	account_id TEXT PRIMARY KEY,
	name TEXT NOT NULL DEFAULT '',
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @tenant account

CREATE TABLE app_user (
	id TEXT PRIMARY KEY,
	email TEXT NOT NULL,
	email_folded TEXT NOT NULL UNIQUE,
	password_hash TEXT NOT NULL,
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @open app_user

CREATE TABLE membership (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	user_id TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
	role TEXT NOT NULL CHECK (role IN ('sales_rep', 'sales_manager',
		'admin', 'qa_supervisor', 'compliance_officer', 'operations')),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, user_id)
);
CREATE INDEX membership_user ON membership (user_id, created_at);
-- @open membership

CREATE TABLE session (
	id TEXT PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	secret_hash TEXT NOT NULL UNIQUE,
	remote TEXT,
	agent TEXT,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	revoked_at BIGINT
);
CREATE INDEX session_owner ON session (user_id, created_at);
CREATE INDEX session_account ON session (account_id);
-- @open session

CREATE TABLE refresh_token (
	hash TEXT PRIMARY KEY,
	session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);
-- @open refresh_token

-- Failures of sign-in, counted in windows of fifteen minutes.
CREATE TABLE throttle (
	key TEXT PRIMARY KEY,
	count INTEGER NOT NULL,
	since BIGINT NOT NULL
);
-- @open throttle

-- @down
-- @drop throttle
-- @drop refresh_token
-- @drop session
-- @drop membership
-- @drop app_user
-- @drop account
