//! Texts made at random from a grammar, whichever form that is written in.

use std::collections::BTreeMap;

use pest_meta::ast::Expr;
use serde_json::Value;

/// Random numbers that a seed fixes for ever: SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    /// One of them.
    pub fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// What both forms of grammar come to, once predicates and precedences are left out.
enum Part {
    /// One of these texts.
    Text(Vec<String>),
    Rule(String),
    Sequence(Vec<Part>),
    Choice(Vec<Part>),
    /// So many times at least.
    Repeat(Box<Part>, usize),
}

/// A grammar that texts are made from.
pub struct Sentences {
    rules: BTreeMap<String, Part>,
    /// How many rules are inside of one another where a rule is written as shortly as can be.
    depths: BTreeMap<String, usize>,
    /// What stands between tokens, where the grammar does not say it.
    between: &'static [&'static str],
}

/// Deeper, whatever is shortest is chosen.
const DEPTH: usize = 22;

impl Sentences {
    /// Of a grammar as pest reads it, which says where white space stands.
    pub fn of_pest(grammar: &str) -> Sentences {
        let pairs = pest_meta::parser::parse(pest_meta::parser::Rule::grammar_rules, grammar).unwrap();
        let rules = pest_meta::parser::consume_rules(pairs).unwrap();
        let mut rules: BTreeMap<String, Part> = rules.into_iter().map(|rule| (rule.name, of_pest(rule.expr))).collect();
        rules.insert("trivia".to_owned(), text(&[" ", " ", " ", " ", " ", " ", "\n", ""]));
        for (name, parts) in TOKENS {
            rules.insert((*name).to_owned(), Part::Sequence(vec![text(parts), Part::Rule("trivia".to_owned())]));
        }
        Sentences::of(rules, &[""])
    }

    /// Of a grammar as tree-sitter reads it.
    pub fn of_tree_sitter(grammar: &str) -> Sentences {
        let grammar: Value = serde_json::from_str(grammar).unwrap();
        let rules = grammar["rules"].as_object().unwrap();
        let mut rules: BTreeMap<String, Part> = rules.iter().map(|(name, rule)| (name.clone(), of_tree_sitter(rule))).collect();
        for (name, parts) in TOKENS.iter().chain(&[("identifier", WORDS), ("_string", &["\"a\"", "r\"b\""]), ("string", &["\"a {x}\""])]) {
            rules.insert((*name).to_owned(), text(parts));
        }
        Sentences::of(rules, &[" ", " ", " ", " ", " ", "\n", ""])
    }

    fn of(rules: BTreeMap<String, Part>, between: &'static [&'static str]) -> Sentences {
        let mut sentences = Sentences { rules, depths: BTreeMap::new(), between };
        // Each round finds what can be written with the rules that were found before.
        loop {
            let found = |(name, part): (&String, &Part)| Some((name.clone(), sentences.depth(part)? + 1));
            let depths: BTreeMap<String, usize> = sentences.rules.iter().filter_map(found).collect();
            if depths == sentences.depths {
                return sentences;
            }
            sentences.depths = depths;
        }
    }

    fn depth(&self, part: &Part) -> Option<usize> {
        match part {
            Part::Text(_) | Part::Repeat(_, 0) => Some(0),
            Part::Rule(name) => self.depths.get(name).copied(),
            Part::Sequence(parts) => parts.iter().map(|part| self.depth(part)).try_fold(0, |most, depth| Some(most.max(depth?))),
            Part::Choice(parts) => parts.iter().filter_map(|part| self.depth(part)).min(),
            Part::Repeat(part, _) => self.depth(part),
        }
    }

    /// A text of that rule.
    pub fn make(&self, rule: &str, random: &mut Random) -> String {
        let mut text = String::new();
        self.write(&self.rules[rule], 0, random, &mut text);
        text
    }

    fn write(&self, part: &Part, depth: usize, random: &mut Random, to: &mut String) {
        match part {
            Part::Text(texts) => {
                to.push_str(random.pick::<String>(texts));
                to.push_str(random.pick::<&str>(self.between));
            }
            Part::Rule(name) => self.write(self.rules.get(name).unwrap_or_else(|| panic!("no rule {name}")), depth + 1, random, to),
            Part::Sequence(parts) => parts.iter().for_each(|part| self.write(part, depth, random, to)),
            Part::Choice(parts) => self.write(self.choose(parts, depth, random), depth, random, to),
            Part::Repeat(part, least) => {
                let more = if depth > DEPTH { 0 } else { [0, 0, 1, 1, 2, 3][random.below(6)] };
                (0..least + more).for_each(|_| self.write(part, depth, random, to));
            }
        }
    }

    /// Any that can be written; where it is deep already, one that ends soonest.
    fn choose<'p>(&self, parts: &'p [Part], depth: usize, random: &mut Random) -> &'p Part {
        let known: Vec<(usize, &Part)> = parts.iter().filter_map(|part| Some((self.depth(part)?, part))).collect();
        let least = known.iter().map(|(depth, _)| *depth).min().unwrap_or_default();
        let most = if depth > DEPTH { least } else { usize::MAX };
        let fitting: Vec<&Part> = known.into_iter().filter(|(depth, _)| *depth <= most).map(|(_, part)| part).collect();
        fitting[random.below(fitting.len())]
    }
}

