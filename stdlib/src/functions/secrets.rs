//! `secrets`: the kinds of credentials in a text.

use std::collections::BTreeSet;

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, names, spend_text, text};

/// `secrets`.
pub const FUNCTIONS: &[Function] = &[Function {
    key: "string.secrets",
    name: "secrets",
    params: &[Param::new("self", Sig::Str)],
    result: Sig::Set(&Sig::Str),
    errs: false,
    cost: Cost::Counted,
    doc: "The kinds of credentials that stand in the text: `anthropic_key`, `aws_access_key`, `aws_secret_key`, `azure_key`, `bearer_token`, \
          `generic_secret` (a random value given to a name such as `password` or `api_key`), `github_token`, `gitlab_token`, `google_key`, \
          `huggingface_token`, `jwt`, `npm_token`, `openai_key`, `private_key`, `pypi_token`, `sendgrid_key`, `slack_token`, `slack_webhook`, \
          `stripe_key`, `url_password`.",
    example: r#""token = ghp_0123456789abcdefghijABCDEFGHIJ012345".secrets() == {"github_token"}"#,
    run: secrets,
}];

fn secrets<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    // About as many passes as there are names and shapes, most of them as fast as a search.
    spend_text(host, text.len().saturating_mul(8))?;
    names(host, find(text).into_iter())
}

/// The kinds in a text. No start is looked at for more than a bounded stretch, so that the work grows with the text alone.
fn find(text: &str) -> BTreeSet<&'static str> {
    let mut found: BTreeSet<_> = words(text).filter_map(word_kind).collect();
    let stands = |shape: &&Shape| text.match_indices(shape.start).any(|(at, _)| (shape.fits)(tail(text, at)));
    found.extend(SHAPES.iter().filter(stands).map(|shape| shape.kind));
    let lower = text.to_ascii_lowercase();
    let stands = |(_, name): &&(&str, &str)| lower.match_indices(name).any(|(at, _)| is_secret_value(tail(text, at + name.len())));
    found.extend(NAMES.iter().filter(stands).map(|(kind, _)| *kind));
    if found.contains("aws_secret_key") {
        found.remove("generic_secret");
    }
    found
}

/// Credentials that begin with a sign of their own: kind, start, what may follow, and how much of it at least.
const PREFIXES: &[(&str, &str, Follow)] = &[
    ("aws_access_key", "AKIA", Follow::Exactly(16, is_upper_or_digit)),
    ("aws_access_key", "ASIA", Follow::Exactly(16, is_upper_or_digit)),
    ("github_token", "ghp_", Follow::AtLeast(36, is_alphanumeric)),
    ("github_token", "gho_", Follow::AtLeast(36, is_alphanumeric)),
    ("github_token", "ghu_", Follow::AtLeast(36, is_alphanumeric)),
    ("github_token", "ghs_", Follow::AtLeast(36, is_alphanumeric)),
    ("github_token", "ghr_", Follow::AtLeast(36, is_alphanumeric)),
    ("github_token", "github_pat_", Follow::AtLeast(22, is_name)),
    ("gitlab_token", "glpat-", Follow::AtLeast(20, is_name)),
    ("gitlab_token", "gldt-", Follow::AtLeast(20, is_name)),
    ("gitlab_token", "glrt-", Follow::AtLeast(20, is_name)),
    ("gitlab_token", "glptt-", Follow::AtLeast(20, is_name)),
    ("slack_token", "xoxb-", Follow::AtLeast(10, is_name)),
    ("slack_token", "xoxp-", Follow::AtLeast(10, is_name)),
    ("slack_token", "xoxa-", Follow::AtLeast(10, is_name)),
    ("slack_token", "xoxr-", Follow::AtLeast(10, is_name)),
    ("slack_token", "xoxs-", Follow::AtLeast(10, is_name)),
    ("slack_token", "xapp-", Follow::AtLeast(10, is_name)),
    ("stripe_key", "sk_live_", Follow::AtLeast(16, is_alphanumeric)),
    ("stripe_key", "sk_test_", Follow::AtLeast(16, is_alphanumeric)),
    ("stripe_key", "rk_live_", Follow::AtLeast(16, is_alphanumeric)),
    ("stripe_key", "rk_test_", Follow::AtLeast(16, is_alphanumeric)),
    ("stripe_key", "whsec_", Follow::AtLeast(24, is_alphanumeric)),
    ("google_key", "AIza", Follow::AtLeast(35, is_name)),
    ("google_key", "GOCSPX-", Follow::AtLeast(24, is_name)),
    ("anthropic_key", "sk-ant-", Follow::AtLeast(20, is_name)),
    ("openai_key", "sk-proj-", Follow::AtLeast(20, is_name)),
    ("openai_key", "sk-svcacct-", Follow::AtLeast(20, is_name)),
    ("openai_key", "sk-", Follow::AtLeast(40, is_alphanumeric)),
    ("npm_token", "npm_", Follow::AtLeast(36, is_alphanumeric)),
    ("pypi_token", "pypi-", Follow::AtLeast(50, is_name)),
    ("huggingface_token", "hf_", Follow::AtLeast(30, is_alphanumeric)),
];

