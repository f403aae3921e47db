//! `parse_shell`: the commands of a shell command line.

use bumpalo::collections::Vec as ArenaVec;

use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, list, make_text, new_items, record, spend_text, text};
use crate::shape::Shape;
use crate::value::Value;

mod parse;
mod word;

/// The fields of `Shell`.
pub static SHELL: Shape = Shape::Static(&["has_substitution", "commands"]);
/// The fields of `ShellCommand`.
pub static SHELL_COMMAND: Shape = Shape::Static(&["program", "args", "redirects", "assignments", "path"]);

/// `parse_shell`.
pub const FUNCTIONS: &[Function] = &[Function {
    key: "string.parse_shell",
    name: "parse_shell",
    params: &[Param::new("self", Sig::Str)],
    result: Sig::Optional(&Sig::Named("Shell")),
    errs: false,
    cost: Cost::Counted,
    doc: "The commands that a POSIX shell or bash would run: of lists, pipelines, groups, subshells, and inside substitutions too, in the order in which \
          they begin. Wrappers such as `sudo`, `env` or `sh -c` are programs like any other. Nothing for text that is not understood whole: open quotes, \
          `if`, `for`, `while`, `case`, functions, arrays, arithmetic, brace expansion, process substitution, `$'…'`, `${…}` with more than a name, a \
          program named by a pattern, control characters.",
    example: r#""cd /tmp && /bin/rm -rf *".parse_shell()?.commands?.any(c => c.program == "rm" and "-rf" in c.args) ?? false"#,
    run: parse_shell,
}];

/// A command line, understood.
#[derive(Debug, Default)]
struct Shell {
    has_substitution: bool,
    commands: Vec<Command>,
}

/// A command of it.
#[derive(Debug, Default)]
struct Command {
    /// The last part of the program's path; empty where there are only assignments or redirects.
    program: String,
    args: Vec<String>,
    /// The files read or written.
    redirects: Vec<String>,
    /// `NAME=value` before the program.
    assignments: Vec<String>,
    /// The program as it is called.
    path: String,
}

fn parse_shell<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    // Parsed once; what substitutions hold is copied into the word around them.
    spend_text(host, text.len().saturating_mul(4))?;
    let Some(shell) = parse::parse(text) else { return Ok(Value::None) };
    let mut commands: ArenaVec<'a, Value<'a>> = new_items(host, shell.commands.len())?;
    for command in &shell.commands {
        let values = [
            make_text(host, &command.program)?,
            texts(host, &command.args)?,
            texts(host, &command.redirects)?,
            texts(host, &command.assignments)?,
            make_text(host, &command.path)?,
        ];
        commands.push(record(host, &SHELL_COMMAND, values)?);
    }
    record(host, &SHELL, [Value::Bool(shell.has_substitution), list(commands)])
}

