//! What servers answer to `tools/list`, in the forms in which people keep it.

use std::collections::HashMap;

use crate::json::{Json, shown};
use crate::{Fate, Note, Source, Unreadable};

/// The longest name of a server or tool.
const LONGEST_NAME: usize = 128;

/// What lists of tools are called whosever they are.
const GENERIC: [&str; 8] = ["tools", "tool", "tools-list", "tools_list", "list", "mcp", "answer", "response"];

/// The tools of one server.
#[derive(Debug)]
pub struct Server<'s> {
    /// Its name in the policy.
    pub name: String,
    /// What it calls itself, with its version.
    pub title: Option<String>,
    /// The source of its first page.
    pub source: &'s str,
    /// The sources of all its pages.
    pub sources: Vec<&'s str>,
    /// Its tools.
    pub tools: Vec<Json>,
    /// The source of its last page, where that says that further pages follow.
    goes_on: Option<&'s str>,
}

/// One page of an answer.
struct Page {
    server: Option<Json>,
    tools: Vec<Json>,
    goes_on: bool,
}

/// The servers of some sources; pages of one server are taken together.
///
/// # Errors
///
/// Where a source is no answer of a server.
pub fn servers<'s>(sources: &[Source<'s>], named: Option<&str>, notes: &mut Vec<Note>) -> Result<Vec<Server<'s>>, Unreadable> {
    let mut servers: Vec<Server<'s>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for source in sources {
        let mut pages = Vec::new();
        collect(Json::read(source.name, source.text)?, source.name, "", &mut pages, notes)?;
        for page in pages {
            let (name, title) = name_of(&page, source.name, named);
            let next = servers.len();
            let place = *places.entry(name.clone()).or_insert(next);
            if place == next {
                servers.push(Server { name, title: title.clone(), source: source.name, sources: Vec::new(), tools: Vec::new(), goes_on: None });
            }
            if let Some(server) = servers.get_mut(place) {
                if let Some((fate, text)) = server.doubt(&title, source.name) {
                    notes.push(Note::new(source.name, "", fate, text));
                }
                if !server.sources.contains(&source.name) {
                    server.sources.push(source.name);
                }
                server.tools.extend(page.tools);
                server.goes_on = page.goes_on.then_some(source.name);
            }
        }
    }
    for source in servers.iter().filter_map(|server| server.goes_on) {
        let text = "`nextCursor`: the answer goes on, and tools of further pages are not declared";
        notes.push(Note::new(source, "", Fate::Unchecked, text));
    }
    Ok(servers)
}

impl Server<'_> {
    /// Why a page that is taken for one of this server's may be another's.
    fn doubt(&self, title: &Option<String>, source: &str) -> Option<(Fate, String)> {
        let first = *self.sources.first()?;
        match (&self.title, title) {
            (Some(one), Some(other)) if one == other => None,
            (Some(one), Some(other)) => Some((
                Fate::Differs,
                format!("\"{other}\" here and \"{one}\" in {first} are taken for one server: both are called \"{}\"", self.name),
            )),
            _ if self.goes_on.is_some() || first == source => None,
            _ => Some((Fate::Guessed, format!("its tools are taken for further ones of the server \"{}\" of {first}", self.name))),
        }
    }
}

/// The pages in an answer: an object with `tools`, that as the `result` of JSON-RPC, the tools alone, or a list of such.
fn collect(json: Json, source: &str, place: &str, pages: &mut Vec<Page>, notes: &mut Vec<Note>) -> Result<(), Unreadable> {
    let unreadable = |reason: String| Unreadable::new(source, place, reason);
    match json {
        Json::List(elements) if elements.iter().all(|element| element.get("name").is_some() || is_wrapped(element)) => {
            pages.push(Page { server: None, tools: unwrapped(elements), goes_on: false });
            Ok(())
        }
        Json::List(elements) => {
            let pages_of = |(at, element): (usize, Json)| collect_page(element, source, &format!("[{at}]"), pages, notes);
            elements.into_iter().enumerate().try_for_each(pages_of)
        }
        Json::Object(_) => collect_page(json, source, place, pages, notes),
        other => Err(unreadable(format!("an answer of `tools/list` is an object with `tools`, and this is {}", other.kind()))),
    }
}

/// Tools as interfaces of models have them, `{"type": "function", "function": {…}}` or without the inner object, as those of servers.
fn unwrapped(tools: Vec<Json>) -> Vec<Json> {
    let bare = |tool: Json| match tool {
        Json::Object(fields) if is_wrapped_in(&fields) => {
            fields.into_iter().find(|(key, _)| key == "function").map_or(Json::Null, |(_, function)| function_tool(function))
        }
        other if other.get("type").and_then(Json::as_text) == Some("function") => function_tool(other),
        other => other,
    };
    tools.into_iter().map(bare).collect()
}

