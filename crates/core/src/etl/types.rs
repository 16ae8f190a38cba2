use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

/// The type of a column: Spark's types, under the names of the AWS facts sheet 2.8.
///
/// `Display` gives Spark's `simpleString` (`bigint`, `decimal(10,2)`, `array<string>`); `parse_catalog` and `to_catalog` speak Hive's names,
/// `glue_name` the DynamicFrame / ApplyMapping name (`long`, `decimal`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DataType {
    /// Only nulls seen (Spark `void`).
    Null,
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    Decimal {
        precision: u8,
        scale: i8,
    },
    String,
    Binary,
    /// Days since the epoch.
    Date,
    /// Microseconds since the epoch, UTC.
    Timestamp,
    Array(Box<DataType>),
    Map(Box<DataType>, Box<DataType>),
    Struct(Vec<Field>),
}

/// A named, typed column. Every column is nullable, as in Spark's file sources.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub data_type: DataType,
}

impl Field {
    pub fn new(name: impl Into<String>, data_type: DataType) -> Self {
        Field { name: name.into(), data_type }
    }
}

/// Deepest nesting of arrays, maps and structs that a type text may have; Spark's parser has no such bound, a stack does.
const MAX_DEPTH: usize = 64;

impl DataType {
    pub fn is_numeric(&self) -> bool {
        matches!(
            self,
            DataType::Byte | DataType::Short | DataType::Int | DataType::Long | DataType::Float | DataType::Double | DataType::Decimal { .. }
        )
    }

    /// `byte`, `short`, `int` or `long`: the types that [`super::Value::Long`] holds.
    pub fn is_integral(&self) -> bool {
        matches!(self, DataType::Byte | DataType::Short | DataType::Int | DataType::Long)
    }

    /// Arrays, maps and structs.
    pub fn is_nested(&self) -> bool {
        matches!(self, DataType::Array(_) | DataType::Map(..) | DataType::Struct(_))
    }

    /// Reads a catalog (Hive) or Spark type name, nested ones too; `None` for what is neither.
    ///
    /// Letter case does not matter, except in the names of struct members. `varchar(n)` and `char(n)` become `string`, `decimal` alone is
    /// `decimal(10,0)` as in Hive and Spark, and Athena's `integer`, `real` and `varbinary` are known. At most 64 levels deep.
    pub fn parse_catalog(text: &str) -> Option<DataType> {
        let mut parser = TypeParser { text, at: 0 };
        let data_type = parser.data_type(0)?;
        parser.skip_space();
        (parser.at == text.len()).then_some(data_type)
    }

    /// The type as a catalog column has it. Hive has no column of type `void`, so [`DataType::Null`] is stored as `string`.
    pub fn to_catalog(&self) -> String {
        let mut out = String::new();
        self.write_name(&mut out, "string").expect("writing to a string does not fail");
        out
    }

