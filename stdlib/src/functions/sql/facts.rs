//! What is told of a statement.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Ident, ObjectName, Query, Select, SelectItem, SetExpr, Statement, TableAlias, TableFactor, Visit, Visitor};

use super::named::{name, named};
use super::pure::is_pure;

/// The facts of one statement.
pub struct Facts {
    /// `select` for every query, else the first word in lower case.
    pub kind: String,
    /// Every table named, in lower case, with its schema where one is written.
    pub tables: BTreeSet<String>,
    /// Whether the statement itself has a `WHERE`.
    pub has_where: bool,
    /// Whether nothing in it writes or locks, and every function it calls does no more than compute.
    pub is_read_only: bool,
}

/// The facts of statements with their first words.
pub fn facts(statements: &[(String, Statement)]) -> Option<Vec<Facts>> {
    statements.iter().map(|(first, statement)| fact(first, statement)).collect()
}

fn fact(first: &str, statement: &Statement) -> Option<Facts> {
    let mut scan = Scan::default();
    let _ = statement.visit(&mut scan);
    let outer = outer(statement);
    let kind = match outer {
        Statement::Query(_) => "select",
        Statement::Insert(insert) if insert.replace_into => "replace",
        Statement::Insert(_) => "insert",
        Statement::Update { .. } => "update",
        Statement::Delete(_) => "delete",
        Statement::Merge { .. } => "merge",
        _ => first,
    };
    let has_where = match outer {
        Statement::Query(query) => has_where(&query.body),
        Statement::Update { selection, .. } => selection.is_some(),
        Statement::Delete(delete) => delete.selection.is_some(),
        _ => false,
    };
    if kind.is_empty() || scan.is_unclear {
        return None;
    }
    Some(Facts { kind: kind.to_owned(), tables: scan.tables, has_where, is_read_only: !scan.writes && only_reads(statement) })
}

/// The statement, or the one that a `WITH` introduces.
fn outer(statement: &Statement) -> &Statement {
    let Statement::Query(query) = statement else { return statement };
    match &*query.body {
        SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => inner,
        _ => statement,
    }
}

fn has_where(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.selection.is_some() || select.prewhere.is_some(),
        SetExpr::Query(query) => has_where(&query.body),
        SetExpr::SetOperation { left, right, .. } => has_where(left) || has_where(right),
        _ => false,
    }
}

