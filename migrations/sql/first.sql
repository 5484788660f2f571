-- The schema of the whole product. IDENTITY, NUMBER, BYTES, WORDS, TABLE and CLUSTERED are explained in dialect.rs.
-- Instants are milliseconds since the epoch. Every column that points at another table has an index that begins with
-- it: without, deleting was 84 times slower.

-- Settings ------------------------------------------------------------------------------------------------------------

-- One row a setting: business_hours (JSON), undo_minutes, region, queue_paused (JSON: member and instant).
CREATE TABLE setting (
    name WORDS NOT NULL PRIMARY KEY,
    value WORDS NOT NULL
) CLUSTERED;

-- People --------------------------------------------------------------------------------------------------------------

CREATE TABLE role (
    id IDENTITY,
    name WORDS NOT NULL UNIQUE,
    position NUMBER NOT NULL
) TABLE;

CREATE TABLE role_permission (
    role NUMBER NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    permission WORDS NOT NULL,
    PRIMARY KEY (role, permission)
) CLUSTERED;

CREATE TABLE member (
    id IDENTITY,
    email WORDS NOT NULL UNIQUE,
    name WORDS NOT NULL,
    role NUMBER NOT NULL REFERENCES role (id),
    -- An argon2 string; NULL can sign in under --demo alone.
    password_hash WORDS,
    active NUMBER NOT NULL DEFAULT 1,
    demo NUMBER NOT NULL DEFAULT 0,
    created_at NUMBER NOT NULL
) TABLE;
CREATE INDEX member_role ON member (role);

-- The id is the SHA-256 of what the cookie holds: who reads the database can't sign in with it.
CREATE TABLE session (
    id BYTES NOT NULL PRIMARY KEY,
    member NUMBER REFERENCES member (id) ON DELETE CASCADE,
    data WORDS NOT NULL,
    expires_at NUMBER NOT NULL
) CLUSTERED;
CREATE INDEX session_member ON session (member);
CREATE INDEX session_expires ON session (expires_at);

-- Sign-ins and refused calls, outside the chain. A repeat within a second raises `times`.
CREATE TABLE security_event (
    id IDENTITY,
    at NUMBER NOT NULL,
    member NUMBER REFERENCES member (id) ON DELETE SET NULL,
    endpoint WORDS NOT NULL,
    code WORDS NOT NULL,
    times NUMBER NOT NULL DEFAULT 1
) TABLE;
CREATE INDEX security_event_member ON security_event (member, endpoint, code, at);
CREATE INDEX security_event_at ON security_event (at);

-- Leads ---------------------------------------------------------------------------------------------------------------

CREATE TABLE lead (
    id IDENTITY,
    -- UUIDv7: for what leaves the database. Grows with time, so its index is not a random one.
    uid BYTES NOT NULL UNIQUE,
    name WORDS NOT NULL,
    -- The name case-folded, for sorting.
    name_folded WORDS NOT NULL,
    source WORDS NOT NULL DEFAULT '',
    -- The place in domain's LeadStatus::ALL.
    status NUMBER NOT NULL DEFAULT 0,
    owner WORDS NOT NULL DEFAULT '',
    country WORDS NOT NULL DEFAULT '',
    added_at NUMBER NOT NULL,
    -- 0 is never.
    last_activity_at NUMBER NOT NULL DEFAULT 0,
    contact_count NUMBER NOT NULL DEFAULT 0,
    valid_telephone_count NUMBER NOT NULL DEFAULT 0,
    activity_count NUMBER NOT NULL DEFAULT 0,
    -- Grows with every change of the lead, its contact records or its activities.
    revision NUMBER NOT NULL DEFAULT 1
) TABLE;
-- One index a sort; the number breaks ties.
CREATE INDEX lead_name ON lead (name_folded, id);
CREATE INDEX lead_source ON lead (source, id);
CREATE INDEX lead_status ON lead (status, id);
CREATE INDEX lead_owner ON lead (owner, id);
CREATE INDEX lead_last_activity ON lead (last_activity_at, id);
CREATE INDEX lead_added ON lead (added_at, id);
CREATE INDEX lead_no_contact ON lead (last_activity_at, id) WHERE contact_count = 0;
CREATE INDEX lead_no_valid_telephone ON lead (last_activity_at, id) WHERE valid_telephone_count = 0;

