//! An import: leads from a CSV file, with a preview, a mapping of its columns, and refused rows by line and cause.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text;

/// An import's id (UUIDv7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImportId(pub Uuid);

/// What a column of the file can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The other system's id: the same id is the same lead.
    ExternalId,
    /// The whole name.
    Name,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The company, the name of last resort.
    Company,
    /// A telephone number.
    Telephone,
    /// A second telephone number: a contact record of its own beside the first.
    Mobile,
    /// An e-mail address.
    Email,
    /// Where the lead came from.
    Source,
    /// How far it has come.
    Status,
    /// Who looks after it.
    Owner,
    /// The country; a number without `+` is read in its region.
    Country,
    /// When it was added.
    Added,
    /// Its last activity.
    LastActivity,
    /// A note.
    Note,
}

impl Field {
    /// All of them, in the order in which the page offers them.
    pub const ALL: [Self; 15] = [
        Self::ExternalId,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Company,
        Self::Telephone,
        Self::Mobile,
        Self::Email,
        Self::Source,
        Self::Status,
        Self::Owner,
        Self::Country,
        Self::Added,
        Self::LastActivity,
        Self::Note,
    ];

    /// What the page says.
    pub fn label(self) -> &'static str {
        match self {
            Self::ExternalId => "Id in the other system",
            Self::Name => "Name",
            Self::FirstName => "First name",
            Self::LastName => "Last name",
            Self::Company => "Company",
            Self::Telephone => "Telephone",
            Self::Mobile => "Mobile",
            Self::Email => "E-mail",
            Self::Source => "Source",
            Self::Status => "Status",
            Self::Owner => "Owner",
            Self::Country => "Country",
            Self::Added => "Added",
            Self::LastActivity => "Last activity",
            Self::Note => "Note",
        }
    }

    /// The field that a header of a Salesforce, HubSpot or plain export means.
    pub fn of_header(header: &str) -> Option<Self> {
        let word: String = text::fold(header)
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        Some(match word.as_str() {
            "id" | "leadid" | "recordid" | "contactid" | "externalid" | "hsobjectid" => {
                Self::ExternalId
            }
            "name" | "fullname" | "leadname" | "contactname" => Self::Name,
            "firstname" | "givenname" => Self::FirstName,
            "lastname" | "surname" | "familyname" => Self::LastName,
            "company" | "companyname" | "account" | "accountname" | "organisation"
            | "organization" => Self::Company,
            "phone" | "phonenumber" | "telephone" | "telephonenumber" | "tel" | "businessphone" => {
                Self::Telephone
            }
            "mobile" | "mobilephone" | "mobilephonenumber" | "cell" | "cellphone" => Self::Mobile,
            "email" | "emailaddress" | "mail" => Self::Email,
            "source" | "leadsource" | "originalsource" | "originalsourcetype" | "portal" => {
                Self::Source
            }
            "status" | "leadstatus" | "stage" | "lifecyclestage" => Self::Status,
            "owner" | "leadowner" | "contactowner" | "owneralias" | "ownername" | "assignedto" => {
                Self::Owner
            }
            "country" | "countryregion" | "mailingcountry" | "countrycode" => Self::Country,
            "added" | "created" | "createdate" | "createddate" | "createdat" | "dateadded" => {
                Self::Added
            }
            "lastactivity" | "lastactivitydate" | "lastcontacted" | "lastmodifieddate" => {
                Self::LastActivity
            }
            "note" | "notes" | "description" | "message" | "comments" | "enquiry" => Self::Note,
            _ => return None,
        })
    }
}

/// What each column of the file is; `None` is left out. As long as the header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(pub Vec<Option<Field>>);

impl Mapping {
    /// The mapping that the headers suggest; of two columns for one field the first takes it.
    pub fn of_headers(headers: &[String]) -> Self {
        let mut taken = Vec::new();
        Self(
            headers
                .iter()
                .map(|header| {
                    Field::of_header(header)
                        .filter(|f| !taken.contains(f))
                        .inspect(|f| taken.push(*f))
                })
                .collect(),
        )
    }

