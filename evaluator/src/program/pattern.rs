//! The patterns of `like` and `matches`, compiled.

use regex_automata::MatchKind;
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

use crate::LoadError;
use crate::plan::{GlobEnds, Pattern, invalid};

/// Bytes that one compiled expression may take.
const MAX_COMPILED: usize = 1 << 20;
/// Bytes of the tables that searching with one expression fills as it goes.
const MAX_CACHE: usize = 1 << 20;
/// The same for patterns that are searched for together.
const MAX_TOGETHER: usize = 4 << 20;
/// How many `?` a glob may have: each may be tried at every character of a text.
const MAX_LOOSE: usize = 256;
/// Bytes of one pattern's text.
const MAX_TEXT: usize = 16 << 10;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) enum Matcher {
    Glob(Glob),
    Regex(Box<Regex>),
}

pub(super) fn compile(patterns: &[Pattern]) -> Result<Vec<Matcher>, LoadError> {
    let mut total = 0;
    let each = patterns.iter().map(|pattern| match pattern {
        Pattern::Like(text) | Pattern::Regex(text) if text.len() > MAX_TEXT => invalid("a pattern is too long"),
        Pattern::Like(text) if loose(text) > MAX_LOOSE => invalid(format!("a pattern has more than {MAX_LOOSE} `?`")),
        Pattern::Like(text) => Ok(Matcher::Glob(Glob::new(text))),
        Pattern::Regex(text) => {
            let regex = regex(text)?;
            total += regex.memory_usage();
            if total > Pattern::MAX_TOTAL {
                return invalid("its regular expressions are too large, taken together");
            }
            Ok(Matcher::Regex(Box::new(regex)))
        }
    });
    each.collect()
}

/// How many `?` there are.
fn loose(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'?').count()
}

impl Pattern {
    /// Bytes that all regular expressions of a plan may take when compiled.
    pub const MAX_TOTAL: usize = 64 << 20;

    /// Whether it can be used: it is well-formed, and small enough when compiled. Gives the bytes that it takes then.
    ///
    /// # Errors
    /// What is wrong with it, in a few words.
    pub fn check(&self) -> Result<usize, String> {
        let text = match self {
            Pattern::Like(text) | Pattern::Regex(text) => text,
        };
        if text.len() > MAX_TEXT {
            return Err(format!("it is longer than {MAX_TEXT} bytes"));
        }
        match self {
            Pattern::Like(text) if loose(text) > MAX_LOOSE => Err(format!("it has more than {MAX_LOOSE} `?`")),
            Pattern::Like(text) => Ok(text.len()),
            Pattern::Regex(text) => build(text).map(|regex| regex.memory_usage()).map_err(|error| match error.syntax_error() {
                Some(problem) => problem.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
                None => "it is too large when compiled".to_owned(),
            }),
        }
    }
}

impl Pattern {
    /// Tells of texts whether they fit.
    ///
    /// # Errors
    /// What is wrong with the pattern, as [`Pattern::check`] has it.
    pub fn matcher(&self) -> Result<impl Fn(&str) -> bool + use<>, String> {
        self.check()?;
        let compiled = compile(std::slice::from_ref(self)).map_err(|error| error.to_string())?;
        Ok(move |text: &str| compiled.iter().all(|matcher| matcher.matches(text)))
    }

    /// What a glob with a `*` says of how a text begins and ends; `None` for other patterns, and where `?` stands before the first or after the last `*`.
    pub fn glob_ends(&self) -> Option<GlobEnds> {
        let Pattern::Like(text) = self else { return None };
        let runs = Glob::new(text).runs;
        match (runs.first()?, runs.last()?) {
            (Run::Text(start), Run::Text(end)) if runs.len() > 1 => {
                Some(GlobEnds { start: start.clone(), end: end.clone(), is_all: runs.len() == 2 })
            }
            _ => None,
        }
    }
}

fn regex(text: &str) -> Result<Regex, LoadError> {
    build(text).or_else(|_| invalid(format!("pattern `{text}` does not compile, or is too large")))
}

fn build(text: &str) -> Result<Regex, Box<BuildError>> {
    let config = Config::new().nfa_size_limit(Some(MAX_COMPILED)).onepass_size_limit(Some(MAX_COMPILED)).hybrid_cache_capacity(MAX_CACHE);
    let syntax = syntax::Config::new().nest_limit(64);
    Regex::builder().configure(config).syntax(syntax).build(text).map_err(Box::new)
}

/// One expression for several patterns, which says of each whether a text matches it; `None` where it would be too large.
pub(super) fn together(patterns: &[&Pattern]) -> Option<Regex> {
    let texts: Vec<String> = patterns.iter().map(|pattern| as_regex(pattern)).collect();
    let config = Config::new().match_kind(MatchKind::All).which_captures(WhichCaptures::None);
    let config = config.nfa_size_limit(Some(MAX_TOGETHER)).hybrid_cache_capacity(MAX_TOGETHER);
    Regex::builder().configure(config).syntax(syntax::Config::new().nest_limit(64)).build_many(&texts).ok()
}

