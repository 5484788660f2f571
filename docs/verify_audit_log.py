#!/usr/bin/env python3
"""Verifies Layer's audit log in a SQLite file, without any of Layer's code. The format is in audit-log.md.

    verify_audit_log.py layer.db [--checkpoints layer.checkpoints]

Exit code 0: whole; 1: broken, and where; 2: it could not be looked at. It reads one state of the database and changes
nothing. Python 3.8 or newer and nothing else; the checkpoints' Ed25519 signatures are verified where the package
`cryptography` is there, and skipped, which is said, where it isn't.
"""

import argparse
import hashlib
import re
import sqlite3
import struct
import sys
from pathlib import Path

KINDS = set(
    """founded demo-filled order-confirmed batch urgent-deletion undone removed put-back retried held-confirmed
    rights-withdrawn queue-paused queue-resumed run-now imported lead-edited draft-asked draft-dismissed setting-changed
    work-stack-changed reason-changed member-changed role-changed details-redacted exported""".split()
)
WORKER, COMMAND_LINE, MEMBER = 0, 1, 2
ROWS = "rows"
UNREADABLE = "It, or what it tells of, can't be read."


class Broken(Exception):
    def __init__(self, entry, why):
        super().__init__(why)
        self.entry, self.why = entry, why


def text(value):
    """A text of the database, which comes as bytes."""
    return None if value is None else value.decode("utf-8")


# The canonical bytes ----------------------------------------------------------------------------------------------------


def put_text(value):
    return struct.pack(">I", len(value)) + value


def hash_of(previous, sequence, at, act, actor, member, kind, facts):
    entry = b"\x01" + struct.pack(">qq", sequence, at) + act + struct.pack(">Bq", actor, member)
    return hashlib.sha256(previous + entry + put_text(kind) + facts).digest()


def decode_facts(data):
    """Names and values in their order: an int, a str, ("digest", bytes) or ("id", bytes)."""
    place = 0

    def take(count):
        nonlocal place
        if place + count > len(data):
            raise ValueError("too short")
        place += count
        return data[place - count : place]

    def take_text():
        return take(struct.unpack(">I", take(4))[0]).decode("utf-8")

    facts = []
    for _ in range(struct.unpack(">I", take(4))[0]):
        name, tag = take_text(), take(1)[0]
        if tag == 1:
            value = struct.unpack(">q", take(8))[0]
        elif tag == 2:
            value = take_text()
        elif tag == 3:
            value = ("digest", take(32))
        elif tag == 4:
            value = ("id", take(16))
        else:
            raise ValueError("no such fact")
        facts.append((name, value))
    if place != len(data):
        raise ValueError("too long")
    return facts


def by_its_clock(at, facts):
    """An entry that its clock put before the one in front of it has that one's instant, and says what the clock said."""
    return next((value for name, value in facts if name == "clock-adjusted" and isinstance(value, int)), at)


class Entry:
    def __init__(self, sequence, at, act, actor, member, kind, facts):
        self.sequence, self.at, self.act = sequence, at, act
        self.actor, self.member, self.kind, self.facts = actor, member, kind, facts

    def first(self, name, kind):
        for known, value in self.facts:
            if known == name and isinstance(value, kind):
                return value
        return None

    def by_its_clock(self):
        """When by the clock of the act: what the rows carry that it wrote."""
        return by_its_clock(self.at, self.facts)

    def orders(self):
        """The orders that it says it made."""
        named = [v[1] for name, v in self.facts if name == "order" and isinstance(v, tuple) and v[0] == "id"]
        if self.kind == "order-confirmed":
            return [self.act]
        if self.kind == "urgent-deletion":
            return [order for order in named if order == self.act]
        return named if self.kind == "put-back" else []


# The chain --------------------------------------------------------------------------------------------------------------