CREATE TABLE contact_record (
    lead NUMBER NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
    n NUMBER NOT NULL,
    -- As it was given.
    telephone WORDS NOT NULL DEFAULT '',
    -- E.164, or empty.
    e164 WORDS NOT NULL DEFAULT '',
    telephone_valid NUMBER NOT NULL DEFAULT 0,
    -- The version of the data by which `telephone_valid` was decided.
    metadata_version WORDS NOT NULL DEFAULT '',
    email WORDS NOT NULL DEFAULT '',
    PRIMARY KEY (lead, n)
) CLUSTERED;

CREATE TABLE activity (
    lead NUMBER NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
    n NUMBER NOT NULL,
    -- note, call
    kind WORDS NOT NULL,
    at NUMBER NOT NULL,
    text WORDS NOT NULL,
    member NUMBER REFERENCES member (id) ON DELETE SET NULL,
    PRIMARY KEY (lead, n)
) CLUSTERED;
CREATE INDEX activity_member ON activity (member) WHERE member IS NOT NULL;

-- Everything a lead is looked up by, case-folded in Rust. Kinds: name (a part of it), email, e164, digits (the last
-- ones of a number, reversed so that an end is a beginning), external (the other system's id), row (a digest of all
-- mapped fields of an imported row).
CREATE TABLE lead_key (
    kind WORDS NOT NULL,
    key WORDS NOT NULL,
    lead NUMBER NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, key, lead)
) CLUSTERED;
CREATE INDEX lead_key_lead ON lead_key (lead);

-- Work stacks ---------------------------------------------------------------------------------------------------------

CREATE TABLE work_stack (
    id IDENTITY,
    name WORDS NOT NULL UNIQUE,
    position NUMBER NOT NULL,
    -- domain's Filter as JSON.
    filter WORDS NOT NULL,
    sort WORDS NOT NULL DEFAULT 'last-activity',
    descending NUMBER NOT NULL DEFAULT 1,
    -- The columns shown, as JSON; NULL is all.
    columns WORDS,
    hides_deletions NUMBER NOT NULL DEFAULT 1,
    -- `All leads`: every database has it, and it can't be deleted.
    is_all NUMBER NOT NULL DEFAULT 0,
    -- How many leads it held when last counted, at which sequence; NULL before the first time.
    counted NUMBER,
    counted_at_sequence NUMBER
) TABLE;

CREATE TABLE work_stack_role (
    work_stack NUMBER NOT NULL REFERENCES work_stack (id) ON DELETE CASCADE,
    role NUMBER NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (work_stack, role)
) CLUSTERED;
CREATE INDEX work_stack_role_role ON work_stack_role (role);

-- Deletions -----------------------------------------------------------------------------------------------------------

CREATE TABLE reason (
    code WORDS NOT NULL PRIMARY KEY,
    position NUMBER NOT NULL,
    label WORDS NOT NULL,
    details_demanded NUMBER NOT NULL DEFAULT 0,
    must_be_carried_out NUMBER NOT NULL DEFAULT 0,
    sentence WORDS,
    offered NUMBER NOT NULL DEFAULT 1
) CLUSTERED;

-- The leads of a dialog, frozen when it opened. Its id is the idempotency key of its confirmation.
CREATE TABLE draft (
    id BYTES NOT NULL PRIMARY KEY,
    member NUMBER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    -- The stack it was made from; whole: all of a view, with or without exceptions.
    work_stack NUMBER REFERENCES work_stack (id) ON DELETE SET NULL,
    whole NUMBER NOT NULL DEFAULT 0,
    leads NUMBER NOT NULL,
    -- What the dialog showed as going: with a reason that may be skipped, and with one that must be carried out.
    shown NUMBER NOT NULL DEFAULT 0,
    shown_if_must NUMBER NOT NULL DEFAULT 0,
    created_at NUMBER NOT NULL,
    expires_at NUMBER NOT NULL,
    -- Once used: the digest of the body and the answer, given again to the same body. Reset with the order's details.
    body_digest BYTES,
    answer WORDS,
    -- Ask first: handed to the Layer Admins, with the asker's words.
    asked_at NUMBER,
    asked_words WORDS,
    dismissed_at NUMBER,
    dismissed_by NUMBER REFERENCES member (id) ON DELETE SET NULL,
    ordered_as BYTES
) CLUSTERED;
CREATE INDEX draft_member ON draft (member, created_at);
CREATE INDEX draft_work_stack ON draft (work_stack) WHERE work_stack IS NOT NULL;
CREATE INDEX draft_dismissed_by ON draft (dismissed_by) WHERE dismissed_by IS NOT NULL;
CREATE INDEX draft_expires ON draft (expires_at);