/// A function, whose arguments are its `parameters`.
fn function_tool(function: Json) -> Json {
    let has_schema = function.get("inputSchema").is_some();
    match function {
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .filter(|(key, _)| key != "type")
                .map(|(key, value)| match key.as_str() {
                    "parameters" if !has_schema => ("inputSchema".to_owned(), value),
                    _ => (key, value),
                })
                .collect(),
        ),
        other => other,
    }
}

fn is_wrapped(tool: &Json) -> bool {
    tool.as_object().is_some_and(is_wrapped_in)
}

/// Whether it has a function, and nothing that were lost with what is around it.
fn is_wrapped_in(fields: &[(String, Json)]) -> bool {
    let is_function = |(key, value): &(String, Json)| key == "function" && value.get("name").is_some();
    let is_kind = |(key, value): &(String, Json)| key == "type" && value.as_text() == Some("function");
    fields.iter().any(is_function) && fields.iter().all(|field| is_function(field) || is_kind(field))
}

fn collect_page(json: Json, source: &str, place: &str, pages: &mut Vec<Page>, notes: &mut Vec<Note>) -> Result<(), Unreadable> {
    let unreadable = |reason: String| Unreadable::new(source, place, reason);
    let Json::Object(fields) = json else {
        return Err(unreadable(format!("an answer of `tools/list` is an object with `tools`, and this is {}", json.kind())));
    };
    let mut page = Page { server: None, tools: Vec::new(), goes_on: false };
    let (mut has_tools, mut result) = (false, None);
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("result", Json::Object(inner)) => result = Some(Json::Object(inner)),
            ("error", error) if error != Json::Null => return Err(unreadable(format!("the server answered with an error: {}", shown(&error)))),
            ("tools", Json::List(tools)) => {
                has_tools = true;
                page.tools = unwrapped(tools);
            }
            ("serverInfo", info) => page.server = Some(info),
            ("nextCursor", Json::Text(cursor)) => page.goes_on = !cursor.is_empty(),
            ("jsonrpc" | "id" | "protocolVersion", _) | (_, Json::Null) => {}
            (key, value) => notes.push(Note::new(source, place, Fate::LeftOut, format!("`{}: {}`: no tool", shown(&key), shown(&value)))),
        }
    }
    match result {
        Some(_) if has_tools => {
            Err(unreadable("it has `tools` beside `result`, which has them in an answer: which are meant cannot be told".to_owned()))
        }
        Some(result) => {
            let before = pages.len();
            collect_page(result, source, "result", pages, notes)?;
            // Who answers may stand beside the result.
            let page_of = pages.get_mut(before..).unwrap_or_default();
            page_of.iter_mut().filter(|page| page.server.is_none()).for_each(|inner| inner.server.clone_from(&page.server));
            Ok(())
        }
        None if !has_tools => Err(unreadable("it has no array `tools`: an answer of `tools/list` is expected".to_owned())),
        None => {
            pages.push(page);
            Ok(())
        }
    }
}

/// A server's name, and what it calls itself.
fn name_of(page: &Page, source: &str, named: Option<&str>) -> (String, Option<String>) {
    let said = |key: &str| page.server.as_ref().and_then(|server| server.get(key)).and_then(Json::as_text);
    let title = said("name").map(|name| match said("version") {
        Some(version) => format!("{} {}", shown(&name), shown(&version)),
        None => shown(&name),
    });
    let from_file = || {
        let mut named = source.rsplit(['/', '\\']).filter_map(|part| part.split('.').map(fitting).find(|name| !name.is_empty()));
        let file = named.next()?;
        // Of a file that is called as all such files are, the folder says more.
        named.next().filter(|_| GENERIC.contains(&file.to_ascii_lowercase().as_str())).or(Some(file))
    };
    let own = said("name").map(fitting).filter(|name| !name.is_empty());
    let name = named.map(str::to_owned).or(own).or_else(from_file).unwrap_or_else(|| "server".to_owned());
    (name, title)
}

/// A text as a name that servers and tools may have.
fn fitting(text: &str) -> String {
    let words: Vec<&str> = text.split(|letter: char| !is_letter(letter)).filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(LONGEST_NAME);
    name
}

/// Whether a text is a name that servers and tools may have.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_letter)
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-')
}
