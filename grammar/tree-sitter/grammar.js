/**
 * The grammar of Tollgate for editors, equal to `../tollgate.pest`: `tests/equality.rs` holds the one to the other.
 * Rules stand in the order of that file.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

/** The words that are no names. */
const RESERVED = [
  'package', 'import', 'enum', 'type', 'obligation', 'let', 'fn', 'score', 'allow', 'review', 'deny', 'default', 'test', 'property',
  'and', 'or', 'not', 'in', 'has', 'like', 'matches', 'if', 'then', 'else', 'true', 'false', 'none', 'with', 'where', 'for', 'on',
  'when', 'unless', 'because', 'require', 'expect', 'by',
];

/** The words that mean something in one place and are names elsewhere. */
const CONTEXTUAL = ['data', 'input', 'tool', 'as', 'args', 'result', 'step', 'never', 'always'];

/**
 * How tightly operators bind, from the tightest. They have names rather than numbers, which would settle against the rest of the grammar as well
 * where it is not settled: in `{ a: x in: y }` the word `in` is a name.
 */
const BINDS = ['negate', 'multiply', 'add', 'coalesce', 'compare', 'not', 'and', 'or'];

/** At least one, with commas between, and one at the end where one likes. */
const list = (rule) => seq(rule, repeat(seq(',', rule)), optional(','));

/** As `list`, but a line's end may stand for a comma; that it does is not for the grammar to say. */
const lines = (rule) => seq(rule, repeat(seq(optional(','), rule)), optional(','));

/** At least one, with commas between. */
const several = (rule) => seq(rule, repeat(seq(',', rule)));

const digits = /[0-9]+(_[0-9]+)*/;
const unit = choice('ms', 's', 'm', 'h', 'd');

