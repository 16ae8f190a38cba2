//! Scripts to begin with, and the rows that go with them.

pub struct Example {
    pub id: &'static str,
    pub title: &'static str,
    pub script: &'static str,
    pub rows: &'static str,
}

/// Player events as a table of SQL, five seconds out of order at most.
macro_rules! race {
    () => {
        "CREATE TABLE events (
  player_id INT,
  distance DOUBLE,
  speed DOUBLE,
  event_time TIMESTAMP(3),
  WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH ('connector' = 'kinesis', 'stream' = 'race');
"
    };
}

macro_rules! events {
    () => {
        r#"events:
{"player_id": 1, "distance": 120, "speed": 60, "event_time": 2000, "arrival": 3000}
{"player_id": 2, "distance": 150, "speed": 75, "event_time": 4000, "arrival": 5000}
{"player_id": 1, "distance": 130, "speed": 65, "event_time": 9000, "arrival": 10000}
{"player_id": 3, "distance": 90, "speed": 45, "event_time": 11000, "arrival": 12000}
{"player_id": 2, "distance": 160, "speed": 80, "event_time": 14000, "arrival": 15000}
{"player_id": 1, "distance": 100, "speed": 50, "event_time": 21000, "arrival": 22000}
{"player_id": 3, "distance": 300, "speed": 90, "event_time": 8000, "arrival": 23000}
{"player_id": 2, "distance": 140, "speed": 70, "event_time": 24000, "arrival": 25000}
{"player_id": 1, "distance": 110, "speed": 55, "event_time": 33000, "arrival": 34000}
{"player_id": 3, "distance": 95, "speed": 47, "event_time": 36000, "arrival": 37000}
"#
    };
}

const PLAYERS: &str = concat!(
    events!(),
    r#"
players:
{"player_id": 1, "name": "ada", "team": "red", "changed": 0, "arrival": 0}
{"player_id": 2, "name": "bob", "team": "blue", "changed": 0, "arrival": 0}
{"player_id": 3, "name": "cyn", "team": "blue", "changed": 0, "arrival": 0}
{"player_id": 1, "name": "ada", "team": "green", "changed": 20000, "arrival": 20000, "kind": "+U"}
{"player_id": 2, "name": "bob", "team": "blue", "changed": 40000, "arrival": 40000, "kind": "+U"}
"#
);

pub const EXAMPLES: [Example; 4] = [
    Example {
        id: "leaderboard",
        title: "The game’s leaderboard: teams as they were then",
        script: concat!(
            "-- Player events, five seconds out of order at most.
",
            race!(),
            "
-- Changes of the players' table: each version holds from its time on.
CREATE TABLE players (
  player_id INT,
  name STRING,
  team STRING,
  changed TIMESTAMP(3),
  WATERMARK FOR changed AS changed,
  PRIMARY KEY (player_id) NOT ENFORCED
) WITH ('connector' = 'kinesis', 'stream' = 'players-cdc');

CREATE VIEW enriched AS
SELECT p.name, p.team, e.distance, e.event_time
FROM events AS e
LEFT JOIN players FOR SYSTEM_TIME AS OF e.event_time AS p
  ON e.player_id = p.player_id;

SELECT window_start, window_end, team, SUM(distance) AS distance, COUNT(*) AS laps
FROM TABLE(TUMBLE(TABLE enriched, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, team;
"
        ),
        rows: PLAYERS,
    },
    Example {
        id: "windows",
        title: "Windows, and what comes too late",
        script: concat!(
            race!(),
            "
SELECT window_start, window_end, player_id, SUM(distance) AS distance, MAX(speed) AS top_speed
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
GROUP BY window_start, window_end, player_id;
"
        ),
        rows: events!(),
    },
    Example {
        id: "top",
        title: "The two furthest, at every moment",
        script: concat!(
            race!(),
            "
SELECT player_id, total
FROM (
  SELECT player_id, total, ROW_NUMBER() OVER (ORDER BY total DESC) AS place
  FROM (SELECT player_id, SUM(distance) AS total FROM events GROUP BY player_id)
)
WHERE place <= 2;
"
        ),
        rows: events!(),
    },
    Example {
        id: "changelog",
        title: "A total that takes back what it said",
        script: concat!(
            race!(),
            "CREATE TABLE board (player_id INT, total DOUBLE) WITH ('connector' = 'print');

INSERT INTO board
SELECT player_id, SUM(distance) AS total FROM events GROUP BY player_id;
"
        ),
        rows: events!(),
    },
];
