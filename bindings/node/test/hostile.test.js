// Whatever a request is, there is a decision, it is a deny, and it says why. Nothing is thrown, hangs or grows.

'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { DataError } = require('..');
const { calls, gateway } = require('./support.js');

function* hostile() {
  const itself = [];
  itself.push(itself);
  const around = {};
  around.args = around;
  let shared = [1];
  for (let depth = 0; depth < 200; depth++) shared = [shared, shared];
  let deep = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const throwsOdd = (odd) => new Proxy({}, { ownKeys() { throw odd; } });
  const odd = new Proxy({}, { getPrototypeOf() { throw new Error('odd'); }, get() { throw new Error('odd'); }, has() { throw new Error('odd'); } });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const pretender = new Uint8Array(4);
  Object.defineProperty(pretender, 'buffer', { get() { throw new Error('no buffer'); } });
  Object.defineProperty(pretender, 'length', { value: 1 << 30 });
  yield* Object.entries({
    nothing: undefined,
    null: null,
    'a number': 1,
    text: 'allow',
    'no text': Buffer.from([0xff, 0xfe]),
    empty: '',
    'no bytes': new Uint8Array(),
    detached,
    shared_memory: new Uint8Array(new SharedArrayBuffer(100)),
    'other numbers': new Float64Array(4),
    pretender,
    'a list': [],
    half: '{"agent": ',
    twice: '{"agent": {"id": "a"}, "agent": {"id": "b"}, "tool": {"name": "t"}}',
    trailing: '{"agent": {"id": "a"}, "tool": {"name": "t"}} x',
    NaN: { args: NaN },
    infinity: { args: [-Infinity] },
    'a large number': { args: 10n ** 40n },
    'a very large number': { args: 10n ** 300_000n },
    'a lone surrogate': { args: '\ud800' },
    'a lone surrogate for a key': { '\udfff': 1 },
    'a lone surrogate as JSON': '"\ud800"',
    itself: { args: itself },
    around,
    shared: { args: shared },
    deep: { args: deep },
    'deep JSON': '['.repeat(1_000_000),
    long: { args: 'x'.repeat(100_000_000) },
    'long JSON': `"${'x'.repeat(100_000_000)}"`,
    'long bytes': Buffer.alloc(100_000_000, 'x'),
    wide: { args: new Array(3_000_000).fill(0) },
    'a very long array': { args: new Array(4_000_000_000) },
    'a hole': { args: [, 1] },
    'a key of another type': { args: new Map([[1, 2]]) },
    'an object of a class': { args: new (class Args {})() },
    'an object with toJSON': { args: new (class { toJSON() { return {}; } })() },
    'a function': { args: () => ({}) },
    'a symbol': { args: Symbol('x') },
    'a promise': Promise.resolve({}),
    'a getter that throws': { get args() { throw new Error('no'); } },
    'a getter that throws nothing': { get args() { throw undefined; } },
    'a proxy that throws': throwsOdd(new Error('no')),
    'a proxy that throws what throws': throwsOdd(odd),
    'a revoked proxy': revoked.proxy,
    'an endless array': { args: new Proxy([], { get: (_, key) => (key === 'length' ? Infinity : 1) }) },
    'no date': { context: { time: new Date(NaN) } },
    'bytes in it': { args: Buffer.from('{}') },
    prototype: JSON.parse('{"__proto__": {"agent": {"id": "a"}}}'),
  });
}

test('a bad request is denied', () => {
  const engine = gateway();
  const session = engine.session();
  for (const [what, request] of hostile()) {
    const begun = performance.now();
    const decision = engine.decide(request);
    assert.ok(performance.now() - begun < 10_000, what);
    assert.equal(decision.effect, 'deny', what);
    assert.ok(decision.errors[0].message && JSON.stringify(decision).length < 2000, what);
    assert.deepEqual(engine.explain(request).decision, decision, what);
    assert.equal(session.decide(request).effect, 'deny', what);
    // Data may be long.
    if (!['shared', 'an endless array'].includes(what)) assert.throws(() => engine.setData('registry', request), DataError, what);
  }
});

test('at the end of the stack', () => {
  const engine = gateway();
  const request = { args: [[[[1]]]] };
  const sink = () => {
    try {
      return sink();
    } catch {
      return engine.decide(request).effect;
    }
  };
  try {
    assert.equal(sink(), 'deny');
  } catch (error) {
    assert.ok(error instanceof RangeError);
  }
});

test('random values', () => {
  const engine = gateway();
  let seed = 7;
  const random = (end) => (seed = (seed * 48271) % 2147483647) % end;
  const leaves = [null, undefined, true, 0, -0, -1.5, 1e308, '', '\x00', 'é😀', '\udc80', 2n ** 70n, NaN, Buffer.from(''), new Date(0), () => 1];
  const keys = ['agent', 'tool', 'args', 'name', 'id', '\ud800', '__proto__'];
  const value = (depth) => {
    const kind = random(depth > 0 ? 6 : 1);
    if (kind < 3) return leaves[random(leaves.length)];
    if (kind === 3) return Object.fromEntries(Array.from({ length: random(4) }, () => [keys[random(keys.length)], value(depth - 1)]));
    return Array.from({ length: random(4) }, () => value(depth - 1));
  };
  for (let round = 0; round < 20_000; round++) {
    assert.equal(engine.decide({ agent: value(2), tool: value(2), args: value(4) }).effect, 'deny');
  }
});

test('memory does not grow', () => {
  const engine = gateway();
  const work = () => {
    for (let round = 0; round < 500; round++) {
      for (const line of calls) engine.decide(line);
      engine.decide({ args: [1, { a: NaN }] });
      engine.allowedTools(calls[0]);
      engine.session({ prompt: 'x'.repeat(1000) }).record(calls[0], 'allow', 'y'.repeat(1000));
      assert.throws(() => engine.setData('registry', { a: 1 }), DataError);
    }
    engine.explain(calls[0]);
    globalThis.gc?.();
  };
  for (let round = 0; round < 3; round++) work();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 3; round++) work();
  assert.ok(process.memoryUsage().rss - before < 32 << 20, `${process.memoryUsage().rss - before}`);
});
