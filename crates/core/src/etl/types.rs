use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

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
