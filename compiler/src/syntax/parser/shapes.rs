//! What authors write who know other languages, as data: a shape of tokens, what is said of it, and what to write.

/// A shape that means nothing here, and what is meant by it.
pub(super) struct Habit {
    /// The tokens, each a word: itself in any case, `a|b` for one of several, `a*` for what begins so, or a kind: `NAME` (a word that is not reserved), `TYPE`,
    /// `STRING`, `INT`, `THOUSAND` (three digits), `DECIMAL`, `VALUE`, `EFFECT`, `CLAUSE`, `ANY`. `END` is the end of the item. What stands before `«` and after
    /// `»` must be there and is no part of the mistake. `INNER` asks for an open bracket, `WHEN` for the condition of a rule, `FIRST` for the beginning of a
    /// line, `BESIDE` for the same line. `OPERAND` is the operand before.
    pub(super) shape: &'static str,
    /// What is wrong.
    pub(super) message: &'static str,
    /// What to write.
    pub(super) help: &'static str,
    /// The change that does it.
    pub(super) fix: Fix,
}

/// How a habit is mended.
#[derive(Clone, Copy)]
pub(super) enum Fix {
    None,
    /// The mistake becomes this text, with the operand before it where the text has `$@`.
    Replace(&'static str),
    /// Each token of the item that is written as the mistake is becomes this text.
    ReplaceAll(&'static str),
    /// The bracket that is the mistake goes, and the one that closes it.
    Unwrap,
}

const fn told(shape: &'static str, message: &'static str, help: &'static str) -> Habit {
    Habit { shape, message, help, fix: Fix::None }
}

const fn mended(shape: &'static str, message: &'static str, help: &'static str, fix: &'static str) -> Habit {
    Habit { shape, message, help, fix: Fix::Replace(fix) }
}

/// The habits of the item that begins with a keyword, besides [`ANYWHERE`].
pub(super) fn of_item(keyword: &str) -> &'static [Habit] {
    match keyword {
        "allow" | "review" | "deny" => RULE,
        "test" | "property" => TEST,
        "type" | "tool" | "input" | "obligation" => TYPE,
        "enum" => ENUM,
        "fn" => FUNCTION,
        "data" => DATA,
        "let" => LET,
        "score" => SCORE,
        "package" | "import" => PACKAGE,
        _ => &[],
    }
}

/// What stands where an item begins.
pub(super) const STATEMENTS: &[Habit] = &[
    told("EFFECT {", "a rule has a name, and no braces", "write `$0 NAME when …`, with `and` between the conditions"),
    told("EFFECT if|when {", "a rule has a name, and no braces", "write `$0 NAME when …`, with `and` between the conditions"),
    told("EFFECT » CLAUSE NAME|STRING|not|(", "the rule has no name", "write a name after `$0`: `$0 NAME $1 …`"),
    told("EFFECT if » NAME|not|(", "the rule has no name", "write `$0 NAME when …`"),
    told("EFFECT : =", "an effect is not assigned", "write a rule: `$0 NAME when …`"),
    told("EFFECT =", "an effect is not assigned", "write a rule: `$0 NAME when …`"),
    told("EFFECT [", "a rule has a name, and its reason stands after `because`", "write `$0 NAME when … because \"… {agent.id} …\"`"),
    told("EFFECT contains NAME", "a rule has a name, and its reason stands after `because`", "write `$0 NAME when … because \"… {agent.id} …\"`"),
    told("EFFECT (", "a rule has a name, and no parentheses", "write `$0 NAME on \"server/tool\" when …`"),
    told("EFFECT END", "the rule has no name", "a rule has one effect and a name: `$0 NAME when …`"),
    mended("EFFECT « STRING", "the name of a rule is a word", "write `$_1`", "$_1"),
    mended("EFFECT « NAME - NAME - NAME", "a name has no `-`", "write `$1_$3_$5`", "$1_$3_$5"),
    mended("EFFECT « NAME - NAME", "a name has no `-`", "write `$1_$3`", "$1_$3"),
    mended("EFFECT « NAME . NAME", "the name of a rule has no dots: the file's package stands before it", "write `$1_$3`", "$1_$3"),
    told("EFFECT NAME « { » CLAUSE :", "a rule has neither braces nor `:`", "write its clauses below its name: `$0 $1 when … because \"…\"`"),
    Habit {
        shape: "EFFECT NAME « { » CLAUSE",
        message: "a rule has no braces",
        help: "its clauses follow its name; leave out `{` and `}`",
        fix: Fix::Unwrap,
    },
    told("EFFECT NAME « {", "a rule has neither braces nor `:`", "write its clauses below its name: `$0 $1 on \"server/tool\" when …`"),
    mended(
        "default allow : = false",
        "a default is not assigned",
        "write `default deny because \"…\"`",
        "default deny because \"no rule allows this call\"",
    ),
    told("default EFFECT » :|=", "a default is not assigned", "write `default deny because \"…\"`, or leave it out: what no rule decides is denied"),
    told("default » :|=|{", "a default is not assigned", "write `default deny because \"…\"`, or leave it out: what no rule decides is denied"),
    told("default allow END", "there is no `default allow`", "say what is allowed with `allow` rules; what no rule decides is denied or reviewed"),
    told("default EFFECT END", "the default has no reason", "write `default $1 because \"…\"`"),
    told(
        "permit (",
        "a rule begins with its effect and its name",
        "write `allow NAME on \"server/tool\" when …`; who calls is `agent`, what is called `tool` and `args`",
    ),
    told(
        "forbid (",
        "a rule begins with its effect and its name",
        "write `deny NAME on \"server/tool\" when …`; who calls is `agent`, what is called `tool` and `args`",
    ),
    told("rule|policy NAME", "a rule begins with its effect", "write `allow $1 when …`, `review $1 when …` or `deny $1 when …`"),
    told("def|func|function|fun NAME (", "`$0` begins no item", "a function is written `fn $1(x: string) = …`"),
    told("let NAME = ( NAME ) =>", "a function is not a value", "write `fn $1($4: string) = …`"),
    told("let NAME = NAME =>", "a function is not a value", "write `fn $1($3: string) = …`"),
    mended("interface|struct|class|record » NAME {", "`$0` begins no item", "write `type`", "type"),
    mended("const|var|val » NAME", "`$0` begins no item", "write `let`", "let"),
    mended("let|data NAME « : =", "`:=` is written `=`", "write `=`", "="),
    mended("NAME : =", "`$0` begins no item", "write `let $0 =`", "let $0 ="),
    mended("NAME =", "`$0` begins no item", "write `let $0 =`", "let $0 ="),
    told("data NAME » =", "data have a type", "write it after the name: `data $1: map<int> = …`"),
    told("data {", "data are declared one by one", "write `data NAME: TYPE` for each; whoever loads the policy gives the values"),
    told("tool « NAME » (|{", "the name of a tool is text in quotes", "write `tool \"$1\" { args { … } }`"),
    mended("tool STRING END", "a tool has a block", "write `$0 $1 {}`, or say in the block what its arguments are: `{ args { … } }`", "$0 $1 {}"),
    mended("type NAME = enum » {", "an enum is declared by itself", "write `enum $1`", "enum $1"),
    mended("type NAME : enum » {", "an enum is declared by itself", "write `enum $1`", "enum $1"),
    mended("type NAME enum » {", "an enum is declared by itself", "write `enum $1`", "enum $1"),
    told("type NAME = enum (", "an enum is declared by itself", "write `enum $1 { …, … }`"),
    told("type NAME « (", "a type has a block", "write its fields in braces: `type $1 { … }`"),
    told("enum NAME « (", "an enum has a block", "write its variants in braces: `enum $1 { …, … }`"),
    told("score NAME « =", "a score has a range", "write `score $1: 0..=100 { … }`, with parts such as `5 when …`"),
    mended("enum NAME « = NAME | NAME END", "an enum has a block", "write `{ $3, $5 }`", "{ $3, $5 }"),
    mended("enum NAME « = NAME | NAME | NAME END", "an enum has a block", "write `{ $3, $5, $7 }`", "{ $3, $5, $7 }"),
    told("enum NAME « =", "an enum has a block", "write its variants in braces: `enum $1 { …, … }`"),
    told("import STRING", "an import names a package", "write `import $_1`, and the package's name before what is in it"),
    told("import {|*", "an import names a package", "write `import a.b`, and then `b.name`"),
    told("from NAME . NAME import NAME", "an import names a package", "write `import $1.$3`, and then `$3.$5`"),
    told("from NAME import NAME", "an import names a package", "write `import $1`, and then `$1.$3`"),
    told("from NAME|STRING", "an import names a package", "write `import a.b`, and then `b.name`"),
    told("use|include|require NAME : : NAME", "an import names a package", "write `import $1.$4`, and then `$4.name`"),
    told("use|include|require NAME » :|.|/", "an import names a package", "write `import a.b`, and then `b.name`"),
    told("use|include|require STRING", "an import names a package", "write `import $_1`, and the package's name before what is in it"),
    mended("package « STRING", "a package is named by words with dots", "write `$_1`", "$_1"),
    mended("- -", "`--` begins no comment", "comments begin with `//`", "//"),
    mended("/ *", "there are no block comments", "comments begin with `//`, on each line", "//"),
    told("select *|NAME", "a policy is made of rules", "write `deny NAME when …`; `for x in …` chooses an element of a list"),
    mended("test « NAME » {", "the title of a test is text in quotes", "write `\"$1\"`", "\"$1\""),
    told("test_* {|(|=|if", "a test is written with `test` and its title", "write `test \"…\" { input { … } expect deny }`"),
    told("else", "a rule has no `else`", "write another rule, or say with `default deny because \"…\"` what holds where no rule matches"),
    told("NAME {", "`$0` begins no item", "a condition has a name with `let`: `let $0 = …`"),
    told("NAME [", "`$0` begins no item", "write `deny NAME when … because \"…\"`"),
    told("if", "a rule begins with its effect and its name", "write `deny NAME when …`"),
    mended("export const|var NAME", "`export` begins no item", "write `let $2`", "let $2"),
    told("export|public|private|pub", "`$0` begins no item", "leave it out: what a package declares can be named from others"),
    told("NAME :", "`$0:` begins no item", "a policy is a text of rules: `deny NAME on \"server/tool\" when …`"),
    told("- NAME :", "`- $1:` begins no item", "a policy is a text of rules: `deny NAME on \"server/tool\" when …`"),
    told("{", "`{` begins no item", "a policy is a text of rules: `deny NAME on \"server/tool\" when …`"),
];

/// Operators and expressions.
pub(super) const ANYWHERE: &[Habit] = &[
    told("/ *", "there are no block comments", "comments begin with `//`, and end with the line"),
    mended("== =", "`===` is no operator", "write `==`", "=="),
    mended("!= =", "`!==` is no operator", "write `!=`", "!="),
    mended("< >", "`<>` is no operator", "write `!=`", "!="),
    mended("= <", "`=<` is no operator", "write `<=`", "<="),
    mended("= ~", "`=~` is no operator", "write `matches`", "matches"),
    mended("~ =", "`~=` is no operator", "write `matches`", "matches"),
    told("* *", "`**` is no operator", "there are no powers: write the number itself"),
    told("+ =", "`+=` is no operator", "nothing is changed: a value is named once, with `let`"),
    mended("= =", "`= =` is no operator", "write `==`", "=="),
    told("+ +", "`++` is no operator", "nothing is changed: write `+ 1`"),
    mended("« => » INT", "`=>` is no comparison", "write `>=`", ">="),
    told("NAME : =", "nothing is named in an expression", "name the value before the rule: `let $0 = …`"),
    mended("is true", "`is` is no operator", "write `== true`", "== true"),
    mended("is false", "`is` is no operator", "write `== false`", "== false"),
    mended("is not none|null|nil|undefined", "`is` is no operator", "write `!= none`", "!= none"),
    mended("is none|null|nil|undefined", "`is` is no operator", "write `== none`", "== none"),
    mended("is not", "`is not` is no operator", "write `!=`", "!="),
    told("OPERAND in INT .. INT", "there are no ranges", "write two comparisons: `$@ >= $1 and $@ <= $3`"),
    told("exists|defined|present » NAME", "`$0` is no operator", "ask what may be absent with `!= none`"),
    told(
        "is string|int|bool|decimal|duration|timestamp|list|set|map|json",
        "nothing asks for the type of a value",
        "ask an optional with `!= none`, and `json` with a conversion: `.as_string() != none`",
    ),
    told("is TYPE", "nothing asks for the type of a value", "ask an optional with `!= none`, and `json` with a conversion: `.as_string() != none`"),
    mended("is", "`is` is no operator", "write `==`", "=="),
    mended("equals|equal|eq", "`$0` is no operator", "write `==`", "=="),
    mended("OPERAND between VALUE and VALUE", "`between` is no operator", "write two comparisons: `$@ >= $1 and $@ <= $3`", "$@ >= $1 and $@ <= $3"),
    told("between", "`between` is no operator", "write two comparisons, joined with `and`"),
    mended("OPERAND not like|matches", "`not` stands before the whole comparison", "write `not $@ $1 …`", "not $@ $1"),
    mended("OPERAND contains|includes STRING", "`$0` is a method", "write `$@.contains($1)`", "$@.contains($1)"),
    mended("OPERAND starts_with|startswith|startsWith|begins_with STRING", "`$0` is a method", "write `$@.starts_with($1)`", "$@.starts_with($1)"),
    mended("OPERAND ends_with|endswith|endsWith STRING", "`$0` is a method", "write `$@.ends_with($1)`", "$@.ends_with($1)"),
    told("contains|includes|starts_with|startswith|ends_with|endswith", "`$0` is a method", "write `.$0(…)`"),
    mended("OPERAND ilike", "`ilike` is no operator", "write `$@.lower() like …`", "$@.lower() like"),
    mended("match|regex|regexp|rlike » STRING", "`$0` is no operator", "write `matches`", "matches"),
    told("some NAME in", "`some` is no operator", "ask a list with `.any($1 => …)`, or choose an element in the rule, with `for $1 in …`"),
    told("every NAME in", "`every` is no operator", "ask a list with `.all($1 => …)`"),
    mended("has ( NAME . NAME )", "`has` stands between a record and its field", "write `$2 has $4`", "$2 has $4"),
    told("has (", "`has` stands between a record and its field", "write `record has field`, or `value != none`"),
    told(
        "INNER « for NAME in",
        "no list is made with `for`",
        "ask a list with `.any($1 => …)` or `.all($1 => …)`; make one with `.filter($1 => …)` and `.map($1 => …)`",
    ),
    mended("elif|elsif|elseif", "`$0` is written `else if`", "write `else if`", "else if"),
    told("case when", "`case` begins no expression", "write `if … then … else …`"),
    told("and|or « like|matches|in|==|!=|<|>|<=|>=", "a comparison has two sides", "write what is compared again: `$0 … $1 …`"),
    mended("and|or and|or", "one word too many", "write `$0`", "$0"),
    told(". ?", "`.?` is no operator", "write `?.`"),
    told("^ INT", "`^` is no operator", "there are no powers: write the number itself"),
    told("?? =", "`??=` is no operator", "nothing is changed: write `= … ?? …`"),
    told("INNER « distinct » NAME", "`distinct` is a method", "write `.distinct()`"),
    told("switch|match » NAME", "`$0` begins no expression", "write `if … then … else …`"),
    told("new TYPE", "nothing is made with `new`", "values are written as they are, such as `timestamp(\"2026-01-31T09:00:00Z\")`"),
    told("INNER as NAME", "no type is asserted", "convert `json` with `.as_int()`, `.as_string()` and the like, which give an optional"),
    told("=> « { » return ANY", "a lambda is one expression", "write `x => …` without braces and `return`"),
    told("type (", "nothing asks for the type of a value", "ask `json` with a conversion: `.as_string() != none`"),
    mended("lambda NAME :", "a lambda is written `$1 => …`", "write `$1 => …`", "$1 =>"),
    told("INNER « | NAME =|in", "no set or list is made so", "make one with `.filter(x => …)` and `.map(x => …)`; ask with `.any(x => …)`"),
    told("INNER « where » NAME", "`where` chooses nothing here", "choose with `.filter(x => …)`, count with `.count(x => …)`"),
    told("! .", "what may be absent is not asserted", "write `?.`, or ask first with `!= none`"),
    told("/ ^", "a regular expression is text in quotes", "write `text matches \"^…\"`"),
    told(".. .", "no list is spread", "put lists and sets together with `.union(…)`"),
    mended("« .. » NAME", "a field stands after one dot", "write `.`", "."),
    told(". » ==|!=|<|>|<=|>=|and|or|in|like|matches", "the name of a field is missing after `.`", "write it, as in `agent.id`"),
    mended("@ allow ( « NAME - ANY - ANY »", "the name of a lint has `_` for `-` here", "write `$3_$5_$7`", "$3_$5_$7"),
    mended("@ allow ( « NAME - ANY »", "the name of a lint has `_` for `-` here", "write `$3_$5`", "$3_$5"),
    mended("@ NAME = STRING", "an annotation has its argument in parentheses", "write `@$1($3)`", "@$1($3)"),
    told("typeof|instanceof NAME", "nothing asks for the type of a value", "ask `json` with a conversion: `.as_string() != none`"),
    told("count|COUNT ( *", "`*` stands for nothing", "a list is counted with `.len()`: `session.calls.len()`"),
    told("in « NAME : : STRING", "`$1::$4` is no value", "ask a set for the text: `$4 in …`, as in `user.groups`"),
    mended("NAME : : STRING", "`$0::$3` is no value", "write the text alone: `$3`", "$3"),
    told("? VALUE : VALUE", "`? :` is no operator", "write `if … then $1 else $3`"),
    told("?", "`? :` is no operator", "write `if … then … else …`"),
    mended("( NAME ) =>", "the name of a lambda stands without parentheses", "write `$1 => …`", "$1 =>"),
    mended("f STRING", "a string needs no `f` before it", "every string has holes: write `$1`", "$1"),
    mended("\"\" STRING \"\"", "a text stands in one pair of quotes", "write `$1`", "$1"),
    told("STRING . format", "a reason is one text", "put values into it with holes: `\"… {agent.id} …\"`"),
    mended("OPERAND . INT", "a list is read with `[…]`", "write `$@[$1]`", "$@[$1]"),
    mended(". INT", "a number begins with a digit", "write `0.$1`", "0.$1"),
    mended("INT , THOUSAND", "a number has no commas", "write `$0_$2`", "$0_$2"),
    told("matches|like|== « / ANY", "a regular expression is text in quotes", "write `matches \"…\"`, without the slashes"),
    told("INT : INT", "there are no times of day", "ask for the hour: `.hour() >= $0`"),
    mended("DECIMAL . DECIMAL / INT", "a network is written in quotes", "write `cidr(\"$*\")`", "cidr(\"$*\")"),
    mended("DECIMAL . DECIMAL", "an address is written in quotes", "write `ip(\"$*\")`", "ip(\"$*\")"),
    told("INT % END", "`%` divides, and gives what remains", "write the number alone: `$0`"),
    told("INT % » CLAUSE|and|or|)", "`%` divides, and gives what remains", "write the number alone: `$0`"),
    mended("NAME - INT|NAME » :", "a name has no `-`", "quote it: `\"$*\"`", "\"$*\""),
    mended("{|, NAME « =", "a field's value stands after `:`", "write `:`", ":"),
    Habit { shape: "INNER « ;", message: "`;` separates nothing", help: "write `,`", fix: Fix::ReplaceAll(",") },
    mended("{ VALUE } else { VALUE }", "an `if` has no braces", "write `then $1 else $5`", "then $1 else $5"),
    told("« { VALUE } else", "an `if` has no braces", "write `if … then $1 else …`"),
    told("[ « ANY : VALUE ]", "`[…]` reads one element", "take a part of a text or list with `.slice(…)`"),
];

/// Clauses.
const RULE: &[Habit] = &[
    mended("CLAUSE « :", "no `:` follows `$0`", "leave it out", ""),
    mended("EFFECT NAME « :", "no `:` follows the name of a rule", "leave it out", ""),
    mended("reason|message|msg|description|explanation » STRING", "`$0` begins no clause", "write `because`", "because"),
    mended("reason|message|msg|description|explanation : » STRING", "`$0` begins no clause", "write `because`", "because"),
    mended("tool|tools|target » STRING", "`$0` begins no clause", "write `on`", "on"),
    mended("except|but » NAME", "`$0` begins no clause", "write `unless`", "unless"),
    mended("needs|requires|must|obligation|obligations » NAME (", "`$0` begins no clause", "write `require`", "require"),
    told("else|otherwise", "a rule has no `$0`", "write another rule, or say with `default deny because \"…\"` what holds where no rule matches"),
    mended("FIRST in|at|to|against » STRING", "`$0` begins no clause", "write `on`", "on"),
    mended("for NAME « of", "`of` is written `in`", "write `in`", "in"),
    told("severity|priority|level|owner|title|id » STRING", "`$0` is no clause", "write an annotation before the rule: `@$0($1)`"),
    told("severity|priority|level|owner|title|id » INT", "`$0` is no clause", "write an annotation before the rule: `@$0(\"$1\")`"),
    mended("EFFECT NAME « =", "the condition of a rule stands after `when`", "write `when`", " when"),
    told("\"when\"|\"on\"|\"unless\"|\"because\"|\"require\" :", "a clause has neither quotes nor `:`", "write `when …`, `because \"…\"`"),
    told("EFFECT NAME « by STRING", "who reviews is said by an obligation", "write `require approval(from: {$3})` at the end of the rule"),
    mended("INT|DECIMAL « EUR|USD|GBP|CHF|euros|dollars", "an amount is a number without its currency", "leave out `$1`", ""),
    told("INT|DECIMAL « percent|KB|MB|GB|bytes|times|calls", "no number but a duration has a unit", "write the number alone"),
    told("for « (", "`for` has no parentheses", "write `for x in …`"),
    told("because STRING « ,", "a reason is one text", "write both in one pair of quotes"),
    told("FIRST print|log|trace (", "a rule prints nothing", "a text for those who are told of the decision stands after `because`"),
    told("then", "a rule has no `then`", "its effect stands at its beginning, and nothing follows the condition"),
    mended("pass", "`pass` says nothing", "leave it out: a rule without conditions matches every call", ""),
    mended("on tool . name ==|in STRING", "`on` is followed by the names of tools", "write `on $5`", "on $5"),
    mended("on STRING « , » CLAUSE", "no comma stands before a clause", "leave it out", ""),
    mended("on STRING « or|and » STRING", "the tools of `on` stand with `,` between", "write `,`", ","),
    mended("STRING « with|having » NAME .", "`$1` begins no clause", "write `when`", "when"),
    mended("on any|all|every|*", "a rule without `on` is about every tool", "leave it out", ""),
    told("on « : -", "the tools of `on` stand with `,` between", "write `on \"server/one\", \"server/two\"`"),
    mended("on « NAME :|. NAME", "tools are named in quotes", "write `\"$1/$3\"`", "\"$1/$3\""),
    mended("on « NAME END", "tools are named in quotes", "write `\"$1\"`", "\"$1\""),
    mended("on « NAME » CLAUSE", "tools are named in quotes", "write `\"$1\"`", "\"$1\""),
    mended("on « NAME / NAME|*", "tools are named in quotes", "write `\"$1/$3\"`", "\"$1/$3\""),
    Habit {
        shape: "on « [|{",
        message: "the tools of `on` stand without brackets",
        help: "write `on \"server/one\", \"server/two\"`",
        fix: Fix::Unwrap,
    },
    Habit {
        shape: "require « {|[",
        message: "obligations stand without brackets",
        help: "write them with `,` between: `require audit(\"full\"), …`",
        fix: Fix::Unwrap,
    },
    told("require « NAME » .|==|!=|in|<|>", "`require` says what must be done, and asks nothing", "a condition stands after `when`"),
    told(
        "require « NAME . NAME » ==|!=|in|<|>|<=|>=|like|matches",
        "`require` says what must be done, and asks nothing",
        "a condition stands after `when`",
    ),
    mended("require « NAME from STRING", "the arguments of an obligation stand in parentheses", "write `$1(from: {$3})`", "$1(from: {$3})"),
    told("require « STRING", "an obligation has a name and arguments", "write `approval(…)`, `audit(…)` or another that is declared"),
    told(
        "require « NAME from|by|within|with|for|of",
        "the arguments of an obligation stand in parentheses",
        "write `$1(…)`, as in `approval(from: {\"security\"}, within: 15m)`",
    ),
    told("require « NAME END", "an obligation has parentheses with its arguments", "write `$1(…)`"),
    told("require « NAME » CLAUSE", "an obligation has parentheses with its arguments", "write `$1(…)`"),
    mended("NAME ( NAME « =", "an argument's value stands after `:`", "write `:`", ":"),
    mended(") « and » NAME (", "obligations are separated by `,`", "write `,`", ","),
    mended("INT , THOUSAND", "a number has no commas", "write `$0_$2`", "$0_$2"),
    mended("WHEN « ,", "conditions are joined with `and`", "write `and`", " and"),
    mended("WHEN « , » CLAUSE", "no comma stands before a clause", "leave it out", ""),
    mended("WHEN « ; BESIDE » NAME|not|(", "conditions are joined with `and`", "write `and`", " and"),
    mended("WHEN FIRST NAME » .|==|!=|in|(", "a condition follows a condition", "join them with `and`", "and $0"),
    mended("and|or when", "`when` stands once in a rule", "leave out the second `when`", "$0"),
    mended("and CLAUSE", "`and` joins conditions, not clauses", "leave out `and`", "$1"),
    told("because « sprintf|format|concat (", "a reason is one text", "put values into it with holes: `because \"… {agent.id} …\"`"),
    mended("\"\" STRING \"\"", "a text stands in one pair of quotes", "write `$1`", "$1"),
    told("because STRING « STRING", "a reason is one text", "write both in one pair of quotes"),
    told("because STRING « ||", "a reason is one text", "put values into it with holes: `\"… {value} …\"`"),
    told("because « |", "a reason is text in quotes", "write `because \"…\"`"),
    told("because STRING « +", "a reason is one text", "put values into it with holes: `\"… {value} …\"`"),
];

/// Tests and properties.
const TEST: &[Habit] = &[
    told("EFFECT with input", "what a test expects stands after `expect`", "write `input { … }`, and `expect $0` below it"),
    mended("by « STRING", "a rule is named without quotes", "write `$_1`", "$_1"),
    mended("expect « ==|=|: » EFFECT", "an effect is expected by its name alone", "leave out `$1`", ""),
    mended("expect decision|effect ==|= EFFECT", "an effect is expected by its name alone", "write `expect $3`", "expect $3"),
    told("{|, « NAME . NAME » :", "a record stands in a record", "write `$1: {$3: …}`"),
    mended("expect EFFECT == true", "an effect is expected by its name alone", "write `expect $1`", "expect $1"),
    told("expect EFFECT « ==|!=", "an effect is expected by its name alone", "write `expect $1`"),
    mended(
        "expect not EFFECT",
        "an effect is no condition",
        "write `expect decision.effect != \"$2\"`, or the effect that it is",
        "expect decision.effect != \"$2\"",
    ),
    mended(
        "expect EFFECT because STRING",
        "an effect is expected without its reason",
        "ask for the reason by itself: `expect decision.reasons.any(r => r.text == $3)`",
        "expect $1\n  expect decision.reasons.any(r => r.text == $3)",
    ),
    mended("assert|should|verify|then » ANY", "`$0` begins no part of a test", "write `expect`", "expect"),
    mended("given|when|request|with » {", "`$0` begins no part of a test", "write `input`", "input"),
    mended("input « =|:", "`input` is followed by its value", "leave out `$1`", ""),
    mended("data NAME « :", "a value for data stands after `=`", "write `=`", " ="),
    told("data {", "data are given one by one", "write `data NAME = …`"),
    mended("for « each|every » NAME in", "no `$1` follows `for`", "leave it out", ""),
];

/// Types and blocks of fields.
const TYPE: &[Habit] = &[
    mended("list|set|map [ NAME ]", "what a `$0` holds stands in `<…>`", "write `$0<$2>`", "$0<$2>"),
    told("obligation NAME ( NAME « )|,", "a parameter has a type", "write it after `:`, as in `$3: string`"),
    told("obligation NAME « {", "an obligation has parameters", "write them in parentheses: `obligation $1(to: string)`"),
    mended("NAME : NAME « matches|like STRING", "a refinement begins with `where`", "write `where $0 $3 $4`", " where $0 $3 $4"),
    mended("NAME : NAME « >=|<=|>|< INT", "a refinement begins with `where`", "write `where $0 $3 $4`", " where $0 $3 $4"),
    mended("required|readonly » NAME :", "a field is required where it has no `?`", "leave out `$0`", ""),
    mended("optional NAME :", "a field that may be absent has `?`", "write `$1?:`", "$1?:"),
    mended("type NAME « extends NAME . NAME", "a type that has more than another is made with `with`", "write `= $3.$5 with`", "= $3.$5 with"),
    mended("type NAME « extends NAME", "a type that has more than another is made with `with`", "write `= $3 with`", "= $3 with"),
    mended("NAME [ ]", "a list's type is written `list<…>`", "write `list<$0>`", "list<$0>"),
    mended("NAME | null|none|nil|undefined", "what may be absent is written with `?`", "write `$0?`", "$0?"),
    told("STRING | NAME", "a choice is one of texts in quotes", "write `string` alone for any text"),
    mended(": « ? NAME", "the `?` stands after the type", "write `$2?`", "$2?"),
    mended(
        "NAME | NAME",
        "types have no choice among others",
        "for one of several words, write them in quotes: `\"$0\" | \"$2\"`",
        "\"$0\" | \"$2\"",
    ),
    mended("string|int|bool|decimal|timestamp|duration|json NAME » ,|}", "the type stands after the name", "write `$1: $0`", "$1: $0"),
    mended("NAME string|int|bool|decimal|timestamp|duration|json", "`:` is missing before the type", "write `$0: $1`", "$0: $1"),
    mended("parameters|arguments|params|inputs|schema » {", "the arguments of a tool are its `args`", "write `args`", "args"),
    mended("INNER NAME « = » STRING|true|false|{|[ ANY", "an attribute's value stands after `:`", "write `:`", ":"),
    told("INNER EFFECT NAME", "a rule stands outside of other items", "close the block before it, and name the tool after `on`"),
    told("where » NAME", "the refinement stands before the default", "write `where …` right after the type, and the default after it"),
    told("= ANY « where", "the refinement stands before the default", "write `where … = $1`"),
];

const ENUM: &[Habit] = &[
    told("NAME « = INT", "variants have no numbers", "leave out `= $2`; for an order, write `<` between them"),
    Habit { shape: "|", message: "variants are separated by `,`", help: "write `,`, or `<` where they have an order", fix: Fix::ReplaceAll(",") },
];

const FUNCTION: &[Habit] = &[
    told("( NAME » )|,", "a parameter has a type", "write it after `:`, as in `$1: string`"),
    mended(") « :", "the type of the result stands after `->`", "write `->`", " ->"),
    told(") {", "a function is one expression after `=`", "write `= …` in place of the braces"),
    told("-> NAME « {", "a function is one expression after `=`", "write `= …` in place of the braces"),
    mended("= « return » ANY", "a function is one expression after `=`", "leave out `return`", ""),
    told("return", "a function is one expression after `=`", "write the expression alone"),
];

const DATA: &[Habit] = &[
    mended("list|set|map [ NAME ]", "what a `$0` holds stands in `<…>`", "write `$0<$2>`", "$0<$2>"),
    mended("map|dict < string , NAME", "a map's type names its values: its keys are strings", "write `map<$4>`", "map<$4"),
    told("from STRING", "a policy does not say where its data are", "leave it out: whoever loads the policy gives them, as with `--data`"),
];

const LET: &[Habit] = &[
    mended("let NAME « VALUE", "`=` is missing before the value", "write `= $2`", "= $2"),
    told("OPERAND if", "the condition of an `if` stands before its values", "write `if … then $@ else …`"),
];

const SCORE: &[Habit] = &[
    mended("INT .. INT", "the range of a score has its last value: `..=`", "write `$0..=$2`", "$0..=$2"),
    mended("INT « if", "the condition of a part begins with `when`", "write `when`", "when"),
    told("NAME + =", "a score adds up its parts by itself", "write the number and its condition: `40 when …`"),
];

const PACKAGE: &[Habit] = &[
    mended("NAME / NAME", "a package is named by words with dots", "write `$0.$2`", "$0.$2"),
    mended("NAME - NAME", "a name has no `-`", "write `$0_$2`", "$0_$2"),
    told("import NAME . NAME . « *|{", "an import takes a whole package", "write `import $1.$3`, and then `$3.name`"),
    told(". « *|{", "an import takes a whole package", "write `import a.b`, and then `b.name`"),
    Habit {
        shape: "package NAME . NAME « {",
        message: "a package has no braces",
        help: "it is that of the whole file; leave out `{` and `}`",
        fix: Fix::Unwrap,
    },
    Habit {
        shape: "package NAME « {",
        message: "a package has no braces",
        help: "it is that of the whole file; leave out `{` and `}`",
        fix: Fix::Unwrap,
    },
];