def verify(db):
    """How many entries there are; raises what is wrong first."""
    previous, last, made = bytes(32), 0, 0
    entries = db.execute(
        "SELECT sequence, at, act, actor_kind, actor_member, kind, facts, hash FROM audit_entry"
        " WHERE sequence > 0 ORDER BY sequence"
    )
    for sequence, at, act, actor, member, kind, facts, kept in entries:
        if sequence != last + 1:
            raise Broken(last + 1, "It is missing.")
        try:
            entry = read(sequence, at, act, actor, member, kind, facts)
            previous = hash_of(previous, sequence, at, act, actor, member, kind, facts)
            if previous != kept:
                raise Broken(sequence, "It was changed, or the one before it: its hash isn't that of its content.")
            closed_rows(db, entry)
            texts(db, entry)
            orders_as_confirmed(db, entry)
        except (ValueError, struct.error):
            raise Broken(sequence, UNREADABLE) from None
        last, made = sequence, made + len(entry.orders())
    try:
        rest(db, last, previous, made)
    except (ValueError, struct.error):
        raise Broken(None, UNREADABLE) from None
    return last


def read(sequence, at, act, actor, member, kind, facts):
    kind = text(kind)
    if len(act) != 16 or kind not in KINDS or not (actor == MEMBER or actor in (WORKER, COMMAND_LINE) and member == 0):
        raise ValueError("no entry")
    return Entry(sequence, at, act, actor, member, kind, decode_facts(facts))


def closed_rows(db, entry):
    """The closed deletions are those that the act hashed, and say its instant and who closed them."""
    digest, count = hashlib.sha256(), 0
    rows = db.execute(
        "SELECT id, lead, deletion_order, state, cause, contact_records, activities, at, COALESCE(member, 0) FROM deletion"
        " WHERE act = ? ORDER BY id",
        [entry.act],
    )
    closer = entry.member if entry.kind in ("undone", "removed", "urgent-deletion") and entry.actor == MEMBER else 0
    others = False
    for number, lead, order, state, cause, contact_records, activities, at, member in rows:
        if len(order) != 16:
            raise ValueError("no order")
        text(state), text(cause)
        digest.update(struct.pack(">qq", number, lead) + order + put_text(state) + put_text(cause))
        digest.update(struct.pack(">qq", contact_records, activities))
        others = others or at != entry.by_its_clock() or member != closer
        count += 1
    said = next((v[1] for name, v in entry.facts if name == ROWS and isinstance(v, tuple) and v[0] == "digest"), None)
    if said != (digest.digest() if count else None):
        raise Broken(entry.sequence, "The deletions that it closed aren't those in the database.")
    if others:
        raise Broken(entry.sequence, "A deletion that it closed says another person or another time.")


def texts(db, entry):
    """Free text that is still there is what was hashed."""
    rows = db.execute("SELECT name, text, salt, redacted_at FROM audit_text WHERE act = ?", [entry.act])
    found = {text(name): (text(kept), salt, redacted) for name, kept, salt, redacted in rows}
    for name, value in entry.facts:
        if name == ROWS or not isinstance(value, tuple) or value[0] != "digest":
            continue
        if name not in found:
            raise Broken(entry.sequence, f"Its text “{name}” is missing.")
        kept, salt, redacted = found.pop(name)
        if kept is None and redacted is None:
            raise Broken(entry.sequence, f"Its text “{name}” was removed without a redaction.")
        if kept is not None and (len(salt) != 16 or hashlib.sha256(salt + kept.encode()).digest() != value[1]):
            raise Broken(entry.sequence, f"Its text “{name}” was changed.")
    for name in found:
        raise Broken(entry.sequence, f"A text “{name}” was added to it.")


