//! The tools that a policy set knows, and the `on` clauses that name them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_evaluator::plan::{ArgsLayout, Declaration, On, Pattern, PatternId, Text, Tool};

use crate::program::Program;

use super::Lowering;
use super::intern::HashMap;

/// A tool's own name, then its server: the order of [`tollgate_evaluator::plan::Plan::tools`].
type ToolName = (Text, Option<Text>);

/// The tools of a set and how `on` clauses read.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// Each tool's place in [`Program::tools`], where it is declared.
    declared: Vec<Option<usize>>,
    names: Vec<ToolName>,
    numbers: HashMap<ToolName, u32>,
    fits: HashMap<(Option<PatternId>, PatternId), Arc<[u32]>>,
}

/// What one string of an `on` clause means.
#[derive(Debug, PartialEq, Eq)]
enum OnName {
    Tool(ToolName),
    Pattern { server: Option<Text>, name: Text },
}

impl Tools {
    /// The tools that declarations or `on` clauses name.
    pub fn new(program: &Program) -> Tools {
        let mut known: BTreeMap<ToolName, Option<usize>> = BTreeMap::new();
        for text in program.rules.iter().flat_map(|rule| &rule.on) {
            if let OnName::Tool(name) = on_name(text) {
                known.entry(name).or_default();
            }
        }
        known.extend(program.tools.iter().enumerate().map(|(place, tool)| (split(&tool.name), Some(place))));
        let declared = known.values().copied().collect();
        let names: Vec<ToolName> = known.into_keys().collect();
        let numbers = names.iter().cloned().zip(0..).collect();
        Tools { declared, names, numbers, fits: HashMap::default() }
    }

    /// How many tools there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether an entry of `on` names no tool that there is not.
    pub fn has(&self, text: &str) -> bool {
        match on_name(text) {
            OnName::Tool(name) => self.numbers.contains_key(&name),
            OnName::Pattern { .. } => true,
        }
    }

    /// The declared tools: number in the plan, place in the program.
    pub fn declarations(&self) -> impl Iterator<Item = (u32, usize)> {
        (0..).zip(&self.declared).filter_map(|(number, place)| Some((number, (*place)?)))
    }
}

impl Lowering<'_> {
    /// The plan's tools, once everything is lowered that may read arguments.
    pub(super) fn plan_tools(&mut self) -> Vec<Tool> {
        let program = self.program;
        let names = self.tools.names.clone();
        let places = self.tools.declared.clone();
        names
            .into_iter()
            .zip(places)
            .map(|((name, server), place)| Tool {
                server,
                name,
                declaration: place.and_then(|place| program.tools.get(place)).map(|tool| Declaration {
                    facts: tool.facts.iter().map(|fact| self.constants.intern(fact)).collect(),
                    args: tool.args.as_ref().map(|ty| {
                        let (whole, keep) = self.slots.args_layout(ty);
                        ArgsLayout { ty: self.record_type(ty), whole, keep }
                    }),
                }),
            })
            .collect()
    }

    /// An `on` clause; `None` where a rule has none.
    pub(super) fn on(&mut self, texts: &[Arc<str>]) -> Option<On> {
        if texts.is_empty() {
            return None;
        }
        let (mut tools, mut patterns) = (Vec::new(), Vec::new());
        for text in texts {
            match on_name(text) {
                OnName::Tool(name) => tools.extend(self.tools.numbers.get(&name)),
                OnName::Pattern { server, name } => {
                    let server = server.map(|server| self.patterns.intern(Pattern::Like(server)));
                    patterns.push((server, self.patterns.intern(Pattern::Like(name))));
                }
            }
        }
        tools.sort_unstable();
        tools.dedup();
        patterns.sort_unstable();
        patterns.dedup();
        Some(On { tools: tools.into(), patterns: patterns.into() })
    }

    /// The tools of which some call fits that pattern.
    pub(super) fn tools_of_pattern(&mut self, pattern: (Option<PatternId>, PatternId)) -> Arc<[u32]> {
        if let Some(found) = self.tools.fits.get(&pattern) {
            return Arc::clone(found);
        }
        let matches = |id: PatternId, text: &str| matches!(self.patterns.get(id), Some(Pattern::Like(glob)) if like(glob, text));
        let found: Arc<[u32]> = (0..)
            .zip(&self.tools.names)
            .filter(|(_, (name, server))| {
                let fits_server = pattern.0.is_none_or(|glob| server.as_ref().is_none_or(|server| matches(glob, server)));
                fits_server && matches(pattern.1, name)
            })
            .map(|(number, _)| number)
            .collect();
        self.tools.fits.insert(pattern, Arc::clone(&found));
        found
    }
}

