use crate::{FRAME, TAG};

/// Where the frames of a blob are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    size: u64,
    layers: u8,
}

/// One frame: bytes `from..from + length` of the plaintext, at rest in `stored_at..stored_at + stored`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub number: u32,
    pub last: bool,
    pub from: u64,
    pub length: u64,
    pub stored_at: u64,
    pub stored: u64,
}

impl Layout {
    /// `size`: bytes of plaintext; `layers`: how often they are sealed.
    pub const fn new(size: u64, layers: u8) -> Self {
        Layout { size, layers }
    }

    /// Bytes of plaintext.
    pub const fn plain(self) -> u64 {
        self.size
    }

    const fn overhead(self) -> u64 {
        TAG as u64 * self.layers as u64
    }

    /// How many frames there are.
    pub const fn frames(self) -> u64 {
        self.size.div_ceil(FRAME as u64)
    }

    /// Bytes at rest.
    pub const fn stored(self) -> u64 {
        self.size + self.frames() * self.overhead()
    }

    /// The frame that holds a byte of the plaintext; `None` past its end. (Objects end at 48.8 TiB, frames at 4 PiB.)
    pub fn at(self, offset: u64) -> Option<Frame> {
        if offset >= self.size {
            return None;
        }
        self.frame(u32::try_from(offset / FRAME as u64).ok()?)
    }

    /// The frame of a number, from 0.
    pub fn frame(self, number: u32) -> Option<Frame> {
        let index = u64::from(number);
        if index >= self.frames() {
            return None;
        }
        let from = index * FRAME as u64;
        let length = (self.size - from).min(FRAME as u64);
        Some(Frame {
            number,
            last: index + 1 == self.frames(),
            from,
            length,
            stored_at: from + index * self.overhead(),
            stored: length + self.overhead(),
        })
    }
}
