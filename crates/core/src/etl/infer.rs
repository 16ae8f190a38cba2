//! Column types from JSON records: how a crawler and a JSON source find a schema.
//!
//! Belongs here: the merge rules of types seen in values. Does not belong here: where records come from, CSV cells (those are text until a classifier looks at them).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{DataType, Field};

/// Columns with mixed types that are named in notes; a file of garbage must not fill the crawl's messages.
const MAX_NOTES: usize = 20;

/// The schema of JSON objects seen so far.
///
/// Columns stand in the order in which they were first seen. `int` widens to `bigint` and `double`; anything else that disagrees becomes `string`,
/// with a note; a null says nothing. Structs and arrays merge member by member.
#[derive(Clone, Debug, Default)]
pub struct JsonSchema {
    root: StructShape,
    notes: Vec<String>,
}

impl JsonSchema {
    pub fn new() -> Self {
        JsonSchema::default()
    }

    /// Adds one record. What is no object says nothing about columns and is ignored.
    ///
    /// Members come in the map's own order: to keep the order of the text, use [`JsonSchema::observe_text`].
    pub fn observe(&mut self, row: &Value) {
        self.observe_shape(shape_of(row));
    }

    /// Adds one record from its text, keeping the members' order. `Ok(false)`: valid JSON, but no object.
    pub fn observe_text(&mut self, text: &str) -> Result<bool, serde_json::Error> {
        Ok(self.observe_shape(serde_json::from_str::<Shape>(text)?))
    }

    pub(crate) fn observe_shape(&mut self, shape: Shape) -> bool {
        match shape {
            Shape::Struct(row) => {
                self.root.merge(row, "", &mut self.notes);
                true
            }
            _ => false,
        }
    }

    /// Columns whose values did not agree, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The columns. A column of nulls only is `string`, as in Spark's JsonInferSchema.
    pub fn finish(self) -> Vec<Field> {
        self.root.into_fields()
    }
}

/// The type of one JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    Double,
    String,
    Array(Box<Shape>),
    Struct(StructShape),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct StructShape {
    fields: Vec<(String, Shape)>,
    index: BTreeMap<String, usize>,
}

impl StructShape {
    fn put(&mut self, name: String, shape: Shape, path: &str, notes: &mut Vec<String>) {
        match self.index.get(&name).and_then(|at| self.fields.get_mut(*at)) {
            Some((_, seen)) => {
                // The path is only needed for a note: build it where the value can disagree.
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                seen.merge(shape, &path, notes);
            }
            None => {
                self.index.insert(name.clone(), self.fields.len());
                self.fields.push((name, shape));
            }
        }
    }

    fn merge(&mut self, other: StructShape, path: &str, notes: &mut Vec<String>) {
        for (name, shape) in other.fields {
            self.put(name, shape, path, notes);
        }
    }

    fn into_fields(self) -> Vec<Field> {
        self.fields.into_iter().map(|(name, shape)| Field::new(name, shape.into_type())).collect()
    }
}

impl Shape {
    fn name(&self) -> &'static str {
        match self {
            Shape::Null => "null",
            Shape::Boolean => "boolean",
            Shape::Int => "int",
            Shape::Long => "bigint",
            Shape::Double => "double",
            Shape::String => "string",
            Shape::Array(_) => "array",
            Shape::Struct(_) => "struct",
        }
    }

    fn merge(&mut self, other: Shape, path: &str, notes: &mut Vec<String>) {
        let merged = match (core::mem::replace(self, Shape::Null), other) {
            (seen, Shape::Null) => seen,
            (Shape::Null, new) => new,
            (Shape::Boolean, Shape::Boolean) => Shape::Boolean,
            (Shape::Int, Shape::Int) => Shape::Int,
            (Shape::Int | Shape::Long, Shape::Int | Shape::Long) => Shape::Long,
            (Shape::Int | Shape::Long | Shape::Double, Shape::Int | Shape::Long | Shape::Double) => Shape::Double,
            (Shape::String, Shape::String) => Shape::String,
            (Shape::Array(mut seen), Shape::Array(new)) => {
                seen.merge(*new, &format!("{path}[]"), notes);
                Shape::Array(seen)
            }
            (Shape::Struct(mut seen), Shape::Struct(new)) => {
                seen.merge(new, path, notes);
                Shape::Struct(seen)
            }
            (seen, new) => {
                let note = format!("Column {path} holds {} and {}: it becomes string.", seen.name(), new.name());
                if notes.len() < MAX_NOTES && !notes.iter().any(|old| old.starts_with(&format!("Column {path} holds "))) {
                    notes.push(note);
                }
                Shape::String
            }
        };
        *self = merged;
    }

    fn into_type(self) -> DataType {
        match self {
            // Spark drops a member that has no members; the catalog has no empty struct either.
            Shape::Null | Shape::String => DataType::String,
            Shape::Boolean => DataType::Boolean,
            Shape::Int => DataType::Int,
            Shape::Long => DataType::Long,
            Shape::Double => DataType::Double,
            Shape::Array(item) => DataType::Array(Box::new(item.into_type())),
            Shape::Struct(shape) if shape.fields.is_empty() => DataType::String,
            Shape::Struct(shape) => DataType::Struct(shape.into_fields()),
        }
    }
}

