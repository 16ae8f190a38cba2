//! Bits into bytes, the lowest first.

#[derive(Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// The lowest `count` bits of `bits`, at most 32; the others must be 0.
    pub fn write(&mut self, bits: u32, count: u32) {
        debug_assert!(count <= 32 && u64::from(bits) >> count == 0);
        self.held |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// Zeros up to the end of the byte.
    pub fn align(&mut self) {
        if self.count > 0 {
            self.write(0, 8 - self.count);
        }
    }

    /// Bytes, after [`align`](Self::align).
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The whole bytes so far; the bits of the last one stay.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Where this is, to come back to.
    pub fn mark(&self) -> (usize, u64, u32) {
        (self.bytes.len(), self.held, self.count)
    }

    pub fn rewind(&mut self, (len, held, count): (usize, u64, u32)) {
        self.bytes.truncate(len);
        self.held = held;
        self.count = count;
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}
