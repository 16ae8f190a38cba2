//! Composite alarms: the rule, its state, and the suppressor of its actions ("Combining alarms", PutCompositeAlarm).
//!
//! Belongs here: the language of rules and what follows when a child or a suppressor changes. Does not belong here: metric alarms, and the parameters of the call.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::alarm::{Kind, arn, name_of};
use super::poll::NewState;
use super::state::{CloudWatch, StateValue};
use crate::account::AccountOptions;
use crate::sim::SimTime;

/// Why a composite alarm's actions do not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Suppressed {
    #[default]
    No,
    WaitPeriod,
    ExtensionPeriod,
    Alarm,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CompositeAlarm {
    pub rule: String,
    /// A name.
    pub suppressor: Option<String>,
    /// As it was written.
    pub suppressor_arn: Option<String>,
    /// Seconds.
    pub wait: i64,
    /// Seconds.
    pub extension: i64,
    #[serde(default)]
    pub suppressed: Suppressed,
    /// The state before the change whose actions wait.
    #[serde(default)]
    pub held_from: Option<StateValue>,
}

/// A rule, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RuleNode {
    Constant(bool),
    Is(StateValue, String),
    Not(alloc::boxed::Box<RuleNode>),
    And(Vec<RuleNode>),
    Or(Vec<RuleNode>),
}

const MAX_DEPTH: usize = 50;
const MAX_CHILDREN: usize = 100;
const MAX_ELEMENTS: usize = 500;

struct Reader<'a> {
    rest: &'a str,
    length: usize,
    elements: usize,
}

impl RuleNode {
    /// Reads a rule. Error: what is wrong and at which character.
    pub fn parse(text: &str) -> Result<RuleNode, String> {
        let mut reader = Reader {
            rest: text,
            length: text.len(),
            elements: 0,
        };
        let node = reader.or(0)?;
        reader.space();
        if !reader.rest.is_empty() {
            return Err(reader.wrong("unexpected text"));
        }
        if reader.elements > MAX_ELEMENTS {
            return Err(format!("an alarm rule has at most {MAX_ELEMENTS} elements"));
        }
        if node.children().len() > MAX_CHILDREN {
            return Err(format!("an alarm rule names at most {MAX_CHILDREN} alarms"));
        }
        Ok(node)
    }

    /// Names of the alarms in a rule, each once, in order.
    pub fn children(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            RuleNode::Constant(_) => {}
            RuleNode::Is(_, name) if found.contains(&name.as_str()) => {}
            RuleNode::Is(_, name) => found.push(name),
            RuleNode::Not(inner) => inner.collect(found),
            RuleNode::And(nodes) | RuleNode::Or(nodes) => nodes.iter().for_each(|node| node.collect(found)),
        }
    }

    pub fn holds(&self, state: &dyn Fn(&str) -> Option<StateValue>) -> bool {
        match self {
            RuleNode::Constant(value) => *value,
            RuleNode::Is(wanted, name) => state(name) == Some(*wanted),
            RuleNode::Not(inner) => !inner.holds(state),
            RuleNode::And(nodes) => nodes.iter().all(|node| node.holds(state)),
            RuleNode::Or(nodes) => nodes.iter().any(|node| node.holds(state)),
        }
    }
}