/// Names and words, most of them no keywords.
const WORDS: &[&str] = &["a", "b", "x", "data", "input", "args", "a", "b", "in", "r", "has", "with", "where", "not", "x", "step", "tool"];

/// The tokens that are no fixed texts, by their rules in both grammars.
const TOKENS: &[(&str, &[&str])] = &[
    ("word", WORDS),
    ("name", &["a", "b", "x", "data", "input", "args", "r", "on_call"]),
    ("type_name", &["T", "U"]),
    ("number", &["1", "2.5", "1_000", "5m", "1h30m", "5x", "1_"]),
    ("quoted_string", &["\"a\"", "\"\"", "\"a {b} \\\" c\"", "\"// a\"", "\" {{ } \""]),
    ("raw_string", &["r\"a\"", "r\"\"", "r#\"a\"b\"#"]),
];

fn text(texts: &[&str]) -> Part {
    Part::Text(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn of_pest(expr: Expr) -> Part {
    match expr {
        Expr::Str(word) | Expr::Insens(word) => text(&[&word]),
        Expr::Range(from, _) => text(&[&from]),
        Expr::Ident(name) => match name.as_str() {
            "ANY" | "ASCII_ALPHA" => text(&["a"]),
            "ASCII_DIGIT" => text(&["1"]),
            "SOI" | "EOI" => text(&[""]),
            _ => Part::Rule(name),
        },
        Expr::PosPred(_) | Expr::NegPred(_) => text(&[""]),
        Expr::Seq(first, second) => Part::Sequence(vec![of_pest(*first), of_pest(*second)]),
        Expr::Choice(first, second) => match (of_pest(*first), of_pest(*second)) {
            (first, Part::Choice(mut rest)) => {
                rest.push(first);
                Part::Choice(rest)
            }
            (first, second) => Part::Choice(vec![first, second]),
        },
        Expr::Opt(part) => Part::Choice(vec![text(&[""]), of_pest(*part)]),
        Expr::Rep(part) => Part::Repeat(Box::new(of_pest(*part)), 0),
        Expr::RepOnce(part) => Part::Repeat(Box::new(of_pest(*part)), 1),
        other => panic!("{other:?}"),
    }
}

fn of_tree_sitter(rule: &Value) -> Part {
    let content = || of_tree_sitter(&rule["content"]);
    let members = || rule["members"].as_array().unwrap().iter().map(of_tree_sitter).collect();
    let own = |name: &str| rule[name].as_str().unwrap().to_owned();
    match rule["type"].as_str().unwrap() {
        "BLANK" => text(&[""]),
        "STRING" => Part::Text(vec![own("value")]),
        // The rules that have one are replaced.
        "PATTERN" => Part::Choice(Vec::new()),
        "SYMBOL" => Part::Rule(own("name")),
        "SEQ" => Part::Sequence(members()),
        "CHOICE" => Part::Choice(members()),
        "REPEAT" => Part::Repeat(Box::new(content()), 0),
        "REPEAT1" => Part::Repeat(Box::new(content()), 1),
        _ => content(),
    }
}
