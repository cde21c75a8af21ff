//! Measures seals, opens and blind indexes per second on one thread and on all: `cargo run --release --example vault_bench`.

#![expect(clippy::print_stdout, reason = "the numbers are the purpose of this program")]

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use cordon_vault::{LocalKeyService, Place, Suite, Vault};

const ROUNDS: u32 = 200_000;
const RECORD: &[u8] = b"{\"name\":\"example\",\"phone\":\"13800138000\",\"id\":\"990101199001010000\"}";

fn main() -> Result<(), Box<dyn Error>> {
    let threads = thread::available_parallelism()?.get();
    for suite in [Suite::Aes256GcmSha256, Suite::Sm4GcmSm3] {
        let directory = std::env::temp_dir().join(format!("cordon-vault-bench-{}-{suite}", std::process::id()));
        let keys = Arc::new(LocalKeyService::open_or_create(&directory, suite)?);
        let vault = Arc::new(Vault::new(keys, "bench"));
        println!("{suite}, records of {} bytes", RECORD.len());
        for workers in [1, threads] {
            measure("seal", workers, &vault, |vault, row| vault.seal(place(row), RECORD).is_ok());
            let sealed = vault.seal(place(b"row"), RECORD)?.into_vec();
            measure("open", workers, &vault, move |vault, _| vault.open(place(b"row"), &sealed).is_ok());
            measure("blind index", workers, &vault, |vault, row| vault.blind_index("phone", row).is_ok());
        }
        std::fs::remove_dir_all(&directory)?;
    }
    Ok(())
}

fn place(row: &[u8]) -> Place<'_> {
    Place::new("holder", "details", row)
}

fn measure(what: &str, workers: usize, vault: &Arc<Vault>, step: impl Fn(&Vault, &[u8]) -> bool + Sync) {
    let start = Instant::now();
    let done: u64 = thread::scope(|scope| {
        let run = || (0..ROUNDS).filter(|round| step(vault, &round.to_be_bytes())).count();
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).filter_map(|count| u64::try_from(count).ok()).sum()
    });
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
    println!("  {what:<12} {workers} thread(s): {:>9} per second", done.saturating_mul(1_000_000) / micros);
}
