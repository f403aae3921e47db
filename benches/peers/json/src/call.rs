//! The tool call that is read: as text of any size, and as the fields that are wanted of it.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Deserialize;

/// How the text of the call's long field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// No character of it is escaped.
    Plain,
    /// A line end about every eighty characters, and a quotation mark every fourth line.
    Escaped,
}

/// The fields that are wanted, without the long one: what else the call brings is passed over.
#[derive(Deserialize)]
pub struct Call<'a, A> {
    #[serde(borrow)]
    pub agent: Agent<'a>,
    #[serde(borrow)]
    pub tool: Tool<'a>,
    pub args: A,
    #[serde(borrow)]
    pub context: Context<'a>,
}

#[derive(Deserialize)]
pub struct Agent<'a> {
    pub id: &'a str,
    pub role: &'a str,
}

#[derive(Deserialize)]
pub struct Tool<'a> {
    pub name: &'a str,
    pub server: &'a str,
}

#[derive(Deserialize)]
pub struct Context<'a> {
    pub environment: &'a str,
}

/// Arguments, the long field passed over.
#[derive(Deserialize)]
pub struct Short<'a> {
    pub recipient: &'a str,
    pub size: i64,
}

/// Arguments with the long field.
#[derive(Deserialize)]
pub struct Whole<'a> {
    pub recipient: &'a str,
    pub size: i64,
    #[serde(borrow)]
    pub body: Cow<'a, str>,
}

/// What readers are compared by.
pub trait Arguments {
    fn weight(&self) -> usize;
}

impl Arguments for Short<'_> {
    fn weight(&self) -> usize {
        self.recipient.len() + self.size as usize
    }
}

impl Arguments for Whole<'_> {
    fn weight(&self) -> usize {
        self.recipient.len() + self.size as usize + self.body.len()
    }
}

impl<A: Arguments> Call<'_, A> {
    /// A number that depends on every field that is wanted.
    pub fn weight(&self) -> usize {
        let texts = [self.agent.id, self.agent.role, self.tool.name, self.tool.server, self.context.environment];
        texts.iter().map(|text| text.len()).sum::<usize>() + self.args.weight()
    }
}

/// That many different calls of about that many bytes.
pub fn calls(bytes: usize, text: Text, number: usize) -> Vec<String> {
    (0..number).map(|place| call(bytes, text, place * 7919)).collect()
}

fn call(bytes: usize, text: Text, seed: usize) -> String {
    let mut call = format!(
        concat!(
            r#"{{"agent":{{"id":"agent-{:05}","role":"role_{:02}","team":"team_{:02}"}},"user":{{"id":"user-{:05}","groups":["group_{:02}","staff"]}},"#,
            r#""tool":{{"name":"tool_{:06}","server":"server_{:02}"}},"args":{{"recipient":"contact.{:04}@domain-{:02}.example","size":{},"format":"json","body":""#,
        ),
        seed % 10_000,
        seed % 20,
        seed % 30,
        seed % 5_000,
        seed % 12,
        seed % 1_000,
        seed % 20,
        seed % 10_000,
        seed % 50,
        seed % 100_000,
    );
    const END: &str = r#""},"context":{"environment":"prod","priority":2}}"#;
    const WORDS: [&str; 8] = ["report ", "please ", "the ", "account ", "of ", "customer ", "renewal ", "before "];
    let (begin, mut line) = (call.len(), 0);
    let mut random = seed as u64 + 1;
    while call.len() + END.len() < bytes {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        call.push_str(WORDS[(random >> 61) as usize]);
        if text == Text::Escaped && (call.len() - begin) / 80 > line {
            line = (call.len() - begin) / 80;
            let _ = write!(call, "{}", if line.is_multiple_of(4) { r#"\"quoted\" "# } else { r"\n" });
        }
    }
    call + END
}
