-- The built-in appointment book.
-- @up
CREATE TABLE resource (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('practitioner', 'room', 'rep')),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
-- @tenant resource

-- Weekly opening: minutes after midnight in the account's zone; to_min over
-- 1440 reaches into the next day. weekday 0 is Monday.
CREATE TABLE availability_rule (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	resource_id TEXT NOT NULL,
	weekday INTEGER NOT NULL CHECK (weekday BETWEEN 0 AND 6),
	from_min INTEGER NOT NULL CHECK (from_min BETWEEN 0 AND 1439),
	to_min INTEGER NOT NULL CHECK (to_min <= 2880),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id) ON DELETE CASCADE,
	CHECK (to_min > from_min)
);
CREATE INDEX availability_rule_day ON availability_rule
	(account_id, resource_id, weekday);
-- @tenant availability_rule

CREATE TABLE contact (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	phone TEXT NOT NULL,
	name TEXT,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, phone)
);
-- @tenant contact

CREATE TABLE appointment (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	resource_id TEXT NOT NULL,
	contact_id TEXT,
	call_id TEXT,
	kind TEXT NOT NULL DEFAULT 'visit',
	name TEXT NOT NULL,
	phone TEXT,
	reason TEXT,
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	zone TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'scheduled' CHECK (status IN
		('scheduled', 'completed', 'no_show', 'rescheduled',
		'cancelled')),
	source_channel TEXT NOT NULL DEFAULT 'phone',
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id),
	FOREIGN KEY (account_id, contact_id) REFERENCES contact
		(account_id, id),
	CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000)
);
CREATE INDEX appointment_live ON appointment
	(account_id, resource_id, starts_at)
	WHERE status NOT IN ('cancelled', 'rescheduled');
CREATE INDEX appointment_time ON appointment (account_id, starts_at, id);
CREATE INDEX appointment_contact ON appointment
	(account_id, contact_id, starts_at);
-- @tenant appointment

-- Nothing overlaps among live rows of a resource. No row is longer than a
-- day, so only rows that start within a day before can reach in. Whose rows
-- come first: the books of others answer nothing.
-- @engine sqlite
CREATE TRIGGER guard_appointment_add BEFORE INSERT ON appointment
WHEN NEW.account_id IS app_account()
AND NEW.status NOT IN ('cancelled', 'rescheduled') AND EXISTS (
	SELECT 1 FROM appointment a WHERE a.account_id = NEW.account_id
	AND a.resource_id = NEW.resource_id
	AND a.status NOT IN ('cancelled', 'rescheduled')
	AND a.starts_at > NEW.starts_at - 86400000
	AND a.starts_at < NEW.ends_at AND a.ends_at > NEW.starts_at)
BEGIN
	SELECT RAISE(ABORT, 'conflict: that time is already taken');
END;
CREATE TRIGGER guard_appointment_shift BEFORE UPDATE ON appointment
WHEN OLD.account_id IS app_account()
AND NEW.status NOT IN ('cancelled', 'rescheduled') AND EXISTS (
	SELECT 1 FROM appointment a WHERE a.account_id = NEW.account_id
	AND a.resource_id = NEW.resource_id AND a.id <> NEW.id
	AND a.status NOT IN ('cancelled', 'rescheduled')
	AND a.starts_at > NEW.starts_at - 86400000
	AND a.starts_at < NEW.ends_at AND a.ends_at > NEW.starts_at)
BEGIN
	SELECT RAISE(ABORT, 'conflict: that time is already taken');
END;
-- @engine postgres
ALTER TABLE appointment ADD CONSTRAINT "conflict: that time is already taken"
	EXCLUDE USING gist (account_id WITH =, resource_id WITH =,
		int8range(starts_at, ends_at) WITH &&)
	WHERE (status NOT IN ('cancelled', 'rescheduled'));
-- @engine all

-- @down
-- @drop appointment
-- @drop contact
-- @drop availability_rule
-- @drop resource
