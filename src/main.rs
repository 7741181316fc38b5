//! Parses the command line, runs what it asks for, and turns the result into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let result = certwright::cli::parse(std::env::args_os()).and_then(certwright::cli::run);
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.code())
        }
    }
}
