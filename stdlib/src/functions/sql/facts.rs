//! What is told of a statement.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{CopySource, Expr, GrantObjects, ObjectName, ObjectType, Query, SetExpr, Statement, TableFactor, Visit, Visitor};

/// The facts of one statement.
pub struct Facts {
    /// `select` for every query, else the first word in lower case.
    pub kind: String,
    /// Every table named, in lower case, with its schema where one is written.
    pub tables: BTreeSet<String>,
    /// Whether the statement itself has a `WHERE`.
    pub has_where: bool,
    /// Whether nothing in it writes or locks.
    pub is_read_only: bool,
}

/// The facts of statements with their first words.
pub fn facts(statements: &[(String, Statement)]) -> Option<Vec<Facts>> {
    statements.iter().map(|(first, statement)| fact(first, statement)).collect()
}

fn fact(first: &str, statement: &Statement) -> Option<Facts> {
    let mut scan = Scan::default();
    let _ = statement.visit(&mut scan);
    scan.named_beside(statement);
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
    if kind.is_empty() {
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

/// The names that a `WITH` gives, with the addresses of their queries: each is known from the next query on, or everywhere where recursive.
#[derive(Default)]
struct Scope {
    names: Vec<(String, *const Query)>,
    known: usize,
}

/// Gathers tables and writes from a whole tree.
#[derive(Default)]
struct Scan {
    tables: BTreeSet<String>,
    writes: bool,
    scopes: Vec<Scope>,
}

impl Visitor for Scan {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.writes |= !query.locks.is_empty() || query.settings.is_some();
        self.look_at(&query.body);
        let with = query.with.as_ref();
        let names: Vec<_> =
            with.iter().flat_map(|with| &with.cte_tables).map(|cte| (cte.alias.name.value.to_lowercase(), &raw const *cte.query)).collect();
        let known = if with.is_some_and(|with| with.recursive) { names.len() } else { 0 };
        self.scopes.push(Scope { names, known });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.scopes.pop();
        if let Some(scope) = self.scopes.last_mut()
            && let Some(index) = scope.names.iter().position(|(_, address)| std::ptr::eq(*address, query))
        {
            scope.known = scope.known.max(index + 1);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = name(relation);
        let is_known = self.scopes.iter().any(|scope| scope.names.iter().take(scope.known).any(|(known, _)| *known == name));
        if !is_known {
            self.tables.insert(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } = factor {
            self.writes |= is_writer(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr {
            self.writes |= is_writer(&function.name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        self.writes |= !only_reads(statement);
        ControlFlow::Continue(())
    }
}

impl Scan {
    /// A query's own parts that no other visit sees.
    fn look_at(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => {
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

    /// Tables that a statement names where no visit goes.
    fn named_beside(&mut self, statement: &Statement) {
        let names: &[ObjectName] = match statement {
            Statement::Drop { object_type: ObjectType::Table | ObjectType::View | ObjectType::MaterializedView, names, .. } => names,
            Statement::CreateView { name, .. } => std::slice::from_ref(name),
            Statement::Copy { source: CopySource::Table { table_name, .. }, .. } => std::slice::from_ref(table_name),
            Statement::Grant { objects: Some(GrantObjects::Tables(names)), .. }
            | Statement::Revoke { objects: Some(GrantObjects::Tables(names)), .. } => names,
            _ => &[],
        };
        self.tables.extend(names.iter().map(name));
    }
}

/// A name in lower case, without quotes.
fn name(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| part.as_ident().map_or_else(|| part.to_string(), |ident| ident.value.clone()).to_lowercase());
    parts.collect::<Vec<_>>().join(".")
}

/// Functions known to write, to run other statements or programs, or to reach other sessions, servers and files.
const WRITERS: &[&str] = &[
    "nextval",
    "setval",
    "set_config",
    "load_file",
    "load_extension",
    "writefile",
    "edit",
    "eval",
    "sleep",
    "benchmark",
    "get_lock",
    "release_lock",
    "release_all_locks",
    "pg_sleep",
    "pg_notify",
    "crosstab",
    "ts_stat",
    "ts_rewrite",
    "query_to_xml",
    "query_to_xmlschema",
    "query_to_xml_and_xmlschema",
    "cursor_to_xml",
    "database_to_xml",
    "openrowset",
    "openquery",
    "opendatasource",
    "last_insert_id",
    "txid_current",
    "pg_current_xact_id",
];

/// Starts of names of such functions.
const WRITER_PREFIXES: &[&str] = &[
    "lo_",
    "dblink",
    "xp_",
    "sp_",
    "sys_",
    "dbms_",
    "utl_",
    "http",
    "pg_advisory",
    "pg_try_advisory",
    "pg_terminate",
    "pg_cancel",
    "pg_reload",
    "pg_rotate",
    "pg_switch",
    "pg_start",
    "pg_stop",
    "pg_backup",
    "pg_create",
    "pg_drop",
    "pg_copy",
    "pg_read",
    "pg_ls",
    "pg_stat_file",
    "pg_stat_reset",
    "pg_file",
    "pg_write",
    "pg_logical",
    "pg_replication",
    "pg_promote",
    "pg_wal",
    "pg_export",
    "pg_import",
    "pg_sleep",
];

fn is_writer(function: &ObjectName) -> bool {
    let name = name(function);
    let last = name.rsplit('.').next().unwrap_or_default();
    WRITERS.contains(&last) || name.split('.').any(|part| WRITER_PREFIXES.iter().any(|prefix| part.starts_with(prefix)))
}
