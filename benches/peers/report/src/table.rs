//! Records as Markdown.

use peers_harness::{Outcome, Record};
use peers_workloads::Workload;

use crate::peers::{HAND_WRITTEN, HAND_WRITTEN_OWNED, Peer, counted};

/// A peer and what came of running it.
pub struct Row {
    pub peer: Peer,
    pub outcome: Outcome,
}

impl Row {
    /// The better of two runs; a peer that was refused once is refused.
    pub fn better(self, other: Row) -> Row {
        let outcome = match (self.outcome, other.outcome) {
            (Outcome::Measured(one), Outcome::Measured(two)) => Outcome::Measured(Box::new(one.better(*two))),
            (refused @ Outcome::Refused(_), _) | (_, refused) => refused,
        };
        Row { peer: self.peer, outcome }
    }

    fn record(&self) -> Option<&Record> {
        match &self.outcome {
            Outcome::Measured(record) => Some(record),
            Outcome::Refused(_) => None,
        }
    }

    /// How many decisions differ from the expected ones.
    pub fn wrong(&self) -> usize {
        let Some(record) = self.record() else { return 0 };
        for example in &record.checked.examples {
            eprintln!("{}: {example:?}", self.peer.name);
        }
        record.checked.wrong
    }

    /// Half of the decisions from decoded input take no more nanoseconds.
    fn decide(&self) -> Option<f64> {
        Some(self.record()?.decide.p50)
    }

    fn end_to_end(&self) -> Option<f64> {
        Some(self.record()?.end_to_end.p50)
    }
}

/// What a row is divided by.
struct References {
    decide: Option<f64>,
    from_bytes: Option<f64>,
    owned: Option<f64>,
}

impl References {
    fn among(rows: &[Row]) -> References {
        let named = |name: &str| rows.iter().find(|row| row.peer.name == name);
        let first = named(HAND_WRITTEN);
        References {
            decide: first.and_then(Row::decide),
            from_bytes: first.and_then(Row::end_to_end),
            owned: named(HAND_WRITTEN_OWNED).and_then(Row::end_to_end),
        }
    }
}

const HEAD: &str = "\
| engine | load | decode p50 | decide p50 / p99 | mean | ÷ | from bytes p50 / p99 | mean | ÷ needed | ÷ everything | allocations: decide, from bytes | heap | checked / wrong |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// The table of a workload at a size.
pub fn markdown(workload: Workload, size: usize, rows: &[Row]) -> String {
    let references = References::among(rows);
    let title = if workload == Workload::Single { String::new() } else { format!("**{} {}**\n\n", grouped(size), counted(workload)) };
    let lines: String = rows.iter().map(|row| line(row, &references)).collect();
    title + HEAD + &lines
}

fn line(row: &Row, references: &References) -> String {
    let name = row.peer.name;
    let record = match &row.outcome {
        Outcome::Measured(record) => record,
        Outcome::Refused(failure) => {
            let message = failure.message.replace(['\n', '|'], " ");
            return format!("| {name} | {} | refused: {message} |||||||||||\n", time(failure.after_ms * 1e6));
        }
    };
    let load = match record.compile_ms {
        Some(compile) => format!("{} + {}", time(compile * 1e6), time(record.load_ms * 1e6)),
        None => time(record.load_ms * 1e6),
    };
    let ratio = |part: Option<f64>, whole: Option<f64>| part.zip(whole).map_or("–".into(), |(part, whole)| times(part / whole));
    let (allocations, heap) = match &record.allocations {
        Some(counted) => (format!("{}, {}", number(counted.decide), number(counted.end_to_end)), bytes(counted.heap_bytes)),
        None => ("–".into(), "–".into()),
    };
    let (decide, end) = (&record.decide, &record.end_to_end);
    let trip = record.round_trip.as_ref().map_or(String::new(), |trip| format!(" (round trip {} / {})", time(trip.p50), time(trip.p99)));
    format!(
        "| {name} | {load} | {} | {} / {} | {} | {} | {} / {}{trip} | {} | {} | {} | {allocations} | {heap} | {} / {} |\n",
        time(record.decode.p50),
        time(decide.p50),
        time(decide.p99),
        time(decide.mean),
        ratio(row.decide(), references.decide),
        time(end.p50),
        time(end.p99),
        time(end.mean),
        ratio(row.end_to_end(), references.from_bytes),
        ratio(row.end_to_end(), references.owned),
        grouped(record.checked.number),
        record.checked.wrong,
    )
}

/// A workload's rows at all sizes.
#[derive(Default)]
pub struct Growth {
    sizes: Vec<usize>,
    rows: Vec<Vec<Row>>,
}

impl Growth {
    pub fn add(&mut self, size: usize, rows: Vec<Row>) {
        self.sizes.push(size);
        self.rows.push(rows);
    }

    /// A line for each peer: half of the decisions, from decoded input and from bytes, at each size. Nothing where there is one size.
    pub fn markdown(&self) -> String {
        if self.sizes.len() < 2 {
            return String::new();
        }
        let sizes: String = self.sizes.iter().map(|size| format!(" {} |", grouped(*size))).collect();
        let mut names: Vec<&str> = Vec::new();
        for row in self.rows.iter().flatten() {
            if !names.contains(&row.peer.name) {
                names.push(row.peer.name);
            }
        }
        let lines: String = names.into_iter().map(|name| self.line(name)).collect();
        format!("Growth: decide, from bytes (p50)\n\n| engine |{sizes}\n|---|{}\n{lines}", "---|".repeat(self.sizes.len()))
    }

    fn line(&self, name: &str) -> String {
        let cell = |rows: &Vec<Row>| {
            let row = rows.iter().find(|row| row.peer.name == name);
            let found = row.and_then(|row| row.decide().zip(row.end_to_end()));
            found.map_or(" – |".into(), |(decide, from_bytes)| format!(" {}, {} |", time(decide), time(from_bytes)))
        };
        format!("| {name} |{}\n", self.rows.iter().map(cell).collect::<String>())
    }
}

/// Three digits.
fn digits(number: f64) -> String {
    let places = match number.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{number:.places$}")
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds.abs() {
        size if size >= 0.9995e9 => format!("{} s", digits(nanoseconds / 1e9)),
        size if size >= 0.9995e6 => format!("{} ms", digits(nanoseconds / 1e6)),
        size if size >= 999.5 => format!("{} µs", digits(nanoseconds / 1e3)),
        _ => format!("{nanoseconds:.0} ns"),
    }
}

fn times(ratio: f64) -> String {
    if ratio >= 1_000.0 { format!("{}×", grouped(ratio.round() as usize)) } else { format!("{}×", digits(ratio)) }
}

fn number(number: f64) -> String {
    if number >= 1_000.0 { grouped(number.round() as usize) } else { format!("{}", (number * 10.0).round() / 10.0) }
}

fn bytes(bytes: i64) -> String {
    match bytes as f64 {
        size if size >= 1e6 => format!("{} MB", digits(size / 1e6)),
        size if size >= 1e3 => format!("{} kB", digits(size / 1e3)),
        size => format!("{size} B"),
    }
}

/// A number in groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
