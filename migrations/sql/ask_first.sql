-- Asked drafts: their words lie beside the chain with all free text (the asking has the draft's id as its act), so the
-- column for them is not needed; the answer's lie under the act that dismissed it.
ALTER TABLE draft DROP COLUMN asked_words;
ALTER TABLE draft ADD COLUMN dismissed_act BYTES;
-- The asker has looked at the answer: it is counted in the menu's badge no more.
ALTER TABLE draft ADD COLUMN answer_seen_at NUMBER;
CREATE INDEX draft_asked ON draft (asked_at) WHERE asked_at IS NOT NULL;
-- A person's orders that need them, and what of an order isn't on its way: few rows each, however large the order.
CREATE INDEX deletion_order_needs ON deletion_order (member) WHERE held + failed > 0;
CREATE INDEX open_deletion_stuck ON open_deletion (deletion_order, state, lead) WHERE state <> 'waiting';
CREATE INDEX deletion_kept ON deletion (deletion_order, state, id) WHERE state <> 'erased';
