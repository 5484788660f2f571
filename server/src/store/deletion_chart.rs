//! The picture on Lead Management: leads erased by day and reason, counted in the transaction that erases them, so that
//! reading twelve weeks costs the same however much was deleted.

use async_trait::async_trait;
use domain::Result;
use domain::deletion_chart::DeletionChart;
use domain::permission::{Granted, QueueScope, SeeQueue};
use domain::ports::DeletionCharts;
use jiff::civil::{Date, date};
use jiff::{SpanRound, ToSpan, Unit};

use super::query::Query;
use super::sql::{self, values};
use super::{Store, Writing};

/// Days are counted from here.
const FIRST: Date = date(1970, 1, 1);

/// Counts the claimed deletions that are erased, on today's day of the company's zone. Rows are taken in their key's order:
/// another node may count the same ones.
pub async fn count(writing: &Writing<'_>) -> Result<()> {
    let times = writing.store.times(writing.tx()).await?;
    let today = times
        .calendar
        .zone()
        .to_datetime(writing.now.timestamp())
        .date();
    sql::execute(
        writing.tx(),
        "INSERT INTO deletion_day (day, reason, member, erased) \
         SELECT $1, r.reason, r.member, CAST(SUM(c.n) AS BIGINT) FROM \
           (SELECT deletion_order, COUNT(*) AS n FROM claimed WHERE becomes = 'erased' GROUP BY deletion_order) c \
           JOIN deletion_order r ON r.id = c.deletion_order WHERE 1 = 1 GROUP BY r.reason, r.member ORDER BY r.reason, r.member \
         ON CONFLICT (day, reason, member) DO UPDATE SET erased = deletion_day.erased + excluded.erased",
        values![number_of(today)],
    )
    .await?;
    Ok(())
}

#[async_trait]
impl DeletionCharts for Store {
    async fn deletion_chart(&self, by: Granted<SeeQueue>) -> Result<DeletionChart> {
        let on = self.reader();
        let times = self.times(on).await?;
        let today = times
            .calendar
            .zone()
            .to_datetime(times.now.timestamp())
            .date();
        let mut query = Query::new(
            "SELECT c.day, s.label, CAST(SUM(c.erased) AS BIGINT) AS erased FROM deletion_day c \
             JOIN reason s ON s.code = c.reason WHERE c.day >= ",
        );
        query.bind(number_of(DeletionChart::first_day(today)));
        match by.actor().queue_scope() {
            Some(QueueScope::Everything | QueueScope::References) => {}
            Some(QueueScope::OwnOrders) => {
                query.add(" AND c.member = ").bind(by.member().0);
            }
            None => {
                query.add(" AND 1 = 0");
            }
        }
        query.add(" GROUP BY c.day, s.label");
        let mut erased = Vec::new();
        for row in query.rows(on).await? {
            let n: i64 = sql::get(&row, "erased")?;
            erased.push((
                day_of(sql::get(&row, "day")?),
                sql::get(&row, "label")?,
                u64::try_from(n).unwrap_or(0),
            ));
        }
        let own = by.actor().queue_scope() == Some(QueueScope::OwnOrders);
        Ok(DeletionChart::new(erased, today, own))
    }
}

fn number_of(day: Date) -> i64 {
    let days = day
        .since(FIRST)
        .and_then(|span| span.round(SpanRound::new().largest(Unit::Day).days_are_24_hours()));
    days.map_or(0, |span| i64::from(span.get_days()))
}

fn day_of(number: i64) -> Date {
    let number = number.clamp(-4_000_000, 2_900_000);
    FIRST.saturating_add(number.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbers_and_come_back() {
        for day in [FIRST, date(2026, 11, 24), date(2024, 2, 29)] {
            assert_eq!(day_of(number_of(day)), day);
        }
        assert_eq!(number_of(date(2026, 11, 24)), 20_781);
    }
}
