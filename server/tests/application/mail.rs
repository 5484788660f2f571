//! The Layer Admins are told by e-mail of what failed or is overdue: once when it begins or grows, at most once an hour,
//! without anything about a lead.

use std::sync::{Arc, Mutex};

use crate::queue::Queue;
use crate::test_database::skips_on_sqlite;
use domain::time::{HOUR, MINUTE};
use server::database::Priority;
use server::mail::Post;
use server::store::sql;
use server::told::Teller;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A message as it was handed over.
#[derive(Debug, Clone, Default)]
struct Letter {
    to: Vec<String>,
    text: String,
}

/// An SMTP server of this test's own.
struct Smtp {
    url: String,
    letters: Arc<Mutex<Vec<Letter>>>,
    refuses: Arc<Mutex<bool>>,
}

impl Smtp {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let smtp = Self {
            url,
            letters: Arc::default(),
            refuses: Arc::default(),
        };
        let (letters, refuses) = (smtp.letters.clone(), smtp.refuses.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let refuses = *refuses.lock().unwrap();
                serve(stream, &letters, refuses).await;
            }
        });
        smtp
    }

    fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }
}

/// One conversation.
async fn serve(stream: TcpStream, letters: &Mutex<Vec<Letter>>, refuses: bool) {
    let mut stream = BufReader::new(stream);
    let mut letter = Letter::default();
    stream.write_all(b"220 test\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let command = line.trim().to_uppercase();
        let answer = if command.starts_with("RCPT TO:") {
            letter
                .to
                .push(line.trim()[8..].trim_matches(['<', '>']).to_owned());
            if refuses {
                "550 no such person: admin@secret.test"
            } else {
                "250 ok"
            }
        } else if command == "DATA" {
            stream.write_all(b"354 go on\r\n").await.unwrap();
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).await.unwrap();
                if line == ".\r\n" {
                    break;
                }
                letter.text += &line;
            }
            letters.lock().unwrap().push(std::mem::take(&mut letter));
            "250 taken"
        } else if command == "QUIT" {
            _ = stream.write_all(b"221 bye\r\n").await;
            return;
        } else {
            "250 ok"
        };
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .unwrap();
    }
}

fn teller(smtp: &Smtp) -> Teller {
    Teller {
        post: Post::new(&smtp.url, "Layer <layer@desk.test>").unwrap(),
        url: "https://layer.example".into(),
    }
}

/// One more deletion that the database refuses.
async fn fail(queue: &Queue, lead: domain::lead::LeadId) {
    queue.poison(lead).await;
    let gone = queue
        .x("Layer Admin", lead, Some("duplicate"))
        .await
        .unwrap();
    assert!(!gone.erased);
}

