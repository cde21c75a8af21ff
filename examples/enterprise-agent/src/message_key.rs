//! The key with which this enterprise signs its requests, so that nobody else can answer in its name.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};

use crate::clock::now_millis;

const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// A private ed25519 key, kept in a file that only this program's user reads.
pub(crate) struct MessageKey(SigningKey);

/// The three headers of a signed request, as Standard Webhooks 1.0.0 names them.
pub(crate) type Headers = [(&'static str, String); 3];

impl MessageKey {
    /// Makes a key, writes it to a new file and gives the public half, which is entered at the platform.
    pub(crate) fn make(file: &Path) -> Result<String> {
        let key = SigningKey::from_bytes(&random()?);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = format!("{PRIVATE}{}\n", STANDARD.encode(key.as_bytes()));
        let written = options.open(file).and_then(|mut open| open.write_all(text.as_bytes()));
        written.with_context(|| format!("cannot write {} / 无法写入签名密钥文件", file.display()))?;
        Ok(format!("{PUBLIC}{}", STANDARD.encode(key.verifying_key().as_bytes())))
    }

    /// Reads the key from its file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {} / 无法读取签名密钥文件", file.display()))?;
        let encoded =
            text.trim().strip_prefix(PRIVATE).context("a message key begins with whsk_ / 签名密钥以 whsk_ 开头")?;
        let bytes = STANDARD.decode(encoded).context("the message key is not base64 / 签名密钥不是 base64 编码")?;
        let bytes: [u8; 32] =
            bytes.as_slice().try_into().context("a message key has 32 bytes / 签名密钥须为 32 字节")?;
        Ok(Self(SigningKey::from_bytes(&bytes)))
    }

    /// Signs the bytes of one request, at this moment.
    pub(crate) fn sign(&self, body: &[u8]) -> Result<Headers> {
        let id = format!("msg_{}", data_encoding::HEXLOWER.encode(random()?.get(..16).unwrap_or_default()));
        let timestamp = (now_millis() / 1_000).to_string();
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let signature = format!("v1a,{}", STANDARD.encode(self.0.sign(&signed).to_bytes()));
        Ok([("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)])
    }
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok().context("the system gives no random bytes / 系统随机数不可用")?;
    ensure!(bytes != [0; 32], "the system gives no random bytes / 系统随机数不可用");
    Ok(bytes)
}
