//! Hooks as obligations: what the rules about a tool require.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::there::There;
use super::{Hook, Plugin};
use crate::toll::{comment, package_name, quoted};

/// How many demands all rules together may have.
const DEMANDS: usize = 100_000;

/// What the obligations are called that run hooks before and after calls.
pub struct Demands<'h> {
    hooks: &'h [&'h Hook],
    before: Obligation,
    after: Obligation,
    /// The demands that a call of a tool brings, by the tool.
    of_tools: HashMap<String, Rc<[String]>>,
}

/// An obligation that runs hooks.
#[derive(Default)]
struct Obligation {
    name: String,
    /// The package that declares it, where that is another one.
    package: Option<String>,
    /// Whether it is declared here.
    is_declared: bool,
    /// Whether a rule requires it.
    is_required: bool,
}

impl<'h> Demands<'h> {
    /// Those of a plugin's rules, where some hooks are.
    pub fn of(package: &str, plugin: &Plugin, hooks: &'h [&'h Hook], there: &There) -> Demands<'h> {
        let known = |name: &str| there.obligation(name).filter(|known| known.takes_command);
        let elsewhere = |name: &str| known(name).map(|known| known.package.clone()).filter(|of| of != package);
        // One package can be imported as `hooks`: that of the obligation before calls, if there is one.
        let imported = elsewhere("hook").filter(|_| hooks.iter().any(|hook| hook.is_before)).or_else(|| elsewhere("hook_after"));
        let obligation = |name: &str| match (elsewhere(name), there.obligation(name)) {
            (Some(of), _) if imported.as_ref() == Some(&of) => {
                Obligation { name: format!("hooks.{name}"), package: Some(of), ..Obligation::default() }
            }
            (None, Some(_)) if known(name).is_some() => Obligation { name: name.to_owned(), ..Obligation::default() },
            (None, None) => Obligation { name: name.to_owned(), is_declared: true, ..Obligation::default() },
            _ => {
                let own = format!("{}_{name}", package_name(&plugin.name));
                let mut names = std::iter::once(own.clone()).chain((2..).map(|number| format!("{own}_{number}")));
                let unused = names.find(|name| there.obligation(name).is_none());
                Obligation { name: unused.unwrap_or(own), is_declared: true, ..Obligation::default() }
            }
        };
        Demands { hooks, before: obligation("hook"), after: obligation("hook_after"), of_tools: HashMap::new() }
    }

    /// The demands of a call of a tool, each once.
    pub fn of_tool(&mut self, tool: &str) -> Rc<[String]> {
        if let Some(known) = self.of_tools.get(tool) {
            return Rc::clone(known);
        }
        let folded = tool.to_lowercase();
        let mut known = HashSet::new();
        let of_tool = self.hooks.iter().filter(|hook| hook.is_of(&folded)).map(|hook| self.of_hook(hook));
        let found: Rc<[String]> = of_tool.filter(|demand| known.insert(demand.clone())).collect();
        self.of_tools.insert(tool.to_owned(), Rc::clone(&found));
        found
    }

    /// The clause of a rule that has some demands; none where all rules have more than anybody reads.
    pub fn clause(&mut self, demands: &[String], written: &mut usize) -> Option<String> {
        *written += demands.len();
        if *written > DEMANDS {
            return None;
        }
        for obligation in [&mut self.before, &mut self.after] {
            let called = format!("{}(", obligation.name);
            obligation.is_required |= demands.iter().any(|demand| demand.starts_with(&called));
        }
        Some(if demands.is_empty() { String::new() } else { format!("require {}\n", demands.join(", ")) })
    }

    /// The import of the package whose obligations rules require.
    pub fn import(&self) -> String {
        let required = [&self.before, &self.after].into_iter().filter(|obligation| obligation.is_required);
        let package = required.filter_map(|obligation| obligation.package.as_ref()).next();
        package.map_or_else(String::new, |package| format!("import {package} as hooks\n\n"))
    }

    /// The declarations of those that are not there.
    pub fn declarations(&self, plugin: &Plugin) -> String {
        let kinds = [
            (&self.before, true, "The enforcement point runs the command before the call, which the command may refuse."),
            (&self.after, false, "The enforcement point runs the command after the call."),
        ];
        let mut out = String::new();
        for (obligation, is_before, says) in kinds {
            let has_own = plugin.hooks.iter().any(|hook| hook.is_before == is_before);
            if !obligation.is_declared || !(obligation.is_required || has_own) {
                continue;
            }
            let allowed =
                if obligation.is_required { "" } else { "// No rule requires it yet: see the end of the file.\n@allow(unused_obligation)\n" };
            out.push_str(&format!("/// {says}\n{allowed}obligation {}(command: string)\n\n", obligation.name));
        }
        out
    }

    /// What rules that allow have to bring along.
    pub fn told(&self, plugin: &Plugin) -> String {
        let is_imported = !self.import().is_empty();
        let mut out = String::new();
        for hook in &plugin.hooks {
            let tools = if hook.tools.is_empty() { "any tool".to_owned() } else { hook.tools.join(", ") };
            let package = self.obligation(hook).package.as_ref().filter(|_| !is_imported);
            let with = package.map_or_else(String::new, |package| format!(", with `import {package} as hooks`"));
            out.push_str(&comment(&format!("{}: a rule that allows a call of {tools} requires {}{with}.", hook.source, self.of_hook(hook))));
        }
        out
    }

    /// The demand that runs a hook.
    fn of_hook(&self, hook: &Hook) -> String {
        format!("{}({})", self.obligation(hook).name, quoted(&hook.command))
    }

    fn obligation(&self, hook: &Hook) -> &Obligation {
        if hook.is_before { &self.before } else { &self.after }
    }
}
