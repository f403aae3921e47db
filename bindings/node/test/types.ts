// That the types fit how the package is used; compiled, never run.

import { Engine, Gate, RequestError, type Decision, type ToolCall } from '..';

const engine: Engine = Engine.load('policy.plan', { steps: 1_000 });
engine.setData('registry', { a: { tools: new Set(['x']), max_risk: 'high' } });
engine.setAll({ registry: '{}', domains: ['a.example'] });
interface Request {
  agent: { id: string };
}
const request: Request = { agent: { id: 'a' } };
const decision: Decision = engine.decide(request, { strict: true });
const effect: 'allow' | 'review' | 'deny' = decision.effect;
const id: string | undefined = decision.reasons[0]?.id;
engine.session({ prompt: 'x' }).record(request, effect, { text: id });
const gate = new Gate<{ user: string }>(engine, {
  facts: (state) => ({ agent: { id: state.user } }),
  review: async (call: ToolCall) => call.name === 'x',
  duties: { audit: () => {}, set_arg: (call, { value }) => ({ ...call, args: value }) },
});
const names: Promise<string[]> = gate.node({ user: 'ann' }).then((update) => update.allowedCalls.map((call) => call.name));
const message: string = new RequestError('x').decision?.policy ?? effect;
// @ts-expect-error only the module makes engines
new Engine();
// @ts-expect-error there is no such effect
engine.session().record(request, message);
// @ts-expect-error a gate knows who calls
new Gate(engine, {});

export { names };
