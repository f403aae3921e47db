//! Whether a plan is one: every number in range and referring backwards, every bound kept. What passes can be evaluated without a further thought.

use tollgate_stdlib::Function;

use super::flat::MAX_TREE_DEPTH;
use super::survey::{READS_CALL, READS_REQUEST, index};
use super::{Aggregate, Attribute, Constant, Group, Index, Keys, Layout, NodeId, On, Plan, Presence, Role, Rule, Survey, Tool, TypeNode, sources};
use crate::{Effect, LoadError};

/// How deep evaluation may recurse, through definitions and scores.
pub const MAX_DEPTH: usize = 512;
/// How many variables a frame may have.
pub const MAX_LOCALS: u32 = 4096;
/// How deep types and constants may be nested.
pub const MAX_TYPE_DEPTH: usize = 100;
/// How many expressions one definition, rule, score or query may come to, the functions that it calls written out.
pub const MAX_WEIGHT: u32 = 1 << 20;

/// How many expressions all of them may come to.
const MAX_TOTAL_WEIGHT: u64 = 1 << 27;
/// How many choices a rule may have.
const MAX_CHOICES: usize = 64;
/// How many fields a record may have.
const MAX_FIELDS: usize = 4096;
/// How many bytes the sources of all rules may come to, each condition as often as rules have it.
const MAX_SHOWN: u64 = 1 << 30;
/// How many rules there may be.
pub(crate) const MAX_RULES: usize = 1 << 29;
/// How many attributes a group of the index may have.
pub(crate) const MAX_ATTRIBUTES: usize = 4;
/// How many values all constants may come to, written out.
const MAX_CONSTANT_VALUES: u64 = 1 << 22;

/// What validation learns of a plan.
pub(crate) struct Validated {
    pub builtins: Vec<&'static Function>,
    pub survey: Survey,
}

type Check = Result<(), LoadError>;

/// An invalid plan: what is wrong with it.
pub(crate) fn invalid<T>(what: impl Into<String>) -> Result<T, LoadError> {
    Err(LoadError::Invalid(what.into()))
}

fn ensure(holds: bool, what: &str) -> Check {
    if holds { Ok(()) } else { invalid(what) }
}

impl Plan {
    /// Checks the whole plan, whoever made it; patterns are compiled by [`crate::Engine::new`] only.
    pub fn validate(&self) -> Check {
        self.examine().map(|_| ())
    }

    pub(crate) fn examine(&self) -> Result<Validated, LoadError> {
        self.check_sizes()?;
        self.check_constants()?;
        let builtins = self.resolve_builtins()?;
        let survey = Survey::new(self, &builtins)?;
        let checker = Checker { plan: self, survey: &survey };
        checker.types()?;
        checker.input()?;
        checker.tools()?;
        checker.bindings()?;
        self.aggregates.iter().try_for_each(|aggregate| checker.aggregate(aggregate, &builtins))?;
        checker.rules()?;
        checker.sources()?;
        checker.index(&self.index)?;
        checker.weights()?;
        Ok(Validated { builtins, survey })
    }

    /// How many slots can be filled: the tool's two, and one for each place that keeps something.
    pub(crate) fn kept_values(&self) -> usize {
        fn count(layout: &Layout) -> usize {
            layout.fields.iter().map(|kept| 1 + count(&kept.inner)).sum()
        }
        let args = self.tools.iter().filter_map(|tool| tool.declaration.as_ref()?.args.as_ref());
        2 + args.map(|args| 1 + count(&args.keep)).sum::<usize>() + count(&self.input.keep)
    }

    fn check_sizes(&self) -> Check {
        let tables = [
            self.constants.len(),
            self.types.len(),
            self.nodes.len(),
            self.rules.len(),
            self.definitions.len(),
            self.scores.len(),
            self.tools.len(),
            self.data.len(),
            self.queries.len(),
            self.aggregates.len(),
        ];
        ensure(tables.into_iter().all(|len| u32::try_from(len).is_ok()), "a table is too long")?;
        ensure(index(self.memos) <= self.nodes.len(), "more is remembered than there are expressions")
    }

