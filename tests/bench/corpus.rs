//! Makes a large tree with every kind of fault:
//! `cargo run --release --example corpus -- --hosts 10000 --out DIR --seed 1`.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use certwright::sample::Sample;
use clap::Parser;

mod describe;

/// Makes a large tree of certificate directories with every kind of fault.
#[derive(Parser)]
struct Arguments {
    /// Host directories to make.
    #[arg(long, default_value_t = 10_000)]
    hosts: u64,
    /// Directory to make them in; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
    /// Another seed gives other faults in other places.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    std::fs::create_dir_all(arguments.out.parent().unwrap_or(&arguments.out))?;
    std::fs::create_dir(&arguments.out)?;
    Sample::parse(&describe::describe(arguments.hosts, arguments.seed))?.build(describe::NOW, &arguments.out)?;
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::print_stdout, reason = "the answer of a program")]
    {
        println!("{} host directories in {} after {seconds:.1} s", arguments.hosts, arguments.out.display());
    }
    Ok(())
}