/// Whether it is of a kind that reads alone; what it holds is looked at elsewhere.
fn only_reads(statement: &Statement) -> bool {
    match statement {
        Statement::Query(_)
        | Statement::ExplainTable { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowVariable { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowCreate { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowCharset(_)
        | Statement::ShowObjects(_)
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::ShowCollation { .. } => true,
        Statement::Explain { statement, .. } => only_reads(statement),
        _ => false,
    }
}

/// A name that a `WITH` gives, with the address of its query.
struct Given {
    name: Ident,
    query: *const Query,
}

impl Given {
    fn of(query: &Query) -> Vec<Given> {
        let given = query.with.iter().flat_map(|with| &with.cte_tables);
        given.map(|cte| Given { name: cte.alias.name.clone(), query: &raw const *cte.query }).collect()
    }

    /// Whether some system takes them for the same.
    fn may_be(&self, other: &Ident) -> bool {
        self.name.value.to_lowercase() == other.value.to_lowercase()
    }

    /// Whether every system takes them for the same.
    fn is(&self, other: &Ident) -> bool {
        self.name.value == other.value && self.name.quote_style.is_some() == other.quote_style.is_some()
    }
}

/// The names that a `WITH` gives: each is known from the next query on, where recursive from its own.
#[derive(Default)]
struct Scope {
    given: Vec<Given>,
    is_recursive: bool,
    known: usize,
}

impl Scope {
    fn learn(&mut self, query: &Query, is_over: bool) {
        if let Some(index) = self.given.iter().position(|given| std::ptr::eq(given.query, query))
            && (is_over || self.is_recursive)
        {
            self.known = self.known.max(index + 1);
        }
    }
}

/// Gathers tables and writes from a whole tree.
#[derive(Default)]
struct Scan {
    tables: BTreeSet<String>,
    writes: bool,
    /// Whether something in it is not walked, or is read by systems in different ways.
    is_unclear: bool,
    scopes: Vec<Scope>,
}

impl Visitor for Scan {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.writes |= !query.locks.is_empty() || query.settings.is_some();
        self.is_unclear |= !query.pipe_operators.is_empty();
        self.look_at(&query.body);
        if let Some(scope) = self.scopes.last_mut() {
            scope.learn(query, false);
        }
        let is_recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        self.scopes.push(Scope { given: Given::of(query), is_recursive, known: 0 });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.scopes.pop();
        if let Some(scope) = self.scopes.last_mut() {
            scope.learn(query, true);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts: Vec<_> = relation.0.iter().filter_map(|part| part.as_ident()).collect();
        // A string for a table is a file where it is anything.
        self.is_unclear |= parts.iter().any(|part| part.quote_style == Some('\''));
        let known = self.scopes.iter().flat_map(|scope| scope.given.iter().take(scope.known));
        let alike: Vec<_> = match parts.as_slice() {
            [table] => known.filter(|given| given.may_be(table)).map(|given| given.is(table)).collect(),
            _ => Vec::new(),
        };
        self.is_unclear |= alike.contains(&false);
        if alike.is_empty() {
            self.tables.insert(name(relation));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } = factor {
            self.writes |= !is_pure(name);
        }
        self.is_unclear |= matches!(factor, TableFactor::SemanticView { .. }) || alias(factor).is_some_and(|alias| begins_statement(&alias.name));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.writes |= match expr {
            Expr::Function(function) => !is_pure(&function.name),
            // A sequence's next value is a write that looks like a column.
            Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|last| last.value.eq_ignore_ascii_case("nextval")),
            _ => false,
        };
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        self.writes |= !only_reads(statement);
        if let Statement::Insert(insert) = statement {
            self.is_unclear |= insert.table_alias.as_ref().is_some_and(begins_statement);
        }
        match named(statement) {
            Some(tables) => self.tables.extend(tables),
            None => self.is_unclear = true,
        }
        ControlFlow::Continue(())
    }
}

impl Scan {
    /// A query's own parts that no other visit sees.
    fn look_at(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => {
                self.is_unclear |= has_statement_alias(select);
                if let Some(into) = &select.into {
                    self.writes = true;
                    self.tables.insert(name(&into.name));
                }
            }
            SetExpr::SetOperation { left, right, .. } => {
                self.look_at(left);
                self.look_at(right);
            }
            SetExpr::Table(table) => {
                let parts = [&table.schema_name, &table.table_name];
                self.tables.insert(parts.into_iter().flatten().map(|part| part.to_lowercase()).collect::<Vec<_>>().join("."));
            }
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => self.writes = true,
            SetExpr::Query(_) | SetExpr::Values(_) => {}
        }
    }
}

fn has_statement_alias(select: &Select) -> bool {
    select.projection.iter().any(|item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if begins_statement(alias)))
}

fn alias(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::JsonTable { alias, .. }
        | TableFactor::OpenJsonTable { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. }
        | TableFactor::MatchRecognize { alias, .. }
        | TableFactor::XmlTable { alias, .. }
        | TableFactor::SemanticView { alias, .. } => alias.as_ref(),
    }
}

/// Whether a name is the first word of a statement to a system whose statements need no `;` between them.
fn begins_statement(alias: &Ident) -> bool {
    alias.quote_style.is_none() && STATEMENT_WORDS.iter().any(|word| alias.value.eq_ignore_ascii_case(word))
}

const STATEMENT_WORDS: &[&str] = &[
    "add",
    "alter",
    "backup",
    "begin",
    "break",
    "bulk",
    "call",
    "checkpoint",
    "close",
    "commit",
    "continue",
    "create",
    "dbcc",
    "deallocate",
    "declare",
    "delete",
    "deny",
    "disable",
    "drop",
    "dump",
    "enable",
    "end",
    "exec",
    "execute",
    "fetch",
    "get",
    "go",
    "goto",
    "grant",
    "if",
    "insert",
    "kill",
    "load",
    "lineno",
    "merge",
    "move",
    "open",
    "print",
    "raiserror",
    "readtext",
    "receive",
    "reconfigure",
    "restore",
    "return",
    "revert",
    "revoke",
    "rollback",
    "save",
    "select",
    "send",
    "set",
    "setuser",
    "shutdown",
    "throw",
    "truncate",
    "update",
    "updatetext",
    "use",
    "waitfor",
    "while",
    "with",
    "writetext",
];
