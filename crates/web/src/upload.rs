//! Files that are sent up: streamed to disk, never held in memory.

use std::path::{Path, PathBuf};

use actix_web::HttpRequest;
use actix_web::web::Payload;
use cordon_context::{Code, Refusal};
use futures::StreamExt as _;
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout_at;

use crate::body::{BodyLimits, Watch};

/// A file that was sent up; it is removed unless it is kept.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    name: String,
    bytes: usize,
    kept: bool,
}

impl Upload {
    /// The name in the folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Leaves the file where it is, for the service that reads it; gives its name in the folder.
    pub fn keep(mut self) -> String {
        self.kept = true;
        std::mem::take(&mut self.name)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            // It may be gone already; there is nobody left to tell.
            let _gone = std::fs::remove_file(&self.path);
        }
    }
}

/// Streams a body into a new file `name` of `folder`; whatever goes wrong, or whoever goes away, leaves no file behind.
pub async fn receive(
    request: &HttpRequest,
    mut payload: Payload,
    folder: &Path,
    name: String,
    limits: BodyLimits,
) -> Result<Upload, Refusal> {
    let mut watch = Watch::begin(request, limits)?;
    fs::create_dir_all(folder).await.map_err(|error| unwritable(&error))?;
    let path = folder.join(&name);
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&path).await.map_err(|error| unwritable(&error))?;
    let mut upload = Upload { path, name, bytes: 0, kept: false };
    loop {
        let piece =
            timeout_at(watch.next_due(), payload.next()).await.map_err(|_elapsed| Refusal::new(Code::BodyTimeout))?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|_source| Refusal::new(Code::BadRequest))?;
        watch.count(piece.len())?;
        file.write_all(&piece).await.map_err(|error| unwritable(&error))?;
        upload.bytes += piece.len();
    }
    file.sync_all().await.map_err(|error| unwritable(&error))?;
    Ok(upload)
}

fn unwritable(error: &std::io::Error) -> Refusal {
    tracing::error!(error = error as &dyn std::error::Error, "an upload could not be written");
    Refusal::unavailable()
}
