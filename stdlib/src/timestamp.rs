//! Instants of the years 1 to 9999, to the nanosecond.

use std::fmt;

const NANOS: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// Days from 0001-01-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_162;
const FIRST_SECOND: i64 = -EPOCH_DAYS * DAY;
const LAST_SECOND: i64 = 253_402_300_799;

/// An instant between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

/// A date and time of day on some clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 and 10000 occur where a zone's offset leads there.
    pub year: i64,
    /// 1 to 12
    pub month: i64,
    /// 1 to 31
    pub day: i64,
    /// 0 to 23
    pub hour: i64,
    /// 0 to 59
    pub minute: i64,
    /// 0 to 59
    pub second: i64,
    /// ISO: 1 is Monday, 7 is Sunday.
    pub weekday: i64,
}

impl Timestamp {
    /// The instant that many nanoseconds after 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    pub fn from_nanosecond(nanos: i128) -> Option<Timestamp> {
        let seconds = i64::try_from(nanos.div_euclid(i128::from(NANOS))).ok()?;
        let nanos = u32::try_from(nanos.rem_euclid(i128::from(NANOS))).ok()?;
        Timestamp::new(seconds, nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub fn as_nanosecond(self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS) + i128::from(self.nanos)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn as_second(self) -> i64 {
        self.seconds
    }

    /// Reads RFC 3339 text: a date, `T` (or `t`, or a space), a time, an optional fraction of at most nine digits, and `Z` or an offset. Leap
    /// seconds have no instant of their own, and are refused rather than moved.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let mut rest = Reader(text.as_bytes());
        let year = rest.number(4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2).filter(|month| (1..=12).contains(month))?;
        rest.one_of(b"-")?;
        let day = rest.number(2).filter(|day| (1..=days_in_month(year, month)).contains(day))?;
        rest.one_of(b"Tt ")?;
        let hour = rest.number(2).filter(|hour| *hour < 24)?;
        rest.one_of(b":")?;
        let minute = rest.number(2).filter(|minute| *minute < 60)?;
        rest.one_of(b":")?;
        let second = rest.number(2).filter(|second| *second < 60)?;
        let nanos = rest.fraction()?;
        let offset = rest.offset()?;
        let days = days_before(year, month, day);
        let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset;
        if rest.0.is_empty() { Timestamp::new(seconds, nanos) } else { None }
    }

    /// The date and time on a clock that many seconds ahead of UTC.
    pub fn civil(self, offset: i64) -> Civil {
        let local = self.seconds + offset;
        let (days, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        Civil { year, month, day, hour: second / 3600, minute: second / 60 % 60, second: second % 60, weekday: (days + 3).rem_euclid(7) + 1 }
    }

    fn new(seconds: i64, nanos: u32) -> Option<Timestamp> {
        (FIRST_SECOND..=LAST_SECOND).contains(&seconds).then_some(Timestamp { seconds, nanos })
    }
}

/// RFC 3339 in UTC, with as many digits of the second as needed.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second, .. } = self.civil(0);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanos > 0 {
            let digits = format!("{:09}", self.nanos);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// Days from 1970-01-01 to a date, after Howard Hinnant's `days_from_civil`.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date that many days after 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The bytes not read yet.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, tail) = self.0.split_at_checked(digits)?;
        self.0 = tail;
        head.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
    }

    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        let (first, tail) = self.0.split_first()?;
        self.0 = tail;
        set.contains(first).then_some(*first)
    }

    fn fraction(&mut self) -> Option<u32> {
        let Some((b'.', digits)) = self.0.split_first() else { return Some(0) };
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, tail) = digits.split_at_checked(count)?;
        self.0 = tail;
        if !(1..=9).contains(&count) {
            return None;
        }
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        Some(padded.fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')))
    }

    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        self.one_of(b":")?;
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        Some(sign * (hours * 3600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Option<String> {
        Timestamp::parse(text).map(|timestamp| timestamp.to_string())
    }

    #[test]
    fn reads_and_prints_rfc_3339() {
        for (text, expected) in [
            ("2026-04-04T04:45:12Z", "2026-04-04T04:45:12Z"),
            ("2026-04-04t04:45:12z", "2026-04-04T04:45:12Z"),
            ("2026-04-04 04:45:12.500Z", "2026-04-04T04:45:12.5Z"),
            ("2026-04-04T00:00:00+02:00", "2026-04-03T22:00:00Z"),
            ("2024-02-29T23:59:59-05:30", "2024-03-01T05:29:59Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
            ("1969-12-31T23:59:59.000000001Z", "1969-12-31T23:59:59.000000001Z"),
        ] {
            assert_eq!(printed(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_other_text() {
        for text in [
            "",
            "2026-04-04",
            "2026-04-04T04:45Z",
            "2026-04-04T04:45:12",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-04T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-04-04T12:00:60Z",
            "2026-04-04T04:45:12.Z",
            "2026-04-04T04:45:12.0000000001Z",
            "2026-04-04T04:45:12+2:00",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2026-04-04T04:45:12Z ",
            "２026-04-04T04:45:12Z",
        ] {
            assert_eq!(printed(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_every_day() {
        let mut last = (0, 12, 31);
        for days in -EPOCH_DAYS..=LAST_SECOND / DAY {
            let (year, month, day) = date_of(days);
            assert!((year, month, day) > last);
            assert_eq!(days_before(year, month, day), days);
            last = (year, month, day);
        }
        assert_eq!(last, (9999, 12, 31));
    }

    #[test]
    fn knows_weekdays_and_offsets() {
        let time = Timestamp::parse("2026-04-04T23:45:12Z").unwrap();
        assert_eq!(time.civil(0).weekday, 6);
        assert_eq!(time.civil(3600), Civil { year: 2026, month: 4, day: 5, hour: 0, minute: 45, second: 12, weekday: 7 });
        assert_eq!(Timestamp::from_nanosecond(time.as_nanosecond()), Some(time));
        assert_eq!(Timestamp::from_nanosecond(i128::MAX), None);
    }
}
