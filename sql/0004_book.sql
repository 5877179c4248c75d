-- The built-in appointment book.
-- @up
CREATE TABLE resource (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('practitioner', 'room', 'rep')),
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id)
);
-- @tenant resource

-- What can be booked. resource_ids: who does it, an empty list: all of them.
CREATE TABLE service (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	name TEXT NOT NULL,
	minutes INTEGER NOT NULL CHECK (minutes BETWEEN 5 AND 1440),
	step_minutes INTEGER CHECK (step_minutes BETWEEN 5 AND 1440),
	before_minutes INTEGER NOT NULL DEFAULT 0
		CHECK (before_minutes BETWEEN 0 AND 480),
	after_minutes INTEGER NOT NULL DEFAULT 0
		CHECK (after_minutes BETWEEN 0 AND 480),
	notice_minutes INTEGER NOT NULL DEFAULT 0
		CHECK (notice_minutes BETWEEN 0 AND 525600),
	horizon_days INTEGER NOT NULL DEFAULT 740
		CHECK (horizon_days BETWEEN 0 AND 740),
	per_day INTEGER CHECK (per_day BETWEEN 1 AND 1000),
	resource_ids TEXT NOT NULL DEFAULT '[]'
		CHECK (app_json(resource_ids)),
	active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	UNIQUE (account_id, name)
);
-- @tenant service

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

-- Dates (YYYY-MM-DD, to_date is the last) that differ from the week: closed,
-- or open at extra hours. Without resource_id: the whole business. Without
-- minutes: all day. What wins over what: fcgi/book/slot.h.
CREATE TABLE availability_exception (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	resource_id TEXT,
	kind TEXT NOT NULL CHECK (kind IN ('closed', 'open')),
	from_date TEXT NOT NULL,
	to_date TEXT NOT NULL,
	from_min INTEGER CHECK (from_min BETWEEN 0 AND 1439),
	to_min INTEGER CHECK (to_min <= 2880),
	note TEXT,
	source TEXT NOT NULL DEFAULT 'staff',
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, id),
	FOREIGN KEY (account_id, resource_id) REFERENCES resource
		(account_id, id) ON DELETE CASCADE,
	CHECK (to_date >= from_date),
	CHECK (CASE WHEN from_min IS NULL THEN to_min IS NULL
		AND kind = 'closed' ELSE to_min > from_min END)
);
CREATE INDEX availability_exception_date ON availability_exception
	(account_id, to_date, id);
CREATE INDEX availability_exception_resource ON availability_exception
	(account_id, resource_id);
CREATE INDEX availability_exception_source ON availability_exception
	(account_id, source);
-- @tenant availability_exception

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

-- blocked_from and blocked_to are the start and the end with the buffers. One
-- that is moved stays as 'rescheduled', and the new one names it.
CREATE TABLE appointment (
	id TEXT NOT NULL,
	account_id TEXT NOT NULL REFERENCES account (account_id)
		ON DELETE CASCADE,
	resource_id TEXT NOT NULL,
	service_id TEXT,
	moved_from TEXT,
	contact_id TEXT,
	call_id TEXT,
	kind TEXT NOT NULL DEFAULT 'visit',
	name TEXT NOT NULL,
	phone TEXT,
	reason TEXT,
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	blocked_from BIGINT NOT NULL,
	blocked_to BIGINT NOT NULL,
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
	FOREIGN KEY (account_id, service_id) REFERENCES service
		(account_id, id),
	CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000),
	CHECK (blocked_from <= starts_at AND blocked_to >= ends_at
		AND blocked_to - blocked_from <= 172800000)
);
-- Alone enough to tell what is taken.
CREATE INDEX appointment_busy ON appointment
	(account_id, resource_id, blocked_from, blocked_to, status)
	WHERE status NOT IN ('cancelled', 'rescheduled');
CREATE INDEX appointment_time ON appointment (account_id, starts_at, id);
CREATE INDEX appointment_contact ON appointment
	(account_id, contact_id, starts_at);
CREATE INDEX appointment_service ON appointment
	(account_id, service_id, starts_at) WHERE service_id IS NOT NULL;
CREATE INDEX appointment_moved ON appointment (account_id, moved_from)
	WHERE moved_from IS NOT NULL;
-- @tenant appointment

-- Nothing overlaps among live rows of a resource, buffers included. No row
-- blocks more than two days, so only rows that begin within two days before
-- can reach in. Whose rows come first: the books of others answer nothing.
-- @engine sqlite
CREATE TRIGGER guard_appointment_add BEFORE INSERT ON appointment
WHEN NEW.account_id IS app_account()
AND NEW.status NOT IN ('cancelled', 'rescheduled') AND EXISTS (
	SELECT 1 FROM appointment a WHERE a.account_id = NEW.account_id
	AND a.resource_id = NEW.resource_id
	AND a.status NOT IN ('cancelled', 'rescheduled')
	AND a.blocked_from > NEW.blocked_from - 172800000
	AND a.blocked_from < NEW.blocked_to
	AND a.blocked_to > NEW.blocked_from)
BEGIN
	SELECT RAISE(ABORT, 'conflict: that time is already taken');
END;
CREATE TRIGGER guard_appointment_shift BEFORE UPDATE ON appointment
WHEN OLD.account_id IS app_account()
AND NEW.status NOT IN ('cancelled', 'rescheduled') AND EXISTS (
	SELECT 1 FROM appointment a WHERE a.account_id = NEW.account_id
	AND a.resource_id = NEW.resource_id AND a.id <> NEW.id
	AND a.status NOT IN ('cancelled', 'rescheduled')
	AND a.blocked_from > NEW.blocked_from - 172800000
	AND a.blocked_from < NEW.blocked_to
	AND a.blocked_to > NEW.blocked_from)
BEGIN
	SELECT RAISE(ABORT, 'conflict: that time is already taken');
END;
-- @engine postgres
-- Whose book it is stands as one key, so that the planner, while it knows
-- little of the table, does not take this index for one to look up rows in.
ALTER TABLE appointment ADD CONSTRAINT "conflict: that time is already taken"
	EXCLUDE USING gist ((account_id || ' ' || resource_id) WITH =,
		int8range(blocked_from, blocked_to) WITH &&)
	WHERE (status NOT IN ('cancelled', 'rescheduled'));
-- @engine all

-- @down
-- @drop appointment
-- @drop contact
-- @drop availability_exception
-- @drop availability_rule
-- @drop service
-- @drop resource