fn texts<'a>(host: &mut dyn Host<'a>, texts: &[String]) -> Result<Value<'a>, EvalError> {
    let mut values = new_items(host, texts.len())?;
    for text in texts {
        values.push(make_text(host, text)?);
    }
    Ok(list(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::support::test::called;

    /// The commands in brief: `program(arg,arg)<redirects>[assignments]`, and `$` where there is a substitution.
    fn brief(text: &str) -> String {
        let Some(shell) = parse::parse(text) else { return "nothing".to_owned() };
        let command = |command: &Command| {
            let part = |open: &str, texts: &[String], close: &str| {
                if texts.is_empty() { String::new() } else { format!("{open}{}{close}", texts.join(",")) }
            };
            let (args, redirects) = (part("(", &command.args, ")"), part("<", &command.redirects, ">"));
            format!("{}{args}{redirects}{}", command.program, part("[", &command.assignments, "]"))
        };
        let commands: Vec<_> = shell.commands.iter().map(command).collect();
        format!("{}{}", if shell.has_substitution { "$ " } else { "" }, commands.join(" "))
    }

    #[test]
    fn words_and_quotes() {
        for (text, expected) in [
            ("", ""),
            ("  # nothing; rm x", ""),
            ("/usr/bin/git  status", "git(status)"),
            (r#"echo 'a b' "c d"e\ f"#, "echo(a b,c de f)"),
            (r#"'r'"m" -r\f"#, "rm(-rf)"),
            (r#"echo "a\"b\c\$" '\'"#, r#"echo(a"b\c$,\)"#),
            ("echo a\\\nb", "echo(ab)"),
            ("echo '' \"\"", "echo(,)"),
            ("echo a#b # c", "echo(a#b)"),
            ("ls *.txt ~/x [a-z]? stash@{0} {}", "ls(*.txt,~/x,[a-z]?,stash@{0},{})"),
            ("echo día", "echo(día)"),
            ("A=1 B+='x y' env c", "env(c)[A=1,B+=x y]"),
            ("A=1", "[A=1]"),
            ("'A=1' x", "A=1(x)"),
            ("sudo rm -rf /", "sudo(rm,-rf,/)"),
            ("test ! -e x", "test(!,-e,x)"),
            ("time rm x", "time(rm,x)"),
        ] {
            assert_eq!(brief(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_groups_and_redirects() {
        for (text, expected) in [
            ("a; b & c && d || e | f |& g", "a b c d e f g"),
            ("a;b&c&&d||e|f\ng;", "a b c d e f g"),
            ("a &&\n\n b |\nc", "a b c"),
            ("! a | b", "a b"),
            ("(a; b) > x", "a<x> b<x>"),
            ("{ a; b; } 2>> x | c", "a<x> b<x> c"),
            ("((a)); b", "nothing"),
            ("( (a) )", "a"),
            ("a > x 2>&1 < y >| z <> w &> v >>u", "a<x,y,z,w,v,u>"),
            ("a >&x", "a<x>"),
            ("a >&- 2>&1-", "nothing"),
            ("a>x b", "a(b)<x>"),
            ("a 2>x b2>y", "a(b2)<x,y>"),
            ("> x", "<x>"),
            ("cat <<< 'x y' z", "cat(z)"),
            ("cat <<E; b\nrm $x\nE\nc", "$ cat b c"),
            ("cat <<'E' > o\n$(rm)\n E\nE\nc", "cat<o> c"),
            ("cat <<-E\n\tx\n\tE\n", "cat"),
            ("cat <<A <<B\na\nA\nb $(c)\nB", "$ cat c"),
        ] {
            assert_eq!(brief(text), expected, "{text}");
        }
    }

    #[test]
    fn substitutions() {
        for (text, expected) in [
            ("echo $HOME", "$ echo($HOME)"),
            ("echo \"${HOME}/x\" $1 $@ $?", "$ echo(${HOME}/x,$1,$@,$?)"),
            ("echo '$x' \\$x $ a$", "echo($x,$x,$,a$)"),
            ("echo $(rm -rf /; b)", "$ echo($(rm -rf /; b)) rm(-rf,/) b"),
            ("echo \"a $(b \"c d\" $(e)) f\"", "$ echo(a $(b \"c d\" $(e)) f) b(c d,$(e)) e"),
            ("`/bin/a b` c", "$ `/bin/a b`(c) a(b)"),
            ("echo \"`a`\"", "$ echo(`a`) a"),
            ("$CMD x", "$ $CMD(x)"),
            ("a > $(b)", "$ a<$(b)> b"),
            ("X=$(a) b", "$ b[X=$(a)] a"),
            ("echo $(cat <<E\nhi\nE\n)", "$ echo($(cat <<E\nhi\nE\n)) cat"),
        ] {
            assert_eq!(brief(text), expected, "{text}");
        }
    }

    #[test]
    fn gives_nothing_rather_than_a_guess() {
        for text in [
            "echo 'a",
            "echo \"a",
            "echo `a",
            "echo $(a",
            "echo a\\",
            "(a",
            "{ a;",
            "a)",
            "}",
            "a &&",
            "a ||",
            "a |",
            "| a",
            "; a",
            "a ;; b",
            "& a",
            "a & ; b",
            "()",
            "{ }",
            "if a; then b; fi",
            "for x in y; do z; done",
            "while a; do b; done",
            "case x in y) z;; esac",
            "function f { a; }",
            "f() { a; }",
            "f () { a; }",
            "[[ -e x ]]",
            "((x=1))",
            "echo $((1+2))",
            "echo $[1]",
            "a=(1 2)",
            "a[0]=1",
            "echo {a,b}",
            "{rm,-rf,/}",
            "echo {1..3}",
            "diff <(a) <(b)",
            "tee >(a)",
            "$'\\x72m' x",
            "echo $\"x\"",
            "echo ${x:-$(rm)}",
            "echo ${x/a/b}",
            "/bin/r? x",
            "r* x",
            "[ab]x",
            "=rm x",
            "a >",
            "a > ;",
            "a <<",
            "cat <<E\nx",
            "cat <<E",
            "a >&$x-",
            "a\0b",
            "a\r\nb",
            "a\u{7}",
            "echo `a \\`b\\``",
            "echo @(a|b)",
            "(a) b",
            "{ a; } b",
            "!",
            "! ; a",
            "echo $(cat <<E)\nx\nE",
            "cat <<E \"a\nE\nb\"",
            "cat <<E $(b\n)\nx\nE",
            "cat <<$x\n$x",
            "cat <<E\na\\\nE\nE",
            "coproc a",
            "select x in y; do z; done",
            "{a}>x",
            "a <&x",
            "until a; do b; done",
            "A=1 if b",
            "cat <<E\n`a\nE",
        ] {
            assert_eq!(brief(text), "nothing", "{text:?}");
        }
    }

    #[test]
    fn is_bounded() {
        for (open, close) in [
            ("(", ")"),
            ("$(", ")"),
            ("{ ", ";}"),
            ("\"$(", ")\""),
            ("a;", ""),
            ("a $(b) ", ""),
            ("a|", ""),
            ("<x ", ""),
            ("x\\", ""),
            ("<<E ", "\nE"),
        ] {
            for text in [open.repeat(100_000), format!("{}a{}", open.repeat(20_000), close.repeat(20_000))] {
                brief(&text);
            }
        }
        assert_eq!(brief(&format!("{}a{}", "( ".repeat(20), ")".repeat(20))), "a");
        assert_eq!(brief(&format!("{}a{}", "( ".repeat(40), ")".repeat(40))), "nothing");
    }

    #[test]
    fn gives_records() {
        let expected =
            r#"{"has_substitution":false,"commands":[{"program":"a","args":["b"],"redirects":["c"],"assignments":["D=1"],"path":"/x/a"}]}"#;
        assert_eq!(called("string.parse_shell", &[Value::Str("D=1 /x/a b >c")]), expected);
        assert_eq!(called("string.parse_shell", &[Value::Str("'")]), "none");
    }
}
