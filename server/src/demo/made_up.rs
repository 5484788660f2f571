//! The people of the demo's leads, made up one after the other.

use domain::lead::LeadStatus;
use domain::time::{DAY, HOUR, MINUTE, Millis};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::store::lead_write::{NewActivity, NewContact, NewLead};

/// Where leads come from that are looked at first.
pub const PORTALS: [&str; 3] = ["Rightmove", "Zoopla", "OnTheMarket"];
const SOURCES: [(&str, u32); 8] = [
    ("Rightmove", 28),
    ("Zoopla", 20),
    ("OnTheMarket", 8),
    ("Website", 18),
    ("Referral", 9),
    ("Facebook", 8),
    ("Walk-in", 4),
    ("Trade fair", 5),
];
const OWNERS: [&str; 7] = [
    "",
    "Ana Reyes",
    "Tom Baker",
    "Petra Lane",
    "Sam Okafor",
    "Julie Marchand",
    "Kemal Aydin",
];
const NOTES: [&str; 10] = [
    "Asked for a viewing on Saturday.",
    "Left a message, no answer.",
    "Wants to hear again in spring.",
    "Budget is not settled yet.",
    "Sent the brochure.",
    "Number rings out.",
    "Spoke briefly, will call back.",
    "Already bought elsewhere.",
    "Asked about the garden flat.",
    "Please don't call before noon.",
];
const NOT_NUMBERS: [&str; 8] = [
    "n/a",
    "call me",
    "0000",
    "12345",
    "see e-mail",
    "+44 0000 000000",
    "unknown",
    "1111111111",
];

/// A country: how it is written, its names, and its mobile numbers with `#` for a digit.
struct Country {
    written: &'static str,
    first: &'static [&'static str],
    last: &'static [&'static str],
    numbers: &'static [&'static str],
}

const COUNTRIES: [(Country, u32); 6] = [
    (
        Country {
            written: "United Kingdom",
            first: &[
                "Oliver", "Amelia", "George", "Isla", "Harry", "Ava", "Noah", "Emily", "Jack",
                "Sophie", "Aisha", "Callum", "Niamh", "Rhys", "Priya",
            ],
            last: &[
                "Smith",
                "Jones",
                "Taylor",
                "Brown",
                "Williams",
                "Wilson",
                "Davies",
                "Evans",
                "Patel",
                "Walker",
                "O'Neill",
                "Khan",
                "Fletcher-Hughes",
                "MacDonald",
                "Whitaker",
            ],
            numbers: &[
                "07911 1#####",
                "+44 7400 2#####",
                "020 7946 0###",
                "0161 496 0###",
            ],
        },
        46,
    ),
    (
        Country {
            written: "Germany",
            first: &[
                "Lukas", "Mia", "Jürgen", "Käthe", "Sören", "Hannah", "Björn", "Lena", "Emre",
                "Ute",
            ],
            last: &[
                "Müller",
                "Schmidt",
                "Weiß",
                "Groß",
                "Fischer",
                "Köhler",
                "Yılmaz",
                "Becker",
                "von der Heide",
            ],
            numbers: &["0151 2#######", "+49 170 3######", "030 9018####"],
        },
        16,
    ),
    (
        Country {
            written: "France",
            first: &[
                "Léa",
                "Hugo",
                "Chloé",
                "Jean-Luc",
                "Zoé",
                "Émile",
                "Inès",
                "François",
                "Manon",
            ],
            last: &[
                "Martin", "Lefèvre", "Bernard", "Dubois", "D'Arcy", "Moreau", "Benoît", "Fournier",
            ],
            numbers: &["06 12 ## ## ##", "+33 6 34 ## ## ##", "01 42 ## ## ##"],
        },
        13,
    ),
    (
        Country {
            written: "Spain",
            first: &[
                "Lucía",
                "Mateo",
                "María José",
                "Íñigo",
                "Sofía",
                "Álvaro",
                "Núria",
                "Javier",
            ],
            last: &[
                "García",
                "Muñoz",
                "Fernández López",
                "Peña",
                "Ibáñez",
                "Serrano",
                "Díaz",
            ],
            numbers: &["612 ### ###", "+34 655 ### ###", "91 4## ## ##"],
        },
        10,
    ),
    (
        Country {
            written: "United States",
            first: &[
                "James", "Emma", "Liam", "Mia", "DeShawn", "Grace", "Carlos", "Hannah", "Wei",
            ],
            last: &[
                "Johnson",
                "Garcia",
                "Miller",
                "Nguyen",
                "Anderson",
                "Lopez",
                "Washington",
                "Kowalski",
            ],
            numbers: &["(212) 736-####", "+1 415 362 ####", "312-744-####"],
        },
        9,
    ),
    (
        Country {
            written: "Turkey",
            first: &[
                "Ayşe", "Mehmet", "Işıl", "İbrahim", "Zeynep", "Çağrı", "Gülşah",
            ],
            last: &["Yılmaz", "Demir", "Çelik", "Şahin", "Öztürk", "Kılıç"],
            numbers: &["0532 2## ## ##", "+90 505 3## ## ##", "0212 2## ## ##"],
        },
        6,
    ),
];

/// Makes leads up, one after the other.
pub struct Maker {
    now: Millis,
    random: StdRng,
    /// Leads with a contact record, to copy from.
    originals: Vec<NewLead>,
}

