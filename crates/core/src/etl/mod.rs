//! The ETL graph as a document, and what its nodes do to rows.
//!
//! Belongs here: data types, the graph and its edits, schema propagation, validation, geometry, file-format rules that need no bytes, scalar transforms.
//! Does not belong here: reading or writing files, record batches outside feature `arrow`, anything of the catalog.

#[cfg(feature = "arrow")]
pub mod batch;
mod cast;
mod cast_time;
mod codegen;
pub mod csv;
mod document;
mod document_check;
mod document_plan;
#[cfg(test)]
mod document_tests;
mod filter;
pub mod geometry;
mod graph;
mod history;
pub(crate) mod infer;
pub mod layout;
mod palette;
mod pattern;
mod schema;
mod shape;
mod suggest;
mod topology;
mod transform;
mod types;
mod validate;
mod value;

pub use cast::{
    can_cast, cast, decimal_to_double, rescale, string_to_boolean, string_to_decimal, string_to_double, string_to_float, string_to_integer, string_to_long,
};
pub use cast_time::{format_date, format_timestamp, string_to_date, string_to_timestamp};
pub use codegen::{from_codegen, read_modes, to_codegen};
pub use document::{Change, DOCUMENT_FORMAT, DOCUMENT_VERSION, Document, Edit, EditError};
pub use document_plan::{NewNode, Refusal, empty_inputs};
pub use filter::{Comparison, Operand, RowFilter, Scalar, Term, Test};
pub use graph::{
    CatalogSource, CatalogTarget, DirectSchemaChangePolicy, DropDuplicates, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation,
    FilterValue, FilterValueType, Graph, Mapping, Node, NodeId, NodeKind, ParquetCompression, QuoteChar, ReadMode, RenameField, Role, S3CsvSource,
    S3DirectTarget, S3GlueParquetTarget, S3JsonSource, S3ParquetSource, SchemaChangePolicy, Separator, Union, UnionType, UpdateBehavior,
};
pub use history::{HISTORY_LIMIT, History, Unit};
pub use infer::{JsonSchema, catalog_names, merge_types};
pub use palette::{PaletteEntry, Ports};
pub use pattern::{Pattern, PatternError};
pub use schema::{NodeSchema, TableLookup, propagate, source_columns, split_partition_keys};
pub use topology::{ConnectRefusal, GraphError};
pub use transform::{Expression, Operation, Transform, partition_index};
pub use types::{DataType, Field};
pub use validate::{Problem, Severity, validate};
pub use value::{Value, decimal_text, java_double, java_float};
