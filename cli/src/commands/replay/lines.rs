//! The lines of a log, gzip or not, some at a time.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::sync_channel;

use flate2::read::MultiGzDecoder;

use crate::files::BYTE_ORDER_MARK;
use crate::output::{Failure, Result};

/// Bytes of lines that are read for each thread before they are decided: so few that a processor's cache still has them then.
const BATCH: usize = 1 << 18;
/// Batches that are read before anybody asks for them.
const AHEAD: usize = 2;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Hands a log's lines on, as many at a time as keep so many threads busy, while those after them are read. Of a line no more is kept than `longest` bytes
/// and one, which is too long for any request.
pub fn each_batch(path: &Path, longest: usize, threads: usize, take: impl FnMut(&Batch)) -> Result<()> {
    let mut take = take;
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(AHEAD);
        scope.spawn(move || {
            let size = BATCH.saturating_mul(threads);
            // It ends at the end of the log, or with the first error, after which nobody receives.
            let end = Lines::open(path, longest).and_then(|mut lines| {
                while let Some(batch) = lines.next(size)? {
                    if sender.send(Ok(batch)).is_err() {
                        break;
                    }
                }
                Ok(())
            });
            // Without a receiver nobody asks how it ended.
            let _ = end.map_err(|error| sender.send(Err(error)));
        });
        batches.into_iter().try_for_each(|batch| batch.map(|batch| take(&batch)))
    })
}

/// Some lines, with their numbers.
#[derive(Debug, Default)]
pub struct Batch {
    text: Vec<u8>,
    /// Of each line its number, and where it ends.
    ends: Vec<(u64, usize)>,
    /// Bytes of the file that were read for it.
    pub read: u64,
}

/// A log being read.
struct Lines<'p> {
    path: &'p Path,
    source: Box<dyn BufRead>,
    /// The number of the last line that was read.
    number: u64,
    longest: usize,
    read: Rc<Cell<u64>>,
}

impl Lines<'_> {
    fn open(path: &Path, longest: usize) -> Result<Lines<'_>> {
        let failed = |error| Failure::file("read", path, error);
        let read = Rc::new(Cell::new(0));
        let file: Box<dyn Read> = if path == Path::new("-") { Box::new(std::io::stdin()) } else { Box::new(File::open(path).map_err(failed)?) };
        let mut source = BufReader::with_capacity(1 << 16, Counted { source: file, read: Rc::clone(&read) });
        let is_gzip = source.fill_buf().map_err(failed)?.starts_with(&GZIP);
        let mut source: Box<dyn BufRead> = if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(source))) } else { Box::new(source) };
        if source.fill_buf().map_err(failed)?.starts_with(&BYTE_ORDER_MARK) {
            source.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Lines { path, source, number: 0, longest, read })
    }

    /// The next lines that are not empty, up to the first that makes them so many bytes; none at the end.
    fn next(&mut self, size: usize) -> Result<Option<Batch>> {
        let mut batch = Batch { text: Vec::with_capacity(size + size / 8), ..Batch::default() };
        while batch.text.len() < size {
            let start = batch.text.len();
            if !self.line(&mut batch.text).map_err(|error| Failure::file("read", self.path, error))? {
                break;
            }
            self.number += 1;
            let line = batch.text.get(start..).unwrap_or_default();
            let kept = start + line.trim_ascii_end().len();
            batch.text.truncate(kept);
            if kept > start {
                batch.ends.push((self.number, kept));
            }
        }
        batch.read = self.read.take();
        Ok((!batch.ends.is_empty()).then_some(batch))
    }

    /// Appends a line; `false` at the end.
    fn line(&mut self, text: &mut Vec<u8>) -> std::io::Result<bool> {
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        let taken = self.source.by_ref().take(most).read_until(b'\n', text)?;
        if taken == 0 {
            return Ok(false);
        }
        if !text.ends_with(b"\n") && u64::try_from(taken).is_ok_and(|taken| taken == most) {
            self.source.skip_until(b'\n')?;
        }
        Ok(true)
    }
}

impl Batch {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// So many lines from that one on, each with its number.
    pub fn lines(&self, start: usize, count: usize) -> impl Iterator<Item = (u64, &[u8])> {
        let before = start.checked_sub(1).and_then(|place| self.ends.get(place)).map_or(0, |(_, end)| *end);
        let ends = self.ends.iter().skip(start).take(count);
        ends.scan(before, |from, (number, end)| Some((*number, self.text.get(std::mem::replace(from, *end)..*end).unwrap_or_default())))
    }
}

struct Counted {
    source: Box<dyn Read>,
    read: Rc<Cell<u64>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.set(self.read.get() + u64::try_from(count).unwrap_or_default());
        Ok(count)
    }
}
