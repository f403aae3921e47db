// What an enforcement point owes its policy, around an engine: see `index.d.ts`.

'use strict';

/** Decides tool calls, obeys obligations, and refuses whenever it cannot. */
class Gate {
  #decider;
  #facts;
  #servers;
  #review;
  #duties;
  #session;
  // The call that the last message led to, which is not recorded yet.
  #open;
  // Set when a call could not be recorded: a policy that has missed a call must not be asked about the next.
  #isBroken = false;
  // The end of the last call of those that are made one after the other.
  #last = Promise.resolve();

  constructor(decider, { facts, servers = {}, review, duties = {} }) {
    if (typeof facts !== 'function') throw new TypeError('a gate needs `facts`: a function that says who calls');
    this.#decider = decider;
    this.#facts = facts;
    this.#servers = new Map(Object.entries(servers));
    this.#review = review;
    this.#duties = new Map(Object.entries(duties));
    this.#session = typeof decider.record === 'function' ? decider : undefined;
    this.node = this.node.bind(this);
  }

  node(state) {
    if (!this.#session) return this.#update(state);
    // In a conversation what a call may do depends on what became of those before it.
    return this.#inTurn(() => {
      this.done();
      return this.#update(state);
    });
  }

  async #update(state) {
    const update = { messages: [], allowedCalls: [] };
    for (const raw of callsOf(state)) {
      if (this.#open) {
        update.messages.push(refusal(read(raw), ['one call at a time: ask again']));
        continue;
      }
      const verdict = await this.check(state, raw);
      const { call } = verdict;
      if (!verdict.allowed) {
        update.messages.push(refusal(call, verdict.reasons));
        this.record(verdict);
        continue;
      }
      update.allowedCalls.push({ name: call.name, args: call.args, id: call.id, type: 'tool_call' });
      this.#open = this.#session && verdict;
    }
    return update;
  }

  async check(state, raw) {
    const call = read(raw);
    let request = {};
    let decision;
    if (typeof call.args !== 'object' || Array.isArray(call.args)) {
      const message = 'the arguments are no JSON object';
      return { call, allowed: false, reasons: [message], decision: this.#decider.refuse(message, 'args'), request };
    }
    try {
      const server = this.#servers.get(call.name);
      const tool = server === undefined ? { name: call.name } : { name: call.name, server };
      request = { ...(await this.#facts(state)), tool, args: call.args };
      decision = this.#decider.decide(request);
    } catch {
      decision = this.#decider.refuse('the host could not make the request');
    }
    const reasons = decision.reasons.map((reason) => reason.text);
    const refused = (...more) => ({ call, allowed: false, reasons: [...reasons, ...more], decision, request });
    if (decision.effect === 'deny') {
      await this.#fulfil(call, decision); // what a deny asks for is tried; there is nothing left to refuse
      const errors = decision.errors.map((error) => error.message);
      return refused(...errors, ...(reasons.length + errors.length === 0 ? ['the policy denies it'] : []));
    }
    const obstacle = await this.#obstacle(call, decision);
    if (obstacle !== undefined) return refused(obstacle);
    const made = await this.#fulfil(call, decision);
    if (made === undefined) return refused('an obligation could not be fulfilled');
    return { call: made, allowed: true, reasons, decision, request };
  }

  record(verdict, result) {
    if (!this.#session) return;
    // To the policy, a call that was not made is a denied one, whoever refused it.
    const effect = verdict.allowed ? verdict.decision.effect : 'deny';
    // A refused call may have no request, or one that is no JSON: that it was asked for is remembered.
    const known = verdict.allowed ? [verdict.request] : [verdict.request, { tool: { name: verdict.call.name } }];
    for (const request of known) {
      try {
        return this.#session.record(request, effect, result);
      } catch {
        continue;
      }
    }
    this.#isBroken = true;
  }

  done(result) {
    const verdict = this.#open;
    this.#open = undefined;
    if (verdict) this.record(verdict, result);
  }

  mcp(handler) {
    const call = async (request, extra) => {
      const { name, arguments: args } = request.params;
      const verdict = await this.check({ request, extra }, { name, args });
      if (!verdict.allowed) {
        this.record(verdict);
        return { isError: true, content: [{ type: 'text', text: sentence(verdict.reasons) }] };
      }
      let result;
      try {
        result = await handler({ ...request, params: { ...request.params, arguments: verdict.call.args } }, extra);
        return result;
      } finally {
        this.record(verdict, result);
      }
    };
    return this.#session ? (request, extra) => this.#inTurn(() => call(request, extra)) : call;
  }

  #inTurn(run) {
    const done = this.#last.then(run);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Why a call that is not denied may not be made; a person is asked last. */
  async #obstacle(call, decision) {
    if (this.#isBroken) return 'an earlier call could not be recorded';
    const names = decision.obligations.map((obligation) => obligation.name);
    const unknown = names.find((name) => name !== 'approval' && !this.#duties.has(name));
    if (unknown !== undefined) return `nobody here can fulfil \`${unknown}\``;
    if (decision.effect === 'allow' && !names.includes('approval')) return undefined;
    if (!this.#review) return 'a person must approve it, and nobody can be asked';
    return (await this.#review(call, decision)) === true ? undefined : 'nobody approved it';
  }

  /** The call once every obligation is fulfilled; nothing where one is not. */
  async #fulfil(call, decision) {
    try {
      for (const { name, args } of decision.obligations) {
        const duty = this.#duties.get(name);
        if (duty) call = (await duty(call, args, decision)) ?? call;
      }
      return call;
    } catch {
      return undefined;
    }
  }
}

/** The message that a model gets in the place of a tool's. */
function refusal(call, reasons) {
  return { role: 'tool', content: sentence(reasons), tool_call_id: call.id, name: call.name, status: 'error' };
}

function sentence(reasons) {
  return `Not called: ${reasons.join('; ')}`;
}

/** The tool calls of a state's last message; none where there is no such thing, so that nothing is made. */
function callsOf(state) {
  const messages = get(state, 'messages');
  const calls = get(Array.isArray(messages) ? messages.at(-1) : undefined, 'tool_calls');
  return Array.isArray(calls) ? [...calls] : [];
}

/** A call of a message, in either form. Arguments that are no JSON stay the text that they are, and are refused. */
function read(raw) {
  const fn = get(raw, 'function');
  const name = get(fn === undefined ? raw : fn, 'name');
  const args = fn === undefined ? get(raw, 'args') : parsed(get(fn, 'arguments'));
  const id = get(raw, 'id');
  return { id: typeof id === 'string' ? id : '', name: typeof name === 'string' ? name : '', args: args ?? {} };
}

function parsed(text) {
  try {
    return typeof text === 'string' ? JSON.parse(text || '{}') : text;
  } catch {
    return text;
  }
}

/** A part of something; nothing where there is none, or asking for it throws. */
function get(value, name) {
  try {
    return value?.[name] ?? undefined;
  } catch {
    return undefined;
  }
}

module.exports = { Gate };
