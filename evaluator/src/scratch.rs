//! Memory that decisions reuse, one after the other, each thread for itself.

use std::cell::Cell;

use tollgate_stdlib::Arena;

use crate::eval::Stamps;
use crate::program::Found;

/// An arena that has grown beyond this is not kept for the next decision.
const MAX_KEPT_ARENA: usize = 1 << 20;

/// What a decision works in.
#[derive(Default)]
struct Scratch {
    arena: Arena,
    stamps: Stamps,
    found: Found,
}

thread_local! {
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
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