/// A tool's name as plans hold it.
fn split(name: &str) -> ToolName {
    match name.rsplit_once('/') {
        Some((server, name)) => (name.into(), Some(server.into())),
        None => (name.into(), None),
    }
}

/// What a string of an `on` clause means: a tool's name where it has no `*` or `?` that is not escaped, else a pattern.
fn on_name(text: &str) -> OnName {
    if !text.contains(['\\', '*', '?']) {
        return OnName::Tool(split(text));
    }
    let mut pieces: Vec<(char, bool)> = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => pieces.push((chars.next().unwrap_or('\\'), true)),
            c => pieces.push((c, false)),
        }
    }
    let (server, name) = match pieces.iter().rposition(|(c, _)| *c == '/') {
        Some(slash) => (pieces.get(..slash), pieces.get(slash + 1..).unwrap_or_default()),
        None => (None, pieces.as_slice()),
    };
    if pieces.iter().any(is_wildcard) {
        OnName::Pattern { server: server.map(glob), name: glob(name) }
    } else {
        OnName::Tool((plain(name), server.map(plain)))
    }
}

fn is_wildcard((c, escaped): &(char, bool)) -> bool {
    !escaped && matches!(c, '*' | '?')
}

fn plain(pieces: &[(char, bool)]) -> Text {
    pieces.iter().map(|(c, _)| *c).collect::<String>().into()
}

fn glob(pieces: &[(char, bool)]) -> Text {
    let mut text = String::new();
    for piece in pieces {
        if !is_wildcard(piece) && matches!(piece.0, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(piece.0);
    }
    text.into()
}

/// Whether a whole text fits a glob. Takes time in the product of both lengths at most: only the last `*` is ever tried again.
fn like(glob: &str, text: &str) -> bool {
    let glob: Vec<(char, bool)> = escaped(glob);
    let text: Vec<char> = text.chars().collect();
    let (mut g, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match glob.get(g) {
            Some(('*', false)) => {
                retry = Some((g + 1, t));
                g += 1;
            }
            Some((c, escaped)) if (*c == '?' && !escaped) || Some(c) == text.get(t) => (g, t) = (g + 1, t + 1),
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    (g, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    glob.get(g..).unwrap_or_default().iter().all(|piece| *piece == ('*', false))
}

fn escaped(glob: &str) -> Vec<(char, bool)> {
    let mut chars = glob.chars();
    std::iter::from_fn(|| match chars.next()? {
        '\\' => Some((chars.next().unwrap_or('\\'), true)),
        c => Some((c, false)),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{OnName, like, on_name};

    #[test]
    fn names_and_patterns() {
        let tool = |server: Option<&str>, name: &str| OnName::Tool((name.into(), server.map(Into::into)));
        let pattern = |server: Option<&str>, name: &str| OnName::Pattern { server: server.map(Into::into), name: name.into() };
        assert_eq!(on_name("a/b/c"), tool(Some("a/b"), "c"));
        assert_eq!(on_name("c"), tool(None, "c"));
        assert_eq!(on_name(r"s\*/c"), tool(Some("s*"), "c"));
        assert_eq!(on_name("crm/*"), pattern(Some("crm"), "*"));
        assert_eq!(on_name(r"a\*/b?"), pattern(Some(r"a\*"), "b?"));
        assert_eq!(on_name("*_x"), pattern(None, "*_x"));
    }

    #[test]
    fn globs() {
        for (glob, text) in [("*", ""), ("a*c", "abbc"), ("a*b*c", "axbxbc"), ("?", "é"), (r"a\*", "a*"), ("*x", "xxx"), ("", "")] {
            assert!(like(glob, text), "{glob} {text}");
        }
        for (glob, text) in [("?", ""), ("a*c", "ab"), (r"a\*", "ab"), (r"\?", "x"), ("a", "ab"), ("", "a"), ("*ab", "abc")] {
            assert!(!like(glob, text), "{glob} {text}");
        }
    }
}
