//! The transforms over record batches (feature `arrow`), equal row for row to the scalar ones.
//!
//! Belongs here: the mapping between our types and Arrow's, values in and out of arrays, `Transform` over batches.
//! Does not belong here: files, the order in which nodes run.

mod coerce;
mod transform;
mod types;
mod values;

pub use coerce::normalize;
pub use transform::{BatchTransform, DISTINCT_LIMIT, TransformError};
pub use types::{arrow_field, arrow_schema, arrow_type, data_type, schema_fields};
pub use values::{cast_array, display_at, from_values, value_at};
