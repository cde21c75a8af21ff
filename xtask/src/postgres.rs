//! A PostgreSQL server of our own for tests: on a free port of the loopback address, in a scratch folder, gone afterwards.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::process;

const READY_WITHIN: Duration = Duration::from_mins(1);
const STOPPED_WITHIN: Duration = Duration::from_secs(20);
const STATE: &str = ".scratch/postgres.json";

/// Whether the server ends with the process that started it, or stays until `postgres stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    OfThisProcess,
    UntilStopped,
}

/// A running server; dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Server {
    child: Option<Child>,
    place: Place,
}

/// What must be known to reach and to stop a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    folder: PathBuf,
    port: u16,
    process: u32,
}

impl Server {
    /// Starts a server that lives as long as this value, and no longer than this process, even if that is killed.
    pub(crate) fn start() -> Result<Self> {
        Self::launch(Life::OfThisProcess)
    }

    /// The address for `CORDON_TEST_POSTGRES`.
    pub(crate) fn url(&self) -> String {
        self.place.url()
    }

    fn launch(life: Life) -> Result<Self> {
        let programs = programs()?;
        let owner = Owner::find()?;
        let folder = scratch_folder()?;
        let place = Place { folder, port: process::free_port()?, process: 0 };
        let mut server = Self { child: None, place };
        server.initialize(&programs, &owner)?;
        server.run(&programs, &owner, life)?;
        Ok(server)
    }

