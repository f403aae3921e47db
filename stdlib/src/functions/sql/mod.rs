//! `parse_sql`: the statements of SQL text.

use bumpalo::collections::Vec as ArenaVec;

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, list, make_text, new_items, record, set, spend_text, text};
use crate::shape::Shape;
use crate::value::Value;

mod facts;
mod guard;
#[cfg(test)]
mod hostile;

/// The fields of `Sql`.
pub static SQL: Shape = Shape::Static(&["is_read_only", "statements"]);
/// The fields of `SqlStatement`.
pub static SQL_STATEMENT: Shape = Shape::Static(&["kind", "tables", "has_where"]);

/// `parse_sql`.
pub const FUNCTIONS: &[Function] = &[Function {
    key: "string.parse_sql",
    name: "parse_sql",
    params: &[Param::new("self", Sig::Str)],
    result: Sig::Optional(&Sig::Named("Sql")),
    errs: false,
    cost: Cost::Counted,
    doc: "The statements of SQL text. Nothing for text that is not understood whole, is very long or deeply nested, or that database systems read in \
          different ways: a backslash before a quote, `/*!` and nested comments, `#`, `--` without a space after it, dollar quotes.",
    example: r#""DELETE FROM Users".parse_sql()?.statements?.any(s => s.kind == "delete" and not s.has_where and "users" in s.tables) ?? false"#,
    run: parse_sql,
}];

