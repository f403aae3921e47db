//! Words: quotes, escapes, expansions and substitutions.

use super::parse::{End, Parser};

/// A word, unquoted. Expansions and substitutions stand in it as they are written.
#[derive(Debug, Default)]
pub struct Word {
    pub text: String,
    /// Whether a part of it was quoted.
    pub is_quoted: bool,
    /// Whether it is `NAME=…` with the name unquoted.
    pub is_assignment: bool,
    /// Whether it has a pattern for file names.
    pub has_pattern: bool,
    /// Whether it has an expansion or substitution.
    pub has_substitution: bool,
    has_brace: bool,
    has_comma: bool,
}

impl Parser<'_> {
    /// A word, up to a blank or an operator.
    pub fn word(&mut self) -> Option<Word> {
        let mut word = Word::default();
        let start = self.at;
        while let Some(char) = self.peek() {
            match char {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '$' => self.dollar(&mut word, false)?,
                '`' => self.backtick(&mut word)?,
                '\'' => self.single_quoted(&mut word)?,
                '"' => self.double_quoted(&mut word)?,
                '\\' => {
                    self.bump();
                    match self.bump()? {
                        '\n' => {}
                        escaped => {
                            word.is_quoted = true;
                            word.text.push(escaped);
                        }
                    }
                }
                plain => {
                    self.bump();
                    word.plain(plain);
                }
            }
        }
        // Brace expansion makes words that are not written.
        if self.at == start || (word.has_brace && word.has_comma) { None } else { Some(word) }
    }

    fn single_quoted(&mut self, word: &mut Word) -> Option<()> {
        self.bump();
        let length = self.rest().find('\'')?;
        let quoted = self.rest().get(..length)?;
        self.at += length + 1;
        self.quoted(word, quoted)
    }

    fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        self.bump();
        self.quoted(word, "")?;
        loop {
            match self.peek()? {
                '"' => {
                    self.bump();
                    return Some(());
                }
                '$' => self.dollar(word, true)?,
                '`' => self.backtick(word)?,
                '\\' => {
                    self.bump();
                    match self.bump()? {
                        '\n' => {}
                        escaped @ ('$' | '`' | '"' | '\\') => word.text.push(escaped),
                        other => word.text.extend(['\\', other]),
                    }
                }
                other => {
                    self.bump();
                    self.quoted(word, other.encode_utf8(&mut [0; 4]))?;
                }
            }
        }
    }

    /// Adds quoted text. A line end in it while a here-document waits for one is not understood.
    fn quoted(&self, word: &mut Word, text: &str) -> Option<()> {
        word.is_quoted = true;
        word.text.push_str(text);
        (self.heredocs.is_empty() || !text.contains('\n')).then_some(())
    }

    /// What `$` begins: an expansion, a substitution, or nothing.
    fn dollar(&mut self, word: &mut Word, in_quotes: bool) -> Option<()> {
        let start = self.at;
        self.bump();
        match self.peek() {
            Some('(') if self.rest().starts_with("((") => return None,
            Some('(') => {
                self.bump();
                self.substitution(End::Paren)?;
            }
            Some('{') => {
                self.bump();
                let is_name = self.name() > 0;
                if !is_name || !self.eat("}") {
                    return None;
                }
            }
            Some('[') => return None,
            Some('\'' | '"') if !in_quotes => return None,
            Some('@' | '*' | '#' | '?' | '$' | '!' | '-' | '0'..='9') => {
                self.bump();
            }
            _ if self.name() > 0 => {}
            _ => {
                word.text.push('$');
                return Some(());
            }
        }
        self.computed(word, start);
        Some(())
    }

    fn backtick(&mut self, word: &mut Word) -> Option<()> {
        let start = self.at;
        self.bump();
        let length = self.rest().find('`')?;
        // Escapes inside backticks are read twice.
        if self.rest().get(..length)?.contains('\\') {
            return None;
        }
        let end = self.at + length;
        self.within(self.at, end, |parser| parser.substitution(End::Text))?;
        self.at = end + 1;
        self.computed(word, start);
        Some(())
    }

    /// The commands of a substitution, whose here-documents end in it.
    fn substitution(&mut self, end: End) -> Option<()> {
        if !self.heredocs.is_empty() {
            return None;
        }
        self.list(end)?;
        self.heredocs.is_empty().then_some(())
    }

    /// Adds what was written from `start` up to here as an expansion.
    fn computed(&mut self, word: &mut Word, start: usize) {
        word.text.push_str(self.text.get(start..self.at).unwrap_or_default());
        word.has_substitution = true;
        self.shell.has_substitution = true;
    }

    /// Passes over a variable's name and gives its length.
    fn name(&mut self) -> usize {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let length = if rest.starts_with(|first: char| first.is_ascii_digit()) { 0 } else { length };
        self.at += length;
        length
    }

    /// The text of a here-document in which expansions take place.
    pub fn heredoc_text(&mut self) -> Option<()> {
        let mut word = Word::default();
        while let Some(char) = self.peek() {
            match char {
                '$' => self.dollar(&mut word, true)?,
                '`' => self.backtick(&mut word)?,
                '\\' => {
                    self.bump();
                    self.bump();
                }
                _ => {
                    self.bump();
                }
            }
        }
        Some(())
    }
}

impl Word {
    fn plain(&mut self, char: char) {
        match char {
            '*' | '?' | '[' => self.has_pattern = true,
            '{' => self.has_brace = true,
            ',' => self.has_comma = true,
            '.' if self.text.ends_with('.') => self.has_comma = true,
            '=' if !self.is_assignment && !self.is_quoted && !self.has_substitution => {
                let name = self.text.strip_suffix('+').unwrap_or(&self.text);
                let is_letter = |char: char| char.is_ascii_alphabetic() || char == '_';
                self.is_assignment = name.starts_with(is_letter) && name.chars().all(|char| is_letter(char) || char.is_ascii_digit());
            }
            _ => {}
        }
        self.text.push(char);
    }
}
