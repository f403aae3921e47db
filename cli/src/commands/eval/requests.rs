//! Reads requests: one JSON document, or JSON Lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use crate::output::{Failure, Result};

/// How much of a line that is too long is passed over in search of its end.
const PASSED_OVER: u64 = 1 << 30;

/// Requests, one after the other.
pub struct Requests {
    input: Input,
    /// What has been read and not yet given.
    ready: Option<Vec<u8>>,
    /// Whether lines follow.
    lines: bool,
    /// Whether there is one at most, as far as that is known without waiting.
    single: bool,
    /// Whether one has been given.
    given: bool,
}

impl Requests {
    /// The requests in a file, or on standard input for `-`. Of a request longer than `limit` bytes, one byte more than that is kept.
    ///
    /// A file `.jsonl` or `.ndjson` has one a line. Any other file is one document, unless each of its lines is an object: a document that is
    /// malformed must not turn into requests that somebody wrote into the middle of it. Of standard input or a pipe the first line alone decides,
    /// since whoever writes it may wait for the answer before the next.
    pub fn open(path: &Path, limit: usize) -> Result<Requests> {
        let failed = |error| Failure::file("read", path, error);
        let input = |source: Box<dyn Read>| Input::new(source, path, limit);
        if path == Path::new("-") {
            return Requests::of_stream(input(Box::new(std::io::stdin())));
        }
        let mut file = File::open(path).map_err(failed)?;
        if path.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson") {
            return Ok(Requests { input: input(Box::new(file)), ready: None, lines: true, single: false, given: false });
        }
        if !file.metadata().map_err(failed)?.is_file() {
            return Requests::of_stream(input(Box::new(file)));
        }
        let objects = input(Box::new(file.try_clone().map_err(failed)?)).objects()?;
        file.rewind().map_err(failed)?;
        Requests::of_file(input(Box::new(file)), objects)
    }

    /// The next request. That there is none at all is a failure, for whoever waits for a decision gets none.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let next = match self.ready.take() {
            None if self.lines => self.input.line()?,
            ready => ready,
        };
        let next = if self.lines { next.map(without_end) } else { next };
        if next.is_none() && !self.given {
            return Err(Failure::Because(format!("no request in `{}`", self.input.path)));
        }
        self.given = true;
        Ok(next)
    }

    /// Whether there is one request at most.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// A file with that number of lines, each an object; `None` where they are not.
    fn of_file(mut input: Input, objects: Option<usize>) -> Result<Requests> {
        let ready = if objects.is_none() { Some(input.document(Vec::new())?) } else { None };
        Ok(Requests { input, ready, lines: objects.is_some(), single: objects.is_none_or(|number| number <= 1), given: false })
    }

    fn of_stream(mut input: Input) -> Result<Requests> {
        let Some(first) = input.line()? else { return Ok(Requests { input, ready: None, lines: false, single: true, given: false }) };
        let lines = input.is_object(&first);
        let ready = if lines { first } else { input.document(first)? };
        Ok(Requests { input, ready: Some(ready), lines, single: !lines, given: false })
    }
}

/// Bytes, of which no more than a request is ever kept.
struct Input {
    bytes: BufReader<Box<dyn Read>>,
    path: String,
    /// The most that is kept: a byte more than a request may have.
    most: usize,
    /// Whether the last line was too long, so that its rest has yet to be passed over.
    cut: bool,
}

impl Input {
    fn new(source: Box<dyn Read>, path: &Path, limit: usize) -> Input {
        Input { bytes: BufReader::new(source), path: path.display().to_string(), most: limit.saturating_add(1), cut: false }
    }

    /// The next line that is not blank, with its end, or as much of it as is kept.
    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            self.pass_over()?;
            let mut line = Vec::new();
            // With one byte for the end.
            let most = u64::try_from(self.most).unwrap_or(u64::MAX).saturating_add(1);
            let read = self.bytes.by_ref().take(most).read_until(b'\n', &mut line).map_err(|error| self.failed(error))?;
            self.cut = line.len() > self.most && !line.ends_with(b"\n");
            if self.cut {
                line.truncate(self.most);
            }
            if read == 0 {
                return Ok(None);
            }
            if self.cut || !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// Passes over the rest of a line that was too long.
    fn pass_over(&mut self) -> Result<()> {
        if std::mem::take(&mut self.cut) {
            let passed = self.bytes.by_ref().take(PASSED_OVER).skip_until(b'\n').map_err(|error| self.failed(error))?;
            if u64::try_from(passed).is_ok_and(|passed| passed >= PASSED_OVER) {
                return Err(self.failed("a line does not end within a gibibyte"));
            }
        }
        Ok(())
    }

    /// All that there is, after what has been read of it.
    fn document(&mut self, mut text: Vec<u8>) -> Result<Vec<u8>> {
        let most = u64::try_from(self.most.saturating_sub(text.len())).unwrap_or(u64::MAX);
        self.bytes.by_ref().take(most).read_to_end(&mut text).map_err(|error| self.failed(error))?;
        Ok(text)
    }

    /// How many lines there are, if each is an object.
    fn objects(mut self) -> Result<Option<usize>> {
        let mut number = 0_usize;
        while let Some(line) = self.line()? {
            if !self.is_object(&line) {
                return Ok(None);
            }
            number = number.saturating_add(1);
        }
        Ok(Some(number))
    }

    /// Whether the line just read is one JSON object, as far as its syntax goes.
    fn is_object(&self, line: &[u8]) -> bool {
        !self.cut && line.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
    }

    fn failed(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::file("read", Path::new(&self.path), reason)
    }
}

/// A line without its end.
fn without_end(mut line: Vec<u8>) -> Vec<u8> {
    let _ = line.pop_if(|last| *last == b'\n');
    line
}
