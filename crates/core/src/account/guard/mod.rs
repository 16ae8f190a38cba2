//! What a call needs to be allowed, and the question whether it is.
//!
//! Belongs here: the actions and resources that each operation needs (`needs`), what a request says about itself (`context`), the keys that S3 asks for (`seal`), and the
//! answers to "who can?" (`explain`). Does not belong here: the logic of policies ([`crate::access`]), and the rules of any service.

mod context;
mod decide;
mod explain;
mod needs;
mod seal;
mod services;

pub(super) use seal::Sealed;
