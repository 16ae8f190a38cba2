//! From a query to a tree of operators.
//!
//! Belongs here: which operator Flink's planner takes for which form of a query. Does not belong here: what operators do.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use sqlparser::ast::{
    self, BinaryOperator, FunctionArg, FunctionArgExpr, FunctionArguments, Join as AstJoin, JoinConstraint, JoinOperator, SelectItem, SetExpr, Spanned,
    TableFactor,
};
use sqlparser::tokenizer::Location;

use crate::ddl::Table;
use crate::error::{Error, Result};
use crate::expr::{Expr, Field, Fields, Fun, Role, Scope, arguments, compile, interval};
use crate::ops::group::{Aggregate, Function, GroupAgg};
use crate::ops::join::{IntervalJoin, Join, On, RegularJoin, TemporalJoin, UnionAll, WindowJoin};
use crate::ops::rank::{Deduplicate, Ranking, TopN, WindowTopN};
use crate::ops::window::{Assign, Assigner, WindowAgg};
use crate::ops::{Calc, Operator};
use crate::value::{Type, Value};

/// What statements before have made.
#[derive(Default)]
pub struct Catalog {
    pub tables: Vec<Table>,
    pub views: BTreeMap<String, ast::Query>,
}

pub enum Node {
    Scan(usize),
    One(Box<Node>, Box<dyn Operator>),
    Two(Box<[Node; 2]>, Box<dyn Join>, Inputs),
}

/// Watermarks of two inputs.
pub struct Inputs {
    pub watermarks: [i64; 2],
    pub idle: [bool; 2],
    pub combined: i64,
}

pub struct Planned {
    pub node: Node,
    pub fields: Vec<Field>,
    pub updating: bool,
    /// A windowing table function whose three columns are said in `fields` and not in the rows yet.
    pending: Option<(Assigner, usize)>,
    /// Operators, the last one first; children deeper.
    pub explain: Vec<String>,
    primary_key: Vec<String>,
}

const MOST_WINDOWS: i64 = 10_000;

impl Planned {
    fn one(mut self, operator: impl Operator + 'static, name: String) -> Planned {
        self.node = Node::One(Box::new(self.node), Box::new(operator));
        self.explain = deeper(&name, &[&self.explain]);
        self
    }

    /// With the columns of a windowing table function in its rows.
    fn assigned(mut self, place: Location) -> Result<Planned> {
        let Some((assigner, time)) = self.pending.take() else { return Ok(self) };
        if let Assigner::Session { .. } = assigner {
            return Err(Error::uncovered(place, "SESSION without GROUP BY window_start, window_end"));
        }
        Ok(self.one(Assign { assigner, time }, format!("WindowTableFunction({assigner:?})")))
    }

    fn append_only(&self, place: Location, what: &str) -> Result<()> {
        if self.updating {
            return Err(Error::at(place, format!("{what} doesn't support consuming update and delete changes")));
        }
        Ok(())
    }
}

fn deeper(name: &str, children: &[&[String]]) -> Vec<String> {
    let below = children.iter().flat_map(|child| child.iter()).map(|line| format!("  {line}"));
    core::iter::once(String::from(name)).chain(below).collect()
}

pub fn query(query: &ast::Query, catalog: &Catalog) -> Result<Planned> {
    let place = query.span().start;
    if query.with.is_some() || query.order_by.is_some() || query.limit_clause.is_some() || query.fetch.is_some() {
        return Err(Error::uncovered(place, "WITH, ORDER BY, LIMIT or FETCH of a query"));
    }
    set(&query.body, catalog)
}

fn set(body: &SetExpr, catalog: &Catalog) -> Result<Planned> {
    let place = body.span().start;
    match body {
        SetExpr::Select(select) => self::select(select, catalog),
        SetExpr::Query(inner) => query(inner, catalog),
        SetExpr::SetOperation {
            op: ast::SetOperator::Union,
            set_quantifier: ast::SetQuantifier::All,
            left,
            right,
        } => {
            let (left, right) = (set(left, catalog)?, set(right, catalog)?);
            if left.fields.iter().map(|field| field.ty).ne(right.fields.iter().map(|field| field.ty)) {
                return Err(Error::at(place, "Column types of UNION ALL differ"));
            }
            let fields = left.fields.clone();
            Ok(two(left, right, UnionAll, String::from("Union(all=[true])"), fields))
        }
        _ => Err(Error::uncovered(place, "This kind of query")),
    }
}

