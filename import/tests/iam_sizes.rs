//! Documents that nobody writes by hand are written within what policies can hold, or refused in plain words.

use std::fmt::Write;
use std::time::{Duration, Instant};

use tollgate_compiler::{PolicySet, Sources};
use tollgate_import::iam::{self, Documents};
use tollgate_import::{Import, Source, Unreadable};

fn imported(text: &str) -> Result<Import, Unreadable> {
    let began = Instant::now();
    let documents = Documents { policies: vec![Source { name: "policy.json", text }], ..Documents::default() };
    let import = iam::import(&documents, None);
    assert!(began.elapsed() < Duration::from_secs(60), "{} bytes took {:?}", text.len(), began.elapsed());
    import
}

fn compiles(import: &Import) -> bool {
    let mut sources = Sources::new();
    for file in &import.files {
        sources.add(file.path.as_str(), file.text.as_str());
    }
    PolicySet::check(sources).compile().is_ok()
}

fn listed(count: usize, one: impl Fn(&mut String, usize)) -> String {
    let mut text = "[".to_owned();
    for at in 0..count {
        text.push_str(if at == 0 { "" } else { "," });
        one(&mut text, at);
    }
    text + "]"
}

#[test]
fn what_is_too_long_for_a_file_stands_in_several() {
    let text = listed(100_000, |text, at| {
        write!(
            text,
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"StringBlurs":{{"aws:x":"y{at}"}}}}}}]}}"#
        )
        .unwrap();
    });
    let import = imported(&text).unwrap();
    assert!(import.files.len() > 1 && compiles(&import));
    assert!(import.notes.len() < 1_000);
}

#[test]
fn more_confined_wildcards_than_regular_expressions_have_room_for() {
    let arns = listed(19_500, |text, at| write!(text, r#""arn:aws:s3:eu-?:1:b{at}-?/x""#).unwrap());
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":{arns}}}}}"#);
    let import = imported(&text).unwrap();
    assert!(compiles(&import));
    assert!(import.files.iter().any(|file| file.text.contains("is_arn_like(resource, ")));
}

#[test]
fn what_no_policy_can_hold_is_refused_in_plain_words() {
    let arns = listed(30_000, |text, at| write!(text, r#""arn:aws:s3:eu-*x:*:b{at}-?/x""#).unwrap());
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:GetObject","Resource":{arns}}}}}"#);
    assert!(imported(&text).unwrap_err().to_string().contains("more than a policy can hold"));
}
