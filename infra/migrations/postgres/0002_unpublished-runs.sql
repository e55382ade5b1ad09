-- A run that does not begin where the log begins ends without being published: its windows do not hold what came before.
ALTER TABLE runs DROP CONSTRAINT runs_state_check;
ALTER TABLE runs ADD CONSTRAINT runs_state_check CHECK (state IN ('running', 'published', 'unpublished', 'failed'));
