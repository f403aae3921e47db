//! Makes `src/` from `grammar.js`, and notes what was made from what in `src/digests`.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// The newest version of tree-sitter's tables that Neovim, Helix and Zed all load, and the first that knows reserved words.
const ABI: usize = 15;

/// What the note tells of.
const FILES: [&str; 5] = ["grammar.js", "tree-sitter.json", "src/grammar.json", "src/node-types.json", "src/parser.c"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut diagnostics = Vec::new();
    let none: Option<&Path> = None;
    let made = generate_parser_in_directory(folder, none, none, ABI, None, None, true, OptLevel::default(), &mut diagnostics);
    for diagnostic in &diagnostics {
        eprintln!("{diagnostic:?}");
    }
    made?;
    let mut digests = String::new();
    for file in FILES {
        for byte in hmac_sha256::Hash::hash(&std::fs::read(folder.join(file))?) {
            write!(digests, "{byte:02x}")?;
        }
        writeln!(digests, "  {file}")?;
    }
    std::fs::write(folder.join("src/digests"), digests)?;
    Ok(())
}
