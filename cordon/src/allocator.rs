//! How the C library hands out memory. SQLite and the TLS library take theirs from it too, so that an allocator for Rust alone
//! would not be enough.

/// What a server sets. Each connection of SQLite has a thread, and with a heap for every one of them, each grown once by a large
/// import, memory that is not in use adds up; and large blocks go back to the system when they are given back.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SETTINGS: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_TRIM_THRESHOLD_", "131072")];

/// Starts this program again with the settings in its environment, because glibc reads them before `main` and never again; an
/// operator who has set one of them is left alone. Comes back where there is nothing to do or it cannot be done.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn settle() {
    use std::os::unix::process::CommandExt as _;
    if SETTINGS.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut again = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // The process stays the same one, for whoever watches it; only a failure comes back, and then it serves as it is.
    let _failed = again.args(arguments).envs(SETTINGS).exec();
}

/// Other C libraries have no such settings.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn settle() {}
