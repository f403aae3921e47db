//! Which tables a statement names beside those that it reads.

use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CommentObject, CopySource, CreateTable, CreateTableLikeKind, CreateTableOptions, Delete, FromTable,
    GrantObjects, Ident, ObjectName, ObjectType, RenameTableNameKind, SqlOption, Statement, TableConstraint, TableFactor, TableObject,
    TableWithJoins,
};

/// A name in lower case, without quotes.
pub fn name(name: &ObjectName) -> String {
    let parts = name.0.iter().map(|part| part.as_ident().map_or_else(|| part.to_string(), |ident| ident.value.clone()).to_lowercase());
    parts.collect::<Vec<_>>().join(".")
}

/// The tables that are written or named where no visit of the statement's tree goes; nothing for a statement that is not known to name no others. What is
/// written is a table even where a `WITH` gives something of its name.
pub fn named(statement: &Statement) -> Option<Vec<String>> {
    let one = |table: &ObjectName| Some(vec![name(table)]);
    let all = |tables: &[ObjectName]| Some(tables.iter().map(name).collect());
    let maybe = |table: &Option<ObjectName>| Some(table.iter().map(name).collect());
    match statement {
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(table) => one(table),
            TableObject::TableFunction(_) => None,
        },
        Statement::Update { table, .. } => Some(joined(std::slice::from_ref(table))),
        Statement::Delete(delete) => Some(deleted(delete)),
        Statement::Merge { table, .. } => Some(factor(table).into_iter().collect()),
        Statement::Truncate { table_names, .. } => Some(table_names.iter().map(|target| name(&target.name)).collect()),
        Statement::CreateTable(create) => created(create),
        Statement::CreateView { name: view, to, .. } => Some(std::iter::once(view).chain(to).map(name).collect()),
        Statement::CreateTrigger(trigger) if trigger.statements.is_none() => {
            Some(std::iter::once(&trigger.table_name).chain(&trigger.referenced_table_name).map(name).collect())
        }
        Statement::DropTrigger(trigger) => maybe(&trigger.table_name),
        Statement::DropPolicy { table_name, .. } => one(table_name),
        Statement::AlterTable { operations, .. } => altered(operations),
        Statement::Drop { object_type, names, table, .. } => dropped(*object_type, names, table.as_ref()),
        Statement::Copy { source: CopySource::Table { table_name, .. }, .. } | Statement::LoadData { table_name, .. } => one(table_name),
        Statement::Grant { objects: Some(objects), .. } | Statement::Revoke { objects: Some(objects), .. } => Some(granted(objects)),
        Statement::Deny(deny) => Some(granted(&deny.objects)),
        Statement::Comment { object_type: CommentObject::Table, object_name, .. } => one(object_name),
        Statement::Comment { object_type: CommentObject::Column, object_name, .. } => owner(object_name).map(|table| vec![table]),
        Statement::OptimizeTable { name, .. } => one(name),
        Statement::Vacuum(vacuum) => maybe(&vacuum.table_name),
        Statement::RenameTable(renames) => Some(renames.iter().flat_map(|rename| [name(&rename.old_name), name(&rename.new_name)]).collect()),
        Statement::Flush { tables, .. } => all(tables),
        Statement::ShowCreate { obj_name, .. } => one(obj_name),
        other => names_no_others(other).then(Vec::new),
    }
}

/// Whether the visit of the tree sees every table that the statement can name.
fn names_no_others(statement: &Statement) -> bool {
    match statement {
        Statement::ShowVariable { variable } => is_setting(variable),
        Statement::StartTransaction { statements, exception, .. } => statements.is_empty() && exception.is_none(),
        Statement::CreateSequence { owned_by, .. } => owned_by.is_none(),
        Statement::Query(_)
        | Statement::Explain { .. }
        | Statement::ExplainTable { .. }
        | Statement::ShowFunctions { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowCharset(_)
        | Statement::ShowObjects(_)
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::ShowCollation { .. }
        | Statement::Copy { .. }
        | Statement::Grant { .. }
        | Statement::Revoke { .. }
        | Statement::Comment { .. }
        | Statement::Analyze { .. }
        | Statement::CreateIndex(_)
        | Statement::CreatePolicy { .. }
        | Statement::AlterPolicy { .. }
        | Statement::AlterView { .. }
        | Statement::CreateSchema { .. }
        | Statement::CreateDatabase { .. }
        | Statement::CreateRole { .. }
        | Statement::CreateExtension { .. }
        | Statement::DropExtension { .. }
        | Statement::DropFunction { .. }
        | Statement::DropProcedure { .. }
        | Statement::Call(_)
        | Statement::Set(_)
        | Statement::Use(_)
        | Statement::Commit { .. }
        | Statement::Rollback { .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. }
        | Statement::Kill { .. }
        | Statement::LISTEN { .. }
        | Statement::UNLISTEN { .. }
        | Statement::NOTIFY { .. } => true,
        _ => false,
    }
}

/// Whether the words after `SHOW` are a setting's name: many others name a table, and are read as words alone.
fn is_setting(words: &[Ident]) -> bool {
    let words: Vec<_> = words.iter().map(|word| word.value.to_ascii_lowercase()).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    words.len() == 1 || matches!(words.as_slice(), ["time", "zone"] | ["transaction", "isolation", "level"] | ["session", "authorization"])
}

fn factor(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { name: table, .. } => Some(name(table)),
        _ => None,
    }
}

