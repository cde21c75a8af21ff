//! Files that are sent up: streamed to disk, never held in memory.

use std::path::{Path, PathBuf};

use actix_web::HttpRequest;
use actix_web::web::Payload;
use cordon_context::{Code, Refusal};
use futures::StreamExt as _;
use tokio::fs::{DirBuilder, OpenOptions};
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
    // What is sent up names people, so that nobody else on the host may read it.
    DirBuilder::new().recursive(true).mode(0o700).create(folder).await.map_err(|error| unwritable(&error))?;
    let path = folder.join(&name);
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await;
    let mut file = opened.map_err(|error| unwritable(&error))?;
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use actix_web::FromRequest as _;
    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn only_the_owner_may_read_what_was_sent_up() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("uploads");
        let (request, mut payload) = TestRequest::post().set_payload("number,text").to_http_parts();
        let payload = Payload::from_request(&request, &mut payload).await.unwrap();
        let upload = receive(&request, payload, &folder, "one".to_owned(), BodyLimits::default()).await.unwrap();
        assert_eq!(upload.bytes(), 11);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("one"))), (0o700, 0o600));
        // The negative control: the mode that a file gets by itself is wider.
        std::fs::write(folder.join("plain"), "x").unwrap();
        assert_ne!(mode(&folder.join("plain")), 0o600);
        drop(upload);
        assert!(!folder.join("one").exists());
    }
}
