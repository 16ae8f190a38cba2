//! The ETL graph as a document, and what its nodes do to rows.
//!
//! Belongs here: data types, the graph and its edits, schema propagation, validation, geometry, file-format rules that need no bytes, scalar transforms.
//! Does not belong here: reading or writing files, record batches outside feature `arrow`, anything of the catalog.

mod document;
mod document_check;
mod document_plan;
#[cfg(test)]
mod document_tests;
pub mod geometry;
mod graph;
mod history;
pub(crate) mod infer;
pub mod layout;
mod types;

pub use document::{Change, DOCUMENT_FORMAT, DOCUMENT_VERSION, Document, Edit, EditError};
pub use document_plan::{NewNode, Refusal, empty_inputs};
pub use graph::{
    CatalogSource, CatalogTarget, DirectSchemaChangePolicy, DropDuplicates, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation,
    FilterValue, FilterValueType, Graph, Mapping, Node, NodeId, NodeKind, ParquetCompression, QuoteChar, ReadMode, RenameField, Role, S3CsvSource,
    S3DirectTarget, S3GlueParquetTarget, S3JsonSource, S3ParquetSource, SchemaChangePolicy, Separator, Union, UnionType, UpdateBehavior,
};
pub use history::{HISTORY_LIMIT, History, Unit};
pub use infer::{JsonSchema, catalog_names, merge_types};
pub use types::{DataType, Field};