    /// Whether anything names a lead: a name, a company, a telephone number or an e-mail.
    pub fn names_leads(&self) -> bool {
        use Field::*;
        self.0.iter().flatten().any(|f| {
            matches!(
                f,
                Name | FirstName | LastName | Company | Email | Telephone | Mobile
            )
        })
    }
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportState {
    /// Uploaded; its mapping can be changed.
    Preview,
    /// Rows come in.
    Running,
    /// Through.
    Done,
    /// Ended by an error; what was imported stays, and importing the file again goes on.
    Failed,
}

/// How many rows of the file came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportNumbers {
    /// Became new leads.
    pub imported: u64,
    /// Told nothing new.
    pub unchanged: u64,
    /// Changed a lead of a known id.
    pub changed: u64,
    /// Couldn't be read.
    pub refused: u64,
}

/// A row that couldn't be read: where and why, not what it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// Why, a sentence.
    pub cause: String,
}

/// What a row said that Layer doesn't know for certain, or can't use as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guess {
    /// A status in words that aren't known.
    Status,
    /// A date whose day and month could each be the other.
    DayAndMonth,
    /// A date whose year has two digits.
    Century,
    /// What is no valid telephone number in its country.
    Telephone,
    /// A telephone number that is too long to be one.
    TelephoneCut,
    /// What is no e-mail address.
    Email,
    /// A country that isn't known.
    Country,
    /// A lead without a name.
    Name,
    /// Characters that nobody sees, or that turn text around.
    Hidden,
}

impl Guess {
    /// What was made of it, behind "in 3 rows".
    pub fn made_of_it(self) -> &'static str {
        match self {
            Self::Status => "the status isn't known: it becomes New, or stays as the lead has it",
            Self::DayAndMonth => "a date such as 04/03/2025 is read as this country writes it",
            Self::Century => "the year has two digits: it is read as one after 2000",
            Self::Telephone => "a telephone number isn't valid: it is kept as text",
            Self::TelephoneCut => {
                "a telephone number is too long: it is cut off after 64 characters"
            }
            Self::Email => "an e-mail address isn't valid: it is kept as text",
            Self::Country => {
                "the country isn't known: it is kept as text, and tells nothing about telephone numbers"
            }
            Self::Name => "there is no name: the lead is called by its e-mail or telephone number",
            Self::Hidden => "characters that nobody sees are left out",
        }
    }
}

/// How many rows hold a guess of one kind, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guessed {
    /// Which.
    pub guess: Guess,
    /// Rows that have it.
    pub rows: u64,
    /// The lines of the first ten.
    pub lines: Vec<u64>,
}

impl Guessed {
    /// "In 3 rows the status isn't known: it becomes New. Lines 2, 3 and 5."
    pub fn sentence(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(|line| text::number(*line)).collect();
        let more = if self.rows > self.lines.len() as u64 {
            " and on"
        } else {
            ""
        };
        format!(
            "In {} {}. {} {}{more}.",
            text::count(self.rows, "row", "rows"),
            self.guess.made_of_it(),
            if lines.len() == 1 { "Line" } else { "Lines" },
            if more.is_empty() {
                text::list(&lines)
            } else {
                lines.join(", ")
            },
        )
    }
}

/// What a file holds under a mapping, told before anything of it is imported. Nothing in it is what a cell holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Rows that can be imported.
    pub valid: u64,
    /// Rows that can't.
    pub refused: u64,
    /// The first of those, 1,000 at most.
    pub refusals: Vec<RefusedRow>,
    /// What is guessed in the others, by kind.
    pub guesses: Vec<Guessed>,
    /// The file says no encoding and isn't UTF-8: it is read as Windows-1252.
    pub not_utf8: bool,
}