    fn resolve_builtins(&self) -> Result<Vec<&'static Function>, LoadError> {
        let find = |key: &super::Text| {
            tollgate_stdlib::by_key(key).ok_or_else(|| LoadError::Invalid(format!("it needs the function `{key}`, which this build has not")))
        };
        self.builtins.iter().map(find).collect()
    }

    fn check_constants(&self) -> Check {
        let mut sizes: Vec<(u64, usize)> = Vec::with_capacity(self.constants.len());
        let mut total = 0_u64;
        for (id, constant) in self.constants.iter().enumerate() {
            let mut size = (1_u64, 1_usize);
            let parts: Vec<u32> = match constant {
                Constant::List(ids) | Constant::Set(ids) | Constant::Record(_, ids) => ids.clone(),
                Constant::Map(entries) => entries.iter().map(|(_, id)| *id).collect(),
                _ => Vec::new(),
            };
            for part in parts {
                let Some((count, depth)) = sizes.get(index(part)) else {
                    return invalid(format!("constant {id} refers to one that does not come before it"));
                };
                size = (size.0.saturating_add(*count), size.1.max(depth + 1));
                ensure(!matches!(constant, Constant::Set(_)) || *depth == 1, "a set holds what is no scalar")?;
            }
            if let Constant::Record(shape, values) = constant {
                ensure(self.shapes.get(index(*shape)).is_some_and(|shape| shape.len() == values.len()), "a record has other fields than its shape")?;
            }
            total = total.saturating_add(size.0);
            ensure(size.1 <= MAX_TYPE_DEPTH && total <= MAX_CONSTANT_VALUES, "constants are too large")?;
            sizes.push(size);
        }
        Ok(())
    }
}

/// What is known of a condition that explanations show.
#[derive(Clone, Copy, Default)]
struct Shown {
    node: NodeId,
    /// How many locals a frame must have for all that is shown of it.
    locals: u32,
    bytes: u64,
}

struct Checker<'p> {
    plan: &'p Plan,
    survey: &'p Survey,
}

