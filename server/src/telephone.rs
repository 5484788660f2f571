//! Telephone numbers, as Google's data sees them. *Not valid* is an opinion of that data: it never deletes by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// The version of the data by which a number is valid or not: the library's own, which carries the data.
pub const METADATA_VERSION: &str = "9.0.42";

/// What is given as a number is cut after so many characters.
pub const MOST_CHARACTERS: usize = 64;

/// An E.164 form is at most so long, in characters: `+`, a country's code of three digits and a national number of 17, which is
/// what the library's data allows. E.164 itself stops at 15 digits in all, and Germany has valid numbers that are longer.
pub const LONGEST: usize = 1 + 3 + 17;

/// The E.164 form of a valid number, `None` for what is none. Without `+` it is read in `region`, an ISO code.
pub fn e164(given: &str, region: &str) -> Option<String> {
    let given: String = given.chars().take(MOST_CHARACTERS).collect();
    let region = region.parse::<Region>().ok();
    // What comes from outside may hit a fault of the library: then it is no number.
    catch_unwind(AssertUnwindSafe(|| {
        let number = PHONE_NUMBER_UTIL.parse(&given, region).ok()?;
        number
            .is_valid()
            .then(|| number.format_as(PhoneNumberFormat::E164).into_owned())
    }))
    .ok()
    .flatten()
}

/// An E.164 number as people read it: "+44 20 7946 0123".
pub fn international(e164: &str) -> String {
    catch_unwind(AssertUnwindSafe(|| {
        let number = PHONE_NUMBER_UTIL.parse(e164, None).ok()?;
        Some(
            number
                .format_as(PhoneNumberFormat::International)
                .into_owned(),
        )
    }))
    .ok()
    .flatten()
    .unwrap_or_else(|| e164.to_owned())
}

/// The region of a country as people write it: any ISO code that the library knows, or for many a name in English or
/// its own language.
pub fn region_of(country: &str) -> Option<String> {
    let folded = domain::text::fold(country);
    let named = REGIONS
        .iter()
        .find(|(_, names)| names.contains(&folded.as_str()))
        .map(|(region, _)| (*region).to_owned());
    named.or_else(|| {
        let code = country.trim().to_ascii_uppercase();
        let region = code.parse::<Region>().ok().filter(|_| code.len() == 2)?;
        // Also codes parse that nobody can be called in.
        PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        Some(code)
    })
}

