//! What a reference says of one item.

use tollgate_compiler::program::Tool as Declared;
use tollgate_compiler::syntax::ast::{Annotation, Effect, Expr, FieldDecl, Item, ItemKind, Rule, Span, Tool, TypeExpr, TypeKind};
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Kept;

use super::anchors::{template, word};
use super::layout::Code;
use super::model::{Entry, Model};
use super::page::{Block, Inline, Line, Row, Section, Table, code, list, text};

/// How many others a fact lists that are not the item's own.
const SHOWN: usize = 50;

/// The effects, the strongest first.
pub const EFFECTS: [Effect; 3] = [Effect::Deny, Effect::Review, Effect::Allow];

/// What links to the section about the rules of each tool name.
pub const RULES_BY_TOOL: &str = "rules-by-tool";

/// The section of an item.
pub fn section(model: &Model<'_>, entry: &Entry<'_>) -> Section {
    let mut section = Section::new(entry.anchor.clone(), title(entry));
    section.is_entry = true;
    section.label = label(entry);
    section.blocks.extend(doc(model, entry));
    let mut facts = match &entry.item.kind {
        ItemKind::Rule(rule) => rule_facts(model, entry, rule),
        ItemKind::Tool(tool) => tool_facts(model, entry, tool),
        _ => Vec::new(),
    };
    facts.extend(annotations(entry.item));
    facts.extend(own_facts(model, entry));
    if !facts.is_empty() {
        section.blocks.push(Block::Facts(facts));
    }
    section.blocks.extend(body(model, entry));
    section
}

/// The documentation of an item, as a block.
pub fn doc(model: &Model<'_>, entry: &Entry<'_>) -> Option<Block> {
    (!entry.item.doc.trim().is_empty()).then(|| Block::Doc(model.doc(&entry.file.package, &entry.item.doc)))
}

/// Documentation on a line.
pub fn inline_doc(model: &Model<'_>, entry: &Entry<'_>, doc: &str) -> Option<Inline> {
    (!doc.trim().is_empty()).then(|| Inline::Doc(model.doc(&entry.file.package, doc.trim())))
}

/// A link to an entry, by its name.
pub fn link(entry: &Entry<'_>) -> Line {
    vec![Inline::Code(Code::link(&entry.name, entry.anchor))]
}

/// Links to rules, as many as there are, with the names of their packages where there are several.
pub fn rule_links(model: &Model<'_>, rules: &[usize], effect: Effect) -> Line {
    let rules = model.all(rules).filter(|rule| rule.effect() == Some(effect));
    let name = |rule: &Entry<'_>| if model.packages.len() > 1 { rule.full_name() } else { rule.name.clone() };
    list(rules.map(|rule| {
        let mut line = vec![Inline::Code(Code::link(name(rule), rule.anchor))];
        line.extend(shadow(rule.item));
        line
    }))
}

/// Links to tests, or that there are none.
pub fn tests(model: &Model<'_>, rule: &Entry<'_>, shown: usize) -> Line {
    if rule.tested.is_empty() {
        return vec![Inline::Missing("no test names this rule".to_owned())];
    }
    let mut line = list(
        model
            .all(&rule.tested)
            .take(shown)
            .map(|test| vec![Inline::Link(test.name.clone(), test.anchor.clone()), Inline::Faint(format!(" {}", test.place()))]),
    );
    line.extend(more(rule.tested.len(), shown));
    line
}

/// That a rule takes no part.
pub fn shadow(item: &Item) -> Option<Inline> {
    item.annotations.iter().any(|annotation| annotation.name.text == "shadow").then(|| Inline::Faint(" (shadow)".to_owned()))
}

fn more(all: usize, shown: usize) -> Option<Inline> {
    all.checked_sub(shown).filter(|rest| *rest > 0).map(|rest| Inline::Faint(format!(", and {rest} more")))
}

/// What an item is called among those of its kind.
fn label(entry: &Entry<'_>) -> Line {
    match &entry.item.kind {
        ItemKind::Property { .. } => text(&entry.name),
        ItemKind::Default { effect, .. } => vec![Inline::Effect(*effect), Inline::Text(" default".to_owned())],
        _ => {
            let effect = entry.effect().into_iter().flat_map(|effect| [Inline::Effect(effect), Inline::Text(" ".to_owned())]);
            effect.chain(code(&entry.name)).collect()
        }
    }
}

