//! Prefix codes: their lengths from counts, and how a stream says them (RFC 7932, section 3).

use crate::bits::BitWriter;

/// The longest code of an alphabet.
const MAX_LENGTH: u32 = 15;
/// The longest code of the code that says the lengths.
const MAX_LENGTH_OF_LENGTHS: u32 = 5;

/// In which order the lengths of the code lengths' own codes are said.
const ORDER: [usize; 18] = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// The fixed code of those, as (bits, count).
const FIXED: [(u32, u32); 6] = [(0, 2), (7, 4), (3, 3), (2, 2), (1, 2), (15, 4)];
/// Repeats zero.
const ZEROS: usize = 17;

/// For each symbol its code, the first bit lowest, and its length.
pub struct Code(Vec<(u16, u8)>);

impl Code {
    pub fn write(&self, out: &mut BitWriter, symbol: usize) {
        if let Some((code, length)) = self.0.get(symbol) {
            out.write(u32::from(*code), u32::from(*length));
        }
    }

    /// The code for symbols that come `counts` times, written to `out`.
    pub fn build(counts: &[u32], out: &mut BitWriter) -> Code {
        let used: Vec<usize> = counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, _)| symbol).collect();
        match used.as_slice() {
            [] | [_] | [_, _] => simple(counts.len(), &used, out),
            _ => {
                let lengths = lengths(counts, MAX_LENGTH);
                write_lengths(&lengths, out);
                Code(codes(&lengths))
            }
        }
    }
}

/// A code of at most two symbols is said by naming them.
fn simple(alphabet: usize, used: &[usize], out: &mut BitWriter) -> Code {
    let width = usize::BITS - (alphabet - 1).leading_zeros();
    let symbols = if used.is_empty() { &[0] } else { used };
    out.write(1, 2);
    out.write(symbols.len() as u32 - 1, 2);
    for symbol in symbols {
        out.write(*symbol as u32, width);
    }
    let mut lengths = vec![0; alphabet];
    if symbols.len() == 2 {
        for symbol in symbols {
            lengths[*symbol] = 1;
        }
    }
    Code(codes(&lengths))
}

/// Huffman's lengths of at most `limit` bits: rare symbols are counted as less rare until the code is flat enough. Two symbols at least.
fn lengths(counts: &[u32], limit: u32) -> Vec<u8> {
    let mut floor = 1;
    loop {
        let mut leaves: Vec<(u32, usize)> = counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(symbol, count)| ((*count).max(floor), symbol))
            .collect();
        leaves.sort_unstable();
        // Nodes are the leaves, then the inner nodes as they arise: both in the order of their counts.
        let mut weights: Vec<u64> = leaves.iter().map(|(count, _)| u64::from(*count)).collect();
        let mut parents = vec![0; leaves.len() * 2 - 1];
        let (mut leaf, mut inner) = (0, leaves.len());
        while weights.len() < parents.len() {
            let mut lightest = || {
                let takes_leaf = leaf < leaves.len() && (inner >= weights.len() || weights[leaf] <= weights[inner]);
                let next = if takes_leaf { &mut leaf } else { &mut inner };
                *next += 1;
                *next - 1
            };
            let (a, b) = (lightest(), lightest());
            parents[a] = weights.len();
            parents[b] = weights.len();
            weights.push(weights[a] + weights[b]);
        }
        let mut depths = vec![0_u32; parents.len()];
        for node in (0..parents.len() - 1).rev() {
            depths[node] = depths[parents[node]] + 1;
        }
        if depths.iter().all(|depth| *depth <= limit) {
            let mut lengths = vec![0; counts.len()];
            for ((_, symbol), depth) in leaves.iter().zip(depths) {
                lengths[*symbol] = depth as u8;
            }
            return lengths;
        }
        floor *= 2;
    }
}

/// The codes of the lengths: shorter ones first, then in the order of the symbols.
fn codes(lengths: &[u8]) -> Vec<(u16, u8)> {
    let mut next = [0_u32; 17];
    let mut counts = [0_u32; 17];
    for length in lengths.iter().filter(|length| **length > 0) {
        counts[usize::from(*length)] += 1;
    }
    for length in 1..next.len() {
        next[length] = (next[length - 1] + counts[length - 1]) << 1;
    }
    lengths
        .iter()
        .map(|&length| {
            if length == 0 {
                return (0, 0);
            }
            let code = next[usize::from(length)];
            next[usize::from(length)] += 1;
            ((code as u16).reverse_bits() >> (16 - u32::from(length)), length)
        })
        .collect()
}

fn write_lengths(lengths: &[u8], out: &mut BitWriter) {
    // A decoder stops when the code is complete: zeros at the end are not said.
    let end = lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1);
    let said = runs(&lengths[..end]);
    let mut counts = [0_u32; 18];
    for (symbol, _) in &said {
        counts[*symbol] += 1;
    }
    let kinds = counts.iter().filter(|count| **count > 0).count();
    let own = if kinds == 1 {
        // One symbol needs no bits; that it is there is said with any length.
        counts.iter().map(|count| if *count > 0 { 3 } else { 0 }).collect()
    } else {
        self::lengths(&counts, MAX_LENGTH_OF_LENGTHS)
    };
    let last = ORDER.iter().rposition(|symbol| own[*symbol] > 0).unwrap_or(0);
    // The code is complete after the last length, but that of one symbol never is.
    let stored = if kinds == 1 { ORDER.len() } else { last + 1 };
    out.write(0, 2);
    for symbol in &ORDER[..stored] {
        let (bits, count) = FIXED[usize::from(own[*symbol])];
        out.write(bits, count);
    }
    let code = Code(codes(&own));
    for (symbol, extra) in said {
        if kinds > 1 {
            code.write(out, symbol);
        }
        if symbol == ZEROS {
            out.write(extra, 3);
        }
    }
}

/// Lengths as symbols of 0 to 17, with the extra bits of 17: runs of zeros are said as a number in base 8.
fn runs(lengths: &[u8]) -> Vec<(usize, u32)> {
    let mut said = Vec::new();
    let mut rest = lengths;
    while let [first, ..] = rest {
        let zeros = rest.iter().take_while(|length| **length == 0).count();
        if zeros < 3 {
            said.push((usize::from(*first), 0));
            rest = &rest[1..];
            continue;
        }
        let mut left = zeros - 3;
        let start = said.len();
        loop {
            said.push((ZEROS, (left & 7) as u32));
            left >>= 3;
            if left == 0 {
                break;
            }
            left -= 1;
        }
        said[start..].reverse();
        rest = &rest[zeros..];
    }
    said
}
