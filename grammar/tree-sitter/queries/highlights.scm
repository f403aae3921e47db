; What is shown in which colour. Where several patterns fit, the last one counts.

(comment) @comment
((comment) @comment.documentation
  (#match? @comment.documentation "^///([^/]|$)"))

; Names

(identifier) @variable
(named_type (identifier) @type)
(named_type (identifier) @module . ".")
(generic_type name: (identifier) @type.builtin)
(type_identifier) @type
(package_declaration path: (path (identifier) @module))
(import_declaration path: (path (identifier) @module))
(import_declaration alias: (identifier) @module)

((named_type . (identifier) @type.builtin .)
  (#any-of? @type.builtin
    "bool" "int" "decimal" "string" "duration" "timestamp" "ip" "cidr" "json"))

((identifier) @variable.builtin
  (#any-of? @variable.builtin "input" "tool" "agent" "user" "args" "context" "session" "delegation" "token"))

; Rules

(rule name: (identifier) @function)
(effect) @keyword
(annotation "@" @attribute name: (identifier) @attribute)
(annotation (identifier) @attribute)
(obligation name: (path (identifier) @function.call))
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

(call function: (identifier) @function.call)
(method_call method: (identifier) @function.method.call)

; Literals

(number) @number
(constant) @constant.builtin
(expected_effect "none" @constant.builtin)
[(string) (raw_string)] @string
(escape_sequence) @string.escape
(hole) @string.special
(binary_expression operator: ["matches" "like"] right: [(string) (raw_string)] @string.regexp)
[(field name: (string) @property) (entry name: (string) @property) (change name: (string) @property)]

; Keywords

[
  "let" "score" "type" "enum" "tool" "data" "input" "obligation" "property" "test" "step" "args" "result" "default" "package"
  "on" "when" "unless" "because" "require" "expect" "by" "where" "with" "never" "always"
] @keyword
"fn" @keyword.function
["import" "as"] @keyword.import
["if" "then" "else"] @keyword.conditional
"for" @keyword.repeat
["and" "or" "not" "in" "has" "like" "matches"] @keyword.operator
(for_clause "in" @keyword.repeat)

; Marks

["==" "!=" "<" "<=" ">" ">=" "??" "+" "-" "*" "/" "%" "=" "=>" "->" "|" "..=" (rest)] @operator
["." "?." "," ":" "?"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(generic_type ["<" ">"] @punctuation.bracket)
