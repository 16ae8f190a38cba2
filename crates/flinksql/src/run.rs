//! The machine: a script's statements over rows that arrive in processing time, parallelism 1.
//!
//! Rows of all tables are one list in order of arrival; rows of one instant are taken in turn, the first of each table, then the second. Each scan has a watermark as
//! the DDL says (`WatermarkAssignerOperator`), which goes out behind a row where it rose by more than the interval, or else at a tick.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sqlparser::tokenizer::Token;

use crate::ddl::{self, Table};
use crate::dialect::{self, is_word, place};
use crate::error::{Error, Result};
use crate::expr::{Expr, Field, Fields, Role, compile};
use crate::ops::window::rowtime;
use crate::ops::{Change, Counts, Event};
use crate::plan::{self, Catalog, Node, Planned};
use crate::value::Type;

/// `pipeline.auto-watermark-interval`, milliseconds.
const EMIT_INTERVAL: i64 = 200;

/// A query that runs, and where its rows go.
pub struct Query {
    /// The table of INSERT INTO; "" for a SELECT.
    pub sink: String,
    pub planned: Planned,
    /// EXPLAIN: it is not run.
    pub explain: bool,
    /// The last watermark that reached the sink.
    pub watermark: i64,
}

pub struct Script {
    pub catalog: Catalog,
    pub queries: Vec<Query>,
}

impl Script {
    /// Reads a script. Errors: with the line and column.
    pub fn read(text: &str) -> Result<Script> {
        let mut script = Script {
            catalog: Catalog::default(),
            queries: Vec::new(),
        };
        for tokens in dialect::statements(text)? {
            script.statement(&tokens)?;
        }
        Ok(script)
    }

    fn statement(&mut self, tokens: &dialect::Tokens) -> Result<()> {
        let word = |at: usize, name: &str| is_word(tokens.get(at), name);
        let rest = |at: usize| tokens.get(at..).unwrap_or_default();
        let from = |at: usize| place(tokens.get(at).or(tokens.first()));
        if word(0, "CREATE") && (word(1, "TABLE") || word(1, "TEMPORARY") && word(2, "TABLE")) {
            let table = ddl::table(rest(if word(1, "TABLE") { 2 } else { 3 }))?;
            return self.table(table);
        }
        if word(0, "CREATE") && (word(1, "VIEW") || word(1, "TEMPORARY") && word(2, "VIEW")) {
            let at = if word(1, "VIEW") { 2 } else { 3 };
            let name = ddl::name(tokens.get(at))?;
            if !word(at + 1, "AS") {
                return Err(Error::at(from(at + 1), "CREATE VIEW name AS query is expected"));
            }
            let query = dialect::query(rest(at + 2))?;
            plan::query(&query, &self.catalog)?;
            self.catalog.views.insert(name, query);
            return Ok(());
        }
        let explain = word(0, "EXPLAIN");
        let mut at = usize::from(explain);
        if explain && word(1, "PLAN") && word(2, "FOR") {
            at = 3;
        }
        let mut sink = String::new();
        if word(at, "INSERT") && word(at + 1, "INTO") {
            sink = ddl::name(tokens.get(at + 2))?;
            at += 3;
        } else if !word(at, "SELECT") && tokens.get(at).is_none_or(|token| token.token != Token::LParen) {
            let what = tokens.get(at).map_or_else(String::new, |token| token.token.to_string());
            return Err(Error::uncovered(from(at), format!("The statement {what}")));
        }
        let planned = plan::query(&dialect::query(rest(at))?, &self.catalog)?;
        if !sink.is_empty() {
            let Some(table) = self.catalog.tables.iter().find(|table| table.name == sink) else {
                return Err(Error::at(from(at.saturating_sub(1)), format!("Cannot find table '{sink}'")));
            };
            let columns: Vec<Type> = table
                .columns
                .iter()
                .filter(|column| column.computed.is_none())
                .map(|column| column.ty)
                .collect();
            let fits = |(wanted, field): (&Type, &Field)| crate::expr::common(*wanted, field.ty) == Some(*wanted);
            if columns.len() != planned.fields.len() || !columns.iter().zip(&planned.fields).all(fits) {
                return Err(Error::at(from(at), format!("Column types of query result and sink for '{sink}' do not match.")));
            }
            let append_only = table
                .options
                .get("connector")
                .is_some_and(|connector| ["kinesis", "filesystem"].contains(&connector.as_str()));
            if append_only && planned.updating {
                return Err(Error::at(from(at), format!("Table sink '{sink}' doesn't support consuming update changes")));
            }
        }
        self.queries.push(Query {
            sink,
            planned,
            explain,
            watermark: i64::MIN,
        });
        Ok(())
    }

