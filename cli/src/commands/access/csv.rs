//! Reviews for spreadsheets: a line for each agent and tool.

use tollgate_compiler::residual::Outlook;

use super::Review;
use super::changes::Changes;
use super::words::{effect, rules, sentence};
use crate::output::tame;

/// A review.
pub fn review(review: &Review) -> String {
    let mut out = String::from("agent,tool,effect,rules,condition");
    out.push_str(if review.usage.is_some() { ",calls\n" } else { "\n" });
    for row in &review.table.rows {
        for (place, tool) in review.table.tools.iter().enumerate() {
            let Some(outlook) = review.table.outlook(row, place) else { continue };
            let mut cells = vec![row.subject.label.clone(), tool.clone(), effect(outlook).to_owned(), rules(outlook).join("; "), sentence(outlook)];
            cells.extend(review.usage.as_ref().map(|usage| usage.of(&row.subject.label, tool).to_string()));
            line(&cells, &mut out);
        }
    }
    out
}

/// The changes between two versions.
pub fn changes(changes: &Changes<'_>) -> String {
    let mut out = String::from("agent,tool,old,new,old_condition,new_condition,redefined\n");
    for changed in &changes.cells {
        let effect = |outlook: Option<&Outlook>| outlook.map_or("undeclared", effect).to_owned();
        let condition = |outlook: Option<&Outlook>| outlook.map(sentence).unwrap_or_default();
        let cells = [
            changed.subject.label.clone(),
            changed.tool.to_owned(),
            effect(changed.old),
            effect(changed.new),
            condition(changed.old),
            condition(changed.new),
            changed.redefined.iter().map(String::as_str).collect::<Vec<_>>().join("; "),
        ];
        line(&cells, &mut out);
    }
    out
}

fn line(cells: &[String], out: &mut String) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&quoted(cell));
    }
    out.push('\n');
}

/// A cell that a spreadsheet takes for text, whatever it begins with, and in which nothing is left that a terminal would obey.
fn quoted(cell: &str) -> String {
    let cell = &tame(cell);
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r', '\n']);
    let safe = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if safe.contains(['"', ',', '\n', '\r', ';']) || is_formula { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted("crm/export"), "crm/export");
        assert_eq!(quoted("a\u{1b}[2J"), "a\\u{1b}[2J");
        assert_eq!(quoted("a\nb"), "\"a\nb\"");
    }
}
