-- Who acted, alone and with what they did: the queue and the command line are no members.
DROP INDEX audit_entry_actor;
CREATE INDEX audit_entry_actor ON audit_entry (actor_kind, actor_member, sequence);
CREATE INDEX audit_entry_kind_actor ON audit_entry (kind, actor_kind, actor_member, sequence);
-- When: instants and sequences run together but for a clock that was put back.
CREATE INDEX audit_entry_at ON audit_entry (at, sequence);

-- What entries are about, to find them by: `reason CODE` and `lead NUMBER`. Written with the entry, no part of the chain.
CREATE TABLE audit_about (
    subject WORDS NOT NULL,
    sequence NUMBER NOT NULL,
    PRIMARY KEY (subject, sequence)
) CLUSTERED;
INSERT INTO audit_about (subject, sequence)
SELECT 'reason ' || f.reason, f.sequence FROM (
    SELECT r.reason, e.sequence FROM deletion d JOIN deletion_order r ON r.id = d.deletion_order
    JOIN audit_entry e ON e.act = d.act
    UNION SELECT r.reason, e.sequence FROM deletion_order r JOIN audit_entry e ON e.act = r.act) f;

-- Leads erased on a day (of the company's zone, in days since 1970) for a reason, of a person's orders. Bare numbers and a
-- code: what was counted stays counted.
CREATE TABLE deletion_day (
    day NUMBER NOT NULL,
    reason WORDS NOT NULL,
    member NUMBER NOT NULL,
    erased NUMBER NOT NULL,
    PRIMARY KEY (day, reason, member)
) CLUSTERED;
-- What was erased before is counted by days of UTC.
INSERT INTO deletion_day (day, reason, member, erased)
SELECT d.at / 86400000, r.reason, r.member, COUNT(*) FROM deletion d JOIN deletion_order r ON r.id = d.deletion_order
WHERE d.state = 'erased' GROUP BY d.at / 86400000, r.reason, r.member;
