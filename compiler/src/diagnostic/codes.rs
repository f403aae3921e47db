//! The registry of diagnostic codes. A code, once released, keeps its number and its meaning for ever.

macro_rules! codes {
    ($($variant:ident $code:literal $name:literal $summary:literal;)*) => {
        /// A kind of diagnostic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// Every code in order of its number.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable code, such as `E0201`.
            pub fn code(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// The name, such as `type-mismatch`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// One line that says what it is.
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $summary,)* }
            }

            /// The long page that `tollgate explain` prints, in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("pages/", $code, ".md")),)* }
            }

            /// The code with that text, such as `E0201`, in either case.
            pub fn from_text(text: &str) -> Option<Code> {
                Self::ALL.iter().copied().find(|code| code.code().eq_ignore_ascii_case(text) || code.name() == text)
            }
        }
    };
}

codes! {
    Syntax "E0001" "syntax" "the text is not what the grammar expects here";
    Nesting "E0002" "nesting" "brackets, operators or definitions are nested too deeply";
    UnterminatedString "E0003" "unterminated-string" "a string is not closed on its line";
    Escape "E0004" "escape" "an unknown or malformed escape in a string";
    Number "E0005" "number" "a number that is malformed or out of range";
    Character "E0006" "character" "a character that no token begins with";
    Hole "E0007" "hole" "a malformed hole in a template";
    MissingPackage "E0008" "missing-package" "a file that does not begin with its package";
    HoleNotAllowed "E0009" "hole-not-allowed" "a hole where only constant text may stand";
    MisplacedItem "E0010" "misplaced-item" "an item or clause where it may not stand";
    ReservedWord "E0011" "reserved-word" "a reserved word or malformed word used as a name";
    ChainedComparison "E0012" "chained-comparison" "comparisons do not chain";
    FileSize "E0013" "file-size" "a source file is larger than the limit";
    UnknownName "E0101" "unknown-name" "a name that nothing in scope has";
    Duplicate "E0102" "duplicate" "the same name is declared twice";
    UnknownType "E0103" "unknown-type" "a type that is not declared";
    UnknownPackage "E0104" "unknown-package" "an import of a package that is not in the set";
    Cycle "E0105" "cycle" "definitions that depend on themselves";
    HiddenName "E0106" "hidden-name" "a name that would hide another";
    UnknownRule "E0107" "unknown-rule" "a test names a rule that does not exist";
    UnknownObligation "E0108" "unknown-obligation" "an obligation that is not declared";
    DuplicateTool "E0109" "duplicate-tool" "a tool that is declared twice";
    SecondInput "E0110" "second-input" "a second input block or default in the set";
    DefaultAllow "E0111" "default-allow" "there is no default allow";
    InputShape "E0112" "input-shape" "the input block lacks what tools need";
    ToolName "E0113" "tool-name" "a malformed tool name or attribute";
    UnknownData "E0114" "unknown-data" "a test binds data that is not declared";
    Annotation "E0115" "annotation" "an annotation with arguments that it does not take";
    TypeMismatch "E0201" "type-mismatch" "a value of one type where another is needed";
    UnknownField "E0202" "unknown-field" "a field that the record does not declare";
    OptionalValue "E0203" "optional-value" "an optional value where a present one is needed";
    NotComparable "E0204" "not-comparable" "values of types that can never be equal are compared";
    NotOrdered "E0205" "not-ordered" "values without an order are compared by order";
    NotBool "E0206" "not-bool" "a condition that is not a bool";
    UnknownVariant "E0207" "unknown-variant" "a string that is no variant of the enum";
    CannotInfer "E0208" "cannot-infer" "an empty literal or `none` whose type nothing tells";
    UnknownMethod "E0209" "unknown-method" "a method that the type does not have";
    Arguments "E0210" "arguments" "a call with the wrong arguments";
    NotIterable "E0211" "not-iterable" "something that is no collection or optional after `for`";
    ArgsDiffer "E0212" "args-differ" "an argument that the named tools type differently";
    MisplacedLambda "E0213" "misplaced-lambda" "a lambda where none is taken";
    JsonUse "E0214" "json-use" "a json value used without conversion";
    NotConstant "E0215" "not-constant" "a value that must be constant";
    Pattern "E0216" "pattern" "a pattern that is malformed or too large";
    Constant "E0217" "constant" "a constant that its type cannot read";
    HoleType "E0218" "hole-type" "a hole whose value cannot be printed";
    SetElement "E0219" "set-element" "a set element that is no scalar";
    MissingField "E0220" "missing-field" "a record literal that lacks a required field";
    NotCallable "E0221" "not-callable" "a call of something that is no function";
    BadField "E0222" "bad-field" "a field declaration that contradicts itself";
    ScoreRange "E0223" "score-range" "a score whose range or contribution is malformed";
    TestClause "E0224" "test-clause" "a test clause that is missing, repeated or misplaced";
    TooLarge "E0225" "too-large" "a type or definition that is too large";
    UnknownLint "W0101" "unknown-lint" "a name in `@allow` that no lint has";
    UnknownTool "W0102" "unknown-tool" "a tool in `on` that the set does not declare";
    UnreachableTool "W0103" "unreachable-tool" "a declared tool that no rule can allow";
    UnusedLet "W0104" "unused-let" "a `let` that nothing reads";
    UnusedFn "W0105" "unused-fn" "a `fn` that nothing calls";
    UnusedImport "W0106" "unused-import" "an import that its file does not use";
    UnusedData "W0107" "unused-data" "data that nothing reads";
    UnusedType "W0108" "unused-type" "a type or enum that nothing names";
    UnusedObligation "W0109" "unused-obligation" "an obligation that no rule requires";
    UnusedParameter "W0110" "unused-parameter" "a parameter that its function does not read";
    UnusedVariable "W0111" "unused-variable" "a variable of `for` that nothing reads";
    Deprecated "W0112" "deprecated" "a use of what is deprecated";
    UntestedRule "W0113" "untested-rule" "a rule that no test expects by name";
    DuplicateTest "W0114" "duplicate-test" "two tests with one title";
    TestWithoutExpect "W0115" "test-without-expect" "a test that expects nothing";
    SchemaDrift "W0116" "schema-drift" "a rule about an argument or a tool that went away";
    MisspelledAnnotation "W0117" "misspelled-annotation" "an annotation that means nothing, near one that means something";
    QuotedType "W0118" "quoted-type" "an enum of one text that is the name of a type";
    ConstantCondition "W0201" "constant-condition" "a condition that is always true or always false";
    NeverMatches "W0202" "never-matches" "a rule whose conditions contradict each other";
    DuplicateRule "W0203" "duplicate-rule" "two rules of one effect with the same conditions";
    ShadowedRule "W0204" "shadowed-rule" "a rule that a stronger one always overrules";
    ConstantComparison "W0205" "constant-comparison" "a comparison whose outcome is in its text";
    RepeatedCondition "W0206" "repeated-condition" "a condition that is said twice";
    FallibleCondition "W0207" "fallible-condition" "a condition whose evaluation can end in an error";
    AgentIgnored "W0208" "agent-ignored" "an allow rule that does not ask who calls";
    UnconditionalAllow "W0209" "unconditional-allow" "an allow rule for every call";
    UnexplainedReview "W0210" "unexplained-review" "a review without `because`";
    UnexplainedDeny "W0211" "unexplained-deny" "a deny without `because`";
    IdleObligation "W0212" "idle-obligation" "an obligation about a call that is denied";
    IdleScorePart "W0213" "idle-score-part" "a part of a score that never or always counts";
    PlainLike "W0301" "plain-like" "`like` with a plain string";
    PlainMatches "W0302" "plain-matches" "`matches` with a plain string, prefix or suffix";
    UnanchoredPattern "W0303" "unanchored-pattern" "a `matches` that lets calls through by a part of the text";
    DoubleNegation "W0304" "double-negation" "a negation of a negation or of an equality";
    BoolComparison "W0305" "bool-comparison" "a comparison with `true` or `false`";
    BoolIf "W0306" "bool-if" "an `if` that gives its own condition";
    SingleElement "W0307" "single-element" "`in` with one element";
    RepeatedElement "W0308" "repeated-element" "an element that stands twice in a set";
    EmptyComparison "W0309" "empty-comparison" "a comparison with an empty list, set or map";
    ForeignPattern "W0310" "foreign-pattern" "`like` with a pattern of another language";
    UnfilledHole "W0311" "unfilled-hole" "a text that shows a hole in place of the value";
    DollarHole "W0312" "dollar-hole" "a `$` before a hole of a compared text";
    SlashComment "W0313" "slash-comment" "a comment that reads as a division";
    Unfiled "W0401" "unfiled" "many rules that every decision looks at";
    BidirectionalControl "W0501" "bidirectional-control" "a control character that turns the direction of text";
    InvisibleCharacter "W0502" "invisible-character" "a character that nobody sees";
    LookAlike "W0503" "look-alike" "letters that look like those of another script";
}
