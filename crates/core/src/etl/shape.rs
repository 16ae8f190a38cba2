//! The columns of a node as a tree while they are being dropped, kept and renamed; what is left becomes expressions over the input.
//!
//! Belongs here: paths into nested columns. Does not belong here: what any one transform means.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::transform::Expression;
use super::{DataType, Field, FieldPath};

/// A column or the whole row.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// The input's cell at a path, cast from one type to the other where they differ.
    Leaf { path: Vec<usize>, from: DataType, to: DataType },
    /// The row, or a struct that was opened. `base` is where the struct stands in the input, and decides whether it is null.
    Group { base: Option<Vec<usize>>, members: Vec<(String, Shape)> },
}

impl Shape {
    pub fn of(columns: &[Field]) -> Shape {
        Shape::Group {
            base: None,
            members: below(&[], columns),
        }
    }

    pub fn from_members(members: Vec<(String, Shape)>) -> Shape {
        Shape::Group { base: None, members }
    }

    pub fn group(base: Option<Vec<usize>>, members: Vec<(String, Shape)>) -> Shape {
        Shape::Group { base, members }
    }

    pub fn leaf(path: Vec<usize>, from: DataType, to: DataType) -> Shape {
        Shape::Leaf { path, from, to }
    }

    /// The members of the row or of a struct, opening it if it is still whole; `None` for anything else.
    fn open(&mut self) -> Option<&mut Vec<(String, Shape)>> {
        if let Shape::Leaf { path, from, to } = self {
            let DataType::Struct(fields) = &*from else {
                return None;
            };
            if from != to {
                return None;
            }
            *self = Shape::Group {
                base: Some(path.clone()),
                members: below(path, fields),
            };
        }
        match self {
            Shape::Group { members, .. } => Some(members),
            Shape::Leaf { .. } => None,
        }
    }

    fn contains(&self, path: &[String]) -> bool {
        fn inside(data_type: &DataType, path: &[String]) -> bool {
            match (path.split_first(), data_type) {
                (None, _) => true,
                (Some((name, rest)), DataType::Struct(fields)) => fields.iter().any(|field| field.name == *name && inside(&field.data_type, rest)),
                _ => false,
            }
        }
        match (path.split_first(), self) {
            (None, _) => true,
            (Some(_), Shape::Leaf { to, .. }) => inside(to, path),
            (Some((name, rest)), Shape::Group { members, .. }) => members.iter().any(|(member, shape)| member == name && shape.contains(rest)),
        }
    }

    /// Takes the member at a path out, and structs that are left without members with it. Where several have that name, all go.
    pub fn remove(&mut self, path: &[String]) {
        let Some((name, rest)) = path.split_first() else {
            return;
        };
        if !self.contains(path) {
            return;
        }
        let Some(members) = self.open() else {
            return;
        };
        if rest.is_empty() {
            members.retain(|(member, _)| member != name);
            return;
        }
        for (_, shape) in members.iter_mut().filter(|(member, _)| member == name) {
            shape.remove(rest);
        }
        members.retain(|(member, shape)| member != name || !matches!(shape, Shape::Group { members, .. } if members.is_empty()));
    }

    /// Keeps only what the paths name, in the order it stands.
    pub fn keep(&mut self, paths: &[FieldPath]) {
        let paths: Vec<&[String]> = paths.iter().map(Vec::as_slice).filter(|path| !path.is_empty()).collect();
        self.keep_slices(&paths);
    }

    fn keep_slices(&mut self, paths: &[&[String]]) {
        let Some(members) = self.open() else {
            return;
        };
        members.retain_mut(|(member, shape)| {
            let below: Vec<&[String]> = paths
                .iter()
                .filter_map(|path| path.split_first())
                .filter(|(name, _)| **name == *member)
                .map(|(_, rest)| rest)
                .collect();
            if below.iter().any(|rest| rest.is_empty()) {
                return true;
            }
            if !below.iter().any(|rest| shape.contains(rest)) {
                return false;
            }
            shape.keep_slices(&below);
            true
        });
    }

    /// Gives the member at `source` the path `target`. Within one parent it keeps its place; else it moves to the end of its new parent, which must be
    /// a struct or is made.
    pub fn rename(&mut self, source: &[String], target: &[String]) -> Result<(), String> {
        let (Some((old, above)), Some((new, above_new))) = (source.split_last(), target.split_last()) else {
            return Err(String::from("the path is empty"));
        };
        if above == above_new {
            let mut at = self;
            for name in above {
                at = at
                    .open()
                    .and_then(|members| members.iter_mut().find(|(member, _)| member == name))
                    .map(|(_, shape)| shape)
                    .ok_or_else(|| format!("no struct “{}”", above.join(".")))?;
            }
            let member = at.open().and_then(|members| members.iter_mut().find(|(member, _)| member == old));
            let Some((name, _)) = member else {
                return Err(format!("no column “{}”", source.join(".")));
            };
            name.clone_from(new);
            return Ok(());
        }
        if target.starts_with(source) {
            return Err(format!("“{}” cannot move into itself", source.join(".")));
        }
        let moved = self.take(source).ok_or_else(|| format!("no column “{}”", source.join(".")))?;
        self.insert(target, moved)
    }

    fn take(&mut self, path: &[String]) -> Option<Shape> {
        let (name, rest) = path.split_first()?;
        let members = self.open()?;
        let index = members.iter().position(|(member, _)| member == name)?;
        if rest.is_empty() {
            return Some(members.remove(index).1);
        }
        let (_, shape) = members.get_mut(index)?;
        let taken = shape.take(rest)?;
        if matches!(shape, Shape::Group { members, .. } if members.is_empty()) {
            members.remove(index);
        }
        Some(taken)
    }

    fn insert(&mut self, path: &[String], shape: Shape) -> Result<(), String> {
        let Some((name, rest)) = path.split_first() else {
            return Err(String::from("the path is empty"));
        };
        let Some(members) = self.open() else {
            return Err(format!("“{name}” cannot be put into a column that is no struct"));
        };
        if rest.is_empty() {
            members.push((name.clone(), shape));
            return Ok(());
        }
        match members.iter_mut().find(|(member, _)| member == name) {
            Some((_, below)) => below.insert(rest, shape),
            None => {
                let mut made = Shape::Group {
                    base: None,
                    members: Vec::new(),
                };
                made.insert(rest, shape)?;
                members.push((name.clone(), made));
                Ok(())
            }
        }
    }

    /// The output columns, and how each is computed.
    pub fn finish(self) -> (Vec<Field>, Vec<Expression>) {
        match self {
            Shape::Group { members, .. } => members
                .into_iter()
                .map(|(name, shape)| {
                    let (data_type, expression) = shape.column();
                    (Field::new(name, data_type), expression)
                })
                .unzip(),
            Shape::Leaf { .. } => (Vec::new(), Vec::new()),
        }
    }

    fn column(self) -> (DataType, Expression) {
        match self {
            Shape::Leaf { path, from, to } if from == to => (to, Expression::Column(path)),
            Shape::Leaf { path, from, to } => (to.clone(), Expression::Cast { path, from, to }),
            Shape::Group { base, members } => {
                let (fields, members) = Shape::Group { base: None, members }.finish();
                (DataType::Struct(fields), Expression::Struct { base, members })
            }
        }
    }
}

fn below(path: &[usize], fields: &[Field]) -> Vec<(String, Shape)> {
    fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let mut path = path.to_vec();
            path.push(index);
            let shape = Shape::Leaf {
                path,
                from: field.data_type.clone(),
                to: field.data_type.clone(),
            };
            (field.name.clone(), shape)
        })
        .collect()
}
