//! What a browser sends to a real process: one request a connection, so that it can be cut at any byte.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Where the server listens.
    pub address: String,
    /// Its session.
    pub cookie: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// All heads.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Browser {
    /// Signs in as one of the demo's people.
    pub async fn sign_in(address: &str, email: &str) -> Result<Self> {
        let nobody = Self {
            address: address.to_owned(),
            cookie: String::new(),
        };
        let form = format!("email={email}");
        let request = nobody.request(
            "POST",
            "/sign-in/demo",
            "application/x-www-form-urlencoded",
            &form,
        );
        let answer = nobody.send(&request).await?;
        let cookie = answer
            .head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .and_then(|(_, value)| value.split(';').next())
            .with_context(|| format!("nobody was signed in: {}", answer.status))?;
        Ok(Self {
            address: address.to_owned(),
            cookie: cookie.to_owned(),
        })
    }

    fn request(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let cookie = if self.cookie.is_empty() {
            String::new()
        } else {
            format!("cookie: {}\r\n", self.cookie)
        };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{cookie}content-type: {kind}\r\ncontent-length: {}\r\n\
             sec-fetch-site: same-origin\r\nconnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
    }

    async fn send(&self, request: &str) -> Result<Answer> {
        let sent = async {
            let mut stream = TcpStream::connect(&self.address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await?;
            answer(&bytes)
        };
        timeout(PATIENCE, sent).await.context("no answer came")?
    }

    /// Opens a page.
    pub async fn page(&self, path: &str) -> Result<Answer> {
        self.send(&self.request("GET", path, "text/plain", ""))
            .await
    }

    /// Calls a server function.
    pub async fn call(&self, endpoint: &str, arguments: &Value) -> Result<Answer> {
        let request = self.request(
            "POST",
            &format!("/api/{endpoint}"),
            "application/json",
            &arguments.to_string(),
        );
        self.send(&request).await
    }

    /// Calls a server function that must succeed.
    pub async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        endpoint: &str,
        arguments: &Value,
    ) -> Result<T> {
        let answer = self.call(endpoint, arguments).await?;
        if answer.status != 200 {
            bail!("{endpoint} answered {}: {}", answer.status, answer.body);
        }
        Ok(serde_json::from_str(&answer.body)?)
    }

    /// Calls a server function, and comes back at the first byte of its answer: whether it is a 200 is read from the first
    /// line, the rest is never read.
    pub async fn first_byte(&self, endpoint: &str, arguments: &Value) -> Result<FirstByte> {
        let request = self.request(
            "POST",
            &format!("/api/{endpoint}"),
            "application/json",
            &arguments.to_string(),
        );
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut first = [0_u8; 1];
        timeout(PATIENCE, stream.read_exact(&mut first)).await??;
        Ok(FirstByte { stream, first })
    }

    /// Opens the live stream.
    pub async fn live(&self, since: i64) -> Result<Stream> {
        let request = self.request("GET", &format!("/live?since={since}"), "text/plain", "");
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.write_all(request.as_bytes()).await?;
        Ok(Stream {
            stream,
            unread: String::new(),
        })
    }
}

/// An answer of which one byte was read.
pub struct FirstByte {
    stream: TcpStream,
    first: [u8; 1],
}

impl FirstByte {
    /// The status in the first line, as far as it still comes.
    pub async fn status(mut self) -> Option<u16> {
        let mut line = self.first.to_vec();
        let mut byte = [0_u8; 1];
        while line.len() < 16 && self.stream.read_exact(&mut byte).await.is_ok() {
            line.push(byte[0]);
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        line.split(' ').nth(1)?.parse().ok()
    }
}

/// An open live stream.
pub struct Stream {
    stream: TcpStream,
    unread: String,
}

impl Stream {
    /// The next frame's JSON; `None` where the stream ended.
    pub async fn frame(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(begin) = self.unread.find("data: ")
                && let Some(length) = self.unread[begin..].find('\n')
            {
                let data = self.unread[begin + 6..begin + length].trim().to_owned();
                self.unread = self.unread[begin + length..].to_owned();
                return Ok(Some(data));
            }
            let mut bytes = [0_u8; 8_192];
            let read = self.stream.read(&mut bytes).await?;
            if read == 0 {
                return Ok(None);
            }
            self.unread
                .push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }
}

fn answer(bytes: &[u8]) -> Result<Answer> {
    let at = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("the answer was cut")?;
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("the answer has no status")?;
    let body = &bytes[at + 4..];
    let lower = head.to_ascii_lowercase();
    let body = if lower.contains("transfer-encoding: chunked") {
        chunks(body)?
    } else {
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.trim().parse::<usize>().ok());
        if length.is_some_and(|length| length != body.len()) {
            bail!("the answer was cut");
        }
        body.to_vec()
    };
    Ok(Answer {
        status,
        head,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn chunks(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes
            .windows(2)
            .position(|two| two == b"\r\n")
            .context("the answer was cut")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line])?.trim(), 16)?;
        bytes = &bytes[line + 2..];
        if size == 0 {
            return Ok(body);
        }
        body.extend(bytes.get(..size).context("the answer was cut")?);
        bytes = bytes.get(size + 2..).context("the answer was cut")?;
    }
}
