-- Onboarding sessions; what the AI was asked, answered and cost.
-- @up
-- One live session a user; the runner gives up those that expire.
CREATE TABLE onboarding_session (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	user_id TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
	status TEXT NOT NULL DEFAULT 'in_progress' CHECK (status IN
		('in_progress', 'completed', 'abandoned')),
	current_step INTEGER NOT NULL DEFAULT 1
		CHECK (current_step BETWEEN 1 AND 4),
	step_data TEXT NOT NULL DEFAULT '{}' CHECK (app_json(step_data)),
	ai_recommendations TEXT CHECK (app_json(ai_recommendations)),
	completed_at BIGINT,
	expires_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX onboarding_session_live ON onboarding_session
	(account_id, user_id) WHERE status = 'in_progress';
CREATE INDEX onboarding_session_user ON onboarding_session (user_id);
CREATE INDEX onboarding_session_due ON onboarding_session
	(account_id, status, expires_at);
-- @tenant onboarding_session

-- Each request for suggestions and where its answer came from. Money is in
-- millionths of a US dollar. What is reserved is settled once.
CREATE TABLE ai_usage (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	user_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('reserved', 'done', 'lost')),
	source TEXT CHECK (source IN ('ai', 'cache', 'rules')),
	reason TEXT,
	model TEXT,
	month TEXT NOT NULL,
	reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	cost BIGINT NOT NULL DEFAULT 0 CHECK (cost >= 0),
	tokens_in BIGINT NOT NULL DEFAULT 0,
	tokens_out BIGINT NOT NULL DEFAULT 0,
	duration_ms BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE INDEX ai_usage_time ON ai_usage (account_id, created_at);
CREATE INDEX ai_usage_open ON ai_usage (account_id, created_at)
	WHERE status = 'reserved';
-- @tenant ai_usage

-- spent + reserved never exceeds what the account may spend in the month.
CREATE TABLE ai_budget (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	month TEXT NOT NULL,
	reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
	spent BIGINT NOT NULL DEFAULT 0 CHECK (spent >= 0),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, month)
);
-- @tenant ai_budget

CREATE TABLE ai_cache (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	key TEXT NOT NULL,
	answer TEXT NOT NULL CHECK (app_json(answer)),
	expires_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, key)
);
CREATE INDEX ai_cache_old ON ai_cache (account_id, expires_at);
-- @tenant ai_cache

-- Requests of a user in a minute, and of the account ('') in an hour.
CREATE TABLE ai_rate (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	who TEXT NOT NULL,
	count INTEGER NOT NULL,
	since BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, who)
);
-- @tenant ai_rate

-- Models that fail are left alone until open_until.
CREATE TABLE ai_breaker (
	model TEXT PRIMARY KEY,
	failures INTEGER NOT NULL,
	open_until BIGINT NOT NULL
);
-- @open ai_breaker

-- @down
-- @drop ai_breaker
-- @drop ai_rate
-- @drop ai_cache
-- @drop ai_budget
-- @drop ai_usage
-- @drop onboarding_session
