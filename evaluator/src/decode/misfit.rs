//! What does not fit, where, and how messages quote it.

use tollgate_stdlib::EvalError;

/// Characters of the user's text in a message.
const QUOTED: usize = 32;

/// JSON that does not fit.
#[derive(Debug)]
pub(crate) struct Misfit {
    /// From the innermost step outwards.
    steps: Vec<Step>,
    /// What was expected, and what came.
    pub message: String,
    /// Set where not the JSON was at fault, but checking it came to an end.
    pub error: Option<EvalError>,
}

#[derive(Debug)]
enum Step {
    Field(String),
    Element(usize),
}

/// What reading JSON gives.
pub(crate) type Fit<T> = Result<T, Box<Misfit>>;

impl Misfit {
    #[cold]
    pub fn new(message: String) -> Box<Misfit> {
        Box::new(Misfit { steps: Vec::new(), message, error: None })
    }

    /// The error that ended a check.
    #[cold]
    pub fn ended(error: EvalError) -> Box<Misfit> {
        Box::new(Misfit { steps: Vec::new(), message: error.to_string(), error: Some(error) })
    }

    /// Seen from the object around it.
    #[cold]
    pub fn in_field(mut self: Box<Self>, name: &str) -> Box<Misfit> {
        self.steps.push(Step::Field(name.into()));
        self
    }

    /// Seen from the array around it.
    #[cold]
    pub fn in_element(mut self: Box<Self>, place: usize) -> Box<Misfit> {
        self.steps.push(Step::Element(place));
        self
    }

    /// The path from the root, such as `session.calls[0].args."x-id"`; empty for the root.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Element(place) => path.push_str(&format!("[{place}]")),
                Step::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    if is_word(name) { path.push_str(name) } else { path.push_str(&format!("\"{}\"", cut(name).escape_debug())) }
                }
            }
        }
        path
    }
}

fn is_word(name: &str) -> bool {
    let starts = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
    starts && name.len() <= 2 * QUOTED && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(QUOTED).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}

/// A text cut short.
pub(crate) fn shortened(text: &str) -> String {
    let cut = cut(text);
    if cut.len() < text.len() { format!("{cut}…") } else { cut.into() }
}

/// A text in quotes and backticks, cut short.
pub(crate) fn quoted(text: &str) -> String {
    let cut = cut(text);
    format!("`\"{}{}\"`", cut.escape_debug(), if cut.len() < text.len() { "…" } else { "" })
}
