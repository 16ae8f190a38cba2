//! The ETL graph as a document, and what its nodes do to rows.
//!
//! Belongs here: data types, the graph and its edits, schema propagation, validation, geometry, file-format rules that need no bytes, scalar transforms.
//! Does not belong here: reading or writing files, record batches outside feature `arrow`, anything of the catalog.

#[cfg(feature = "arrow")]
pub mod batch;
pub mod csv;
mod graph;
mod types;

pub use graph::{
    CatalogSource, CatalogTarget, DirectSchemaChangePolicy, DropDuplicates, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation,
    FilterValue, FilterValueType, Graph, Mapping, Node, NodeId, NodeKind, ParquetCompression, QuoteChar, ReadMode, RenameField, Role, S3CsvSource,
    S3DirectTarget, S3GlueParquetTarget, S3JsonSource, S3ParquetSource, SchemaChangePolicy, Separator, Union, UnionType, UpdateBehavior,
};
pub use types::{DataType, Field};
