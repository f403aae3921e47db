(binary_expression
  operator: "matches"
  right: (_ (string_content) @injection.content)
  (#set! injection.language "regex"))
