//! The audit log as CSV: of any length, in pieces, so that memory doesn't grow with it. That it was exported is an act.

use std::sync::Arc;

use domain::Result;
use domain::audit::{Act, ActorRef};
use domain::audit_log::{AuditSearch, AuditWanted};
use domain::permission::{ExportAudit, Granted, Permission};
use futures::Stream;
use futures::stream::try_unfold;

use super::audit_log::{hex, is_known};
use super::audit_search::{Found, Way, bounds, entries};
use super::audit_words::Words;
use super::times::Times;
use super::{Store, number, rights, word};
use crate::database::Priority;
use crate::sheet::{MARK, lines};

/// A piece has so many entries.
const PIECE: usize = 1_000;

/// What is exported, from the first entry to the one before the export's own.
pub struct Export {
    store: Arc<Store>,
    wanted: AuditWanted,
    bounds: Option<(i64, i64)>,
    words: Words,
    times: Times,
    /// The last entry that is out; `None` before the heading.
    out: Option<i64>,
}

impl Store {
    /// Begins to export what is looked for: the act is kept first, so that none is without its entry.
    pub async fn begin_export(
        self: &Arc<Self>,
        by: Granted<ExportAudit>,
        search: &AuditSearch,
    ) -> Result<Export> {
        let times = self.times(self.reader()).await?;
        let wanted = search.check(times.calendar.zone())?;
        is_known(self.reader(), &wanted).await?;
        let writing = self.begin(Priority::Person).await?;
        rights::check(writing.tx(), by.member(), Permission::ExportAudit).await?;
        let own = writing
            .commit(ActorRef::Member(by.member()), Act::Exported, facts(&wanted))
            .await?;
        let bounds = bounds(self.reader(), &wanted)
            .await?
            .map(|(first, last)| (first, last.min(own - 1)));
        Ok(Export {
            store: self.clone(),
            wanted,
            bounds,
            words: Words::read(self.reader()).await?,
            times,
            out: None,
        })
    }
}

/// Which search it was: codes and numbers.
fn facts(wanted: &AuditWanted) -> Vec<(String, domain::audit::Fact)> {
    let mut facts = vec![word("export", "audit-log")];
    facts.extend(wanted.by.map(|by| match by {
        ActorRef::Worker => word("by", domain::audit_log::QUEUE),
        ActorRef::CommandLine => word("by", domain::audit_log::COMMAND_LINE),
        ActorRef::Member(member) => number("member", member.0),
    }));
    facts.extend(wanted.act.map(|act| word("act", act.code())));
    facts.extend(wanted.reason.as_deref().map(|code| word("reason", code)));
    facts.extend(wanted.from.map(|at| number("from", at.0)));
    facts.extend(wanted.until.map(|at| number("until", at.0)));
    facts.extend(wanted.lead.map(|lead| number("lead", lead.0)));
    facts
}

impl Export {
    /// The file's name.
    pub fn file_name(&self) -> String {
        let today = self
            .times
            .calendar
            .zone()
            .to_datetime(self.times.now.timestamp());
        today.strftime("layer-audit-log-%Y-%m-%d.csv").to_string()
    }

    /// The file in pieces, read as they are taken. One that can't be read ends it with an error: a file that is cut short
    /// must not look whole.
    pub fn pieces(self) -> impl Stream<Item = Result<Vec<u8>>> + Send + 'static {
        try_unfold(self, |mut export| async move {
            Ok(export.piece().await?.map(|piece| (piece, export)))
        })
    }

    async fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(out) = self.out else {
            self.out = Some(i64::MIN);
            let mut heading = MARK.as_bytes().to_vec();
            heading.extend(lines([self.heading()])?);
            return Ok(Some(heading));
        };
        let Some(bounds) = self.bounds else {
            return Ok(None);
        };
        let on = self.store.reader();
        let found = entries(on, &self.wanted, bounds, Way::Up(out), PIECE).await?;
        let Some(last) = found.last() else {
            return Ok(None);
        };
        self.out = Some(last.sequence);
        lines(found.iter().map(|entry| self.line(entry))).map(Some)
    }

    fn heading(&self) -> [String; 8] {
        let zone = &self.times.calendar.hours().zone;
        [
            "Entry".into(),
            format!("When ({zone})"),
            "When (UTC)".into(),
            "Who".into(),
            "What".into(),
            "About".into(),
            "Order".into(),
            "Hash".into(),
        ]
    }

    fn line(&self, entry: &Found) -> [String; 8] {
        let at = entry.at.timestamp();
        let here = self.times.calendar.zone().to_datetime(at);
        [
            entry.sequence.to_string(),
            here.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            self.words.actor(entry.actor),
            entry.kind.map_or("Unknown", Act::label).to_owned(),
            self.words.about(entry.kind, &entry.facts),
            entry
                .orders()
                .first()
                .map(|order| order.0.to_string())
                .unwrap_or_default(),
            hex(&entry.hash),
        ]
    }
}
