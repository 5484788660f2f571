-- JSON: how many rows can be imported, which can't and why, and what is guessed in the others. Lines, never what a cell holds.
ALTER TABLE import ADD COLUMN findings TEXT;
