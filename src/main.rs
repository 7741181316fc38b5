//! Parses the command line, runs what it asks for, and turns the result into an exit code.

fn main() {}
