//! Functions of file paths.

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, make_text, spend_text, text};
use crate::value::Value;

const STRING: Param = Param::new("self", Sig::Str);

/// Functions of file paths.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "string.normalize_path",
        name: "normalize_path",
        params: &[STRING],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The path with `/` for `\\`, without `.`, doubled and trailing slashes, and with `..` resolved as far as it can be; above the root there is \
              the root. `.` for the empty path, `\"\"` for one with a NUL character.",
        example: r#""/data//x/../y/./z/".normalize_path() == "/data/y/z""#,
        run: normalize,
    },
    Function {
        key: "string.is_under",
        name: "is_under",
        params: &[STRING, Param::new("directory", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether the path, once normalized, is the directory or lies below it. An absolute path never is under a relative one. False too for what \
              some system reads differently: a NUL character, a drive without a root (`C:x`), a part of dots and spaces alone, or a leading `~` that \
              the directory does not have.",
        example: r#""/data/a/../b.txt".is_under("/data") and not "/data/../etc".is_under("/data") and not "/data2".is_under("/data")"#,
        run: is_under,
    },
];

fn normalize<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len())?;
    match Path::parse(text) {
        Some(path) => make_text(host, &path.to_string()),
        None => Ok(Value::Str("")),
    }
}

fn is_under<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (path, directory) = (text(args, 0), text(args, 1));
    spend_text(host, path.len())?;
    spend_text(host, directory.len())?;
    let under = match (Path::parse(path), Path::parse(directory)) {
        (Some(inner), Some(outer)) => !path.is_empty() && !directory.is_empty() && inner.is_plain(&outer) && inner.is_under(&outer),
        _ => false,
    };
    Ok(Value::Bool(under))
}

/// A path, resolved.
struct Path {
    /// `/`, a drive such as `C:/`, or nothing where it is relative.
    root: String,
    /// The parts; `..` only at the start of a relative path.
    parts: Vec<String>,
    /// Whether a part, resolved or not, was made of dots and spaces alone, which some systems read as `..`.
    is_dotted: bool,
}

impl Path {
    /// Reads a path; nothing where it has a NUL character.
    fn parse(text: &str) -> Option<Path> {
        if text.contains('\0') {
            return None;
        }
        let text = text.replace('\\', "/");
        let (root, rest) = match text.as_bytes() {
            [b'/', ..] => ("/".to_owned(), text.as_str()),
            [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => {
                (format!("{}:/", char::from(drive.to_ascii_uppercase())), text.get(2..).unwrap_or_default())
            }
            _ => (String::new(), text.as_str()),
        };
        let mut path = Path { root, parts: Vec::new(), is_dotted: false };
        rest.split('/').for_each(|part| path.enter(part));
        Some(path)
    }

    fn enter(&mut self, part: &str) {
        match part {
            "" | "." => {}
            ".." => match self.parts.last() {
                Some(last) if last != ".." => {
                    self.parts.pop();
                }
                _ if self.root.is_empty() => self.parts.push("..".to_owned()),
                _ => {}
            },
            _ => {
                self.is_dotted |= part.chars().all(|char| char == '.' || char == ' ');
                self.parts.push(part.to_owned());
            }
        }
    }

    /// Whether every system reads the path as it is read here.
    fn is_plain(&self, outer: &Path) -> bool {
        let first = self.parts.first().map(String::as_str).unwrap_or_default();
        let is_relative = self.root.is_empty();
        let has_drive = is_relative && matches!(first.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
        let has_home = is_relative && first.starts_with('~') && outer.parts.first().map(String::as_str) != Some(first);
        !self.is_dotted && !has_drive && !has_home
    }

    fn is_under(&self, outer: &Path) -> bool {
        let leaves = self.parts.get(outer.parts.len()).is_some_and(|part| part == "..");
        self.root == outer.root && self.parts.starts_with(&outer.parts) && !leaves
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.root.is_empty() && self.parts.is_empty() {
            return f.write_str(".");
        }
        write!(f, "{}{}", self.root, self.parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use crate::Value::Str;
    use crate::functions::support::test::called;

    #[test]
    fn normalizes() {
        for (path, expected) in [
            ("", "."),
            ("/", "/"),
            ("///", "/"),
            ("/..", "/"),
            ("/a/../../b", "/b"),
            ("a/..", "."),
            ("../a/../../b/", "../../b"),
            (r"a\b\..\c", "a/c"),
            (r"c:\x\..\y", "C:/y"),
            ("C:x", "C:x"),
            ("/a\0b", ""),
            ("./a//b/.", "a/b"),
        ] {
            assert_eq!(called("string.normalize_path", &[Str(path)]), expected, "{path}");
        }
    }

    #[test]
    fn knows_what_is_under() {
        for (path, directory, expected) in [
            ("/data", "/data", true),
            ("/data/", "/data", true),
            ("/data/x", "/data/", true),
            ("/data/./x//y", "/data", true),
            ("/x", "/", true),
            ("a/b", "a", true),
            ("a/b", ".", true),
            ("../a", "..", true),
            (r"C:\data\x", "c:/data", true),
            ("~/x", "~", true),
            ("/data/../etc/passwd", "/data", false),
            (r"/data\..\etc", "/data", false),
            ("/data2/x", "/data", false),
            ("/x", ".", false),
            ("/a/b", "a", false),
            ("a/b", "/a", false),
            ("../a", ".", false),
            ("a/../../b", ".", false),
            ("../../a", "..", false),
            ("/data/x\0y", "/data", false),
            ("/data/.. /etc", "/data", false),
            ("/data/.../etc", "/data", false),
            ("/data/.. /../x", "/data", false),
            ("C:x", ".", false),
            ("~root/.ssh", ".", false),
            ("~/x", ".", false),
            ("", ".", false),
            ("x", "", false),
            ("/DATA/x", "/data", false),
        ] {
            assert_eq!(called("string.is_under", &[Str(path), Str(directory)]), expected.to_string(), "{path} under {directory}");
        }
    }
}
