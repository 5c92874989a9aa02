//! The polysink binary, for tests, benchmarks and the programs of `examples/`.

use std::path::PathBuf;

/// Where the binary is: Cargo says so to tests and benchmarks; for a program of `examples/` it is in the folder above.
pub fn executable() -> PathBuf {
    if let Some(path) = option_env!("CARGO_BIN_EXE_polysink") {
        return path.into();
    }
    let program = std::env::current_exe().expect("a program knows its file");
    program.ancestors().nth(2).expect("it is in a folder of the target folder").join("polysink")
}