fn two(left: Planned, right: Planned, operator: impl Join + 'static, name: String, fields: Vec<Field>) -> Planned {
    let inputs = Inputs {
        watermarks: [i64::MIN; 2],
        idle: [false; 2],
        combined: i64::MIN,
    };
    Planned {
        explain: deeper(&name, &[&left.explain, &right.explain]),
        updating: left.updating || right.updating,
        node: Node::Two(Box::new([left.node, right.node]), Box::new(operator), inputs),
        fields,
        pending: None,
        primary_key: Vec::new(),
    }
}

fn named(mut planned: Planned, alias: Option<&ast::TableAlias>) -> Result<Planned> {
    let Some(alias) = alias else { return Ok(planned) };
    if !alias.columns.is_empty() {
        return Err(Error::uncovered(alias.span().start, "An alias with columns"));
    }
    for field in &mut planned.fields {
        field.table.clone_from(&alias.name.value);
    }
    Ok(planned)
}

fn relation(factor: &TableFactor, catalog: &Catalog) -> Result<Planned> {
    let place = factor.span().start;
    match factor {
        TableFactor::Table {
            name, alias, args: Some(args), ..
        } => named(table_function(&name.to_string(), &args.args, name.span().start, catalog)?, alias.as_ref()),
        TableFactor::Table { name, alias, args: None, .. } => named(table(&name.to_string().replace('`', ""), place, catalog)?, alias.as_ref()),
        TableFactor::Derived {
            lateral: false,
            subquery,
            alias,
        } => named(query(subquery, catalog)?, alias.as_ref()),
        _ => Err(Error::uncovered(place, format!("{factor}"))),
    }
}

fn table(name: &str, place: Location, catalog: &Catalog) -> Result<Planned> {
    if let Some(view) = catalog.views.get(name) {
        let mut planned = query(view, catalog)?;
        planned.fields.iter_mut().for_each(|field| field.table = String::from(name));
        return Ok(planned);
    }
    let Some((at, table)) = catalog.tables.iter().enumerate().find(|(_, table)| table.name == name) else {
        return Err(Error::at(place, format!("Object '{name}' not found")));
    };
    let rowtime = table.watermark.as_ref().map(|(column, ..)| column);
    let fields = table.columns.iter().map(|column| Field {
        table: String::from(name),
        name: column.name.clone(),
        ty: column.ty,
        role: if rowtime == Some(&column.name) { Role::Rowtime } else { Role::Plain },
    });
    Ok(Planned {
        node: Node::Scan(at),
        fields: fields.collect(),
        updating: false,
        pending: None,
        explain: Vec::from([format!("TableSourceScan({name})")]),
        primary_key: table.primary_key.clone(),
    })
}

fn table_function(name: &str, args: &[FunctionArg], place: Location, catalog: &Catalog) -> Result<Planned> {
    let exprs: Vec<&ast::Expr> = args
        .iter()
        .filter_map(|arg| {
            if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg {
                Some(expr)
            } else {
                None
            }
        })
        .collect();
    let (Some(data), Some(descriptor)) = (exprs.first(), exprs.get(1)) else {
        return Err(Error::uncovered(place, "A windowing table function with named arguments"));
    };
    let source = match data {
        ast::Expr::Function(partitioned) => arguments(partitioned)?.first().map(ToString::to_string),
        other => Some(other.to_string()),
    };
    let mut planned = table(&source.unwrap_or_default().replace('`', ""), data.span().start, catalog)?.assigned(place)?;
    planned.append_only(place, "The window table function")?;
    let column = match descriptor {
        ast::Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("DESCRIPTOR") => arguments(function)?.into_iter().next(),
        _ => None,
    };
    let column = column.ok_or_else(|| Error::at(descriptor.span().start, "DESCRIPTOR(column) is expected"))?;
    let time = rowtime_column(column, &planned.fields)?;
    let sizes = exprs.iter().skip(2).map(|expr| interval(expr)).collect::<Result<Vec<_>>>()?;
    let assigner = assigner(name, &sizes, place)?;
    for (name, role) in [
        ("window_start", Role::WindowStart),
        ("window_end", Role::WindowEnd),
        ("window_time", Role::Rowtime),
    ] {
        planned.fields.push(Field {
            table: String::new(),
            name: String::from(name),
            ty: Type::Timestamp,
            role,
        });
    }
    planned.pending = Some((assigner, time));
    Ok(planned)
}

