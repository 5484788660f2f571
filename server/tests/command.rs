//! The command line: the program itself, on a file of its own.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use server::clock::SystemClock;
use server::database::{Database, Priority};
use server::store::{Store, sql};

const PASSWORD: &str = "a long enough password";

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("layer.db").display())
    }

    fn layer(&self, words: &[&str]) -> Command {
        let mut layer = Command::new(env!("CARGO_BIN_EXE_layer"));
        layer
            .current_dir(self.folder.path())
            .env("LAYER_DATABASE", self.database())
            .args(words);
        layer
    }

    /// Runs it to its end.
    fn run(&self, words: &[&str]) -> Output {
        self.layer(words).stdin(Stdio::null()).output().unwrap()
    }

    /// What it prints; it must end well.
    fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.says(words)).unwrap()
    }

    /// What it says when it is refused.
    fn refuses(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn add(&self, email: &str, role: &str) -> Output {
        let words = ["user", "add", email, "--name", "Ada", "--role", role];
        let mut layer = self
            .layer(&words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(layer.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        layer.wait_with_output().unwrap()
    }

    /// What somebody with the file could do.
    fn tamper(&self, statement: &str) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let database = Database::open(&self.database()).await.unwrap();
            let store = Store::new(database, Arc::new(SystemClock), false);
            let writing = store.begin(Priority::Person).await.unwrap();
            sql::execute(writing.tx(), statement, []).await.unwrap();
            writing.commit_quietly().await.unwrap();
            store.database().close().await;
        });
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Starts serving on a free port; answers it and its address once it listens.
    fn serve(&self) -> (Child, String) {
        let mut layer = self
            .layer(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(layer.stdout.take().unwrap()).lines();
        let address = lines
            .map(Result::unwrap)
            .find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned))
            .unwrap();
        (layer, address)
    }
}

const LEADS: &str = "Id,Name,Telephone,Email,Country\n\
    1,Ada Lane,+44 20 7946 0018,,GB\n\
    2,Bo Fry,,bo@example.com,GB\n\
    3,Cy Hill,,,GB\n\
    4,Di Moss,12,,GB\n";

#[test]
fn a_day_at_the_command_line() {
    let desk = Desk::new();
    let file = desk.file("leads.csv", LEADS);
    let file = file.to_str().unwrap();
    assert!(desk.add("ada@example.com", "Layer Admin").status.success());

    let first = desk.json(&["import", file, "--json"]);
    assert_eq!(
        (
            &first["imported"],
            &first["unchanged"],
            &first["changed"],
            &first["refused"]
        ),
        (&4.into(), &0.into(), &0.into(), &0.into())
    );
    let again = desk.json(&["import", file, "--json"]);
    assert_eq!(
        (&again["imported"], &again["unchanged"]),
        (&0.into(), &4.into())
    );

    let stats = desk.json(&["stats", "--json"]);
    assert_eq!(stats["leads"], 4);
    assert_eq!(stats["without_contact_records"], 1);
    assert_eq!(stats["without_valid_telephone"], 3);

    let delete = |reason, yes: &[&'static str]| {
        let mut words = vec![
            "delete",
            "--work-stack",
            "All leads",
            "--reason",
            reason,
            "--as",
            "ada@example.com",
        ];
        words.extend(yes);
        words
    };
    assert!(desk.refuses(&delete("outdated", &[])).contains("--yes"));
    assert!(
        desk.refuses(&delete("nonsense", &["--yes"]))
            .contains("reason")
    );
    assert!(
        desk.refuses(&delete("other", &["--yes"]))
            .contains("details")
    );
    desk.says(&delete("outdated", &["--yes"]));
    assert_eq!(desk.json(&["stats", "--json"])["deletions_waiting"], 4);
    assert_eq!(desk.json(&["queue", "status", "--json"])["waiting"], 4);

    desk.says(&["queue", "run"]);
    let stats = desk.json(&["stats", "--json"]);
    for (name, number) in [
        ("leads", 0),
        ("deletions_waiting", 0),
        ("held", 0),
        ("failed", 0),
        ("overdue", 0),
        ("deleted", 4),
        ("without_contact_records", 0),
        ("without_valid_telephone", 0),
    ] {
        assert_eq!(stats[name], number, "{name}");
    }
    desk.says(&["audit", "verify"]);
}

#[test]
fn a_log_that_was_changed_ends_verify_with_1_and_where() {
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    desk.tamper("UPDATE audit_entry SET at = at + 1 WHERE sequence = 1");
    let output = desk.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(said.contains('1'), "{said}");
}

#[test]
fn a_name_that_is_mistyped_is_answered_by_a_sentence_and_no_new_database() {
    let desk = Desk::new();
    for words in [
        &["stats", "--json"][..],
        &["queue", "run"],
        &["audit", "verify"],
    ] {
        assert!(
            desk.refuses(words).contains("There is no database"),
            "{words:?}"
        );
    }
    assert!(!desk.folder.path().join("layer.db").exists());
}

#[test]
fn a_member_needs_a_role_that_exists_and_a_long_password() {
    let desk = Desk::new();
    let wrong = desk.add("ada@example.com", "Emperor");
    assert!(!wrong.status.success());
    assert!(
        String::from_utf8(wrong.stderr)
            .unwrap()
            .contains("Layer Admin")
    );
    let none = desk.refuses(&["user", "add", "a@b.test", "--name", "A", "--role", "Agent"]);
    assert!(none.contains("password"), "{none}");
}

#[test]
fn one_server_to_a_file_commands_beside_it_and_a_clean_end() {
    let desk = Desk::new();
    let file = desk.file("leads.csv", LEADS);
    let (mut layer, address) = desk.serve();
    // A second is refused, with a sentence; it doesn't wait for the first.
    let second = desk.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.contains("layer.db"), "{second}");
    // Commands work beside it.
    assert!(
        desk.run(&["healthcheck", "--listen", &address])
            .status
            .success()
    );
    desk.says(&["import", file.to_str().unwrap()]);
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 4);

    let asked = std::time::Instant::now();
    let kill = Command::new("kill")
        .arg(layer.id().to_string())
        .status()
        .unwrap();
    assert!(kill.success());
    assert!(layer.wait().unwrap().success());
    assert!(asked.elapsed() < std::time::Duration::from_secs(10));
    assert!(
        !desk
            .run(&["healthcheck", "--listen", &address])
            .status
            .success()
    );
    // What it wrote is all in the one file.
    assert!(!desk.folder.path().join("layer.db-wal").exists());
}

#[test]
fn the_demo_is_refused_on_a_database_that_has_people() {
    let desk = Desk::new();
    desk.add("ada@example.com", "Layer Admin");
    let refused = desk.refuses(&["demo", "--leads", "5", "--seed", "1"]);
    assert!(refused.ends_with(".\n"), "{refused}");
    let refused = desk.refuses(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    assert!(refused.ends_with(".\n"), "{refused}");
}

#[test]
fn a_file_of_a_later_version_and_one_that_is_no_database_are_refused_with_a_sentence() {
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    desk.tamper(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)",
    );
    for words in [
        &["stats", "--json"][..],
        &["queue", "run"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let refused = desk.refuses(words);
        assert!(
            refused.contains("The schema could not be brought up to date"),
            "{words:?}: {refused}"
        );
    }
    let other = Desk::new();
    let letter = "This is a letter and no database. ".repeat(200);
    let file = other.file("layer.db", &letter);
    assert!(
        other
            .refuses(&["stats", "--json"])
            .contains("can't be opened")
    );
    assert_eq!(std::fs::read_to_string(file).unwrap(), letter);
}