fn integer(value: i64) -> Shape {
    if i32::try_from(value).is_ok() { Shape::Int } else { Shape::Long }
}

fn shape_of(value: &Value) -> Shape {
    match value {
        Value::Null => Shape::Null,
        Value::Bool(_) => Shape::Boolean,
        Value::Number(number) => number.as_i64().map_or(Shape::Double, integer),
        Value::String(_) => Shape::String,
        Value::Array(items) => {
            let mut item = Shape::Null;
            for value in items {
                item.merge(shape_of(value), "", &mut Vec::new());
            }
            Shape::Array(Box::new(item))
        }
        Value::Object(members) => {
            let mut shape = StructShape::default();
            for (name, value) in members {
                shape.put(name.clone(), shape_of(value), "", &mut Vec::new());
            }
            Shape::Struct(shape)
        }
    }
}

/// Reads the type and skips the value, so that a large file is never held as a tree of values.
impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;

        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Shape, E> {
                Ok(Shape::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                Ok(Shape::Boolean)
            }

            fn visit_i64<E>(self, value: i64) -> Result<Shape, E> {
                Ok(integer(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Shape, E> {
                Ok(i64::try_from(value).map_or(Shape::Double, integer))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                Ok(Shape::Double)
            }

            fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
                Ok(Shape::String)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
                let mut item = Shape::Null;
                while let Some(next) = items.next_element::<Shape>()? {
                    item.merge(next, "", &mut Vec::new());
                }
                Ok(Shape::Array(Box::new(item)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape, A::Error> {
                let mut shape = StructShape::default();
                while let Some((name, value)) = members.next_entry::<String, Shape>()? {
                    shape.put(name, value, "", &mut Vec::new());
                }
                Ok(Shape::Struct(shape))
            }
        }

        deserializer.deserialize_any(ShapeVisitor)
    }
}

/// The type that holds values of both, and whether some lose their type by it (`string` over a mixture).
///
/// Integers widen to the larger one, integers and reals to `double`; arrays and structs merge inside; a null type says nothing.
pub fn merge_types(left: &DataType, right: &DataType) -> (DataType, bool) {
    use DataType as T;
    if left == right {
        return (left.clone(), false);
    }
    match (left, right) {
        (T::Null, other) | (other, T::Null) => (other.clone(), false),
        (T::Array(l), T::Array(r)) => {
            let (item, lossy) = merge_types(l, r);
            (T::Array(Box::new(item)), lossy)
        }
        (T::Map(lk, lv), T::Map(rk, rv)) => {
            let ((key, a), (value, b)) = (merge_types(lk, rk), merge_types(lv, rv));
            (T::Map(Box::new(key), Box::new(value)), a || b)
        }
        (T::Struct(l), T::Struct(r)) => {
            let mut fields = l.clone();
            let mut lossy = false;
            for field in r {
                match fields.iter_mut().find(|f| f.name.eq_ignore_ascii_case(&field.name)) {
                    Some(seen) => {
                        let (merged, lost) = merge_types(&seen.data_type, &field.data_type);
                        seen.data_type = merged;
                        lossy |= lost;
                    }
                    None => fields.push(field.clone()),
                }
            }
            (T::Struct(fields), lossy)
        }
        (T::Date, T::Timestamp) | (T::Timestamp, T::Date) => (T::Timestamp, false),
        (T::Decimal { precision: p1, scale: s1 }, T::Decimal { precision: p2, scale: s2 }) => {
            let scale = (*s1).max(*s2);
            let whole = (i16::from(*p1) - i16::from(*s1)).max(i16::from(*p2) - i16::from(*s2));
            match u8::try_from(whole + i16::from(scale)) {
                Ok(precision) if precision <= 38 => (T::Decimal { precision, scale }, false),
                _ => (T::Double, false),
            }
        }
        _ => match (integer_rank(left), integer_rank(right)) {
            (Some(l), Some(r)) => (if l >= r { left.clone() } else { right.clone() }, false),
            _ if is_number(left) && is_number(right) => (T::Double, false),
            _ => (T::String, true),
        },
    }
}

fn integer_rank(data_type: &DataType) -> Option<u8> {
    Some(match data_type {
        DataType::Byte => 0,
        DataType::Short => 1,
        DataType::Int => 2,
        DataType::Long => 3,
        _ => return None,
    })
}

fn is_number(data_type: &DataType) -> bool {
    integer_rank(data_type).is_some() || matches!(data_type, DataType::Float | DataType::Double | DataType::Decimal { .. })
}

/// Names in lower case, made unique: the second `id` becomes `id_<position>`. Hive folds case, so two columns must not differ by it alone.
pub fn catalog_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken: BTreeMap<String, ()> = BTreeMap::new();
    let mut unique = Vec::new();
    for (position, name) in names.enumerate() {
        let mut folded = name.to_lowercase();
        if taken.contains_key(&folded) {
            folded = format!("{folded}_{position}");
            while taken.contains_key(&folded) {
                folded.push('_');
            }
        }
        taken.insert(folded.to_owned(), ());
        unique.push(folded.to_string());
    }
    unique
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn columns(lines: &[&str]) -> (Vec<(String, DataType)>, Vec<String>) {
        let mut schema = JsonSchema::new();
        for line in lines {
            assert!(schema.observe_text(line).expect("test data is JSON"));
        }
        let notes = schema.notes().to_vec();
        (schema.finish().into_iter().map(|f| (f.name, f.data_type)).collect(), notes)
    }

    fn named(name: &str, data_type: DataType) -> (String, DataType) {
        (name.to_owned(), data_type)
    }

    #[test]
    fn columns_stand_in_the_order_first_seen() {
        let (found, _) = columns(&[r#"{"z":1,"a":2}"#, r#"{"m":3,"a":4}"#]);
        assert_eq!(found, vec![named("z", DataType::Int), named("a", DataType::Int), named("m", DataType::Int)]);
    }

    #[test]
    fn numbers_widen_and_mixtures_become_string_with_a_note() {
        let (found, notes) = columns(&[
            r#"{"i":1,"l":1,"d":1,"s":1,"n":null}"#,
            r#"{"i":2147483647,"l":2147483648,"d":0.5,"s":"x","n":null}"#,
        ]);
        assert_eq!(
            found,
            vec![
                named("i", DataType::Int),
                named("l", DataType::Long),
                named("d", DataType::Double),
                named("s", DataType::String),
                named("n", DataType::String)
            ]
        );
        assert_eq!(notes, vec!["Column s holds int and string: it becomes string.".to_owned()]);
    }

    #[test]
    fn nested_values_merge_member_by_member() {
        let (found, notes) = columns(&[
            r#"{"a":[1,2.5],"o":{"x":1}}"#,
            r#"{"a":[],"o":{"y":"t","x":9999999999}}"#,
            r#"{"a":null,"o":{}}"#,
        ]);
        assert_eq!(
            found,
            vec![
                named("a", DataType::Array(Box::new(DataType::Double))),
                named("o", DataType::Struct(vec![Field::new("x", DataType::Long), Field::new("y", DataType::String)])),
            ]
        );
        assert!(notes.is_empty());
    }

    #[test]
    fn a_value_tree_gives_the_same_types_as_its_text() {
        let text = r#"{"b":true,"i":-5,"l":12345678901,"d":1e3,"s":"","a":[{"k":1}],"big":18446744073709551615}"#;
        let mut by_value = JsonSchema::new();
        by_value.observe(&serde_json::from_str(text).expect("test data is JSON"));
        let mut by_text = JsonSchema::new();
        by_text.observe_text(text).expect("test data is JSON");
        let sorted = |mut fields: Vec<Field>| {
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            fields
        };
        assert_eq!(sorted(by_value.finish()), sorted(by_text.finish()));
    }

    #[test]
    fn decimals_keep_room_for_both_sides() {
        let decimal = |precision, scale| DataType::Decimal { precision, scale };
        assert_eq!(merge_types(&decimal(10, 2), &decimal(8, 4)), (decimal(12, 4), false));
        assert_eq!(merge_types(&decimal(38, 0), &decimal(38, 20)), (DataType::Double, false));
        assert_eq!(merge_types(&DataType::Boolean, &DataType::Int), (DataType::String, true));
    }

    #[test]
    fn names_fold_and_stay_unique() {
        assert_eq!(catalog_names(["ID", "id", "Id_1", "x"].into_iter()), vec!["id", "id_1", "id_1_2", "x"]);
    }
}
