//! The reference: what a policy decides, by the words of the language reference and nothing else. It shares nothing, remembers nothing and looks nothing
//! up; only the built-in functions, arithmetic and the readers of scalars are those of the standard library.

mod decode;
mod eval;
mod glob;
mod mentions;
mod rules;
mod tools;
mod value;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use tollgate_compiler::program::{Program, Rule};
use tollgate_evaluator::Effect;
use tollgate_stdlib::types::Type;

use decode::{Decoder, Path};
use eval::{Evaluator, Frame, World};
use rules::{Outcome, add_required, try_rule};
use tools::Call;
use value::Value;

/// What the reference says of a request.
#[derive(Debug)]
pub enum Verdict {
    /// The decision, without the plan's digest, and the declaration that counts for the call.
    Decision(Json, Option<String>),
    /// The request does not fit: deny, naming one of these paths.
    Misfit(Vec<String>),
    /// Data without a default are not bound: deny, naming one of these.
    Unbound(Vec<String>),
}

/// The data as bound, by place in the program; `None` where nothing is bound. The error: what does not fit.
pub fn bind(program: &Program, bound: &BTreeMap<String, String>) -> Result<Vec<Option<String>>, String> {
    let mut all = Vec::new();
    for data in &program.data {
        let name = data.name.rsplit('.').next().expect("a name has a last part");
        let text = bound.get(name);
        if let Some(text) = text {
            let mut decoder = Decoder::new(program);
            decoder.value(&data.ty, serde_json::from_str(text).expect("data are JSON"), &Path::default());
            if let Some(path) = decoder.misfits.first() {
                return Err(format!("{name}: {path}"));
            }
        }
        all.push(text.cloned());
    }
    Ok(all)
}

/// Decides a request, with data that [`bind`] accepted.
pub fn decide(program: &Program, data: &[Option<String>], request: &str) -> Verdict {
    let mut decoder = Decoder::new(program);
    let (mut values, mut unbound) = (Vec::new(), Vec::new());
    for (declared, bound) in program.data.iter().zip(data) {
        let value = match (bound, &declared.default) {
            (Some(text), _) => decoder.value(&declared.ty, serde_json::from_str(text).expect("data are JSON"), &Path::default()),
            (None, Some(default)) => Some(default.into()),
            (None, None) => None,
        };
        match value {
            Some(value) => values.push(value),
            None => unbound.push(declared.name.to_string()),
        }
    }
    if !unbound.is_empty() {
        return Verdict::Unbound(unbound);
    }
    let Some((world, call)) = read_request(program, &mut decoder, values, request) else { return Verdict::Misfit(decoder.misfits) };
    let declared = call.as_ref().and_then(|call| call.declaration(program)).map(|tool| tool.name.to_string());
    Verdict::Decision(decision(program, &world, call.as_ref()), declared)
}

/// The request by its types, its tool among the declared ones, its arguments by that one's declaration.
fn read_request(program: &Program, decoder: &mut Decoder<'_>, data: Vec<Value>, request: &str) -> Option<(World, Option<Call>)> {
    let raw: &RawValue = serde_json::from_str(request).expect("requests are JSON");
    let root = Path::default();
    let input = decoder.value(&Type::Record(program.input.clone()), raw, &root);
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(request).unwrap_or_default();
    let Some((tool, args)) = program.tool_field.zip(program.args_field) else {
        return Some((World { input: input?, args: Value::None, facts: Vec::new(), data }, None));
    };
    let (tool, args) = (&program.input.fields[tool], &program.input.fields[args]);
    // The arguments are looked at wherever the tool itself can be read.
    let named = fields.get(&*tool.name).and_then(|raw| Decoder::new(program).value(&tool.ty, raw, &root))?;
    let text = |name: &str| if let Value::Text(text) = named.named(name) { text } else { panic!("`tool.{name}` is a string") };
    let call = Call { server: text("server"), name: text("name") };
    for field in call.objections(program) {
        decoder.misfit(&root.field(&tool.name).field(field));
    }
    let mut typed = Value::None;
    if let Some(record) = call.declaration(program).and_then(|tool| tool.args.as_ref()) {
        let nothing: &RawValue = serde_json::from_str("{}").expect("it is JSON");
        let given = fields.get(&*args.name).copied().filter(|raw| raw.get() != "null").unwrap_or(nothing);
        typed = decoder.value(&Type::Record(record.clone()), given, &root.field("args")).unwrap_or(Value::None);
    }
    if !decoder.misfits.is_empty() {
        return None;
    }
    Some((World { input: input?, args: typed, facts: call.facts(program), data }, Some(call)))
}