impl Reader<'_> {
    fn wrong(&self, what: &str) -> String {
        format!("{what} at character {}", self.length - self.rest.len() + 1)
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, symbol: char) -> bool {
        self.space();
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A word of letters and underscores, in capitals, if it is that one.
    fn word(&mut self, wanted: &str) -> bool {
        self.space();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let found = word.eq_ignore_ascii_case(wanted);
        if found {
            self.rest = rest;
            self.elements += 1;
        }
        found
    }

    fn or(&mut self, depth: usize) -> Result<RuleNode, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("too many levels of parentheses"));
        }
        let mut nodes = Vec::from([self.and(depth)?]);
        while self.word("OR") {
            nodes.push(self.and(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { RuleNode::Or(nodes) })
    }

    fn and(&mut self, depth: usize) -> Result<RuleNode, String> {
        let mut nodes = Vec::from([self.unary(depth)?]);
        while self.word("AND") {
            nodes.push(self.unary(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { RuleNode::And(nodes) })
    }

    fn unary(&mut self, depth: usize) -> Result<RuleNode, String> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("too many levels"));
        }
        if self.word("NOT") {
            return Ok(RuleNode::Not(self.unary(depth + 1)?.into()));
        }
        if self.take('(') {
            let inner = self.or(depth + 1)?;
            return if self.take(')') {
                Ok(inner)
            } else {
                Err(self.wrong("a closing parenthesis is missing"))
            };
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.word(word) {
                return Ok(RuleNode::Constant(value));
            }
        }
        for state in [StateValue::Ok, StateValue::Alarm, StateValue::InsufficientData] {
            if self.word(state.as_str()) {
                if !self.take('(') {
                    return Err(self.wrong("an opening parenthesis is missing"));
                }
                let name = self.name()?;
                return if self.take(')') {
                    Ok(RuleNode::Is(state, name_of(&name)))
                } else {
                    Err(self.wrong("a closing parenthesis is missing"))
                };
            }
        }
        Err(self.wrong("ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or a parenthesis is expected"))
    }

    /// A name or an ARN, in quotes if it has spaces or parentheses; `\` before a character of a quoted name takes it as it is.
    fn name(&mut self) -> Result<String, String> {
        self.space();
        let mut name = String::new();
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let mut characters = self.rest.char_indices().skip(1);
            while let Some((at, character)) = characters.next() {
                if character == quote {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return if name.is_empty() {
                        Err(self.wrong("an alarm's name is empty"))
                    } else {
                        Ok(name)
                    };
                }
                let taken = if character == '\\' {
                    characters.next().map(|(_, next)| next)
                } else {
                    Some(character)
                };
                name.extend(taken);
            }
            return Err(self.wrong("a quote is not closed"));
        }
        let end = self.rest.find([' ', '(', ')', '\t', '\n', '"', '\'']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.wrong("an alarm's name is missing"));
        }
        name.push_str(word);
        self.rest = rest;
        Ok(name)
    }
}

impl CloudWatch {
    /// Has composite alarms follow a change of an alarm that they name, or that suppresses their actions.
    pub(super) fn follow(&mut self, options: &AccountOptions, at: SimTime, changed: &str, cause: Option<u32>, by_call: bool) {
        let mut parents = Vec::new();
        let mut suppressed = Vec::new();
        for (name, alarm) in &self.alarms {
            let Kind::Composite(composite) = &alarm.kind else { continue };
            if composite.suppressor.as_deref() == Some(changed) {
                suppressed.push(name.clone());
            }
            if RuleNode::parse(&composite.rule).is_ok_and(|rule| rule.children().contains(&changed)) {
                parents.push(name.clone());
            }
        }
        for name in suppressed {
            self.suppressor_changed(at, &name, changed);
        }
        for name in parents {
            self.evaluate_composite(options, at, &name, Some(changed), cause, by_call);
        }
    }

    /// Gives a composite alarm the state that its rule has now.
    pub(super) fn evaluate_composite(&mut self, options: &AccountOptions, at: SimTime, name: &str, changed: Option<&str>, cause: Option<u32>, by_call: bool) {
        let Some(alarm) = self.alarms.get(name) else { return };
        let Kind::Composite(composite) = &alarm.kind else { return };
        let Ok(rule) = RuleNode::parse(&composite.rule) else { return };
        let state = match rule.holds(&|name| self.state_of(name)) {
            true => StateValue::Alarm,
            false => StateValue::Ok,
        };
        if state == alarm.state {
            return;
        }
        let child = changed.and_then(|name| Some((name, self.alarms.get(name)?)));
        let said = child.map(|(name, child)| {
            format!(
                "{} transitioned to {} at {}",
                arn(options, name),
                child.state.as_str(),
                long_date(child.transitioned)
            )
        });
        let said = said.unwrap_or_else(|| format!("{}'s rule was set", arn(options, name)));
        let children = rule.children().into_iter().filter_map(|name| {
            let child = self.alarms.get(name)?;
            let state = json!({"value": child.state.as_str(), "timestamp": super::reason::stamp(child.transitioned)});
            Some(json!({"arn": arn(options, name), "state": state}))
        });
        let data = json!({"triggeringAlarms": children.collect::<Vec<_>>()});
        let new = NewState {
            state,
            reason: said,
            data: Some(data),
            cause: cause.or(alarm.cause),
            by_call,
        };
        self.change(options, at, name, new);
    }

