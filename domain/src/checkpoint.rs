//! A signed checkpoint of the audit log: what its head was, kept outside the database. Whoever cuts off the log's end, or
//! writes all of it anew with right hashes, contradicts one.
//!
//! A file of checkpoints is lines of ASCII; hexadecimal is in small letters:
//! ```text
//! layer-key-1 KEY PUBLIC                        KEY: the first 8 bytes of SHA-256(public key), PUBLIC: 32 bytes
//! layer-checkpoint-1 SEQUENCE HASH AT KEY SIGNATURE     the head's hash, when it was written (ms), Ed25519 over the
//!                                               line's text before ` SIGNATURE`
//! ```
//! A key's line stands before the first checkpoint that it signs; older keys' lines stay.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::audit::Digest;
use crate::time::Millis;

/// What names a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// Of this public key.
    pub fn of(public: &[u8; 32]) -> Self {
        let digest: Digest = Sha256::digest(public).into();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// What the log's head was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last entry.
    pub sequence: i64,
    /// Its hash, which covers all before it.
    pub hash: Digest,
    /// When it was written down.
    pub at: Millis,
    /// Whose signature it has.
    pub key: KeyId,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn signed(&self) -> String {
        format!(
            "{CHECKPOINT} {} {} {} {}",
            self.sequence,
            hex(&self.hash),
            self.at.0,
            self.key
        )
    }
}

const KEY: &str = "layer-key-1";
const CHECKPOINT: &str = "layer-checkpoint-1";

/// A line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A key that signs what follows.
    Key {
        /// The public key.
        public: [u8; 32],
    },
    /// A checkpoint.
    Checkpoint {
        /// What is signed.
        checkpoint: Checkpoint,
        /// The signature.
        signature: [u8; 64],
    },
}

impl Line {
    /// From the line's text, without its end; `None` where it is none, or isn't written as Layer writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let line = match words.next()? {
            KEY => {
                words.next()?;
                let public = bytes(words.next()?)?;
                Self::Key { public }
            }
            CHECKPOINT => Self::Checkpoint {
                checkpoint: Checkpoint {
                    sequence: words.next()?.parse().ok()?,
                    hash: bytes(words.next()?)?,
                    at: Millis(words.next()?.parse().ok()?),
                    key: KeyId(bytes(words.next()?)?),
                },
                signature: bytes(words.next()?)?,
            },
            _ => return None,
        };
        (line.to_string() == text).then_some(line)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { public } => write!(f, "{KEY} {} {}", KeyId::of(public), hex(public)),
            Self::Checkpoint {
                checkpoint,
                signature,
            } => write!(f, "{} {}", checkpoint.signed(), hex(signature)),
        }
    }
}

/// In hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// So many bytes in hexadecimal, if they are.
pub fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    if hex.len() != 2 * N || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    fn line() -> Line {
        Line::Checkpoint {
            checkpoint: Checkpoint {
                sequence: 42,
                hash: [0xab; 32],
                at: Millis(1_795_514_400_000),
                key: KeyId::of(&[7; 32]),
            },
            signature: [9; 64],
        }
    }

    #[test]
    fn lines_come_back_as_they_went_and_only_as_they_went() {
        for line in [line(), Line::Key { public: [7; 32] }] {
            let text = line.to_string();
            assert_eq!(Line::parse(&text).unwrap(), line);
            for cut in 0..text.len() {
                assert_eq!(Line::parse(&text[..cut]), None, "{}", &text[..cut]);
            }
            assert_eq!(Line::parse(&format!("{text} ")), None);
            assert_eq!(Line::parse(&text.to_uppercase()), None);
        }
        let text = line().to_string().replace(" 42 ", " +42 ");
        assert_eq!(Line::parse(&text), None);
        let other = format!("{KEY} {} {}", KeyId::of(&[8; 32]), hex(&[7; 32]));
        assert_eq!(Line::parse(&other), None, "a key under another's name");
    }

    #[test]
    fn what_is_signed_is_the_line_before_its_signature() {
        let Line::Checkpoint { checkpoint, .. } = line() else {
            panic!()
        };
        let (before, _) = line()
            .to_string()
            .rsplit_once(' ')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        assert_eq!(before, checkpoint.signed());
        assert_eq!(
            before,
            format!(
                "layer-checkpoint-1 42 {} 1795514400000 {}",
                "ab".repeat(32),
                checkpoint.key
            )
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,300}") {
            if let Some(line) = Line::parse(&text) {
                prop_assert_eq!(line.to_string(), text);
            }
        }
    }
}
