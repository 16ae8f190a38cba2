//! Which bytes repeat: greedy matches through a table of the last place of each hash.

const TABLE_BITS: u32 = 16;
/// Bytes that are hashed.
const MIN_MATCH: usize = 5;

/// `insert` literals, then `copy` bytes from `distance` back. Only the last command of a block copies nothing.
#[derive(Clone, Copy)]
pub struct Command {
    pub insert: usize,
    pub copy: usize,
    pub distance: usize,
}

/// Finds matches in one chunk, block by block.
pub struct Matcher {
    /// The place after the last one of each hash; 0 for none.
    table: Vec<u32>,
    max_distance: usize,
}

impl Matcher {
    pub fn new(max_distance: usize) -> Self {
        Matcher {
            table: vec![0; 1 << TABLE_BITS],
            max_distance,
        }
    }

    /// The commands for `chunk[from..to]`, matches reaching back to the start of the chunk.
    pub fn block(&mut self, chunk: &[u8], from: usize, to: usize) -> Vec<Command> {
        let mut commands = Vec::new();
        let (mut at, mut inserted_from) = (from, from);
        let mut distance = 0;
        // The hash reads eight bytes.
        while at + 8 <= to {
            let Some(hash) = hash(chunk, at) else { break };
            let seen = self.table[hash] as usize;
            self.table[hash] = at as u32 + 1;
            let again = if distance > 0 && distance <= at {
                matching(chunk, at - distance, at, to)
            } else {
                0
            };
            let found = match seen.checked_sub(1) {
                Some(place) if at - place <= self.max_distance => matching(chunk, place, at, to),
                _ => 0,
            };
            let (copy, back) = if again >= MIN_MATCH - 1 && again + 2 >= found {
                (again, distance)
            } else if found >= MIN_MATCH {
                (found, at + 1 - seen)
            } else {
                // What does not repeat for long is looked at in larger and larger steps.
                at += 1 + ((at - inserted_from) >> 6);
                continue;
            };
            commands.push(Command {
                insert: at - inserted_from,
                copy,
                distance: back,
            });
            distance = back;
            let end = at + copy;
            for place in [at + 1, at + 2, end - 2, end - 1] {
                if place > at
                    && place < end
                    && let Some(hash) = self::hash(chunk, place)
                {
                    self.table[hash] = place as u32 + 1;
                }
            }
            at = end;
            inserted_from = end;
        }
        if inserted_from < to {
            commands.push(Command {
                insert: to - inserted_from,
                copy: 0,
                distance: 0,
            });
        }
        commands
    }
}

fn hash(chunk: &[u8], at: usize) -> Option<usize> {
    let bytes = chunk.get(at..at + 8)?.first_chunk::<8>()?;
    let hashed = (u64::from_le_bytes(*bytes) << (64 - 8 * MIN_MATCH)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Some((hashed >> (64 - TABLE_BITS)) as usize)
}

/// How many bytes at `b` are those at `a`, up to `to`.
fn matching(chunk: &[u8], a: usize, b: usize, to: usize) -> usize {
    let (earlier, later) = (&chunk[a..], &chunk[b..to]);
    let words = earlier.chunks_exact(8).zip(later.chunks_exact(8)).take_while(|(a, b)| a == b).count() * 8;
    let rest = earlier[words..].iter().zip(&later[words..]).take(8).take_while(|(a, b)| a == b).count();
    words + rest
}
