//! E-mail by SMTP, for who set a server. A password never travels in the open: TLS is demanded of every server that isn't
//! this machine.

use std::time::Duration;

use anyhow::{Context, bail};
use axum::http::Uri;
use lettre::message::Mailbox;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// A server has so long for each step.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server to hand messages to, and who they are from.
#[derive(Debug, Clone)]
pub struct Post {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Post {
    /// `url` is `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://…` where the server speaks TLS from the beginning; `from` is
    /// `layer@example.com` or `Layer <layer@example.com>`. What is wrong is said without the password.
    pub fn new(url: &str, from: &str) -> anyhow::Result<Self> {
        const FORM: &str =
            "--smtp takes smtp://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT";
        let parts: Uri = url.parse().ok().context(FORM)?;
        let host = parts.host().context(FORM)?;
        let mut url = url.to_owned();
        match parts.scheme_str() {
            Some("smtps") => {}
            Some("smtp") if parts.query().is_some() || is_here(host) => {}
            Some("smtp") => {
                url = format!("{}?tls=required", url.trim_end_matches('/'));
            }
            _ => bail!(FORM),
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)
            .ok()
            .context(FORM)?
            .timeout(Some(PATIENCE))
            .build();
        let from = from.parse().ok().with_context(|| {
            format!("--mail-from takes an e-mail address, such as layer@example.com, not `{from}`")
        })?;
        Ok(Self { server, from })
    }

    /// Hands over one message to all of them; addresses that are none are left out.
    pub async fn send(&self, to: &[String], subject: &str, body: String) -> anyhow::Result<()> {
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(subject)
            .header(lettre::message::header::ContentType::TEXT_PLAIN);
        let mut known = 0_usize;
        for address in to {
            if let Ok(address) = address.parse::<Address>() {
                message = message.to(Mailbox::new(None, address));
                known += 1;
            }
        }
        if known == 0 {
            bail!("nobody who may run the queue has an e-mail address");
        }
        self.server.send(message.body(body)?).await?;
        Ok(())
    }
}

/// Whether that is this machine: nobody listens in between.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_senders_are_understood() {
        for url in [
            "smtp://127.0.0.1:2525",
            "smtp://localhost",
            "smtp://[::1]:25",
            "smtp://user:p%40ss@mail.example:587",
            "smtps://user:pass@mail.example",
            "smtp://mail.example:25?tls=opportunistic",
        ] {
            assert!(Post::new(url, "Layer <layer@example.com>").is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (url, from) in [
            ("mail.example", "layer@example.com"),
            ("http://user:s3cret@mail.example", "layer@example.com"),
            ("smtp://user:s3cret@mail.example:587", "nobody"),
            ("smtp://user:s3cret@", "layer@example.com"),
        ] {
            let said = match Post::new(url, from) {
                Ok(_) => "it was taken".to_owned(),
                Err(error) => format!("{error:#}"),
            };
            assert!(said.starts_with("--"), "{url}: {said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