#[tokio::test]
async fn what_begins_to_fail_is_told_once_to_who_may_run_the_queue() {
    let (queue, leads) = Queue::with(3).await;
    let (smtp, store) = (Smtp::start().await, &queue.store);
    let teller = teller(&smtp);
    assert!(!teller.look(store).await.unwrap());

    fail(&queue, leads[0]).await;
    fail(&queue, leads[1]).await;
    assert!(teller.look(store).await.unwrap());
    assert!(!teller.look(store).await.unwrap());
    let letters = smtp.letters();
    assert_eq!(letters.len(), 1);
    // The desk's Layer Admin, alone.
    assert_eq!(letters[0].to, ["4@desk.test"]);
    let text = &letters[0].text;
    assert!(
        text.contains("Subject: Layer: 2 deletions failed"),
        "{text}"
    );
    assert!(
        text.contains("https://layer.example/settings/lead-management?tab="),
        "{text}"
    );
    // Nothing about a lead or a person.
    for secret in ["Ann", "Example", "L-", "442079", "Manager"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn what_grows_within_the_hour_is_told_when_it_is_over() {
    let (queue, leads) = Queue::with(4).await;
    let (smtp, store) = (Smtp::start().await, &queue.store);
    let teller = teller(&smtp);
    fail(&queue, leads[0]).await;
    assert!(teller.look(store).await.unwrap());
    queue.clock.advance(10 * MINUTE);
    fail(&queue, leads[1]).await;
    assert!(!teller.look(store).await.unwrap());
    queue.clock.advance(HOUR);
    assert!(teller.look(store).await.unwrap());
    assert!(smtp.letters()[1].text.contains("2 deletions failed"));
    queue.clock.advance(3 * HOUR);
    assert!(!teller.look(store).await.unwrap());
    assert_eq!(smtp.letters().len(), 2);
}

#[tokio::test]
async fn what_is_overdue_is_told_by_the_clock() {
    let (queue, leads) = Queue::with(2).await;
    let (smtp, store) = (Smtp::start().await, &queue.store);
    queue.delete("Manager", "duplicate", &leads).await;
    let teller = teller(&smtp);
    assert!(!teller.look(store).await.unwrap());
    queue.clock.advance(49 * HOUR);
    assert!(teller.look(store).await.unwrap());
    assert!(
        smtp.letters()[0]
            .text
            .contains("2 deletions not processed within 48 hours")
    );
}

#[tokio::test]
async fn a_message_that_is_refused_is_tried_again() {
    let (queue, leads) = Queue::with(1).await;
    let (smtp, store) = (Smtp::start().await, &queue.store);
    let teller = teller(&smtp);
    *smtp.refuses.lock().unwrap() = true;
    fail(&queue, leads[0]).await;
    assert!(!teller.look(store).await.unwrap());
    *smtp.refuses.lock().unwrap() = false;
    queue.clock.advance(MINUTE);
    assert!(!teller.look(store).await.unwrap(), "not at once");
    queue.clock.advance(5 * MINUTE);
    assert!(teller.look(store).await.unwrap());
    assert_eq!(smtp.letters().len(), 1);
}

#[tokio::test]
async fn two_nodes_write_one_message() {
    let (queue, leads) = Queue::with(1).await;
    let smtp = Smtp::start().await;
    let (teller, other) = (teller(&smtp), queue.again().await);
    fail(&queue, leads[0]).await;
    let (here, there) = tokio::join!(teller.look(&queue.store), teller.look(&other));
    assert!(here.unwrap() != there.unwrap());
    assert_eq!(smtp.letters().len(), 1);
}

#[tokio::test]
async fn what_grew_while_a_message_was_sent_is_owed() {
    let (queue, leads) = Queue::with(2).await;
    let (smtp, store) = (Smtp::start().await, &queue.store);
    fail(&queue, leads[0]).await;
    let message = store.look_what_to_tell().await.unwrap().unwrap();
    // Another node looks before it is known that the message was sent.
    fail(&queue, leads[1]).await;
    let other = queue.again().await;
    assert_eq!(other.look_what_to_tell().await.unwrap(), None);
    store.told(&message).await.unwrap();
    queue.clock.advance(HOUR);
    assert!(teller(&smtp).look(store).await.unwrap());
    assert!(smtp.letters()[0].text.contains("2 deletions failed"));
}

#[tokio::test]
async fn what_another_node_saw_while_a_message_was_sent_is_kept() {
    if skips_on_sqlite("it has one writer") {
        return;
    }
    let (queue, leads) = Queue::with(1).await;
    fail(&queue, leads[0]).await;
    let message = queue.store.look_what_to_tell().await.unwrap().unwrap();
    let other = queue.again().await;
    let looking = other.begin(Priority::Queue).await.unwrap();
    let saw = r#"{"failed":5,"overdue":0,"owed":true,"not_before":null}"#;
    let kept = "UPDATE setting SET value = $1 WHERE name = 'told'";
    sql::execute(looking.tx(), kept, [saw.into()])
        .await
        .unwrap();
    let store = Arc::new(queue.again().await);
    let telling = tokio::spawn(async move { store.told(&message).await });
    while queue.number(WAITING, []).await == 0 {
        tokio::task::yield_now().await;
    }
    looking.commit_quietly().await.unwrap();
    telling.await.unwrap().unwrap();
    let kept = "SELECT COUNT(*) FROM setting WHERE name = 'told' AND value LIKE '{\"failed\":5,%\"owed\":true%'";
    assert_eq!(queue.number(kept, []).await, 1);
}

/// How many wait for a lock of this database.
const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