    /// Adds a table. Errors: a name there is, a watermark of a column that is none of its times.
    pub fn table(&mut self, mut table: Table) -> Result<()> {
        if self.catalog.tables.iter().any(|other| other.name == table.name) {
            return Err(Error::run(format!("Could not execute CreateTable: table '{}' already exists", table.name)));
        }
        for at in 0..table.columns.len() {
            let fields = fields(&table);
            if let Some(column) = table.columns.get_mut(at)
                && let Some(computed) = &column.computed
            {
                column.ty = compile(computed, &Fields(&fields))?.1;
            }
        }
        if let Some((column, expr, place)) = &table.watermark {
            let fields = fields(&table);
            if !fields.iter().any(|field| field.name == *column && field.ty == Type::Timestamp) {
                return Err(Error::at(
                    *place,
                    format!("The rowtime attribute field '{column}' is not defined as a timestamp in the table schema"),
                ));
            }
            if compile(expr, &Fields(&fields))?.1 != Type::Timestamp {
                return Err(Error::at(*place, "The watermark expression is no timestamp"));
            }
        }
        self.catalog.tables.push(table);
        Ok(())
    }
}

/// The columns of a table, before a watermark makes one a time attribute.
pub fn fields(table: &Table) -> Vec<Field> {
    let field = |column: &ddl::Column| Field {
        table: table.name.clone(),
        name: column.name.clone(),
        ty: column.ty,
        role: Role::Plain,
    };
    table.columns.iter().map(field).collect()
}

/// A row of a source with its arrival, milliseconds of processing time. Computed columns are not in it yet.
pub struct Arrival {
    pub at: i64,
    pub change: Change,
}

/// A row that came out.
pub struct Out {
    pub at: i64,
    pub watermark: i64,
    pub change: Change,
}

pub struct Ran {
    /// By query.
    pub rows: Vec<Vec<Out>>,
    pub late: Vec<u64>,
    /// By table: (instant, watermark) of each that went out.
    pub watermarks: BTreeMap<String, Vec<(i64, i64)>>,
}

struct Source {
    computed: Vec<(usize, Expr)>,
    watermark: Option<(usize, Expr)>,
    current: i64,
    emitted: i64,
    idle_timeout: i64,
    idle: bool,
    last_row: i64,
    /// The ticks until here are done.
    ticked: i64,
    said: Vec<(i64, i64)>,
}

impl Source {
    /// The next tick after `ticked` at which something can change; `None`: there is none.
    fn next_tick(&self) -> Option<i64> {
        self.watermark.as_ref()?;
        let tick = |after: i64| after.div_euclid(EMIT_INTERVAL).saturating_add(1).saturating_mul(EMIT_INTERVAL);
        let next = tick(self.ticked.max(self.last_row));
        if self.current > self.emitted {
            return Some(next);
        }
        if self.idle || self.idle_timeout <= 0 {
            return None;
        }
        Some(next.max(tick(self.last_row.saturating_add(self.idle_timeout) - 1)))
    }
}