CREATE TABLE draft_lead (
    draft BYTES NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    lead NUMBER NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
    revision NUMBER NOT NULL,
    -- A copy's kept lead: a number, which may be gone by now.
    kept_lead NUMBER,
    PRIMARY KEY (draft, lead)
) CLUSTERED;
CREATE INDEX draft_lead_lead ON draft_lead (lead);

-- One confirmed draft. waiting + held + failed + erased + skipped + removed = confirmed, always.
CREATE TABLE deletion_order (
    id BYTES NOT NULL PRIMARY KEY,
    -- The act that made it: its id is the act's, but of several orders that one undone removal made, only the first's.
    act BYTES NOT NULL,
    at NUMBER NOT NULL,
    member NUMBER NOT NULL REFERENCES member (id),
    -- Who asked first, where a Layer Admin confirmed it for them.
    asked_by NUMBER REFERENCES member (id),
    reason WORDS NOT NULL REFERENCES reason (code),
    must_be_carried_out NUMBER NOT NULL,
    work_stack NUMBER REFERENCES work_stack (id) ON DELETE SET NULL,
    urgent NUMBER NOT NULL DEFAULT 0,
    -- The order whose removal this one undid.
    puts_back BYTES REFERENCES deletion_order (id),
    -- What confirming left out, by cause, as JSON.
    left_out WORDS NOT NULL DEFAULT '[]',
    -- No deletion of it runs before this instant: order + undo time.
    undo_until NUMBER NOT NULL,
    confirmed NUMBER NOT NULL,
    waiting NUMBER NOT NULL,
    held NUMBER NOT NULL DEFAULT 0,
    failed NUMBER NOT NULL DEFAULT 0,
    erased NUMBER NOT NULL DEFAULT 0,
    skipped NUMBER NOT NULL DEFAULT 0,
    removed NUMBER NOT NULL DEFAULT 0,
    CHECK (waiting + held + failed + erased + skipped + removed = confirmed)
) CLUSTERED;
CREATE INDEX deletion_order_act ON deletion_order (act);
CREATE INDEX deletion_order_member ON deletion_order (member, at);
CREATE INDEX deletion_order_asked_by ON deletion_order (asked_by) WHERE asked_by IS NOT NULL;
CREATE INDEX deletion_order_reason ON deletion_order (reason);
CREATE INDEX deletion_order_work_stack ON deletion_order (work_stack) WHERE work_stack IS NOT NULL;
CREATE INDEX deletion_order_puts_back ON deletion_order (puts_back) WHERE puts_back IS NOT NULL;

-- Open deletions, keyed by the lead: at most one a lead.
CREATE TABLE open_deletion (
    lead NUMBER NOT NULL PRIMARY KEY REFERENCES lead (id),
    deletion_order BYTES NOT NULL REFERENCES deletion_order (id),
    ordered_at NUMBER NOT NULL,
    revision NUMBER NOT NULL,
    kept_lead NUMBER,
    -- waiting, held, failed; and which hold, which failure.
    state WORDS NOT NULL DEFAULT 'waiting',
    cause WORDS NOT NULL DEFAULT '',
    tries NUMBER NOT NULL DEFAULT 0,
    -- A run takes it from this instant on: the end of the undo time, or the next try.
    due_at NUMBER NOT NULL,
    -- A Layer Admin confirmed it though who ordered it lost the right.
    confirmed_by NUMBER REFERENCES member (id)
) CLUSTERED;
CREATE INDEX open_deletion_order ON open_deletion (deletion_order, lead);
CREATE INDEX open_deletion_due ON open_deletion (state, due_at, lead);
CREATE INDEX open_deletion_ordered ON open_deletion (ordered_at, state);
CREATE INDEX open_deletion_kept ON open_deletion (kept_lead) WHERE kept_lead IS NOT NULL;
CREATE INDEX open_deletion_confirmed_by ON open_deletion (confirmed_by) WHERE confirmed_by IS NOT NULL;

