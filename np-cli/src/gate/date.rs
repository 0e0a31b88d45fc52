//! Days, and which one is today. Only here does np look at the clock.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::failure::Message;

/// The variable that says which second it is, for runs that must not depend on the clock.
const EPOCH: &str = "SOURCE_DATE_EPOCH";

const SECONDS: u64 = 24 * 60 * 60;

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// How many days have gone by since 1970-01-01, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i64);

impl Date {
    /// The day that it is.
    pub(super) fn day(self) -> Day {
        // Years are counted from March, so that the day that comes and goes is the last of a year.
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        Day(365 * year + year / 4 - year / 100 + year / 400 + of_year - 719_468)
    }
}

impl FromStr for Date {
    type Err = ();

    /// Reads `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_shaped {
            return Err(());
        }
        let year: u16 = text[..4].parse().map_err(|_| ())?;
        let month: u8 = text[5..7].parse().map_err(|_| ())?;
        let day: u8 = text[8..].parse().map_err(|_| ())?;
        let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return Err(()),
        };
        if year > 0 && (1..=days).contains(&day) { Ok(Self { year, month, day }) } else { Err(()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Today, in UTC, or the day that `SOURCE_DATE_EPOCH` says.
pub(super) fn today() -> Result<Day, Message> {
    let seconds = match std::env::var(EPOCH) {
        Ok(text) if !text.is_empty() => text.parse::<u64>().map_err(|_| {
            Message::new(format!("{EPOCH} is `{text}`, and no number of seconds"))
                .help("it counts seconds since 1970-01-01; unset it for the day it is")
        })?,
        _ => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs()),
    };
    Ok(Day(i64::try_from(seconds / SECONDS).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::{Date, Day};

    #[test]
    fn days_are_counted() {
        for (text, day) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-28", 20_785),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!((date.day(), date.to_string().as_str()), (Day(day), text));
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2027-1-31",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-04-31",
            "31.01.2027",
            "2027-01-3é",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
