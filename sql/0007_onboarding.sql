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

-- @down
-- @drop onboarding_session
