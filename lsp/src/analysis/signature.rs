//! Signature help: what the call around a cursor takes, and which of it the cursor is at.

use tollgate_compiler::PolicySet;
use tollgate_compiler::check::methods_of;
use tollgate_compiler::syntax::ast::{ExprKind, ItemKind, Span};
use tollgate_compiler::syntax::lexer::TokenKind;
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Function, Sig};

use super::Cursor;
use super::completion::calls::{ANNOTATIONS, Probing, Role, Types, declared, imports, method_documentation, parameter, roles};
use super::markdown::comment;
use super::reading::{Frame, Reading, Tok};

/// The package that is in sight everywhere.
const STD: &str = "std";

/// What a call takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureHelp {
    /// The signatures that are meant, never empty.
    pub signatures: Vec<Signature>,
    /// Which of them fits what is written.
    pub active: usize,
    /// The parameter of that one that the cursor is at.
    pub parameter: Option<usize>,
}

/// A signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// As it is shown.
    pub label: String,
    /// The parameters: their places in the label.
    pub parameters: Vec<Span>,
    /// What is called, in Markdown.
    pub documentation: Option<String>,
}

/// A call that is not complete.
struct Call<'f, 's> {
    role: Role<'s>,
    /// What stands before the bracket, the name last.
    before: &'f [Tok<'s>],
    arguments: &'f Frame<'s>,
}

impl Call<'_, '_> {
    fn name(&self) -> &str {
        self.before.last().map_or("", |name| name.text)
    }

    /// How many arguments are complete.
    fn given(&self) -> usize {
        self.arguments.tokens.iter().filter(|tok| tok.kind == TokenKind::Comma).count()
    }

    /// The name of the parameter whose argument the cursor is in, where it is written.
    fn parameter_name(&self) -> Option<&str> {
        match self.arguments.since_comma() {
            [name, colon, ..] if name.kind == TokenKind::Word && colon.kind == TokenKind::Colon => Some(name.text),
            _ => None,
        }
    }
}

/// What the call around a cursor takes.
pub fn signature(set: &PolicySet, at: Cursor) -> Option<SignatureHelp> {
    let reading = Reading::new(set, at)?;
    let call = innermost_call(&reading)?;
    if let Role::Annotation(name) = call.role {
        return annotation(name);
    }
    if call.role == Role::Requirement {
        return obligation(set, &call);
    }
    let [.., before, _] = call.before else { return function(set, &reading, &call, None) };
    match before.kind {
        TokenKind::Dot | TokenKind::QuestionDot => match package_word(set, &reading, &call) {
            Some(package) => function(set, &reading, &call, Some(package)),
            None => method(set, &reading, &call),
        },
        _ => function(set, &reading, &call, None),
    }
}

/// The innermost brackets around the cursor that hold arguments.
fn innermost_call<'f, 's>(reading: &'f Reading<'s>) -> Option<Call<'f, 's>> {
    let roles = roles(reading);
    let frames = reading.frames.iter().zip(reading.frames.iter().skip(1)).zip(roles.into_iter().skip(1));
    let mut calls = frames.filter_map(|((outer, arguments), role)| {
        let [before @ .., opener] = outer.tokens.as_slice() else { return None };
        let name = before.last()?;
        let is_call = arguments.opener == Some(TokenKind::LeftParen) && opener.kind == TokenKind::LeftParen && role != Role::Fields;
        (is_call && name.kind == TokenKind::Word && !name.is_keyword).then_some(Call { role, before, arguments })
    });
    calls.next_back()
}

/// The package that the word before the dot stands for.
fn package_word(set: &PolicySet, reading: &Reading<'_>, call: &Call<'_, '_>) -> Option<String> {
    let [.., word, _, _] = call.before else { return None };
    let is_alone = call.before.iter().rev().nth(3).is_none_or(|before| !matches!(before.kind, TokenKind::Dot | TokenKind::QuestionDot));
    let imported = imports(set, reading.file).into_iter().find(|(known, _)| known == word.text)?;
    is_alone.then_some(imported.1)
}

