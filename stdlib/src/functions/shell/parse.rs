//! Commands, lists, groups and redirects. Every method gives `None` where the text is not understood.

use super::word::Word;
use super::{Command, Shell};

/// How deep groups and substitutions nest at most.
const DEPTH: usize = 32;

/// Words that begin what is not understood here, where a command begins.
const RESERVED: &[&str] = &[
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function", "in", "coproc", "[[", "]]", "{",
    "}", "!",
];

/// The commands of a text.
pub fn parse(text: &str) -> Option<Shell> {
    if text.chars().any(|char| char.is_control() && char != '\n' && char != '\t') {
        return None;
    }
    let mut parser = Parser { text, end: text.len(), at: 0, depth: 0, shell: Shell::default(), heredocs: Vec::new() };
    parser.list(End::Text)?;
    Some(parser.shell)
}

/// What ends a list.
#[derive(Clone, Copy, PartialEq)]
pub enum End {
    /// The end of the text, or of the stretch that is read.
    Text,
    /// `)`
    Paren,
    /// `}`
    Brace,
}

/// A reader of one text.
pub struct Parser<'t> {
    pub text: &'t str,
    /// Where the stretch that is read ends.
    pub end: usize,
    pub at: usize,
    depth: usize,
    pub shell: Shell,
    /// Here-documents whose text begins after the next line end.
    pub heredocs: Vec<Heredoc>,
}

/// A here-document not read yet.
pub struct Heredoc {
    delimiter: String,
    /// Whether what stands in it is taken as it is.
    is_literal: bool,
    strips_tabs: bool,
}