    fn initialize(&self, programs: &Path, owner: &Owner) -> Result<()> {
        let folder = &self.place.folder;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = owner.ids {
            chown(folder, Some(user), Some(group)).context("cannot give the scratch folder to the database's user")?;
        }
        let mut command = owner.command(&programs.join("initdb"), Life::UntilStopped);
        command.arg("--pgdata").arg(self.place.data());
        command.args([
            "--username=cordon",
            "--auth-host=trust",
            "--auth-local=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        command.args(["--no-sync", "--no-instructions"]).current_dir(folder).stdout(Stdio::null());
        process::run(&mut command)
    }

    fn run(&mut self, programs: &Path, owner: &Owner, life: Life) -> Result<()> {
        let Place { folder, port, .. } = &self.place;
        let log = folder.join("log");
        let log_file = fs::File::create(&log)?;
        let mut command = owner.command(&programs.join("postgres"), life);
        command.arg("-D").arg(self.place.data());
        for setting in [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", folder.display()),
            // A service refuses a server that could lose what it acknowledged, so this one may not be made faster that way.
            "max_connections=400".to_owned(),
            "shared_buffers=128MB".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log_file);
        let child = command.spawn().context("cannot start postgres")?;
        self.place.process = child.id();
        self.child = Some(child);
        self.wait_until_ready(programs, &log)
    }

    fn wait_until_ready(&mut self, programs: &Path, log: &Path) -> Result<()> {
        let started = Instant::now();
        loop {
            let ready = Command::new(programs.join("pg_isready"))
                .args(["--quiet", "--host=127.0.0.1", "--dbname=postgres", "--username=cordon"])
                .arg(format!("--port={}", self.place.port))
                .status()
                .context("cannot run pg_isready")?;
            if ready.success() {
                return Ok(());
            }
            let ended = self.child.as_mut().map(Child::try_wait).transpose()?.flatten();
            if ended.is_some() || started.elapsed() > READY_WITHIN {
                bail!("PostgreSQL did not start:\n{}", fs::read_to_string(log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            drop(process::remove_folder(&self.place.folder));
            return;
        };
        if let Err(error) = self.place.interrupt() {
            crate::say(&format!("cannot stop PostgreSQL: {error}"));
        }
        let started = Instant::now();
        while started.elapsed() < STOPPED_WITHIN {
            if !matches!(child.try_wait(), Ok(None)) {
                drop(process::remove_folder(&self.place.folder));
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        crate::say("PostgreSQL does not stop and is killed");
        drop(child.kill());
        drop(child.wait());
        drop(process::remove_folder(&self.place.folder));
    }
}

impl Place {
    fn url(&self) -> String {
        format!("postgres://cordon@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Asks the server to end now: clients are cut off, nothing is left behind.
    fn interrupt(&self) -> Result<()> {
        // The shell's own `kill`: the program of this name is not on every machine.
        process::run(Command::new("sh").args(["-c", "kill -INT \"$0\"", &self.process.to_string()]))
    }

    /// Whether the recorded process is still our server and not another one that took over its number.
    fn is_running(&self) -> bool {
        let recorded = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        recorded.lines().next() == Some(&self.process.to_string())
            && Path::new(&format!("/proc/{}", self.process)).exists()
    }
}

/// Starts a server that stays, and prints its address.
pub(crate) fn start(root: &Path) -> Result<()> {
    if let Some(place) = recorded(root)? {
        if place.is_running() {
            crate::say(&place.url());
            return Ok(());
        }
        process::remove_folder(&place.folder)?;
    }
    let mut server = Server::launch(Life::UntilStopped)?;
    let state = root.join(STATE);
    if let Some(folder) = state.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&state, serde_json::to_vec(&server.place)?)?;
    crate::say(&server.url());
    // The server outlives this process: nothing is left for the drop to do but the folder, which must stay too.
    server.child = None;
    std::mem::forget(server);
    Ok(())
}

/// Stops the server that `start` left behind.
pub(crate) fn stop(root: &Path) -> Result<()> {
    let Some(place) = recorded(root)? else {
        crate::say("no server was started");
        return Ok(());
    };
    if place.is_running() {
        place.interrupt()?;
        let started = Instant::now();
        while place.is_running() {
            if started.elapsed() > STOPPED_WITHIN {
                bail!("PostgreSQL (process {}) does not stop", place.process);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    process::remove_folder(&place.folder)?;
    fs::remove_file(root.join(STATE)).context("cannot remove the record of the server")
}

fn recorded(root: &Path) -> Result<Option<Place>> {
    match fs::read(root.join(STATE)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(|| format!("{STATE} is malformed"))?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {STATE}")),
    }
}

/// The folder of the newest installed server's programs; installs PostgreSQL from Debian's packages where that is possible.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = installed() {
        return Ok(folder);
    }
    crate::say("PostgreSQL is not installed; installing Debian's package postgresql");
    let superuser: &[&str] = if process::is_root() {
        &[]
    } else if process::exists("sudo") {
        &["sudo", "-n"]
    } else {
        bail!(
            "PostgreSQL is needed and cannot be installed without root or sudo; please run: apt-get install postgresql"
        );
    };
    let steps: [&[&str]; 2] = [&["update", "-q"], &["install", "-q", "-y", "--no-install-recommends", "postgresql"]];
    for arguments in steps {
        let mut words = superuser.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).chain(arguments);
        let mut command = Command::new(words.next().unwrap_or(&"env"));
        command.args(words).stdin(Stdio::null());
        process::run(&mut command).context("PostgreSQL is needed; please run as root: apt-get install postgresql")?;
    }
    installed().context("the package postgresql is installed, but has no programs under /usr/lib/postgresql")
}

fn installed() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_version, folder)| folder.join("postgres").is_file() && folder.join("initdb").is_file())
        .collect();
    versions.sort();
    versions.pop().map(|(_version, folder)| folder).or_else(|| {
        // Elsewhere than on Debian the programs are on the path.
        process::find("postgres").and_then(|path| path.parent().map(Path::to_path_buf))
    })
}

/// As whom the server runs: it refuses root.
struct Owner {
    name: Option<String>,
    ids: Option<(u32, u32)>,
}

impl Owner {
    fn find() -> Result<Self> {
        if !process::is_root() {
            return Ok(Self { name: None, ids: None });
        }
        for name in ["postgres", "nobody"] {
            let id = |flag| process::output(Command::new("id").args([flag, name])).ok()?.trim().parse().ok();
            if let (Some(user), Some(group)) = (id("-u"), id("-g")) {
                return Ok(Self { name: Some(name.to_owned()), ids: Some((user, group)) });
            }
        }
        bail!("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
    }

    /// A command that runs `program` as this user, and that ends with this process if it is to.
    fn command(&self, program: &Path, life: Life) -> Command {
        let mut command = Command::new("setpriv");
        if let Some(name) = &self.name {
            command.arg(format!("--reuid={name}"));
            if let Some((_user, group)) = self.ids {
                command.arg(format!("--regid={group}"));
            }
            command.arg("--init-groups");
        }
        if life == Life::OfThisProcess {
            command.arg("--pdeathsig=INT");
        }
        command.arg(program);
        command
    }
}

fn scratch_folder() -> Result<PathBuf> {
    // A socket's path may have about 100 characters, and the database's user must be able to reach it.
    let base = env::temp_dir();
    for attempt in 0..100_u32 {
        let folder = base.join(format!("cordon-postgres-{}-{attempt}", std::process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot make {}", folder.display())),
        }
    }
    bail!("no free folder under {}", base.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_and_is_gone_afterwards() {
        let Some(programs) = installed() else {
            crate::say("PostgreSQL is not installed here; skipped");
            return;
        };
        let server = Server::start().unwrap();
        let (url, folder) = (server.url(), server.place.folder.clone());
        let ask = |question: &str| {
            process::output(Command::new(programs.join("psql")).args([
                "--no-psqlrc",
                "--tuples-only",
                "--command",
                question,
                &url,
            ]))
        };
        assert_eq!(ask("select 40 + 2").unwrap().trim(), "42");
        assert_eq!(ask("show listen_addresses").unwrap().trim(), "127.0.0.1");
        drop(server);
        assert!(ask("select 1").is_err());
        assert!(!folder.exists());
    }
}
