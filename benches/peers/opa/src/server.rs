//! The server's process.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Policy;
use crate::http::Client;

/// A server that runs, with the folder that its policy is in.
pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
    decision: &'static str,
}

/// How long a policy may take to load.
const PATIENCE: Duration = Duration::from_secs(120);

impl Server {
    /// Starts a server of one thread and waits until it is healthy.
    pub fn start(policy: &Policy) -> Result<Server, String> {
        let say = |error: std::io::Error| error.to_string();
        let folder = std::env::temp_dir().join(format!("peer-opa-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(say)?;
        fs::write(folder.join("policy.rego"), &policy.source).map_err(say)?;
        if let Some(data) = &policy.data {
            fs::write(folder.join("data.json"), data).map_err(say)?;
        }
        let port = free_port().map_err(say)?;
        let mut command = Command::new("opa");
        command.args(["run", "--server", "--log-level", "error", "--addr", &format!("127.0.0.1:{port}")]).arg(&folder);
        let process = command.env("GOMAXPROCS", "1").stdout(Stdio::null()).spawn().map_err(say)?;
        let mut server = Server { process, folder, port, decision: policy.decision };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), String> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if Client::connect(self.port).is_ok_and(|mut client| client.is_healthy()) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                return Err(format!("the server ended: {status}"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err("the server did not become healthy".into())
    }

    /// A new connection.
    pub fn client(&self) -> Client {
        Client::connect(self.port).expect("the server listens")
    }

    /// Where decisions are asked for.
    pub fn path(&self, query: &str) -> String {
        format!("/v1/data/{}{query}", self.decision)
    }
}

/// A port that nobody listened on a moment ago.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
