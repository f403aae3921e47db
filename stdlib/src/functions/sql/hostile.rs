//! Tests with text that is made to exhaust the parser: nothing here may overflow the stack of a test's thread or take long.

use super::{facts, guard};

fn parse(text: &str) {
    let facts = guard::statements(text).and_then(|statements| facts::facts(&statements));
    drop(facts);
}

/// Each kind of nesting inside each other one: the parser tries some in several ways, and what is in them again each time.
#[test]
fn nests_of_two_kinds_cost_little() {
    let openings = [
        "(",
        "CAST(",
        "(SELECT ",
        "EXISTS (SELECT ",
        "ARRAY[",
        "CASE WHEN ",
        "NOT ",
        "INTERVAL ",
        "{a: ",
        "a IN (",
        "x BETWEEN ",
        "SELECT * FROM (",
        "a JOIN (",
        "f(a => ",
        "(a) -> ",
        "SUBSTRING(",
        "POSITION(",
        "OVERLAY(",
        "FLOOR(",
        "CONVERT(",
        "WITH a AS (",
    ];
    for first in openings {
        for second in openings {
            let pair = format!("{first}{second}");
            let closing: String = pair.chars().rev().filter_map(|char| "([{".find(char).and_then(|place| ")]}".chars().nth(place))).collect();
            for count in [5, 8] {
                for start in ["SELECT ", "SELECT * FROM "] {
                    parse(&format!("{start}{}", pair.repeat(count)));
                    parse(&format!("{start}{}1{}", pair.repeat(count), closing.repeat(count)));
                }
            }
        }
    }
}

#[test]
fn is_bounded() {
    let parts = [
        "(",
        "SELECT (",
        "SELECT * FROM (",
        "((a JOIN b) JOIN ",
        "a JOIN b ON c ",
        "a JOIN ",
        "SELECT 1 UNION ",
        "SELECT 1, 2 UNION ",
        "1 + ",
        "NOT ",
        "- ",
        "a AND ",
        "a, ",
        "x::int",
        "a.",
        "[",
        "{",
        "CASE WHEN a THEN ",
        "EXPLAIN ",
        "ARRAY<",
        "STRUCT<a ",
        "IF a THEN ",
        "BEGIN ",
        "WITH a AS (",
        "a -> ",
        "x[1]",
        "f(",
        "CAST(",
        "INTERVAL ",
        "a IS NULL ",
        "COLLATE x ",
        "WHILE a ",
        "CREATE TABLE a (b ARRAY<",
        "SELECT a FROM b, LATERAL (",
        "x BETWEEN ",
        "EXISTS (",
        "ALL (",
        "a OPERATOR(+) ",
        "'a' ",
        ";",
        "SELECT 1;",
        "|> WHERE a ",
        "PIVOT (",
        "a AT TIME ZONE ",
        "LIKE a ESCAPE ",
        "SELECT * EXCEPT (",
        "{ a: ",
        "MAP {",
        "STRUCT(",
        "TABLE ",
        "VALUES (1), ",
        "PREPARE a AS ",
        "CREATE SCHEMA a ",
        "COMMENT ON ",
        "LATERAL VIEW ",
    ];
    for part in parts {
        for prefix in ["", "SELECT ", "SELECT * FROM ", "SELECT * FROM a WHERE ", "CREATE TABLE a (b "] {
            for count in [10, 30, 100, 300] {
                let text = format!("{prefix}{}", part.repeat(count));
                parse(&text);
                parse(&format!("{text}1"));
                parse(&format!("{text}1{}", ")".repeat(count)));
            }
        }
        parse(&part.repeat(guard::LONGEST / part.len()));
    }
}

/// Pieces of SQL in any order; the numbers are Knuth's.
#[test]
fn survives_any_order() {
    let pieces: Vec<&str> = "SELECT ( ) * FROM a , WHERE x = 1 AND NOT - 'b' UNION JOIN ON IN CASE WHEN THEN END INTERVAL ARRAY [ ] < > :: int WITH AS INSERT INTO VALUES UPDATE \
        SET DELETE ; CREATE TABLE IF BEGIN EXPLAIN ANALYZE LATERAL CAST BETWEEN LIKE IS NULL EXISTS OVER PARTITION BY ORDER LIMIT { } : . @ ? $1 | |> -> || MERGE USING MATCHED \
        GRANT COPY TO DROP ALTER ADD COLUMN STRUCT MAP FOR TRUNCATE DECLARE CURSOR OPEN FETCH WHILE DO RAISE RETURN CALL EXECUTE PREPARE PIVOT UNPIVOT MATCH_RECOGNIZE"
        .split_whitespace()
        .collect();
    let mut state = 7_u64;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[usize::try_from(state >> 33).unwrap() % pieces.len()]);
            text.push(' ');
            if state >> 60 == 0 {
                let text = text.clone();
                parse(&text);
            }
        }
        parse(&text);
    }
}

#[test]
fn long_chains_inside_each_other_are_bounded() {
    for part in [" AND b", " + 1", " || a", "::int", " IS NULL", "[1]", " UNION SELECT 1", " JOIN b", " NOT IN (1)", ".a", " COLLATE x"] {
        for length in [20, 50, 100, 130, 190] {
            for depth in [5, 10, 20] {
                let inner = format!("{}{}", part.repeat(length), ")");
                for prefix in ["SELECT ", "", "SELECT * FROM "] {
                    parse(&format!("{prefix}{}a{}", "(".repeat(depth), inner.repeat(depth)));
                    parse(&format!("{prefix}{}a{}", format!("(a{} + ", part.repeat(length)).repeat(depth), ")".repeat(depth)));
                }
            }
        }
    }
}
