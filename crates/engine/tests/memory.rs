//! Memory does not grow with the input.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Job, clock, csv_format, id};
use serde_json::json;
use sluice_core::account::{BlobRef, ObjectInput};
use sluice_core::etl::ReadMode;
use sluice_engine::{ByteSource, Digests, Open, OutputFile, OutputStore, Run, Step};
use sluice_protocol::RunEnd;

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; only sizes are counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LINES: u64 = 3_000_000;
const LINE: usize = 100;

/// `LINES` different rows of `LINE` bytes.
struct Generated;

impl ByteSource for Generated {
    fn len(&self) -> u64 {
        LINES * LINE as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        let mut line = Vec::with_capacity(LINE);
        while done < buf.len() && offset + (done as u64) < self.len() {
            let at = offset + done as u64;
            let number = at / LINE as u64;
            line.clear();
            line.extend_from_slice(format!("{number:010},{:010},{:020}", number * 7919 % 1_000_003, number * 31).as_bytes());
            line.resize(LINE - 1, b'x');
            line.push(b'\n');
            let part = &line[(at % LINE as u64) as usize..];
            let take = part.len().min(buf.len() - done);
            buf[done..done + take].copy_from_slice(&part[..take]);
            done += take;
        }
        Ok(done)
    }
}

struct Nowhere;

struct NowhereFile(Digests);

impl io::Write for NowhereFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.update(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl OutputFile for NowhereFile {
    fn finish(&mut self) -> io::Result<BlobRef> {
        Ok(self.0.finish())
    }
}

impl OutputStore for Nowhere {
    fn create(&mut self, _name: &str) -> io::Result<Box<dyn OutputFile>> {
        Ok(Box::new(NowhereFile(Digests::default())))
    }
}

#[test]
fn three_hundred_megabytes_go_through_in_bounded_memory() {
    let mut job = Job::default();
    job.source("in", csv_format(false), ReadMode::Permissive, None, &[("in/a.csv", b"x")]);
    job.node("drop", json!({"DropFields": {"paths": [["col1"]]}}), &["in"]);
    job.parquet_target("out", "drop");
    let open: Open = Rc::new(|_: &ObjectInput| Ok(Rc::new(Generated) as Rc<dyn ByteSource>));
    let before = NOW.load(Ordering::Relaxed);
    let mut run = Run::new(job.plan(), open, Box::new(Nowhere), clock());
    let result = loop {
        if let Step::Done(result) = run.step(&mut || true) {
            break result;
        }
    };
    let peak = PEAK.load(Ordering::Relaxed) - before;
    assert_eq!(result.end, RunEnd::Succeeded);
    assert_eq!(result.report.nodes[&id("out")].rows_in, LINES);
    println!("peak {} MiB, output {} MiB", peak >> 20, result.outputs[0].blob.size >> 20);
    assert!(peak < 150 << 20, "{} MiB", peak >> 20);
}