    /// The DynamicFrame name that ApplyMapping uses (`awsglue/gluetypes.py`): `long` for bigint, `decimal` without precision, `struct` without members.
    pub fn glue_name(&self) -> &'static str {
        match self {
            DataType::Null => "null",
            DataType::Boolean => "boolean",
            DataType::Byte => "byte",
            DataType::Short => "short",
            DataType::Int => "int",
            DataType::Long => "long",
            DataType::Float => "float",
            DataType::Double => "double",
            DataType::Decimal { .. } => "decimal",
            DataType::String => "string",
            DataType::Binary => "binary",
            DataType::Date => "date",
            DataType::Timestamp => "timestamp",
            DataType::Array(_) => "array",
            DataType::Map(..) => "map",
            DataType::Struct(_) => "struct",
        }
    }

    /// Reads a DynamicFrame type name; catalog names are accepted too, since the visual editor writes both (`long`, `bigint`).
    ///
    /// `decimal` is `decimal(10,2)`, what Change Schema makes of it. `array`, `map` and `struct` come without their members:
    /// `array<void>`, `map<string,void>` and an empty struct stand for them.
    pub fn parse_glue(text: &str) -> Option<DataType> {
        let name = text.trim();
        Some(match name.to_ascii_lowercase().as_str() {
            "decimal" => DataType::Decimal { precision: 10, scale: 2 },
            "array" => DataType::Array(Box::new(DataType::Null)),
            "map" => DataType::Map(Box::new(DataType::String), Box::new(DataType::Null)),
            "struct" => DataType::Struct(Vec::new()),
            _ => return DataType::parse_catalog(name),
        })
    }

    fn write_name(&self, out: &mut impl fmt::Write, null: &str) -> fmt::Result {
        match self {
            DataType::Null => out.write_str(null),
            DataType::Boolean => out.write_str("boolean"),
            DataType::Byte => out.write_str("tinyint"),
            DataType::Short => out.write_str("smallint"),
            DataType::Int => out.write_str("int"),
            DataType::Long => out.write_str("bigint"),
            DataType::Float => out.write_str("float"),
            DataType::Double => out.write_str("double"),
            DataType::Decimal { precision, scale } => write!(out, "decimal({precision},{scale})"),
            DataType::String => out.write_str("string"),
            DataType::Binary => out.write_str("binary"),
            DataType::Date => out.write_str("date"),
            DataType::Timestamp => out.write_str("timestamp"),
            DataType::Array(element) => {
                out.write_str("array<")?;
                element.write_name(out, null)?;
                out.write_str(">")
            }
            DataType::Map(key, value) => {
                out.write_str("map<")?;
                key.write_name(out, null)?;
                out.write_str(",")?;
                value.write_name(out, null)?;
                out.write_str(">")
            }
            DataType::Struct(fields) => {
                out.write_str("struct<")?;
                for (index, field) in fields.iter().enumerate() {
                    if index > 0 {
                        out.write_str(",")?;
                    }
                    write_member_name(out, &field.name)?;
                    out.write_str(":")?;
                    field.data_type.write_name(out, null)?;
                }
                out.write_str(">")
            }
        }
    }
}

/// A member name that would end early, or not be read back, is put in back-ticks as Spark's DDL does.
fn write_member_name(out: &mut impl fmt::Write, name: &str) -> fmt::Result {
    let plain = !name.is_empty() && name.trim() == name && !name.contains([':', ',', '<', '>', '`']);
    if plain {
        out.write_str(name)
    } else {
        write!(out, "`{}`", name.replace('`', "``"))
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_name(f, "void")
    }
}

struct TypeParser<'a> {
    text: &'a str,
    at: usize,
}

