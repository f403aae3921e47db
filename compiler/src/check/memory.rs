//! What is kept from checking a set, so that the next check of it looks at what has changed alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;
use tollgate_evaluator::plan::Pattern;
use tollgate_stdlib::Function as Builtin;
use tollgate_stdlib::types::{RecordType, Type};

use crate::diagnostic::{Diagnostic, FileId, Location, Suggestions};
use crate::program;

use super::budget::Budget;
use super::definitions::Signature;
use super::notes::Declared;
use super::scope::{Args, Reads};
use super::symbols::{Place, RuleOrder, ValueRef};
use super::types::DeclaredType;

/// What is known of a set that was checked.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// What the declarations come to.
    pub known: Known,
    /// What is wrong with them, definitions and scores apart.
    pub declared: Vec<Diagnostic>,
    /// What is wrong with definitions and scores.
    pub defined: Vec<Diagnostic>,
    /// The pieces of definitions and of scores, each in the order of their names.
    pub definitions: [Vec<FileId>; 2],
    /// The definitions and scores that other declarations lean on.
    pub fixed: HashSet<ValueRef>,
    /// The rules.
    pub rules: Outcomes<program::Rule>,
    /// The order of the rules.
    pub order: RuleOrder,
    /// The tests.
    pub tests: Outcomes<program::Test>,
    /// The properties.
    pub properties: Outcomes<program::Property>,
    /// How many suggestions may be made yet.
    pub suggestions: Suggestions,
    /// Whether an outcome leans on the name of an item that could not be read.
    pub leans: bool,
    /// Whether every outcome is independent of the others: where a bound of the whole set is reached, it is not.
    pub is_reliable: bool,
}

impl Memory {
    /// Forgets what may depend on which names the set's rules have: tests name them, and what is said of an unknown name may.
    pub fn forget_names(&mut self) {
        self.rules.retain_sound();
        self.tests = Outcomes::default();
        self.properties = Outcomes::default();
    }

    /// Forgets what leans on those values, and what has something wrong with it, which may point at them.
    pub fn forget_users(&mut self, values: &HashSet<ValueRef>) {
        self.rules.retain_apart_from(values);
        self.tests.retain_apart_from(values);
        self.properties.retain_apart_from(values);
    }
}

/// What the declarations of a set come to.
#[derive(Clone, Debug)]
pub struct Known {
    pub types: Vec<DeclaredType>,
    pub input: Arc<RecordType>,
    pub tool_field: Option<usize>,
    pub args_field: Option<usize>,
    pub session_field: Option<usize>,
    pub tools: Vec<program::Tool>,
    pub data: Vec<program::Data>,
    pub signatures: Vec<Signature>,
    pub scores: Vec<Signature>,
    /// What the definitions checked so far read, by position.
    pub definition_reads: HashMap<usize, Reads>,
    pub tools_by_name: HashMap<Arc<str>, Vec<usize>>,
    /// The type of `args` by the entries of `on`.
    pub args_known: HashMap<Vec<SmolStr>, Args>,
    /// The types of requests that name a tool, by its place.
    pub requests_known: HashMap<usize, Type>,
    /// Data by full name, and by the last part of it.
    pub data_named: HashMap<Arc<str>, Vec<usize>>,
    pub obligations: Vec<program::Obligation>,
    pub decision_type: Type,
    pub methods: HashMap<&'static str, Vec<&'static Builtin>>,
    /// The patterns that were found usable, and what they take when compiled.
    pub patterns: HashSet<Pattern>,
    pub pattern_bytes: usize,
    /// Where fields and variants are declared.
    pub declared: HashMap<Declared, Location>,
    /// The variants of every declared enum.
    pub variants: HashSet<Arc<str>>,
    pub budget: Budget,
}

