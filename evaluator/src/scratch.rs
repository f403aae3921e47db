//! Memory that decisions reuse, one after the other, each thread for itself.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use tollgate_stdlib::Arena;

use crate::decision::Source;
use crate::eval::Stamps;
use crate::program::{Found, Program};

/// An arena that has grown beyond this is not kept for the next decision.
const MAX_KEPT_ARENA: usize = 1 << 20;

/// How many policies a thread remembers to have decided by.
const MAX_SOURCES: usize = 4;

/// What a decision works in.
#[derive(Default)]
struct Scratch {
    arena: Arena,
    stamps: Stamps,
    found: Found,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
    static SOURCES: RefCell<Vec<Arc<Source>>> = const { RefCell::new(Vec::new()) };
}

/// Runs something in memory that is empty, and empties it again.
pub(crate) fn with_scratch<R>(run: impl for<'a> FnOnce(&'a Arena, &'a mut Stamps, &'a mut Found) -> R) -> R {
    let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let result = run(&scratch.arena, &mut scratch.stamps, &mut scratch.found);
    if scratch.arena.allocated_bytes() > MAX_KEPT_ARENA {
        scratch.arena = Arena::new()
    } else {
        scratch.arena.reset()
    }
    // A thread that is ending keeps nothing.
    let _ = SCRATCH.try_with(|cell| cell.set(Some(scratch)));
    result
}

/// The thread's own handle of a policy, for its decisions to hold. A policy that is no longer used is held until the thread has decided by some others.
pub(crate) fn source(program: &Arc<Program>) -> Arc<Source> {
    let new = || Arc::new(Source { program: program.clone() });
    let known = SOURCES.try_with(|sources| {
        let Ok(mut sources) = sources.try_borrow_mut() else { return new() };
        if let Some(known) = sources.iter().find(|source| Arc::ptr_eq(&source.program, program)) {
            return known.clone();
        }
        if sources.len() == MAX_SOURCES {
            sources.remove(0);
        }
        let source = new();
        sources.push(source.clone());
        source
    });
    known.unwrap_or_else(|_| new())
}
