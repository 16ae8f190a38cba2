//! `sluice`: the command line. One account a process (or a folder), the same core and engine as the page.

mod call;
mod cases;
mod crawl;
mod effects;
mod export;
mod lake;
mod run;
mod say;

use std::process::ExitCode;

const HELP: &str = "\
sluice: a small cloud account on this machine

usage:
  sluice call [--account DIR]      answer API calls, one JSON object a line on standard input
  sluice call [--account DIR] SERVICE OPERATION [PARAMETERS]
                                   answer one call; the parameters are a JSON object, as for `aws SERVICE OPERATION --cli-input-json`
  sluice export --account DIR --out DIR
                                   write the account's storage for AWS: storage.sh with the bodies it reads, and template.json
  sluice run JOB.json --data DIR   run a visual job (CodeGenConfigurationNodes); s3://bucket/key is DIR/bucket/key
  sluice crawl --data DIR PATH ... print the tables that a crawler would make of s3:// paths
  sluice cases FILE ...            check files of cases against Apache Flink's rules, one line a case: its id, and PASS, FAIL or SKIP with the reason
  sluice help                      print this

sluice call reads lines like
  {\"service\":\"s3\",\"operation\":\"CreateBucket\",\"params\":{\"Bucket\":\"parking\"}}
and writes one line for each, in order:
  {\"response\":{...}}   or   {\"error\":{\"code\":\"...\",\"message\":\"...\"}}
The account's clock starts at 2026-01-01T00:00:00Z and moves only by
  {\"service\":\"clock\",\"operation\":\"Advance\",\"params\":{\"Seconds\":60}}
Crawls and job runs that a call starts are done before the next line is read.
Without --account the account lives as long as the process. With it, DIR is made if it is missing, and everything that was
answered is kept there: the command log, snapshots and the bytes of objects. One process at a time may have it.
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next();
    let rest: Vec<String> = arguments.collect();
    match command.as_deref() {
        Some("call") => call::main(&rest),
        Some("export") => export::main(&rest),
        Some("run") => run::main(&rest),
        Some("crawl") => crawl::main(&rest),
        Some("cases") => cases::main(&rest),
        Some("help" | "--help" | "-h") => {
            say::say(HELP.trim_end());
            ExitCode::SUCCESS
        }
        Some(other) => {
            eprintln!("sluice: there is no command \"{other}\"; `sluice help` lists them");
            ExitCode::from(2)
        }
        None => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}
