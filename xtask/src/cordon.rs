//! A server of our own for audits and measurements: on a free port, in an empty folder, gone afterwards.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process;

const READY_WITHIN: Duration = Duration::from_mins(1);

/// Which build is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Debug,
    Release,
}

/// A folder for the rows and keys of one installation, and how to run `cordon` on it.
#[derive(Debug)]
pub(crate) struct Installation {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// How long it took from the start until it was ready.
    pub(crate) ready_after: Duration,
}

impl Installation {
    /// Builds `cordon` and makes an empty folder.
    pub(crate) fn new(root: &Path, build: Build) -> Result<Self> {
        let mut command = Command::new(process::cargo());
        command.args(["build", "--quiet", "--package", "cordon"]).current_dir(root);
        let profile = match build {
            Build::Debug => "debug",
            Build::Release => {
                command.arg("--release");
                "release"
            }
        };
        process::run(&mut command)?;
        let port = process::free_port()?;
        let folder = std::env::temp_dir().join(format!("cordon-{profile}-{}-{port}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { binary: root.join("target").join(profile).join("cordon"), folder, port })
    }

    /// The address of the server.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A `cordon` command on this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.env("CORDON_SERVER__LISTEN", format!("127.0.0.1:{}", self.port));
        command.env("CORDON_SERVER__PUBLIC_URL", self.url());
        command
    }

    /// The password of every demo account.
    pub(crate) fn demo_password(&self) -> Result<String> {
        let text = fs::read_to_string(self.folder.join("data/demo-accounts.json"))?;
        let line = text.lines().find_map(|line| line.trim().strip_prefix("\"password\": \""));
        Ok(line.and_then(|rest| rest.split('"').next()).context("no password of the demo accounts")?.to_owned())
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn serve(&self) -> Result<Server> {
        let log = self.folder.join("log");
        let started = Instant::now();
        let mut command = self.command(&["serve", "--target", "all"]);
        let child = command
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .spawn()
            .context("cannot start cordon serve")?;
        let mut server = Server { child, ready_after: Duration::ZERO };
        while !self.is_ready() {
            let ended = server.child.try_wait()?;
            if ended.is_some() || started.elapsed() > READY_WITHIN {
                bail!("cordon serve did not get ready:\n{}", fs::read_to_string(&log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else { return false };
        let request = format!("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port);
        let mut answer = String::new();
        let timeout = Some(Duration::from_secs(5));
        stream.set_read_timeout(timeout).is_ok()
            && stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        drop(process::remove_folder(&self.folder));
    }
}

impl Server {
    /// Resident memory now, in KiB; what was resident at most is forgotten.
    pub(crate) fn forget_peak(&self) -> Result<u64> {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").context("the server is gone")?;
        self.kib("VmRSS:")
    }

    /// What was resident at most since the peak was forgotten, in KiB.
    pub(crate) fn peak_kib(&self) -> Result<u64> {
        self.kib("VmHWM:")
    }

    fn kib(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("the server is gone")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line in the status")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
