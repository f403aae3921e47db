//! Recorded cases: files of JSON Lines `{"name", "input", "data"?, "expect"}`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tollgate_compiler::testing::{ExpectedReason, Recorded};
use tollgate_evaluator::{Decision, Effect, Reason};

use crate::files;
use crate::output::{Failure, Result};

/// The most bytes that a file of cases has.
const MOST_BYTES: usize = 256 << 20;

/// A file of recorded cases.
pub struct CasesFile {
    path: PathBuf,
    /// Its path as it is shown.
    pub shown: String,
    bytes: Vec<u8>,
    /// Its lines that are not blank.
    pub lines: Vec<Line>,
}

/// A line of such a file.
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// The case's name, or where the line stands if it has none.
    pub name: String,
    /// The case, or why it is none.
    pub case: std::result::Result<Written, String>,
}

/// A case as it is written.
pub struct Written {
    /// The request.
    pub input: Vec<u8>,
    /// Data to bind before.
    pub data: Vec<(String, Vec<u8>)>,
    /// What is expected, `None` where nothing is yet, or why what is written is no expectation.
    pub expects: std::result::Result<Option<Expects>, String>,
    /// Where in the file what is expected stands, or where it would be put.
    slot: Slot,
}

/// What a case expects.
pub struct Expects {
    /// The effect.
    pub effect: Effect,
    /// The rules, where they are written.
    pub rules: Option<Vec<String>>,
    /// The reasons, where they are written, each in the form in which it is.
    reasons: Option<Vec<WrittenReason>>,
    /// Whether it is an effect's name alone.
    is_short: bool,
}

/// A reason as it is written.
enum WrittenReason {
    /// Its text alone.
    Text(String),
    /// Some of its parts.
    Parts(ReasonParts),
}

enum Slot {
    Taken(Range<usize>),
    Free(usize),
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Fields<'l> {
    name: String,
    #[serde(borrow)]
    input: &'l RawValue,
    #[serde(borrow, default)]
    data: BTreeMap<String, &'l RawValue>,
    #[serde(borrow, default, deserialize_with = "written")]
    expect: Option<&'l RawValue>,
}

/// What is written, be it `null`.
fn written<'l, D: Deserializer<'l>>(deserializer: D) -> std::result::Result<Option<&'l RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an effect or an object")]
struct ExpectFields {
    effect: String,
    rules: Option<Vec<String>>,
    reasons: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a text or an object")]
struct ReasonParts {
    rule: Option<String>,
    id: Option<String>,
    text: Option<String>,
}

impl CasesFile {
    /// Reads a file. A line that is no case is kept as such.
    pub fn read(path: &Path) -> Result<CasesFile> {
        let bytes = files::read(path, MOST_BYTES)?;
        let shown = path.display().to_string();
        let text = bytes.strip_prefix(&files::BYTE_ORDER_MARK).unwrap_or(&bytes);
        let mut start = bytes.len() - text.len();
        let mut lines = Vec::new();
        for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            if !line.trim_ascii().is_empty() {
                lines.push(Line::read(line, start, number, &shown));
            }
            start += line.len() + 1;
        }
        Ok(CasesFile { path: path.to_owned(), shown, bytes, lines })
    }

    /// Writes the file with what its cases are to expect, given by their lines, and everything else as it is. Whoever reads it meanwhile sees it as it
    /// was or as it is to be.
    pub fn update(&self, observed: &BTreeMap<u32, &str>) -> Result<()> {
        let mut text = Vec::with_capacity(self.bytes.len());
        let mut done = 0;
        for line in &self.lines {
            let (Ok(case), Some(expect)) = (&line.case, observed.get(&line.number)) else { continue };
            let (range, before) = match &case.slot {
                Slot::Taken(range) => (range.clone(), ""),
                Slot::Free(place) => (*place..*place, ", \"expect\": "),
            };
            text.extend_from_slice(self.bytes.get(done..range.start).unwrap_or_default());
            text.extend_from_slice(before.as_bytes());
            text.extend_from_slice(expect.as_bytes());
            done = range.end;
        }
        text.extend_from_slice(self.bytes.get(done..).unwrap_or_default());
        files::replace(&self.path, &text).map_err(|error| Failure::file("write", &self.path, error))
    }
}

impl Line {
    fn read(line: &[u8], start: usize, number: u32, file: &str) -> Line {
        let place = || format!("{file}:{number}");
        let text = match std::str::from_utf8(line) {
            Ok(text) => text,
            Err(_) => return Line { number, name: place(), case: Err("the line is no UTF-8".to_owned()) },
        };
        // A list of what the fields hold would be read as an object otherwise.
        if text.trim_start().starts_with('[') {
            return Line { number, name: place(), case: Err("it is a list, and a case is an object".to_owned()) };
        }
        match serde_json::from_str::<Fields<'_>>(text) {
            Ok(fields) => Line { number, case: Ok(Written::new(&fields, text, start)), name: fields.name },
            Err(error) => Line { number, name: place(), case: Err(reason(&error)) },
        }
    }
}

