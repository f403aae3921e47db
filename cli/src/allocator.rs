//! The command's allocator: mimalloc, counted.
//!
//! Checking a set and keeping it for an editor makes many small things, which several threads give back. With the system's allocator, checking
//! 10,000 rules takes half as long again (`cargo bench -p tollgate --bench editor`, `--bench authoring`). `bench` says what decisions allocate, so
//! that each thread counts.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static MADE: Cell<u64> = const { Cell::new(0) };
}

/// How often some work asks for memory on this thread.
pub fn count(work: impl FnOnce()) -> u64 {
    let before = MADE.get();
    work();
    MADE.get().wrapping_sub(before)
}

struct Counting;

// SAFETY: every call is passed on to `MiMalloc`, a `GlobalAlloc`, as it came, and its answer is given back as it is: what callers promise it and what it
// promises them holds. Counting itself neither allocates nor panics: the counter needs no initialisation and no destructor, and wraps.
#[expect(unsafe_code, reason = "an allocator is an unsafe trait")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        made();
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        unsafe { MiMalloc.dealloc(ptr, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        made();
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        made();
        unsafe { MiMalloc.realloc(ptr, layout, new_size) }
    }
}

fn made() {
    MADE.set(MADE.get().wrapping_add(1));
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_thread_allocates_is_counted() {
        assert_eq!(super::count(|| ()), 0);
        assert_eq!(super::count(|| drop(std::hint::black_box(vec![1]))), 1);
        let elsewhere = super::count(|| std::thread::scope(|scope| drop(scope.spawn(|| vec![1]).join())));
        assert_eq!(super::count(|| drop(std::hint::black_box(Box::new(1)))), 1, "{elsewhere} beside");
    }
}