impl TypeParser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, wanted: char) -> Option<()> {
        self.skip_space();
        self.rest().starts_with(wanted).then(|| self.at += wanted.len_utf8())
    }

    fn word(&mut self) -> String {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or("").to_ascii_lowercase();
        self.at += end;
        word
    }

    fn number(&mut self) -> Option<u32> {
        self.word().parse().ok()
    }

    fn data_type(&mut self, depth: usize) -> Option<DataType> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match self.word().as_str() {
            "void" | "null" => DataType::Null,
            "boolean" | "bool" => DataType::Boolean,
            "tinyint" | "byte" => DataType::Byte,
            "smallint" | "short" => DataType::Short,
            "int" | "integer" => DataType::Int,
            "bigint" | "long" => DataType::Long,
            "float" | "real" => DataType::Float,
            "double" => {
                let before = self.at;
                if self.word() != "precision" {
                    self.at = before;
                }
                DataType::Double
            }
            "decimal" | "dec" | "numeric" => self.decimal()?,
            "string" => DataType::String,
            "varchar" | "char" | "character" => {
                if self.eat('(').is_some() {
                    self.number()?;
                    self.eat(')')?;
                }
                DataType::String
            }
            "binary" | "varbinary" => DataType::Binary,
            "date" => DataType::Date,
            "timestamp" => DataType::Timestamp,
            "array" => {
                self.eat('<')?;
                let element = self.data_type(depth + 1)?;
                self.eat('>')?;
                DataType::Array(Box::new(element))
            }
            "map" => {
                self.eat('<')?;
                let key = self.data_type(depth + 1)?;
                self.eat(',')?;
                let value = self.data_type(depth + 1)?;
                self.eat('>')?;
                DataType::Map(Box::new(key), Box::new(value))
            }
            "struct" => self.members(depth)?,
            _ => return None,
        })
    }

    fn decimal(&mut self) -> Option<DataType> {
        let (mut precision, mut scale) = (10, 0);
        if self.eat('(').is_some() {
            precision = self.number()?;
            if self.eat(',').is_some() {
                scale = self.number()?;
            }
            self.eat(')')?;
        }
        if !(1..=38).contains(&precision) || scale > precision {
            return None;
        }
        Some(DataType::Decimal {
            precision: u8::try_from(precision).ok()?,
            scale: i8::try_from(scale).ok()?,
        })
    }

    fn members(&mut self, depth: usize) -> Option<DataType> {
        self.eat('<')?;
        let mut fields = Vec::new();
        if self.eat('>').is_some() {
            return Some(DataType::Struct(fields));
        }
        loop {
            let name = self.member_name()?;
            self.eat(':')?;
            fields.push(Field::new(name, self.data_type(depth + 1)?));
            if self.eat(',').is_some() {
                continue;
            }
            self.eat('>')?;
            return Some(DataType::Struct(fields));
        }
    }

    fn member_name(&mut self) -> Option<String> {
        self.skip_space();
        let rest = self.rest();
        let Some(quoted) = rest.strip_prefix('`') else {
            let end = rest.find([':', ',', '<', '>'])?;
            let name = rest.get(..end)?.trim();
            if name.is_empty() {
                return None;
            }
            let name = String::from(name);
            self.at += end;
            return Some(name);
        };
        let mut name = String::new();
        let mut chars = quoted.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '`' {
                name.push(c);
            } else if chars.next_if(|next| next.1 == '`').is_some() {
                name.push('`');
            } else {
                self.at += 1 + at + 1;
                return Some(name);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_round_trip() {
        for name in [
            "void",
            "boolean",
            "tinyint",
            "smallint",
            "int",
            "bigint",
            "float",
            "double",
            "decimal(38,10)",
            "string",
            "binary",
            "date",
            "timestamp",
            "array<struct<a:int>>",
            "map<string,array<decimal(10,2)>>",
            "struct<>",
            "struct<a b:int,C:struct<d:date>,`x:y`:string,`q``q`:bigint>",
        ] {
            let parsed = DataType::parse_catalog(name).unwrap_or_else(|| panic!("{name} is a type"));
            assert_eq!(parsed.to_string(), name);
        }
    }

    #[test]
    fn other_spellings() {
        for (text, name) in [
            ("INTEGER", "int"),
            ("long", "bigint"),
            ("real", "float"),
            ("varchar(65535)", "string"),
            ("char ( 3 )", "string"),
            ("decimal", "decimal(10,0)"),
            ("decimal(5)", "decimal(5,0)"),
            (" Array < Int > ", "array<int>"),
            ("double precision", "double"),
            ("varbinary", "binary"),
        ] {
            assert_eq!(DataType::parse_catalog(text).map(|t| t.to_string()).as_deref(), Some(name), "{text}");
        }
        for text in [
            "",
            "choice",
            "array",
            "array<int",
            "struct<a>",
            "decimal(39,0)",
            "decimal(5,6)",
            "int int",
            "map<string>",
            "struct<:int>",
        ] {
            assert_eq!(DataType::parse_catalog(text), None, "{text}");
        }
        assert_eq!(DataType::parse_catalog(&"array<".repeat(100_000)), None);
    }

    #[test]
    fn glue_names() {
        assert_eq!(DataType::parse_glue("decimal"), Some(DataType::Decimal { precision: 10, scale: 2 }));
        assert_eq!(DataType::parse_glue("long"), Some(DataType::Long));
        assert_eq!(DataType::parse_glue("bigint"), Some(DataType::Long));
        assert_eq!(DataType::parse_glue("choice"), None);
        assert_eq!(DataType::Long.glue_name(), "long");
        assert_eq!(DataType::Null.to_catalog(), "string");
    }
}
