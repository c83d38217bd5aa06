-- reads_from: 3
-- The relay's age when a capability was granted first, and when its burst will be whole again.
ALTER TABLE capability ADD COLUMN granted_ms INTEGER NOT NULL DEFAULT 0;

ALTER TABLE capability ADD COLUMN rested_ms INTEGER NOT NULL DEFAULT 0;

-- How many rooms a pass may host; what was let in before has what is given by default.
ALTER TABLE pass ADD COLUMN rooms INTEGER NOT NULL DEFAULT 4;
