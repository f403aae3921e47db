// Tollgate for Node: see `index.d.ts`.

'use strict';

const { readFileSync } = require('node:fs');
const { isUint8Array } = require('node:util').types;
const { asNoJson, json } = require('./json.js');

const native = built();

function built() {
  try {
    return require('./tollgate.node');
  } catch (error) {
    throw new Error(`the native part of tollgate is not built, or for another system: run \`node ${require.resolve('./build.js')}\``, { cause: error });
  }
}

/** Anything that Tollgate complains of. */
class TollgateError extends Error {
  get name() {
    return this.constructor.name;
  }
}
class LoadError extends TollgateError {}
class DataError extends TollgateError {}
class RequestError extends TollgateError {
  constructor(message, decision) {
    super(message);
    if (decision !== undefined) this.decision = decision;
  }
}

/** What is native is kept apart, so that nobody's object is taken for it. */
class Engine {
  #native;
  #requestBytes;
  #dataBytes;

  constructor(engine, key) {
    if (key !== KEY) throw new TypeError('an engine is made by `Engine.load`');
    this.#native = engine;
    [this.#requestBytes, this.#dataBytes] = engine.bounds();
  }

  static load(plan, limits = {}) {
    if (!isUint8Array(plan) && typeof plan !== 'string' && !(plan instanceof URL)) throw new TypeError('a plan is its bytes or the path of its file');
    const bytes = isUint8Array(plan) ? json(plan, false, 0) : readFileSync(plan);
    const checked = checkedLimits(limits);
    return failing(LoadError, () => new Engine(native.Engine.load(bytes, checked), KEY));
  }

  get policy() {
    return this.#native.policy();
  }

  unbound() {
    return this.#native.unbound();
  }

  setData(name, value) {
    this.setAll({ [name]: value });
  }

  setAll(data) {
    const names = Object.keys(data);
    const texts = names.map((name) => as(DataError, `data \`${name}\``, () => json(data[name], true, this.#dataBytes)));
    failing(DataError, () => this.#native.setAll(names, texts));
  }

  decide(request, options) {
    return decide(this.#native, this.#native, request, this.#requestBytes, options);
  }

  refuse(message, path = '') {
    return JSON.parse(this.#native.refuse(String(path), String(message)));
  }

  explain(request) {
    let text;
    try {
      text = this.#native.explain(json(request, true, this.#requestBytes));
    } catch (error) {
      const { path, message } = asNoJson(error);
      text = this.#native.refuseToExplain(path, message);
    }
    return JSON.parse(text);
  }

  allowedTools(request) {
    const text = as(RequestError, 'the request', () => json(request, true, this.#requestBytes));
    return failing(RequestError, () => this.#native.allowedTools(text));
  }

  fork() {
    return new Engine(this.#native.fork(), KEY);
  }

  session(facts = {}) {
    const text = as(DataError, 'session', () => json(facts, true, this.#dataBytes));
    return failing(DataError, () => new Session(this.#native.session(text), this.#native, [this.#requestBytes, this.#dataBytes], KEY));
  }
}

class Session {
  #native;
  #engine;
  #bounds;

  constructor(session, engine, bounds, key) {
    if (key !== KEY) throw new TypeError('a session is made by `Engine.session`');
    this.#native = session;
    this.#engine = engine;
    this.#bounds = bounds;
  }

  decide(request, options) {
    return decide(this.#native, this.#engine, request, this.#bounds[0], options);
  }

  refuse(message, path = '') {
    return JSON.parse(this.#engine.refuse(String(path), String(message)));
  }

  record(request, effect, result) {
    const made = as(DataError, 'the request', () => json(request, true, this.#bounds[0]));
    const gave = result === undefined ? undefined : as(DataError, 'the result', () => json(result, false, this.#bounds[1]));
    failing(DataError, () => this.#native.record(made, String(effect), gave));
  }

  get length() {
    return this.#native.length();
  }
}

/** Only this module makes engines and sessions. */
const KEY = Symbol('tollgate');

/** Decides a request, whatever it is; `engine` denies what has no JSON. */
function decide(decider, engine, request, bound, options) {
  let text;
  try {
    text = decider.decide(json(request, true, bound));
  } catch (error) {
    const { path, message } = asNoJson(error);
    text = engine.refuse(path, message);
  }
  const decision = JSON.parse(text);
  if (options?.strict) {
    const problem = decision.errors.find((error) => 'path' in error || 'data' in error || 'limit' in error);
    if (problem) throw new RequestError(problem.path ? `at \`${problem.path}\`: ${problem.message}` : problem.message, decision);
  }
  return decision;
}

/** Runs something native, whose errors are of one kind. */
function failing(Kind, run) {
  try {
    return run();
  } catch (error) {
    throw new Kind(error.message);
  }
}

/** Reads a value, which may have no JSON. */
function as(Kind, what, read) {
  try {
    return read();
  } catch (error) {
    const { path, message } = asNoJson(error);
    throw new Kind(path === '' ? `${what}: ${message}` : `${what}, at \`${path}\`: ${message}`);
  }
}

function checkedLimits(limits) {
  for (const [name, limit] of Object.entries(limits)) {
    if (!['inputBytes', 'depth', 'steps', 'dataBytes'].includes(name)) throw new TypeError(`there is no limit \`${name}\``);
    if (!Number.isSafeInteger(limit) || limit < 0) throw new TypeError(`the limit \`${name}\` must be a whole number`);
  }
  return limits;
}

module.exports = { DataError, Engine, LoadError, RequestError, Session, TollgateError };
module.exports.Gate = require('./gate.js').Gate;
