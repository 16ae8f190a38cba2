//! The ETL graph against frozen answers of Spark and Python, and properties that hold for every graph.

mod casts;
mod codegen;
mod filters;
mod properties;
mod schemas;
