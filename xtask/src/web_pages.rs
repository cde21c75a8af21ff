//! What Node builds and runs: the GraphiQL page and the audits of the HTTP interface.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;

const READY_WITHIN: Duration = Duration::from_mins(1);

/// Builds the self-hosted GraphiQL page into `frontend/graphiql/dist`.
pub(crate) fn build_graphiql(root: &Path) -> Result<()> {
    let folder = root.join("frontend/graphiql");
    install(&folder)?;
    process::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(&folder))
}

/// Runs the audits of graphql-http against a server of its own.
pub(crate) fn audit(root: &Path) -> Result<()> {
    let folder = root.join("e2e/audit");
    install(&folder)?;
    process::run(Command::new("node").arg("self-test.js").current_dir(&folder))?;
    process::run(Command::new(process::cargo()).args(["build", "--quiet", "--package", "cordon"]).current_dir(root))?;
    let server = Cordon::start(root)?;
    process::run(Command::new("node").arg("audit.js").arg(format!("{}/graphql", server.url)).current_dir(&folder))
}

/// Installs exactly what the lock file says, unless that is there already.
fn install(folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json")).context("a lock file is committed")?;
    let mark = folder.join("node_modules/.installed-lock");
    if fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))?;
    fs::write(&mark, lock).context("cannot note what is installed")
}

/// A server in development mode on a free port and an empty folder, stopped when dropped.
struct Cordon {
    child: Child,
    folder: std::path::PathBuf,
    url: String,
}

impl Cordon {
    fn start(root: &Path) -> Result<Self> {
        let port = process::free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let folder = std::env::temp_dir().join(format!("cordon-audit-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let mut command = Command::new(root.join("target/debug/cordon"));
        command.args(["serve", "--target", "all"]).current_dir(&folder).stdin(Stdio::null());
        command.env("CORDON_SERVER__LISTEN", format!("127.0.0.1:{port}")).env("CORDON_SERVER__PUBLIC_URL", &url);
        command.env("CORDON_DATABASE__DIRECTORY", folder.join("data"));
        command.env("CORDON_KEYS__DIRECTORY", folder.join("keys"));
        command.stdout(Stdio::null()).stderr(fs::File::create(folder.join("log"))?);
        let child = command.spawn().context("cannot start cordon serve")?;
        let mut server = Self { child, folder, url };
        server.wait_until_ready(port)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, port: u16) -> Result<()> {
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || started.elapsed() > READY_WITHIN {
                let log = fs::File::open(self.folder.join("log"))?;
                let lines: Vec<String> = BufReader::new(log).lines().map_while(Result::ok).collect();
                bail!("cordon serve did not start:\n{}", lines.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Cordon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(process::remove_folder(&self.folder));
    }
}