fn assigner(name: &str, sizes: &[i64], place: Location) -> Result<Assigner> {
    let assigner = match (name.to_uppercase().as_str(), sizes) {
        ("TUMBLE", [size]) => Assigner::Tumble { size: *size, offset: 0 },
        ("TUMBLE", [size, offset]) => Assigner::Tumble { size: *size, offset: *offset },
        ("HOP", [slide, size]) => Assigner::Hop {
            slide: *slide,
            size: *size,
            offset: 0,
        },
        ("HOP", [slide, size, offset]) => Assigner::Hop {
            slide: *slide,
            size: *size,
            offset: *offset,
        },
        ("CUMULATE", [step, size]) => Assigner::Cumulate {
            step: *step,
            size: *size,
            offset: 0,
        },
        ("CUMULATE", [step, size, offset]) => Assigner::Cumulate {
            step: *step,
            size: *size,
            offset: *offset,
        },
        ("SESSION", [gap]) => Assigner::Session { gap: *gap },
        _ => return Err(Error::at(place, format!("{name} does not take {} intervals", sizes.len()))),
    };
    let (step, size) = match assigner {
        Assigner::Tumble { size, .. } | Assigner::Session { gap: size } => (size, size),
        Assigner::Hop { slide, size, .. } => (slide, size),
        Assigner::Cumulate { step, size, .. } => (step, size),
    };
    if step <= 0 || size <= 0 {
        return Err(Error::at(place, format!("{name} requires intervals above 0")));
    }
    if matches!(assigner, Assigner::Cumulate { .. }) && size % step != 0 {
        return Err(Error::at(
            place,
            "CUMULATE table function based aggregate requires maxSize must be an integral multiple of step",
        ));
    }
    if size / step > MOST_WINDOWS {
        return Err(Error::at(place, format!("A row in more than {MOST_WINDOWS} windows is not covered")));
    }
    Ok(assigner)
}

fn rowtime_column(expr: &ast::Expr, fields: &[Field]) -> Result<usize> {
    let at = match compile(expr, &Fields(fields))? {
        (Expr::Column(at), _) if fields.get(at).is_some_and(|field| field.role == Role::Rowtime) => at,
        _ => {
            return Err(Error::at(
                expr.span().start,
                format!("{expr} must be a time attribute: a column with a WATERMARK"),
            ));
        }
    };
    Ok(at)
}

fn conjuncts<'a>(expr: &'a ast::Expr, out: &mut Vec<&'a ast::Expr>) {
    match expr {
        ast::Expr::Nested(inner) => conjuncts(inner, out),
        ast::Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            conjuncts(left, out);
            conjuncts(right, out);
        }
        other => out.push(other),
    }
}

/// A column and what is added to it, milliseconds.
fn shifted(expr: &Expr) -> Option<(usize, i64)> {
    match expr {
        Expr::Column(at) => Some((*at, 0)),
        Expr::Call(fun @ (Fun::Add | Fun::Sub), arguments, Type::Timestamp) => match arguments.as_slice() {
            [inner, Expr::Literal(Value::Interval(by))] => {
                let (at, so_far) = shifted(inner)?;
                Some((
                    at,
                    if *fun == Fun::Add {
                        so_far.checked_add(*by)?
                    } else {
                        so_far.checked_sub(*by)?
                    },
                ))
            }
            _ => None,
        },
        _ => None,
    }
}

