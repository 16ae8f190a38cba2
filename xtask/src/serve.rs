//! A static file server for `dist/`, on this machine only.

use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow};
use tiny_http::{Header, Request, Response, Server};

use crate::build;

pub fn run(args: &[String]) -> Result<()> {
    let port = match args {
        [] => 8080,
        [flag, port] if flag == "--port" => port.parse().map_err(|_| anyhow!("--port wants a number, not {port}"))?,
        _ => return Err(anyhow!("usage: cargo xtask serve [--port N]")),
    };
    let dist = build::site()?;
    let server = listen(port)?;
    println!("Sluice is at http://127.0.0.1:{port}/ (Ctrl+C ends it)");
    answer(&server, &dist);
    Ok(())
}

/// Serves `dist` from a thread for as long as this process lives, and answers the address.
pub fn background(dist: PathBuf) -> Result<String> {
    let server = listen(0)?;
    let port = server.server_addr().to_ip().map(|address| address.port()).ok_or_else(|| anyhow!("no port"))?;
    std::thread::spawn(move || answer(&server, &dist));
    Ok(format!("http://127.0.0.1:{port}/"))
}

fn listen(port: u16) -> Result<Arc<Server>> {
    Server::http(("127.0.0.1", port))
        .map(Arc::new)
        .map_err(|error| anyhow!("cannot listen on 127.0.0.1:{port}: {error}"))
}

fn answer(server: &Arc<Server>, dist: &Path) {
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (server, dist) = (Arc::clone(server), dist.to_owned());
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A browser that hangs up mid-answer is no error of ours.
                    let _ = respond(request, &dist);
                }
            })
        })
        .collect();
    for worker in workers {
        let _ = worker.join();
    }
}

fn respond(request: Request, dist: &Path) -> std::io::Result<()> {
    let path = request.url().split(['?', '#']).next().unwrap_or("/").trim_start_matches('/');
    let relative = PathBuf::from(if path.is_empty() { "index.html" } else { path });
    if relative.components().any(|part| !matches!(part, Component::Normal(_))) {
        return request.respond(Response::from_string("bad path").with_status_code(400));
    }
    match File::open(dist.join(&relative))
        .ok()
        .filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()))
    {
        Some(file) => request.respond(
            Response::from_file(file)
                .with_header(content_type(&relative))
                .with_header(header("Cache-Control", "no-cache")),
        ),
        None => request.respond(Response::from_string(format!("no file {}", relative.display())).with_status_code(404)),
    }
}

fn content_type(path: &Path) -> Header {
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    };
    header("Content-Type", kind)
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("header names and values here are ASCII literals")
}
