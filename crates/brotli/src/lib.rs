//! What `parquet` asks of the crate `brotli`: its decoder, and an encoder.
//!
//! The encoder of that crate has eleven levels over half a megabyte of tables, which hardly compress: a fifth of the data engine, for the one level that is used.
//! This one writes valid streams (RFC 7932) of about that level's size, and needs no tables.
//! Belongs here: the two types under their names. Does not belong here: other levels, dictionaries, the C interface.

mod bits;
mod encode;
mod huffman;
mod lz;

use std::io::{self, Write};

pub use brotli_decompressor::Decompressor;

use encode::Encoder;

/// Input that is compressed in one go; matches do not reach further back.
const CHUNK: usize = 1 << 20;

/// Compresses what is written to it. The stream is complete when this is dropped.
pub struct CompressorWriter<W: Write> {
    output: Option<W>,
    pending: Vec<u8>,
    encoder: Encoder,
}

impl<W: Write> CompressorWriter<W> {
    /// The buffer's size and the quality (0 to 11) of the crate this stands in for are taken and not used; `lgwin` is the window's size, log2.
    pub fn new(output: W, _buffer_size: usize, _quality: u32, lgwin: u32) -> Self {
        CompressorWriter {
            output: Some(output),
            pending: Vec::new(),
            encoder: Encoder::new(lgwin),
        }
    }

    /// Ends the stream.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.finish()?;
        self.output.take().ok_or_else(|| io::Error::other("the stream is ended"))
    }

    fn compress(&mut self) -> io::Result<()> {
        self.encoder.chunk(&self.pending);
        self.pending.clear();
        self.drain()
    }

    fn drain(&mut self) -> io::Result<()> {
        let bytes = self.encoder.take();
        match &mut self.output {
            Some(output) => output.write_all(&bytes),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.output.is_none() {
            return Ok(());
        }
        self.compress()?;
        self.encoder.finish();
        self.drain()
    }
}

impl<W: Write> Write for CompressorWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (now, _) = bytes.split_at(bytes.len().min(CHUNK - self.pending.len()));
        self.pending.extend_from_slice(now);
        if self.pending.len() >= CHUNK {
            self.compress()?;
        }
        Ok(now.len())
    }

    /// All that was written can be decoded from what is put out.
    fn flush(&mut self) -> io::Result<()> {
        self.compress()?;
        self.encoder.align();
        self.drain()?;
        self.output.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Drop for CompressorWriter<W> {
    fn drop(&mut self) {
        // Who wants to hear of an error calls `into_inner` or `flush`.
        let _ = self.finish();
    }
}
