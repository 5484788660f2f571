//! `layer delete`: what Delete All does, in somebody's name and with their rights.

use anyhow::{Context, bail};
use clap::Args;
use domain::draft::Confirmation;
use domain::permission::{DeleteAll, DeleteLeads, SeeLeads};
use domain::ports::{Drafts, Sessions, WorkStacks};
use domain::selection::Selection;
use domain::text;
use domain::work_stack::GridView;

use crate::store::Store;

/// What to delete, why, and in whose name.
#[derive(Debug, Args)]
pub struct Delete {
    /// The work stack's name.
    #[arg(long, value_name = "NAME")]
    work_stack: String,
    /// The reason's code: duplicate, outdated, irrelevant, do-not-contact, invalid, other.
    #[arg(long, value_name = "CODE")]
    reason: String,
    /// Extra details.
    #[arg(long, default_value = "", value_name = "TEXT")]
    details: String,
    /// The member in whose name: their e-mail address.
    #[arg(long = "as", value_name = "EMAIL")]
    member: String,
    /// Yes, all of them; also confirms the reason's sentence.
    #[arg(long)]
    yes: bool,
}

impl Delete {
    /// Drafts the whole stack and confirms it.
    pub async fn run(self, store: &Store) -> anyhow::Result<()> {
        let actor = store
            .member_by_email(&self.member)
            .await?
            .with_context(|| format!("Nobody active has the e-mail address {}.", self.member))?;
        let stacks = store.shell(&actor).await?.work_stacks;
        let stack = stacks
            .into_iter()
            .find(|stack| text::fold(&stack.name) == text::fold(&self.work_stack))
            .with_context(|| {
                format!(
                    "There is no work stack “{}” that this member sees.",
                    self.work_stack
                )
            })?;
        let view = GridView {
            work_stack: stack.id,
            search: String::new(),
            order: None,
            hide_deletions: None,
            only: None,
        };
        let page = store
            .grid(actor.granted::<SeeLeads>()?, view.clone())
            .await?;
        if !self.yes {
            bail!(
                "{} would be deleted from “{}”. Say --yes to delete them.",
                text::leads(page.total),
                stack.name
            );
        }
        let selection = Selection::Matching {
            view,
            as_of: page.as_of,
            except: Default::default(),
        };
        let draft = store
            .draft_matching(actor.granted::<DeleteAll>()?, selection)
            .await?;
        let reason = draft
            .reasons
            .iter()
            .find(|reason| reason.code == self.reason);
        if reason.is_none() {
            let codes: Vec<_> = draft.reasons.iter().map(|reason| &*reason.code).collect();
            bail!(
                "There is no reason “{}”. Choose one of: {}.",
                self.reason,
                codes.join(", ")
            );
        }
        let confirmation = Confirmation {
            draft: draft.id,
            reason: self.reason.clone(),
            details: self.details,
            typed: draft.counts_for(reason).leads.to_string(),
            sentence_confirmed: self.yes,
        };
        let confirmed = store
            .confirm(actor.granted::<DeleteLeads>()?, confirmation)
            .await?;
        println!("{}", confirmed.message);
        Ok(())
    }
}
