//! Markdown of an author, written anew so that nothing in it reaches beyond its end.

use super::markdown::{code_span, escaped, fence};
use super::prose::{Part, Sink};

/// Writes the parts of a text as Markdown.
#[derive(Default)]
pub struct Writer {
    /// What is written.
    pub out: String,
    /// Whether all of it stands on one line.
    is_line: bool,
    /// What the lines begin with, for each part that stands around them.
    frames: Vec<Frame>,
    /// Whether something stands in the last line.
    in_line: bool,
    /// Where nothing but digits stands in it yet, whether there are any: what follows might make the line a heading or an item.
    beginning: Option<bool>,
    /// The text of the block of code that is open.
    code: Option<String>,
    /// What each open list counts.
    numbers: Vec<Option<u64>>,
}

/// What the lines of a part begin with.
struct Frame {
    /// The first line, until that is written.
    first: Option<String>,
    /// Every other.
    others: String,
}

impl Writer {
    /// Writes all on one line.
    pub fn of_line() -> Writer {
        Writer { is_line: true, ..Writer::default() }
    }

    fn begin_line(&mut self) {
        if !self.in_line {
            for frame in &mut self.frames {
                self.out.push_str(&frame.first.take().unwrap_or_else(|| frame.others.clone()));
            }
            self.in_line = true;
            self.beginning = Some(false);
        }
    }

    fn end_line(&mut self) {
        if std::mem::take(&mut self.in_line) {
            self.out.push('\n');
        }
    }

    /// An empty line, where something stands before it in the same part.
    fn begin_block(&mut self) {
        self.end_line();
        if !self.out.is_empty() && self.frames.last().is_none_or(|frame| frame.first.is_none()) {
            let frames: String = self.frames.iter().map(|frame| frame.others.as_str()).collect();
            self.out.push_str(frames.trim_end());
            self.out.push('\n');
        }
    }

    fn frame(&mut self, first: String, others: String) {
        self.frames.push(Frame { first: Some(first), others });
    }

    fn mark(&mut self, mark: &str) {
        self.begin_line();
        self.beginning = None;
        self.out.push_str(mark);
    }

    /// Text in a line, of which nothing is markup.
    fn plain(&mut self, text: &str) {
        if let Some(has_digits) = self.beginning {
            let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
            let (number, rest) = text.split_at(digits);
            let has_digits = has_digits || digits > 0;
            let is_sign = if has_digits { rest.starts_with(['.', ')']) } else { rest.starts_with(['#', '-', '+', '=']) };
            self.out.push_str(number);
            self.out.push_str(if is_sign { "\\" } else { "" });
            self.out.push_str(&escaped(rest));
            self.beginning = rest.is_empty().then_some(has_digits);
        } else {
            self.out.push_str(&escaped(text));
        }
    }

    fn begin_item(&mut self) {
        self.end_line();
        let marker = match self.numbers.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        let others = " ".repeat(marker.len());
        self.frame(marker, others);
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        let fence = fence(&code, 3);
        let inside: Vec<&str> = code.lines().collect();
        for line in [&[fence.as_str()], inside.as_slice(), &[fence.as_str()]].concat() {
            self.begin_line();
            self.out.extend(line.chars().map(crate::html::harmless));
            self.end_line();
        }
    }
}

impl Sink for Writer {
    fn open(&mut self, part: &Part) {
        match part {
            Part::Paragraph => self.begin_block(),
            Part::Heading => {
                self.begin_block();
                self.mark("**");
            }
            Part::Quote => {
                self.begin_block();
                self.frame("> ".to_owned(), "> ".to_owned());
            }
            Part::CodeBlock => {
                self.begin_block();
                self.code = Some(String::new());
            }
            Part::List(first) => {
                if self.numbers.is_empty() {
                    self.begin_block();
                }
                self.numbers.push(*first);
            }
            Part::Item => self.begin_item(),
            Part::Emphasis => self.mark("*"),
            Part::Strong => self.mark("**"),
            Part::Link(_) => self.mark("["),
            Part::Plain => {}
        }
    }

