//! What comes from the editor, before the protocol reads it: a message that cannot be read is no reason to leave.
//!
//! JavaScript writes half of a surrogate pair as an escape that is no JSON; it becomes U+FFFD. What is no JSON is answered so, what is no message is left
//! out. Where lengths are wrong, reading goes on at the next header.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// The request that goes on in the place of what is no JSON, of which nobody knows whether it was one.
pub const UNREADABLE: &str = "tollgate/unreadable";

/// The header that says how long a message is.
const LENGTH: &str = "content-length:";
/// The longest line of a header.
const LINE: u64 = 4096;
/// The longest message.
const LONGEST: usize = 1 << 28;

/// Copies the messages that can be read, until the editor leaves.
pub async fn copy(input: impl AsyncRead + Unpin, mut output: impl AsyncWrite + Unpin) {
    let mut input = BufReader::new(input);
    while let Some(body) = next(&mut input).await {
        let Some(message) = readable(&body) else { continue };
        let header = format!("Content-Length: {}\r\n\r\n", message.len());
        if output.write_all(header.as_bytes()).await.is_err() || output.write_all(message.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The body of the next message; `None` where the input ends.
async fn next(input: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Vec<u8>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if (&mut *input).take(LINE).read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim(), length) {
            ("", Some(length)) => {
                let mut body = vec![0; length];
                input.read_exact(&mut body).await.ok()?;
                return Some(body);
            }
            (header, _) => {
                // Where a length was wrong, a body that ends without a line's end stands before the next header.
                let name = header.to_ascii_lowercase().rfind(LENGTH);
                let known = name.and_then(|at| header.get(at + LENGTH.len()..)?.trim().parse().ok());
                length = known.filter(|length| *length <= LONGEST).or(length);
            }
        }
    }
}

/// A message as it can be read; `None` where it is none.
fn readable(body: &[u8]) -> Option<String> {
    let text = whole_pairs(&String::from_utf8_lossy(body));
    let message = match serde_json::from_str(&text) {
        Ok(Value::Object(message)) => message,
        Ok(_) => return None,
        Err(_) => return Some(format!(r#"{{"jsonrpc":"2.0","id":null,"method":"{UNREADABLE}"}}"#)),
    };
    let has = |name: &str| message.contains_key(name);
    let is_named = message.get("jsonrpc").and_then(Value::as_str) == Some("2.0");
    let is_numbered = message.get("id").is_none_or(|id| id.is_string() || id.is_i64() || id.is_null());
    let is_about = message.get("method").is_some_and(Value::is_string) || has("result") || has("error");
    (is_named && is_numbered && is_about).then_some(text)
}

/// JSON whose escapes of surrogates are pairs; a half becomes U+FFFD.
fn whole_pairs(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(_), _) => {
                out.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // The character that is escaped is not looked at as the beginning of another escape.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The surrogate that an escape at the start of a text stands for.
fn surrogate(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok().filter(|code| (0xD800..0xE000).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_pairs_become_the_replacement_character() {
        for (json, expected) in [
            (r#""a""#, r#""a""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83dx\n\\ud83d""#, r#""\ufffdx\n\\ud83d""#),
            (r#""é\"#, r#""é\"#),
        ] {
            assert_eq!(whole_pairs(json), expected);
        }
    }

    #[test]
    fn what_is_no_message_is_left_out() {
        assert!(readable(br#"{"jsonrpc":"2.0","method":"x"}"#).is_some());
        assert!(readable(br#"{"jsonrpc":"2.0","id":3,"result":null}"#).is_some());
        for body in ["[]", "{}", "7", r#"{"jsonrpc":"1.0","method":"x"}"#, r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#] {
            assert_eq!(readable(body.as_bytes()), None, "{body}");
        }
        let deep = format!(r#"{{"jsonrpc":"2.0","method":"x","params":{}}}"#, "[".repeat(500));
        for body in ["", "x", &deep] {
            assert!(readable(body.as_bytes()).is_some_and(|message| message.contains(UNREADABLE)), "{body}");
        }
    }

    #[tokio::test]
    async fn reading_goes_on_after_what_cannot_be_read() {
        let good = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let input =
            format!("Content-Length: 2\r\n\r\n{{}}Content-Length: -3\r\n\r\nnoise\r\ncontent-length: {}\r\nOther: 1\r\n\r\n{good}", good.len());
        let wrong = format!("Content-Length: abc\r\n\r\n{good}Content-Length: {}\r\n\r\n{good}", good.len());
        for input in [input, wrong] {
            let mut output = Vec::new();
            copy(input.as_bytes(), &mut output).await;
            assert_eq!(String::from_utf8_lossy(&output).matches(good).count(), 1, "{input}");
        }
    }
}