/// Runs the queries over the rows of each table, by table. Errors: a row whose time is NULL, arithmetic that fails.
pub fn run(script: &mut Script, rows: Vec<Vec<Arrival>>) -> Result<Ran> {
    let start = rows.iter().flatten().map(|row| row.at).min().unwrap_or(0);
    let mut sources = script.catalog.tables.iter().map(|table| source(table, start)).collect::<Result<Vec<_>>>()?;
    let mut all: Vec<(i64, usize, usize, Change)> = Vec::new();
    for (table, rows) in rows.into_iter().enumerate() {
        let mut at = i64::MIN;
        for (index, row) in rows.into_iter().enumerate() {
            // A source keeps the order of its rows.
            at = at.max(row.at);
            all.push((at, index, table, row.change));
        }
    }
    all.sort_by_key(|(at, index, table, _)| (*at, *index, *table));
    let mut machine = Machine {
        ran: Ran {
            rows: script.queries.iter().map(|_| Vec::new()).collect(),
            late: script.queries.iter().map(|_| 0).collect(),
            watermarks: BTreeMap::new(),
        },
        queries: &mut script.queries,
    };
    let mut now = start;
    for (at, _, table, change) in all {
        machine.ticks(&mut sources, at)?;
        now = at;
        let Some(source) = sources.get_mut(table) else { continue };
        if core::mem::replace(&mut source.idle, false) {
            machine.feed(table, &Event::Idle(false), now)?;
        }
        let mut change = change;
        for (column, expr) in &source.computed {
            let value = expr.value(&change.row)?;
            if let Some(cell) = change.row.get_mut(*column) {
                *cell = value;
            }
        }
        source.last_row = now;
        let mut due = None;
        if let Some((time, expr)) = &source.watermark {
            rowtime(&change.row, *time)?;
            if let Some(watermark) = expr.value(&change.row)?.time() {
                source.current = source.current.max(watermark);
            }
            if source.current.saturating_sub(source.emitted) > EMIT_INTERVAL {
                source.emitted = source.current;
                source.said.push((now, source.current));
                due = Some(source.current);
            }
        }
        machine.feed(table, &Event::Row(change), now)?;
        if let Some(watermark) = due {
            machine.feed(table, &Event::Watermark(watermark), now)?;
        }
    }
    // The sources are bounded: they end where their last row was, without another tick.
    for (table, source) in sources.iter_mut().enumerate() {
        if core::mem::replace(&mut source.idle, false) {
            machine.feed(table, &Event::Idle(false), now)?;
        }
        source.said.push((now, i64::MAX));
        machine.feed(table, &Event::Watermark(i64::MAX), now)?;
    }
    let mut ran = machine.ran;
    for (table, source) in script.catalog.tables.iter().zip(sources) {
        ran.watermarks.insert(table.name.clone(), source.said);
    }
    Ok(ran)
}

fn source(table: &Table, start: i64) -> Result<Source> {
    let fields = fields(table);
    let mut computed = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        if let Some(expr) = &column.computed {
            computed.push((at, compile(expr, &Fields(&fields))?.0));
        }
    }
    let watermark = match &table.watermark {
        Some((column, expr, _)) => {
            let expr = compile(expr, &Fields(&fields))?.0;
            fields.iter().position(|field| field.name == *column).map(|at| (at, expr))
        }
        None => None,
    };
    let timeout = table.options.get("scan.watermark.idle-timeout");
    let idle_timeout = timeout
        .map_or(Some(0), |text| duration(text))
        .ok_or_else(|| Error::run(format!("scan.watermark.idle-timeout of {} is no duration", table.name)))?;
    Ok(Source {
        computed,
        watermark,
        current: 0,
        emitted: 0,
        idle_timeout,
        idle: false,
        last_row: start,
        ticked: start,
        said: Vec::new(),
    })
}

/// `TimeUtils.parseDuration`: a number with ms, s, min, h or d; milliseconds without.
fn duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text.get(..at)?.parse().ok()?;
    let unit = match text.get(at..)?.trim() {
        "" | "ms" => 1,
        "s" | "sec" | "second" | "seconds" => 1_000,
        "m" | "min" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(unit)
}

struct Machine<'a> {
    queries: &'a mut Vec<Query>,
    ran: Ran,
}

