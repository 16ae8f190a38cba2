//! Which subtask of a Kinesis source reads a shard.
//!
//! Source: flink-connector-aws `UniformShardAssigner`.

/// The subtask of a shard with that range of hash keys.
pub fn uniform_subtask(start: u128, end: u128, parallelism: u32, stream_offset: u32) -> u32 {
    let middle = (start & end) + ((start ^ end) >> 1);
    let n = u128::from(parallelism);
    let low = ((middle & u128::from(u64::MAX)) * n) >> 64;
    let index = ((middle >> 64) * n + low) >> 64;
    ((index + u128::from(stream_offset)) % n.max(1)) as u32
}
