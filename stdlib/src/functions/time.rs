//! Functions of timestamps and durations.

use crate::function::{Arg, Cost, Function, Host, Implementation, Param, Sig};
use crate::functions::support::{Outcome, make_text, text, value};
use crate::timestamp::{Civil, Timestamp};
use crate::value::Value;

const TIMESTAMP: Param = Param::new("self", Sig::Timestamp);
const ZONE: Param = Param::new("zone", Sig::Str).optional().constant(check_zone);
const DURATION: Param = Param::new("self", Sig::Duration);

/// A part of a timestamp on the clock of a zone.
const fn part(key: &'static str, name: &'static str, doc: &'static str, example: &'static str, run: Implementation) -> Function {
    Function { key, name, params: &[TIMESTAMP, ZONE], result: Sig::Int, errs: false, cost: Cost::Constant, doc, example, run }
}

/// A duration in some unit.
const fn unit(key: &'static str, name: &'static str, doc: &'static str, example: &'static str, run: Implementation) -> Function {
    Function { key, name, params: &[DURATION], result: Sig::Int, errs: false, cost: Cost::Constant, doc, example, run }
}

/// Functions of timestamps and durations.
pub const FUNCTIONS: &[Function] = &[
    part(
        "timestamp.year",
        "year",
        "The year, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-12-31T23:30:00Z").year("Europe/Paris") == 2027"#,
        |_, args| Ok(Value::Int(civil(args).year)),
    ),
    part(
        "timestamp.month",
        "month",
        "The month, from 1 to 12, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-04-04T04:45:12Z").month() == 4"#,
        |_, args| Ok(Value::Int(civil(args).month)),
    ),
    part(
        "timestamp.day",
        "day",
        "The day of the month, from 1, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-04-04T04:45:12Z").day("America/New_York") == 4"#,
        |_, args| Ok(Value::Int(civil(args).day)),
    ),
    part(
        "timestamp.hour",
        "hour",
        "The hour of the day, from 0 to 23, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-04-04T04:45:12Z").hour("Asia/Tokyo") == 13"#,
        |_, args| Ok(Value::Int(civil(args).hour)),
    ),
    part(
        "timestamp.minute",
        "minute",
        "The minute of the hour, from 0 to 59, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-04-04T04:45:12Z").minute("Asia/Kolkata") == 15"#,
        |_, args| Ok(Value::Int(civil(args).minute)),
    ),
    part(
        "timestamp.weekday",
        "weekday",
        "The day of the week, from 1 for Monday to 7 for Sunday, in UTC or in the IANA time zone given.",
        r#"timestamp("2026-04-04T04:45:12Z").weekday() == 6"#,
        |_, args| Ok(Value::Int(civil(args).weekday)),
    ),
    Function {
        key: "timestamp.date",
        name: "date",
        params: &[TIMESTAMP, ZONE],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The date as `YYYY-MM-DD`, in UTC or in the IANA time zone given.",
        example: r#"timestamp("2026-04-04T23:45:12Z").date("Europe/Berlin") == "2026-04-05""#,
        run: date,
    },
    unit("duration.seconds", "seconds", "The duration in whole seconds, toward zero.", "(90m).seconds() == 5400", |_, args| Ok(whole(args, 1))),
    unit("duration.minutes", "minutes", "The duration in whole minutes, toward zero.", "(90s).minutes() == 1", |_, args| Ok(whole(args, 60))),
    unit("duration.hours", "hours", "The duration in whole hours, toward zero.", "(1d12h).hours() == 36", |_, args| Ok(whole(args, 3600))),
];

fn whole<'a>(args: &[Arg<'a>], seconds: i64) -> Value<'a> {
    match value(args, 0) {
        Value::Duration(nanos) => Value::Int(nanos / (seconds * 1_000_000_000)),
        _ => Value::None,
    }
}

/// The receiver on the clock of the zone.
fn civil(args: &[Arg<'_>]) -> Civil {
    match value(args, 0) {
        Value::Timestamp(time) => time.civil(offset(time, text(args, 1))),
        _ => Civil::default(),
    }
}

fn date<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let Civil { year, month, day, .. } = civil(args);
    make_text(host, &format!("{year:04}-{month:02}-{day:02}"))
}

fn check_zone(zone: Value<'_>) -> Result<(), String> {
    let name = zone.as_str().unwrap_or_default();
    if is_utc(name) || zone_named(name).is_some() {
        Ok(())
    } else {
        Err(format!("unknown time zone `{name}`: zones are named as in `Europe/Berlin`"))
    }
}

fn is_utc(name: &str) -> bool {
    name.is_empty() || name == "UTC"
}

/// How many seconds the zone's clock is ahead of UTC at that instant.
#[cfg(feature = "timezones")]
fn offset(time: Timestamp, zone: &str) -> i64 {
    if is_utc(zone) {
        return 0;
    }
    // The last hours of the year 9999 are beyond what the database's library represents.
    let second = time.as_second().min(jiff::Timestamp::MAX.as_second());
    let instant = jiff::Timestamp::from_second(second).unwrap_or_default();
    zone_named(zone).map_or(0, |zone| i64::from(zone.to_offset(instant).seconds()))
}

#[cfg(feature = "timezones")]
fn zone_named(name: &str) -> Option<jiff::tz::TimeZone> {
    jiff::tz::TimeZoneDatabase::bundled().get(name).ok()
}

#[cfg(not(feature = "timezones"))]
fn offset(_: Timestamp, _: &str) -> i64 {
    0
}

#[cfg(not(feature = "timezones"))]
fn zone_named(_: &str) -> Option<()> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value::{Duration, Str};
    use crate::functions::support::test::called;

    fn time(text: &str) -> Value<'static> {
        Value::Timestamp(Timestamp::parse(text).unwrap())
    }

    #[test]
    fn parts_in_utc() {
        for (key, expected) in [
            ("timestamp.year", "1969"),
            ("timestamp.month", "12"),
            ("timestamp.day", "31"),
            ("timestamp.hour", "23"),
            ("timestamp.minute", "59"),
            ("timestamp.weekday", "3"),
            ("timestamp.date", "1969-12-31"),
        ] {
            assert_eq!(called(key, &[time("1969-12-31T23:59:59Z")]), expected, "{key}");
        }
    }

    #[cfg(feature = "timezones")]
    #[test]
    fn parts_in_zones() {
        for (text, zone, expected) in [
            ("2026-03-29T00:59:59Z", "Europe/Berlin", "1"),
            ("2026-03-29T01:00:00Z", "Europe/Berlin", "3"),
            ("9999-12-31T23:59:59Z", "Asia/Tokyo", "8"),
            ("0001-01-01T00:00:00Z", "America/New_York", "19"),
            ("2026-03-29T01:00:00Z", "UTC", "1"),
        ] {
            assert_eq!(called("timestamp.hour", &[time(text), Str(zone)]), expected, "{text} {zone}");
        }
        assert_eq!(check_zone(Str("Europe/Berlin")), Ok(()));
        assert_eq!(check_zone(Str("Europe/Atlantis")), Err("unknown time zone `Europe/Atlantis`: zones are named as in `Europe/Berlin`".into()));
    }

    #[test]
    fn units() {
        assert_eq!(called("duration.seconds", &[Duration(-1_999_999_999)]), "-1");
        assert_eq!(called("duration.hours", &[Duration(i64::MAX)]), "2562047");
        assert_eq!(check_zone(Str("UTC")), Ok(()));
    }
}
