//! The stream: its header, meta-blocks of one code each for literals, commands and distances, and its end (RFC 7932, sections 5 and 9).

use crate::bits::BitWriter;
use crate::huffman::Code;
use crate::lz::{Command, Matcher};

/// Bytes of a meta-block.
const BLOCK: usize = 1 << 17;

/// The first length and the extra bits of each code for the number of literals.
const INSERT: [(usize, u32); 24] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 1),
    (8, 1),
    (10, 2),
    (14, 2),
    (18, 3),
    (26, 3),
    (34, 4),
    (50, 4),
    (66, 5),
    (98, 5),
    (130, 6),
    (194, 7),
    (322, 8),
    (578, 9),
    (1090, 10),
    (2114, 12),
    (6210, 14),
    (22594, 24),
];

/// The same for the number of bytes to copy.
const COPY: [(usize, u32); 24] = [
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 1),
    (12, 1),
    (14, 2),
    (18, 2),
    (22, 3),
    (30, 3),
    (38, 4),
    (54, 4),
    (70, 5),
    (102, 5),
    (134, 6),
    (198, 7),
    (326, 8),
    (582, 9),
    (1094, 10),
    (2118, 24),
];

/// Where the commands of an insert code and a copy code start, by their eighths.
const COMMANDS: [[usize; 3]; 3] = [[128, 192, 384], [256, 320, 512], [448, 576, 640]];

const LITERAL_SYMBOLS: usize = 256;
const COMMAND_SYMBOLS: usize = 704;
const DISTANCE_SYMBOLS: usize = 64;

pub struct Encoder {
    out: BitWriter,
    lgwin: u32,
    /// The last distance that was copied from, which has a short code.
    last_distance: usize,
    started: bool,
    finished: bool,
}

/// A symbol, and what is left of its value in extra bits.
#[derive(Clone, Copy, Default)]
struct Coded {
    symbol: usize,
    extra: u32,
    bits: u32,
}

/// A command in symbols.
struct Step {
    insert: usize,
    command: usize,
    insert_extra: Coded,
    copy_extra: Coded,
    /// None where the block ends before the copy.
    distance: Option<Coded>,
    copy: usize,
}

impl Encoder {
    pub fn new(lgwin: u32) -> Self {
        Encoder {
            out: BitWriter::default(),
            lgwin: lgwin.clamp(18, 24),
            last_distance: 4,
            started: false,
            finished: false,
        }
    }

    fn start(&mut self) {
        if !self.started {
            self.started = true;
            self.out.write((self.lgwin - 17) << 1 | 1, 4);
        }
    }

    /// Adds bytes to the stream.
    pub fn chunk(&mut self, chunk: &[u8]) {
        if chunk.is_empty() {
            return;
        }
        self.start();
        let mut matcher = Matcher::new((1 << self.lgwin) - 16);
        let mut from = 0;
        while from < chunk.len() {
            let to = (from + BLOCK).min(chunk.len());
            let commands = matcher.block(chunk, from, to);
            self.meta_block(&chunk[from..to], &commands);
            from = to;
        }
    }

    /// An empty block of metadata ends with its byte.
    pub fn align(&mut self) {
        self.start();
        // Not the last, of no nibbles (three), a reserved bit, and of no bytes.
        self.out.write(0b11 << 1, 6);
        self.out.align();
    }

    pub fn finish(&mut self) {
        if !self.finished {
            self.finished = true;
            self.start();
            self.out.write(0b11, 2);
            self.out.align();
        }
    }

    pub fn take(&mut self) -> Vec<u8> {
        self.out.take()
    }

    fn header(&mut self, bytes: usize, stored: bool) {
        let length = bytes as u32 - 1;
        let nibbles = if length < 1 << 16 { 4 } else { 5 };
        self.out.write(0, 1);
        self.out.write(nibbles - 4, 2);
        self.out.write(length, nibbles * 4);
        self.out.write(u32::from(stored), 1);
    }

    fn meta_block(&mut self, block: &[u8], commands: &[Command]) {
        let (mark, distance) = (self.out.mark(), self.last_distance);
        let before = self.out.len();
        self.header(block.len(), false);
        // One type of block each, no postfix, no direct distances, one tree each.
        self.out.write(0, 13);
        self.compressed(block, commands);
        if self.out.len() - before > block.len() + 4 {
            self.out.rewind(mark);
            self.last_distance = distance;
            self.header(block.len(), true);
            self.out.align();
            self.out.raw(block);
        }
    }

    fn compressed(&mut self, block: &[u8], commands: &[Command]) {
        let steps: Vec<Step> = commands.iter().map(|command| self.step(command)).collect();
        let mut literals = [0; LITERAL_SYMBOLS];
        let mut symbols = [0; COMMAND_SYMBOLS];
        let mut distances = [0; DISTANCE_SYMBOLS];
        let mut rest = block;
        for step in &steps {
            let (inserted, after) = rest.split_at(step.insert);
            for byte in inserted {
                literals[usize::from(*byte)] += 1;
            }
            symbols[step.command] += 1;
            if let Some(distance) = step.distance {
                distances[distance.symbol] += 1;
            }
            rest = &after[step.copy..];
        }
        let literals = Code::build(&literals, &mut self.out);
        let symbols = Code::build(&symbols, &mut self.out);
        let distances = Code::build(&distances, &mut self.out);
        let out = &mut self.out;
        let mut rest = block;
        for step in &steps {
            symbols.write(out, step.command);
            out.write(step.insert_extra.extra, step.insert_extra.bits);
            out.write(step.copy_extra.extra, step.copy_extra.bits);
            let (inserted, after) = rest.split_at(step.insert);
            for byte in inserted {
                literals.write(out, usize::from(*byte));
            }
            if let Some(distance) = step.distance {
                distances.write(out, distance.symbol);
                out.write(distance.extra, distance.bits);
            }
            rest = &after[step.copy..];
        }
    }

    fn step(&mut self, command: &Command) -> Step {
        let insert = of_length(&INSERT, command.insert);
        let copy = of_length(&COPY, command.copy.max(2));
        let distance = (command.copy > 0).then(|| {
            if command.distance == self.last_distance {
                return Coded::default();
            }
            self.last_distance = command.distance;
            of_distance(command.distance)
        });
        Step {
            insert: command.insert,
            command: COMMANDS[insert.symbol >> 3][copy.symbol >> 3] + ((insert.symbol & 7) << 3) + (copy.symbol & 7),
            insert_extra: insert,
            copy_extra: copy,
            distance,
            copy: command.copy,
        }
    }
}

fn of_length(table: &[(usize, u32); 24], length: usize) -> Coded {
    let symbol = table.partition_point(|(first, _)| *first <= length).saturating_sub(1);
    let (first, bits) = table[symbol];
    Coded {
        symbol,
        extra: (length - first) as u32,
        bits,
    }
}

/// Codes 0 to 15 are of the last distances; the others halve each power of two.
fn of_distance(distance: usize) -> Coded {
    let above = distance + 3;
    let bits = above.ilog2() - 1;
    let half = (above >> bits) & 1;
    Coded {
        symbol: 16 + 2 * (bits as usize - 1) + half,
        extra: (above - ((2 + half) << bits)) as u32,
        bits,
    }
}