impl Maker {
    /// With leads of the time before `now`.
    pub fn new(now: Millis, seed: u64) -> Self {
        Self {
            now,
            random: StdRng::seed_from_u64(seed),
            originals: Vec::new(),
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<T: Copy>(&mut self, of: &[T], otherwise: T) -> T {
        of.choose(&mut self.random).copied().unwrap_or(otherwise)
    }

    fn weighted<T>(&mut self, of: &'static [(T, u32)]) -> &'static T {
        let mut at = self
            .random
            .random_range(0..of.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in of {
            if at < *weight {
                return item;
            }
            at -= weight;
        }
        &of[0].0
    }

    /// The next lead.
    pub fn lead(&mut self) -> NewLead {
        if !self.originals.is_empty() && self.chance(8) {
            return self.copy();
        }
        let country: &Country = self.weighted(&COUNTRIES);
        let (first, last) = (self.pick(country.first, ""), self.pick(country.last, ""));
        let added_at = self.added();
        let activities = self.activities(added_at);
        let status = self.status(&activities);
        let lead = NewLead {
            name: format!("{first} {last}"),
            source: (*self.weighted(&SOURCES)).to_owned(),
            status,
            owner: if status == LeadStatus::New {
                self.owner(60)
            } else {
                self.owner(5)
            },
            country: country.written.to_owned(),
            added_at,
            last_activity_at: None,
            contacts: self.contacts(country, first, last),
            activities,
            keys: Vec::new(),
        };
        if !lead.contacts.is_empty() && (self.originals.len() < 500 || self.chance(5)) {
            let place = self.random.random_range(0..500);
            match self.originals.get_mut(place) {
                Some(original) => *original = lead.clone(),
                None => self.originals.push(lead.clone()),
            }
        }
        lead
    }

    /// The same person again, as a portal sends them twice: another day, often another source, less care.
    fn copy(&mut self) -> NewLead {
        let place = self.random.random_range(0..self.originals.len());
        let mut lead = self.originals[place].clone();
        lead.source = (*self.weighted(&SOURCES)).to_owned();
        lead.status = LeadStatus::New;
        lead.owner = String::new();
        lead.added_at = Millis(self.random.random_range(lead.added_at.0..=self.now.0));
        lead.activities.clear();
        if self.chance(40) {
            lead.name = lead.name.to_uppercase();
        } else if self.chance(30) {
            lead.name = lead.name.to_lowercase();
        }
        lead
    }

    /// 30 % longer ago than a year, a few within the last hours.
    fn added(&mut self) -> Millis {
        let ago = match self.random.random_range(0..100) {
            0..30 => self.random.random_range(366 * DAY..1_500 * DAY),
            30..32 => self.random.random_range(10 * MINUTE..22 * HOUR),
            32..50 => self.random.random_range(DAY..45 * DAY),
            _ => self.random.random_range(45 * DAY..360 * DAY),
        };
        self.now.plus(-ago)
    }

    fn activities(&mut self, added_at: Millis) -> Vec<NewActivity> {
        if self.chance(35) {
            return Vec::new();
        }
        let span = (self.now.0 - added_at.0).max(2);
        let count = self.random.random_range(1..=3);
        let mut activities: Vec<NewActivity> = (0..count)
            .map(|_| NewActivity {
                kind: if self.chance(40) { "call" } else { "note" },
                at: added_at.plus(self.random.random_range(1..span) / 2),
                text: self.pick(&NOTES, "").to_owned(),
                member: None,
            })
            .collect();
        activities.sort_by_key(|activity| activity.at);
        activities
    }

    fn status(&mut self, activities: &[NewActivity]) -> LeadStatus {
        if activities.is_empty() {
            return LeadStatus::New;
        }
        match self.random.random_range(0..100) {
            0..30 => LeadStatus::New,
            30..62 => LeadStatus::Contacted,
            62..80 => LeadStatus::Qualified,
            80..88 => LeadStatus::Converted,
            _ => LeadStatus::Lost,
        }
    }

    fn owner(&mut self, without: u32) -> String {
        if self.chance(without) {
            String::new()
        } else {
            self.pick(&OWNERS, "").to_owned()
        }
    }

    fn contacts(&mut self, country: &Country, first: &str, last: &str) -> Vec<NewContact> {
        let kind = self.random.random_range(0..100);
        if kind < 13 {
            return Vec::new();
        }
        let telephone = match kind {
            13..23 => self.pick(&NOT_NUMBERS, "").to_owned(),
            23..28 => String::new(),
            _ => self.telephone(country),
        };
        let email = if telephone.is_empty() || self.chance(82) {
            self.email(first, last)
        } else {
            String::new()
        };
        let mut contacts = vec![NewContact::new(&telephone, &email, country.written, "GB")];
        if kind >= 94 {
            let second = self.telephone(country);
            contacts.push(NewContact::new(&second, "", country.written, "GB"));
        }
        contacts
    }

    fn telephone(&mut self, country: &Country) -> String {
        self.pick(country.numbers, "")
            .chars()
            .map(|c| match c {
                '#' => char::from(b'0' + self.random.random_range(0..10_u8)),
                other => other,
            })
            .collect()
    }

    fn email(&mut self, first: &str, last: &str) -> String {
        let plain: String = format!("{first}.{last}")
            .to_lowercase()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
            .collect();
        let number = self.random.random_range(1..100_000);
        let host = self.pick(
            &["mail.example", "post.example", "inbox.example"],
            "mail.example",
        );
        format!("{plain}{number}@{host}")
    }
}
