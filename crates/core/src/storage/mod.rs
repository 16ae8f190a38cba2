//! Where data rests: S3, EBS and EFS, and what each costs.
//!
//! `s3` is the service; `ebs` and `efs` are limits as data; `price` has the price lists; `cost` meters usage and bills it; `plan` runs what would be;
//! `chooser` compares them for a workload.

pub mod burst;
pub mod chooser;
pub mod cost;
pub mod ebs;
pub mod efs;
pub mod figures;
pub mod money;
pub mod plan;
pub mod price;
pub mod s3;

pub use s3::S3;
