-- The telephone: numbers, messages left and sent, who answers for the staff.
-- @up
-- How the account's telephone works; no row: the defaults.
CREATE TABLE phone_setting (
	account_id TEXT PRIMARY KEY REFERENCES account (account_id)
		ON DELETE CASCADE,
	routing TEXT NOT NULL DEFAULT 'sip' CHECK (routing IN ('sip', 'vapi')),
	transcribe INTEGER NOT NULL DEFAULT 1 CHECK (transcribe IN (0, 1)),
	sms_confirm INTEGER NOT NULL DEFAULT 0 CHECK (sms_confirm IN (0, 1)),
	sms_remind INTEGER NOT NULL DEFAULT 0 CHECK (sms_remind IN (0, 1)),
	sms_remind_minutes INTEGER NOT NULL DEFAULT 1440
		CHECK (sms_remind_minutes BETWEEN 15 AND 20160),
	sms_from TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @tenant phone_setting

-- Further tokens that sign webhooks: the next one of a rotation, and those
-- of subaccounts. sealed is an envelope of lib/safe/seal.
CREATE TABLE twilio_token (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	account_sid TEXT NOT NULL,
	sealed TEXT NOT NULL,
	key_id INTEGER NOT NULL,
	preview TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
-- @tenant twilio_token

-- Numbers whose webhooks we have set, or are about to. was: what they
-- were, to be put back. tried_at: when a purchase may have gone out.
CREATE TABLE phone_line (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	number TEXT NOT NULL,
	account_sid TEXT NOT NULL,
	sid TEXT,
	status TEXT NOT NULL CHECK (status IN ('buying', 'attaching',
		'active', 'detaching', 'releasing', 'failed')),
	bought INTEGER NOT NULL DEFAULT 0 CHECK (bought IN (0, 1)),
	routing TEXT CHECK (routing IN ('sip', 'vapi')),
	vapi_phone_id TEXT,
	was TEXT CHECK (app_json(was)),
	sms INTEGER NOT NULL DEFAULT 0 CHECK (sms IN (0, 1)),
	drift TEXT,
	tried_at BIGINT,
	checked_at BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, number)
);
-- @tenant phone_line

-- Who has shown by a call with credentials of his own that a number is his.
CREATE TABLE number_proof (
	number TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	proven_at BIGINT NOT NULL,
	PRIMARY KEY (number, account_id)
);
CREATE INDEX number_proof_account ON number_proof (account_id);
-- @open number_proof

-- Messages that callers have left. recording_sid: Twilio's id, or its
-- address when there is none. mailed_at: to the fallback address.
CREATE TABLE voice_message (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	call_id TEXT NOT NULL,
	account_sid TEXT,
	recording_sid TEXT NOT NULL,
	recording_url TEXT NOT NULL,
	duration_s INTEGER,
	from_number TEXT,
	transcript TEXT,
	transcript_status TEXT CHECK (transcript_status IN ('completed',
		'failed')),
	status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'done')),
	mailed_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, recording_sid),
	FOREIGN KEY (account_id, call_id) REFERENCES call (account_id, id)
		ON DELETE CASCADE
);
CREATE INDEX voice_message_call ON voice_message (account_id, call_id);
CREATE INDEX voice_message_status ON voice_message (account_id, status, id);
-- @tenant voice_message

-- May a number be written to? by: a stop of the person's own binds staff.
CREATE TABLE sms_consent (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	phone TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('granted', 'stopped')),
	source TEXT NOT NULL CHECK (source IN ('sms', 'call', 'staff')),
	note TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, phone)
);
-- @tenant sms_consent

-- Text messages. kind and ref name what is said once; rank orders what
-- Twilio tells of it. until: afterwards it is not worth sending.
CREATE TABLE sms_message (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	from_number TEXT,
	to_number TEXT,
	body TEXT NOT NULL,
	sid TEXT,
	status TEXT NOT NULL,
	rank INTEGER NOT NULL DEFAULT 0,
	error TEXT,
	account_sid TEXT,
	until BIGINT,
	tried_at BIGINT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, kind, ref)
);
CREATE INDEX sms_message_sid ON sms_message (account_id, sid);
-- @tenant sms_message

-- Who takes calls for the business, first by place. hours as people write
-- them, on the account's clock; null: whenever the business is open.
CREATE TABLE on_call (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	phone TEXT NOT NULL,
	place INTEGER NOT NULL DEFAULT 100,
	hours TEXT,
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
CREATE INDEX on_call_order ON on_call (account_id, place, id);
-- @tenant on_call

-- Attempts to hand a call to a human. tried: the number that was named.
CREATE TABLE transfer (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	call_id TEXT NOT NULL,
	way TEXT NOT NULL CHECK (way IN ('answer', 'control', 'dial')),
	caller TEXT,
	tried TEXT,
	reason TEXT,
	status TEXT NOT NULL CHECK (status IN ('asked', 'sent', 'failed',
		'answered')),
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, call_id) REFERENCES call (account_id, id)
		ON DELETE CASCADE
);
CREATE INDEX transfer_call ON transfer (account_id, call_id, id);
-- @tenant transfer

-- @down
-- @drop transfer
-- @drop on_call
-- @drop sms_message
-- @drop sms_consent
-- @drop voice_message
-- @drop number_proof
-- @drop phone_line
-- @drop twilio_token
-- @drop phone_setting
