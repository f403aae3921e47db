//! The functions of an imported policy that read values as Cedar does. A policy gets those that it uses.

use std::collections::BTreeSet;

use tollgate_compiler::syntax::lexer::{self, TokenKind};

/// How deep sets and records may stand in each other where they are compared: at least so deep, deeper where the sources are, and so deep at most.
pub const LEVELS: [usize; 2] = [8, 24];

/// A definition by its name, with those that it uses.
struct Helper {
    name: &'static str,
    uses: &'static [&'static str],
    text: &'static str,
}

/// Names that definitions of an import use for parameters and variables, which nothing else may take.
pub const PARAMETERS: &[&str] = &[
    "of", "each", "key", "attr", "a", "b", "set", "other", "sign", "unit", "from", "to", "year", "month", "day", "holds", "element", "parts_of",
    "each_1", "each_2", "each_3",
];

/// The names of all definitions, which no rule may take.
pub fn names() -> impl Iterator<Item = &'static str> {
    let lines = HELPERS.iter().flat_map(|helper| helper.text.lines()).chain(["fn canonical("]);
    lines.filter_map(|line| line.strip_prefix("fn ").or(line.strip_prefix("let "))?.split(['(', ':']).next())
}

/// Those that policy text names, with what they use themselves, in the order of the table.
pub fn definitions(policies: &str, deepest: usize) -> String {
    let mut open: Vec<&str> =
        words(policies).into_iter().filter_map(|word| HELPERS.iter().find(|helper| helper.name == word)).map(|helper| helper.name).collect();
    let mut needed = BTreeSet::new();
    while let Some(name) = open.pop() {
        if needed.insert(name) {
            open.extend(HELPERS.iter().filter(|helper| helper.name == name).flat_map(|helper| helper.uses));
        }
    }
    let mut out = String::new();
    for helper in HELPERS.iter().filter(|helper| needed.contains(helper.name)) {
        out.push_str(helper.text);
        if helper.name == "canonical" {
            out.push_str(&levels(deepest));
        }
        out.push('\n');
    }
    out
}

