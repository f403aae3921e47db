//! Readers of JSON compared: the same tool calls of four sizes, the same fields wanted of them. Prints a table of each kind in Markdown.

mod call;
mod faults;
mod readers;

use std::hint::black_box;
use std::time::Duration;

use call::Text;

const SIZES: [usize; 4] = [300, 1_000, 4_000, 64_000];
/// Calls of one size differ, as many as a processor's cache holds.
const BYTES: usize = 1 << 19;

/// How often everything is measured, in turn; the best median counts, since other programs only ever add to it.
const ROUNDS: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let budget = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0.2);
    let only = arguments.next().unwrap_or_default();
    faults::print();
    for whole in [false, true] {
        let mut readers = readers::all(whole);
        readers.retain(|reader| reader.name.contains(&only));
        let kinds: Vec<_> = kinds().map(|(size, text)| (size, text, call::calls(size, text, (BYTES / size).min(256)))).collect();
        let mut best = vec![vec![f64::INFINITY; kinds.len()]; readers.len()];
        for _ in 0..ROUNDS {
            for (reader, best) in readers.iter().zip(&mut best) {
                for ((_, _, calls), best) in kinds.iter().zip(best) {
                    *best = best.min(time(reader, calls, whole, budget));
                }
            }
        }
        println!("\n{}\n", if whole { "The long field read:" } else { "The long field passed over:" });
        let titles: Vec<String> = kinds.iter().map(|(size, text, _)| format!("{size} B, {}", format!("{text:?}").to_lowercase())).collect();
        println!("| ns, p50 | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(kinds.len()));
        for (reader, best) in readers.iter().zip(&best) {
            let times: Vec<String> = best.iter().map(|time| format!("{time:.0}")).collect();
            println!("| {} | {} |", reader.name, times.join(" | "));
        }
    }
}

fn kinds() -> impl Iterator<Item = (usize, Text)> {
    [Text::Plain, Text::Escaped].into_iter().flat_map(|text| SIZES.map(|size| (size, text)))
}

/// The median of nanoseconds that reading takes.
fn time(reader: &readers::Reader, calls: &[String], whole: bool, budget: f64) -> f64 {
    for call in calls {
        let got = (reader.read)(call.as_bytes()).expect("the call fits");
        assert!(got.is_none_or(|got| got == expected(call, whole)), "{} reads something else", reader.name);
    }
    let latency = peers_harness::time_each(calls.len(), Duration::from_secs_f64(budget), |place| {
        let _ = black_box((reader.read)(calls[place].as_bytes()));
    });
    latency.p50
}

/// What reading gives, by a reader that knows nothing of the fields.
fn expected(call: &str, whole: bool) -> usize {
    let value: serde_json::Value = serde_json::from_str(call).expect("calls are JSON");
    let text = |path: &str| value.pointer(path).and_then(|text| text.as_str()).map_or(0, str::len);
    let texts = ["/agent/id", "/agent/role", "/tool/name", "/tool/server", "/context/environment", "/args/recipient"];
    let size = value.pointer("/args/size").and_then(|size| size.as_u64()).unwrap_or(0) as usize;
    texts.into_iter().map(text).sum::<usize>() + size + if whole { text("/args/body") } else { 0 }
}
