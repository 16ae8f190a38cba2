//! `sluice export`, as a shell sees it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sluice-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary folder can be made");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sluice(arguments: &[&str], folder: &Path, input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A process that ends early closes the pipe; its status says why.
    let _ = child.stdin.take().expect("standard input is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the program ends")
}

fn s3(operation: &str, params: Value) -> String {
    format!("{}\n", json!({"service": "s3", "operation": operation, "params": params}))
}

#[test]
fn an_export_holds_the_bytes_that_its_script_reads() {
    let folder = Folder::new("export");
    let key = "it's\n\"here\" $(date)";
    let input = [
        s3("CreateBucket", json!({"Bucket": "bkt"})),
        s3(
            "PutBucketVersioning",
            json!({"Bucket": "bkt", "VersioningConfiguration": {"Status": "Enabled"}}),
        ),
        s3("PutObject", json!({"Bucket": "bkt", "Key": key, "Body": "b25l"})),
        s3("PutObject", json!({"Bucket": "bkt", "Key": key, "Body": "dHdv", "StorageClass": "GLACIER"})),
        s3("PutObject", json!({"Bucket": "bkt", "Key": "empty"})),
    ];
    assert!(sluice(&["call", "--account", "account"], &folder.0, &input.concat()).status.success());
    let exported = sluice(&["export", "--account", "account", "--out", "out"], &folder.0, "");
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let read = |path: &str| std::fs::read_to_string(folder.0.join("out").join(path)).expect("the file is there");
    // An archived version too: who leaves takes all.
    assert_eq!((read("bodies/000001"), read("bodies/000002")), ("one".to_owned(), "two".to_owned()));
    assert!(!folder.0.join("out/bodies/000003").exists(), "an empty object needs no file");
    assert!(serde_json::from_str::<Value>(&read("template.json")).is_ok());
    assert!(read("storage.sh").contains("--body bodies/000002"));

    // The shell reads every call as it was meant: an `aws` that prints what it was given says so.
    let bin = folder.0.join("bin");
    std::fs::create_dir_all(&bin).expect("a folder can be made");
    std::fs::write(
        bin.join("aws"),
        "#!/bin/sh\nprintf '%s\\0' \"$@\" >> \"$SAID\"\nprintf '\\n\\0' >> \"$SAID\"\necho 123456789012\n",
    )
    .expect("a file can be written");
    let said = folder.0.join("said");
    let script = format!(
        "chmod +x '{0}/aws'; PATH='{0}':\"$PATH\" SAID='{1}' bash out/storage.sh",
        bin.display(),
        said.display()
    );
    let Ok(ran) = Command::new("bash").arg("-c").arg(script).current_dir(&folder.0).output() else {
        return;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = std::fs::read_to_string(said).expect("calls were made");
    let words: Vec<&str> = said.split('\0').collect();
    let puts: Vec<Value> = words
        .windows(4)
        .filter(|words| words[1] == "put-object" && words[2] == "--cli-input-json")
        .map(|words| serde_json::from_str(words[3]).expect("the input is JSON"))
        .collect();
    let keys: Vec<&str> = puts.iter().filter_map(|put| put["Key"].as_str()).collect();
    assert_eq!(keys, [key, key, "empty"]);
    assert!(puts.iter().all(|put| put["Bucket"] == "bkt"));
}

#[test]
fn an_export_overwrites_nothing_and_makes_no_account() {
    let folder = Folder::new("export-refused");
    let missing = sluice(&["export", "--account", "nowhere", "--out", "out"], &folder.0, "");
    assert!(!missing.status.success() && String::from_utf8_lossy(&missing.stderr).contains("there is no account"));
    assert!(!folder.0.join("nowhere").exists());
    assert!(
        sluice(&["call", "--account", "account"], &folder.0, &s3("CreateBucket", json!({"Bucket": "bkt"})))
            .status
            .success()
    );
    let full = sluice(&["export", "--account", "account", "--out", "account"], &folder.0, "");
    assert!(!full.status.success() && String::from_utf8_lossy(&full.stderr).contains("not empty"));
    let usage = sluice(&["export"], &folder.0, "");
    assert_eq!(usage.status.code(), Some(2));
}