    /// Whether the actions of an alarm that has just changed wait or are held back.
    pub(super) fn holds_actions(&mut self, at: SimTime, name: &str, old: StateValue) -> bool {
        let Some(Kind::Composite(composite)) = self.alarms.get(name).map(|alarm| &alarm.kind) else {
            return false;
        };
        let Some(suppressor) = composite.suppressor.as_deref() else { return false };
        let suppressing = self.state_of(suppressor) == Some(StateValue::Alarm);
        let Some(alarm) = self.alarms.get_mut(name) else { return false };
        let is_alarm = alarm.state == StateValue::Alarm;
        let Kind::Composite(composite) = &mut alarm.kind else { return false };
        composite.held_from = None;
        alarm.next = None;
        if suppressing {
            composite.suppressed = Suppressed::Alarm;
            composite.held_from = Some(old);
            return true;
        }
        if is_alarm && composite.wait > 0 {
            composite.suppressed = Suppressed::WaitPeriod;
            composite.held_from = Some(old);
            alarm.next = Some(at.plus_seconds(composite.wait));
            return true;
        }
        composite.suppressed = Suppressed::No;
        false
    }

    fn suppressor_changed(&mut self, at: SimTime, name: &str, suppressor: &str) {
        let suppressing = self.state_of(suppressor) == Some(StateValue::Alarm);
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        let is_alarm = alarm.state == StateValue::Alarm;
        let Kind::Composite(composite) = &mut alarm.kind else { return };
        match (composite.suppressed, suppressing) {
            (Suppressed::WaitPeriod | Suppressed::ExtensionPeriod, true) => {
                composite.suppressed = Suppressed::Alarm;
                alarm.next = None;
            }
            (Suppressed::Alarm, false) if is_alarm => {
                composite.suppressed = Suppressed::ExtensionPeriod;
                alarm.next = Some(at.plus_seconds(composite.extension));
            }
            (Suppressed::Alarm, false) => {
                composite.suppressed = Suppressed::No;
                composite.held_from = None;
            }
            _ => {}
        }
    }

    /// Whether a rule or suppressor of `name` that names these alarms would lead back to it.
    pub(super) fn makes_cycle(&self, name: &str, named: &[String]) -> bool {
        let mut open: Vec<String> = named.to_vec();
        let mut seen: Vec<String> = Vec::new();
        while let Some(next) = open.pop() {
            if next == name {
                return true;
            }
            if seen.contains(&next) {
                continue;
            }
            if let Some(Kind::Composite(composite)) = self.alarms.get(&next).map(|alarm| &alarm.kind) {
                let rule = RuleNode::parse(&composite.rule).ok();
                open.extend(rule.iter().flat_map(|rule| rule.children()).map(ToOwned::to_owned));
                open.extend(composite.suppressor.clone());
            }
            seen.push(next);
        }
        false
    }
}

/// `Thursday 01 January, 2026 00:05:00 UTC`, as the reason of a composite alarm has it.
fn long_date(at: SimTime) -> String {
    const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let c = at.civil();
    let day = at.micros().div_euclid(86_400_000_000).rem_euclid(7) as usize;
    let month = MONTHS.get(usize::from(c.month).saturating_sub(1)).unwrap_or(&"");
    let weekday = DAYS.get(day).map_or(String::new(), ToString::to_string);
    format!("{weekday} {:02} {month}, {} {:02}:{:02}:{:02} UTC", c.day, c.year, c.hour, c.minute, c.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_hold() {
        let state = |name: &str| match name {
            "a" => Some(StateValue::Alarm),
            "b c" => Some(StateValue::Ok),
            _ => None,
        };
        let holds = |text: &str| RuleNode::parse(text).map(|rule| rule.holds(&state));
        assert_eq!(holds("ALARM(a) AND OK(\"b c\")"), Ok(true));
        assert_eq!(holds("NOT ALARM(a) OR FALSE"), Ok(false));
        assert_eq!(holds("FALSE AND FALSE OR TRUE"), Ok(true));
        assert_eq!(holds("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:a)"), Ok(true));
        assert_eq!(holds("(INSUFFICIENT_DATA(a))"), Ok(false));
        for wrong in ["", "ALARM", "ALARM()", "ALARM(a", "TRUE TRUE", "(TRUE", "ALARM(\"a)", "é", "NOT", "TRUE AND"] {
            assert!(RuleNode::parse(wrong).is_err(), "{wrong}");
        }
        assert!(RuleNode::parse(&"(".repeat(100_000)).is_err());
        assert!(RuleNode::parse(&"NOT ".repeat(100_000)).is_err());
        assert_eq!(
            long_date(SimTime::parse("2026-01-01T00:05:00Z").unwrap()),
            "Thursday 01 January, 2026 00:05:00 UTC"
        );
    }
}
