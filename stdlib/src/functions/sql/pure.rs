//! Functions that do no more than compute.

use sqlparser::ast::ObjectName;

/// Whether a function is known to do no more than compute: it neither writes nor locks, runs no other text and reaches no file, server or session. One
/// with a schema or in quotes may be another of that name.
pub fn is_pure(function: &ObjectName) -> bool {
    let [part] = function.0.as_slice() else { return false };
    part.as_ident().is_some_and(|name| {
        name.quote_style.is_none() && PURE.iter().any(|group| group.split_whitespace().any(|pure| name.value.eq_ignore_ascii_case(pure)))
    })
}

const PURE: &[&str] = &[AGGREGATE, WINDOW, CHOICE, TEXT, NUMBER, TIME, JSON, COLLECTION, SEARCH, ABOUT];

const AGGREGATE: &str = "any_value approx_count_distinct approx_distinct approx_percentile approx_quantiles approx_top_count arg_max arg_min argmax argmin array_agg
    array_concat_agg avg bit_and bit_or bit_xor bool_and bool_or checksum_agg corr count count_big count_if countif covar_pop covar_samp every first
    group_concat grouping grouping_id hll json_agg json_arrayagg json_group_array json_group_object json_object_agg json_objectagg jsonb_agg
    jsonb_object_agg kurtosis last listagg logical_and logical_or max max_by median min min_by mode percentile percentile_cont percentile_disc quantile
    range_agg regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy skewness std stddev stddev_pop stddev_samp
    stdev stdevp string_agg sum sumif total uniq uniqexact var var_pop var_samp variance varp";

const WINDOW: &str = "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank ratio_to_report row_number";

const CHOICE: &str =
    "cast choose coalesce convert greatest if ifnull iff iif isnull least nullif nullifzero nvl nvl2 safe_cast try_cast try_convert try_parse
    typeof pg_typeof zeroifnull";

const TEXT: &str = "ascii bit_length btrim char char_length character_length charindex chr concat concat_ws contains convert_from convert_to decode difference
    editdistance elt encode ends_with endswith field find_in_set format format_number from_base64 hex initcap insert instr lcase left len length
    levenshtein like locate lower lpad ltrim make_set md5 mid nchar normalize octet_length ord overlay parse_ident patindex position printf quote
    quote_ident quote_literal quote_nullable quotename regexp_contains regexp_count regexp_extract regexp_extract_all regexp_instr regexp_like
    regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr repeat replace replicate reverse right rpad
    rtrim sha sha1 sha2 sha224 sha256 sha384 sha512 soundex space split split_part starts_with startswith str str_to_map strcmp string string_split
    string_to_array string_to_table strpos stuff substr substring substring_index text to_ascii to_base64 to_char to_hex to_varchar translate trim ucase
    unaccent unhex unicode unistr upper";

const NUMBER: &str =
    "abs acos acosh asin asinh atan atan2 atanh bin bit_count cbrt ceil ceiling conv cos cosh cot crc32 degrees div exp factorial floor gcd lcm ln
    log log10 log1p log2 min_scale mod oct pi pow power radians rand random round safe_divide scale sign sin sinh sqrt square tan tanh to_decimal
    to_number trim_scale trunc truncate width_bucket";

const TIME: &str = "add_months adddate addtime age clock_timestamp convert_timezone convert_tz curdate current_date current_time current_timestamp curtime date
    date_add date_bin date_diff date_format date_from_parts date_part date_sub date_trunc dateadd datediff datediff_big datefromparts datename datepart
    datetime datetime_add datetime_diff datetime_sub datetime_trunc datetrunc day dayname dayofmonth dayofweek dayofyear eomonth extract extract_date
    format_date format_datetime format_timestamp from_days from_unixtime get_format getdate getutcdate hour isfinite julianday justify_days justify_hours
    justify_interval last_day localtime localtimestamp make_date make_interval make_time make_timestamp make_timestamptz makedate maketime microsecond
    minute month monthname months_between next_day now parse_date parse_datetime parse_timestamp period_add period_diff quarter sec_to_time second
    statement_timestamp str_to_date strftime subdate subtime sysdate sysdatetime sysdatetimeoffset sysutcdatetime time time_bucket time_format
    time_to_sec timediff timeofday timestamp timestamp_add timestamp_diff timestamp_micros timestamp_millis timestamp_seconds timestamp_sub
    timestamp_trunc timestampadd timestampdiff to_date to_days to_seconds to_time to_timestamp transaction_timestamp unix_timestamp unixepoch utc_date
    utc_time utc_timestamp week weekday weekofyear year yearweek";

const JSON: &str = "array_to_json get_json_object is_json isjson json json_array json_array_append json_array_elements json_array_elements_text json_array_insert
    json_array_length json_build_array json_build_object json_contains json_contains_path json_depth json_each json_each_text json_error_position
    json_exists json_extract json_extract_array json_extract_path json_extract_path_text json_extract_scalar json_insert json_keys json_length
    json_merge json_merge_patch json_merge_preserve json_modify json_object json_object_keys json_overlaps json_patch json_path_exists json_pretty
    json_query json_query_array json_quote json_remove json_replace json_scalar json_search json_serialize json_set json_strip_nulls json_table
    json_to_record json_to_recordset json_tree json_type json_typeof json_unquote json_valid json_value json_value_array jsonb jsonb_array_elements
    jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_exists jsonb_extract_path
    jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
    jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof object_construct openjson parse_json
    row_to_json to_json to_json_string to_jsonb to_variant try_parse_json";

const COLLECTION: &str = "array array_append array_cat array_concat array_contains array_dims array_distinct array_fill array_length array_lower array_ndims
    array_position array_positions array_prepend array_remove array_replace array_reverse array_size array_slice array_sort array_to_string array_upper
    arrayjoin cardinality element_at explode flatten generate_array generate_date_array generate_series generate_subscripts get isempty list_value
    lower_inc lower_inf map map_keys map_values posexplode range row row_value size sort_array struct struct_pack trim_array unnest upper_inc upper_inf
    values";

const SEARCH: &str =
    "bm25 highlight match numnode phraseto_tsquery plainto_tsquery setweight similarity snippet strip strict_word_similarity to_tsquery
    to_tsvector ts_headline ts_rank ts_rank_cd tsvector_to_array websearch_to_tsquery word_similarity";

const ABOUT: &str =
    "connection_id current_catalog current_database current_role current_schema current_schemas current_setting current_user database db_name
    gen_random_uuid generate_uuid is_ipv4 is_ipv6 inet_aton inet_ntoa inet6_aton inet6_ntoa newid pg_size_pretty schema schema_name session_user
    suser_name suser_sname system_user user user_name uuid uuid_generate_v4 version";
