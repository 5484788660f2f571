//! A row's cells as what they say of a lead.

use domain::import::{Field, Guess, Mapping};
use domain::lead::LeadStatus;
use domain::text;
use domain::time::Millis;
use email_address::EmailAddress;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::telephone;

use crate::store::lead_write::{NewContact, NewLead};

/// What every row of a file is read with.
#[derive(Debug)]
pub struct Reading {
    /// What each column is.
    pub mapping: Mapping,
    /// The zone of instants without one.
    pub zone: TimeZone,
    /// The region of numbers without `+` and without a country.
    pub region: String,
    /// When what has no instant came in.
    pub now: Millis,
}

/// What a row says of a lead; `None` is nothing.
#[derive(Debug, Clone)]
pub struct LeadOfRow {
    /// The other system's id.
    pub external: Option<String>,
    /// The digest of all mapped fields.
    pub digest: String,
    /// The name, of a name or a company.
    pub name: Option<String>,
    /// What a lead without one is called: its e-mail, its number.
    otherwise: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// How far it has come.
    pub status: Option<LeadStatus>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// The country.
    pub country: Option<String>,
    /// When it was added.
    pub added_at: Option<Millis>,
    /// Its last activity.
    pub last_activity_at: Option<Millis>,
    /// Its telephone number with its e-mail, or one of them; and its mobile number, where that is another.
    pub contacts: Vec<NewContact>,
    /// A note, and when it was written as far as one can tell.
    pub note: Option<(String, Millis)>,
    /// What isn't certain in it.
    pub guesses: Vec<Guess>,
    now: Millis,
}

/// How long a field may be, in characters.
fn most_characters(field: Field) -> usize {
    match field {
        Field::Note => 10_000,
        Field::Email => 254,
        _ => 200,
    }
}

impl Reading {
    /// Reads a row, or says why it can't be read: never what it holds.
    pub fn row(&self, cells: &[String]) -> Result<LeadOfRow, String> {
        let mut fields: Vec<(Field, String)> = Vec::new();
        let mut hidden = false;
        for (field, cell) in self.mapping.0.iter().zip(cells) {
            let Some(field) = *field else { continue };
            let value = text::plain(cell);
            hidden = hidden || text::has_hidden(cell);
            if value.chars().count() > most_characters(field) {
                return Err(format!(
                    "The cell {} is longer than {} characters. Shorten it.",
                    field.label(),
                    text::number(most_characters(field) as u64)
                ));
            }
            if !value.is_empty() {
                fields.push((field, value));
            }
        }
        fields.sort();
        let get = |field: Field| {
            let found = fields.iter().find(|(f, _)| *f == field);
            found.map(|(_, value)| value.clone())
        };
        let instant = |field: Field| {
            get(field)
                .map(|words| {
                    self.instant(&words).ok_or_else(|| {
                        format!(
                            "The date in {} can't be read. Write it as 2026-08-18.",
                            field.label()
                        )
                    })
                })
                .transpose()
        };
        let first_last: Vec<String> = [get(Field::FirstName), get(Field::LastName)]
            .into_iter()
            .flatten()
            .collect();
        let name = get(Field::Name)
            .or((!first_last.is_empty()).then(|| first_last.join(" ")))
            .or(get(Field::Company))
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|name| text::is_visible(name));
        let country = get(Field::Country);
        let mut telephones = [get(Field::Telephone), get(Field::Mobile)]
            .into_iter()
            .flatten();
        let (telephone, second) = (telephones.next(), telephones.next());
        let email = get(Field::Email);
        let otherwise = email.clone().or(telephone.clone());
        if name.is_none() && otherwise.is_none() {
            return Err("This row has no name, company, telephone number or e-mail.".into());
        }
        let contact = |telephone: &str, email: &str| {
            let country = country.as_deref().unwrap_or("");
            NewContact::new(telephone, email, country, &self.region)
        };
        let mut contacts = Vec::new();
        if otherwise.is_some() {
            let telephone = telephone.as_deref().unwrap_or("");
            contacts.push(contact(telephone, email.as_deref().unwrap_or("")));
        }
        if let Some(second) = second.map(|second| contact(&second, ""))
            && !contacts.iter().any(|first| first.has_number_of(&second))
        {
            contacts.push(second);
        }
        let (added_at, last_activity_at) = (instant(Field::Added)?, instant(Field::LastActivity)?);
        let written = last_activity_at.or(added_at).unwrap_or(self.now);
        let telephones = || {
            [get(Field::Telephone), get(Field::Mobile)]
                .into_iter()
                .flatten()
        };
        let dates = || {
            [get(Field::Added), get(Field::LastActivity)]
                .into_iter()
                .flatten()
        };
        let unknown = |status: String| LeadStatus::of_words(&status).is_none();
        let guesses = [
            (Guess::Status, get(Field::Status).is_some_and(unknown)),
            (
                Guess::DayAndMonth,
                dates().any(|words| self.is_either(&words)),
            ),
            (
                Guess::Century,
                dates().any(|words| self.has_short_year(&words)),
            ),
            (
                Guess::Telephone,
                contacts
                    .iter()
                    .any(|c| !c.telephone.is_empty() && !c.is_valid()),
            ),
            (
                Guess::TelephoneCut,
                telephones().any(|words| words.chars().count() > telephone::MOST_CHARACTERS),
            ),
            (
                Guess::Email,
                email.is_some_and(|email| !EmailAddress::is_valid(&text::address(&email))),
            ),
            (
                Guess::Country,
                country
                    .as_deref()
                    .is_some_and(|said| telephone::region_of(said).is_none()),
            ),
            (Guess::Name, name.is_none()),
            (Guess::Hidden, hidden),
        ];
        Ok(LeadOfRow {
            guesses: guesses
                .into_iter()
                .filter_map(|(guess, is)| is.then_some(guess))
                .collect(),
            external: get(Field::ExternalId),
            digest: digest(&fields),
            name,
            otherwise,
            source: get(Field::Source),
            // Words that aren't known say nothing of a lead that is known.
            status: get(Field::Status).and_then(|words| LeadStatus::of_words(&words)),
            owner: get(Field::Owner),
            country,
            added_at,
            last_activity_at,
            contacts,
            note: get(Field::Note).map(|note| (note, written)),
            now: self.now,
        })
    }

    /// An instant as exports write it: ISO 8601 with or without an offset, 18/08/2026 (08/18/2026 where the region is
    /// the United States), 18 Aug 2026; with or without a time of day.
    fn instant(&self, words: &str) -> Option<Millis> {
        if let Ok(at) = words.parse::<jiff::Timestamp>() {
            return sensible(at.as_millisecond());
        }
        let local = words
            .parse::<DateTime>()
            .ok()
            .or_else(|| self.parted(words))
            .or_else(|| {
                ["%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%b %d, %Y %H:%M"]
                    .iter()
                    .find_map(|form| DateTime::strptime(form, words).ok())
            })
            .or_else(|| {
                ["%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"]
                    .iter()
                    .find_map(|form| jiff::civil::Date::strptime(form, words).ok())
                    .map(|day| day.at(0, 0, 0, 0))
            })?;
        let at = self.zone.to_timestamp(local).ok()?;
        sensible(at.as_millisecond())
    }

    /// Whether the day of a date could be its month: then the region says which is which.
    fn is_either(&self, words: &str) -> bool {
        let Some(([a, b, _], _)) = parts(words) else {
            return false;
        };
        a <= 12 && b <= 12 && a != b && self.parted(words).is_some()
    }

    /// Whether the year of such a date has two digits.
    fn has_short_year(&self, words: &str) -> bool {
        let short = |([_, _, year], _): ([i16; 3], &str)| (0..100).contains(&year);
        parts(words).is_some_and(short) && self.parted(words).is_some()
    }

    /// 18/08/2026, 18.8.2026 13:42, 8/18/2026 1:42 PM.
    fn parted(&self, words: &str) -> Option<DateTime> {
        let ([a, b, year], time) = parts(words)?;
        let year = if (0..100).contains(&year) {
            year + 2000
        } else {
            year
        };
        let month_first = if a > 12 {
            false
        } else if b > 12 {
            true
        } else {
            self.region == "US"
        };
        let (day, month) = if month_first { (b, a) } else { (a, b) };
        let day =
            jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        let time = time.trim();
        if time.is_empty() {
            return Some(day.at(0, 0, 0, 0));
        }
        let forms = ["%I:%M %p", "%I:%M:%S %p", "%H:%M", "%H:%M:%S"];
        let time = forms
            .iter()
            .find_map(|form| jiff::civil::Time::strptime(form, time).ok())?;
        Some(day.to_datetime(time))
    }
}

