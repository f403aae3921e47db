; What is written in another language.

((comment) @injection.content
  (#set! injection.language "comment"))

(binary_expression
  operator: "matches"
  right: (_ (string_content) @injection.content)
  (#set! injection.language "regex"))
