//! Frames: how the bytes of an object rest.
//!
//! Plaintext is cut into frames of 1 MiB, the last one shorter. Each rests as its AES-256-GCM ciphertext and tag, one behind the other, with nothing before, between or after:
//! where a frame is follows from its number, so a range opens only the frames that it touches. The number and whether it is the last are authenticated with a frame: one that was
//! changed, moved or cut off does not open. An object without bytes has no frames.
//!
//! Keys and nonces: the keys of a blob are derived from its data key and its salt, which no other blob has, and the nonce from salt and frame number; so no key meets a nonce twice.
//! A blob of two layers (DSSE-KMS) is sealed twice, each time under a key of its own.
//!
//! Belongs here: geometry, derivation, sealing and opening of one frame. Does not belong here: where data keys come from (core's `account::kms`), reading and writing (hosts).
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod keys;
mod layout;

pub use keys::{Keys, Unopened};
pub use layout::{Frame, Layout};

/// Bytes of plaintext in every frame but the last.
pub const FRAME: usize = 1 << 20;
/// Bytes that each layer adds to a frame: GCM's tag.
pub const TAG: usize = 16;
/// Bytes of a salt.
pub const SALT: usize = 16;
