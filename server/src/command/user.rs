//! `layer user …`

use std::io::{self, IsTerminal};

use anyhow::Context;
use clap::Subcommand;

use crate::store::Store;
use crate::store::member::NewMember;

/// Members on the command line.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds a member. The password is read from standard input.
    Add {
        /// The address they sign in with.
        email: String,
        /// The name that others see.
        #[arg(long)]
        name: String,
        /// Agent, Team Leader, Manager, Layer Admin or Auditor.
        #[arg(long)]
        role: String,
    },
}

/// Runs it.
pub async fn run(command: UserCommand, store: &Store) -> anyhow::Result<()> {
    let UserCommand::Add { email, name, role } = command;
    if io::stdin().is_terminal() {
        eprintln!("Password (10 characters or more; it shows as you type, or pipe it in):");
    }
    let mut password = String::new();
    io::stdin()
        .read_line(&mut password)
        .context("The password could not be read from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    store
        .add_member(NewMember {
            email,
            name,
            role,
            password,
        })
        .await?;
    println!("Added. They can sign in now.");
    Ok(())
}
