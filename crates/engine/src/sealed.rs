//! Objects whose bytes rest in frames: a source that opens the frames it is read at.
//!
//! Belongs here: the opened frames at hand, and reading through them. Does not belong here: opening ahead of need, which is the browser's (`worker::blob`).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use sluice_core::account::BlobRef;
use sluice_frames::{Frame, Keys, Layout};

use crate::bytes::ByteSource;

/// Opened frames that are kept: a table file is read at its foot and in several places by turns.
const KEPT: usize = 8;

/// The plaintext of an object, opened frame by frame. Memory: at most eight frames of 1 MiB.
pub struct SealedSource {
    stored: Rc<dyn ByteSource>,
    layout: Layout,
    keys: Keys,
    /// Latest last.
    opened: RefCell<VecDeque<(u32, Vec<u8>)>>,
}

/// The source of an object's plaintext over the bytes at rest. `secret`: its data key, where it has one.
///
/// Errors: bytes under a key that did not come along; fewer, or more, at rest than the object has.
pub fn unsealed(blob: &BlobRef, secret: Option<&[u8; 32]>, stored: Rc<dyn ByteSource>) -> io::Result<Rc<dyn ByteSource>> {
    match SealedSource::new(blob, secret, stored.clone())? {
        Some(sealed) => Ok(Rc::new(sealed)),
        None => Ok(stored),
    }
}

impl SealedSource {
    /// `None` for bytes that rest as they are.
    pub fn new(blob: &BlobRef, secret: Option<&[u8; 32]>, stored: Rc<dyn ByteSource>) -> io::Result<Option<Self>> {
        let Some(seal) = &blob.seal else { return Ok(None) };
        let salt = seal.salt().ok_or_else(|| io::Error::other("the object's seal does not read"))?;
        let secret = secret.ok_or_else(|| io::Error::other("the object is under a key that is not at hand"))?;
        let layout = Layout::new(blob.size, seal.layers());
        if stored.len() != layout.stored() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} bytes of the object are at rest, and they should be {}", stored.len(), layout.stored()),
            ));
        }
        Ok(Some(SealedSource {
            stored,
            layout,
            keys: Keys::derive(secret, &salt, seal.layers()),
            opened: RefCell::default(),
        }))
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn has(&self, number: u32) -> bool {
        self.opened.borrow().iter().any(|(at, _)| *at == number)
    }

    /// Takes a frame that was opened elsewhere.
    pub fn keep(&self, number: u32, plain: Vec<u8>) {
        let mut opened = self.opened.borrow_mut();
        opened.retain(|(at, _)| *at != number);
        if opened.len() >= KEPT {
            opened.pop_front();
        }
        opened.push_back((number, plain));
    }

    fn open(&self, frame: Frame) -> io::Result<()> {
        let length = usize::try_from(frame.stored).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.stored.read_at(frame.stored_at + done as u64, rest)? {
                0 => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!("frame {} of the object is cut off", frame.number),
                    ));
                }
                count => done += count,
            }
        }
        self.keys
            .open(frame.number, frame.last, &mut bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
        self.keep(frame.number, bytes);
        Ok(())
    }
}

impl ByteSource for SealedSource {
    fn len(&self) -> u64 {
        self.layout.plain()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let Some(frame) = self.layout.at(offset).filter(|_| !buf.is_empty()) else {
            return Ok(0);
        };
        if !self.has(frame.number) {
            self.open(frame)?;
        }
        let opened = self.opened.borrow();
        let plain = opened.iter().find(|(at, _)| *at == frame.number).map(|(_, plain)| plain.as_slice());
        let rest = plain
            .and_then(|plain| plain.get(usize::try_from(offset - frame.from).ok()?..))
            .unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use sluice_core::storage::s3::encryption::ObjectEncryption;
    use sluice_core::storage::s3::seal::Seal;
    use sluice_frames::FRAME;

    use super::*;
    use crate::bytes::{MemorySource, SourceReader, read_head};

    fn sealed(plain: &[u8]) -> (BlobRef, [u8; 32], Vec<u8>) {
        let seal = Seal::new(&ObjectEncryption::default(), [5; 16]);
        let secret = seal.data_key(9).expect("a key of the account's");
        let keys = Keys::derive(&secret, &seal.salt().expect("a salt"), seal.layers());
        let layout = Layout::new(plain.len() as u64, 1);
        let mut stored = Vec::new();
        for frame in (0..layout.frames()).filter_map(|number| layout.frame(number as u32)) {
            let mut bytes = plain[frame.from as usize..(frame.from + frame.length) as usize].to_vec();
            keys.seal(frame.number, frame.last, &mut bytes);
            stored.extend(bytes);
        }
        let blob = BlobRef {
            size: plain.len() as u64,
            ..BlobRef::empty()
        };
        (blob.sealed(seal), secret, stored)
    }

    fn sample() -> Vec<u8> {
        (0..10 * FRAME + 77).map(|at| (at / 5 % 253) as u8).collect()
    }

    #[test]
    fn reads_as_the_plaintext_does_from_anywhere() {
        let plain = sample();
        let (blob, secret, stored) = sealed(&plain);
        let source = unsealed(&blob, Some(&secret), Rc::new(MemorySource(stored))).expect("it is whole");
        assert_eq!(source.len(), plain.len() as u64);
        let mut all = Vec::new();
        io::Read::read_to_end(&mut SourceReader::new(source.clone()), &mut all).expect("it opens");
        assert!(all == plain);
        assert!(read_head(source.as_ref(), FRAME + 10).expect("it opens") == plain[..FRAME + 10]);
        let mut buf = [0; 40];
        for at in [plain.len() - 5, 3 * FRAME - 7, 0, 9 * FRAME, FRAME] {
            let count = source.read_at(at as u64, &mut buf).expect("it opens");
            assert!(count > 0 && buf[..count] == plain[at..at + count], "{at}");
        }
        assert_eq!(source.read_at(plain.len() as u64, &mut buf).expect("its end"), 0);
    }

    #[test]
    fn what_was_changed_says_so() {
        let (blob, secret, stored) = sealed(&sample());
        let mut changed = stored.clone();
        changed[2 * FRAME] ^= 1;
        let source = unsealed(&blob, Some(&secret), Rc::new(MemorySource(changed))).expect("its length is right");
        let mut buf = [0; 4];
        assert!(source.read_at(0, &mut buf).is_ok());
        let error = source.read_at(2 * FRAME as u64 - 1, &mut buf).expect_err("a byte was changed");
        assert_eq!(error.to_string(), "frame 1 is not what was sealed: its bytes were changed, moved or cut off");
        let cut = Rc::new(MemorySource(stored[..stored.len() - 1].to_vec()));
        assert!(unsealed(&blob, Some(&secret), cut).is_err());
        assert!(unsealed(&blob, None, Rc::new(MemorySource(stored.clone()))).is_err());
        let wrong = unsealed(&blob, Some(&[0; 32]), Rc::new(MemorySource(stored))).expect("its length is right");
        assert!(wrong.read_at(0, &mut buf).is_err());
    }

    #[test]
    fn bytes_of_before_there_were_frames_are_read_as_they_are() {
        let source = unsealed(&BlobRef::empty(), None, Rc::new(MemorySource(b"a,b\n".to_vec()))).expect("no seal");
        assert_eq!(read_head(source.as_ref(), 10).expect("it reads"), b"a,b\n");
    }
}
