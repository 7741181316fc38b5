//! What tests that look at the program from outside stand on: trees made on the spot, and a world without surprises.

pub mod tree;
pub mod world;
