(rule) @function.around
(rule [(when_clause) (unless_clause)] @function.inside)
(function_declaration body: (_) @function.inside) @function.around
(test body: (_) @function.inside) @function.around
[(type_declaration) (enum_declaration) (tool_declaration) (input_declaration)] @class.around
(comment)+ @comment.around