impl Checker<'_> {
    fn node(&self, id: NodeId, locals: u32) -> Check {
        let facts = self.survey.get(id).ok_or_else(|| LoadError::Invalid("an expression does not exist".into()))?;
        ensure(facts.locals <= locals, "an expression reads a variable outside its frame")?;
        ensure(facts.weight <= MAX_WEIGHT, "an expression is too large, with the functions that it calls written out")
    }

    fn frame(locals: u32) -> Check {
        ensure(locals <= MAX_LOCALS, "a frame has too many variables")
    }

    fn types(&self) -> Check {
        let mut depths: Vec<usize> = Vec::with_capacity(self.plan.types.len());
        for (id, ty) in self.plan.types.iter().enumerate() {
            let depth = self.type_depth(ty, &depths).map_err(|what| LoadError::Invalid(format!("type {id}: {what}")))?;
            ensure(depth <= MAX_TYPE_DEPTH, "a type is nested too deep")?;
            depths.push(depth);
        }
        Ok(())
    }

    fn type_depth(&self, ty: &TypeNode, earlier: &[usize]) -> Result<usize, String> {
        let depth = |id: u32| earlier.get(index(id)).map(|depth| depth + 1).ok_or("it refers to a type that does not come before it");
        Ok(match ty {
            TypeNode::List(of) | TypeNode::Map(of) | TypeNode::Optional(of) => depth(*of)?,
            TypeNode::Set(of) => {
                let compound = matches!(
                    self.plan.types.get(index(*of)),
                    Some(TypeNode::List(_) | TypeNode::Set(_) | TypeNode::Map(_) | TypeNode::Record { .. } | TypeNode::Json | TypeNode::Optional(_))
                );
                if compound {
                    return Err("a set holds what is no scalar".into());
                }
                depth(*of)?
            }
            TypeNode::Enum { variants, .. } if u16::try_from(variants.len()).is_err() => return Err("an enum has too many variants".into()),
            TypeNode::Record { fields, .. } if fields.len() > MAX_FIELDS => return Err("a record has too many fields".into()),
            TypeNode::Record { shape, fields, .. } => {
                if self.plan.shapes.get(index(*shape)).is_none_or(|shape| shape.len() != fields.len()) {
                    return Err("a record has other fields than its shape".into());
                }
                let mut deepest = 1;
                for field in fields {
                    deepest = deepest.max(depth(field.ty)?);
                    self.field(field, fields.len()).map_err(|error| error.to_string())?;
                }
                deepest
            }
            _ => 1,
        })
    }

    fn field(&self, field: &super::FieldNode, fields: usize) -> Check {
        if let Presence::Default(id) = field.presence {
            self.constant(id)?;
        }
        let Some(refinement) = &field.refinement else { return Ok(()) };
        Self::frame(refinement.locals)?;
        ensure(index(refinement.locals) >= fields, "a refinement has fewer variables than its record has fields")?;
        self.node(refinement.node, refinement.locals)?;
        ensure(self.survey.flags(refinement.node) & READS_REQUEST == 0, "a refinement reads the request")
    }

    fn constant(&self, id: u32) -> Check {
        ensure(index(id) < self.plan.constants.len(), "a constant does not exist")
    }

    fn input(&self) -> Check {
        let input = &self.plan.input;
        ensure(index(input.slots) <= self.plan.kept_values(), "there are more slots than kept values")?;
        let fields = self.record(input.ty).ok_or_else(|| LoadError::Invalid("the input is no record".into()))?;
        self.layout(&input.keep, input.ty)?;
        if let Some(tool) = input.tool {
            ensure(index(tool.tool) < fields && index(tool.args) < fields && tool.tool != tool.args, "the input has no such field")?;
            ensure(tool.name < input.slots && tool.server < input.slots && tool.name != tool.server, "the tool has no slots")?;
        }
        ensure(input.session.is_none_or(|session| index(session) < fields), "the input has no such field")
    }

    /// How many fields a record type has; `None` for another type.
    fn record(&self, id: u32) -> Option<usize> {
        match self.plan.types.get(index(id))? {
            TypeNode::Record { fields, .. } => Some(fields.len()),
            _ => None,
        }
    }

    fn layout(&self, layout: &Layout, ty: u32) -> Check {
        if layout.fields.is_empty() {
            return Ok(());
        }
        let Some(TypeNode::Record { fields, .. }) = self.plan.types.get(index(ty)) else { return invalid("fields of what is no record are kept") };
        ensure(layout.fields.is_sorted_by(|a, b| a.field < b.field), "kept fields are not sorted")?;
        for kept in &layout.fields {
            let Some(field) = fields.get(index(kept.field)) else { return invalid("a field that does not exist is kept") };
            ensure(kept.slot.is_none_or(|slot| slot < self.plan.input.slots), "a slot does not exist")?;
            self.layout(&kept.inner, field.ty)?;
        }
        Ok(())
    }

    fn tools(&self) -> Check {
        let tools = &self.plan.tools;
        ensure(tools.is_sorted_by(|a, b| (&a.name, &a.server) < (&b.name, &b.server)), "the tools are not sorted, or one is there twice")?;
        ensure(tools.is_empty() || self.plan.input.tool.is_some(), "there are tools, but the input has none")?;
        tools.iter().try_for_each(|tool| self.tool(tool))
    }

    fn tool(&self, tool: &Tool) -> Check {
        let Some(declaration) = &tool.declaration else { return Ok(()) };
        ensure(declaration.facts.len() == super::Fact::ALL.len(), "a tool has other facts than there are")?;
        declaration.facts.iter().try_for_each(|id| self.constant(*id))?;
        let Some(args) = &declaration.args else { return Ok(()) };
        ensure(self.record(args.ty).is_some(), "a tool's arguments are no record")?;
        ensure(args.whole.is_none_or(|slot| slot < self.plan.input.slots), "a slot does not exist")?;
        self.layout(&args.keep, args.ty)
    }

    fn bindings(&self) -> Check {
        for data in &self.plan.data {
            ensure(index(data.ty) < self.plan.types.len(), "data has no type")?;
            data.default.map_or(Ok(()), |id| self.constant(id))?;
        }
        for definition in &self.plan.definitions {
            Self::frame(definition.locals)?;
            ensure(definition.params <= definition.locals, "a definition has fewer variables than parameters")?;
            self.node(definition.node, definition.locals)?;
        }
        ensure(self.plan.scores.is_sorted_by(|a, b| a.name < b.name), "the scores are not sorted, or one is there twice")?;
        for score in &self.plan.scores {
            Self::frame(score.locals)?;
            ensure(score.low <= score.high, "a score has an empty range")?;
            for part in &score.parts {
                let nodes = [Some(part.amount), Some(part.condition), part.because];
                nodes.into_iter().flatten().try_for_each(|node| self.node(node, score.locals))?;
            }
        }
        for query in &self.plan.queries {
            Self::frame(query.locals)?;
            ensure(query.params <= query.locals, "a query has fewer variables than parameters")?;
            self.node(query.node, query.locals)?;
        }
        Ok(())
    }

    fn aggregate(&self, aggregate: &Aggregate, builtins: &[&'static Function]) -> Check {
        for step in &aggregate.steps {
            ensure(step.local < MAX_LOCALS, "an aggregate has too many variables")?;
            self.node(step.node, MAX_LOCALS)?;
            ensure(self.survey.flags(step.node) & READS_CALL == 0, "what is kept up about calls reads the request")?;
            if let Role::Mention(function) = step.role {
                let function = builtins.get(index(function)).map(|function| function.key);
                ensure(matches!(function, Some("string.mentions" | "json.mentions")), "an aggregate looks for values with what is no `mentions`")?;
                ensure(aggregate.summary.takes_mentions(), "an aggregate sums up what mentions a value")?;
            }
        }
        let once = |is: fn(Role) -> bool| aggregate.count(is) <= 1;
        let fits = once(|role| matches!(role, Role::Mark)) && once(|role| matches!(role, Role::Mention(_)));
        ensure(fits, "an aggregate has two steps of a kind of which it may have one")
    }

    fn rules(&self) -> Check {
        let rules = &self.plan.rules;
        ensure(rules.is_sorted_by(|a, b| a.name < b.name), "the rules are not sorted, or one is there twice")?;
        for rule in rules {
            self.rule(rule).map_err(|error| match error {
                LoadError::Invalid(what) => LoadError::Invalid(format!("rule `{}`: {what}", rule.name)),
                other => other,
            })?;
        }
        let Some(default) = &self.plan.default else { return Ok(()) };
        ensure(default.effect != Effect::Allow, "the default allows")?;
        Self::frame(default.locals)?;
        default.because.map_or(Ok(()), |node| self.node(node, default.locals))
    }

    fn rule(&self, rule: &Rule) -> Check {
        Self::frame(rule.locals)?;
        if let Some(on) = &rule.on {
            self.on(on)?;
        }
        rule.guards.iter().chain(&rule.conditions).chain(&rule.unless).try_for_each(|node| self.node(*node, rule.locals))?;
        ensure(rule.choices.len() <= MAX_CHOICES, "it has too many choices")?;
        for choice in &rule.choices {
            ensure(choice.local < rule.locals, "a choice has no variable")?;
            self.node(choice.source, rule.locals)?;
        }
        rule.because.map_or(Ok(()), |node| self.node(node, rule.locals))?;
        for requirement in &rule.require {
            let obligation = self.plan.obligations.get(index(requirement.obligation));
            ensure(obligation.is_some_and(|obligation| obligation.params.len() == requirement.args.len()), "an obligation does not fit")?;
            requirement.args.iter().try_for_each(|node| self.node(*node, rule.locals))?;
        }
        Ok(())
    }

    /// What explanations evaluate and show, which is read as it is where it passes.
    fn sources(&self) -> Check {
        let sources = &self.plan.sources;
        let shown: Vec<Shown> = sources.conditions.iter().map(|bytes| self.shown(bytes.unwrap_or_default())).collect::<Result<_, _>>()?;
        ensure(sources.rules.len() == self.plan.rules.len(), "there are sources of other rules than there are")?;
        let mut total = 0_u64;
        for (rule, part) in self.plan.rules.iter().zip(sources.rules.iter()) {
            let mut own = rule.guards.iter().chain(&rule.conditions).chain(&rule.unless);
            let mut fits = true;
            let choices = sources::each_condition(part.unwrap_or_default(), |number| {
                let shown = shown.get(index(number)).copied().unwrap_or_default();
                fits &= shown.locals <= rule.locals && own.next() == Some(&shown.node) && shown.bytes > 0;
                total = total.saturating_add(shown.bytes);
            });
            ensure(fits && own.next().is_none() && choices == Some(rule.choices.len()), "a rule has another one's source")?;
        }
        ensure(total <= MAX_SHOWN, "the sources of its rules are too long")
    }

    /// What is to be known of an encoded condition.
    fn shown(&self, bytes: &[u8]) -> Result<Shown, LoadError> {
        let mut shown = Shown { bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), ..Shown::default() };
        let mut deepest = 0;
        for row in sources::rows(bytes) {
            let (depth, node, _) = row.map_err(|_| LoadError::Invalid("the source of a condition is damaged".into()))?;
            ensure(depth <= deepest && depth < MAX_TREE_DEPTH && (depth > 0 || deepest == 0), "the source of a condition is no tree")?;
            self.node(node, MAX_LOCALS)?;
            if depth == 0 {
                shown.node = node;
            }
            deepest = depth + 1;
            shown.locals = shown.locals.max(self.survey.get(node).map_or(0, |facts| facts.locals));
        }
        Ok(shown)
    }

    fn on(&self, on: &On) -> Check {
        ensure(self.plan.input.tool.is_some(), "it is about tools, but the input has none")?;
        ensure(on.tools.iter().all(|tool| index(*tool) < self.plan.tools.len()), "a tool does not exist")?;
        let mut patterns = on.patterns.iter().flat_map(|(server, name)| server.iter().chain([name]));
        let like = |id: &u32| matches!(self.plan.patterns.get(index(*id)), Some(super::Pattern::Like(_)));
        ensure(patterns.all(like), "a pattern of tools does not exist")
    }

    fn index(&self, filed: &Index) -> Check {
        ensure(self.plan.rules.len() <= MAX_RULES, "there are too many rules")?;
        let mut seen = vec![false; self.plan.rules.len()];
        let entries = filed.groups.iter().flat_map(|group| group.entries.iter().map(|entry| entry.rule));
        for rule in entries.chain(filed.unfiled.iter().copied()) {
            let known = seen.get_mut(index(rule)).map(|seen| *seen = true);
            ensure(known.is_some(), "the index files a rule that does not exist")?;
        }
        ensure(seen.iter().all(|seen| *seen), "the index lacks a rule")?;
        filed.groups.iter().try_for_each(|group| self.group(group))
    }

    fn group(&self, group: &Group) -> Check {
        ensure((1..=MAX_ATTRIBUTES).contains(&group.attributes.len()), "a group of the index has no attribute, or too many")?;
        for (place, attribute) in group.attributes.iter().enumerate() {
            ensure(group.attributes.iter().take(place).all(|other| other != attribute), "a group of the index has an attribute twice")?;
            match attribute.node() {
                Some(node) => self.node(node, 0)?,
                None => ensure(self.plan.input.tool.is_some(), "the index looks at tools, but the input has none")?,
            }
        }
        for entry in &group.entries {
            let guards = self.plan.rules.get(index(entry.rule)).map_or(0, |rule| rule.guards.len());
            ensure(entry.proves.iter().all(|guard| index(*guard) < guards), "the index proves a guard that does not exist")?;
            ensure(entry.keys.len() == group.attributes.len(), "the index files a rule under other attributes than its group's")?;
            group.attributes.iter().zip(&entry.keys).try_for_each(|(attribute, keys)| self.keys(attribute, keys))?;
        }
        Ok(())
    }

    fn keys(&self, attribute: &Attribute, keys: &Keys) -> Check {
        let constant = |id: u32| self.plan.constants.get(index(id));
        let fit = match (attribute, keys) {
            (Attribute::Tool | Attribute::Declaration, Keys::Tools { tools, .. }) => tools.iter().all(|tool| index(*tool) < self.plan.tools.len()),
            (Attribute::Node(_), Keys::Values(values)) => values.iter().all(|id| constant(*id).is_some_and(Constant::is_scalar)),
            (Attribute::Start(_) | Attribute::End(_), Keys::Values(values)) => {
                values.iter().all(|id| matches!(constant(*id), Some(Constant::Str(_))))
            }
            (Attribute::Net(_), Keys::Values(values)) => values.iter().all(|id| matches!(constant(*id), Some(Constant::Cidr(..)))),
            (Attribute::Match(_), Keys::Patterns(patterns)) => patterns.iter().all(|id| index(*id) < self.plan.patterns.len()),
            (Attribute::Data(_), Keys::Data(data)) => data.iter().all(|id| index(*id) < self.plan.data.len()),
            (Attribute::Order(_), Keys::Between(intervals)) => {
                let mut ends = intervals.iter().flat_map(|interval| [interval.low, interval.high]).flatten();
                ends.all(|end| constant(end.value).is_some_and(Constant::is_ordered))
            }
            _ => false,
        };
        ensure(fit, "the index has keys that do not fit")
    }

    /// Bounds what one decision evaluates outside of loops.
    fn weights(&self) -> Check {
        let plan = self.plan;
        let rules = plan.rules.iter().flat_map(|rule| {
            let conditions = rule.guards.iter().chain(&rule.conditions).chain(&rule.unless).copied();
            let arguments = rule.require.iter().flat_map(|requirement| requirement.args.iter().copied());
            conditions.chain(rule.choices.iter().map(|choice| choice.source)).chain(rule.because).chain(arguments)
        });
        let scores = plan.scores.iter().flat_map(|score| score.parts.iter().flat_map(|part| [part.amount, part.condition]));
        let shared = plan.nodes.iter().filter_map(|node| if let super::Node::Shared(_, of) = node { Some(*of) } else { None });
        let records = plan.types.iter().filter_map(|ty| if let TypeNode::Record { fields, .. } = ty { Some(fields) } else { None });
        let refinements = records.flatten().filter_map(|field| Some(field.refinement.as_ref()?.node));
        let kept_up = plan.aggregates.iter().flat_map(|aggregate| aggregate.steps.iter().map(|step| step.node));
        let roots =
            refinements.chain(rules).chain(scores).chain(shared).chain(plan.definitions.iter().map(|definition| definition.node)).chain(kept_up);
        // Each step of an aggregate has a frame, made anew for every call.
        let frames =
            plan.aggregates.iter().flat_map(|aggregate| &aggregate.steps).map(|step| self.survey.locals(step.node).max(index(step.local)) / 8);
        let frames: u64 = frames.filter_map(|locals| u64::try_from(locals).ok()).sum();
        let total: u64 = roots.map(|node| u64::from(self.survey.weight(node))).sum::<u64>().saturating_add(frames);
        ensure(total <= MAX_TOTAL_WEIGHT, "its expressions are too large, with the functions that they call written out")
    }
}
