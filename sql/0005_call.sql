-- Calls, and what tool calls were answered.
-- @up
-- sequence and status_rank order late events; see fcgi/phone/status.
CREATE TABLE call (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	assistant_id TEXT,
	contact_id TEXT,
	twilio_sid TEXT,
	vapi_id TEXT,
	direction TEXT NOT NULL DEFAULT 'inbound',
	from_number TEXT,
	to_number TEXT,
	status TEXT NOT NULL,
	status_rank INTEGER NOT NULL DEFAULT 0,
	sequence INTEGER NOT NULL DEFAULT -1,
	started_at BIGINT,
	ended_at BIGINT,
	duration_s INTEGER,
	ended_reason TEXT,
	summary TEXT,
	recording_url TEXT,
	cost REAL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, contact_id) REFERENCES contact
		(account_id, id)
);
CREATE UNIQUE INDEX call_twilio ON call (account_id, twilio_sid);
CREATE UNIQUE INDEX call_vapi ON call (account_id, vapi_id);
-- Calls that no assistant has spoken for yet: few, and asked for by each call.
CREATE INDEX call_waiting ON call (account_id, id)
	WHERE vapi_id IS NULL AND twilio_sid IS NOT NULL AND status_rank < 4;
-- @tenant call

-- The same tool call asked again gets the same bytes.
CREATE TABLE tool_result (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	vapi_call TEXT NOT NULL,
	tool_call TEXT NOT NULL,
	tool TEXT NOT NULL,
	answer TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, vapi_call, tool_call)
);
-- @tenant tool_result

-- @down
-- @drop tool_result
-- @drop call