fn join(left: Planned, join: &AstJoin, catalog: &Catalog) -> Result<Planned> {
    let place = join.relation.span().start;
    let right = relation(&join.relation, catalog)?.assigned(place)?;
    let left = left.assigned(place)?;
    let (constraint, left_outer) = match &join.join_operator {
        JoinOperator::Join(on) | JoinOperator::Inner(on) => (on, false),
        JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (on, true),
        _ => return Err(Error::uncovered(place, "A join other than INNER and LEFT")),
    };
    let JoinConstraint::On(condition) = constraint else {
        return Err(Error::uncovered(place, "A join without ON"));
    };
    let width = left.fields.len();
    let fields: Vec<Field> = left.fields.iter().chain(&right.fields).cloned().collect();
    let mut parts = Vec::new();
    conjuncts(condition, &mut parts);
    let mut keys = [Vec::new(), Vec::new()];
    let (mut rest, mut low, mut high, mut times, mut windows) = (None, None::<i64>, None::<i64>, None, [None; 2]);
    for part in parts {
        let (expr, _) = compile(part, &Fields(&fields))?;
        let mut left_over = false;
        let comparisons: Vec<(Fun, &[Expr])> = match &expr {
            Expr::Call(Fun::And, both, _) => both
                .iter()
                .filter_map(|one| {
                    if let Expr::Call(fun, arguments, _) = one {
                        Some((*fun, arguments.as_slice()))
                    } else {
                        None
                    }
                })
                .collect(),
            Expr::Call(fun, arguments, _) => Vec::from([(*fun, arguments.as_slice())]),
            _ => Vec::new(),
        };
        left_over |= comparisons.is_empty();
        for (fun, arguments) in comparisons {
            let sides = match arguments {
                [a, b] => shifted(a).zip(shifted(b)),
                _ => None,
            };
            let role = |at: usize| fields.get(at).map_or(Role::Plain, |field| field.role);
            match sides {
                Some(((a, 0), (b, 0))) if fun == Fun::Eq && (a < width) != (b < width) && (role(a) != Role::Rowtime || role(b) != Role::Rowtime) => {
                    let (a, b) = (a.min(b), a.max(b) - width);
                    match (role(a), role(b + width)) {
                        (Role::WindowStart, Role::WindowStart) => windows[0] = Some((a, b)),
                        (Role::WindowEnd, Role::WindowEnd) => windows[1] = Some((a, b)),
                        _ => {}
                    }
                    keys[0].push(Expr::Column(a));
                    keys[1].push(Expr::Column(b));
                }
                Some(((a, by_a), (b, by_b))) if role(a) == Role::Rowtime && role(b) == Role::Rowtime && (a < width) != (b < width) => {
                    // left − right against `by`, whichever side stands first.
                    let (fun, by) = if a < width { (fun, by_b - by_a) } else { (mirrored(fun), by_a - by_b) };
                    times = Some((a.min(b), a.max(b) - width));
                    let (at_least, at_most) = match fun {
                        Fun::Ge => (Some(by), None),
                        Fun::Gt => (Some(by + 1), None),
                        Fun::Le => (None, Some(by)),
                        Fun::Lt => (None, Some(by - 1)),
                        Fun::Eq => (Some(by), Some(by)),
                        _ => {
                            left_over = true;
                            (None, None)
                        }
                    };
                    low = low.max(at_least);
                    high = [high, at_most].into_iter().flatten().min();
                }
                _ => left_over = true,
            }
        }
        if left_over {
            rest = Some(match rest {
                None => expr,
                Some(before) => Expr::Call(Fun::And, Vec::from([before, expr]), Type::Boolean),
            });
        }
    }
    let on = On {
        keys,
        rest,
        left_outer,
        right_width: right.fields.len(),
    };
    if let TableFactor::Table { version: Some(version), .. } = &join.relation {
        let ast::TableVersion::ForSystemTimeAsOf(at) = version else {
            return Err(Error::uncovered(place, format!("{version}")));
        };
        let left_time = rowtime_column(at, &left.fields)?;
        let right_time = right.fields.iter().position(|field| field.role == Role::Rowtime);
        let right_time = right_time.ok_or_else(|| {
            Error::at(
                place,
                "Event-Time Temporal Table Join requires both primary key and row time attribute in versioned table, but no row time attribute can be found.",
            )
        })?;
        let keyed = |name: &String| {
            on.keys[1]
                .iter()
                .any(|key| matches!(key, Expr::Column(at) if right.fields.get(*at).is_some_and(|field| field.name == *name)))
        };
        if right.primary_key.is_empty() || !right.primary_key.iter().all(keyed) {
            return Err(Error::at(
                place,
                "Event-Time Temporal Table Join requires both primary key and row time attribute in versioned table, and the primary key in its condition.",
            ));
        }
        left.append_only(place, "The temporal join")?;
        let operator = TemporalJoin {
            on,
            times: [left_time, right_time],
            waiting: Vec::new(),
            versions: BTreeMap::new(),
        };
        return Ok(two(left, right, operator, String::from("TemporalJoin"), fields));
    }
    if let [Some((left_start, right_start)), Some((left_end, right_end))] = windows {
        left.append_only(place, "The window join")?;
        right.append_only(place, "The window join")?;
        let operator = WindowJoin {
            on,
            columns: [(left_start, left_end), (right_start, right_end)],
            watermark: i64::MIN,
            windows: BTreeMap::new(),
        };
        return Ok(two(left, right, operator, String::from("WindowJoin"), fields));
    }
    if left_outer {
        return Err(Error::uncovered(place, "A LEFT JOIN that is neither temporal nor of windows"));
    }
    if let (Some((left_time, right_time)), Some(lower), Some(upper)) = (times, low, high) {
        left.append_only(place, "The interval join")?;
        right.append_only(place, "The interval join")?;
        let operator = IntervalJoin {
            on,
            times: [left_time, right_time],
            lower,
            upper,
            watermark: 0,
            caches: [BTreeMap::new(), BTreeMap::new()],
        };
        return Ok(two(
            left,
            right,
            operator,
            format!("IntervalJoin(lowerBound={lower}, upperBound={upper})"),
            fields,
        ));
    }
    if times.is_some() {
        return Err(Error::at(place, "an interval join needs a bound of both sides, an earliest and a latest"));
    }
    let operator = RegularJoin {
        on,
        rows: [BTreeMap::new(), BTreeMap::new()],
    };
    // Flink makes time attributes plain here.
    let fields = fields.into_iter().map(|field| Field { role: Role::Plain, ..field }).collect();
    Ok(two(left, right, operator, String::from("Join(InnerJoin)"), fields))
}