/// Countries by the names that exports use, folded. Numbers of others are read by their code, or have a `+`.
const REGIONS: &[(&str, &[&str])] = &[
    ("AE", &["are", "united arab emirates", "uae"]),
    ("AT", &["aut", "austria", "österreich"]),
    ("AU", &["aus", "australia"]),
    ("BE", &["bel", "belgium", "belgië", "belgique"]),
    ("BR", &["bra", "brazil", "brasil"]),
    ("CA", &["can", "canada"]),
    (
        "CH",
        &["che", "switzerland", "schweiz", "suisse", "svizzera"],
    ),
    ("CN", &["chn", "china"]),
    ("CZ", &["cze", "czechia", "czech republic", "česko"]),
    ("DE", &["deu", "germany", "deutschland"]),
    ("DK", &["dnk", "denmark", "danmark"]),
    ("ES", &["esp", "spain", "españa"]),
    ("FI", &["fin", "finland", "suomi"]),
    ("FR", &["fra", "france"]),
    (
        "GB",
        &[
            "gbr",
            "uk",
            "u.k.",
            "united kingdom",
            "great britain",
            "britain",
            "england",
            "scotland",
            "wales",
            "northern ireland",
        ],
    ),
    ("GR", &["grc", "greece", "ελλάδα"]),
    ("HK", &["hkg", "hong kong"]),
    ("HU", &["hun", "hungary", "magyarország"]),
    ("IE", &["irl", "ireland", "republic of ireland", "éire"]),
    ("IL", &["isr", "israel"]),
    ("IN", &["ind", "india"]),
    ("IT", &["ita", "italy", "italia"]),
    ("JP", &["jpn", "japan"]),
    ("LU", &["lux", "luxembourg"]),
    ("MX", &["mex", "mexico", "méxico"]),
    ("MT", &["mlt", "malta"]),
    (
        "NL",
        &[
            "nld",
            "netherlands",
            "the netherlands",
            "nederland",
            "holland",
        ],
    ),
    ("NO", &["nor", "norway", "norge"]),
    ("NZ", &["nzl", "new zealand"]),
    ("PL", &["pol", "poland", "polska"]),
    ("PT", &["prt", "portugal"]),
    ("RO", &["rou", "romania", "românia"]),
    ("SA", &["sau", "saudi arabia"]),
    ("SE", &["swe", "sweden", "sverige"]),
    ("SG", &["sgp", "singapore"]),
    ("TR", &["tur", "turkey", "türkiye", "turkiye"]),
    ("UA", &["ukr", "ukraine", "україна"]),
    (
        "US",
        &[
            "usa",
            "united states",
            "united states of america",
            "u.s.",
            "u.s.a.",
        ],
    ),
    ("ZA", &["zaf", "south africa"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_its_region() {
        assert_eq!(e164("07911 123456", "GB").as_deref(), Some("+447911123456"));
        assert_eq!(
            e164("+44 7911 123456", "DE").as_deref(),
            Some("+447911123456")
        );
        assert_eq!(e164("030 901820", "DE").as_deref(), Some("+4930901820"));
        assert_eq!(e164("07911 123456", "nowhere"), None);
    }

    #[test]
    fn a_valid_number_may_have_more_digits_than_e164_wants() {
        let long = "+49838008455554882";
        assert_eq!(e164(long, "GB").as_deref(), Some(long));
        assert!(long.len() > 16 && long.len() <= LONGEST);
    }

    #[test]
    fn what_is_no_number_is_none_and_never_panics() {
        let long = "1".repeat(1_000_000);
        for given in [
            "",
            "-",
            "call me",
            "12",
            "++44",
            "\0",
            "٠٧٩١١",
            "0000000000",
            &long,
            "+999 1",
        ] {
            assert_eq!(e164(given, "GB"), None, "{}", given.len());
        }
    }

    #[test]
    fn a_country_has_its_region_by_code_or_name() {
        let region = |country| region_of(country).unwrap_or_default();
        assert_eq!(region(" uk "), "GB");
        assert_eq!(region("DEUTSCHLAND"), "DE");
        assert_eq!(region("fr"), "FR");
        assert_eq!(
            region(" pk "),
            "PK",
            "a code that isn't in the list of names"
        );
        for unknown in ["Narnia", "XX", "ZZ", "", "001", "ß"] {
            assert_eq!(region_of(unknown), None, "{unknown}");
        }
        assert_eq!(e164("0300 1234567", "PK").as_deref(), Some("+923001234567"));
    }

    #[test]
    fn what_once_made_a_library_panic_is_no_number() {
        let long = "1234567890".repeat(4);
        for given in [
            "+",
            "000",
            &long,
            ".;phone-context=",
            "+dwPAA;phone-context=AA",
            ";phone-context=",
            "tel:",
            "+;ext=1",
        ] {
            assert_eq!(e164(given, "GB"), None, "{given}");
        }
        // An extension isn't part of it; digits of other scripts are digits.
        for given in [
            "07911 123456 ext. 5",
            "０７９１１ １２３４５６",
            "٠٧٩١١ ١٢٣٤٥٦",
        ] {
            assert_eq!(
                e164(given, "GB").as_deref(),
                Some("+447911123456"),
                "{given}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_given_comes_out_as_a_number_or_none(
            given in "([+0-9 ().;=/-]|ext|tel:|;phone-context=|\\PC){0,80}",
            region in "[A-Z]{0,3}",
        ) {
            if let Some(number) = e164(&given, &region) {
                proptest::prop_assert!(number.starts_with('+') && (4..=LONGEST).contains(&number.len()), "{number}");
                proptest::prop_assert!(number[1..].bytes().all(|b| b.is_ascii_digit()), "{number}");
                proptest::prop_assert_eq!(e164(&number, ""), Some(number.clone()));
            }
            _ = international(&given);
        }
    }
}
