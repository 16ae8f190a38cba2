//! Archives of files that are stored as they are ("APPNOTE.TXT", PKWARE, 6.3): ZIP64 where a number does not fit.
//!
//! Belongs here: the records around the files. Does not belong here: compression, and reading archives.

use crate::export::ExportTarget;
use crate::store::StoreError;

/// Where the pieces of an archive go. A file's header is known when its last byte is, so its place is kept.
pub trait Pieces {
    /// Keeps a place for a piece that comes later.
    fn reserve(&mut self) -> usize;
    fn fill(&mut self, place: usize, bytes: &[u8]);
    fn push(&mut self, bytes: &[u8]);
}

struct Entry {
    path: String,
    crc: u32,
    size: u64,
    /// Where its header begins.
    offset: u64,
}

struct Open {
    path: String,
    place: usize,
    hasher: crc32fast::Hasher,
    size: u64,
}

/// An archive being written.
pub struct Zip<P> {
    pieces: P,
    entries: Vec<Entry>,
    open: Option<Open>,
    offset: u64,
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
/// 4.5, which has ZIP64.
const VERSION: u16 = 45;
/// Made on Unix: the attributes are a mode.
const MADE_BY: u16 = 3 << 8 | VERSION;
/// 1 January 1980, the first day that an archive can name: an export says when it was made in its script.
const DAY: u16 = 1 << 5 | 1;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
const FILE_MODE: u32 = 0o100_644;
const SCRIPT_MODE: u32 = 0o100_755;

fn u16s(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn u32s(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn u64s(out: &mut Vec<u8>, values: &[u64]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// The number, or what says that it stands in the ZIP64 record.
fn short(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn small(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// The ZIP64 extra field with the numbers that do not fit; empty where all do.
fn extra(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    let long: Vec<u64> = numbers.iter().copied().filter(|number| short(*number) == u32::MAX).collect();
    if !long.is_empty() {
        u16s(&mut out, &[1, small(long.len() * 8)]);
        u64s(&mut out, &long);
    }
    out
}

fn local_header(path: &str, crc: u32, size: u64) -> Vec<u8> {
    let extra = extra(&[size, size]);
    let mut out = Vec::new();
    u32s(&mut out, &[LOCAL]);
    u16s(&mut out, &[VERSION, FLAGS, 0, 0, DAY]);
    u32s(&mut out, &[crc, short(size), short(size)]);
    u16s(&mut out, &[small(path.len()), small(extra.len())]);
    out.extend(path.as_bytes());
    out.extend(extra);
    out
}

fn central_header(entry: &Entry) -> Vec<u8> {
    let extra = extra(&[entry.size, entry.size, entry.offset]);
    let mode = if entry.path.ends_with(".sh") { SCRIPT_MODE } else { FILE_MODE };
    let mut out = Vec::new();
    u32s(&mut out, &[CENTRAL]);
    u16s(&mut out, &[MADE_BY, VERSION, FLAGS, 0, 0, DAY]);
    u32s(&mut out, &[entry.crc, short(entry.size), short(entry.size)]);
    u16s(&mut out, &[small(entry.path.len()), small(extra.len()), 0, 0, 0]);
    u32s(&mut out, &[mode << 16, short(entry.offset)]);
    out.extend(entry.path.as_bytes());
    out.extend(extra);
    out
}

impl<P: Pieces> Zip<P> {
    pub fn new(pieces: P) -> Self {
        Zip {
            pieces,
            entries: Vec::new(),
            open: None,
            offset: 0,
        }
    }

    /// Writes the directory, and gives the pieces back.
    pub fn finish(mut self) -> P {
        let start = self.offset;
        let mut directory: Vec<u8> = self.entries.iter().flat_map(central_header).collect();
        let size = directory.len() as u64;
        let count = self.entries.len();
        if count >= usize::from(u16::MAX) || start + size >= u64::from(u32::MAX) {
            u32s(&mut directory, &[END64]);
            u64s(&mut directory, &[44]);
            u16s(&mut directory, &[MADE_BY, VERSION]);
            u32s(&mut directory, &[0, 0]);
            u64s(&mut directory, &[count as u64, count as u64, size, start]);
            u32s(&mut directory, &[LOCATOR64, 0]);
            u64s(&mut directory, &[start + size]);
            u32s(&mut directory, &[1]);
        }
        u32s(&mut directory, &[END]);
        u16s(&mut directory, &[0, 0, small(count), small(count)]);
        u32s(&mut directory, &[short(size), short(start)]);
        u16s(&mut directory, &[0]);
        self.pieces.push(&directory);
        self.pieces
    }
}

impl<P: Pieces> ExportTarget for Zip<P> {
    fn begin(&mut self, path: &str) -> Result<(), StoreError> {
        self.open = Some(Open {
            path: path.to_owned(),
            place: self.pieces.reserve(),
            hasher: crc32fast::Hasher::new(),
            size: 0,
        });
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(open) = &mut self.open {
            open.hasher.update(bytes);
            open.size += bytes.len() as u64;
            self.pieces.push(bytes);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), StoreError> {
        if let Some(Open { path, place, hasher, size }) = self.open.take() {
            let crc = hasher.finalize();
            let header = local_header(&path, crc, size);
            let offset = self.offset;
            self.offset += header.len() as u64 + size;
            self.pieces.fill(place, &header);
            self.entries.push(Entry { path, crc, size, offset });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Memory(Vec<Vec<u8>>);

    impl Pieces for Memory {
        fn reserve(&mut self) -> usize {
            self.0.push(Vec::new());
            self.0.len() - 1
        }

        fn fill(&mut self, place: usize, bytes: &[u8]) {
            self.0[place] = bytes.to_vec();
        }

        fn push(&mut self, bytes: &[u8]) {
            self.0.push(bytes.to_vec());
        }
    }

    type Files<'a> = [(&'a str, &'a [u8])];

    fn archive(files: &Files<'_>) -> Vec<u8> {
        let mut zip = Zip::new(Memory::default());
        for (path, bytes) in files {
            zip.begin(path).unwrap();
            for piece in bytes.chunks(3) {
                zip.write(piece).unwrap();
            }
            zip.end().unwrap();
        }
        zip.finish().0.concat()
    }

    /// Another reader says what is in it: Python's, where there is one.
    #[test]
    fn another_reader_finds_the_files() {
        let many: Vec<(String, Vec<u8>)> = (0..70_000).map(|index| (format!("bodies/{index:06}"), Vec::new())).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        let cases: [(&str, &Files<'_>); 2] = [
            ("few", &[("storage.sh", b"echo hello"), ("bodies/1", b""), ("bodies/2", &[0, 255, 10, 13])]),
            ("many", &many),
        ];
        for (name, files) in cases {
            let bytes = archive(files);
            let file = std::env::temp_dir().join(format!("sluice-zip-{name}-{}.zip", std::process::id()));
            std::fs::write(&file, bytes).unwrap();
            let program =
                "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(len(z.namelist()), z.read(z.namelist()[0]))";
            let read = std::process::Command::new("python3").args(["-c", program]).arg(&file).output();
            std::fs::remove_file(&file).unwrap();
            let Ok(read) = read else { return };
            assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
            let said = String::from_utf8_lossy(&read.stdout).into_owned();
            assert!(said.starts_with(&format!("{} ", files.len())), "{said}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_stand_in_the_extra_field() {
        assert!(extra(&[7, 7, 7]).is_empty());
        let big = 5_000_000_000u64;
        let field = extra(&[big, big, 7]);
        assert_eq!(&field[..4], [1, 0, 16, 0]);
        assert_eq!(field[4..12], big.to_le_bytes());
        let header = local_header("b", 1, big);
        assert_eq!(header[18..26], [255; 8]);
    }
}
