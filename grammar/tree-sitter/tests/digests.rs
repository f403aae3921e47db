//! The parser is the one that was made from the grammar as it stands.

use std::fmt::Write;
use std::path::Path;

#[test]
fn the_parser_is_made_from_the_grammar() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for line in include_str!("../src/digests").lines() {
        let (noted, file) = line.split_once("  ").unwrap();
        let mut digest = String::new();
        for byte in hmac_sha256::Hash::hash(&std::fs::read(folder.join(file)).unwrap()) {
            write!(digest, "{byte:02x}").unwrap();
        }
        assert_eq!(digest, noted, "{file} has changed: make the parser again, as README.md says");
    }
}