def orders_as_confirmed(db, entry):
    """Each order that the entry made says who, when, why and how many as the entry does."""
    made, leads = entry.orders(), 0
    for order in made:
        row = db.execute(
            "SELECT o.act, o.at, o.member, o.confirmed, o.urgent, o.asked_by, o.puts_back,"
            " o.reason, o.work_stack, o.must_be_carried_out, b.reason, b.work_stack, b.must_be_carried_out"
            " FROM deletion_order o LEFT JOIN deletion_order b ON b.id = o.puts_back WHERE o.id = ?",
            [order],
        ).fetchone()
        if row is None:
            raise Broken(entry.sequence, f"The order {order.hex()} that it made is missing.")
        act, at, member, confirmed, urgent, asked_by, puts_back = row[:7]
        reason, stack, must = text(row[7]), row[8], row[9]
        if entry.kind == "put-back":
            said = (text(row[10]), row[11], row[12])
        else:
            said = (entry.first("reason", str), entry.first("work-stack", int), entry.first("must-be-carried-out", int))
        same = (
            act == entry.act
            and at == entry.by_its_clock()
            and (entry.actor, entry.member) == (MEMBER, member)
            and said[0] is not None
            and reason == said[0]
            and (said[2] is None or must == said[2])
            and (urgent == 1) == (entry.kind == "urgent-deletion")
            and asked_by == entry.first("asked-by", int)
            and puts_back_as_said(entry, order, puts_back)
            and (stack is None or stack == said[1])
        )
        if not same:
            raise Broken(entry.sequence, f"The order {order.hex()} isn't as it was confirmed.")
        leads += confirmed
    said = 1 if entry.kind == "urgent-deletion" else entry.first("leads", int)
    if made and said != leads:
        raise Broken(entry.sequence, "The number of leads that it ordered to delete was changed.")


def puts_back_as_said(entry, order, puts_back):
    """The fact after the order's own names the one that it puts back; the first entries didn't say it."""
    if puts_back is None:
        return entry.kind != "put-back"
    values = [value for _, value in entry.facts]
    after = entry.facts[values.index(("id", order)) + 1 :] if ("id", order) in values else []
    if after and after[0][0] == "puts-back" and isinstance(after[0][1], tuple) and after[0][1][0] == "id":
        return after[0][1][1] == puts_back
    return entry.kind == "put-back"


# What is beside it ------------------------------------------------------------------------------------------------------


def rest(db, last, previous, made):
    def value(statement, *values):
        row = db.execute(statement, values).fetchone()
        return None if row is None else row[0]

    head = db.execute("SELECT sequence, hash FROM audit_head WHERE id = 1").fetchone()
    if head is not None and head[0] > last:
        raise Broken(last + 1, f"It is missing, and all after it: the head of the chain says {head[0]}.")
    if head != ((last, previous) if last else None):
        raise Broken(last, "The head of the chain isn't this entry's.")
    before = value("SELECT MIN(sequence) FROM audit_entry WHERE sequence < 1")
    if before is not None:
        raise Broken(before, "It was added: the first entry is 1.")

    redacted = db.execute(
        "SELECT e.sequence, t.act, t.name, t.redacted_by, t.redacted_at FROM audit_entry e"
        " JOIN audit_text t ON t.act = e.act WHERE t.redacted_at IS NOT NULL ORDER BY e.sequence"
    )
    for sequence, act, name, by, at in redacted:
        entries = db.execute(
            "SELECT at, facts FROM audit_entry WHERE kind = 'details-redacted' AND actor_kind = 2 AND actor_member = ?"
            " AND at >= ?",
            [by, at],
        )
        said = ((then, decode_facts(facts)) for then, facts in entries)
        if not any(by_its_clock(then, facts) == at and names(facts, act) for then, facts in said):
            raise Broken(sequence, f"Its text “{text(name)}” was removed without a redaction.")

    row = value("SELECT id FROM deletion d WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = d.act)")
    if row is not None:
        raise Broken(None, f"The closed deletion {row} belongs to no entry.")
    row = value("SELECT name FROM audit_text t WHERE NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.act = t.act)")
    if row is not None:
        raise Broken(None, f"A text “{text(row)}” belongs to no entry.")
    if value("SELECT COUNT(*) FROM deletion_order") != made:
        raise Broken(None, "There are orders that belong to no entry.")
    open_states, closed_states = ("waiting", "held", "failed"), ("erased", "skipped", "removed")
    counted = lambda table, state: (
        f"(SELECT COUNT(*) FROM {table} d WHERE d.deletion_order = o.id AND d.state = '{state}')"
    )
    wrong = [f"o.{state} <> {counted('open_deletion', state)}" for state in open_states]
    wrong += [f"o.{state} <> {counted('deletion', state)}" for state in closed_states]
    wrong.append(" + ".join(f"o.{state}" for state in open_states + closed_states) + " <> o.confirmed")
    row = value(f"SELECT o.id FROM deletion_order o WHERE {' OR '.join(wrong)}")
    if row is not None:
        raise Broken(None, f"The numbers of the order {row.hex()} aren't those of its rows.")