/// What follows a prefix: that many characters of a kind and no more, or that many and any rest.
enum Follow {
    Exactly(usize, fn(u8) -> bool),
    AtLeast(usize, fn(u8) -> bool),
}

/// A credential known by a text inside it.
struct Shape {
    kind: &'static str,
    start: &'static str,
    /// Whether the text from the start on is one; looks at a bounded part of it.
    fits: fn(&str) -> bool,
}

const SHAPES: &[Shape] = &[
    Shape { kind: "private_key", start: "-----BEGIN ", fits: |text| head(text, 64).contains("PRIVATE KEY") },
    Shape {
        kind: "slack_webhook",
        start: "hooks.slack.com/services/T",
        fits: |text| run(head(text, 80), |byte| is_name(byte) || b"./".contains(&byte)) > 40,
    },
    Shape { kind: "azure_key", start: "AccountKey=", fits: |text| run(head(text, 120).get(11..).unwrap_or_default(), is_base64) >= 40 },
    Shape { kind: "bearer_token", start: "earer ", fits: |text| is_random(token(text.get(6..).unwrap_or_default()), 20) },
    Shape { kind: "url_password", start: "://", fits: has_password },
];

/// Whether what follows `://` is `name:password@`.
fn has_password(text: &str) -> bool {
    let authority = head(text.get(3..).unwrap_or_default(), 256);
    let authority = authority.split(|char: char| char.is_whitespace() || "/?#\"'<>".contains(char)).next().unwrap_or_default();
    let login = authority.rsplit_once('@').and_then(|(login, _)| login.split_once(':'));
    // A placeholder is no password.
    login.is_some_and(|(_, password)| !password.is_empty() && !password.starts_with(['$', '{', '<', '*']))
}

/// The words of a text that are long enough for a credential.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_apart = |char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.'));
    let after_escapes = text.match_indices(['\\', '%']).filter_map(move |(at, _)| after_escape(tail(text, at))?.split(is_apart).next());
    text.split(is_apart).chain(after_escapes).filter(|word| word.len() >= 12)
}

/// What follows an escape as JSON, programs and URLs have them: its letters are none of the next word's.
fn after_escape(text: &str) -> Option<&str> {
    let length = match text.as_bytes() {
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'0', ..] => 2,
        [b'\\', b'u', ..] => 6,
        [b'\\', b'x', ..] => 4,
        [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => 3,
        _ => return None,
    };
    text.get(length..)
}

/// The kind of credential that a word is.
fn word_kind(word: &str) -> Option<&'static str> {
    let mut parts = word.splitn(4, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(head), Some(body), Some(_)) if head.starts_with("eyJ") && body.starts_with("eyJ") && head.len() >= 12 && body.len() >= 12 => {
            Some("jwt")
        }
        (Some("SG"), Some(id), Some(key)) if id.len() >= 20 && key.len() >= 40 => Some("sendgrid_key"),
        _ => word.split('.').find_map(prefixed),
    }
}

fn prefixed(word: &str) -> Option<&'static str> {
    let fits = |(_, prefix, follow): &&(&str, &str, Follow)| {
        let Some(rest) = word.strip_prefix(prefix) else { return false };
        match *follow {
            Follow::Exactly(count, fits) => run(rest, fits) == count && rest.len() == count,
            Follow::AtLeast(count, fits) => run(head(rest, count), fits) == count,
        }
    };
    PREFIXES.iter().find(fits).map(|(kind, ..)| *kind)
}

/// Names whose values are secret, with the kind of what they are given.
const NAMES: &[(&str, &str)] = &[
    ("aws_secret_key", "secret_access_key"),
    ("aws_secret_key", "secretaccesskey"),
    ("generic_secret", "password"),
    ("generic_secret", "passwd"),
    ("generic_secret", "secret"),
    ("generic_secret", "token"),
    ("generic_secret", "api_key"),
    ("generic_secret", "api-key"),
    ("generic_secret", "apikey"),
    ("generic_secret", "access_key"),
    ("generic_secret", "private_key"),
    ("generic_secret", "credential"),
];

