//! What readers let pass: calls with one fault each.

use crate::{call, readers};

/// Faults by their names: what is written in the place of the call's `"priority":2`, which nobody wants, or of the agent's role, which everybody does.
fn faults() -> Vec<(&'static str, Vec<u8>)> {
    let call = &call::calls(300, call::Text::Plain, 1)[0];
    let other = |text: &[u8]| replaced(call, r#""priority":2"#, text);
    let wanted = |text: &[u8]| replaced(call, r#""role":"role_00""#, text);
    let deep = [br#""priority":"#.as_slice(), "[".repeat(10_000).as_bytes(), "]".repeat(10_000).as_bytes()].concat();
    vec![
        ("a wanted key twice", wanted(br#""role":"role_00","role":"role_01""#)),
        ("a lone surrogate in a wanted field", wanted(br#""role":"\ud800""#)),
        ("no UTF-8 in a wanted field", wanted(b"\"role\":\"\xff\"")),
        ("no UTF-8 in another", other(b"\"priority\":\"\xff\"")),
        ("a control character in another", other(b"\"priority\":\"\x01\"")),
        ("an unknown escape in another", other(br#""priority":"\x""#)),
        ("a number with a leading zero in another", other(br#""priority":012"#)),
        ("`[1 2]` in another", other(br#""priority":[1 2]"#)),
        ("`[}` in another", other(br#""priority":[}"#)),
        ("`nul` in another", other(br#""priority":nul"#)),
        ("10,000 brackets in another", other(&deep)),
        ("text behind the call", [call.as_bytes(), b" x"].concat()),
    ]
}

fn replaced(call: &str, old: &str, new: &[u8]) -> Vec<u8> {
    let (before, after) = call.split_once(old).expect("calls have it");
    [before.as_bytes(), new, after.as_bytes()].concat()
}

/// A table of faults and readers.
pub fn print() {
    let readers = readers::all(false);
    let names: Vec<&str> = readers.iter().map(|reader| reader.name).collect();
    println!("| a call with | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for (fault, call) in faults() {
        let reads: Vec<&str> = readers.iter().map(|reader| if (reader.read)(&call).is_ok() { "**reads it**" } else { "refuses" }).collect();
        println!("| {fault} | {} |", reads.join(" | "));
    }
}
