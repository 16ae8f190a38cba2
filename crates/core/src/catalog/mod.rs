//! The Glue Data Catalog, crawlers and jobs as an API.
