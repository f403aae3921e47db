//! IAM's strings: text, wildcards, policy variables.

/// A piece of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Characters that stand for themselves.
    Text(String),
    /// `*`: any run of characters.
    Run,
    /// `?`: any character.
    One,
    /// `${key}`, `${key, 'default'}`
    Variable { key: String, default: Option<String> },
}

/// The most pieces of a string, and the most bytes: what the language's patterns can have, with room to spare.
const MOST_PIECES: usize = 200;
const MOST_BYTES: usize = 8 << 10;

/// A string taken apart, in which `${…}` is a variable or, before version 2012-10-17, text.
///
/// # Errors
///
/// Where a variable is none, or the string has no place in a pattern.
pub fn pieces(text: &str, has_variables: bool) -> Result<Vec<Piece>, String> {
    if text.len() > MOST_BYTES {
        return Err("it is too long".to_owned());
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        rest = match character {
            '$' if has_variables && rest.starts_with("${") => {
                let inside = rest.get(2..).unwrap_or_default();
                let (name, after) = variable_end(inside).ok_or("a `${` without its `}`")?;
                add(&mut pieces, variable(name)?);
                after
            }
            _ => {
                add(
                    &mut pieces,
                    match character {
                        '*' => Piece::Run,
                        '?' => Piece::One,
                        other => Piece::Text(other.to_string()),
                    },
                );
                rest.get(character.len_utf8()..).unwrap_or_default()
            }
        };
    }
    if pieces.len() > MOST_PIECES { Err("it has too many wildcards".to_owned()) } else { Ok(pieces) }
}

/// A string in which `*` and `?` are text.
pub fn plain_pieces(text: &str, has_variables: bool) -> Result<Vec<Piece>, String> {
    let mut plain = Vec::new();
    for piece in pieces(text, has_variables)? {
        add(
            &mut plain,
            match piece {
                Piece::Run => Piece::Text("*".to_owned()),
                Piece::One => Piece::Text("?".to_owned()),
                piece => piece,
            },
        );
    }
    Ok(plain)
}

fn add(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
        (Some(Piece::Run), Piece::Run) => {}
        (_, piece) => pieces.push(piece),
    }
}

/// What stands before the `}` of a variable, which may stand in its default too, and what after it.
fn variable_end(inside: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let end = inside.find(|character| {
        is_quoted ^= character == '\'';
        character == '}' && !is_quoted
    });
    Some((inside.get(..end?)?, inside.get(end? + 1..)?))
}

fn variable(name: &str) -> Result<Piece, String> {
    if let "*" | "?" | "$" = name {
        return Ok(Piece::Text(name.to_owned()));
    }
    let (key, default) = match name.split_once(',') {
        None => (name.trim(), None),
        Some((key, default)) => {
            let inside = default.trim().strip_prefix('\'').and_then(|default| default.strip_suffix('\''));
            (key.trim(), Some(inside.ok_or_else(|| format!("the default of `${{{name}}}` stands in no quotes"))?))
        }
    };
    if key.is_empty() || key.contains(['$', '{', '*', '?', '\'']) {
        return Err(format!("`${{{name}}}` is no variable"));
    }
    if default.is_some_and(|default| default.contains(['*', '?', '$'])) {
        return Err(format!("whether the wildcard in the default of `${{{name}}}` is one, IAM does not say"));
    }
    if folds_to_ascii(key) {
        return Err(format!("whether `${{{name}}}` is the key with an ASCII character in it, IAM does not say"));
    }
    Ok(Piece::Variable { key: key.to_owned(), default: default.map(str::to_owned) })
}

/// Whether a character that is not one of ASCII is one in lower case, as the sign of kelvins is `k`.
pub fn folds_to_ascii(text: &str) -> bool {
    text.chars().any(|character| !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii()))
}

/// The text of a string without wildcards and variables.
pub fn plain(pieces: &[Piece]) -> Option<&str> {
    match pieces {
        [] => Some(""),
        [Piece::Text(text)] => Some(text),
        _ => None,
    }
}

/// Whether a string has variables.
pub fn has_variables(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }))
}

/// The characters of a text as a glob has them.
pub fn escaped(text: &str) -> String {
    let mut glob = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            glob.push('\\');
        }
        glob.push(character);
    }
    glob
}

/// A string without variables as a glob.
pub fn glob(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(text),
            Piece::Run => "*".to_owned(),
            Piece::One => "?".to_owned(),
            Piece::Variable { .. } => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Piece, glob, pieces, plain_pieces};

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn strings_are_taken_apart() {
        let variable = |key: &str, default: Option<&str>| Piece::Variable { key: key.to_owned(), default: default.map(str::to_owned) };
        assert_eq!(pieces("a/${aws:username}/**?", true).unwrap(), [text("a/"), variable("aws:username", None), text("/"), Piece::Run, Piece::One]);
        assert_eq!(pieces("${ a:b , 'x}y' }z", true).unwrap(), [variable("a:b", Some("x}y")), text("z")]);
        assert_eq!(pieces("${*}${?}${$}{x}", true).unwrap(), [text("*?${x}")]);
        assert_eq!(pieces("${a}*", false).unwrap(), [text("${a}"), Piece::Run]);
        assert_eq!(plain_pieces("a*b?", true).unwrap(), [text("a*b?")]);
        assert_eq!(glob(&pieces(r"a\b*", true).unwrap()), r"a\\b*");
        assert!(["${", "${}", "${a, b}", "${a, '*'}", "${${a}}"].iter().all(|text| pieces(text, true).is_err()));
    }
}
