//! W2 at its practical limit: the request's strings become small numbers once, a rule is sixteen bytes, and, with two levels, the rules without a tool
//! are found by role and recipient's domain.

use hashbrown::HashMap;
use peers_workloads::{CATEGORIES, Effect, Rule};

use crate::Policy;
use crate::gateway::Check;
use crate::requests::gateway::{Facts, Gateway};

/// Strings and their numbers, from 1.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn add(&mut self, text: &str) -> u32 {
        let next = self.0.len() as u32 + 1;
        *self.0.entry_ref(text).or_insert(next)
    }

    #[inline(always)]
    fn of(&self, text: &str) -> Option<u32> {
        self.0.get(text).copied()
    }

    /// A number that no rule has for a string that no rule has.
    #[inline(always)]
    fn small(&self, text: &str) -> u16 {
        self.of(text).map_or(u16::MAX, |number| number as u16)
    }
}

/// A rule's conditions; zero where there is none, all ones for categories.
#[derive(Clone, Copy)]
struct Packed {
    size_above: i64,
    role: u16,
    domain: u16,
    other_role: bool,
    data_type: u8,
    environment: u8,
    categories: u8,
}

/// A request in the same numbers.
struct Key {
    size: i64,
    role: u16,
    domain: u16,
    data_type: u8,
    environment: u8,
    category: u8,
}

impl Packed {
    #[inline(always)]
    fn holds(&self, key: &Key) -> bool {
        (self.role == 0 || (self.role == key.role) != self.other_role)
            && (self.domain == 0 || self.domain == key.domain)
            && (self.data_type == 0 || self.data_type == key.data_type)
            && (self.environment == 0 || self.environment == key.environment)
            && self.categories & key.category != 0
            && key.size > self.size_above
    }
}

type ByEffect = [Vec<Packed>; 3];

static NOTHING: ByEffect = [const { Vec::new() }; 3];

/// Where rules without a tool are.
enum Everywhere {
    /// All are looked at.
    Scanned(ByEffect),
    /// By role and domain; zero where a rule asks for none.
    Keyed { rules: HashMap<(u16, u16), ByEffect>, without_role: bool, without_domain: bool },
}

/// Rules by tool, in numbers.
pub struct Interned {
    names: Names,
    /// Where the rules of each tool begin, by effect, and where they end.
    tools: Vec<[u32; 4]>,
    rules: Vec<Packed>,
    everywhere: Everywhere,
}

#[derive(Default)]
struct Names {
    tools: Numbers,
    roles: Numbers,
    domains: Numbers,
    data_types: Numbers,
    environments: Numbers,
    categories: Numbers,
}

impl Names {
    fn pack(&mut self, rule: &Rule) -> Packed {
        let mut packed = Packed { size_above: i64::MIN, role: 0, domain: 0, other_role: false, data_type: 0, environment: 0, categories: 0xff };
        for condition in &rule.conditions {
            match Check::new(condition) {
                Check::Role(role) => {
                    packed.role = self.roles.add(&role) as u16;
                    packed.other_role = false;
                }
                // a rule with both asks for two different roles, so that the first says it all
                Check::NotRole(role) if packed.role == 0 => {
                    packed.role = self.roles.add(&role) as u16;
                    packed.other_role = true;
                }
                Check::NotRole(_) => {}
                Check::DataType(data_type) => packed.data_type = self.data_types.add(&data_type) as u8,
                Check::SizeAbove(bound) => packed.size_above = bound,
                Check::RecipientEnds(domain) => packed.domain = self.domains.add(&domain) as u16,
                Check::Environment(environment) => packed.environment = self.environments.add(&environment) as u8,
                Check::Category(categories) => {
                    packed.categories = categories.iter().map(|category| 1 << (self.categories.add(category) - 1)).sum();
                }
            }
        }
        packed
    }

