//! The account's storage as files for a real account: a script, a template, and the bodies that the script reads.
//!
//! Belongs here: bringing core's texts and the store's bytes together. Does not belong here: what the texts say (core's `export`), folders and archives
//! ([`ExportTarget`]s).

use serde_json::{Value, json};
use sluice_core::account::{Account, ApiError, BodyRange, Call, Part};
use sluice_core::sim::SimTime;

use crate::host::Host;
use crate::sealing::Body;
use crate::store::{Store, StoreError};

/// Name of the script among the files of an export.
pub const SCRIPT: &str = "storage.sh";
/// Name of the CloudFormation template.
pub const TEMPLATE: &str = "template.json";

/// Where the files of an export go, one after the other.
pub trait ExportTarget {
    fn begin(&mut self, path: &str) -> Result<(), StoreError>;
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;
    fn end(&mut self) -> Result<(), StoreError>;
}

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    pub bodies: u64,
    /// Of the bodies.
    pub bytes: u64,
    /// What a real account will not be like.
    pub notes: Vec<String>,
}

struct Plan {
    script: String,
    template: String,
    bodies: Vec<(String, Body)>,
    notes: Vec<String>,
}

impl<S: Store> Host<S> {
    /// Writes the export. Other calls go on meanwhile; what is written is the account as it is now. Nothing of it is an access, and nothing is logged.
    ///
    /// Errors: the store's.
    pub async fn export_storage(&self, wall: SimTime, target: &mut impl ExportTarget) -> Result<Exported, ApiError> {
        let plan = self.export_plan(wall).await?;
        for (_, body) in &plan.bodies {
            self.pin(&body.range.blob.id);
        }
        let written = self.write_files(&plan, target).await;
        for (_, body) in &plan.bodies {
            self.unpin(&body.range.blob.id);
        }
        written.map_err(|error| error.to_api_error())?;
        Ok(Exported {
            bodies: plan.bodies.len() as u64,
            bytes: plan.bodies.iter().map(|(_, body)| body.range.length).sum(),
            notes: plan.notes,
        })
    }

    async fn export_plan(&self, wall: SimTime) -> Result<Plan, ApiError> {
        let mut state = self.state.lock().await;
        self.recover(&mut state).await.map_err(|error| error.to_api_error())?;
        let brought = self.options.bring.to(&mut state.account, &[Part::Export]).await;
        brought.map_err(|error| error.to_api_error())?;
        let now = state.now(wall);
        let account = &mut state.account;
        let mut ask = |operation: &str| account.apply(now, &Call::new("sluice", operation, json!({}))).map(|outcome| outcome.response);
        let (script, template) = (ask("ExportScript")?, ask("ExportCloudFormation")?);
        let bodies = script["Bodies"].as_array().into_iter().flatten().map(|body| resolve(account, now, body));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let notes = |answer: &Value| answer["Notes"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
        let mut all = notes(&script);
        all.extend(notes(&template));
        Ok(Plan {
            bodies: bodies.collect::<Result<_, _>>()?,
            script: text(&script["Script"]),
            template: text(&template["TemplateBody"]),
            notes: all,
        })
    }

    async fn write_files(&self, plan: &Plan, target: &mut impl ExportTarget) -> Result<(), StoreError> {
        for (path, text) in [(SCRIPT, &plan.script), (TEMPLATE, &plan.template)] {
            target.begin(path)?;
            target.write(text.as_bytes())?;
            target.end()?;
        }
        for (path, body) in &plan.bodies {
            target.begin(path)?;
            let mut done = 0;
            loop {
                let piece = self.piece(body, done).await?;
                if piece.is_empty() {
                    break;
                }
                done += piece.len() as u64;
                target.write(&piece)?;
            }
            target.end()?;
        }
        Ok(())
    }
}

/// The bytes of one file of `sluice:ExportScript`.
fn resolve(account: &Account, now: SimTime, body: &Value) -> Result<(String, Body), ApiError> {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let number = |name: &str| body[name].as_u64().unwrap_or_default();
    let stored = account.stored_bytes(now, text("Bucket"), text("Key"), text("VersionId"))?;
    let range = BodyRange {
        offset: stored.offset + number("Offset"),
        length: number("Length"),
        ..stored
    };
    Ok((text("Path").to_owned(), Body::new(account, range, None)))
}
