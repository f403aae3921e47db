; Names, and where they mean something.

[(source_file) (rule) (test) (function_declaration) (lambda)] @local.scope

(let_declaration name: (identifier) @local.definition.constant)
(score_declaration name: (identifier) @local.definition.constant)
(data_declaration name: (identifier) @local.definition.constant)
(function_declaration name: (identifier) @local.definition.function)
(obligation_declaration name: (identifier) @local.definition.function)
(type_declaration name: (type_identifier) @local.definition.type)
(enum_declaration name: (type_identifier) @local.definition.type)
(import_declaration alias: (identifier) @local.definition.import)
(function_declaration parameters: (parameters (parameter name: (identifier) @local.definition.parameter)))
(lambda parameter: (identifier) @local.definition.parameter)
(for_clause name: (identifier) @local.definition.variable)

(identifier) @local.reference
