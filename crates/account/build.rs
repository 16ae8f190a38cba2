//! Asks the linker for what the cut into parts needs.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The build cuts the linked module into chunks, and follows the relocations to know what each part reaches.
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
