// The wire's types, generated from the Rust crate `protocol`; nothing here is written by hand.
export type * from "../../crates/protocol/bindings/protocol";
