//! Reads requests: one JSON document, or JSON Lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::output::{Failure, Result};

/// Requests, one after the other.
pub struct Requests {
    input: Box<dyn BufRead>,
    /// What has been read and not yet given.
    ready: std::vec::IntoIter<Vec<u8>>,
    /// Whether lines follow.
    lines: bool,
    /// Whether one has been given.
    given: bool,
    limit: usize,
    path: String,
}

impl Requests {
    /// The requests in a file, or on standard input for `-`. Of a request longer than `limit` bytes, one byte more than that is kept.
    ///
    /// A file `.jsonl` or `.ndjson` has one a line. Any other text is one document, unless its first line is one and more follows, or it is no
    /// document but one of its lines is an object.
    pub fn open(path: &Path, limit: usize) -> Result<Requests> {
        let failed = |error| Failure::file("read", path, error);
        let is_stdin = path == Path::new("-");
        let input: Box<dyn BufRead> =
            if is_stdin { Box::new(BufReader::new(std::io::stdin())) } else { Box::new(BufReader::new(File::open(path).map_err(failed)?)) };
        let lines = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
        let mut requests = Requests { input, ready: Vec::new().into_iter(), lines, given: false, limit, path: path.display().to_string() };
        if !lines {
            requests.look()?;
        }
        Ok(requests)
    }

    /// The next request. That there is none at all is a failure, for whoever waits for a decision gets none.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let next = match self.ready.next() {
            None if self.lines => self.next_line()?,
            ready => ready,
        };
        if next.is_none() && !self.given {
            return Err(Failure::Because(format!("no request in `{}`", self.path)));
        }
        self.given = true;
        Ok(next)
    }

    /// Whether there is one request at most.
    pub fn is_single(&self) -> bool {
        !self.lines && self.ready.len() <= 1
    }

    /// Finds out whether this is one document.
    fn look(&mut self) -> Result<()> {
        let Some(first) = self.next_line()? else { return Ok(()) };
        if is_json(&first) {
            self.lines = true;
            self.ready = vec![first].into_iter();
            return Ok(());
        }
        let mut text = first;
        text.push(b'\n');
        let rest = u64::try_from(self.limit + 1).unwrap_or(u64::MAX).saturating_sub(text.len() as u64);
        self.input.by_ref().take(rest).read_to_end(&mut text).map_err(|error| self.failed(&error))?;
        let is_object = |line: &&[u8]| line.trim_ascii_start().starts_with(b"{") && is_json(line);
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
        if is_json(&text) || !lines.iter().any(is_object) {
            self.ready = vec![text].into_iter();
            return Ok(());
        }
        self.lines = true;
        let mut ready: Vec<Vec<u8>> = lines.into_iter().map(<[u8]>::to_vec).collect();
        if text.len() > self.limit
            && !text.ends_with(b"\n")
            && let Some(last) = ready.last_mut()
        {
            let rest = self.rest_of_line()?.unwrap_or_default();
            last.extend(rest);
        }
        self.ready = ready.into_iter();
        Ok(())
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some(line) = self.rest_of_line()? {
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    /// The input up to the next line end, which is left out; what is beyond the limit is read and forgotten.
    fn rest_of_line(&mut self) -> Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let most = u64::try_from(self.limit + 2).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(most).read_until(b'\n', &mut line).map_err(|error| self.failed(&error))?;
        if read == 0 {
            return Ok(None);
        }
        if line.pop_if(|last| *last == b'\n').is_none() && line.len() > self.limit {
            line.truncate(self.limit + 1);
            self.input.skip_until(b'\n').map_err(|error| self.failed(&error))?;
        }
        Ok(Some(line))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::Because(format!("cannot read `{}`: {error}", self.path))
    }
}

/// Whether bytes are one JSON value, as far as their syntax goes.
fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}
