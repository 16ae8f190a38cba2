//! Where data rests: S3, EBS and EFS, and what each costs.
//!
//! `s3` is the service; `price` the price lists; `cost` meters usage and bills it.

pub mod cost;
pub mod figures;
pub mod money;
pub mod plan;
pub mod price;
pub mod s3;

pub use s3::S3;
