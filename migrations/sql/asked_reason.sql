-- The reason that the asker of an asked draft had chosen: a code, for whoever decides. No order has it, so it may be deleted.
ALTER TABLE draft ADD COLUMN asked_reason WORDS;