fn title(entry: &Entry<'_>) -> Line {
    let name = Inline::Code(Code::plain(&entry.name));
    match &entry.item.kind {
        ItemKind::Rule(rule) => {
            let head = [Inline::Effect(rule.effect), Inline::Text(" ".to_owned()), Inline::Code(Code::plain(entry.full_name()))];
            head.into_iter().chain(shadow(entry.item)).collect()
        }
        ItemKind::Default { effect, .. } => vec![Inline::Text("default ".to_owned()), Inline::Effect(*effect)],
        ItemKind::Property { .. } => text(&entry.name),
        ItemKind::Input { .. } => code("input"),
        ItemKind::Tool(_) => vec![name],
        kind => vec![Inline::Text(format!("{} ", word(kind))), name],
    }
}

fn rule_facts(model: &Model<'_>, entry: &Entry<'_>, rule: &Rule) -> Vec<(Line, Line)> {
    let mut facts = vec![(text("tools"), tools(model, entry, rule))];
    if let Some(because) = &rule.because {
        facts.push((text("because"), text(template(because))));
    }
    if !rule.require.is_empty() {
        let required = rule.require.iter().map(|required| vec![Inline::Code(entry.file.line(required.span))]);
        facts.push((text("requires"), list(required)));
    }
    facts.extend(Some(reads(model, entry)).filter(|read| !read.is_empty()).map(|read| (text("reads"), read)));
    facts.push((text("tests"), tests(model, entry, usize::MAX)));
    facts
}

/// The tools that a rule is about.
fn tools(model: &Model<'_>, entry: &Entry<'_>, rule: &Rule) -> Line {
    let mut tools = list(rule.on.iter().map(|tool| match model.tools.get(tool.text.as_str()).and_then(|place| model.get(*place)) {
        Some(declared) => link(declared),
        None => code(tool.text.as_str()),
    }));
    if rule.on.is_empty() {
        tools = text("every tool");
        tools.extend((!entry.decides.is_empty()).then(|| Inline::Text("; by its conditions, of those declared ".to_owned())));
        tools.extend(list(model.all(&entry.decides).map(link)));
    }
    tools
}

/// The data, values, functions and scores that an item names, each once.
fn reads(model: &Model<'_>, entry: &Entry<'_>) -> Line {
    let mut read: Vec<usize> = Vec::new();
    for place in entry.names.iter().filter(|place| model.get(**place).is_some_and(is_value)) {
        if read.len() <= SHOWN && !read.contains(place) {
            read.push(*place);
        }
    }
    let mut line = list(model.all(&read).take(SHOWN).map(link));
    line.extend((read.len() > SHOWN).then(|| Inline::Faint(" and more".to_owned())));
    line
}

fn is_value(entry: &Entry<'_>) -> bool {
    matches!(entry.item.kind, ItemKind::Data { .. } | ItemKind::Let { .. } | ItemKind::Fn { .. } | ItemKind::Score { .. })
}

fn tool_facts(model: &Model<'_>, entry: &Entry<'_>, tool: &Tool) -> Vec<(Line, Line)> {
    let mut facts: Vec<(Line, Line)> = tool.attributes.iter().map(|(name, value)| (code(name.text.as_str()), vec![source(entry, value)])).collect();
    let place = model.program.tools.binary_search_by(|declared| (*declared.name).cmp(&entry.name)).ok();
    if let Some(declared) = place.and_then(|place| model.program.tools.get(place)) {
        facts.extend(Some(assumed(tool, declared)).filter(|assumed| !assumed.is_empty()).map(|assumed| (text("by default"), assumed)));
    }
    let rules = place.and_then(|place| model.deciders.of_tools.get(place)).map(|rules| model.rules_at(rules)).unwrap_or_default();
    for effect in EFFECTS {
        let rules = rule_links(model, &rules, effect);
        if !rules.is_empty() {
            facts.push((vec![Inline::Effect(effect)], rules));
        }
    }
    let every = |text: &str| vec![Inline::Link(text.to_owned(), RULES_BY_TOOL.into())];
    match (model.deciders.of_all.is_empty(), rules.is_empty()) {
        (true, true) => facts.push((text("rules"), vec![Inline::Missing("no rule is about this tool".to_owned())])),
        (true, false) => {}
        (false, true) => facts.push((text("rules"), every("only those about every tool"))),
        (false, false) => facts.push((text("also"), every("those about every tool"))),
    }
    facts
}

