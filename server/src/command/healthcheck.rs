//! `layer healthcheck`: for what watches the process, where no other program is at hand.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whom to ask.
#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Where the server listens.
    #[arg(
        long,
        env = "LAYER_LISTEN",
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS"
    )]
    listen: SocketAddr,
}

impl Healthcheck {
    /// Asks `/readyz`; the exit code.
    pub async fn run(self) -> anyhow::Result<u8> {
        match timeout(PATIENCE, ask(self.listen)).await {
            Ok(Ok(status)) if status.contains(" 200 ") => {
                println!("ready");
                Ok(0)
            }
            Ok(Ok(status)) => {
                println!("not ready: {}", status.trim());
                Ok(1)
            }
            Ok(Err(_)) | Err(_) => {
                println!("nobody answers at {}", self.listen);
                Ok(1)
            }
        }
    }
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or("").to_owned())
}