fn mirrored(fun: Fun) -> Fun {
    match fun {
        Fun::Ge => Fun::Le,
        Fun::Gt => Fun::Lt,
        Fun::Le => Fun::Ge,
        Fun::Lt => Fun::Gt,
        other => other,
    }
}

/// `ROW_NUMBER() OVER (…)` and its alias.
fn row_number(item: &SelectItem) -> Option<(&ast::WindowSpec, &str)> {
    let SelectItem::ExprWithAlias {
        expr: ast::Expr::Function(function),
        alias,
    } = item
    else {
        return None;
    };
    match &function.over {
        Some(ast::WindowType::WindowSpec(spec)) if function.name.to_string().eq_ignore_ascii_case("ROW_NUMBER") => Some((spec, &alias.value)),
        _ => None,
    }
}

fn select(select: &ast::Select, catalog: &Catalog) -> Result<Planned> {
    let place = select.span().start;
    if select.distinct.is_some() || select.qualify.is_some() || !select.named_window.is_empty() || select.top.is_some() {
        return Err(Error::uncovered(place, "DISTINCT, QUALIFY, WINDOW or TOP of a SELECT"));
    }
    let [from] = select.from.as_slice() else {
        return Err(Error::uncovered(place, "A SELECT of no table, or of several without JOIN"));
    };
    if let TableFactor::Derived { subquery, alias, .. } = &from.relation
        && let SetExpr::Select(inner) = subquery.body.as_ref()
        && let Some((at, (spec, rank))) = inner.projection.iter().enumerate().find_map(|(at, item)| Some((at, row_number(item)?)))
        && from.joins.is_empty()
    {
        return ranked(select, inner, at, spec, rank, alias.as_ref(), catalog);
    }
    let mut input = relation(&from.relation, catalog)?;
    for one in &from.joins {
        input = join(input, one, catalog)?;
    }
    if let Some(condition) = &select.selection {
        let base = if input.pending.is_some() {
            input.fields.len() - 3
        } else {
            input.fields.len()
        };
        let filter = compile(condition, &Fields(input.fields.get(..base).unwrap_or_default()))?.0;
        input = input.one(
            Calc {
                filter: Some(filter),
                project: None,
            },
            format!("Calc(where=[{condition}])"),
        );
    }
    let ast::GroupByExpr::Expressions(groups, modifiers) = &select.group_by else {
        return Err(Error::uncovered(place, "GROUP BY ALL"));
    };
    if !modifiers.is_empty() {
        return Err(Error::uncovered(place, "A modifier of GROUP BY"));
    }
    if !groups.is_empty() || select.projection.iter().any(aggregates) {
        return grouped(select, groups, input, place);
    }
    let input = input.assigned(place)?;
    let columns = projection(&select.projection, &Fields(&input.fields))?;
    Ok(projected(input, columns))
}

fn aggregates(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            matches!(expr, ast::Expr::Function(function) if function.over.is_none() && aggregate(&function.name.to_string()).is_some())
        }
        _ => false,
    }
}

fn projected(input: Planned, columns: Vec<(Expr, Field)>) -> Planned {
    let names: Vec<&str> = columns.iter().map(|(_, field)| field.name.as_str()).collect();
    let name = format!("Calc(select=[{}])", names.join(", "));
    let (project, fields) = columns.into_iter().unzip();
    let mut planned = input.one(
        Calc {
            filter: None,
            project: Some(project),
        },
        name,
    );
    planned.fields = fields;
    planned
}

fn projection(items: &[SelectItem], scope: &dyn Scope) -> Result<Vec<(Expr, Field)>> {
    let mut columns = Vec::new();
    for item in items {
        let (expr, name) = match item {
            SelectItem::UnnamedExpr(expr @ ast::Expr::Identifier(name)) => (expr, name.value.clone()),
            SelectItem::UnnamedExpr(expr @ ast::Expr::CompoundIdentifier(names)) => (expr, names.last().map_or_else(String::new, |name| name.value.clone())),
            SelectItem::UnnamedExpr(expr) => (expr, format!("EXPR${}", columns.len())),
            SelectItem::ExprWithAlias { expr, alias } => (expr, alias.value.clone()),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                let table = if let SelectItem::QualifiedWildcard(ast::SelectItemQualifiedWildcardKind::ObjectName(name), _) = item {
                    Some(name.to_string())
                } else {
                    None
                };
                let fields = scope
                    .fields()
                    .iter()
                    .enumerate()
                    .filter(|(_, field)| table.as_ref().is_none_or(|table| field.table == *table));
                columns.extend(fields.map(|(at, field)| (Expr::Column(at), field.clone())));
                continue;
            }
        };
        let (compiled, ty) = compile(expr, scope)?;
        let role = match &compiled {
            Expr::Column(at) => scope.fields().get(*at).map_or(Role::Plain, |field| field.role),
            _ => Role::Plain,
        };
        columns.push((
            compiled,
            Field {
                table: String::new(),
                name,
                ty,
                role,
            },
        ));
    }
    Ok(columns)
}

