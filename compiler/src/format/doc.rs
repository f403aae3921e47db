//! A document of texts and possible line ends, and how it is laid out in a width.
//!
//! A group is printed on one line if it fits, else each of its own lines is broken. Comments at line ends are
//! suffixes: they wait for the next line end, so that no code can come to stand behind them.

/// A piece of a document.
pub(super) enum Doc<'a> {
    /// A text without line ends.
    Text(&'a str),
    /// A space, or a line end where its group is broken.
    Line,
    /// Nothing, or a line end where its group is broken.
    SoftLine,
    /// A line end, which breaks every group around it.
    HardLine,
    /// A line end unless the line is empty; breaks every group around it.
    FreshLine,
    /// Makes the next line end leave a line empty, where the group is broken.
    Blank,
    /// A comment for the end of the line; breaks the groups around it that go on after it.
    Suffix(&'a str),
    /// A text for a group on one line.
    Flat(&'static str),
    /// A text for a broken group.
    Broken(&'static str),
    /// Lines inside are indented further.
    Indent(Block<'a>),
    /// Broken as a whole or not at all.
    Group(Block<'a>),
}

/// Pieces in order, with what they mean for the groups around them.
pub(super) struct Block<'a> {
    docs: Vec<Doc<'a>>,
    /// Whether a line end is certain.
    broken: bool,
    /// Whether a suffix comes first, before any text.
    begins_with_suffix: bool,
    /// Whether no text follows the last suffix.
    ends_with_suffix: bool,
    has_text: bool,
}

impl<'a> Block<'a> {
    pub(super) fn new(docs: Vec<Doc<'a>>) -> Self {
        let mut block = Block { docs: Vec::new(), broken: false, begins_with_suffix: false, ends_with_suffix: false, has_text: false };
        for doc in &docs {
            block.account(doc);
        }
        block.docs = docs;
        block
    }

    fn account(&mut self, doc: &Doc<'_>) {
        match doc {
            Doc::HardLine | Doc::FreshLine => self.broken = true,
            Doc::Suffix(_) => {
                self.begins_with_suffix |= !self.has_text;
                self.ends_with_suffix = true;
            }
            Doc::Text(_) => self.account_text(),
            Doc::Indent(inner) | Doc::Group(inner) => {
                self.broken |= inner.broken;
                self.begins_with_suffix |= !self.has_text && inner.begins_with_suffix;
                if inner.has_text {
                    self.account_text();
                }
                self.ends_with_suffix |= inner.ends_with_suffix;
            }
            Doc::Line | Doc::SoftLine | Doc::Blank | Doc::Flat(_) | Doc::Broken(_) => {}
        }
    }

    fn account_text(&mut self) {
        self.broken |= self.ends_with_suffix;
        self.ends_with_suffix = false;
        self.has_text = true;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Flat,
    Broken,
}

const INDENT: usize = 2;

/// Lays a document out in lines of that many characters where possible.
pub(super) fn print(docs: &[Doc<'_>], width: usize) -> String {
    let mut printer = Printer { width, out: String::new(), column: 0, suffixes: Vec::new(), blank: false };
    let mut stack: Vec<Command<'_, '_>> = docs.iter().rev().map(|doc| (0, Mode::Broken, doc)).collect();
    while let Some((indent, mode, doc)) = stack.pop() {
        match doc {
            Doc::Text(text) => printer.text(text),
            Doc::Flat(text) if mode == Mode::Flat => printer.text(text),
            Doc::Broken(text) if mode == Mode::Broken => printer.text(text),
            Doc::Flat(_) | Doc::Broken(_) => {}
            Doc::Line if mode == Mode::Flat => printer.text(" "),
            Doc::SoftLine if mode == Mode::Flat => {}
            Doc::Line | Doc::SoftLine | Doc::HardLine => printer.newline(indent),
            Doc::FreshLine if printer.line_is_empty() => {}
            Doc::FreshLine => printer.newline(indent),
            Doc::Blank => printer.blank |= mode == Mode::Broken,
            Doc::Suffix(comment) => printer.suffixes.push(comment),
            Doc::Indent(block) => stack.extend(block.docs.iter().rev().map(|doc| (indent + INDENT, mode, doc))),
            Doc::Group(block) => {
                let flat = mode == Mode::Flat || !block.broken && printer.fits(block, &stack);
                let mode = if flat { Mode::Flat } else { Mode::Broken };
                stack.extend(block.docs.iter().rev().map(|doc| (indent, mode, doc)));
            }
        }
    }
    printer.finish()
}

type Command<'d, 'a> = (usize, Mode, &'d Doc<'a>);

struct Printer<'a> {
    width: usize,
    out: String,
    column: usize,
    suffixes: Vec<&'a str>,
    blank: bool,
}

impl<'a> Printer<'a> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line_is_empty(&self) -> bool {
        self.suffixes.is_empty() && self.out.trim_end_matches(' ').ends_with('\n') || self.out.is_empty()
    }

    fn newline(&mut self, indent: usize) {
        self.flush();
        self.out.push('\n');
        if std::mem::take(&mut self.blank) && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    /// Ends the line's text: no space at its end, then its comments.
    fn flush(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        for comment in std::mem::take(&mut self.suffixes) {
            if !self.out.is_empty() && !self.out.ends_with('\n') {
                self.out.push(' ');
            }
            self.out.push_str(comment);
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        let length = self.out.trim_end().len();
        self.out.truncate(length);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Whether a block on one line, and what follows up to the next possible line end, fits in the width.
    fn fits(&self, block: &Block<'a>, rest: &[Command<'_, 'a>]) -> bool {
        let Some(mut left) = self.width.checked_sub(self.column) else { return false };
        let mut stack: Vec<(Mode, &Doc<'_>)> = block.docs.iter().rev().map(|doc| (Mode::Flat, doc)).collect();
        let mut rest = rest.iter().rev();
        loop {
            let (mode, doc) = match stack.pop() {
                Some(next) => next,
                None => match rest.next() {
                    Some((_, mode, doc)) => (*mode, *doc),
                    None => return true,
                },
            };
            let text = match doc {
                Doc::Text(text) => text,
                Doc::Flat(text) if mode == Mode::Flat => text,
                Doc::Broken(text) if mode == Mode::Broken => text,
                Doc::Line if mode == Mode::Flat => " ",
                Doc::Line | Doc::SoftLine if mode == Mode::Broken => return true,
                Doc::HardLine | Doc::FreshLine => return true,
                Doc::Indent(inner) => {
                    stack.extend(inner.docs.iter().rev().map(|doc| (mode, doc)));
                    continue;
                }
                Doc::Group(inner) => {
                    stack.extend(inner.docs.iter().rev().map(|doc| (mode, doc)));
                    continue;
                }
                _ => continue,
            };
            match left.checked_sub(text.chars().count()) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }
}