/// The errors by the full names of where they were met, each with the word for that: a rule or a score.
type Problems = BTreeMap<String, (&'static str, String)>;

fn decision(program: &Program, world: &World, call: Option<&Call>) -> Json {
    let evaluator = Evaluator::new(program, world);
    let try_all = |shadow: bool, effect: Option<Effect>| -> Vec<(&Rule, Outcome)> {
        let is_on = |rule: &Rule| rule.on.is_empty() || call.is_some_and(|call| call.is_on(&rule.on));
        let mut rules: Vec<&Rule> = program
            .rules
            .iter()
            .map(|rule| &**rule)
            .filter(|rule| is_shadow(rule) == shadow && effect.is_none_or(|effect| rule.effect == effect) && is_on(rule))
            .collect();
        rules.sort_by(|a, b| a.name.cmp(&b.name));
        rules.into_iter().map(|rule| (rule, try_rule(evaluator, rule))).collect()
    };
    let mut problems = Problems::new();
    let mut decided = None;
    for effect in [Effect::Deny, Effect::Review, Effect::Allow] {
        let tried = try_all(false, Some(effect));
        problems.extend(tried.iter().filter_map(|(rule, outcome)| Some((rule.name.to_string(), ("rule", outcome.error?.to_string())))));
        let matched: Vec<(&Rule, Outcome)> = tried.into_iter().filter(|(_, outcome)| outcome.matched).collect();
        if !matched.is_empty() {
            decided = Some(settle(effect, matched, &mut problems));
            break;
        }
    }
    let (effect, matched) = decided.unwrap_or((Effect::Deny, Vec::new()));
    let mut decision = if matched.is_empty() { by_default(program, evaluator, &mut problems) } else { by_rules(program, effect, &matched) };
    let mut scores = serde_json::Map::new();
    for (place, score) in program.scores.iter().enumerate() {
        let value = evaluator.score(place).map_err(|error| {
            problems.insert(score.name.to_string(), ("score", error.to_string()));
        });
        scores.insert(short_name(program, &score.name), value.ok().into());
    }
    decision["scores"] = Json::Object(scores);
    decision["shadow"] = try_all(true, None).iter().filter_map(|(rule, outcome)| shadow(rule, outcome)).collect();
    decision["errors"] = problems.into_iter().map(|(name, (place, message))| json!({ place: name, "message": message })).collect();
    decision
}

/// A review that cannot say what it requires makes the decision a deny, by the rules that are so.
fn settle<'p>(effect: Effect, mut matched: Vec<(&'p Rule, Outcome)>, problems: &mut Problems) -> (Effect, Vec<(&'p Rule, Outcome)>) {
    if effect == Effect::Review && matched.iter().any(|(_, outcome)| outcome.unfilled) {
        for (rule, _) in matched.iter().filter(|(_, outcome)| !outcome.unfilled) {
            problems.remove(&*rule.name);
        }
        matched.retain(|(_, outcome)| outcome.unfilled);
        matched.iter_mut().for_each(|(_, outcome)| outcome.required.clear());
        return (Effect::Deny, matched);
    }
    (effect, matched)
}

fn by_rules(program: &Program, effect: Effect, matched: &[(&Rule, Outcome)]) -> Json {
    let mut reasons = Vec::new();
    let mut required = Vec::new();
    for (rule, outcome) in matched {
        if let Some(text) = &outcome.reason {
            let mut reason = json!({ "rule": &*rule.name, "text": text });
            if let Some(id) = annotation(rule, "id") {
                reason["id"] = id.into();
            }
            reasons.push(reason);
        }
        outcome.required.iter().cloned().for_each(|each| add_required(&mut required, each));
    }
    let rules: Vec<&str> = matched.iter().map(|(rule, _)| &*rule.name).collect();
    let obligations: Vec<Json> = required.iter().map(|(obligation, args)| obligation_json(program, *obligation, args)).collect();
    json!({ "effect": word(effect), "rules": rules, "reasons": reasons, "obligations": obligations })
}

fn by_default(program: &Program, evaluator: Evaluator<'_>, problems: &mut Problems) -> Json {
    let (effect, text) = match &program.default {
        None => (Effect::Deny, "no rule allows this call".to_owned()),
        Some(default) => {
            let text = default.because.as_ref().map(|because| match evaluator.eval(because, &mut Frame::default()) {
                Ok(text) => text.print(),
                Err(error) => {
                    problems.insert(String::new(), ("rule", error.to_string()));
                    error.to_string()
                }
            });
            (default.effect, text.unwrap_or_default())
        }
    };
    json!({ "effect": word(effect), "rules": [], "reasons": [{ "rule": "", "text": text }], "obligations": [] })
}

fn shadow(rule: &Rule, outcome: &Outcome) -> Option<Json> {
    let effect = if rule.effect == Effect::Review && outcome.unfilled { Effect::Deny } else { rule.effect };
    let text = outcome.reason.clone().unwrap_or_default();
    outcome.matched.then(|| json!({ "rule": &*rule.name, "effect": word(effect), "text": text }))
}

fn obligation_json(program: &Program, obligation: usize, args: &[Value]) -> Json {
    let obligation = &program.obligations[obligation];
    let args = obligation.params.iter().zip(args).map(|((name, _, _), value)| (name.to_string(), value.to_json()));
    json!({ "name": &*obligation.name, "args": Json::Object(args.collect()) })
}

/// A score's last part where no other score has it, else its full name.
fn short_name(program: &Program, full: &str) -> String {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let is_unique = program.scores.iter().filter(|score| last(&score.name) == last(full)).count() == 1;
    if is_unique { last(full) } else { full.to_owned() }
}

fn is_shadow(rule: &Rule) -> bool {
    rule.annotations.iter().any(|annotation| annotation.name.text == "shadow")
}

fn annotation<'r>(rule: &'r Rule, name: &str) -> Option<&'r str> {
    let found = rule.annotations.iter().find(|annotation| annotation.name.text == name)?;
    found.args.first().map(|arg| arg.text.as_str())
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Review => "review",
        Effect::Deny => "deny",
    }
}