impl Written {
    fn new(fields: &Fields<'_>, line: &str, start: usize) -> Written {
        let bytes = |json: &RawValue| json.get().as_bytes().to_vec();
        let slot = match fields.expect {
            // The raw value is a part of the line.
            Some(expect) => {
                let from = start + expect.get().as_ptr().addr().saturating_sub(line.as_ptr().addr());
                Slot::Taken(from..from + expect.get().len())
            }
            None => Slot::Free(start + line.rfind('}').map_or(line.len(), |end| line.get(..end).unwrap_or_default().trim_end().len())),
        };
        Written {
            input: bytes(fields.input),
            data: fields.data.iter().map(|(name, json)| (name.clone(), bytes(json))).collect(),
            expects: match fields.expect.map(RawValue::get) {
                None | Some("null") => Ok(None),
                Some(expect) => Expects::read(expect).map(Some),
            },
            slot,
        }
    }

    /// The case, as it can be run.
    pub fn recorded(&self) -> Recorded {
        let expects = self.expects.as_ref().ok().and_then(Option::as_ref);
        Recorded {
            input: self.input.clone(),
            data: self.data.clone(),
            effect: expects.map(|expects| expects.effect),
            rules: expects.and_then(|expects| expects.rules.clone()),
            reasons: expects.and_then(|expects| expects.reasons.as_ref()).map(|reasons| reasons.iter().map(WrittenReason::expected).collect()),
        }
    }

    /// What a decision is, written as this case writes what it expects.
    pub fn observed(&self, decision: &Decision) -> String {
        let effect = decision.effect().name();
        let (rules, reasons) = match &self.expects {
            Ok(Some(expects)) if expects.is_short => return json!(effect).to_string(),
            Ok(Some(expects)) => (expects.rules.is_some(), expects.reasons.as_deref()),
            Ok(None) | Err(_) => (true, None),
        };
        let mut fields = vec![format!("\"effect\": {}", json!(effect))];
        if rules {
            fields.push(format!("\"rules\": {}", json!(decision.rules().collect::<Vec<_>>())));
        }
        if let Some(written) = reasons {
            // Of a reason that is new, the form is that of the last.
            let forms = written.iter().map(Some).chain(std::iter::repeat(written.last()));
            let reasons: Vec<Value> = decision.reasons().zip(forms).map(|(reason, form)| observed_reason(&reason, form)).collect();
            fields.push(format!("\"reasons\": {}", Value::from(reasons)));
        }
        format!("{{{}}}", fields.join(", "))
    }
}

/// A reason in the form in which another is written.
fn observed_reason(reason: &Reason<'_>, form: Option<&WrittenReason>) -> Value {
    let Some(WrittenReason::Parts(parts)) = form else { return reason.text.into() };
    let mut fields = serde_json::Map::new();
    // A rule without an id is told by its name.
    if parts.rule.is_some() || (parts.id.is_some() && reason.id.is_none()) {
        fields.insert("rule".to_owned(), reason.rule.into());
    }
    if let Some(id) = reason.id.filter(|_| parts.id.is_some()) {
        fields.insert("id".to_owned(), id.into());
    }
    if parts.text.is_some() {
        fields.insert("text".to_owned(), reason.text.into());
    }
    fields.into()
}

impl Expects {
    fn read(json: &str) -> std::result::Result<Expects, String> {
        let is_short = json.starts_with('"');
        let fields = if is_short {
            let effect = serde_json::from_str(json).map_err(|error| reason(&error))?;
            ExpectFields { effect, rules: None, reasons: None }
        } else {
            if json.starts_with('[') {
                return Err("`expect`: it is a list, and must be an effect or an object".to_owned());
            }
            serde_json::from_str(json).map_err(|error| format!("`expect`: {}", reason(&error)))?
        };
        let effect = [Effect::Allow, Effect::Review, Effect::Deny].into_iter().find(|effect| effect.name() == fields.effect);
        let effect = effect.ok_or_else(|| format!("`expect`: an effect is `allow`, `review` or `deny`, and not `{}`", fields.effect))?;
        let reasons = fields.reasons.map(|reasons| reasons.into_iter().map(WrittenReason::read).collect::<std::result::Result<_, _>>());
        Ok(Expects { effect, rules: fields.rules, reasons: reasons.transpose()?, is_short })
    }
}

impl WrittenReason {
    fn read(json: Value) -> std::result::Result<WrittenReason, String> {
        match json {
            Value::String(text) => Ok(WrittenReason::Text(text)),
            Value::Object(_) => serde_json::from_value(json).map(WrittenReason::Parts).map_err(|error| format!("`expect`: a reason: {error}")),
            _ => Err("`expect`: a reason is a text, or an object of `rule`, `id` and `text`".to_owned()),
        }
    }

    fn expected(&self) -> ExpectedReason {
        match self {
            WrittenReason::Text(text) => ExpectedReason { rule: None, id: None, text: Some(text.clone()) },
            WrittenReason::Parts(ReasonParts { rule, id, text }) => ExpectedReason { rule: rule.clone(), id: id.clone(), text: text.clone() },
        }
    }
}

/// An error of a line without its place in the line, which is one for the whole of it.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    if error.is_data() { reason.to_owned() } else { format!("it is no JSON: {reason} at column {}", error.column()) }
}