fn aggregate(name: &str) -> Option<Function> {
    let function = match name.to_uppercase().as_str() {
        "COUNT" => Function::Count,
        "SUM" => Function::Sum,
        "AVG" => Function::Avg,
        "MIN" => Function::Min,
        "MAX" => Function::Max,
        _ => return None,
    };
    Some(function)
}

/// Above a GROUP BY: keys, columns of the window, aggregates.
struct Grouped<'a> {
    input: &'a [Field],
    /// What comes out, of keys and window.
    fields: Vec<Field>,
    keys: Vec<(Expr, usize)>,
    /// The first column of the window, and the name of a legacy group window.
    window: Option<(usize, Option<String>)>,
    found: RefCell<Vec<Aggregate>>,
}

impl Scope for Grouped<'_> {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn special(&self, expr: &ast::Expr) -> Result<Option<(Expr, Type)>> {
        if let ast::Expr::Function(function) = expr {
            let name = function.name.to_string().to_uppercase();
            if let Some(of) = aggregate(&name) {
                let aggregate = self.aggregate(of, function)?;
                let mut found = self.found.borrow_mut();
                let ty = aggregate.ty;
                let at = found.iter().position(|other| *other == aggregate).unwrap_or(found.len());
                if at == found.len() {
                    found.push(aggregate);
                }
                return Ok(Some((Expr::Column(self.fields.len() + at), ty)));
            }
            if let Some((first, Some(window))) = &self.window
                && let Some(of) = name.strip_prefix(window.as_str())
            {
                let at = ["_START", "_END", "_ROWTIME"].iter().position(|suffix| *suffix == of);
                return match at {
                    Some(at) => Ok(Some((Expr::Column(first + at), Type::Timestamp))),
                    None => Err(Error::uncovered(expr.span().start, format!("The function {name}"))),
                };
            }
        }
        match expr {
            ast::Expr::Value(_) | ast::Expr::Interval(_) => Ok(None),
            _ => match compile(expr, &Fields(self.input)) {
                Ok((compiled, ty)) => match self.keys.iter().find(|(key, _)| *key == compiled) {
                    Some((_, at)) => Ok(Some((Expr::Column(*at), ty))),
                    None if matches!(compiled, Expr::Column(_)) => Err(Error::at(expr.span().start, format!("Expression '{expr}' is not being grouped"))),
                    None => Ok(None),
                },
                Err(_) => Ok(None),
            },
        }
    }
}

impl Grouped<'_> {
    fn aggregate(&self, of: Function, function: &ast::Function) -> Result<Aggregate> {
        let place = function.name.span().start;
        let FunctionArguments::List(list) = &function.args else {
            return Err(Error::at(place, format!("{} needs an argument", function.name)));
        };
        if function.over.is_some() {
            return Err(Error::uncovered(place, format!("{} OVER", function.name)));
        }
        let (argument, ty) = match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if of == Function::Count => (None, Type::BigInt),
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))] => {
                let (expr, ty) = compile(expr, &Fields(self.input))?;
                if matches!(of, Function::Sum | Function::Avg) && !ty.is_number() {
                    return Err(Error::at(place, format!("{} does not take {}", function.name, ty.name())));
                }
                (Some(expr), if of == Function::Count { Type::BigInt } else { ty })
            }
            _ => return Err(Error::uncovered(place, format!("These arguments of {}", function.name))),
        };
        let filter = function.filter.as_ref().map(|filter| compile(filter, &Fields(self.input))).transpose()?;
        Ok(Aggregate {
            function: of,
            argument,
            distinct: matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct)),
            filter: filter.map(|(expr, _)| expr),
            ty,
        })
    }
}