fn joined(tables: &[TableWithJoins]) -> Vec<String> {
    let factors = tables.iter().flat_map(|table| std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)));
    factors.filter_map(factor).collect()
}

fn deleted(delete: &Delete) -> Vec<String> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    delete.tables.iter().map(name).chain(joined(from)).collect()
}

fn created(create: &CreateTable) -> Option<Vec<String>> {
    let options = match &create.table_options {
        CreateTableOptions::None => &[],
        CreateTableOptions::With(options)
        | CreateTableOptions::Options(options)
        | CreateTableOptions::Plain(options)
        | CreateTableOptions::TableProperties(options) => options.as_slice(),
    };
    // `(LIKE b)` is read as a column of type `b`.
    if create.columns.iter().any(|column| column.name.quote_style.is_none() && column.name.value.eq_ignore_ascii_case("like")) {
        return None;
    }
    // An engine's arguments and `UNION` name other tables.
    if options.iter().any(|option| matches!(option, SqlOption::NamedParenthesizedList(list) if !list.values.is_empty())) {
        return None;
    }
    let like = create.like.iter().map(|(CreateTableLikeKind::Parenthesized(like) | CreateTableLikeKind::Plain(like))| &like.name);
    let others = std::iter::once(&create.name).chain(like).chain(&create.clone).chain(create.inherits.iter().flatten());
    let foreign = create.constraints.iter().filter_map(constrained).chain(create.columns.iter().flat_map(referenced));
    Some(others.chain(foreign).map(name).collect())
}

fn constrained(constraint: &TableConstraint) -> Option<&ObjectName> {
    match constraint {
        TableConstraint::ForeignKey { foreign_table, .. } => Some(foreign_table),
        _ => None,
    }
}

fn referenced(column: &ColumnDef) -> impl Iterator<Item = &ObjectName> {
    column.options.iter().filter_map(|option| referenced_by(&option.option))
}

fn referenced_by(option: &ColumnOption) -> Option<&ObjectName> {
    match option {
        ColumnOption::ForeignKey { foreign_table, .. } => Some(foreign_table),
        _ => None,
    }
}

fn altered(operations: &[AlterTableOperation]) -> Option<Vec<String>> {
    let mut tables = Vec::new();
    for operation in operations {
        match operation {
            AlterTableOperation::AddConstraint { constraint, .. } => tables.extend(constrained(constraint)),
            AlterTableOperation::AddColumn { column_def, .. } => tables.extend(referenced(column_def)),
            AlterTableOperation::ChangeColumn { options, .. } | AlterTableOperation::ModifyColumn { options, .. } => {
                tables.extend(options.iter().filter_map(referenced_by));
            }
            AlterTableOperation::RenameTable { table_name: RenameTableNameKind::As(table) | RenameTableNameKind::To(table) }
            | AlterTableOperation::SwapWith { table_name: table } => tables.push(table),
            AlterTableOperation::AlterColumn { .. }
            | AlterTableOperation::DropColumn { .. }
            | AlterTableOperation::DropConstraint { .. }
            | AlterTableOperation::DropForeignKey { .. }
            | AlterTableOperation::DropIndex { .. }
            | AlterTableOperation::DropPrimaryKey { .. }
            | AlterTableOperation::RenameColumn { .. }
            | AlterTableOperation::RenameConstraint { .. }
            | AlterTableOperation::ValidateConstraint { .. }
            | AlterTableOperation::OwnerTo { .. }
            | AlterTableOperation::EnableRowLevelSecurity
            | AlterTableOperation::DisableRowLevelSecurity
            | AlterTableOperation::EnableTrigger { .. }
            | AlterTableOperation::DisableTrigger { .. } => {}
            _ => return None,
        }
    }
    Some(tables.into_iter().map(name).collect())
}

fn dropped(kind: ObjectType, names: &[ObjectName], table: Option<&ObjectName>) -> Option<Vec<String>> {
    let of_tables = matches!(kind, ObjectType::Table | ObjectType::View | ObjectType::MaterializedView);
    // What stands before an index's name is its schema to some systems and its table to others.
    if kind == ObjectType::Index && table.is_none() && names.iter().any(|index| index.0.len() > 1) {
        return None;
    }
    Some(names.iter().filter(|_| of_tables).chain(table).map(name).collect())
}

fn granted(objects: &GrantObjects) -> Vec<String> {
    match objects {
        GrantObjects::Tables(names) | GrantObjects::Views(names) => names.iter().map(name).collect(),
        _ => Vec::new(),
    }
}

/// The table of a column's whole name.
fn owner(column: &ObjectName) -> Option<String> {
    let whole = name(column);
    whole.rsplit_once('.').map(|(table, _)| table.to_owned())
}
