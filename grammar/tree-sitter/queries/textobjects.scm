; What is selected and moved over as one.

[(rule) (function_declaration)] @function.outer @function.around
(function_declaration body: (_) @function.inner @function.inside)
(rule [(when_clause) (unless_clause)] @function.inner @function.inside)

(test) @test.outer @test.around
(test body: (_) @test.inner @test.inside)

[(type_declaration) (enum_declaration) (tool_declaration) (input_declaration)] @class.outer @class.around
[(type_declaration type: (_) @class.inner @class.inside) (enum_declaration body: (_) @class.inner @class.inside)]

(when_clause condition: (_) @conditional.inner) @conditional.outer
(unless_clause condition: (_) @conditional.inner) @conditional.outer

(parameter) @parameter.inner @parameter.inside
(arguments (_) @parameter.inner @parameter.inside)
(obligation_arguments (_) @parameter.inner @parameter.inside)

(entry value: (_) @entry.inner @entry.inside) @entry.outer @entry.around

(comment) @comment.outer @comment.around