fn grouped(select: &ast::Select, groups: &[ast::Expr], input: Planned, place: Location) -> Result<Planned> {
    let (mut keys, mut window_columns, mut legacy) = (Vec::new(), Vec::new(), None);
    let base = input.fields.len().saturating_sub(3);
    for group in groups {
        if let ast::Expr::Function(function) = group
            && ["TUMBLE", "HOP", "SESSION"]
                .iter()
                .any(|name| function.name.to_string().eq_ignore_ascii_case(name))
        {
            let name = function.name.to_string().to_uppercase();
            let args = arguments(function)?;
            let time = args.first().ok_or_else(|| Error::at(place, format!("{name} needs a time attribute")))?;
            let sizes = args.iter().skip(1).map(|expr| interval(expr)).collect::<Result<Vec<_>>>()?;
            legacy = Some((assigner(&name, &sizes, group.span().start)?, rowtime_column(time, &input.fields)?, name));
            continue;
        }
        match compile(group, &Fields(&input.fields))? {
            (Expr::Column(at), _) if input.pending.is_some() && at >= base => window_columns.push(at - base),
            key => keys.push((key, group)),
        }
    }
    let window = match (&legacy, input.pending) {
        (Some((assigner, time, _)), None) => Some((*assigner, *time)),
        (None, Some(pending)) if window_columns.contains(&0) && window_columns.contains(&1) => Some(pending),
        (None, Some(_)) => {
            return Err(Error::uncovered(
                place,
                "GROUP BY over a windowing table function without window_start and window_end",
            ));
        }
        (Some(_), Some(_)) => return Err(Error::uncovered(place, "A group window over a windowing table function")),
        (None, None) => None,
    };
    let mut fields: Vec<Field> = Vec::new();
    for ((expr, ty), group) in &keys {
        let of = if let Expr::Column(at) = expr { input.fields.get(*at).cloned() } else { None };
        fields.push(
            of.map(|field| Field {
                role: if window.is_some() { field.role } else { Role::Plain },
                ..field
            })
            .unwrap_or(Field {
                table: String::new(),
                name: group.to_string(),
                ty: *ty,
                role: Role::Plain,
            }),
        );
    }
    let first = fields.len();
    let mut outs: Vec<(Expr, usize)> = keys.iter().enumerate().map(|(at, ((expr, _), _))| (expr.clone(), at)).collect();
    if window.is_some() {
        for (at, (name, role)) in [
            ("window_start", Role::WindowStart),
            ("window_end", Role::WindowEnd),
            ("window_time", Role::Rowtime),
        ]
        .into_iter()
        .enumerate()
        {
            if input.pending.is_some() {
                outs.push((Expr::Column(base + at), first + at));
            }
            fields.push(Field {
                table: String::new(),
                name: String::from(name),
                ty: Type::Timestamp,
                role,
            });
        }
    }
    let scope = Grouped {
        input: &input.fields,
        fields,
        keys: outs,
        window: window.map(|_| (first, legacy.map(|(.., name)| name))),
        found: RefCell::default(),
    };
    let columns = projection(&select.projection, &scope)?;
    let having = select.having.as_ref().map(|having| compile(having, &scope)).transpose()?;
    let found = scope.found.into_inner();
    let keys: Vec<Expr> = keys.into_iter().map(|((expr, _), _)| expr).collect();
    let mut planned = match window {
        Some((assigner, time)) => {
            input.append_only(place, "The window aggregate")?;
            let mut planned = input.one(WindowAgg::new(assigner, time, keys, found), format!("WindowAggregate({assigner:?})"));
            planned.pending = None;
            planned
        }
        None => {
            let operator = GroupAgg {
                keys,
                aggregates: found,
                groups: BTreeMap::new(),
            };
            let mut planned = input.one(operator, String::from("GroupAggregate"));
            planned.updating = true;
            planned
        }
    };
    if let Some((filter, _)) = having {
        planned = planned.one(
            Calc {
                filter: Some(filter),
                project: None,
            },
            String::from("Calc(having)"),
        );
    }
    Ok(projected(planned, columns))
}

/// How many rows a condition of the outer query lets stay, and whether that was all it asks.
fn bound(condition: &ast::Expr, rank: &str) -> Option<usize> {
    let ast::Expr::BinaryOp { left, op, right } = condition else { return None };
    let is_rank = |expr: &ast::Expr| matches!(expr, ast::Expr::Identifier(name) if name.value == rank);
    let number = |expr: &ast::Expr| expr.to_string().parse::<usize>().ok();
    match op {
        BinaryOperator::LtEq if is_rank(left) => number(right),
        BinaryOperator::Lt if is_rank(left) => number(right)?.checked_sub(1),
        BinaryOperator::GtEq if is_rank(right) => number(left),
        BinaryOperator::Gt if is_rank(right) => number(left)?.checked_sub(1),
        BinaryOperator::Eq if is_rank(left) => number(right).filter(|number| *number == 1),
        _ => None,
    }
}

