-- Staff look for appointments by words.
-- @up
-- @search appointment name phone reason

-- @down
-- @unsearch appointment
