//! The reader of JSON against another one: the same texts are JSON, and strings mean the same.
#![cfg(feature = "serde_json")]

mod support;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use support::*;
use tollgate_evaluator::{Effect, Engine};

fn engine() -> Engine {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.any", |_, _| {});
    let args = build.slot(ARGS);
    build.query(args);
    build.engine()
}

/// Text that is often nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"b\":",
        "1",
        "-",
        "0",
        "-0",
        "1.5",
        ".",
        "e",
        "E+2",
        "1e5",
        "true",
        "null",
        "false",
        "tru",
        "nul",
        "\\",
        "\\n",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\x",
        "\\u12",
        " ",
        "\n",
        "\t",
        "\u{0}",
        "é",
        "\u{7f}",
        "12345678901234567890",
        "[]",
        "{}",
        "[1,2]",
        "{\"k\":\"v\"}",
        "\"long text of more than eight bytes\"",
        "\"ends in the ninth\\\"\"",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_texts_are_json(text in nearly_json()) {
        let is_json = |request: &str| serde_json::from_str::<IgnoredAny>(request).is_ok();
        let passed_over = request(&format!("\"undeclared\": {text}\n"));
        prop_assert_eq!(engine().decide(passed_over.as_bytes()).effect() == Effect::Allow, is_json(&passed_over), "{}", passed_over);
        let read = request(&format!("\"args\": {text}\n"));
        prop_assert!(is_json(&read) || engine().decide(read.as_bytes()).effect() == Effect::Deny, "{}", read);
    }

    #[test]
    fn strings_mean_the_same(text in any::<String>()) {
        let json = serde_json::to_string(&text).unwrap();
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        for json in [json, format!("\"{escaped}\"")] {
            let value = engine().query(0, &[], Some(request(&format!("\"args\": {json}")).as_bytes())).unwrap();
            prop_assert_eq!(value.view().as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn any_bytes_get_a_decision(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(engine().decide(&bytes).effect(), Effect::Deny);
    }
}
