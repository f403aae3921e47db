//! The readers: each takes a call's bytes to the fields that are wanted.

use std::cell::RefCell;

use serde::Deserialize;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

use crate::call::{Arguments, Call, Short, Whole};

/// What a reader makes of a call: a number that depends on every field wanted, where it gives the fields; `Err` where it refuses the call.
pub type Read = Result<Option<usize>, ()>;

/// A reader and its name.
pub struct Reader {
    pub name: &'static str,
    pub read: Box<dyn Fn(&[u8]) -> Read>,
}

fn reader(name: &'static str, read: impl Fn(&[u8]) -> Read + 'static) -> Reader {
    Reader { name, read: Box::new(read) }
}

/// All of them; with the long field or without.
pub fn all(whole: bool) -> Vec<Reader> {
    let mut readers = vec![tollgate(whole)];
    readers.extend(if whole { typed::<WholeOf>() } else { typed::<ShortOf>() });
    readers.push(tape());
    readers
}

/// The arguments that are wanted, of any lifetime.
trait Of: 'static {
    type Args<'a>: Arguments + Deserialize<'a>;
}

struct ShortOf;
struct WholeOf;

impl Of for ShortOf {
    type Args<'a> = Short<'a>;
}

impl Of for WholeOf {
    type Args<'a> = Whole<'a>;
}

fn weight<A: Arguments, E>(call: Result<Call<'_, A>, E>) -> Read {
    call.map(|call| Some(call.weight())).map_err(|_| ())
}

fn typed<T: Of>() -> Vec<Reader> {
    let simd = RefCell::new((Vec::new(), simd_json::Buffers::new(1 << 17)));
    vec![
        reader("serde_json, bytes", |call| weight(serde_json::from_slice::<Call<T::Args<'_>>>(call))),
        reader("serde_json, checked text", |call| {
            weight(serde_json::from_str::<Call<T::Args<'_>>>(std::str::from_utf8(call).map_err(|_| ())?))
        }),
        reader("simd-json, copy and read", move |call| {
            let (copy, buffers) = &mut *simd.borrow_mut();
            copy.clear();
            copy.extend_from_slice(call);
            weight(simd_json::serde::from_slice_with_buffers::<Call<T::Args<'_>>>(copy, buffers))
        }),
        reader("sonic-rs", |call| weight(sonic_rs::from_slice::<Call<T::Args<'_>>>(call))),
    ]
}

/// The first half of what simd-json does, which no reader built on it undercuts.
fn tape() -> Reader {
    let simd = RefCell::new((Vec::new(), simd_json::Buffers::new(1 << 17)));
    reader("simd-json, copy and tape only", move |call| {
        let (copy, buffers) = &mut *simd.borrow_mut();
        copy.clear();
        copy.extend_from_slice(call);
        simd_json::to_tape_with_buffers(copy, buffers).map(|_| None).map_err(|_| ())
    })
}

/// A policy that keeps the fields that are wanted; reading a call for it is all that asking for its candidates without an index does.
fn tollgate(whole: bool) -> Reader {
    let (field, condition) = if whole { (", body: string", " and args.body == \"\"") } else { ("", "") };
    let policy = format!(
        "package reading
type Agent {{ id: string, role: string }}
type Args {{ recipient: string, size: int{field} }}
type Context {{ environment: string }}
input {{ agent: Agent, args: Args, context: Context, tool: Tool }}
deny all_of_it when agent.id == \"\" and agent.role == \"\" and args.recipient == \"\" and args.size == 0 and context.environment == \"\"{condition}
"
    );
    let compiled = PolicySet::check(Sources::of("reading.toll", &policy)).compile();
    let compiled = compiled.unwrap_or_else(|errors| panic!("the policy does not compile: {errors:#?}"));
    let engine = Engine::load(compiled.to_bytes()).expect("the plan is sound").without_index();
    reader("tollgate", move |call| {
        engine.candidates(call).map(|_| None).ok_or(())
    })
}
