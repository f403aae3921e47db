//! The nearest name to a misspelt one.

/// Names longer than this are not compared: nobody misspells them by a letter.
const LONGEST: usize = 64;

/// The candidate with the least edit distance to a name, where that is small enough to be a misspelling: a third of its letters.
/// Of several the first in alphabetical order.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let length = name.chars().count();
    if length > LONGEST {
        return None;
    }
    let most = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && candidate.len().abs_diff(name.len()) <= 4 * most)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// The optimal string alignment distance: insertions, deletions, substitutions and transpositions of neighbours, case ignored.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let swap = i > 0 && j > 0 && a.get(i - 1) == Some(right) && b.get(j - 1) == Some(left);
            let change = at(&last, j) + usize::from(left != right);
            let edit = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            row.push(if swap { edit.min(at(&before, j - 1) + 1) } else { edit });
        }
        before = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_misspellings_and_nothing_else() {
        assert_eq!(nearest("recipeint", ["recipient", "rows"]), Some("recipient".into()));
        assert_eq!(nearest("nam", ["name", "names"]), Some("name".into()));
        assert_eq!(nearest("colour", ["size"]), None);
        assert_eq!(nearest("name", ["name"]), None);
    }
}