/// Three numbers of a date, and the time of day behind them.
fn parts(words: &str) -> Option<([i16; 3], &str)> {
    let (day, time) = words.split_once([' ', ',']).unwrap_or((words, ""));
    let numbers = day.split(['/', '.', '-']).map(|part| part.parse().ok());
    let numbers: Vec<i16> = numbers.collect::<Option<_>>()?;
    Some((numbers.try_into().ok()?, time))
}

/// Between 1900 and 2200: what lies outside is a slip.
fn sensible(at: i64) -> Option<Millis> {
    let year = |year| TimeZone::UTC.to_timestamp(date(year, 1, 1).at(0, 0, 0, 0));
    let (from, to) = (year(1900).ok()?, year(2200).ok()?);
    (from.as_millisecond()..to.as_millisecond())
        .contains(&at)
        .then_some(Millis(at))
}

fn digest(fields: &[(Field, String)]) -> String {
    let mut hasher = Sha256::new();
    for (field, value) in fields {
        hasher.update([*field as u8]);
        hasher.update((value.len() as u64).to_be_bytes());
        hasher.update(value.as_bytes());
    }
    let bytes: [u8; 32] = hasher.finalize().into();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl LeadOfRow {
    /// As a lead that wasn't there.
    pub fn into_new(self) -> NewLead {
        use crate::store::lead_write::{NewActivity, kind};
        let key = match self.external {
            Some(id) => (kind::EXTERNAL, id),
            None => (kind::ROW, self.digest),
        };
        NewLead {
            name: self.name.or(self.otherwise).unwrap_or_default(),
            source: self.source.unwrap_or_default(),
            status: self.status.unwrap_or(LeadStatus::New),
            owner: self.owner.unwrap_or_default(),
            country: self.country.unwrap_or_default(),
            added_at: self.added_at.unwrap_or(self.now),
            last_activity_at: self.last_activity_at,
            contacts: self.contacts,
            activities: self
                .note
                .into_iter()
                .map(|(text, at)| NewActivity {
                    kind: "note",
                    at,
                    text,
                    member: None,
                })
                .collect(),
            keys: vec![key],
        }
    }
}
