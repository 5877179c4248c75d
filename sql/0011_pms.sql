-- Practice management systems: the connection, the mirror of what they hold,
-- what they shall be told; circuit breakers of providers; tasks for staff.
-- @up
-- What only a person can settle; the same matter is one row.
CREATE TABLE staff_task (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	text TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done')),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, kind, ref)
);
CREATE INDEX staff_task_status ON staff_task (account_id, status, id);
-- @tenant staff_task

-- There is a row only while calls of a provider fail. open_until: nobody
-- calls before; probe_until: one call is under way to see how it is.
CREATE TABLE breaker (
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	provider TEXT NOT NULL,
	failures INTEGER NOT NULL,
	open_until BIGINT,
	probe_until BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, provider)
);
-- @tenant breaker

-- The account's system; none: the built-in book. pass, noun and page say how
-- far the mirror has come; pass_at is when the pass began. key_claim: until
-- then somebody fetches a new key.
CREATE TABLE pms_link (
	account_id TEXT PRIMARY KEY REFERENCES account (account_id)
		ON DELETE CASCADE,
	id TEXT NOT NULL,
	provider TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'error')),
	office_id TEXT,
	practice_id TEXT NOT NULL DEFAULT '1',
	practice_name TEXT,
	system_name TEXT,
	config TEXT NOT NULL DEFAULT '{}' CHECK (app_json(config)),
	cancel_status TEXT,
	pass TEXT CHECK (pass IN ('near', 'full')),
	pass_at BIGINT NOT NULL DEFAULT 0,
	noun TEXT,
	page INTEGER NOT NULL DEFAULT 0,
	rows_seen INTEGER NOT NULL DEFAULT 0,
	full_at BIGINT,
	last_sync_at BIGINT,
	key_claim BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
-- @tenant pms_link

CREATE TABLE pms_provider (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES pms_link (account_id)
		ON DELETE CASCADE,
	ext_id TEXT NOT NULL,
	first_name TEXT,
	last_name TEXT,
	specialty TEXT,
	active INTEGER NOT NULL CHECK (active IN (0, 1)),
	resource_id TEXT,
	pass_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, ext_id),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id) ON DELETE CASCADE
);
CREATE INDEX pms_provider_resource ON pms_provider (account_id, resource_id);
-- @tenant pms_provider

-- The keys are the last ten digits of the numbers; name_key is the folded
-- last name, then the first.
CREATE TABLE pms_patient (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES pms_link (account_id)
		ON DELETE CASCADE,
	ext_id TEXT NOT NULL,
	first_name TEXT,
	last_name TEXT,
	birth_date TEXT,
	status TEXT,
	cell TEXT,
	home_phone TEXT,
	work_phone TEXT,
	email TEXT,
	provider_ext TEXT,
	last_visit TEXT,
	cell_key TEXT,
	home_key TEXT,
	work_key TEXT,
	name_key TEXT NOT NULL,
	pass_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, ext_id)
);
CREATE INDEX pms_patient_cell ON pms_patient (account_id, cell_key)
	WHERE cell_key IS NOT NULL;
CREATE INDEX pms_patient_home ON pms_patient (account_id, home_key)
	WHERE home_key IS NOT NULL;
CREATE INDEX pms_patient_work ON pms_patient (account_id, work_key)
	WHERE work_key IS NOT NULL;
CREATE INDEX pms_patient_name ON pms_patient (account_id, name_key, id);
CREATE INDEX pms_patient_pass ON pms_patient (account_id, pass_at);
-- @tenant pms_patient

-- appointment_id: the one of our book that this is. busy: it takes its time,
-- and no appointment of the book does so in its stead.
CREATE TABLE pms_appointment (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES pms_link (account_id)
		ON DELETE CASCADE,
	ext_id TEXT NOT NULL,
	patient_ext TEXT,
	patient_name TEXT,
	provider_ext TEXT,
	operatory TEXT,
	type TEXT,
	note TEXT,
	status TEXT,
	state TEXT NOT NULL CHECK (state IN ('scheduled', 'confirmed',
		'completed', 'cancelled', 'no_show')),
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	resource_id TEXT,
	appointment_id TEXT,
	busy INTEGER NOT NULL CHECK (busy IN (0, 1)),
	pass_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, ext_id),
	FOREIGN KEY (account_id, appointment_id) REFERENCES appointment
		(account_id, id) ON DELETE CASCADE,
	CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000)
);
CREATE INDEX pms_appointment_busy ON pms_appointment
	(account_id, starts_at, ends_at, resource_id, id) WHERE busy = 1;
CREATE INDEX pms_appointment_time ON pms_appointment
	(account_id, starts_at, id);
CREATE INDEX pms_appointment_patient ON pms_appointment
	(account_id, patient_ext, starts_at);
CREATE INDEX pms_appointment_ours ON pms_appointment
	(account_id, appointment_id);
-- @tenant pms_appointment

-- The outbox of the practice's system. root: the first appointment of a row
-- of moves; what concerns one root is told in order. stage: whether the
-- patient or the appointment is being written.
CREATE TABLE pms_writeback (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	appointment_id TEXT NOT NULL,
	root TEXT NOT NULL,
	provider TEXT NOT NULL,
	verb TEXT NOT NULL CHECK (verb IN ('book', 'cancel', 'move')),
	state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent',
		'done', 'conflict', 'dropped')),
	stage TEXT NOT NULL CHECK (stage IN ('patient', 'appointment')),
	patient_ext TEXT,
	ext_id TEXT,
	remote_id TEXT,
	tries INTEGER NOT NULL DEFAULT 0,
	polls INTEGER NOT NULL DEFAULT 0,
	tried_at BIGINT,
	done_at BIGINT,
	last_error TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, appointment_id) REFERENCES appointment
		(account_id, id) ON DELETE CASCADE
);
CREATE INDEX pms_writeback_appointment ON pms_writeback
	(account_id, appointment_id, id);
CREATE INDEX pms_writeback_root ON pms_writeback (account_id, root, id);
CREATE INDEX pms_writeback_state ON pms_writeback (account_id, state, id);
-- @tenant pms_writeback

-- @down
-- @drop pms_writeback
-- @drop pms_appointment
-- @drop pms_patient
-- @drop pms_provider
-- @drop pms_link
-- @drop breaker
-- @drop staff_task
