-- The deletions of an order by their state, read out of one index and not of the table.
DROP INDEX deletion_of_order;
DROP INDEX deletion_kept;
CREATE INDEX deletion_of_order ON deletion (deletion_order, state, id);
