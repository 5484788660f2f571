//! Real processes of `layer`, to be killed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::{sleep, timeout};

use crate::ground::Ground;

/// Whatever isn't there by then never comes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A process of `layer`.
pub struct Layer {
    child: Child,
}

impl Layer {
    fn command(ground: &Ground, words: &[&str]) -> Result<Command> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(ground.path().join("layer.log"))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_layer"));
        command
            .current_dir(ground.path())
            .env("LAYER_DATABASE", &ground.url)
            .env("RUST_LOG", "error")
            .args(words)
            .stdin(Stdio::null())
            .stderr(log);
        Ok(command)
    }

    /// `layer queue run`: drains the queue and ends.
    pub fn queue_run(ground: &Ground) -> Result<Self> {
        let child = Self::command(ground, &["queue", "run"])?
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// `layer migrate`: makes the schema and ends.
    pub fn migrate(ground: &Ground) -> Result<Self> {
        let child = Self::command(ground, &["migrate"])?
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// `layer serve`, not waited for.
    pub fn serving(ground: &Ground) -> Result<Self> {
        let child = Self::command(ground, &["serve", "--demo", "--listen", "127.0.0.1:0"])?
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// `layer serve` once it listens, and where.
    pub async fn serve(ground: &Ground, listen: &str) -> Result<(Self, String)> {
        let mut child = Self::command(ground, &["serve", "--demo", "--listen", listen])?
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("it has no output")?;
        let stdout = tokio::process::ChildStdout::from_std(stdout)?;
        let mut lines = BufReader::new(stdout).lines();
        let mut layer = Self { child };
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return Ok(address.to_owned());
                }
            }
            bail!("`layer serve` ended before it listened")
        };
        let address = match timeout(PATIENCE, listening).await {
            Ok(address) => address?,
            Err(_) => {
                layer.kill()?;
                bail!("`layer serve` doesn't listen");
            }
        };
        // Whatever else it prints is read, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((layer, address))
    }

    /// SIGKILL: it ends in the middle of whatever it does.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        _ = self.child.kill();
        Ok(self.child.wait()?)
    }

    /// SIGTERM: it is asked to stop.
    pub fn ask_to_stop(&self) -> Result<()> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .context("there is no `kill`")?;
        anyhow::ensure!(asked.success(), "the process can't be told to stop");
        Ok(())
    }

    /// Whether it has ended by itself, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until it ends by itself; `None` where it doesn't in that time.
    pub async fn end(&mut self, within: Duration) -> Result<Option<ExitStatus>> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(None)
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// When a file was written last, and how long it is; nothing where there is none.
pub fn written(file: &Path) -> Option<(SystemTime, u64)> {
    let about = file.metadata().ok()?;
    Some((about.modified().ok()?, about.len()))
}