-- Closed deletions: never changed again. `lead` is the bare number, which outlives the lead.
CREATE TABLE deletion (
    id IDENTITY,
    lead NUMBER NOT NULL,
    deletion_order BYTES NOT NULL REFERENCES deletion_order (id),
    -- erased, skipped, removed; and why skipped.
    state WORDS NOT NULL,
    cause WORDS NOT NULL DEFAULT '',
    -- The act that closed it, and its instant; who, where it was a person.
    act BYTES NOT NULL,
    at NUMBER NOT NULL,
    member NUMBER REFERENCES member (id),
    -- What went with it.
    contact_records NUMBER NOT NULL DEFAULT 0,
    activities NUMBER NOT NULL DEFAULT 0,
    -- What a removal needs to be undone: the revision and the kept lead of the order's draft.
    revision NUMBER NOT NULL DEFAULT 0,
    kept_lead NUMBER
) TABLE;
CREATE INDEX deletion_lead ON deletion (lead);
CREATE INDEX deletion_of_order ON deletion (deletion_order, id);
CREATE INDEX deletion_act ON deletion (act, id);
CREATE INDEX deletion_member ON deletion (member) WHERE member IS NOT NULL;
CREATE INDEX deletion_state ON deletion (state, id);

-- The numbers of Lead stats, kept by deltas in the same transaction: leads, without_contact_records,
-- without_valid_telephone, waiting, held, failed, erased.
CREATE TABLE lead_stat (
    name WORDS NOT NULL PRIMARY KEY,
    value NUMBER NOT NULL
) CLUSTERED;

-- On PostgreSQL deltas are inserted here, so that no row is fought for; one node folds them into lead_stat.
CREATE TABLE lead_stat_delta (
    id IDENTITY,
    name WORDS NOT NULL,
    delta NUMBER NOT NULL
) TABLE;

-- A run of the queue: begun, not ended, with what it set out to do. One row, or none.
CREATE TABLE queue_run (
    id NUMBER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- worker, run-now
    cause WORDS NOT NULL,
    started_at NUMBER NOT NULL,
    also_younger NUMBER NOT NULL DEFAULT 0,
    total NUMBER NOT NULL,
    done NUMBER NOT NULL DEFAULT 0
) CLUSTERED;

-- The audit log: append-only. domain/src/audit.rs has the format.
CREATE TABLE audit_entry (
    sequence NUMBER NOT NULL PRIMARY KEY,
    at NUMBER NOT NULL,
    act BYTES NOT NULL UNIQUE,
    actor_kind NUMBER NOT NULL,
    actor_member NUMBER NOT NULL DEFAULT 0,
    kind WORDS NOT NULL,
    facts BYTES NOT NULL,
    hash BYTES NOT NULL
) TABLE;
CREATE INDEX audit_entry_kind ON audit_entry (kind, sequence);
CREATE INDEX audit_entry_actor ON audit_entry (actor_member, sequence);

-- Free text beside the chain: an order's extra details, a removal's note. Blacked out by setting text to NULL.
CREATE TABLE audit_text (
    act BYTES NOT NULL,
    name WORDS NOT NULL,
    text WORDS CHECK (length(text) <= 2000),
    salt BYTES NOT NULL,
    redacted_by NUMBER REFERENCES member (id),
    redacted_at NUMBER,
    PRIMARY KEY (act, name)
) CLUSTERED;
CREATE INDEX audit_text_redacted_by ON audit_text (redacted_by) WHERE redacted_by IS NOT NULL;

-- The chain's head: the last lock of every transaction that writes an entry.
CREATE TABLE audit_head (
    id NUMBER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence NUMBER NOT NULL,
    hash BYTES NOT NULL
) CLUSTERED;

-- Imports -------------------------------------------------------------------------------------------------------------

CREATE TABLE import (
    id BYTES NOT NULL PRIMARY KEY,
    member NUMBER REFERENCES member (id) ON DELETE SET NULL,
    file WORDS NOT NULL,
    at NUMBER NOT NULL,
    -- preview, running, done, failed
    state WORDS NOT NULL,
    -- domain's Mapping as JSON.
    mapping WORDS NOT NULL,
    total NUMBER NOT NULL DEFAULT 0,
    imported NUMBER NOT NULL DEFAULT 0,
    unchanged NUMBER NOT NULL DEFAULT 0,
    changed NUMBER NOT NULL DEFAULT 0,
    refused NUMBER NOT NULL DEFAULT 0,
    trouble WORDS
) CLUSTERED;
CREATE INDEX import_member ON import (member) WHERE member IS NOT NULL;

-- The uploaded file in pieces of 1 MiB; deleted when the import ends, or after a day.
CREATE TABLE import_file (
    import BYTES NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    n NUMBER NOT NULL,
    bytes BYTES NOT NULL,
    PRIMARY KEY (import, n)
) TABLE;

-- Where and why a row was refused; not what it held.
CREATE TABLE import_refusal (
    import BYTES NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    line NUMBER NOT NULL,
    cause WORDS NOT NULL,
    PRIMARY KEY (import, line)
) CLUSTERED;