/// A pattern as a regular expression: a glob is anchored at both ends.
fn as_regex(pattern: &Pattern) -> String {
    let text = match pattern {
        Pattern::Regex(text) => return text.to_string(),
        Pattern::Like(text) => text,
    };
    let mut regex = String::from(r"(?s)\A");
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '\\' => push_literal(&mut regex, chars.next().unwrap_or('\\')),
            other => push_literal(&mut regex, other),
        }
    }
    regex.push_str(r"\z");
    regex
}

fn push_literal(regex: &mut String, char: char) {
    if char.is_ascii_punctuation() && !matches!(char, '<' | '>') {
        regex.push('\\');
    }
    regex.push(char);
}

impl Matcher {
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Matcher::Glob(glob) => glob.matches(text),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }

    /// The text that a glob without wildcards stands for.
    pub fn literal(&self) -> Option<String> {
        match self {
            Matcher::Glob(glob) => glob.literal(),
            Matcher::Regex(_) => None,
        }
    }
}

/// A glob: runs of characters to find, with anything between them.
#[derive(Debug)]
pub(crate) struct Glob {
    /// What stands before, between and after the `*`s; never empty.
    runs: Vec<Run>,
}

/// Characters without a `*` among them.
#[derive(Debug)]
enum Run {
    /// Just these.
    Text(Box<str>),
    /// These, any one where there is `None`.
    Loose(Box<[Option<char>]>),
}

impl Glob {
    fn new(pattern: &str) -> Glob {
        let (mut runs, mut run) = (Vec::new(), Vec::new());
        let mut chars = pattern.chars();
        while let Some(char) = chars.next() {
            match char {
                '*' => runs.push(Run::new(std::mem::take(&mut run))),
                '?' => run.push(None),
                '\\' => run.push(Some(chars.next().unwrap_or('\\'))),
                other => run.push(Some(other)),
            }
        }
        runs.push(Run::new(run));
        Glob { runs }
    }

    fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.runs.split_first() else { return false };
        let Some(text) = first.strip_start(text) else { return false };
        let Some((last, between)) = rest.split_last() else { return text.is_empty() };
        let mut text = text;
        for run in between {
            let Some(rest) = run.find(text) else { return false };
            text = rest;
        }
        last.ends(text)
    }

    fn literal(&self) -> Option<String> {
        match self.runs.as_slice() {
            [Run::Text(text)] => Some(text.to_string()),
            _ => None,
        }
    }
}

impl Run {
    fn new(chars: Vec<Option<char>>) -> Run {
        match chars.iter().copied().collect::<Option<String>>() {
            Some(text) => Run::Text(text.into()),
            None => Run::Loose(chars.into()),
        }
    }

    /// What follows the run at the start of the text.
    fn strip_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Run::Text(run) => text.strip_prefix(&**run),
            Run::Loose(run) => {
                let mut chars = text.chars();
                run.iter().all(|wanted| chars.next().is_some_and(|char| wanted.is_none_or(|wanted| wanted == char))).then_some(chars.as_str())
            }
        }
    }

    /// What follows the run where it first occurs.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Run::Text(run) => text.split_once(&**run).map(|(_, rest)| rest),
            Run::Loose(_) => {
                let starts = text.char_indices().map(|(start, _)| start).chain([text.len()]);
                starts.into_iter().find_map(|start| self.strip_start(text.get(start..)?))
            }
        }
    }

    /// Whether the text ends with the run.
    fn ends(&self, text: &str) -> bool {
        match self {
            Run::Text(run) => text.ends_with(&**run),
            Run::Loose(run) => {
                let mut chars = text.chars();
                run.iter().rev().all(|wanted| chars.next_back().is_some_and(|char| wanted.is_none_or(|wanted| wanted == char)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("a?c", "aéc", true),
            ("a?c", "ac", false),
            ("*.example.com", "x.example.com", true),
            ("*.example.com", "x.example.com.evil", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a?b*c", "aaxbc", true),
            ("*ab", "abab", true),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            (r"a\\", r"a\", true),
            ("**", "anything", true),
            ("?", "", false),
            ("*?", "", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn hostile_globs_end_soon() {
        let pattern = "*a".repeat(2000) + "*b?";
        assert!(!Glob::new(&pattern).matches(&"a".repeat(1 << 20)));
    }

    #[test]
    fn globs_of_many_loose_characters_are_refused() {
        assert!(compile(&[Pattern::Like("?".repeat(256).into())]).is_ok());
        assert!(compile(&[Pattern::Like(format!("*{}b*", "?".repeat(257)).into())]).is_err());
    }

    #[test]
    fn many_large_expressions_are_refused() {
        let patterns: Vec<Pattern> = (0..2000).map(|number| Pattern::Regex(format!(r"{number}\w{{20}}").into())).collect();
        assert!(compile(&patterns).is_err());
        assert!(compile(patterns.get(..20).unwrap_or_default()).is_ok());
    }

    #[test]
    fn large_expressions_are_refused() {
        for text in [r"(", r"\w{1000}{1000}", &"(".repeat(100_000), &"a".repeat(100_000)] {
            assert!(compile(&[Pattern::Regex(text.into())]).is_err());
        }
        let nested = r"(x+x+)+y";
        let compiled = compile(&[Pattern::Regex(nested.into())]);
        assert!(!compiled.expect("compiles").iter().any(|pattern| pattern.matches(&"x".repeat(1 << 20))));
    }
}
