; What can be folded.

[
  (rule) (test) (test_step) (property) (tool_declaration) (input_declaration) (score_declaration)
  (enum_body) (record_type) (record) (set) (list) (changes) (parameters) (arguments) (obligation_arguments)
] @fold

(comment)+ @fold
