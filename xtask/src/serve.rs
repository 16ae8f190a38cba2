//! A static file server for `dist/`, on this machine only: esbuild's, which the build has installed.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::{build, sh};

pub fn run(args: &[String]) -> Result<()> {
    let port = match args {
        [] => 8080,
        [flag, port] if flag == "--port" => port.parse().map_err(|_| anyhow!("--port wants a number, not {port}"))?,
        _ => return Err(anyhow!("usage: cargo xtask serve [--port N]")),
    };
    // Before the minutes of a build.
    drop(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?);
    let dist = build::site()?;
    let mut server = Server::start(&dist, port)?;
    println!("Sluice is at {} (Ctrl+C ends it)", server.address());
    let status = server.child.wait()?;
    bail!("the server ended with {status}")
}

/// A server that ends with this value.
pub struct Server {
    child: Child,
    /// The server ends when this pipe does, however we end. Kept apart from `child`: waiting for a child closes the pipe it holds.
    _alive: Option<ChildStdin>,
    port: u16,
}

impl Server {
    /// Serves `dist` on a free port.
    pub fn on_free_port(dist: &Path) -> Result<Server> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Server::start(dist, port)
    }

    fn start(dist: &Path, port: u16) -> Result<Server> {
        let mut child = sh::command("esbuild")
            .arg(format!("--servedir={}", dist.display()))
            .arg(format!("--serve=127.0.0.1:{port}"))
            .arg("--log-level=warning")
            .stdin(Stdio::piped())
            .spawn()
            .context("could not start esbuild's server")?;
        let _alive = child.stdin.take();
        let server = Server { child, _alive, port };
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("nothing answers on 127.0.0.1:{port}")
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