impl Findings {
    /// Takes what was guessed in a row.
    pub fn guessed(&mut self, line: u64, guesses: impl IntoIterator<Item = Guess>) {
        for guess in guesses {
            let known = self.guesses.iter().position(|other| other.guess == guess);
            let place = known.unwrap_or_else(|| {
                self.guesses.push(Guessed {
                    guess,
                    rows: 0,
                    lines: Vec::new(),
                });
                self.guesses.len() - 1
            });
            let guessed = &mut self.guesses[place];
            guessed.rows += 1;
            if guessed.lines.len() < MOST_LINES {
                guessed.lines.push(line);
            }
        }
    }

    /// Takes a refused row.
    pub fn refuse(&mut self, row: RefusedRow) {
        self.refused += 1;
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(row);
        }
    }

    /// What a person reads about the file, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self.guesses.iter().map(Guessed::sentence).collect();
        if self.not_utf8 {
            sentences.push(
                "The file isn't UTF-8: it is read as Windows-1252. Look whether the names are as they should be."
                    .into(),
            );
        }
        sentences
    }
}

/// A refused row is told of up to so many times; all are counted.
pub const MOST_REFUSALS: usize = 1_000;

/// A guess is told with so many lines at most.
const MOST_LINES: usize = 10;

/// The page of one import: its preview, its progress, its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPage {
    /// The id.
    pub id: ImportId,
    /// The file's name.
    pub file: String,
    /// Where it stands.
    pub state: ImportState,
    /// The header.
    pub headers: Vec<String>,
    /// What each column is.
    pub mapping: Mapping,
    /// The first rows, five at most, as they stand in the file.
    pub sample: Vec<Vec<String>>,
    /// How many rows the file has, its header apart.
    pub rows: u64,
    /// What they hold, until it is started.
    pub findings: Option<Findings>,
    /// What came of the rows so far.
    pub numbers: ImportNumbers,
    /// The first rows that were refused, 1,000 at most.
    pub refused: Vec<RefusedRow>,
    /// What ended it, where it failed.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(headers: &[&str]) -> Vec<Option<Field>> {
        Mapping::of_headers(&headers.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()).0
    }

    #[test]
    fn salesforce_headers_are_recognised() {
        use Field::*;
        assert_eq!(
            mapping(&[
                "Lead ID",
                "First Name",
                "Last Name",
                "Company",
                "Phone",
                "Mobile",
                "Email",
                "Lead Source",
                "Lead Status",
                "Lead Owner",
                "Created Date",
                "Fax"
            ]),
            [
                Some(ExternalId),
                Some(FirstName),
                Some(LastName),
                Some(Company),
                Some(Telephone),
                Some(Mobile),
                Some(Email),
                Some(Source),
                Some(Status),
                Some(Owner),
                Some(Added),
                None
            ]
        );
    }

    #[test]
    fn hubspot_headers_are_recognised() {
        use Field::*;
        assert_eq!(
            mapping(&[
                "Record ID",
                "First Name",
                "Last Name",
                "Email",
                "Phone Number",
                "Contact owner",
                "Create Date",
                "Lead Status",
                "Original Source",
                "Country/Region"
            ]),
            [
                Some(ExternalId),
                Some(FirstName),
                Some(LastName),
                Some(Email),
                Some(Telephone),
                Some(Owner),
                Some(Added),
                Some(Status),
                Some(Source),
                Some(Country)
            ]
        );
    }

    #[test]
    fn a_guess_says_how_often_and_where() {
        let mut findings = Findings::default();
        findings.guessed(2, [Guess::Status]);
        assert_eq!(
            findings.sentences(),
            [
                "In 1 row the status isn't known: it becomes New, or stays as the lead has it. Line 2."
            ]
        );
        for line in 3..1_500 {
            findings.guessed(line, [Guess::Email]);
        }
        assert_eq!(
            findings.sentences()[1],
            "In 1,497 rows an e-mail address isn't valid: it is kept as text. Lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and on."
        );
    }

    #[test]
    fn of_two_columns_for_one_field_the_first_takes_it() {
        assert_eq!(mapping(&["email", "E-Mail"]), [Some(Field::Email), None]);
    }
}