impl Default for Known {
    fn default() -> Known {
        Known {
            types: Vec::new(),
            input: Arc::new(RecordType::new(None, Vec::new(), false)),
            tool_field: None,
            args_field: None,
            session_field: None,
            tools: Vec::new(),
            data: Vec::new(),
            signatures: Vec::new(),
            scores: Vec::new(),
            definition_reads: HashMap::new(),
            tools_by_name: HashMap::new(),
            args_known: HashMap::new(),
            requests_known: HashMap::new(),
            data_named: HashMap::new(),
            obligations: Vec::new(),
            decision_type: Type::Error,
            methods: HashMap::new(),
            patterns: HashSet::new(),
            pattern_bytes: 0,
            declared: HashMap::new(),
            variants: HashSet::new(),
            budget: Budget::default(),
        }
    }
}

impl Known {
    /// What is known before anything is declared.
    pub fn new() -> Known {
        let mut known = Known::default();
        for function in tollgate_stdlib::all() {
            known.methods.entry(function.name).or_default().push(function);
        }
        known
    }

    /// Whether a bound of the whole set is reached, counting all that was ever checked.
    pub fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted() || self.pattern_bytes > Pattern::MAX_TOTAL
    }
}

/// What came of checking an item.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// What it is; `None` where that cannot be said.
    pub value: Option<Arc<T>>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// The definitions and scores that it leans on.
    pub leans_on: Box<[ValueRef]>,
}

/// The outcomes of items, by the pieces of text that they stand in.
#[derive(Clone, Debug)]
pub struct Outcomes<T> {
    by_piece: HashMap<FileId, Outcome<T>, foldhash::fast::RandomState>,
    /// The pieces of the items as they were listed last, where each has a value and nothing is wrong with any.
    sound: Vec<FileId>,
}

impl<T> Default for Outcomes<T> {
    fn default() -> Self {
        Outcomes { by_piece: HashMap::default(), sound: Vec::new() }
    }
}

impl<T> Outcomes<T> {
    /// The values of items and what is wrong with them. What `before` has of items that were sound is taken from there, in a walk beside it; other
    /// outcomes that are not known are as `check` gives them.
    pub fn list(&mut self, places: &[Place<'_>], before: Vec<Arc<T>>, mut check: impl FnMut(usize) -> Outcome<T>) -> (Vec<Arc<T>>, Vec<Diagnostic>) {
        let sound = std::mem::take(&mut self.sound);
        let last = sound.iter().max().copied();
        let mut known = sound.into_iter().zip(before);
        let (mut values, mut diagnostics) = (Vec::with_capacity(places.len()), Vec::new());
        for (index, place) in places.iter().enumerate() {
            // Numbers of pieces grow: a later one than all that were sound is not among them.
            let may_be_known = last.is_some_and(|last| place.piece <= last);
            if let Some((_, value)) = may_be_known.then(|| known.find(|(piece, _)| *piece == place.piece)).flatten() {
                values.push(value);
                continue;
            }
            let outcome = self.by_piece.entry(place.piece).or_insert_with(|| check(index));
            values.extend(outcome.value.clone());
            diagnostics.extend_from_slice(&outcome.diagnostics);
        }
        if diagnostics.is_empty() && values.len() == places.len() {
            self.sound = places.iter().map(|place| place.piece).collect();
        }
        self.shrink(places);
        (values, diagnostics)
    }

    /// Keeps the outcomes with which nothing is wrong.
    fn retain_sound(&mut self) {
        self.retain(|outcome| outcome.diagnostics.is_empty());
    }

    /// Keeps the outcomes with which nothing is wrong and that lean on none of those values.
    fn retain_apart_from(&mut self, values: &HashSet<ValueRef>) {
        self.retain(|outcome| outcome.diagnostics.is_empty() && !outcome.leans_on.iter().any(|value| values.contains(value)));
    }

    fn retain(&mut self, is_kept: impl Fn(&Outcome<T>) -> bool) {
        let count = self.by_piece.len();
        self.by_piece.retain(|_, outcome| is_kept(outcome));
        if self.by_piece.len() < count {
            self.sound.clear();
        }
    }

    /// Forgets items that are gone, once they are many.
    fn shrink(&mut self, present: &[Place<'_>]) {
        if self.by_piece.len() > present.len() + present.len() / 4 + 64 {
            let present: HashSet<FileId> = present.iter().map(|place| place.piece).collect();
            self.by_piece.retain(|piece, _| present.contains(piece));
        }
    }
}
