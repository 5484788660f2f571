-- Work stacks as Layer Admins edit them.
-- The act that changed it last: who saves or deletes sends the one they saw, and a whole view that was picked before it is
-- not taken after it.
ALTER TABLE work_stack ADD COLUMN changed_act BYTES;
-- Grows when a count comes out as another: what the live stream watches.
ALTER TABLE work_stack ADD COLUMN recounts NUMBER NOT NULL DEFAULT 0;
-- The names of deleted stacks: what was done with them keeps its words.
CREATE TABLE former_work_stack (
    id NUMBER NOT NULL PRIMARY KEY,
    name WORDS NOT NULL
) CLUSTERED;
ALTER TABLE deletion_order ADD COLUMN former_work_stack NUMBER REFERENCES former_work_stack (id);
CREATE INDEX deletion_order_former_work_stack ON deletion_order (former_work_stack) WHERE former_work_stack IS NOT NULL;
