//! The structure of JUnit's XML: which elements stand in which, with which attributes of which kind, no more than the schemas of build servers have.
//! `.ci/run` holds the same documents to such a schema itself (`cli/tests/junit/validate.py`).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How many tests the document says that there are.
#[derive(Debug, Default)]
pub struct Counts {
    pub tests: usize,
    pub failures: usize,
}

/// An element: its name, those that it may stand in, its attributes, those of them that must be there.
struct Element {
    name: &'static str,
    within: &'static [&'static str],
    attributes: &'static [(&'static str, Kind)],
    required: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Time,
}

const ELEMENTS: &[Element] = &[
    Element {
        name: "testsuites",
        within: &[""],
        attributes: &[("name", Kind::Text), ("tests", Kind::Number), ("failures", Kind::Number), ("errors", Kind::Number), ("time", Kind::Time)],
        required: &[],
    },
    Element {
        name: "testsuite",
        within: &["testsuites"],
        attributes: &[("name", Kind::Text), ("tests", Kind::Number), ("failures", Kind::Number), ("errors", Kind::Number), ("time", Kind::Time)],
        required: &["name", "tests", "failures", "errors"],
    },
    Element {
        name: "testcase",
        within: &["testsuite"],
        attributes: &[("name", Kind::Text), ("classname", Kind::Text), ("time", Kind::Time)],
        required: &["name", "classname"],
    },
    Element { name: "system-out", within: &["testcase"], attributes: &[], required: &[] },
    Element { name: "failure", within: &["testcase"], attributes: &[("message", Kind::Text), ("type", Kind::Text)], required: &[] },
];

/// Holds a document to the structure; panics where it is another.
pub fn check(document: &str) -> Counts {
    let (mut reader, mut open, mut counts) = (Reader::from_str(document), vec![String::new()], Counts::default());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(start) => open.push(element(&start, &open, &mut counts)),
            Event::Empty(start) => drop(element(&start, &open, &mut counts)),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                let text = text.xml_content(quick_xml::XmlVersion::Implicit1_0).unwrap();
                let within = open.last().unwrap();
                assert!(text.trim().is_empty() || ["failure", "system-out"].contains(&within.as_str()), "text in `{within}`: {text}");
                assert!(text.chars().all(is_character), "{text:?}");
            }
            _ => {}
        }
    }
    counts
}

/// Whether XML may have a character.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

fn element(start: &BytesStart<'_>, open: &[String], counts: &mut Counts) -> String {
    let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
    assert!(ELEMENTS.iter().any(|element| element.name == name), "no element `{name}`");
    let known = ELEMENTS.iter().find(|element| element.name == name).unwrap();
    assert!(known.within.contains(&open.last().unwrap().as_str()), "`{name}` in `{open:?}`");
    let mut given = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.unwrap();
        let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
        let value = String::from_utf8(attribute.value.to_vec()).unwrap();
        let (_, kind) = known.attributes.iter().find(|(name, _)| *name == key).unwrap();
        match kind {
            Kind::Text => assert!(!value.contains('<') && value.chars().all(is_character), "{value:?}"),
            Kind::Number => drop(value.parse::<u32>().unwrap()),
            Kind::Time => assert!(value.parse::<f64>().unwrap() >= 0.0),
        }
        given.push(key);
    }
    assert!(known.required.iter().all(|name| given.iter().any(|given| given == name)), "`{name}` has {given:?}");
    match name.as_str() {
        "testcase" => counts.tests += 1,
        "failure" => counts.failures += 1,
        _ => {}
    }
    name
}