fn annotation(name: &str) -> Option<SignatureHelp> {
    let (takes, says) = match name {
        "id" => ("id: string", ""),
        "title" => ("title: string", ""),
        "severity" => ("severity: string", ""),
        "owner" => ("owner: string", ""),
        "compliance" => ("control: string, …", ""),
        "allow" => ("lint, …", "`tollgate explain unknown-lint` lists the lints."),
        "deprecated" => ("instead?: string", ""),
        _ => return None,
    };
    let meaning = ANNOTATIONS.iter().find(|(known, ..)| *known == name).map_or("", |(_, _, says)| says);
    let documentation = [meaning, says].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let signature = Signature::new(&format!("@{name}"), [takes.to_owned()], "", Some(documentation));
    Some(SignatureHelp { signatures: vec![signature], active: 0, parameter: Some(0) })
}

fn obligation(set: &PolicySet, call: &Call<'_, '_>) -> Option<SignatureHelp> {
    let known = set.program().obligations.iter().find(|known| *known.name == *call.name())?;
    let params = known.params.iter().map(|(name, ty, default)| parameter(name, ty, default.as_ref()));
    let item = declared(set).find(|found| matches!(found.item.kind, ItemKind::Obligation { .. }) && found.name.text == call.name());
    let signature = Signature::new(call.name(), params, "", item.map(|found| comment(&found.item.doc)));
    let named = call.parameter_name().map(|name| known.params.iter().position(|(param, ..)| **param == *name));
    let parameter = named.unwrap_or_else(|| Some(call.given())).filter(|place| *place < known.params.len());
    Some(SignatureHelp { signatures: vec![signature], active: 0, parameter })
}

/// A function of the set, or what makes a constant of the language.
fn function(set: &PolicySet, reading: &Reading<'_>, call: &Call<'_, '_>, package: Option<String>) -> Option<SignatureHelp> {
    let own = set.package(reading.file);
    let is_meant = |found: &str| package.as_deref().map_or(found == own || found == STD, |package| found == package);
    let functions = |kind: &ItemKind| matches!(kind, ItemKind::Fn { .. });
    let found = declared(set).find(|found| functions(&found.item.kind) && found.name.text == call.name() && is_meant(found.package));
    let signature = match found {
        Some(found) => {
            let types = Types::of(set);
            let (params, result) = types.signature(&found)?;
            Signature::new(call.name(), params, &format!(" -> {result}"), Some(comment(&found.item.doc)))
        }
        None if matches!(call.name(), "ip" | "cidr" | "timestamp") && package.is_none() => {
            let says = "A constant, checked when the policy is compiled.".to_owned();
            Signature::new(call.name(), ["text: string".to_owned()], &format!(" -> {}", call.name()), Some(says))
        }
        None => return None,
    };
    let parameter = Some(call.given()).filter(|place| *place < signature.parameters.len());
    Some(SignatureHelp { signatures: vec![signature], active: 0, parameter })
}

/// A method of the language, by the type of what it is called on.
fn method(set: &PolicySet, reading: &Reading<'_>, call: &Call<'_, '_>) -> Option<SignatureHelp> {
    let overloads = overloads(set, reading, call)?;
    let given = call.given();
    let takes = |function: &&Function| given == 0 || given + 1 < function.params.len();
    let active = overloads.iter().position(takes).unwrap_or_default();
    let params = overloads.get(active).map_or(0, |function| function.params.len().saturating_sub(1));
    let signatures = overloads.into_iter().map(Signature::of_method).collect();
    Some(SignatureHelp { signatures, active, parameter: Some(given).filter(|place| *place < params) })
}

