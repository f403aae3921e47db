//! Expressions to nodes.

use std::sync::Arc;

use tollgate_evaluator::plan::{self, Change, ConstId, Node, NodeId, Pattern};
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Function as Builtin, Kept};

use crate::program::{Argument, Expr, ExprKind};

use super::Lowering;
use super::fold::{self, Known};
use super::frame::Frame;
use super::graph::{Traits, map_children};
use super::intern::{index, number};
use super::layout::read_of;

/// Expressions that a function may consist of to be written out where it is called.
const MAX_WRITTEN_OUT: u32 = 24;

impl Lowering<'_> {
    /// The node of an expression.
    pub(super) fn expr(&mut self, frame: &mut Frame, expr: &Expr) -> NodeId {
        match &expr.kind {
            ExprKind::Error => {
                self.is_erroneous = true;
                self.constant(&Kept::None)
            }
            ExprKind::Const(value) => self.constant(value),
            ExprKind::Input(_) | ExprKind::Args | ExprKind::Field { .. } => self.read(frame, expr),
            ExprKind::Data(place) => self.node(Node::Data(number(*place))),
            ExprKind::Definition(place) => self.definition(*place),
            ExprKind::Score(place) => self.node(Node::Score(number(*place))),
            ExprKind::Fact(fact) => self.node(Node::Fact(*fact)),
            ExprKind::Local(local) => match frame.local(*local) {
                Some(local) => self.node(Node::Local(local)),
                None => self.constant(&Kept::None),
            },
            ExprKind::And(items) => self.junction(frame, items, true),
            ExprKind::Or(items) => self.junction(frame, items, false),
            ExprKind::Not(a) => self.not(frame, a),
            ExprKind::If { condition, then, otherwise } => self.choice(frame, condition, then, otherwise),
            ExprKind::Coalesce(a, b) => self.coalesce(frame, a, b),
            ExprKind::Record(shape, items) => {
                let values = self.exprs(frame, items);
                let shape = self.constants.shape(shape);
                self.node(Node::Record(shape, values))
            }
            ExprKind::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (self.constants.text(key), self.expr(frame, value))).collect();
                self.node(Node::Map(entries))
            }
            ExprKind::With { base, changes } => self.with(frame, base, changes),
            ExprKind::Call { function, args } => self.call(frame, function, args),
            ExprKind::Invoke { definition, args } => self.invoke(frame, *definition, args),
            ExprKind::WithPresent { base, local, body } => {
                let base = self.expr(frame, base);
                let (local, body) = self.bound(frame, *local, body);
                self.node(Node::WithPresent(base, local, body))
            }
            _ => self.operator(frame, expr),
        }
    }

    /// The nodes of several expressions, in order.
    pub(super) fn exprs(&mut self, frame: &mut Frame, exprs: &[Expr]) -> Box<[NodeId]> {
        exprs.iter().map(|expr| self.expr(frame, expr)).collect()
    }

    /// The node of a constant.
    pub(super) fn constant(&mut self, value: &Kept) -> NodeId {
        let constant = self.constants.intern(value);
        self.node(Node::Const(constant))
    }

    /// The number of a node; where all its operands are constants and it can be computed, that of the constant that it is.
    pub(super) fn node(&mut self, node: Node) -> NodeId {
        if let Some(value) = self.folded(&node) {
            return self.constant(&value);
        }
        let definition = match &node {
            Node::Definition(place) | Node::Invoke(place, _) => self.definitions.get(index(*place)).map(|definition| definition.node),
            _ => None,
        };
        self.graph.intern(node, definition)
    }

    fn folded(&self, node: &Node) -> Known {
        if matches!(node, Node::Const(_)) {
            return None;
        }
        fold::evaluate(node, &self.constants, &mut |id| self.graph.constant(id).map(|constant| self.constants.value(constant)))
    }

    fn operator(&mut self, frame: &mut Frame, expr: &Expr) -> NodeId {
        let node = match &expr.kind {
            ExprKind::Member { base, name } => Node::Member(self.expr(frame, base), self.constants.text(name)),
            ExprKind::Index { base, index } => Node::Index(self.expr(frame, base), self.expr(frame, index)),
            ExprKind::Equal(a, b) => Node::Equal(self.expr(frame, a), self.expr(frame, b)),
            ExprKind::Order(order, a, b) => Node::Order(*order, self.expr(frame, a), self.expr(frame, b)),
            ExprKind::In(a, b) => Node::In(self.expr(frame, a), self.expr(frame, b)),
            ExprKind::Like(a, glob) => Node::Matches(self.expr(frame, a), self.patterns.intern(Pattern::Like((&**glob).into()))),
            ExprKind::Matches(a, regex) => Node::Matches(self.expr(frame, a), self.patterns.intern(Pattern::Regex((&**regex).into()))),
            ExprKind::Arithmetic(operator, a, b) => Node::Arithmetic(*operator, self.expr(frame, a), self.expr(frame, b)),
            ExprKind::Negate(a) => Node::Negate(self.expr(frame, a)),
            ExprKind::Text(items) => Node::Text(self.exprs(frame, items)),
            ExprKind::List(items) => Node::List(self.exprs(frame, items)),
            ExprKind::Set(items) => Node::Set(self.exprs(frame, items)),
            ExprKind::ToDecimal(a) => Node::ToDecimal(self.expr(frame, a)),
            ExprKind::ToJson(a) => Node::ToJson(self.expr(frame, a)),
            _ => Node::Const(self.constants.intern(&Kept::None)),
        };
        self.answered(node)
    }

    /// A path of fields from the request or the arguments is a slot. Of other records, named types are read by index; types without a name, which
    /// may list the same fields in another order, by name.
    fn read(&mut self, frame: &mut Frame, expr: &Expr) -> NodeId {
        if let Some(read) = read_of(expr) {
            let slot = self.slots.slot(&read, &expr.ty);
            return self.node(Node::Slot(slot));
        }
        let ExprKind::Field { base, name, index } = &expr.kind else { return self.constant(&Kept::None) };
        let value = self.expr(frame, base);
        match base.ty.present() {
            Type::Record(ty) if ty.name.is_some() => self.node(Node::Field(value, number(*index))),
            _ => {
                let name = self.constants.text(name);
                self.node(Node::Member(value, name))
            }
        }
    }

    fn definition(&mut self, place: usize) -> NodeId {
        let Some(number) = self.definition_numbers.get(place).copied().flatten() else { return self.constant(&Kept::None) };
        let node = self.definitions.get(index(number)).map(|definition| definition.node);
        match node.filter(|node| self.graph.constant(*node).is_some()) {
            Some(constant) => constant,
            None => self.node(Node::Definition(number)),
        }
    }

    fn invoke(&mut self, frame: &mut Frame, place: usize, args: &[Expr]) -> NodeId {
        if args.is_empty() {
            return self.definition(place);
        }
        let args = self.exprs(frame, args);
        let Some(number) = self.definition_numbers.get(place).copied().flatten() else { return self.constant(&Kept::None) };
        match self.definitions.get(index(number)).map(|definition| definition.node) {
            Some(body) if self.is_written_out(body, &args) => self.written_out(body, &args),
            _ => self.node(Node::Invoke(number, args)),
        }
    }

    /// Whether a function's body stands where it is called: it is short, binds nothing, and what it is called with is read rather than computed. The
    /// index then sees what the function asks, and evaluating it takes no frame.
    fn is_written_out(&self, body: NodeId, args: &[NodeId]) -> bool {
        let is_read = |arg: &NodeId| matches!(self.graph.get(*arg), Node::Const(_) | Node::Slot(_) | Node::Local(_));
        let Traits { binds, size, .. } = self.graph.traits(body);
        args.iter().all(is_read) && !binds && size <= MAX_WRITTEN_OUT
    }

    /// An expression of a function's body, with what is given in the place of its parameters.
    fn written_out(&mut self, id: NodeId, args: &[NodeId]) -> NodeId {
        if self.graph.is_closed(id) {
            return id;
        }
        let mut node = self.graph.get(id).clone();
        if let Node::Local(param) = node {
            return args.get(index(param)).copied().unwrap_or(id);
        }
        map_children(&mut node, &mut |child| self.written_out(child, args));
        self.answered(node)
    }

    /// `and` and `or`: constants that decide nothing are left out, and nothing follows one that decides.
    fn junction(&mut self, frame: &mut Frame, items: &[Expr], is_and: bool) -> NodeId {
        let mut operands = Vec::with_capacity(items.len());
        for item in items {
            let operand = self.expr(frame, item);
            match self.bool_constant(operand) {
                Some(value) if value == is_and => {}
                Some(_) => {
                    operands.push(operand);
                    break;
                }
                None => operands.push(operand),
            }
        }
        match operands.as_slice() {
            [] => self.constant(&Kept::Bool(is_and)),
            [only] => *only,
            _ if is_and => self.node(Node::And(operands.into())),
            _ => self.node(Node::Or(operands.into())),
        }
    }

    fn not(&mut self, frame: &mut Frame, operand: &Expr) -> NodeId {
        let operand = self.expr(frame, operand);
        match self.graph.get(operand) {
            Node::Not(inner) => *inner,
            _ => self.node(Node::Not(operand)),
        }
    }

    fn choice(&mut self, frame: &mut Frame, condition: &Expr, then: &Expr, otherwise: &Expr) -> NodeId {
        let condition = self.expr(frame, condition);
        match self.bool_constant(condition) {
            Some(true) => self.expr(frame, then),
            Some(false) => self.expr(frame, otherwise),
            None => {
                let (then, otherwise) = (self.expr(frame, then), self.expr(frame, otherwise));
                self.node(Node::If(condition, then, otherwise))
            }
        }
    }

    fn coalesce(&mut self, frame: &mut Frame, a: &Expr, b: &Expr) -> NodeId {
        let a = self.expr(frame, a);
        match self.graph.constant(a).map(|constant| self.constants.value(constant)) {
            Some(value) if value.view().is_none() => self.expr(frame, b),
            Some(_) => a,
            None => {
                let b = self.expr(frame, b);
                self.node(Node::Coalesce(a, b))
            }
        }
    }

    fn with(&mut self, frame: &mut Frame, base: &Expr, changes: &[(Vec<Arc<str>>, Expr)]) -> NodeId {
        let base = self.expr(frame, base);
        let changes = changes
            .iter()
            .map(|(path, value)| Change { path: path.iter().map(|name| self.constants.text(name)).collect(), value: self.expr(frame, value) })
            .collect();
        self.node(Node::With(base, changes))
    }

    fn call(&mut self, frame: &mut Frame, function: &Builtin, args: &[Argument]) -> NodeId {
        let args: Box<[plan::Argument]> = args
            .iter()
            .map(|arg| match arg {
                Argument::Value(value) => plan::Argument::Node(self.expr(frame, value)),
                Argument::Lambda { local, body } => {
                    let (local, body) = self.bound(frame, *local, body);
                    plan::Argument::Lambda(local, body)
                }
            })
            .collect();
        let function = self.builtins.intern(function.key.into());
        self.answered(Node::Call(function, args))
    }

    /// The number of a node, with how a session answers it where it can.
    fn answered(&mut self, node: Node) -> NodeId {
        let kept_up = match &node {
            Node::Index(base, index) => match self.graph.constant(*index).map(|constant| self.constants.get(constant)) {
                Some(plan::Constant::Int(0)) => self.kept_up("sequence.first", &[plan::Argument::Node(*base)]),
                Some(plan::Constant::Int(-1)) => self.kept_up("sequence.last", &[plan::Argument::Node(*base)]),
                _ => None,
            },
            Node::In(item, of) => self.kept_up("sequence.contains", &[plan::Argument::Node(*of), plan::Argument::Node(*item)]),
            Node::Call(function, args) => self.builtins.get(*function).cloned().and_then(|key| self.kept_up(&key, args)),
            _ => None,
        };
        let node = self.node(node);
        if let Some(read) = kept_up {
            self.histories.add(node, read);
        }
        node
    }

    fn bound(&mut self, frame: &mut Frame, local: usize, body: &Expr) -> (u32, NodeId) {
        let local = frame.enter(local);
        let body = self.expr(frame, body);
        frame.leave();
        (local, body)
    }

    fn bool_constant(&self, node: NodeId) -> Option<bool> {
        let constant: ConstId = self.graph.constant(node)?;
        self.constants.value(constant).view().as_bool()
    }
}
