//! CEL: a compiled program a rule; the host asks those that deny, then those that review, then those that allow, until one is true.
//!
//! Forms: `plain`; `sliced` keeps the programs of each tool apart, as a host can.

mod registry;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use cel::{Context, Env, Program, Value};
use peers_harness::{Engine, Options, run};
use peers_workloads::translate::cel::{SINGLE, expression};
use peers_workloads::{Effect, Rule, Workload};

use values::{Call, variables};

fn main() {
    let options = Options::from_args();
    let case = options.case();
    match (options.workload, &*options.form) {
        (Workload::Registry, "plain") => {
            let data = serde_json::to_value(&case.registry).expect("a registry has text keys");
            run(&options, &case, || registry::Registry::load(&data));
        }
        (Workload::Single, "plain") => {
            run(&options, &case, || Rules::load(SINGLE.into_iter().map(|(effect, text)| (effect, text.to_owned(), &[][..]))))
        }
        (_, "plain") => run(&options, &case, || Rules::load(case.rules.iter().map(|rule| (rule.effect, expression(rule), &[][..])))),
        (_, "sliced") => run(&options, &case, || Rules::load(case.rules.iter().map(with_tools))),
        _ => options.unknown_form(),
    }
}

/// A rule's effect, its expression, and the tools that it is kept with.
type Filed<'r> = (Effect, String, &'r [String]);

fn with_tools(rule: &Rule) -> Filed<'_> {
    (rule.effect, expression(rule), &rule.tools)
}

/// Programs by effect, the strongest first.
type ByEffect = [Vec<Program>; 3];

/// The programs of each tool, and those that are asked in every decision.
struct Rules {
    env: Arc<Env>,
    by_tool: HashMap<String, ByEffect>,
    everywhere: ByEffect,
}

impl Rules {
    fn load<'r>(rules: impl Iterator<Item = Filed<'r>>) -> Result<Rules, String> {
        let env = Arc::new(Env::stdlib());
        let mut loaded = Rules { env: env.clone(), by_tool: HashMap::new(), everywhere: ByEffect::default() };
        for (effect, text, tools) in rules {
            let compile = || env.compile(&text).map_err(|error| error.to_string());
            for tool in tools {
                loaded.by_tool.entry(tool.clone()).or_default()[effect as usize].push(compile()?);
            }
            if tools.is_empty() {
                loaded.everywhere[effect as usize].push(compile()?);
            }
        }
        Ok(loaded)
    }
}

/// Whether a program is true of a call; an error is not.
fn holds(program: &Program, call: &Context<'_, '_>) -> bool {
    matches!(program.execute(call), Ok(Value::Bool(true)))
}

impl Engine for Rules {
    type Decoded<'a> = Call<'a>;

    fn decode<'a>(&'a self, bytes: &'a [u8]) -> Call<'a> {
        let mut context = Context::with_env(self.env.clone());
        let tool = variables(bytes, &mut context);
        Call { tool, context }
    }

    fn decide<'a>(&'a self, call: &Call<'a>) -> Effect {
        let own = self.by_tool.get(&call.tool);
        let any = |programs: &[Program]| programs.iter().any(|program| holds(program, &call.context));
        let matches = |effect: &Effect| {
            let place = *effect as usize;
            own.is_some_and(|own| any(&own[place])) || any(&self.everywhere[place])
        };
        Effect::ALL.into_iter().find(matches).unwrap_or(Effect::Deny)
    }
}