impl<'t> Parser<'t> {
    /// A list of commands and what ends it.
    pub fn list(&mut self, end: End) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let start = self.shell.commands.len();
        let mut needs_command = false;
        loop {
            self.skip_lines()?;
            if self.ends(end) {
                break;
            }
            self.command()?;
            self.skip_blanks();
            needs_command = self.connector(end)?;
        }
        let is_empty = self.shell.commands.len() == start && end != End::Text;
        if needs_command || is_empty || (end == End::Text && !self.heredocs.is_empty()) {
            return None;
        }
        self.depth -= 1;
        Some(())
    }

    /// Whether the list ends here; what ends it is passed over.
    fn ends(&mut self, end: End) -> bool {
        match end {
            End::Text => self.peek().is_none(),
            End::Paren => self.eat(")"),
            End::Brace => self.is_word("}") && self.eat("}"),
        }
    }

    /// What stands between commands; whether another command must follow.
    fn connector(&mut self, end: End) -> Option<bool> {
        if self.eat("&&") || self.eat("||") || self.eat("|&") || self.eat("|") {
            return Some(true);
        }
        match self.peek() {
            None | Some('\n') => Some(false),
            Some(')') if end == End::Paren => Some(false),
            Some(';' | '&') => {
                self.bump();
                Some(false)
            }
            _ => None,
        }
    }

    fn command(&mut self) -> Option<()> {
        while self.is_word("!") {
            self.bump();
            self.skip_blanks();
        }
        let start = self.shell.commands.len();
        if self.rest().starts_with("((") {
            return None;
        }
        if self.eat("(") {
            self.list(End::Paren)?;
        } else if self.is_word("{") {
            self.bump();
            self.list(End::Brace)?;
        } else {
            return self.simple();
        }
        let mut files = Vec::new();
        self.skip_blanks();
        while self.starts_redirect() {
            files.extend(self.redirect()?);
            self.skip_blanks();
        }
        // A group's files are those of every command in it.
        for command in self.shell.commands.iter_mut().skip(start) {
            command.redirects.extend(files.iter().cloned());
        }
        Some(())
    }

    fn simple(&mut self) -> Option<()> {
        let place = self.shell.commands.len();
        let mut command = Command::default();
        let (mut has_program, mut is_empty) = (false, true);
        loop {
            self.skip_blanks();
            if self.starts_redirect() {
                command.redirects.extend(self.redirect()?);
            } else if matches!(self.peek(), None | Some('\n' | ';' | '&' | '|' | ')')) {
                break;
            } else {
                let word = self.word()?;
                // Function definitions, arrays, and patterns with parentheses.
                if self.peek() == Some('(') || (word.text.starts_with('{') && matches!(self.peek(), Some('<' | '>'))) {
                    return None;
                }
                if has_program {
                    command.args.push(word.text);
                } else if word.is_assignment {
                    command.assignments.push(word.text);
                } else {
                    command.program = program(&word)?;
                    command.path = word.text;
                    has_program = true;
                }
            }
            is_empty = false;
        }
        if is_empty {
            return None;
        }
        self.shell.commands.insert(place, command);
        Some(())
    }

    fn starts_redirect(&self) -> bool {
        let rest = self.rest().trim_start_matches(|char: char| char.is_ascii_digit());
        rest.starts_with(['<', '>']) || self.rest().starts_with("&>")
    }

    /// A redirect; the file it reads or writes, where there is one.
    fn redirect(&mut self) -> Option<Option<String>> {
        while self.peek().is_some_and(|char| char.is_ascii_digit()) {
            self.bump();
        }
        const OPERATORS: [&str; 12] = ["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">|", ">&", ">"];
        let operator = OPERATORS.into_iter().find(|operator| self.eat(operator))?;
        self.skip_blanks();
        // Process substitution, and a missing word.
        if matches!(self.peek(), None | Some('\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')) {
            return None;
        }
        let had_substitution = std::mem::take(&mut self.shell.has_substitution);
        let word = self.word()?;
        let has_substitution = std::mem::replace(&mut self.shell.has_substitution, had_substitution);
        self.shell.has_substitution |= has_substitution;
        let is_copy = word.text == "-" || word.text.bytes().all(|byte| byte.is_ascii_digit());
        match operator {
            "<<" | "<<-" if has_substitution => None,
            "<<" | "<<-" => {
                self.heredocs.push(Heredoc { delimiter: word.text, is_literal: word.is_quoted, strips_tabs: operator == "<<-" });
                Some(None)
            }
            "<<<" => Some(None),
            "<&" | ">&" if is_copy => Some(None),
            "<&" => None,
            // `>&1-` moves a descriptor.
            ">&" if word.text.ends_with('-') => None,
            _ => Some(Some(word.text)),
        }
    }

    /// Passes over blanks, comments and line ends, and with a line end over the here-documents that begin there.
    fn skip_lines(&mut self) -> Option<()> {
        loop {
            self.skip_blanks();
            if !self.eat("\n") {
                return Some(());
            }
            for heredoc in std::mem::take(&mut self.heredocs) {
                self.heredoc(&heredoc)?;
            }
        }
    }

    fn heredoc(&mut self, heredoc: &Heredoc) -> Option<()> {
        let start = self.at;
        loop {
            if self.at >= self.end {
                return None;
            }
            let line = self.rest().split('\n').next().unwrap_or_default();
            let line_start = self.at;
            self.at = (self.at + line.len() + 1).min(self.end);
            let line = if heredoc.strips_tabs { line.trim_start_matches('\t') } else { line };
            if line == heredoc.delimiter {
                let after = self.at;
                if !heredoc.is_literal {
                    self.within(start, line_start, Parser::heredoc_text)?;
                }
                self.at = after;
                return Some(());
            }
            // A line that goes on in the next one would hide where the text ends.
            if !heredoc.is_literal && line.ends_with('\\') {
                return None;
            }
        }
    }

    /// Reads a stretch of the text on its own.
    pub fn within(&mut self, start: usize, end: usize, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let outer = std::mem::replace(&mut self.end, end);
        self.at = start;
        read(self)?;
        self.end = outer;
        Some(())
    }

    /// Passes over blanks, continued lines and a comment.
    pub fn skip_blanks(&mut self) {
        loop {
            if self.eat("\\\n") || self.eat(" ") || self.eat("\t") {
                continue;
            }
            if self.peek() == Some('#') {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            return;
        }
    }

    /// Whether a word of its own stands here.
    fn is_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>']))
    }

    /// What is left of the stretch.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over the next character.
    pub fn bump(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// Passes over a text that stands here.
    pub fn eat(&mut self, text: &str) -> bool {
        let stands = self.rest().starts_with(text);
        if stands {
            self.at += text.len();
        }
        stands
    }
}

/// The name of a program: the last part of its path, where nothing in it is computed.
fn program(word: &Word) -> Option<String> {
    let is_reserved = !word.is_quoted && RESERVED.contains(&word.text.as_str());
    if is_reserved || word.has_pattern || word.text.starts_with('=') {
        return None;
    }
    let name = if word.has_substitution { &word.text } else { word.text.rsplit('/').next().unwrap_or_default() };
    Some(name.to_owned())
}
