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
    /// What came of the rows so far.
    pub numbers: ImportNumbers,
    /// The first refused rows, 1,000 at most.
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
    fn of_two_columns_for_one_field_the_first_takes_it() {
        assert_eq!(mapping(&["email", "E-Mail"]), [Some(Field::Email), None]);
    }
}
