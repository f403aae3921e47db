; As of the grammar, by the names that themes of Zed have. Where several patterns fit, the last one counts.

(comment) @comment
((comment) @comment.doc
  (#match? @comment.doc "^///([^/]|$)"))

; Names

(identifier) @variable
(named_type (identifier) @type)
(named_type (identifier) @namespace . ".")
(generic_type name: (identifier) @type)
(type_identifier) @type
(package_declaration path: (path (identifier) @namespace))
(import_declaration path: (path (identifier) @namespace))
(import_declaration alias: (identifier) @namespace)

((named_type . (identifier) @type .)
  (#any-of? @type
    "bool" "int" "decimal" "string" "duration" "timestamp" "ip" "cidr" "json"))

((identifier) @variable.special
  (#any-of? @variable.special "input" "tool" "agent" "user" "args" "context" "session" "delegation" "token"))

; Rules

(rule name: (identifier) @function)
(effect) @keyword
(annotation "@" @attribute name: (identifier) @attribute)
(annotation (identifier) @attribute)
(obligation name: (path (identifier) @function))
(argument name: (identifier) @variable.parameter)
(expected_effect rule: (path (identifier) @function))
(for_clause name: (identifier) @variable.parameter)

; Definitions

(let_declaration name: (identifier) @constant)
(score_declaration name: (identifier) @constant)
(data_declaration name: (identifier) @constant)
(test_data name: (path (identifier) @constant))
(function_declaration name: (identifier) @function)
(obligation_declaration name: (identifier) @function)
(parameter name: (identifier) @variable.parameter)
(lambda parameter: (identifier) @variable.parameter)
(variant (identifier) @constant)

; Fields

(field name: (identifier) @property)
(entry name: (identifier) @property)
(change name: (identifier) @property)
(tool_attribute name: (identifier) @property)
(field_access field: (identifier) @property)
(has_expression field: (identifier) @property)

; Calls

(call function: (identifier) @function)
(method_call method: (identifier) @function)

; Literals

(number) @number
(constant) @constant
(expected_effect "none" @constant)
[(string) (raw_string)] @string
(escape_sequence) @string.escape
(hole) @string.special
(binary_expression operator: ["matches" "like"] right: [(string) (raw_string)] @string.regex)
[(field name: (string) @property) (entry name: (string) @property) (change name: (string) @property)]

; Keywords

[
  "let" "score" "type" "enum" "tool" "data" "input" "obligation" "property" "test" "step" "args" "result" "default" "package"
  "on" "when" "unless" "because" "require" "expect" "by" "where" "with" "never" "always"
] @keyword
"fn" @keyword
["import" "as"] @keyword
["if" "then" "else"] @keyword
"for" @keyword
["and" "or" "not" "in" "has" "like" "matches"] @keyword.operator
(for_clause "in" @keyword)

; Marks

["==" "!=" "<" "<=" ">" ">=" "??" "+" "-" "*" "/" "%" "=" "=>" "->" "|" "..=" (rest)] @operator
["." "?." "," ":" "?"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(generic_type ["<" ">"] @punctuation.bracket)