    fn close(&mut self, part: &Part) {
        match part {
            Part::Heading | Part::Strong => self.mark("**"),
            Part::Quote | Part::Item => {
                self.end_line();
                self.frames.pop();
            }
            Part::CodeBlock => self.end_code(),
            Part::List(_) => drop(self.numbers.pop()),
            Part::Emphasis => self.mark("*"),
            // Before a `;` stands what Markdown may take for the name of a sign.
            Part::Link(address) if address.contains(';') => self.mark(&format!("]({})", address.replace('&', "&amp;"))),
            Part::Link(address) => self.mark(&format!("]({address})")),
            Part::Paragraph | Part::Plain => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.line_end(false);
            }
            let line = if self.in_line { line } else { line.trim_start() };
            if !line.is_empty() {
                self.begin_line();
                self.plain(line);
            }
        }
    }

    fn code(&mut self, text: &str) {
        self.mark(&code_span(text));
    }

    fn line_end(&mut self, is_hard: bool) {
        if self.is_line {
            self.out.push(' ');
            return;
        }
        if is_hard && self.in_line {
            self.out.push('\\');
        }
        self.end_line();
    }

    fn rule(&mut self) {
        self.begin_block();
        self.begin_line();
        self.out.push_str("---");
        self.end_line();
    }
}

#[cfg(test)]
mod tests {
    use super::super::prose::walk;
    use super::*;

    fn written(markdown: &str) -> String {
        let mut writer = Writer::default();
        walk(markdown, false, &mut writer);
        writer.out.trim_end().to_owned()
    }

    #[test]
    fn what_is_plain_stays_what_it_is() {
        for text in [
            "A line\nand another.\n\nA paragraph with `code`, *stress*, **more** and [a link](https://a.example/b?c=d#e).",
            "- one\n- two\n  more of it\n\nafter",
            "1. one\n2. two",
            "> quoted\n>\n> more",
            "```\nlet x = 1\n  | y\n```",
            "- a\n  - b\n- c",
        ] {
            assert_eq!(written(text), text);
        }
    }

    #[test]
    fn nothing_reaches_beyond_its_end() {
        assert_eq!(written("# Big\n\n<b onclick=x>hi</b> | &lt;i&gt;"), "**Big**\n\n\\<b onclick=x\\>hi\\</b\\> \\| \\<i\\>");
        assert_eq!(written("```\nnever closed `` ` ```` "), "`````\nnever closed `` ` ```` \n`````");
        assert_eq!(written("\\# a\n\\- b\n1\\. c"), "\\# a\n\\- b\n1\\. c");
        assert_eq!(written("[x](javascript:alert(1)) ![y](http://e.vil/z.png) [z](data:text/html,a)"), "x y z");
        assert_eq!(written("[x]: http://e.vil\n\n[x] [a](<http://b/c d)e>)"), "[x](http://e.vil) [a](http://b/c%20d%29e)");
        assert_eq!(
            written("[x](https://a.example/?b=1&c=2) [y](https://a.example/?b;&amp;lt;)"),
            "[x](https://a.example/?b=1&c=2) [y](https://a.example/?b;&amp;lt;)"
        );
        assert_eq!(written("<!--\nopen"), "\\<!--\nopen");
    }

    #[test]
    fn depth_ends() {
        assert!(written(&">".repeat(10_000)).len() < 100);
        assert!(written(&format!("{}x", "- ".repeat(5_000))).ends_with('x'));
    }

    #[test]
    fn a_line_stays_one() {
        let mut writer = Writer::of_line();
        walk("# a\n\n- b\n- c | d\n\n```\ne\nf\n```\n<p>g", true, &mut writer);
        assert!(!writer.out.contains('\n'), "{}", writer.out);
    }
}