impl Machine<'_> {
    /// The ticks up to `until`, in order of time.
    fn ticks(&mut self, sources: &mut [Source], until: i64) -> Result<()> {
        loop {
            let next = sources.iter().enumerate().filter_map(|(at, source)| Some((source.next_tick()?, at))).min();
            let Some((tick, at)) = next.filter(|(tick, _)| *tick <= until) else {
                return Ok(());
            };
            let Some(source) = sources.get_mut(at) else { return Ok(()) };
            source.ticked = tick;
            if source.current > source.emitted {
                source.emitted = source.current;
                source.said.push((tick, source.current));
                let watermark = source.current;
                self.feed(at, &Event::Watermark(watermark), tick)?;
            }
            if let Some(source) = sources.get_mut(at)
                && source.idle_timeout > 0
                && !source.idle
                && tick.saturating_sub(source.last_row) >= source.idle_timeout
            {
                source.idle = true;
                self.feed(at, &Event::Idle(true), tick)?;
            }
        }
    }

    fn feed(&mut self, table: usize, event: &Event, now: i64) -> Result<()> {
        for ((query, rows), late) in self.queries.iter_mut().zip(&mut self.ran.rows).zip(&mut self.ran.late) {
            if query.explain {
                continue;
            }
            let mut counts = Counts::default();
            let mut events = Vec::new();
            query.planned.node.feed(table, event, &mut events, &mut counts)?;
            // What a watermark brings out comes out under it.
            let under = events.iter().find_map(|event| if let Event::Watermark(to) = event { Some(*to) } else { None });
            query.watermark = under.unwrap_or(query.watermark);
            for event in events {
                if let Event::Row(change) = event {
                    rows.push(Out {
                        at: now,
                        watermark: query.watermark,
                        change,
                    });
                }
            }
            *late += counts.late;
        }
        Ok(())
    }
}

impl Node {
    fn feed(&mut self, table: usize, event: &Event, out: &mut Vec<Event>, counts: &mut Counts) -> Result<()> {
        match self {
            Node::Scan(of) => {
                if *of == table {
                    out.push(event.clone());
                }
            }
            Node::One(input, operator) => {
                let (mut below, mut changes) = (Vec::new(), Vec::new());
                input.feed(table, event, &mut below, counts)?;
                for event in below {
                    let passes_on = match event {
                        Event::Row(change) => {
                            operator.row(change, &mut changes, counts)?;
                            None
                        }
                        Event::Watermark(watermark) => {
                            operator.watermark(watermark, &mut changes)?;
                            Some(event)
                        }
                        Event::Idle(_) => Some(event),
                    };
                    out.extend(changes.drain(..).map(Event::Row));
                    out.extend(passes_on);
                }
            }
            Node::Two(sides, join, inputs) => {
                for (side, input) in sides.iter_mut().enumerate() {
                    let mut below = Vec::new();
                    input.feed(table, event, &mut below, counts)?;
                    for event in below {
                        inputs.take(side, event, join.as_mut(), out, counts)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl plan::Inputs {
    fn take(&mut self, side: usize, event: Event, join: &mut dyn crate::ops::join::Join, out: &mut Vec<Event>, counts: &mut Counts) -> Result<()> {
        let mut changes = Vec::new();
        let was_idle = self.idle.iter().all(|idle| *idle);
        match event {
            Event::Row(change) => join.row(side, change, &mut changes, counts)?,
            Event::Watermark(watermark) => {
                if let Some(of) = self.watermarks.get_mut(side) {
                    *of = watermark;
                }
            }
            Event::Idle(now) => {
                if let Some(idle) = self.idle.get_mut(side) {
                    *idle = now;
                }
            }
        }
        out.extend(changes.drain(..).map(Event::Row));
        let active = self.watermarks.iter().zip(self.idle).filter(|(_, idle)| !idle).map(|(watermark, _)| *watermark);
        if let Some(combined) = active.min()
            && combined > self.combined
        {
            self.combined = combined;
            join.watermark(combined, &mut changes)?;
            out.extend(changes.drain(..).map(Event::Row));
            out.push(Event::Watermark(combined));
        }
        let is_idle = self.idle.iter().all(|idle| *idle);
        if was_idle != is_idle {
            out.push(Event::Idle(is_idle));
        }
        Ok(())
    }
}
