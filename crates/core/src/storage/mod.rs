//! S3 and, later, EBS and EFS.

pub mod s3;

pub use s3::S3;