/// Whether what follows a name gives it a random value that has no kind of its own.
fn is_secret_value(text: &str) -> bool {
    let rest = head(text, 200).trim_start_matches(|char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-');
    assigned(rest).is_some_and(|value| is_random(value, 16) && words(value).all(|word| word_kind(word).is_none()))
}

/// The value after an equals sign or colon.
fn assigned(text: &str) -> Option<&str> {
    let text = head(text, 160).trim_start_matches(['"', '\'', ' ', '`', '\\']);
    let value = text.strip_prefix([':', '='])?.trim_start_matches(['=', '>', ' ', '"', '\'', '`', '\\']);
    Some(token(value))
}

/// The characters of a token at the start.
fn token(text: &str) -> &str {
    let text = head(text, 256);
    text.get(..run(text, |byte| is_base64(byte) || is_name(byte) || byte == b'.')).unwrap_or_default()
}

/// Whether a token is long and mixed enough to be random.
fn is_random(token: &str, length: usize) -> bool {
    let distinct: BTreeSet<u8> = token.bytes().collect();
    let count = |fits: fn(&u8) -> bool| token.bytes().filter(fits).count();
    let (digits, upper, lower) = (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_mixed = digits > 0 && upper + lower > 0 && (digits >= 4 || (upper > 0 && lower > 0));
    token.len() >= length && distinct.len() >= 10 && is_mixed
}

/// How many bytes of a kind the text starts with.
fn run(text: &str, fits: fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| fits(*byte)).count()
}

/// At most that many bytes from the start.
fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// The text from a place on.
fn tail(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

fn is_upper_or_digit(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use crate::Value::Str;
    use crate::functions::support::test::called;

    const ALNUM: &str = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ";

    #[test]
    fn kinds() {
        let some = |count: usize| &ALNUM[..count];
        for (text, expected) in [
            (format!("AKIA{}", &"ABCDEFGH234567AB"), r#"["aws_access_key"]"#),
            (format!("AKIA{}C", &"ABCDEFGH234567AB"), "[]"),
            (format!("xAKIA{}", &"ABCDEFGH234567AB"), "[]"),
            (format!("aws_secret_access_key = {}", some(40)), r#"["aws_secret_key"]"#),
            (format!("ghp_{}", some(36)), r#"["github_token"]"#),
            (format!("{{\"token\": \"ghp_{}\"}}", some(36)), r#"["github_token"]"#),
            (format!("ghp_{}", some(35)), "[]"),
            (format!("\\nghp_{}", some(36)), r#"["github_token"]"#),
            (format!("a%20ghp_{}", some(36)), r#"["github_token"]"#),
            (format!("\\u000aghp_{}", some(36)), r#"["github_token"]"#),
            (format!("zghp_{}", some(36)), "[]"),
            (format!("glpat-{} and xoxb-{}", some(20), some(12)), r#"["gitlab_token","slack_token"]"#),
            (format!("sk-ant-api03-{}", some(30)), r#"["anthropic_key"]"#),
            (format!("sk-proj-{}", some(30)), r#"["openai_key"]"#),
            (format!("sk_live_{}", some(24)), r#"["stripe_key"]"#),
            (format!("-----BEGIN RSA PRIVATE {}-----", "KEY"), r#"["private_key"]"#),
            (format!("eyJ{0}.eyJ{0}.{0}", some(20)), r#"["jwt"]"#),
            (format!("Authorization: Bearer {}", some(30)), r#"["bearer_token"]"#),
            (format!("API_KEY='{}'", some(24)), r#"["generic_secret"]"#),
            (format!("\"client_secret\": \"{}\"", some(24)), r#"["generic_secret"]"#),
            (format!("{{\\\"client_secret\\\": \\\"{}\\\"}}", some(24)), r#"["generic_secret"]"#),
            ("password: correct horse battery staple".into(), "[]"),
            ("token_count = 12345678901234567890".into(), "[]"),
            ("postgres://app:hunter2@db/x".into(), r#"["url_password"]"#),
            ("postgres://app:$PASS@db/x, https://a.b/c:d@e".into(), "[]"),
            (String::new(), "[]"),
        ] {
            assert_eq!(called("string.secrets", &[Str(&text)]), expected, "{text}");
        }
    }

    #[test]
    fn takes_linear_time() {
        for part in ["token", "eyJ.", "://a:", "-----BEGIN ", "sk-", "secret=", "AccountKey=", "earer a1B", "\\n", "%0a"] {
            called("string.secrets", &[Str(&part.repeat(100_000 / part.len()))]);
        }
    }
}