fn ranked(
    outer: &ast::Select,
    inner: &ast::Select,
    at: usize,
    spec: &ast::WindowSpec,
    rank: &str,
    alias: Option<&ast::TableAlias>,
    catalog: &Catalog,
) -> Result<Planned> {
    let place = inner.span().start;
    let mut parts = Vec::new();
    if let Some(condition) = &outer.selection {
        conjuncts(condition, &mut parts);
    }
    let limit = parts.iter().position(|part| bound(part, rank).is_some());
    let Some(limit) = limit
        .and_then(|at| bound(parts.remove(at), rank))
        .filter(|limit| (1..=1_000_000).contains(limit))
    else {
        return Err(Error::uncovered(place, format!("ROW_NUMBER() without a bound {rank} <= N in the outer WHERE")));
    };
    let mut below = inner.clone();
    below.projection = Vec::from([SelectItem::Wildcard(ast::WildcardAdditionalOptions::default())]);
    let input = select(&below, catalog)?;
    let scope = Fields(&input.fields);
    let partition = spec.partition_by.iter().map(|expr| Ok(compile(expr, &scope)?.0)).collect::<Result<Vec<_>>>()?;
    let order = spec
        .order_by
        .iter()
        .map(|by| Ok((compile(&by.expr, &scope)?.0, by.options.asc == Some(false))))
        .collect::<Result<Vec<_>>>()?;
    let role = |expr: &Expr| {
        if let Expr::Column(at) = expr {
            input.fields.get(*at).map(|field| (*at, field.role))
        } else {
            None
        }
    };
    let window = |wanted| partition.iter().filter_map(role).find(|(_, role)| *role == wanted).map(|(at, _)| at);
    let (start, end) = (window(Role::WindowStart), window(Role::WindowEnd));
    let by_time = match order.as_slice() {
        [(expr, down)] => role(expr).filter(|(_, role)| *role == Role::Rowtime).map(|(at, _)| (at, *down)),
        _ => None,
    };
    let outer_text = outer
        .projection
        .iter()
        .any(|item| !matches!(item, SelectItem::UnnamedExpr(ast::Expr::Identifier(name)) if name.value != rank));
    let ranking = Ranking {
        partition,
        order,
        limit,
        numbered: outer_text || !parts.is_empty(),
    };
    let mut fields = input.fields.clone();
    let width = fields.len();
    let mut planned = if let (Some(start), Some(end)) = (start, end) {
        input.append_only(place, "The window rank")?;
        let operator = WindowTopN {
            ranking,
            start,
            end,
            watermark: i64::MIN,
            windows: BTreeMap::new(),
        };
        input.one(operator, format!("WindowRank(rankEnd={limit})"))
    } else if let (Some((time, last)), 1) = (by_time, limit) {
        input.append_only(place, "The deduplication")?;
        let operator = Deduplicate {
            keys: ranking.partition,
            time,
            last,
            watermark: i64::MIN,
            rows: BTreeMap::new(),
        };
        let mut planned = input.one(
            operator,
            format!("Deduplicate(keep=[{}], order=[ROWTIME])", if last { "LastRow" } else { "FirstRow" }),
        );
        planned.updating = last;
        planned
    } else {
        let operator = TopN {
            ranking,
            partitions: BTreeMap::new(),
        };
        let mut planned = input.one(operator, format!("Rank(rankEnd={limit})"));
        planned.updating = true;
        planned
    };
    fields.push(Field {
        table: String::new(),
        name: String::from(rank),
        ty: Type::BigInt,
        role: Role::Plain,
    });
    // What the inner SELECT says, with the number where it stood.
    let mut items = inner.projection.clone();
    if let Some(item) = items.get_mut(at) {
        *item = SelectItem::UnnamedExpr(ast::Expr::Identifier(ast::Ident::new(rank)));
    }
    let mut columns = Vec::new();
    for item in &items {
        match item {
            SelectItem::Wildcard(_) => columns.extend(projection(core::slice::from_ref(item), &Fields(fields.get(..width).unwrap_or_default()))?),
            item => columns.extend(projection(core::slice::from_ref(item), &Fields(&fields))?),
        }
    }
    planned = named(projected(planned, columns), alias)?;
    for part in parts {
        let filter = compile(part, &Fields(&planned.fields))?.0;
        planned = planned.one(
            Calc {
                filter: Some(filter),
                project: None,
            },
            format!("Calc(where=[{part}])"),
        );
    }
    let columns = projection(&outer.projection, &Fields(&planned.fields))?;
    Ok(projected(planned, columns))
}