module.exports = grammar({
  name: 'toll',

  word: $ => $.identifier,
  extras: $ => [/[ \t\r\n]/, $.comment],
  reserved: { global: _ => RESERVED },
  supertypes: $ => [$.declaration, $.expression, $.type],
  inline: $ => [$._type_name],

  precedences: _ => [BINDS],
  conflicts: $ => [
    [$._operand, $.with_expression],
    [$.expression, $.has_expression],
    [$.expression, $.binary_expression],
    [$.field],
    [$.extended_type, $.field],
  ],

  rules: {
    source_file: $ => repeat($._item),

    _item: $ => seq(repeat($.annotation), $.declaration),
    annotation: $ => seq('@', field('name', $._word), optional(seq('(', optional(list($._annotation_argument)), ')'))),
    _annotation_argument: $ => choice($._string, $._word),

    declaration: $ => choice(
      $.rule, $.let_declaration, $.function_declaration, $.data_declaration, $.tool_declaration, $.test, $.type_declaration,
      $.enum_declaration, $.score_declaration, $.import_declaration, $.package_declaration, $.input_declaration,
      $.obligation_declaration, $.default_effect, $.property,
    ),

    package_declaration: $ => seq('package', field('path', $.path)),
    import_declaration: $ => seq('import', field('path', $.path), optional(seq('as', field('alias', $._name)))),
    path: $ => seq($._name, repeat(seq('.', $._word))),

    enum_declaration: $ => seq('enum', field('name', $._type_name), field('body', $.enum_body)),
    enum_body: $ => seq('{', optional(seq($.variant, repeat(seq(optional(choice('<', ',')), $.variant)), optional(','))), '}'),
    variant: $ => choice($._string, $._word),

    type_declaration: $ => seq('type', field('name', $._type_name), choice(field('type', $.record_type), seq('=', field('type', $.type)))),
    data_declaration: $ => seq('data', field('name', $._name), ':', field('type', $.type), optional(seq('=', field('default', $.expression)))),
    input_declaration: $ => seq('input', field('type', $.record_type)),

    tool_declaration: $ => seq('tool', field('name', $._string), '{', optional(lines(choice($.tool_arguments, $.tool_attribute))), '}'),
    tool_arguments: $ => seq('args', field('type', $.record_type)),
    tool_attribute: $ => seq(field('name', $._word), ':', field('value', $.expression)),

    obligation_declaration: $ => seq('obligation', field('name', $._name), field('parameters', $.parameters)),
    parameters: $ => seq('(', optional(list($.parameter)), ')'),
    parameter: $ => seq(field('name', $._word), ':', field('type', $.type), optional(seq('=', field('default', $.expression)))),

    let_declaration: $ => seq('let', field('name', $._name), optional(seq(':', field('type', $.type))), '=', field('value', $.expression)),
    function_declaration: $ => seq(
      'fn', field('name', $._name), field('parameters', $.parameters), optional(seq('->', field('type', $.type))),
      '=', field('body', $.expression),
    ),

    score_declaration: $ => seq(
      'score', field('name', $._name), ':', field('from', $.expression), '..=', field('to', $.expression),
      '{', optional(list($.score_part)), '}',
    ),
    score_part: $ => seq(
      field('value', $.expression), 'when', field('condition', $.expression), optional(seq('because', field('reason', $._string))),
    ),

    // Rules

    rule: $ => seq(field('effect', $.effect), field('name', $._name), repeat($._clause)),
    effect: _ => choice('allow', 'review', 'deny'),
    _clause: $ => choice($.on_clause, $.for_clause, $.when_clause, $.unless_clause, $.because_clause, $.require_clause),
    on_clause: $ => seq('on', several(field('tool', $._string))),
    for_clause: $ => seq('for', field('name', $._name), 'in', field('source', $.expression)),
    when_clause: $ => seq('when', field('condition', $.expression)),
    unless_clause: $ => seq('unless', field('condition', $.expression)),
    because_clause: $ => seq('because', field('reason', $._string)),
    require_clause: $ => seq('require', several($.obligation)),
    obligation: $ => seq(field('name', $.path), field('arguments', $.obligation_arguments)),
    obligation_arguments: $ => seq('(', optional(list($.argument)), ')'),
    argument: $ => seq(optional(seq(field('name', $._word), ':')), field('value', $.expression)),

    default_effect: $ => seq('default', field('effect', $.effect), 'because', field('reason', $._string)),

    // Tests

    test: $ => seq('test', field('title', $._string), optional($.for_clause), field('body', $.test_body)),
    test_body: $ => seq('{', repeat($._test_clause), '}'),
    _test_clause: $ => choice($.test_input, $.test_data, $.test_result, $.test_expect, $.test_step),
    test_input: $ => seq('input', field('value', $.expression)),
    test_data: $ => seq('data', field('name', $.path), '=', field('value', $.expression)),
    test_result: $ => seq('result', field('value', $.expression)),
    test_expect: $ => seq('expect', choice($.expected_effect, field('condition', $.expression))),
    expected_effect: $ => seq(field('effect', $.effect), optional(seq('by', choice('none', several(field('rule', $.path)))))),
    test_step: $ => seq('step', field('title', $._string), field('body', $.test_body)),

    property: $ => seq('property', field('title', $._string), '{', repeat($.claim), '}'),
    claim: $ => seq(choice('never', 'always'), field('effect', $.effect), optional(seq('when', field('condition', $.expression)))),

    // Types

    type: $ => choice($.generic_type, $.record_type, $.enum_type, $.named_type, $.optional_type, $.extended_type),
    optional_type: $ => seq($.type, '?'),
    extended_type: $ => seq($.type, 'with', $.record_type),
    generic_type: $ => seq(field('name', $._word), '<', field('argument', $.type), '>'),
    named_type: $ => seq($._name, repeat(seq('.', $._word))),
    enum_type: $ => seq($._string, repeat(seq(choice('|', '<'), $._string))),
    record_type: $ => seq('{', optional(lines($.field)), optional(seq($.rest, optional(','))), '}'),
    rest: _ => '..',
    field: $ => seq(
      field('name', $._field_name), optional('?'), ':', field('type', $.type),
      optional(seq('where', field('condition', $.expression))), optional(seq('=', field('default', $.expression))),
    ),
    _field_name: $ => choice($._string, $._word),

    // Expressions

    expression: $ => choice($.if_expression, $._operand),
    if_expression: $ => seq(
      'if', field('condition', $.expression), 'then', field('consequence', $.expression), 'else', field('alternative', $.expression),
    ),

    _operand: $ => choice($.binary_expression, $.has_expression, $.unary_expression, $._postfixed),

    binary_expression: $ => choice(...[
      [prec.left, 'or', 'or'],
      [prec.left, 'and', 'and'],
      [prec.left, 'compare', choice('==', '!=', '<', '<=', '>', '>=', 'in', seq('not', 'in'), 'like', 'matches')],
      [prec.right, 'coalesce', '??'],
      [prec.left, 'add', choice('+', '-')],
      [prec.left, 'multiply', choice('*', '/', '%')],
    ].map(([side, binds, operator]) =>
      side(binds, seq(field('left', $._operand), field('operator', operator), field('right', $._operand))))),
    has_expression: $ => prec.left('compare', seq(field('value', $._operand), 'has', field('field', $._field_name))),
    unary_expression: $ => choice(
      prec('not', seq(field('operator', 'not'), field('operand', $._operand))),
      prec('negate', seq(field('operator', '-'), field('operand', $._operand))),
    ),

    _postfixed: $ => choice(
      $.field_access, $.method_call, $.index, $.with_expression,
      $.number, $._string, $._name, $.call, $.constant, $.parenthesis, $.list, $.record, $.set,
    ),
    field_access: $ => seq(field('value', $._postfixed), choice('.', '?.'), field('field', choice($.string, $._word))),
    method_call: $ => seq(
      field('value', $._postfixed), choice('.', '?.'), field('method', $._word), field('arguments', $.arguments),
    ),
    index: $ => seq(field('value', $._postfixed), '[', field('index', $.expression), ']'),
    with_expression: $ => seq(field('value', $._postfixed), 'with', field('changes', $.changes)),
    changes: $ => seq('{', optional(lines($.change)), '}'),
    change: $ => seq(field('name', $._field_name), repeat(seq('.', field('name', $._field_name))), ':', field('value', $.expression)),

    call: $ => seq(field('function', $._name), field('arguments', $.arguments)),
    arguments: $ => seq('(', optional(list(choice($.lambda, $.expression))), ')'),
    lambda: $ => seq(field('parameter', $._name), '=>', field('body', $.expression)),
    constant: _ => choice('true', 'false', 'none'),
    parenthesis: $ => seq('(', $.expression, ')'),
    list: $ => seq('[', optional(list($.expression)), ']'),
    record: $ => seq('{', optional(lines($.entry)), '}'),
    entry: $ => seq(field('name', $._field_name), ':', field('value', $.expression)),
    set: $ => seq('{', list($.expression), '}'),

    // Words

    identifier: _ => /[A-Za-z_][A-Za-z0-9_]*/,
    _name: $ => choice($.identifier, ...CONTEXTUAL.map(word => alias(word, $.identifier))),
    // Where any word may stand, so may those that are keywords there.
    _word: $ => choice($._name, ...RESERVED.map(word => alias(word, $.identifier))),
    _type_name: $ => choice(...[$.identifier, ...CONTEXTUAL].map(word => alias(word, $.type_identifier))),

    // Literals

    // What has letters or a misplaced `_` after it is no number, and nothing else either.
    number: $ => choice(
      token(seq(digits, optional(choice(seq('.', digits), seq(unit, repeat(seq(digits, unit))))))),
      seq(token(/[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)?/), $._nothing),
    ),
    _nothing: _ => /[^\s\S]/,

    _string: $ => choice($.string, $.raw_string),
    string: $ => seq(
      '"',
      repeat(choice($.hole, $.escape_sequence, alias($._text, $.string_content), alias($._brace, $.string_content))),
      token.immediate('"'),
    ),
    _text: _ => token.immediate(prec(1, /[^"\\\r\n{}]+/)),
    // What the compiler says of a lone brace is its own affair.
    _brace: _ => token.immediate(prec(1, /[{}]/)),
    // A part of a string that is computed; one with braces or quotes of its own is not told apart from text.
    hole: _ => token.immediate(prec(1, /\{[^"\\\r\n{}]+\}/)),
    escape_sequence: _ => token.immediate(prec(1, choice(/\\[^\r\n]/, /\\u\{[0-9A-Fa-f]+\}/, '{{', '}}'))),
    raw_string: $ => choice(
      seq('r"', optional(alias($._raw_text, $.string_content)), token.immediate('"')),
      seq('r#"', optional(alias($._fenced_text, $.string_content)), token.immediate(/"+#/)),
    ),
    _raw_text: _ => token.immediate(prec(1, /[^"\r\n]+/)),
    _fenced_text: _ => token.immediate(prec(1, /([^"\r\n]|"+[^"#\r\n])+/)),

    comment: _ => token(seq('//', /[^\n]*/)),
  },
});