fn parse_sql<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    if text.len() > guard::LONGEST {
        return Ok(Value::None);
    }
    // Text becomes tokens, and tokens a tree many times as large.
    spend_text(host, text.len().saturating_mul(16))?;
    let Some(facts) = guard::statements(text).and_then(|statements| facts::facts(&statements)) else { return Ok(Value::None) };
    let mut statements: ArenaVec<'a, Value<'a>> = new_items(host, facts.len())?;
    for statement in &facts {
        let mut tables = new_items(host, statement.tables.len())?;
        for table in &statement.tables {
            tables.push(make_text(host, table)?);
        }
        let kind = make_text(host, &statement.kind)?;
        statements.push(record(host, &SQL_STATEMENT, [kind, set(tables), Value::Bool(statement.has_where)])?);
    }
    let is_read_only = facts.iter().all(|statement| statement.is_read_only);
    record(host, &SQL, [Value::Bool(is_read_only), list(statements)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::support::test::called;

    /// The statements in brief: `kind[tables]`, `?` where there is a WHERE, and `!` in front where something is written.
    fn brief(text: &str) -> String {
        let Some(facts) = guard::statements(text).and_then(|statements| facts::facts(&statements)) else { return "nothing".to_owned() };
        let statement = |facts: &facts::Facts| {
            let tables: Vec<_> = facts.tables.iter().map(String::as_str).collect();
            format!("{}{}[{}]{}", if facts.is_read_only { "" } else { "!" }, facts.kind, tables.join(","), if facts.has_where { "?" } else { "" })
        };
        facts.iter().map(statement).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries() {
        for (text, expected) in [
            ("", ""),
            ("SELECT 1;", "select[]"),
            ("select * from Users u where id = 1", "select[users]?"),
            ("SELECT * FROM a.\"B\" JOIN `c` USING (x), (SELECT * FROM d) e", "select[a.b,c,d]"),
            ("(SELECT a FROM b) UNION SELECT c FROM d WHERE e", "select[b,d]?"),
            ("SELECT (SELECT max(x) FROM a) FROM b WHERE c IN (SELECT c FROM d)", "select[a,b,d]?"),
            ("WITH x AS (SELECT * FROM a) SELECT * FROM x, b", "select[a,b]"),
            ("WITH users AS (SELECT * FROM users) SELECT * FROM users", "select[users]"),
            ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a, b", "select[b]"),
            ("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT n FROM t) SELECT * FROM t", "select[]"),
            ("SELECT * FROM (WITH u AS (SELECT 1) SELECT * FROM u) q, u", "select[u]"),
            ("VALUES (1), (2)", "select[]"),
            ("EXPLAIN SELECT * FROM a", "explain[a]"),
            ("SHOW TABLES", "show[]"),
            ("SELECT 'it''s; DELETE FROM x' -- DELETE FROM y\n", "select[]"),
            ("SELECT /* DELETE */ 1", "select[]"),
        ] {
            assert_eq!(brief(text), expected, "{text}");
        }
    }

    #[test]
    fn writes() {
        for (text, expected) in [
            ("DELETE FROM Users", "!delete[users]"),
            ("DELETE FROM users USING b WHERE x = 1", "!delete[b,users]?"),
            ("UPDATE a SET x = (SELECT y FROM b) WHERE z", "!update[a,b]?"),
            ("UPDATE a SET x = 1", "!update[a]"),
            ("INSERT INTO a SELECT * FROM b WHERE c", "!insert[a,b]"),
            ("REPLACE INTO a VALUES (1)", "!replace[a]"),
            ("SELECT 1; DROP TABLE a, b", "select[] !drop[a,b]"),
            ("TRUNCATE TABLE a", "!truncate[a]"),
            ("CREATE TABLE a AS SELECT * FROM b", "!create[a,b]"),
            ("CREATE VIEW v AS SELECT * FROM b", "!create[b,v]"),
            ("ALTER TABLE a DROP COLUMN b", "!alter[a]"),
            ("GRANT SELECT ON a TO b", "!grant[a]"),
            ("COPY a TO '/tmp/x'", "!copy[a]"),
            ("SELECT * INTO b FROM a", "!select[a,b]"),
            ("SELECT 1 UNION SELECT * INTO b FROM a", "!select[a,b]"),
            ("SELECT * FROM a FOR UPDATE", "!select[a]"),
            ("SELECT * FROM (SELECT * FROM a FOR UPDATE) b", "!select[a]"),
            ("WITH x AS (DELETE FROM a WHERE b RETURNING *) SELECT * FROM x", "!select[a]"),
            ("WITH x AS (SELECT 1) DELETE FROM a", "!delete[a]"),
            ("WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x", "!insert[a]"),
            ("EXPLAIN ANALYZE DELETE FROM a", "!explain[a]"),
            ("MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE", "!merge[a,b]"),
            ("CALL f(1)", "!call[]"),
            ("SET x = 1", "!set[]"),
            ("BEGIN", "!begin[]"),
            ("SELECT pg_terminate_backend(1)", "!select[]"),
            ("SELECT pg_catalog.SETVAL('a', 1)", "!select[]"),
            ("SELECT * FROM dblink_exec('x')", "!select[dblink_exec]"),
            ("SELECT \"lo_import\"('/etc/passwd')", "!select[]"),
        ] {
            assert_eq!(brief(text), expected, "{text}");
        }
    }

    #[test]
    fn gives_nothing_rather_than_a_guess() {
        for text in [
            "hello",
            "SELECT",
            "SELECT 1 SELECT 2",
            "SELECT 'a",
            "SELECT (1",
            "SELECT '\\'; DELETE FROM a; --'",
            "SELECT '\\'' ; DELETE FROM a; -- '",
            "SELECT \"\\\"\"",
            "SELECT 1 /*! ; DELETE FROM a */",
            "SELECT 1 /*!50000 UNION SELECT 2 */",
            "SELECT 1 /*M! ; DELETE FROM a */",
            "SELECT 1 /* /* */ ; DELETE FROM a -- */",
            "SELECT 5--1; DELETE FROM a",
            "SELECT 1 # ; DELETE FROM a",
            "SELECT 1 FROM #a",
            "SELECT $$ ; DELETE FROM a; $$",
            "SELECT $x$ a $x$",
            "SELECT q'[']'",
            "SELECT 1;\0",
            "\\copy a to 'x'",
            "DELIMITER //",
        ] {
            assert_eq!(brief(text), "nothing", "{text}");
        }
    }

    #[test]
    fn gives_records() {
        let expected = r#"{"is_read_only":true,"statements":[{"kind":"select","tables":["a"],"has_where":true}]}"#;
        assert_eq!(called("string.parse_sql", &[Value::Str("SELECT 1 FROM a WHERE b")]), expected);
        assert_eq!(called("string.parse_sql", &[Value::Str(&" ".repeat(guard::LONGEST + 1))]), "none");
    }
}