/// The functions of that name that take the receiver.
fn overloads(set: &PolicySet, reading: &Reading<'_>, call: &Call<'_, '_>) -> Option<Vec<&'static Function>> {
    let name = call.before.last()?;
    let start = name.span.start.checked_sub(reading.item.start)?;
    let probing = Probing::new(set, reading);
    let probed = probing.with_name()?;
    let is_call = |kind: &ExprKind| matches!(kind, ExprKind::Method { name, .. } if name.span.start == start);
    let ExprKind::Method { base, .. } = &probed.innermost(|expr| is_call(&expr.kind))?.kind else { return None };
    let of = |ty: &Type| -> Vec<&'static Function> { methods_of(ty).into_iter().filter(|function| function.name == name.text).collect() };
    let ty = probed.type_of(base)?;
    let found = of(ty);
    let found = if found.is_empty() { of(ty.present()) } else { found };
    (!found.is_empty()).then_some(found)
}

impl Signature {
    fn new(name: &str, params: impl IntoIterator<Item = String>, result: &str, documentation: Option<String>) -> Signature {
        let mut signature = Signature { label: format!("{name}("), ..Signature::default() };
        for (index, param) in params.into_iter().enumerate() {
            signature.label.push_str(if index > 0 { ", " } else { "" });
            let start = signature.label.len() as u32;
            signature.label.push_str(&param);
            signature.parameters.push(Span { start, end: signature.label.len() as u32 });
        }
        signature.label.push(')');
        signature.label.push_str(result);
        Signature { documentation: documentation.filter(|text| !text.is_empty()), ..signature }
    }

    fn of_method(function: &'static Function) -> Signature {
        let receiver = function.params.first().map_or_else(String::new, |param| param.sig.to_string());
        let result = if function.result == Sig::Receiver { receiver.clone() } else { function.result.to_string() };
        let params = function.params.iter().skip(1).map(ToString::to_string);
        Signature::new(&format!("{receiver}.{}", function.name), params, &format!(" -> {result}"), method_documentation(function.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::marked::marked;

    const SHOP: &str = "package shop\nimport team\n/// Whether it is *much*.\nfn over(n: int, most: int) -> bool = n > most\n";
    const TEAM: &str = "\n//- team.toll\npackage team\nfn twice(n: int) = n * 2\nobligation note(text: string, level: int = 1)\n";

    /// The label of the active signature with the parameter at the cursor in `[…]`.
    fn told(text: &str) -> String {
        let marked = marked(&format!("{SHOP}{text}{TEAM}"));
        let Some(help) = signature(&marked.set, marked.at) else { return "none".to_owned() };
        let active = &help.signatures[help.active];
        match help.parameter.map(|place| active.parameters[place]) {
            Some(Span { start, end }) => {
                let (start, end) = (start as usize, end as usize);
                format!("{}[{}]{}", &active.label[..start], &active.label[start..end], &active.label[end..])
            }
            None => active.label.clone(),
        }
    }

    #[test]
    fn calls_tell_what_they_take() {
        let table = [
            ("allow a when over($0", "over([n: int], most: int) -> bool"),
            ("allow a when over(1, $0)", "over(n: int, [most: int]) -> bool"),
            ("allow a when over(1, 2, $0)", "over(n: int, most: int) -> bool"),
            ("allow a when over(over(1, $0), 2)", "over(n: int, [most: int]) -> bool"),
            ("allow a when over(1, 2)$0", "none"),
            ("allow a when over(team.twice($0), 2)", "twice([n: int]) -> int"),
            ("allow a when agent.id.starts_with($0", "string.starts_with([prefix: string]) -> bool"),
            ("allow a when agent.id.starts_with(\"x$0\")", "string.starts_with([prefix: string]) -> bool"),
            ("allow a when agent.id.replace(\"a\", $0", "string.replace(from: string, [to: string]) -> string"),
            ("allow a when context.time?.hour($0)", "timestamp.hour([zone?: string]) -> int"),
            ("allow a when agent.labels.any(x => x == $0)", "collection<T>.any([condition: T => bool]) -> bool"),
            ("allow a when context.source_ip in cidr($0", "cidr([text: string]) -> cidr"),
            ("allow a when (1 + $0", "none"),
            (
                "allow a require approval($0)",
                "approval([from: set<string>], within: duration = 15m, priority: \"low\" | \"normal\" | \"high\" = \"normal\")",
            ),
            ("allow a require team.note(\"x\", $0", "note(text: string, [level: int = 1])"),
            ("allow a require team.note(level: $0", "note(text: string, [level: int = 1])"),
            ("@severity($0)\nallow a", "@severity([severity: string])"),
            ("allow a when true // over($0", "none"),
            ("fn f($0", "none"),
        ];
        let wrong: Vec<String> =
            table.iter().filter(|(text, expected)| told(text) != *expected).map(|(text, _)| format!("{text}\n    {}", told(text))).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_called_is_documented() {
        let marked = marked(&format!("{SHOP}allow a when over($0)"));
        let help = signature(&marked.set, marked.at).unwrap();
        assert_eq!(help.signatures[0].documentation.as_deref(), Some("Whether it is *much*."));
    }

    #[test]
    fn any_place_of_any_text_can_be_asked() {
        for text in ["", "(", "a.b(", "@(", "package a\nallow x when é.ü(\"{(", "\"{f("] {
            let set = PolicySet::check(tollgate_compiler::Sources::of("a.toll", text));
            for offset in 0..=text.len() as u32 + 1 {
                signature(&set, Cursor { file: tollgate_compiler::diagnostic::FileId(0), offset });
            }
        }
    }
}
