-- Tasks for the staff.
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

-- @down
-- @drop staff_task