/// The words of policy text that can name a definition: none of comments and texts, no fields, methods and annotations.
fn words(text: &str) -> Vec<&str> {
    let tokens: Vec<lexer::Token> = lexer::lex(text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let before = std::iter::once(None).chain(tokens.iter().map(|token| Some(token.kind)));
    let after = tokens.iter().skip(1).map(|token| Some(token.kind)).chain(std::iter::once(None));
    let all = tokens.iter().zip(before.zip(after)).filter(|(token, (before, after))| {
        token.kind == TokenKind::Word
            && !matches!(before, Some(TokenKind::Dot | TokenKind::QuestionDot | TokenKind::At))
            && *after != Some(TokenKind::Colon)
    });
    all.map(|(token, _)| token.span.of(text)).collect()
}

/// `canonical` with its levels: the language has no recursion.
fn levels(deepest: usize) -> String {
    let level = |level: usize| {
        let below = level - 1;
        format!(
            "fn canonical_{level}(of: json) -> json =\n\
             if is_whole(of) then simple(of) else joined(of, parts(of).map(each => canonical_{below}(each)))\n\n"
        )
    };
    let first = format!("fn canonical(of: json) -> json = canonical_{deepest}(of)\n\n");
    first
        + &(1..=deepest).rev().map(level).collect::<String>()
        + "fn canonical_0(of: json) -> json = simple((if is_whole(of) then of else none).or_error())\n"
}

const HELPERS: &[Helper] = &[
    Helper { name: "principal_ancestry", uses: &["ancestry"], text: "let principal_ancestry: set<string> = ancestry(principal)\n" },
    Helper { name: "action_ancestry", uses: &["ancestry"], text: "let action_ancestry: set<string> = ancestry(action)\n" },
    Helper { name: "resource_ancestry", uses: &["ancestry"], text: "let resource_ancestry: set<string> = ancestry(resource)\n" },
    Helper { name: "principal_uid", uses: &["uid"], text: "let principal_uid: string = uid(principal)\n" },
    Helper { name: "action_uid", uses: &["uid"], text: "let action_uid: string = uid(action)\n" },
    Helper { name: "resource_uid", uses: &["uid"], text: "let resource_uid: string = uid(resource)\n" },
    Helper {
        name: "uid",
        uses: &[],
        text: "/// An entity's name in the data: no type has a `/`, so that each has its own.\nfn uid(of: Entity) -> string = \"{of.type}/{of.id}\"\n",
    },
    Helper {
        name: "ancestry",
        uses: &["uid"],
        text: "/// The entity itself and everything that it is in.\n\
               fn ancestry(of: Entity) -> set<string> = (entities[uid(of)]?.ancestors ?? {}).union({uid(of)})\n",
    },
    Helper {
        name: "attributes",
        uses: &["uid"],
        text: "/// What is known of an entity; of one that is not in the data nothing.\n\
               fn attributes(of: Entity) -> json = entities[uid(of)]?.attributes ?? {}\n",
    },
    Helper { name: "tags", uses: &["uid"], text: "/// The tags of an entity.\nfn tags(of: Entity) -> json = entities[uid(of)]?.tags ?? {}\n" },
    Helper {
        name: "bool_of",
        uses: &[],
        text: "/// A value that must be there and be a bool.\nfn bool_of(of: json?) -> bool = of.as_bool().or_error()\n",
    },
    Helper {
        name: "long_of",
        uses: &[],
        text: "/// A value that must be there and be an int.\nfn long_of(of: json?) -> int = of.as_int().or_error()\n",
    },
    Helper {
        name: "string_of",
        uses: &[],
        text: "/// A value that must be there and be a string.\nfn string_of(of: json?) -> string = of.as_string().or_error()\n",
    },
    Helper {
        name: "set_of",
        uses: &[],
        text: "/// A value that must be there and be a set.\nfn set_of(of: json?) -> list<json> = of.as_list().or_error()\n",
    },
    Helper {
        name: "entity_of",
        uses: &[],
        text: "/// A value that must be there and be a reference to an entity.\n\
               fn entity_of(of: json?) -> Entity = {\n  type: of.__entity.type.as_string().or_error(),\n  id: of.__entity.id.as_string().or_error(),\n}\n",
    },
    Helper {
        name: "entity",
        uses: &[],
        text: "/// An entity by its type and its id.\nfn entity(attr: string, key: string) -> Entity = { type: attr, id: key }\n",
    },
    Helper {
        name: "typed_entity",
        uses: &["entity_of"],
        text: "/// The same where the schema says that it is an entity, so that `{ type, id }` is one too.\n\
               fn typed_entity(of: json?) -> Entity = if of.__entity != none then entity_of(of) else {\n\
               type: of.type.as_string().or_error(),\n  id: of.id.as_string().or_error(),\n}\n",
    },
    Helper { name: "reference", uses: &[], text: "/// An entity as values refer to it.\nfn reference(of: Entity) -> json = { \"__entity\": of }\n" },
    Helper { name: "value", uses: &[], text: "/// A value that is compared with one of another type.\nfn value(of: json) -> json = of\n" },
    Helper {
        name: "attribute",
        uses: &["attributes", "entity_of"],
        text: "/// The attribute of an entity or a record, which must have it.\n\
               fn attribute(of: json?, attr: string) -> json =\n\
               if of.__entity != none then attributes(entity_of(of))[attr].or_error() else of[attr].or_error()\n",
    },
    Helper {
        name: "has_attribute",
        uses: &["attributes", "entity_of", "record_of"],
        text: "/// Whether an entity or a record has an attribute; an error for any other value.\n\
               fn has_attribute(of: json?, attr: string) -> bool =\n\
               if of.__entity != none then attributes(entity_of(of))[attr] != none\n\
               else record_of(of)[attr] != none\n",
    },
    Helper {
        name: "record_of",
        uses: &["is_record"],
        text: "/// A value that must be there and be a record.\n\
               fn record_of(of: json?) -> map<json> = (if is_record(of.or_error()) then of.as_map() else none).or_error()\n",
    },
    Helper {
        name: "entities_of",
        uses: &["entity_of", "uid"],
        text: "/// The names of the entity or of the set of entities that a value must be.\n\
               fn entities_of(of: json) -> list<string> =\n\
               if of.as_list() == none then [uid(entity_of(of))] else of.as_list().map(each => uid(entity_of(each)))\n",
    },
    Helper {
        name: "is_within",
        uses: &["entities_of"],
        text: "/// Whether the entity or an element of the set of entities that a value must be is in an ancestry.\n\
               fn is_within(set: set<string>, other: json) -> bool = entities_of(other).any(each => each in set)\n",
    },
    Helper {
        name: "less",
        uses: &["long_of", "datetime_of", "duration_of"],
        text: "/// Whether one number, datetime or duration is less than another of its kind.\n\
               fn less(a: json, b: json) -> bool =\n\
               if a.as_int() != none then a.as_int() < long_of(b)\n\
               else if a.__extn.fn == \"duration\" then duration_of(a) < duration_of(b)\n\
               else datetime_of(a) < datetime_of(b)\n",
    },
    Helper {
        name: "less_or_equal",
        uses: &["long_of", "datetime_of", "duration_of"],
        text: "/// Whether one number, datetime or duration is at most another of its kind.\n\
               fn less_or_equal(a: json, b: json) -> bool =\n\
               if a.as_int() != none then a.as_int() <= long_of(b)\n\
               else if a.__extn.fn == \"duration\" then duration_of(a) <= duration_of(b)\n\
               else datetime_of(a) <= datetime_of(b)\n",
    },
    Helper {
        name: "has_element",
        uses: &[],
        text: "/// Whether a set has an element that is a scalar or an entity.\n\
               fn has_element(set: list<json>, element: json) -> bool = set.any(each => each == element)\n",
    },
    Helper {
        name: "contains",
        uses: &["canonical"],
        text: "/// Whether a set has an element, of whatever type.\n\
               fn contains(set: list<json>, element: json) -> bool = set.any(each => canonical(each) == canonical(element))\n",
    },
    Helper {
        name: "has_all",
        uses: &[],
        text: "/// Whether a set has all elements of another, those of one of which are scalars or entities.\n\
               fn has_all(set: list<json>, other: list<json>) -> bool = other.is_subset_of(set)\n",
    },
    Helper {
        name: "has_any",
        uses: &[],
        text: "/// Whether a set has any element of another, those of one of which are scalars or entities.\n\
               fn has_any(set: list<json>, other: list<json>) -> bool = not other.intersect(set).is_empty()\n",
    },
    Helper {
        name: "contains_all",
        uses: &["canonical"],
        text: "/// Whether a set has all elements of another.\n\
               fn contains_all(set: list<json>, other: list<json>) -> bool =\n\
               other.map(each => canonical(each)).is_subset_of(set.map(each => canonical(each)))\n",
    },
    Helper {
        name: "contains_any",
        uses: &["canonical"],
        text: "/// Whether a set has any element of another.\n\
               fn contains_any(set: list<json>, other: list<json>) -> bool =\n\
               not other.map(each => canonical(each)).intersect(set.map(each => canonical(each))).is_empty()\n",
    },
    Helper {
        name: "equal",
        uses: &["canonical"],
        text: "/// Whether two values are equal: sets without regard to order, extension values by what they mean.\n\
               fn equal(a: json, b: json) -> bool = canonical(a) == canonical(b)\n",
    },
    Helper {
        name: "canonical",
        uses: &["simple", "is_whole", "parts", "joined"],
        text: "/// A value in the one form that equal values have. An error where it nests deeper than the functions below.\n",
    },
    Helper {
        name: "is_record",
        uses: &[],
        text: "/// Whether a value is a record, and no entity or extension value.\n\
               fn is_record(of: json) -> bool = of.as_map() != none and of.__entity == none and of.__extn == none\n",
    },
    Helper { name: "empty", uses: &[], text: "/// The set without elements.\nfn empty() -> list<json> = []\n" },
    Helper {
        name: "is_whole",
        uses: &["is_record"],
        text: "/// Whether a value is neither a set nor a record.\nfn is_whole(of: json) -> bool = of.as_list() == none and not is_record(of)\n",
    },
    Helper {
        name: "parts",
        uses: &[],
        text: "/// The elements of a set, or the values of a record.\n\
               fn parts(of: json) -> list<json> = of.as_list() ?? of.as_map()?.values() ?? []\n",
    },
    Helper {
        name: "joined",
        uses: &[],
        text: "/// A set or a record of parts in their one form: those of a set sorted, without duplicates.\n\
               fn joined(of: json, parts_of: list<json>) -> json =\n\
               if of.as_list() != none then set_form(parts_of.map(each => text_of([each])).to_set()) else record_form(of.as_map()?.keys() ?? {}, parts_of)\n\n\
               fn set_form(of: set<string>) -> json = { set: of }\n\n\
               fn record_form(set: set<string>, parts_of: list<json>) -> json = { record: set, parts: parts_of }\n\n\
               /// The text of an element: a long one's hash, since the quotes of texts in texts multiply.\n\
               fn text_of(of: json) -> string = if of.to_string().len() > 200 then of.to_string().sha256() else of.to_string()\n",
    },
    Helper {
        name: "simple",
        uses: &["address", "argument_of", "decimal_of", "datetime_of", "duration_of"],
        text: "/// A value that is no set and no record in its one form.\n\
               fn simple(of: json) -> json =\n\
               if of.__extn == none then of\n\
               else if of.__extn.fn == \"ip\" then address(argument_of(of, \"ip\"))\n\
               else if of.__extn.fn == \"decimal\" then decimal_form(decimal_of(of))\n\
               else if of.__extn.fn == \"duration\" then duration_form(duration_of(of))\n\
               else datetime_form(datetime_of(of))\n\n\
               fn decimal_form(of: decimal) -> json = { decimal: of }\n\n\
               fn duration_form(of: int) -> json = { duration: of }\n\n\
               fn datetime_form(of: int) -> json = { datetime: of }\n",
    },
    Helper {
        name: "extension",
        uses: &[],
        text: "/// A call of a constructor as values hold it.\n\
               fn extension(attr: string, of: string) -> json = { \"__extn\": { fn: attr, arg: of } }\n",
    },
    Helper {
        name: "valid",
        uses: &["simple"],
        text: "/// An extension value, whose argument must be one that its constructor takes.\n\
               fn valid(of: json) -> json = if simple(of) != none then of else of\n",
    },
    Helper {
        name: "typed_extension",
        uses: &["extension"],
        text: "/// A value of which the schema says which constructor it is made with, so that the argument alone is one too.\n\
               fn typed_extension(of: json?, attr: string) -> json =\n\
               if of.as_string() != none then extension(attr, of.as_string()) else of.or_error()\n",
    },
    Helper {
        name: "argument_of",
        uses: &[],
        text: "/// What a constructor was called with, which it must be.\n\
               fn argument_of(of: json?, attr: string) -> string =\n\
               (if of.__extn.fn == attr then (of.__extn.arg ?? of.__extn.args[0]).as_string() else none).or_error()\n",
    },
    Helper {
        name: "decimal_of",
        uses: &["argument_of", "parsed_decimal"],
        text: "/// A value that must be there and be a decimal.\n\
               fn decimal_of(of: json?) -> decimal = parsed_decimal(argument_of(of, \"decimal\"))\n",
    },
    Helper {
        name: "parsed_decimal",
        uses: &["checked"],
        text: "fn parsed_decimal(of: string) -> decimal =\n\
               ten_thousandths(checked(of, of matches r\"^-?[0-9]+\\.[0-9]{1,4}$\").or_error()).to_decimal() / 10_000\n\n\
               fn ten_thousandths(of: string) -> int =\n\
               if of.starts_with(\"-\") then whole(of) * 10_000 - fraction(of) else whole(of) * 10_000 + fraction(of)\n\n\
               fn whole(of: string) -> int = of.before(\".\").to_int().or_error()\n\n\
               fn fraction(of: string) -> int = (of.after(\".\") + \"000\").slice(0, 4).to_int().or_error()\n",
    },
    Helper {
        name: "range_of",
        uses: &["argument_of", "parsed_range"],
        text: "/// A value that must be there and be an address or a range.\nfn range_of(of: json?) -> cidr = parsed_range(argument_of(of, \"ip\"))\n",
    },
    Helper {
        name: "parsed_range",
        uses: &["is_address"],
        text: "/// An IPv6 address that maps an IPv4 one is an error: here it would be that one, and in Cedar it is not.\n\
               fn parsed_range(of: string) -> cidr =\n\
               (if is_address(of) and (of.to_cidr()?.is_v4() ?? false) != of.contains(\":\") then of.to_cidr() else none).or_error()\n",
    },
    Helper {
        name: "is_address",
        uses: &[],
        text: "/// Whether a text has the form of an address or a range.\n\
               fn is_address(of: string) -> bool =\n\
               of.len() <= 43 and of matches r\"^([0-9.]+(/(0|[1-9][0-9]?))?|[0-9A-Fa-f:]+(/(0|[1-9][0-9]{0,2}))?)$\"\n",
    },
    Helper {
        name: "address",
        uses: &["is_address"],
        text: "/// The one form of an address or a range, which keeps the bits of the host.\n\
               fn address(of: string) -> json =\n\
               (if is_address(of) and of.to_cidr() != none then address_form(of) else none).or_error()\n\n\
               fn address_form(of: string) -> json = { ip: host(of).to_ip(), width: width(of), v6: of.contains(\":\") }\n\n\
               fn host(of: string) -> string = if of.contains(\"/\") then of.before(\"/\") else of\n\n\
               fn width(of: string) -> string =\n\
               if of.contains(\"/\") then of.after(\"/\") else if of.contains(\":\") then \"128\" else \"32\"\n",
    },
    Helper {
        name: "is_multicast",
        uses: &[],
        text: "/// Whether all addresses of a range are multicast.\n\
               fn is_multicast(of: cidr) -> bool = cidr(\"224.0.0.0/4\").contains(of) or cidr(\"ff00::/8\").contains(of)\n",
    },
    Helper {
        name: "duration_of",
        uses: &["argument_of", "duration"],
        text: "/// A value that must be there and be a duration: its milliseconds.\n\
               fn duration_of(of: json?) -> int = duration(argument_of(of, \"duration\"))\n",
    },
    Helper {
        name: "duration",
        uses: &["checked"],
        text: "/// The milliseconds of a duration such as `1d2h30m`; `ms` is read as one unit.\n\
               fn duration(of: string) -> int =\n\
               signed(checked(of, of matches r\"^-?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$\" and of matches r\"[0-9]\").or_error())\n\n\
               fn signed(of: string) -> int =\n\
               milliseconds(of.replace(\"-\", \"\").replace(\"ms\", \"x\"), if of.starts_with(\"-\") then \"-\" else \"\")\n\n\
               fn milliseconds(of: string, sign: string) -> int =\n\
               amount(beyond(beyond(beyond(beyond(of, \"d\"), \"h\"), \"m\"), \"s\"), \"x\", sign)\n\
               + amount(beyond(beyond(beyond(of, \"d\"), \"h\"), \"m\"), \"s\", sign) * 1_000\n\
               + amount(beyond(beyond(of, \"d\"), \"h\"), \"m\", sign) * 60_000\n\
               + amount(beyond(of, \"d\"), \"h\", sign) * 3_600_000\n\
               + amount(of, \"d\", sign) * 86_400_000\n\n\
               fn amount(of: string, unit: string, sign: string) -> int =\n\
               if of.contains(unit) then (sign + of.before(unit)).to_int().or_error() else 0\n\n\
               fn beyond(of: string, unit: string) -> string = if of.contains(unit) then of.after(unit) else of\n",
    },
    Helper {
        name: "datetime_of",
        uses: &["argument_of", "duration_of", "datetime"],
        text: "/// A value that must be there and be a datetime: its milliseconds since 1970.\n\
               fn datetime_of(of: json?) -> int =\n\
               if of.__extn.fn == \"offset\"\n\
               then datetime(argument_of(of.__extn.args[0], \"datetime\")) + duration_of(of.__extn.args[1])\n\
               else datetime(argument_of(of, \"datetime\"))\n",
    },
    Helper {
        name: "datetime",
        uses: &["checked", "floored"],
        text: "/// The milliseconds since 1970 of a datetime such as `2026-03-02` or `2026-03-02T10:00:00.000+0100`.\n\
               fn datetime(of: string) -> int =\n\
               instant(checked(of, has_form(of) and is_possible(of)).or_error())\n\n\
               fn has_form(of: string) -> bool =\n\
               of matches r\"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3})?(Z|[+-][0-9]{4}))?$\"\n\n\
               fn instant(of: string) -> int =\n\
               days(number(of, 0, 4), number(of, 5, 7), number(of, 8, 10)) * 86_400_000 + time_of_day(of) - zone_of(of)\n\n\
               fn number(of: string, from: int, to: int) -> int = of.slice(from, to).to_int() ?? 0\n\n\
               fn is_possible(of: string) -> bool =\n\
               number(of, 5, 7) in (1).range(13) and number(of, 8, 10) >= 1 and number(of, 8, 10) <= month_length(number(of, 0, 4), number(of, 5, 7))\n\
               and number(of, 11, 13) < 24 and number(of, 14, 16) < 60 and number(of, 17, 19) < 60\n\
               and (of.ends_with(\"Z\") or of.len() == 10 or (number(of, -4, -2) < 24 and of.slice(-2).to_int() != none and number(of, -2, of.len()) < 60))\n\n\
               fn month_length(year: int, month: int) -> int =\n\
               if month == 2 then (if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) then 29 else 28)\n\
               else if month in {4, 6, 9, 11} then 30 else 31\n\n\
               /// The days from 1970 to a date; years are counted from March.\n\
               fn days(year: int, month: int, day: int) -> int = days_before(if month > 2 then year else year - 1) + (153 * ((month + 9) % 12) + 2) / 5 + day - 719_469\n\n\
               fn days_before(year: int) -> int = 365 * year + floored(year, 4) - floored(year, 100) + floored(year, 400)\n\n\
               fn time_of_day(of: string) -> int =\n\
               number(of, 11, 13) * 3_600_000 + number(of, 14, 16) * 60_000 + number(of, 17, 19) * 1_000\n\
               + (if of.contains(\".\") then number(of, 20, 23) else 0)\n\n\
               fn zone_of(of: string) -> int =\n\
               if of.ends_with(\"Z\") or of.len() == 10 then 0\n\
               else (number(of, -4, -2) * 3_600_000 + number(of, -2, of.len()) * 60_000) * (if of.slice(-5, -4) == \"-\" then -1 else 1)\n",
    },
    Helper {
        name: "checked",
        uses: &[],
        text: "/// A text where it is as it must be.\nfn checked(of: string, holds: bool) -> string? = if holds then of else none\n",
    },
    Helper {
        name: "floored",
        uses: &[],
        text: "/// How often a number goes into another, rounded down.\n\
               fn floored(of: int, unit: int) -> int = if of % unit < 0 then of / unit - 1 else of / unit\n",
    },
    Helper {
        name: "to_date",
        uses: &["to_time"],
        text: "/// The beginning of a datetime's day.\n\
               fn to_date(of: int) -> int = of - to_time(of)\n",
    },
    Helper {
        name: "to_time",
        uses: &[],
        text: "/// The milliseconds since the beginning of a datetime's day.\n\
               fn to_time(of: int) -> int = if of % 86_400_000 < 0 then of % 86_400_000 + 86_400_000 else of % 86_400_000\n",
    },
    Helper {
        name: "datetime_value",
        uses: &["extension", "duration_value"],
        text: "/// A datetime as values hold it.\n\
               fn datetime_value(of: int) -> json = { \"__extn\": { fn: \"offset\", args: [extension(\"datetime\", \"1970-01-01\"), duration_value(of)] } }\n",
    },
    Helper {
        name: "duration_value",
        uses: &["extension"],
        text: "/// A duration as values hold it.\nfn duration_value(of: int) -> json = extension(\"duration\", \"{of}ms\")\n",
    },
];
