//! regorus: its interpreter, and the RVM, for which a policy is compiled to bytecode.
//!
//! Forms: `interpreter` and `rvm` with a definition for each rule; `interpreter/data` and `rvm/data` with the rules as data by tool, and one definition
//! that reads them.

use std::cell::RefCell;

use peers_harness::{Engine, Options, run};
use peers_workloads::translate::rego::{self, Tools};
use peers_workloads::{Case, Effect, Workload};
use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::utils::limits::PolicyLengthConfig;

/// A policy, its data, and what it is asked for.
struct Policy {
    source: String,
    data: Option<String>,
    decision: &'static str,
}

fn main() {
    let options = Options::from_args();
    let case = options.case();
    let (machine, style) = options.form.split_once('/').unwrap_or((&options.form, "rules"));
    let policy = policy(&options, &case, style);
    match machine {
        "interpreter" => run(&options, &case, || Interpreter::load(&policy)),
        "rvm" => run(&options, &case, || Rvm::load(&policy)),
        _ => options.unknown_form(),
    }
}

fn policy(options: &Options, case: &Case, style: &str) -> Policy {
    match (options.workload, style) {
        (Workload::Registry, "rules") => {
            let registry = serde_json::to_string(&case.registry).expect("a registry has text keys");
            Policy { source: rego::REGISTRY.to_owned(), data: Some(registry), decision: rego::REGISTRY_DECISION }
        }
        (Workload::Single, "rules") => Policy { source: rego::SINGLE.to_owned(), data: None, decision: rego::SINGLE_DECISION },
        (_, "rules") => Policy { source: rego::policy(&case.rules, Tools::Expanded), data: None, decision: rego::DECISION },
        (_, "data") => {
            let data = rego::data(&case.rules).to_string();
            Policy { source: rego::policy_over_data(&case.rules), data: Some(data), decision: rego::DECISION }
        }
        _ => options.unknown_form(),
    }
}

fn say(error: impl std::fmt::Display) -> String {
    error.to_string().chars().take(300).collect()
}

fn engine(policy: &Policy) -> Result<regorus::Engine, String> {
    let mut engine = regorus::Engine::new();
    // the usual bounds refuse the larger policies
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: 1_000_000_u32.try_into().expect("more than 0"),
        max_file_bytes: (1_usize << 30).try_into().expect("more than 0"),
        max_lines: 100_000_000_usize.try_into().expect("more than 0"),
    });
    engine.add_policy("policy.rego".into(), policy.source.clone()).map_err(say)?;
    if let Some(data) = &policy.data {
        engine.add_data(Value::from_json_str(data).map_err(say)?).map_err(say)?;
    }
    Ok(engine)
}

fn parse(bytes: &[u8]) -> Value {
    Value::from_json_str(std::str::from_utf8(bytes).expect("a call is text")).expect("a call is JSON")
}

fn effect(decision: &Value) -> Effect {
    match decision {
        Value::Bool(true) => Effect::Allow,
        Value::Bool(false) => Effect::Deny,
        Value::String(name) => Effect::named(name).expect("an effect"),
        other => panic!("no decision: {other:?}"),
    }
}

struct Interpreter {
    engine: RefCell<regorus::Engine>,
    decision: &'static str,
}

impl Interpreter {
    /// The first decision prepares the policy, and is part of loading.
    fn load(policy: &Policy) -> Result<Interpreter, String> {
        let mut engine = engine(policy)?;
        engine.set_input(Value::new_object());
        engine.eval_rule(policy.decision.to_owned()).map_err(say)?;
        Ok(Interpreter { engine: RefCell::new(engine), decision: policy.decision })
    }
}

impl Engine for Interpreter {
    type Decoded<'a> = Value;

    fn decode(&self, bytes: &[u8]) -> Value {
        parse(bytes)
    }

    fn decide(&self, call: &Value) -> Effect {
        let mut engine = self.engine.borrow_mut();
        engine.set_input(call.clone());
        effect(&engine.eval_rule(self.decision.to_owned()).expect("the policy decides"))
    }
}

struct Rvm(RefCell<RegoVM>);

impl Rvm {
    fn load(policy: &Policy) -> Result<Rvm, String> {
        let compiled = engine(policy)?.compile_with_entrypoint(&policy.decision.into()).map_err(say)?;
        let program = Compiler::compile_from_policy(&compiled, &[policy.decision]).map_err(say)?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_max_instructions(usize::MAX);
        if let Some(data) = &policy.data {
            machine.set_data(Value::from_json_str(data).map_err(say)?).map_err(say)?;
        }
        machine.set_input(Value::new_object());
        machine.execute().map_err(say)?;
        Ok(Rvm(RefCell::new(machine)))
    }
}

impl Engine for Rvm {
    type Decoded<'a> = Value;

    fn decode(&self, bytes: &[u8]) -> Value {
        parse(bytes)
    }

    fn decide(&self, call: &Value) -> Effect {
        let mut machine = self.0.borrow_mut();
        machine.set_input(call.clone());
        effect(&machine.execute().expect("the policy decides"))
    }
}
