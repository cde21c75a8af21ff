//! Public keys with which programs sign.

use cordon_context::{Bilingual, Refusal};
use cordon_directory_contract::MOST_MESSAGE_KEYS;
use cordon_webhook::VerifyingKey;

/// Refuses what is no list of public keys. A secret that the platform held as well would prove nothing, and a private key has
/// no business here.
pub(crate) fn check(keys: &[String]) -> Result<(), Refusal> {
    let refuse = |rule: &'static str, zh: String, en: String| Refusal::invalid("keys", rule, Bilingual::new(zh, en));
    if keys.len() > MOST_MESSAGE_KEYS {
        return Err(refuse(
            "client.message_keys",
            format!("签名公钥至多 {MOST_MESSAGE_KEYS} 个"),
            format!("a program has at most {MOST_MESSAGE_KEYS} message keys"),
        ));
    }
    for (index, key) in keys.iter().enumerate() {
        if !matches!(VerifyingKey::parse(key), Ok(VerifyingKey::Ed25519(_))) {
            return Err(refuse(
                "client.message_key",
                "签名公钥须为 whpk_ 开头的 ed25519 公钥".to_owned(),
                "a message key is an ed25519 public key that begins with whpk_".to_owned(),
            ));
        }
        if keys.iter().take(index).any(|before| before == key) {
            return Err(refuse(
                "client.message_key_twice",
                "签名公钥重复".to_owned(),
                "the same message key is given twice".to_owned(),
            ));
        }
    }
    Ok(())
}
