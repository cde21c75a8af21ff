//! `cordon keys`: which keys there are, and new ones in the place of old ones.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use cordon_context::SystemClock;
use cordon_store::{AuditRecord, Database, Opening};
use cordon_vault::{KeyRole, KeyService as _, KeyState, KeySummary};
use serde_json::json;

use crate::assembly::{self, SERVICES};
use crate::cli::Rotate;
use crate::exit::Ending;
use crate::settings::Settings;

/// The key that wraps all others.
const MASTER: &str = "master";

/// Prints every key without its secret.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) fn list(settings: &Settings) -> anyhow::Result<Ending> {
    let keys = assembly::keys(settings, Opening::Existing)?;
    println!("{MASTER:<44} {}", keys.master_key()?);
    for key in keys.list()? {
        let state = match key.state {
            KeyState::Write => "使用中 / in use",
            KeyState::Read => "仅读取 / reads",
            KeyState::Retired => "已停用 / retired",
        };
        println!("{:<44} {} {} {state}, {}", name_of(&key), key.id, key.suite.as_str(), key.uses);
    }
    Ok(Ending::Done)
}

fn name_of(key: &KeySummary) -> String {
    format!("{}/{}", key.role.as_str(), key.name)
}

/// Makes a new key and writes down in the ledger that there is one.
#[expect(clippy::print_stdout, reason = "the answer of the command")]
pub(crate) async fn rotate(settings: &Settings, options: &Rotate) -> anyhow::Result<Ending> {
    let keys = assembly::keys(settings, Opening::Existing)?;
    let wanted = options.key.as_str();
    let target = if wanted == MASTER { None } else { Some(known(&keys.list()?, wanted)?) };
    // Whoever changes a key is written down; where that cannot be, nothing is changed.
    let service = target.as_ref().map_or("directory", |(_role, name)| ledger_of(name));
    let database = assembly::database(settings, service, Arc::new(SystemClock), Opening::Existing).await?;
    note(&database, wanted, None).await?;
    let id = match &target {
        None => keys.rotate_master()?,
        Some((role, name)) => keys.rotate(*role, name)?,
    };
    note(&database, wanted, Some(id.to_string())).await?;
    println!("新密钥 / the new key: {wanted} {id}");
    println!("请备份密钥目录 / back the key folder up: {}", settings.keys.directory.display());
    Ok(Ending::Done)
}

/// A key that is there and can be changed without changing rows.
fn known(keys: &[KeySummary], wanted: &str) -> anyhow::Result<(KeyRole, String)> {
    let found = keys
        .iter()
        .find(|key| name_of(key) == wanted)
        .with_context(|| format!("没有密钥 / there is no key {wanted}; cordon keys list"))?;
    if found.role == KeyRole::Index {
        bail!(
            "索引密钥不可在线更换：已存的指纹按旧密钥计算，换钥后相同的号码将不再相等 / \
             an index key is not rotated: stored fingerprints are of the old one, and equal numbers would not be equal any more"
        );
    }
    Ok((found.role, found.name.clone()))
}

/// Keys of a service are noted in its ledger, all others in that of the directory.
fn ledger_of(name: &str) -> &'static str {
    SERVICES
        .into_iter()
        .find(|service| name == *service || name.starts_with(&format!("{service}-")))
        .unwrap_or("directory")
}

async fn note(database: &Database, key: &str, made: Option<String>) -> anyhow::Result<()> {
    let context = assembly::own_call("keys_rotate", database.clock().as_ref());
    let action = if made.is_some() { "key.rotated" } else { "key.rotate" };
    let record = AuditRecord::new(action, format!("key_{key}"), json!({ "key": key, "id": made }));
    database
        .write(&context, move |mut tx| async move {
            tx.record(record);
            tx.commit(()).await
        })
        .await
        .with_context(|| {
            format!("{} 的账本无法写入 / the ledger of {} cannot be written", database.service(), database.service())
        })
}
