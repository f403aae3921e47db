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
mod lexical;
mod named;
mod pure;

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
    doc: "The statements of SQL text. Nothing for text that is not understood whole, is very long or deeply nested, has a statement of a kind whose tables \
          are not all known, or that database systems read in different ways: a backslash before a quote, `/*!` and nested comments, `#`, `--` without a \
          space after it, a carriage return in a comment, dollar quotes, `U&`, spaces beyond ASCII, `ONLY` before a table, a name of a `WITH` in other case or \
          quotes, an alias such as `exec` that begins a statement.",
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
            ("WITH \"X\" AS (SELECT 1) SELECT * FROM \"X\", a.x", "select[a.x]"),
            ("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "select[b]"),
            ("SELECT count(*), LOWER(a), date_trunc('day', b) FROM c, generate_series(1, 2)", "select[c,generate_series]"),
            ("SELECT a FROM b ORDER BY c FETCH FIRST 5 ROWS ONLY", "select[b]"),
            ("SELECT 1 -- x\r\n + 1 --\n", "select[]"),
            ("SELECT '\u{a0}' AS \"a\u{3000}b\"", "select[]"),
            ("SHOW CREATE TABLE a", "show[a]"),
            ("SHOW COLUMNS FROM a", "show[a]"),
            ("SHOW search_path", "show[]"),
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
            ("SELECT \"lower\"('a'), mine.lower('a')", "!select[]"),
            ("SELECT table_to_xml('secrets', true, true, '')", "!select[]"),
            ("SELECT master_pos_wait('a', 1)", "!select[]"),
            ("SELECT cron.schedule('a', 'b')", "!select[]"),
            ("SELECT aws_lambda.invoke('a')", "!select[]"),
            ("SELECT * FROM url('http://a', 'CSV')", "!select[url]"),
            ("SELECT * FROM read_csv('/etc/passwd')", "!select[read_csv]"),
            ("SELECT readfile('a')", "!select[]"),
            ("SELECT s.nextval FROM dual", "!select[dual]"),
            ("WITH a AS (SELECT 1) DELETE FROM a", "!delete[a]"),
            ("WITH a AS (SELECT 1) UPDATE a SET x = 1", "!update[a]"),
            ("WITH a AS (SELECT 1) INSERT INTO a SELECT 1", "!insert[a]"),
            ("WITH a AS (SELECT 1), b AS (DELETE FROM a RETURNING *) SELECT * FROM b", "!select[a]"),
            ("DROP TRIGGER x ON a", "!drop[a]"),
            ("DROP INDEX x ON a", "!drop[a]"),
            ("DROP POLICY x ON a", "!drop[a]"),
            ("CREATE TABLE a LIKE b", "!create[a,b]"),
            ("CREATE TABLE a CLONE b", "!create[a,b]"),
            ("CREATE TABLE a (x INT REFERENCES b (x), FOREIGN KEY (x) REFERENCES c (x)) INHERITS (d)", "!create[a,b,c,d]"),
            ("CREATE TABLE a (x INT) ENGINE=InnoDB", "!create[a]"),
            ("CREATE INDEX i ON a (x)", "!create[a]"),
            ("CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()", "!create[a]"),
            ("ALTER TABLE a RENAME TO b", "!alter[a,b]"),
            ("ALTER TABLE a SWAP WITH b", "!alter[a,b]"),
            ("ALTER TABLE ONLY a ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES b (x)", "!alter[a,b]"),
            ("RENAME TABLE a TO b, c TO d", "!rename[a,b,c,d]"),
            ("VACUUM FULL a", "!vacuum[a]"),
            ("OPTIMIZE TABLE a", "!optimize[a]"),
            ("FLUSH TABLES a, b", "!flush[a,b]"),
            ("COMMENT ON TABLE a IS 'x'", "!comment[a]"),
            ("COMMENT ON COLUMN a.x IS 'x'", "!comment[a]"),
            ("DENY SELECT ON a TO b", "!deny[a]"),
            ("TRUNCATE TABLE ONLY a", "!truncate[a]"),
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
            "SELECT 1 -- x\r; DROP TABLE a",
            "SELECT 1 -- x\r",
            "SELECT 1 --\u{a0}; DROP TABLE a",
            "SELECT 1 --\u{2028}; DROP TABLE a",
            "SELECT\u{3000}1",
            "SELECT * FROM ONLY a",
            "SELECT * FROM b, ONLY a",
            "SELECT * FROM b JOIN ONLY a ON true",
            "DELETE FROM ONLY a",
            "UPDATE ONLY a SET x = 1",
            "WITH \"A\" AS (SELECT 1) SELECT * FROM a",
            "WITH \"a\" AS (SELECT 1) SELECT * FROM a",
            "WITH a AS (SELECT 1) SELECT * FROM \"a\"",
            "WITH a AS (SELECT 1) SELECT * FROM A",
            "SELECT * FROM a EXEC('DROP TABLE t')",
            "SELECT * FROM a EXECUTE('DROP TABLE t')",
            "SELECT * FROM a SHUTDOWN",
            "SELECT 1 SHUTDOWN",
            "SELECT 1 DELETE FROM a",
            "SELECT * FROM U&\"s\\0065crets\"",
            "SELECT U&\"a\" FROM b",
            "SELECT U&'a' FROM b",
            "EXEC('DROP TABLE t')",
            "EXECUTE('DROP TABLE t')",
            "SELECT ARRAY['] FROM a; DROP TABLE b --']",
            "SELECT `a; DROP TABLE b; --` FROM c",
            "SELECT * FROM 'a.csv'",
            "CREATE TABLE a (LIKE b)",
            "SHOW INDEX FROM a",
            "SHOW GRANTS FOR a",
            "PRAGMA table_info(a)",
            "CREATE TABLE a (x INT) ENGINE=MERGE UNION=(b)",
            "CREATE TABLE a PARTITION OF b FOR VALUES IN (1)",
            "CREATE FUNCTION f() RETURNS INT LANGUAGE SQL AS 'DELETE FROM a'",
            "FROM a |> WHERE b",
            "DROP INDEX a.i",
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
