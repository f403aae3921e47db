// JavaScript's values as JSON, strictly: what has no JSON of its own is an error, never another value.

'use strict';

const { isDate, isMap, isSet, isSharedArrayBuffer, isUint8Array } = require('node:util').types;

/** As deep as an engine reads at most. */
const MAX_DEPTH = 256;

/** What a view's memory is, whatever properties it has been given. */
const bufferOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'buffer').get;

const LARGE = 10n ** 28n;

/** Why a value has no JSON, and where in it. */
class NoJson extends Error {
  /** That of no other object, whatever it pretends to be. */
  #mark;

  static is(error) {
    return typeof error === 'object' && error !== null && #mark in error;
  }

  constructor(message) {
    super(message);
    this.path = '';
  }

  /** Seen from what is around it. */
  below(step) {
    const inner = this.path.length > 256 ? '…' : this.path;
    const dot = inner === '' || inner.startsWith('[') || inner.startsWith('…') ? '' : '.';
    this.path = step + dot + inner;
    return this;
  }
}

/**
 * The JSON of a value: a string, or bytes. Bytes are JSON already, and so is a string if `stringIsJson`. Beyond `bound` bytes it is cut off, though
 * not at once: whoever reads it has that limit.
 */
function json(value, stringIsJson, bound) {
  if (typeof value === 'string' && stringIsJson) {
    // What is native would get another character in the place of a lone surrogate.
    if (!value.isWellFormed()) throw new NoJson('expected Unicode text, got a lone surrogate');
    return value;
  }
  if (isUint8Array(value)) {
    // Another thread may write into shared memory while it is read.
    return isSharedArrayBuffer(bufferOf.call(value)) ? Uint8Array.from(value) : value;
  }
  const writer = new Writer(bound);
  writer.value(value, 0);
  return writer.written();
}

/** Text is added up in a string, and that goes into bytes once it is long: a long string of many parts takes many times its length of memory. */
const CHUNK = 1 << 14;

class Writer {
  constructor(bound) {
    this.bound = bound;
    this.chunk = '';
    this.bytes = undefined;
    this.length = 0;
  }

  put(text) {
    this.chunk += text;
    if (this.chunk.length > CHUNK) this.flush();
  }

  flush() {
    const length = Buffer.byteLength(this.chunk);
    if (this.bytes === undefined || this.length + length > this.bytes.length) {
      const bytes = Buffer.allocUnsafe(2 * (this.length + length));
      this.bytes?.copy(bytes, 0, 0, this.length);
      this.bytes = bytes;
    }
    this.length += this.bytes.write(this.chunk, this.length);
    this.chunk = '';
  }

  isFull() {
    return this.length > this.bound;
  }

  written() {
    if (this.bytes === undefined) return this.chunk;
    this.flush();
    return this.bytes.subarray(0, this.length);
  }

  value(value, depth) {
    if (this.isFull()) return;
    switch (typeof value) {
      case 'string':
        this.put(JSON.stringify(value));
        return;
      case 'number':
        if (!Number.isFinite(value)) throw new NoJson(`expected a number, got ${value}`);
        this.put(Object.is(value, -0) ? '0' : String(value));
        return;
      case 'boolean':
        this.put(value ? 'true' : 'false');
        return;
      case 'bigint':
        this.put(digits(value));
        return;
      case 'object':
        if (value === null) this.put('null');
        else this.object(value, depth);
        return;
      default:
        throw new NoJson(`${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`} has no JSON`);
    }
  }

  object(value, depth) {
    // Deeper nothing is written, so that no value overflows the stack, an array that holds itself among them.
    if (depth >= MAX_DEPTH) throw new NoJson(`nested deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) this.array(value, depth);
    else if (isPlain(value)) this.fields(Object.keys(value), (key) => value[key], depth);
    else if (isSet(value)) this.array([...value], depth);
    else if (isMap(value)) this.fields([...value.keys()], (key) => value.get(key), depth);
    else if (isDate(value)) this.date(value);
    else throw new NoJson('an object of a class has no JSON');
  }

  array(items, depth) {
    this.put('[');
    for (let place = 0; place < items.length && !this.isFull(); place++) {
      if (place > 0) this.put(',');
      try {
        this.value(items[place], depth + 1);
      } catch (error) {
        throw asNoJson(error).below(`[${place}]`);
      }
    }
    this.put(']');
  }

  fields(keys, get, depth) {
    this.put('{');
    let first = true;
    for (const key of keys) {
      if (this.isFull()) break;
      if (typeof key !== 'string') throw new NoJson(`expected a string for a key, got a ${typeof key}`);
      try {
        const value = get(key);
        // A field that is undefined is one that is absent.
        if (value === undefined) continue;
        this.put((first ? '' : ',') + JSON.stringify(key) + ':');
        first = false;
        this.value(value, depth + 1);
      } catch (error) {
        throw asNoJson(error).below(key.length > 64 ? '…' : key);
      }
    }
    this.put('}');
  }

  date(value) {
    const time = value.getTime();
    if (Number.isNaN(time)) throw new NoJson('expected an instant, got an invalid date');
    this.put(JSON.stringify(new Date(time).toISOString()));
  }
}

/** What reading a value threw, a getter's error among it, whatever that is. */
function asNoJson(error) {
  return NoJson.is(error) ? error : new NoJson('reading it threw an error');
}

function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  // That of an object from another realm is another.
  return prototype === null || prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'));
}

/** Longer ones no number of a policy holds, and printing them takes long. */
function digits(value) {
  if (value > LARGE || value < -LARGE) throw new NoJson('expected a number of at most 28 digits, got a longer one');
  return String(value);
}

module.exports = { json, asNoJson };
