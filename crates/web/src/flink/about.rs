//! What the scenes of Flink are called: known to every list of them.

use crate::streams::about::About;

pub const LATE_DATA: About = About {
    id: "late-data",
    title: "Windows and late data",
    text: "Fares arrive out of order. Drag one later: behind the watermark it still counts, past its window’s last chance it goes to the late output.",
};
pub const IDLE_PARTITION: About = About {
    id: "idle-partition",
    title: "One idle partition stops the world",
    text: "Two shards, one watermark: the lesser of both. One shard falls silent, and no window closes any more, until somebody says what silence means.",
};
pub const SESSIONS: About = About {
    id: "sessions",
    title: "An event bridges two sessions",
    text: "Sessions end where a player pauses. One event that comes late joins two of them into one, and its result is fired again.",
};
pub const RECOVERY: About = About {
    id: "recovery",
    title: "A task manager dies",
    text: "Barriers travel with the records, snapshots are taken when they meet. Kill a task manager: the sources go back, and the sink tells what it saw twice.",
};

pub const SQL: About = About {
    id: "flink-sql",
    title: "Flink SQL",
    text: "Windows, Top-N and temporal joins as SQL, on rows of your own: the game’s leaderboard with teams as they were then, its changes as they come out.",
};

/// What a list of them holds: the scenes, and the pane of SQL.
pub const LISTED: [About; 5] = [LATE_DATA, IDLE_PARTITION, SESSIONS, RECOVERY, SQL];
#[cfg(test)]
pub const ALL: [About; 4] = [LATE_DATA, IDLE_PARTITION, SESSIONS, RECOVERY];
