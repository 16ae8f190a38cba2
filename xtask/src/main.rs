//! The project's own commands. `cargo xtask serve` and `cargo xtask test` do everything on a fresh machine.
//!
//! Belongs here: building, installing what is missing, measuring, checking. Does not belong here: anything the product needs when it runs.

mod bench;
mod build;
mod e2e;
mod finish;
mod lint;
mod pack;
mod parity;
mod sample;
mod serve;
mod sh;
mod size;
mod split;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "cargo xtask COMMAND

  serve [--port N]   install what is missing, build, serve the site on 127.0.0.1:8080
  build              the same without serving; the site is dist/
  finish             the last step of a build, which Trunk runs as its hook
  test               every test: native, no_std, wasm in headless Chrome, Playwright; --all: the cases in headless Firefox too
  e2e [ARGS]         only the browser tests, over a fresh build; ARGS go to Playwright
  size               brotli sizes against the budgets; fails over budget
  bench              ten years of lifecycle rules, streams, CSV to Parquet natively and in Chromium, drag and cancel times, against the budgets
  parity [NAMES]     exported accounts on a moto server, templates through cfn-lint, shapes against botocore; writes docs/parity.md and tests/cases/export
  parity kinesis     10,000 random calls to kinesalite and to an account; writes its section of docs/parity.md and tests/cases/kinesis-kinesalite.json
  lint               format, clippy (native and wasm), forbidden dependencies
  sample --rows N --out FILE   a parking-ticket CSV of the labs' shape
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let result = match args.first().map(String::as_str) {
        Some("serve") => serve::run(rest),
        Some("build") => build::site().map(|_| ()),
        Some("finish") => finish::run(),
        Some("test") => test::run(rest),
        Some("e2e") => e2e::run(rest),
        Some("size") => size::run(),
        Some("bench") => bench::run(rest),
        Some("lint") => lint::run(),
        Some("parity") => parity::run(rest),
        Some("sample") => sample::run(rest),
        _ => {
            print!("{HELP}");
            return if args.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
