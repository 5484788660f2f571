//! The command line: the program itself, on a file of its own.
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use crate::append_only::unlocked;
use crate::test_database::{TestDatabase, is_postgres, skips_on_postgres};
use serde_json::Value;
use server::clock::SystemClock;
use server::database::Priority;
use server::store::{Store, sql};

const PASSWORD: &str = "a long enough password";

/// A folder with a database, and the program on it.
pub struct Desk {
    database: TestDatabase,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            database: TestDatabase::bare(),
        }
    }

    fn layer(&self, words: &[&str]) -> Command {
        let mut layer = Command::new(env!("CARGO_BIN_EXE_layer"));
        layer
            .current_dir(self.database.folder())
            .env("LAYER_DATABASE", self.database.url())
            .args(words);
        layer
    }

    /// Runs it to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.layer(words).stdin(Stdio::null()).output().unwrap()
    }

    /// What it prints; it must end well.
    pub fn says(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.says(words)).unwrap()
    }

    /// What it says when it is refused.
    pub fn refuses(&self, words: &[&str]) -> String {
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
    pub fn tamper(&self, statement: &str) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let database = self.database.open().await;
            let store = Store::new(database, Arc::new(SystemClock::default()), false);
            unlocked(&store).await;
            let writing = store.begin(Priority::Person).await.unwrap();
            sql::execute(writing.tx(), statement, []).await.unwrap();
            writing.commit_quietly().await.unwrap();
            store.database().close().await;
        });
    }

    /// The folder it runs in.
    pub fn folder(&self) -> &Path {
        self.database.folder()
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.database.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Starts serving on a free port; answers it and its address once it listens.
    pub fn serve(&self) -> (Child, String) {
        let serve = self.layer(&["serve", "--listen", "127.0.0.1:0"]);
        Self::listens(serve, Stdio::null())
    }

    /// The same with these words and variables; its log can be read.
    pub fn serve_with(&self, words: &[&str], variables: &[(&str, &str)]) -> (Child, String) {
        let mut serve = self.layer(words);
        serve.envs(variables.iter().copied());
        Self::listens(serve, Stdio::piped())
    }

    fn listens(mut layer: Command, log: Stdio) -> (Child, String) {
        let mut layer = layer.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
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
fn a_run_of_a_paused_queue_is_refused() {
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    desk.tamper(
        r#"INSERT INTO setting (name, value) VALUES ('queue_paused', '{"member":4,"at":0}')"#,
    );
    let refused = desk.refuses(&["queue", "run"]);
    assert!(
        refused.contains("is paused: nothing was deleted"),
        "{refused}"
    );
}

#[test]
fn an_import_with_rows_that_cannot_be_read_is_refused_unless_the_valid_ones_are_wanted() {
    let desk = Desk::new();
    let file = desk.file(
        "leads.csv",
        "Name,Phone,Fax\nAda,+44 20 7946 0018,\nBo\nCy,12,\n",
    );
    let file = file.to_str().unwrap();
    let refused = desk.run(&["import", file]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    for words in [
        "Line 3: This row has fewer cells than the header.",
        "In 1 row a telephone number isn't valid: it is kept as text. Line 4.",
        "Columns that are left out: Fax.",
        "Nothing was imported: 1 of 3 rows can't be read. Mend it, or import the other 2 with --valid-rows.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(desk.json(&["stats", "--json"])["leads"], 0);

    let refused = desk.run(&["import", file, "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let lines: Vec<Value> = String::from_utf8(refused.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let whats: Vec<&str> = lines
        .iter()
        .map(|line| line["what"].as_str().unwrap())
        .collect();
    assert_eq!(
        whats,
        ["refused-row", "guess", "column-left-out", "numbers"]
    );
    assert_eq!(
        (&lines[0]["line"], &lines[1]["guess"]),
        (&3.into(), &"telephone".into())
    );
    assert_eq!(
        (&lines[3]["imported"], &lines[3]["valid"]),
        (&0.into(), &2.into())
    );

    let said = desk.says(&["import", file, "--valid-rows"]);
    assert_eq!(
        said,
        "2 leads imported, 0 unchanged, 0 changed, 1 refused.\n"
    );
    // What is no table, or no call, is another matter.
    let zipped = desk.file("leads.csv.gz", "\u{1f}");
    std::fs::write(&zipped, [0x1f, 0x8b, 8, 0]).unwrap();
    for words in [
        &["import", zipped.to_str().unwrap()][..],
        &["import", "nowhere.csv"],
        &["import"],
        &["import", file, "--what"],
    ] {
        assert_eq!(desk.run(words).status.code(), Some(2), "{words:?}");
    }
    assert!(
        desk.refuses(&["import", zipped.to_str().unwrap()])
            .contains("Unpack it first")
    );
}

#[test]
fn a_day_at_the_command_line() {
    let desk = Desk::new();
    let file = desk.file("leads.csv", LEADS);
    let file = file.to_str().unwrap();
    assert!(desk.add("ada@example.com", "Layer Admin").status.success());

    // What is guessed comes first, the numbers last.
    let numbers = || -> Value {
        let lines = desk.says(&["import", file, "--json"]);
        serde_json::from_str(lines.lines().last().unwrap()).unwrap()
    };
    let first = numbers();
    assert_eq!(
        (
            &first["imported"],
            &first["unchanged"],
            &first["changed"],
            &first["refused"]
        ),
        (&4.into(), &0.into(), &0.into(), &0.into())
    );
    let again = numbers();
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
    let refused = desk.refuses(&delete("nonsense", &["--yes"]));
    assert!(refused.contains("Choose one of: duplicate, "), "{refused}");
    assert!(
        desk.refuses(&delete("other", &["--yes"]))
            .contains("details")
    );
    desk.says(&delete("outdated", &["--yes"]));
    assert_eq!(desk.json(&["stats", "--json"])["deletions_waiting"], 4);
    let status = desk.json(&["queue", "status", "--json"]);
    assert_eq!(status["waiting"], 4);
    // An instant for machines, beside the sentence.
    assert!(
        status["next_run_at"].as_str().unwrap().ends_with('Z'),
        "{status}"
    );

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
fn an_end_that_was_cut_off_with_its_head_contradicts_a_checkpoint() {
    if skips_on_postgres("its checkpoints have no place of their own until they are given one") {
        return;
    }
    let desk = Desk::new();
    desk.says(&["demo", "--leads", "5", "--seed", "1"]);
    let said = desk.says(&["audit", "verify"]);
    assert!(
        said.contains("No checkpoint says how long it was"),
        "{said}"
    );
    let said = desk.says(&["audit", "checkpoint"]);
    assert!(said.contains("layer.checkpoints"), "{said}");
    let said = desk.says(&["audit", "checkpoint"]);
    assert!(said.contains("of the last entry already"), "{said}");
    let said = desk.says(&["audit", "verify"]);
    assert!(said.contains("1 checkpoint agrees"), "{said}");
    let named = desk.folder().join("elsewhere.checkpoints");
    let named = named.to_str().unwrap();
    let refused = desk.refuses(&["audit", "verify", "--checkpoints", named]);
    assert!(refused.contains("There are no checkpoints in"), "{refused}");
    for statement in [
        "DELETE FROM audit_entry WHERE sequence = (SELECT MAX(sequence) FROM audit_entry)",
        "UPDATE audit_head SET sequence = sequence - 1, \
         hash = (SELECT e.hash FROM audit_entry e WHERE e.sequence = audit_head.sequence - 1)",
    ] {
        desk.tamper(statement);
    }
    let output = desk.run(&["audit", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("cut off"), "{said}");
    assert!(said.contains("(line 2)"), "{said}");
}

#[test]
fn a_name_that_is_mistyped_is_answered_by_a_sentence_and_no_new_database() {
    let desk = Desk::new();
    let (says, mistyped) = if is_postgres() {
        (
            "can't be reached",
            format!("{}_mistyped", desk.database.url()),
        )
    } else {
        ("There is no database", desk.database.url().to_owned())
    };
    for words in [
        &["stats", "--json"][..],
        &["queue", "run"],
        &["audit", "verify"],
    ] {
        let words = [words, &["--database", &mistyped]].concat();
        assert!(desk.refuses(&words).contains(says), "{words:?}");
    }
    assert!(!desk.database.folder().join("layer.db").exists());
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
    if skips_on_postgres("several nodes serve one PostgreSQL; nodes.rs has them") {
        return;
    }
    let desk = Desk::new();
    let file = desk.file("leads.csv", LEADS);
    let (mut layer, address) = desk.serve();
    // A second is refused, with a sentence; it doesn't wait for the first.
    let second = desk.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.contains("layer.db"), "{second}");
    let second = desk.refuses(&["work"]);
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
    assert!(!desk.database.folder().join("layer.db-wal").exists());
    // When it stopped it signed what the log was.
    let said = desk.says(&["audit", "checkpoint"]);
    assert!(said.contains("of the last entry already"), "{said}");
    let said = desk.says(&["audit", "verify"]);
    assert!(
        said.contains("the newest is of entry 2, signed by"),
        "{said}"
    );
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
            refused.contains("was made by a newer Layer"),
            "{words:?}: {refused}"
        );
    }
    if skips_on_postgres("a letter is no server") {
        return;
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
