; How far lines are indented: what brackets hold, and a rule's clauses.

[
  (rule)
  (tool_declaration) (score_declaration) (test_body) (property)
  (enum_body) (record_type) (record) (set) (list) (changes)
  (parameters) (arguments) (obligation_arguments) (parenthesis)
] @indent.begin @indent

["}" "]" ")"] @indent.branch @indent.end @outdent