    #[inline(always)]
    fn key(&self, call: &Facts<'_>) -> Key {
        let domain = call.recipient.rfind('@').map_or("", |at| &call.recipient[at..]);
        Key {
            size: call.size,
            role: self.roles.small(call.role),
            domain: self.domains.small(domain),
            data_type: self.data_types.of(call.data_type).map_or(u8::MAX, |number| number as u8),
            environment: self.environments.of(call.environment).map_or(u8::MAX, |number| number as u8),
            category: self.categories.of(call.category).map_or(0x80, |number| 1 << (number - 1)),
        }
    }
}

impl Interned {
    /// Rules without a tool are looked at in every decision.
    pub fn one_level(rules: &[Rule]) -> Interned {
        Interned::new(rules, Everywhere::Scanned(ByEffect::default()))
    }

    /// They are found by role and domain.
    pub fn two_level(rules: &[Rule]) -> Interned {
        Interned::new(rules, Everywhere::Keyed { rules: HashMap::new(), without_role: false, without_domain: false })
    }

    fn new(rules: &[Rule], mut everywhere: Everywhere) -> Interned {
        let mut names = Names::default();
        for category in CATEGORIES {
            names.categories.add(category);
        }
        let mut by_tool: Vec<ByEffect> = Vec::new();
        for rule in rules {
            let packed = names.pack(rule);
            if rule.tools.is_empty() {
                everywhere.add(rule.effect, packed);
            }
            for tool in &rule.tools {
                let place = names.tools.add(tool) as usize;
                by_tool.resize_with(by_tool.len().max(place), ByEffect::default);
                by_tool[place - 1][rule.effect as usize].push(packed);
            }
        }
        let mut packed = Vec::new();
        let tools = by_tool.iter().map(|rules| flatten(rules, &mut packed)).collect();
        Interned { names, tools, rules: packed, everywhere }
    }
}

/// Appends a tool's rules; gives where those of each effect begin, and the end.
fn flatten(rules: &ByEffect, out: &mut Vec<Packed>) -> [u32; 4] {
    let mut bounds = [0; 4];
    for (place, rules) in rules.iter().enumerate() {
        bounds[place] = out.len() as u32;
        out.extend_from_slice(rules);
    }
    bounds[3] = out.len() as u32;
    bounds
}

impl Everywhere {
    fn add(&mut self, effect: Effect, packed: Packed) {
        match self {
            Everywhere::Scanned(rules) => rules[effect as usize].push(packed),
            Everywhere::Keyed { rules, without_role, without_domain } => {
                let key = (if packed.other_role { 0 } else { packed.role }, packed.domain);
                *without_role |= key.0 == 0;
                *without_domain |= key.1 == 0;
                rules.entry(key).or_default()[effect as usize].push(packed);
            }
        }
    }

    /// The rules that may match, in up to four places.
    #[inline(always)]
    fn candidates(&self, key: &Key) -> [&ByEffect; 4] {
        match self {
            Everywhere::Scanned(rules) => [rules, &NOTHING, &NOTHING, &NOTHING],
            Everywhere::Keyed { rules, without_role, without_domain } => {
                let under = |asked: bool, role, domain| if asked { rules.get(&(role, domain)).unwrap_or(&NOTHING) } else { &NOTHING };
                [
                    under(true, key.role, key.domain),
                    under(*without_role, 0, key.domain),
                    under(*without_domain, key.role, 0),
                    under(*without_role && *without_domain, 0, 0),
                ]
            }
        }
    }
}

impl Policy<Gateway> for Interned {
    fn decide(&self, call: &Facts<'_>) -> Effect {
        let key = self.names.key(call);
        let own = self.names.tools.of(call.tool).map(|number| &self.tools[number as usize - 1]);
        let candidates = self.everywhere.candidates(&key);
        let any = |rules: &[Packed]| rules.iter().any(|rule| rule.holds(&key));
        let matches = |effect: &Effect| {
            let place = *effect as usize;
            own.is_some_and(|bounds| any(&self.rules[bounds[place] as usize..bounds[place + 1] as usize]))
                || candidates.iter().any(|rules| any(&rules[place]))
        };
        Effect::ALL.into_iter().find(matches).unwrap_or(Effect::Deny)
    }
}
