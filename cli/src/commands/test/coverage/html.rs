//! Coverage as one page of HTML that needs nothing else: a table, and the source with what was seen of it marked.

use std::collections::BTreeMap;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::testing::coverage::RuleCoverage;

use crate::html::{FOOT, escape, head, pieces};
use crate::output::{count, tenths};

use super::{Covered, Extent, summary};

/// A place in a file's text that is marked.
struct Mark {
    start: usize,
    end: usize,
    extent: Extent,
    /// What is told of it.
    told: String,
}

/// The page.
pub fn page(covered: &Covered<'_>) -> String {
    let files = marks(covered);
    let percent = tenths(covered.coverage.percent());
    let mut out = head("Policy coverage", include_str!("page.css"), "");
    out.push_str(&format!(
        "<h1>Policy coverage</h1>\n<p class=\"total\">{}</p>\n<div class=\"bar\"><i style=\"width:{percent}%\"></i></div>\n",
        escape(&summary::total(covered)),
    ));
    out.push_str(&table(covered));
    out.push_str(
        "<p class=\"key\"><mark class=\"full\">both outcomes seen</mark><mark class=\"half\">one of two</mark><mark class=\"none\">nothing</mark>\
         <span class=\"faint\">A mark tells its counts when it is pointed at.</span></p>\n",
    );
    for (id, marks) in &files {
        out.push_str(&format!("<h2>{}</h2>\n", escape(covered.sources().path(*id))));
        out.push_str(&source(*id, covered.sources().text(*id), marks));
    }
    out + FOOT
}

fn table(covered: &Covered<'_>) -> String {
    let coverage = &covered.coverage;
    let mut out = "<table>\n<tr><th>rule</th><th>effect</th><th class=\"n\">matched</th><th class=\"n\">outcomes</th></tr>\n".to_owned();
    for rule in &coverage.rules {
        let link = link(covered, &rule.name, rule.at);
        let (matched, effect) = (class(Extent::whole(rule.matched)), rule.effect.name());
        out.push_str(&format!(
            "<tr><td>{link}</td><td>{effect}</td><td class=\"n {matched}\">{}</td>{}</tr>\n",
            rule.matched,
            outcomes(rule.outcomes())
        ));
    }
    for score in &coverage.scores {
        let link = link(covered, &score.name, score.at);
        out.push_str(&format!("<tr><td>{link}</td><td>score</td><td class=\"n\">–</td>{}</tr>\n", outcomes(score.outcomes())));
    }
    out + "</table>\n"
}

fn link(covered: &Covered<'_>, name: &str, at: Location) -> String {
    format!("<a href=\"#f{}l{}\">{}</a>", at.file.0, covered.start(at).line, escape(name))
}

fn outcomes((seen, all): (usize, usize)) -> String {
    let extent = if seen == all {
        Extent::Full
    } else if seen > 0 {
        Extent::Half
    } else {
        Extent::None
    };
    format!("<td class=\"n {}\">{seen}/{all}</td>", class(extent))
}

/// What is marked in each file, in order.
fn marks(covered: &Covered<'_>) -> BTreeMap<FileId, Vec<Mark>> {
    let mut files: BTreeMap<FileId, Vec<Mark>> = BTreeMap::new();
    let mut add = |at: Location, extent: Extent, told: String| {
        let mark = Mark { start: at.span.start as usize, end: at.span.end as usize, extent, told };
        files.entry(at.file).or_default().push(mark);
    };
    for rule in &covered.coverage.rules {
        let RuleCoverage { at, matched, .. } = rule;
        add(*at, Extent::whole(*matched), format!("matched in {}", count_of(*matched, "decision")));
        if let Some(because) = &rule.because {
            add(because.at, Extent::whole(because.given), format!("given in {}", count_of(because.given, "decision")));
        }
    }
    for condition in covered.coverage.conditions() {
        add(condition.at, Extent::of(condition), format!("true {}×, false {}×", condition.seen_true, condition.seen_false));
    }
    files.values_mut().for_each(|marks| marks.sort_by_key(|mark| (mark.start, mark.end)));
    files
}

fn count_of(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// A file's text, line by line.
fn source(id: FileId, text: &str, marks: &[Mark]) -> String {
    let mut page = Page { out: "<pre>".to_owned(), file: id, line: 0, open: None };
    page.begin_line();
    let ranges: Vec<_> = marks.iter().map(|mark| mark.start..mark.end).collect();
    for piece in pieces(text, &ranges) {
        if page.open != piece.mark {
            page.close();
        }
        page.piece(piece.text, piece.tag, piece.mark.and_then(|place| Some((place, marks.get(place)?))));
    }
    page.close();
    page.out + "</span></pre>\n"
}

struct Page {
    out: String,
    file: FileId,
    line: usize,
    /// The mark that is open, by its place in the file.
    open: Option<usize>,
}

impl Page {
    fn begin_line(&mut self) {
        self.line += 1;
        self.out.push_str(&format!("<span id=\"f{}l{}\">", self.file.0, self.line));
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.out.push_str("</mark>");
        }
    }

    fn piece(&mut self, text: &str, tag: Option<&str>, mark: Option<(usize, &Mark)>) {
        for (number, part) in text.split('\n').enumerate() {
            if number > 0 {
                self.close();
                self.out.push_str("</span>");
                self.begin_line();
            }
            if part.is_empty() {
                continue;
            }
            if let Some((place, mark)) = mark.filter(|_| self.open.is_none() && !part.trim().is_empty()) {
                self.out.push_str(&format!("<mark class=\"{}\" title=\"{}\">", class(mark.extent), escape(&mark.told)));
                self.open = Some(place);
            }
            let part = escape(part);
            match tag {
                Some(tag) => self.out.push_str(&format!("<{tag}>{part}</{tag}>")),
                None => self.out.push_str(&part),
            }
        }
    }
}

fn class(extent: Extent) -> &'static str {
    match extent {
        Extent::Full => "full",
        Extent::Half => "half",
        Extent::None => "none",
    }
}
