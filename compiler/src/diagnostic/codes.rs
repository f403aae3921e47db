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
    Unfiled "W0401" "unfiled" "many rules that every decision looks at";
}