/// What a tool's declaration leaves out and is not empty.
fn assumed(tool: &Tool, declared: &Declared) -> Line {
    let facts = Fact::ALL.into_iter().zip(&declared.facts);
    let left_out = facts.filter(|(fact, _)| *fact != Fact::Declared && !tool.attributes.iter().any(|(name, _)| name.text == fact.name()));
    list(left_out.filter_map(|(fact, value)| match value {
        Kept::Bool(value) => Some(code(format!("{}: {value}", fact.name()))),
        _ => None,
    }))
}

/// The annotations of an item; `@shadow` stands in its heading.
fn annotations(item: &Item) -> impl Iterator<Item = (Line, Line)> {
    let shown = item.annotations.iter().filter(|annotation| annotation.name.text != "shadow");
    shown.map(|annotation| (code(format!("@{}", annotation.name.text)), text(arguments(annotation))))
}

/// The arguments of an annotation.
fn arguments(annotation: &Annotation) -> String {
    annotation.args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// What names an item, and what is special about its kind.
fn own_facts(model: &Model<'_>, entry: &Entry<'_>) -> Vec<(Line, Line)> {
    let mut facts = Vec::new();
    match &entry.item.kind {
        ItemKind::Type { ty: TypeExpr { kind: TypeKind::With { base, .. }, .. }, .. } => {
            facts.push((text("extends"), vec![Inline::Code(entry.file.line(base.span))]));
        }
        ItemKind::Data { default: None, .. } => facts.push((text("default"), text("none: every call is denied until the data are bound"))),
        _ => {}
    }
    if !entry.named_by.is_empty() {
        let mut line = list(model.all(&entry.named_by).take(SHOWN).map(link));
        line.extend(more(entry.named_by.len(), SHOWN));
        facts.push((text("used by"), line));
    }
    facts
}

/// Fields as a table, or else the source.
fn body(model: &Model<'_>, entry: &Entry<'_>) -> Option<Block> {
    match &entry.item.kind {
        ItemKind::Tool(tool) => match &tool.args {
            Some(args) => fields(model, entry, "argument", &args.fields, args.open),
            None => Some(Block::Text(text("Any arguments are taken."))),
        },
        ItemKind::Input { fields: declared, open } => fields(model, entry, "field", declared, *open),
        ItemKind::Type {
            ty: TypeExpr { kind: TypeKind::Record { fields: declared, open } | TypeKind::With { fields: declared, open, .. }, .. },
            ..
        } => fields(model, entry, "field", declared, *open),
        _ => Some(Block::Source(entry.file.source(entry.item))),
    }
}

fn fields(model: &Model<'_>, entry: &Entry<'_>, head: &'static str, fields: &[FieldDecl], open: bool) -> Option<Block> {
    let row = |field: &FieldDecl| {
        let name = format!("{}{}", field.name.text, if field.optional { "?" } else { "" });
        let value = |expr: &Option<Expr>| expr.iter().map(|expr| source(entry, expr)).collect();
        let ty = vec![line(entry, field.ty.span)];
        let doc = inline_doc(model, entry, &field.doc);
        Row { anchor: None, cells: vec![code(name), ty, value(&field.default), value(&field.refinement), doc.into_iter().collect()] }
    };
    let mut rows: Vec<Row> = fields.iter().map(row).collect();
    if open {
        rows.push(Row { anchor: None, cells: vec![code(".."), text("any"), Line::new(), Line::new(), text("further fields are taken")] });
    }
    let none = rows.is_empty();
    let table = Table { head: vec![head, "type", "default", "where", ""], rows, is_index: false }.block();
    table.or_else(|| none.then(|| Block::Text(text(format!("It takes no {head}s.")))))
}

fn source(entry: &Entry<'_>, expr: &Expr) -> Inline {
    line(entry, expr.span)
}

fn line(entry: &Entry<'_>, span: Span) -> Inline {
    Inline::Code(entry.file.line(span))
}
