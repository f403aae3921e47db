//! Time to compile: from source to plan at several sizes, and after an edit of one rule. A set of 100,000 rules is compiled once, and its time printed.

use std::sync::Arc;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};

const SIZES: [u64; 3] = [100, 1_000, 10_000];
const LARGE: u64 = 100_000;
const EDITED: u64 = 10_000;

fn from_source(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compile");
    for rules in SIZES {
        let policy = tollgate_benches::policy(rules);
        let bytes: usize = policy.files().iter().map(|file| file.text.len()).sum();
        group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("check", rules), |bencher| {
            bencher.iter_with_large_drop(|| PolicySet::check(policy.clone()));
        });
        group.bench_function(BenchmarkId::new("plan", rules), |bencher| {
            bencher.iter_with_large_drop(|| {
                let set = PolicySet::check(policy.clone());
                (set.compile(), set)
            });
        });
    }
    group.finish();
    if !std::env::args().any(|arg| arg == "--test") {
        print_large();
    }
}

fn print_large() {
    let policy = tollgate_benches::policy(LARGE);
    let start = Instant::now();
    let set = PolicySet::check(policy);
    let checked = start.elapsed();
    let is_sound = set.compile().is_ok();
    println!("{LARGE} rules: checked in {checked:.1?}, a plan in {:.1?} (sound: {is_sound})", start.elapsed());
}

/// A question about a set.
type Ask = fn(&mut PolicySet) -> bool;

/// What is asked of a set after an edit.
const ASKS: [(&str, Ask); 3] = [
    ("diagnostics", |set| !set.has_errors()),
    ("diagnostics and plan", |set| set.plan().is_ok()),
    ("diagnostics and lints", |set| set.lints(&Levels::default()).is_empty()),
];

/// One rule has one form and another in turn: its file is cut, the rule parsed and checked, the plan kept up.
fn edit(criterion: &mut Criterion) {
    let policy = tollgate_benches::policy(EDITED);
    let Some((file, texts)) = forms(&policy) else { return };
    let mut forms = texts.iter().cycle();
    let mut set = PolicySet::check(policy);
    println!("sound before the edits: {}", set.plan().is_ok());
    let mut set = Some(set);
    let mut group = criterion.benchmark_group(format!("edit of one rule of {EDITED}"));
    group.sample_size(30);
    for (what, ask) in ASKS {
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                let text = forms.next().cloned().unwrap_or_default();
                let mut edited = set.take()?.edit(file, text);
                let answer = ask(&mut edited);
                set = Some(edited);
                Some(answer)
            });
        });
    }
    group.finish();
}

/// A file with a rule in the middle of the set, in two forms.
fn forms(policy: &Sources) -> Option<(FileId, [Arc<str>; 2])> {
    let name = format!(" r{:06}\n", EDITED / 2);
    let (file, source) = (0..).zip(policy.files()).find(|(_, source)| source.text.contains(&name))?;
    let at = source.text.find(&name)?;
    let (before, after) = source.text.split_at(at + source.text.get(at..)?.find("when ")? + "when ".len());
    let form = |id: &str| format!("{before}agent.id == \"{id}\" and {after}").into();
    Some((FileId(file), [form("one"), form("other")]))
}

criterion_group!(benches, from_source, edit);
criterion_main!(benches);
