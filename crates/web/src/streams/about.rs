//! What the scenes are called: known to every list of them, whoever draws them.

/// A scene: its name in links, its title, and a sentence.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub id: &'static str,
    pub title: &'static str,
    pub text: &'static str,
}

pub const HOT_SHARD: About = About {
    id: "hot-shard",
    title: "A hot shard and its cure",
    text: "One vehicle sends two records in five. Its key has one hash, and that hash has one shard: see it fill, and what helps.",
};
pub const CONSUMERS: About = About {
    id: "consumers",
    title: "Consumers falling behind",
    text: "Three applications poll the same shards and share what a shard gives: 5 reads and 2 MiB a second. One is slow, one polls too often.",
};
pub const FIREHOSE: About = About {
    id: "firehose",
    title: "Firehose to S3 with an alarm",
    text: "Demo data goes through a stream into a buffer that flushes by size or by time. An alarm asks for 10,000 records a minute, and the data stays under it.",
};
pub const STREAMS_OR_FIREHOSE: About = About {
    id: "streams-or-firehose",
    title: "Streams or Firehose on the same traffic",
    text: "One producer, one stream, two readers: an application that polls and is a second behind, and Firehose, which asks for nothing and is a minute behind.",
};

pub const ALL: [About; 4] = [HOT_SHARD, CONSUMERS, FIREHOSE, STREAMS_OR_FIREHOSE];
