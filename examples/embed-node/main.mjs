// An agent's loop with a gate between model and tools: `main.mjs PLAN`.
//
// The model is a script, and the tools print what they do; all else is as in a service.

import { readFileSync } from 'node:fs';
import { Engine, Gate } from 'tollgate';

const DATA = new URL('../embed/data/staff_domains.json', import.meta.url);

/** The server of each tool, which no model is asked about. */
const servers = { read: 'files', fetch: 'web', send: 'mail', transfer: 'pay', run: 'shell' };

/** What the model wants to call, message by message. */
function* model() {
  const mail = (to) => ({ name: 'send', args: { to, subject: 'The page', body: '…' } });
  const transfer = (amount) => ({ name: 'transfer', args: { to_iban: 'DE02120300000000202051', amount } });
  yield [mail('bob@corp.example')];
  yield [{ name: 'fetch', args: { url: 'https://news.example/today' } }];
  yield [mail('ann@corp.example')];
  yield [mail('bob@corp.example'), mail('eve@mailbox.example')];
  yield [mail('eve@mailbox.example')];
  yield [transfer(60)];
  yield [transfer(60)];
  yield [{ name: 'run', args: { command: 'ls' } }, { name: 'read', args: { path: 7 } }];
}

/** Who calls, and when: the service's word. A real one takes them from its own session, and the time from its clock. */
const facts = () => ({ agent: { id: 'assistant-1' }, context: { time: '2026-11-12T10:00:00Z' } });

/** Asks a person, who approves what costs nothing. */
async function review(call, decision) {
  const approved = call.name !== 'transfer';
  console.log(`    ask      ${decision.reasons.map((reason) => reason.text).join('; ')} -> ${approved ? 'yes' : 'no'}`);
  return approved;
}

/** What is to be hidden of the next result. */
const hidden = [];

const duties = {
  // Keeps a record: here the line says so; the decision, as JSON, is what to keep.
  audit: (call, { level }, decision) => console.log(`    audit    ${level}: ${decision.effect} by ${decision.rules.join(', ')}`),
  notify: (call, { channel }) => console.log(`    notify   ${channel}`),
  // Replaces an argument; the policy names none that is deeper.
  set_arg(call, { path, value }) {
    const name = path.slice(1);
    if (name.includes('/')) throw new Error(path);
    return { ...call, args: { ...call.args, [name]: value } };
  },
  redact(call, { path }) {
    hidden.push(path);
  },
};

/** Makes a call that may be made. */
function run(call) {
  console.log(`    run      ${call.name} ${JSON.stringify(call.args)}`);
  return { text: '…', headers: { 'set-cookie': 'id=17' } };
}

/** A result without what the model may not see. */
function shown(result) {
  const copy = structuredClone(result);
  for (const path of hidden.splice(0)) {
    const names = path.slice(1).split('/');
    const last = names.pop();
    const part = names.reduce((part, name) => part?.[name], copy);
    if (part !== undefined && last in part) part[last] = '[redacted]';
  }
  return copy;
}

const engine = Engine.load(process.argv[2]);
engine.setData('staff_domains', readFileSync(DATA));
const session = engine.session({ prompt: 'Summarise the page and mail it to ann@corp.example.' });
const gate = new Gate(session, { facts, servers, review, duties });

const state = { messages: [] };
let turn = 0;
for (const wanted of model()) {
  const calls = wanted.map((call, place) => ({ ...call, id: `call-${turn}-${place}` }));
  turn += 1;
  state.messages.push({ role: 'assistant', content: '', tool_calls: calls });
  for (const call of calls) console.log(`${call.name} ${JSON.stringify(call.args)}`);
  const update = await gate.node(state);
  for (const message of update.messages) console.log(`    refused  ${message.content}`);
  state.messages.push(...update.messages);
  for (const call of update.allowedCalls) {
    const result = run(call);
    gate.done(result);
    const content = JSON.stringify(shown(result));
    state.messages.push({ role: 'tool', content, tool_call_id: call.id, name: call.name });
    console.log(`    done     ${content}`);
  }
}
