//! What pages for a browser have in common: they load nothing from elsewhere, and nothing of the user's in them is markup.

mod source;

pub use source::pieces;

/// The beginning of a page, up to its content. `style` comes after the common one; `script` is the only one that a browser runs.
pub fn head(title: &str, style: &str, script: &str) -> String {
    let (scripts, script) = match script {
        "" => (String::new(), String::new()),
        script => (format!("; script-src 'sha256-{}'", digest(script)), format!("<script>{script}</script>\n")),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'{scripts}\">\n\
         <title>{}</title>\n<style>\n{}{style}</style>\n{script}</head>\n<body>\n",
        escape(title),
        include_str!("base.css"),
    )
}

/// The end of a page.
pub const FOOT: &str = "</body>\n</html>\n";

/// Text in which nothing is markup, and nothing turns the direction of what follows.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => {}
            other => out.push(harmless(other)),
        }
    }
    out
}

/// The character, or another in the place of one that a reader obeys rather than sees.
pub fn harmless(character: char) -> char {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_white = matches!(character, '\t' | '\n');
    if turns || (character.is_control() && !is_white) { '\u{fffd}' } else { character }
}

/// The SHA-256 of a text in Base64, by which a browser knows the page's own script from any other.
fn digest(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for bytes in hmac_sha256::Hash::hash(text.as_bytes()).chunks(3) {
        let bits = bytes.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize);
            out.push(letter.filter(|_| place <= bytes.len()).map_or('=', |letter| char::from(*letter)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_browsers() {
        assert_eq!(digest("alert('Hello, world.');"), "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
    }

    #[test]
    fn nothing_is_markup() {
        assert_eq!(escape("<a b='\"'>&\u{202e}\u{1b}\r\n"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;\u{fffd}\u{fffd}\n");
    }
}
