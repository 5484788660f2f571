//! Possible duplicates: the copies to delete, each with the lead that stays.
//!
//! A lead is a copy when another without an open deletion has the same E.164 number or the same folded e-mail, ranks
//! above it (latest activity, none last; then lowest id) and is not itself beaten in any such pair. That one is its
//! kept lead.

/// `copy (lead, kept)`, to begin a statement with.
///
/// It asks each shared number or address for its best lead instead of comparing all its leads with each other: ten
/// thousand leads with one switchboard's number would be fifty million pairs. That says the same, because whoever beats
/// a lead by a shared key, the best of that key beats it too.
pub const WITH_COPY: &str = "\
WITH shared AS MATERIALIZED (
  SELECT k.kind, k.key, k.lead, l.last_activity_at AS active, CASE WHEN o.lead IS NULL THEN 0 ELSE 1 END AS going
  FROM (SELECT kind, key FROM lead_key WHERE kind IN ('e164', 'email') GROUP BY kind, key HAVING COUNT(*) > 1) s
  JOIN lead_key k ON k.kind = s.kind AND k.key = s.key
  JOIN lead l ON l.id = k.lead
  LEFT JOIN open_deletion o ON o.lead = k.lead),
best AS MATERIALIZED (
  SELECT kind, key, lead, active FROM (
    SELECT kind, key, lead, active,
           ROW_NUMBER() OVER (PARTITION BY kind, key ORDER BY active DESC, lead) AS place
    FROM shared WHERE going = 0) ranked
  WHERE place = 1),
pair AS MATERIALIZED (
  SELECT s.lead, b.lead AS kept, b.active
  FROM shared s JOIN best b ON b.kind = s.kind AND b.key = s.key
  WHERE b.active > s.active OR (b.active = s.active AND b.lead < s.lead)),
copy AS MATERIALIZED (
  SELECT lead, kept FROM (
    SELECT lead, kept, ROW_NUMBER() OVER (PARTITION BY lead ORDER BY active DESC, kept) AS place
    FROM pair WHERE kept NOT IN (SELECT lead FROM pair)) ranked
  WHERE place = 1)";

/// Whether the lead `l` is a copy, by its own few keys: who shares one, has no open deletion, ranks above it, and is beaten
/// by nobody in a pair of its own. The same rule as [`WITH_COPY`]'s, for one lead instead of all.
pub const IS_COPY: &str = "\
EXISTS (
  SELECT 1 FROM lead_key mine JOIN lead_key theirs ON theirs.kind = mine.kind AND theirs.key = mine.key
  JOIN lead kept ON kept.id = theirs.lead
  WHERE mine.lead = l.id AND mine.kind IN ('e164', 'email') AND kept.id <> l.id
  AND NOT EXISTS (SELECT 1 FROM open_deletion going WHERE going.lead = kept.id)
  AND (kept.last_activity_at > l.last_activity_at OR (kept.last_activity_at = l.last_activity_at AND kept.id < l.id))
  AND NOT EXISTS (
    SELECT 1 FROM lead_key his JOIN lead_key others ON others.kind = his.kind AND others.key = his.key
    JOIN lead better ON better.id = others.lead
    WHERE his.lead = kept.id AND his.kind IN ('e164', 'email') AND better.id <> kept.id
    AND NOT EXISTS (SELECT 1 FROM open_deletion going WHERE going.lead = better.id)
    AND (better.last_activity_at > kept.last_activity_at
      OR (better.last_activity_at = kept.last_activity_at AND better.id < kept.id))))";

/// The copy of this row (`d`, `o`: what has a `kept_lead`) has lost its kept lead: it is gone, is going itself, or shares no
/// number and no address with the copy any more, so that deleting the copy would leave nobody. One rule for the dialog, the
/// confirmation, the batch and what is put back.
macro_rules! kept_lead_lost {
    ($row:literal) => {
        concat!(
            "(", $row, ".kept_lead IS NOT NULL AND (\
               EXISTS (SELECT 1 FROM open_deletion ko WHERE ko.lead = ", $row, ".kept_lead) \
               OR NOT EXISTS (SELECT 1 FROM lead_key kc JOIN lead_key kk ON kk.kind = kc.kind AND kk.key = kc.key \
                 WHERE kc.lead = ", $row, ".lead AND kc.kind IN ('e164', 'email') AND kk.lead = ", $row, ".kept_lead)))"
        )
    };
}
pub(crate) use kept_lead_lost;
