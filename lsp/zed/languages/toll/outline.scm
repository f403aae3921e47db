; What the outline lists.

(rule effect: (_) @context name: (_) @name) @item
(test "test" @context title: (_) @name) @item
(test_step "step" @context title: (_) @name) @item
(property "property" @context title: (_) @name) @item
(tool_declaration "tool" @context name: (_) @name) @item
(let_declaration "let" @context name: (_) @name) @item
(function_declaration "fn" @context name: (_) @name) @item
(score_declaration "score" @context name: (_) @name) @item
(data_declaration "data" @context name: (_) @name) @item
(type_declaration "type" @context name: (_) @name) @item
(enum_declaration "enum" @context name: (_) @name) @item
(obligation_declaration "obligation" @context name: (_) @name) @item
