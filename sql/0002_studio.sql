-- What a business tells us in its set-up, and its sealed credentials.
-- @up
CREATE TABLE profile (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	user_id TEXT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
	full_name TEXT,
	locale TEXT,
	marketing_opt_in INTEGER NOT NULL DEFAULT 0
		CHECK (marketing_opt_in IN (0, 1)),
	accept_terms INTEGER NOT NULL DEFAULT 0 CHECK (accept_terms IN (0, 1)),
	onboarding_completed INTEGER NOT NULL DEFAULT 0
		CHECK (onboarding_completed IN (0, 1)),
	onboarding_completed_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, user_id)
);
CREATE INDEX profile_user ON profile (user_id);
-- @tenant profile

CREATE TABLE user_onboarding (
	account_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	onboarding_vapi_skipped INTEGER NOT NULL DEFAULT 0
		CHECK (onboarding_vapi_skipped IN (0, 1)),
	onboarding_twilio_skipped INTEGER NOT NULL DEFAULT 0
		CHECK (onboarding_twilio_skipped IN (0, 1)),
	onboarding_assistant_created INTEGER NOT NULL DEFAULT 0
		CHECK (onboarding_assistant_created IN (0, 1)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, user_id),
	FOREIGN KEY (account_id, user_id) REFERENCES profile
		(account_id, user_id) ON DELETE CASCADE
);
-- @tenant user_onboarding

-- One row an account. Live calls need accepted terms: terms_accepted_at.
CREATE TABLE studio (
	account_id TEXT PRIMARY KEY REFERENCES account (account_id)
		ON DELETE CASCADE,
	organization_name TEXT,
	industry TEXT,
	timezone TEXT,
	terms_accepted_at BIGINT,
	persona TEXT CHECK (persona IN ('secretary', 'concierge', 'sdr',
		'cs')),
	job_to_be_done TEXT,
	languages TEXT CHECK (app_json(languages)),
	tone TEXT,
	guidelines TEXT,
	strategy TEXT CHECK (strategy IN ('attach', 'purchase')),
	number TEXT,
	business_hours TEXT,
	business_hours_error TEXT,
	fallback_email TEXT,
	calendar TEXT CHECK (calendar IN ('google', 'outlook', 'none')),
	workspace_apps TEXT CHECK (app_json(workspace_apps)),
	crm TEXT CHECK (crm IN ('hubspot', 'salesforce', 'none')),
	plan TEXT NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro',
		'business')),
	seats INTEGER NOT NULL DEFAULT 1,
	transfer_number TEXT,
	after_hours TEXT NOT NULL DEFAULT 'voicemail'
		CHECK (after_hours IN ('voicemail', 'assistant')),
	slot_minutes INTEGER NOT NULL DEFAULT 30
		CHECK (slot_minutes BETWEEN 5 AND 480),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @tenant studio

-- sealed is an envelope of lib/safe/seal; meta holds what may be shown.
CREATE TABLE credential (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	kind TEXT NOT NULL CHECK (kind IN ('vapi_key', 'vapi_webhook',
		'twilio', 'sikka', 'sikka_key')),
	sealed TEXT NOT NULL,
	key_id INTEGER NOT NULL,
	preview TEXT NOT NULL,
	account_sid TEXT,
	phone_number TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, kind)
);
-- @tenant credential

-- From what a webhook names to the accounts that may own it. Several may
-- claim the same thing; the signature tells which one really does.
CREATE TABLE directory (
	kind TEXT NOT NULL CHECK (kind IN ('number', 'twilio_sid',
		'assistant', 'feed')),
	key TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	PRIMARY KEY (kind, key, account_id)
);
CREATE INDEX directory_account ON directory (account_id, kind);
-- @open directory

-- @down
-- @drop directory
-- @drop credential
-- @drop studio
-- @drop user_onboarding
-- @drop profile