def names(facts, act):
    """Whether a redaction names that act's text; the first ones named none."""
    named = [value for name, value in facts if name == "blacked-out"]
    return not named or ("id", act) in named


# The checkpoints --------------------------------------------------------------------------------------------------------

KEY = re.compile(rb"layer-key-1 ([0-9a-f]{16}) ([0-9a-f]{64})")
CHECKPOINT = re.compile(
    rb"(layer-checkpoint-1 (0|[1-9][0-9]*) ([0-9a-f]{64}) (?:0|-?[1-9][0-9]*) ([0-9a-f]{16})) ([0-9a-f]{128})"
)


def compare(db, entries, lines):
    """How many checkpoints agree; raises the first contradiction."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        Ed25519PublicKey = None
        print("The package `cryptography` isn't there: the checkpoints' signatures were not verified.")
    keys, proven, count = {}, 0, 0
    for number, line in enumerate(lines, 1):
        key, checkpoint = KEY.fullmatch(line), CHECKPOINT.fullmatch(line)
        if key and hashlib.sha256(bytes.fromhex(key[2].decode())).hexdigest()[:16] == key[1].decode():
            keys[key[1]] = bytes.fromhex(key[2].decode())
            continue
        if not checkpoint:
            raise Broken(None, f"Line {number} of the checkpoints can't be read.")
        signed, sequence, hashed, by, signature = checkpoint.groups()
        sequence = int(sequence)
        unsigned = Broken(None, f"The checkpoint in line {number} isn't signed by its key: the checkpoints were changed.")
        if by not in keys:
            raise unsigned
        if Ed25519PublicKey:
            try:
                Ed25519PublicKey.from_public_bytes(keys[by]).verify(bytes.fromhex(signature.decode()), signed)
            except InvalidSignature:
                raise unsigned from None
        row = db.execute("SELECT hash FROM audit_entry WHERE sequence = ?", [sequence]).fetchone()
        kept = bytes(32) if sequence == 0 else row and row[0]
        if kept is None and sequence > entries:
            raise Broken(
                entries + 1,
                f"The log's end was cut off: the checkpoint in line {number} says entry {sequence}, the last is {entries}.",
            )
        if kept != bytes.fromhex(hashed.decode()):
            raise Broken(
                proven + 1,
                f"The log was written anew: the checkpoint in line {number} has another hash of entry {sequence}.",
            )
        proven, count = max(proven, sequence), count + 1
    return count


def main():
    parser = argparse.ArgumentParser(description="Verifies Layer's audit log in a SQLite file.")
    parser.add_argument("database", type=Path)
    parser.add_argument("--checkpoints", type=Path, help="layer.checkpoints for layer.db where nothing is said")
    arguments = parser.parse_args()
    named = arguments.checkpoints or arguments.database.with_suffix(".checkpoints")
    try:
        # Before the database: it may grow meanwhile.
        # The last piece is empty, or was torn by a crash.
        lines = named.read_bytes().split(b"\n")[:-1] if arguments.checkpoints or named.exists() else None
        db = sqlite3.connect(f"{arguments.database.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.text_factory = bytes
        db.execute("BEGIN")
        entries = verify(db)
        print(f"The audit log is whole: {entries} entries.")
        if lines is None:
            print("No checkpoint says how long it was: an end that was cut off wouldn't show.")
        else:
            print(f"{compare(db, entries, lines)} checkpoints agree.")
    except Broken as broken:
        at = "" if broken.entry is None else f" at entry {broken.entry}"
        print(f"The audit log is broken{at}. {broken.why}")
        return 1
    except (OSError, sqlite3.Error) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
