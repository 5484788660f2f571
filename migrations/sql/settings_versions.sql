-- What a form of Settings was opened on: the act that changed it last, as work stacks have it already. Who saves sends the
-- one they saw. Of the settings only business hours have one: they stand for the whole form of that page.
ALTER TABLE reason ADD COLUMN changed_act BYTES;
ALTER TABLE role ADD COLUMN changed_act BYTES;
ALTER TABLE member ADD COLUMN changed_act BYTES;
ALTER TABLE setting ADD COLUMN changed_act BYTES;
