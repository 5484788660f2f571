//! The frame around the promises: what is asked for on the command line, the databases, the seed and the table.

use std::fmt::Write as _;
use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::text::number;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::ground::Engine;

/// Where a PostgreSQL server listens, as a URL without a database. Set, every promise about a database runs there too.
const POSTGRES: &str = "LAYER_TEST_POSTGRES";

/// One promise and what tortures it.
pub struct Promise {
    /// As it is asked for: `p1`.
    pub name: &'static str,
    /// What is promised.
    pub words: &'static str,
    /// Where it applies.
    pub on: On,
    /// It measures time: nothing else must take the machine meanwhile.
    pub alone: bool,
    /// Tortures it.
    pub run: Run,
}

/// Where a promise applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// No database takes part.
    Nothing,
    /// Both databases.
    Both,
}

/// Tortures a promise on a database.
pub type Run =
    Box<dyn Fn(Task) -> Pin<Box<dyn Future<Output = anyhow::Result<Report>> + Send>> + Send>;

impl Promise {
    /// A promise that this function tortures.
    pub fn new<F>(
        name: &'static str,
        words: &'static str,
        on: On,
        run: impl Fn(Task) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<Report>> + Send + 'static,
    {
        Self {
            name,
            words,
            on,
            alone: false,
            run: Box::new(move |task| Box::pin(run(task))),
        }
    }

    /// That measures time.
    pub fn alone(self) -> Self {
        Self {
            alone: true,
            ..self
        }
    }
}

/// What a promise is given.
#[derive(Debug, Clone)]
pub struct Task {
    /// The database.
    pub engine: Engine,
    /// The long figures.
    pub long: bool,
    /// The seed of this promise on this database.
    pub seed: u64,
}

impl Task {
    /// The figure for a short run, or for a long one.
    pub fn figure<T>(&self, short: T, long: T) -> T {
        if self.long { long } else { short }
    }

    /// What its choices are drawn from.
    pub fn random(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed)
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// How often it was tried; each promise says of what.
    pub tries: u64,
    /// What was done to it: kills, faults, cuts, lost races.
    pub faults: u64,
    /// What should be there and isn't.
    pub lost: u64,
    /// What was done more than once.
    pub doubled: u64,
    /// What was done in part.
    pub half_done: u64,
    /// What is broken besides: sentences.
    pub broken: Vec<String>,
    /// What was measured, for the reader.
    pub measured: Vec<String>,
}

impl Report {
    /// Whether the promise was kept.
    pub fn is_kept(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.half_done == 0 && self.broken.is_empty()
    }

    /// Something is broken, said once in so many words.
    pub fn broke(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.broken.len() < 20 && !self.broken.contains(&what) {
            self.broken.push(what);
        }
    }

    /// Broken unless it holds.
    pub fn holds(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.broke(otherwise());
        }
    }
}

/// What was asked for.
#[derive(Debug, Default)]
struct Asked {
    long: bool,
    /// On PostgreSQL alone.
    postgres: bool,
    /// Those that measure time alone, or those that don't.
    alone: Option<bool>,
    seed: Option<u64>,
    only: Vec<String>,
    /// All but this one.
    except: Option<String>,
}

fn asked(words: &[String]) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--long" => asked.long = true,
            "--postgres" => asked.postgres = true,
            "--alone" => asked.alone = Some(true),
            "--beside" => asked.alone = Some(false),
            "--except" => {
                let name = words.next().ok_or("--except wants a promise")?;
                asked.except = Some(name.to_lowercase());
            }
            "--seed" => {
                let seed = words.next().and_then(|seed| seed.parse().ok());
                asked.seed = Some(seed.ok_or("--seed wants a number")?);
            }
            name if name.starts_with('-') => return Err(format!("there is no {name}")),
            name => asked.only.push(name.to_lowercase()),
        }
    }
    Ok(asked)
}

/// Runs what was asked for, prints the table, and says whether everything held.
pub async fn run(promises: Vec<Promise>, words: &[String]) -> ExitCode {
    let asked = match asked(words) {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    let unknown = asked
        .only
        .iter()
        .chain(&asked.except)
        .find(|name| !promises.iter().any(|promise| promise.name == **name));
    if let Some(unknown) = unknown {
        let names: Vec<&str> = promises.iter().map(|promise| promise.name).collect();
        eprintln!(
            "there is no promise {unknown}; there are {}",
            names.join(", ")
        );
        return ExitCode::from(2);
    }
    hush_fault_points();
    let seed = asked.seed.unwrap_or_else(seed_of_now);
    println!(
        "seed {seed}, {} figures",
        if asked.long { "long" } else { "short" }
    );
    println!("{}", heading());
    let (mut all_kept, begun) = (true, Instant::now());
    for promise in &promises {
        if !asked.only.is_empty() && !asked.only.iter().any(|name| name == promise.name) {
            continue;
        }
        if asked.except.as_deref() == Some(promise.name)
            || asked.alone.is_some_and(|alone| alone != promise.alone)
        {
            continue;
        }
        for engine in engines(promise.on, asked.postgres) {
            let task = Task {
                engine: engine.clone(),
                long: asked.long,
                seed: seed ^ spread(promise.name),
            };
            let start = Instant::now();
            let report = (promise.run)(task).await.unwrap_or_else(|error| Report {
                broken: vec![format!("it could not be tortured to its end: {error:#}")],
                ..Report::default()
            });
            all_kept &= report.is_kept();
            let seconds = start.elapsed().as_secs_f64();
            println!("{}", line(promise, &engine, &report, seconds));
        }
    }
    println!(
        "{} after {} s",
        if all_kept {
            "every promise was kept"
        } else {
            "NOT every promise was kept"
        },
        begun.elapsed().as_secs()
    );
    if all_kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn engines(on: On, postgres_alone: bool) -> Vec<Engine> {
    let mut engines = Vec::new();
    if !postgres_alone {
        engines.push(match on {
            On::Nothing => Engine::None,
            On::Both => Engine::Sqlite,
        });
    }
    if on == On::Both
        && let Ok(server) = std::env::var(POSTGRES)
    {
        engines.push(Engine::Postgres(server));
    }
    engines
}

fn heading() -> String {
    format!(
        "{:<5} {:<58} {:<10} {:>9} {:>7} {:>5} {:>8} {:>9} {:>8}",
        "", "promise", "database", "tries", "faults", "lost", "doubled", "half done", "seconds"
    )
}

fn line(promise: &Promise, engine: &Engine, report: &Report, seconds: f64) -> String {
    let mut line = format!(
        "{:<5} {:<58} {:<10} {:>9} {:>7} {:>5} {:>8} {:>9} {:>8.1}",
        promise.name,
        promise.words,
        engine.words(),
        number(report.tries),
        number(report.faults),
        number(report.lost),
        number(report.doubled),
        number(report.half_done),
        seconds
    );
    for measured in &report.measured {
        _ = write!(line, "\n      {measured}");
    }
    for broken in &report.broken {
        _ = write!(line, "\n      BROKEN: {broken}");
    }
    line
}

/// A number for a name, so that each promise draws from its own.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn seed_of_now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since.as_millis() as u64 % 1_000_000_000
}

/// A panic that a fault point makes is wanted: it isn't told.
fn hush_fault_points() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.payload().downcast_ref::<&str>();
        if words != Some(&"a fault point") {
            tell(panic);
        }
    }));
}
