//! S3 and, later, EBS and EFS.
