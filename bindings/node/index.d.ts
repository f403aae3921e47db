/** Decides AI agents' tool calls from a compiled policy: `allow`, `review` or `deny`. */

export type Effect = 'allow' | 'review' | 'deny';

/** JSON as text. */
export type JsonText = string | Uint8Array;

/**
 * A value that has a JSON: null, booleans, finite numbers, bigints, strings, `Date`, and arrays, sets, plain objects and maps of them. A field that is
 * undefined is absent. Anything else is an error, never another value.
 */
export type Json = null | boolean | number | bigint | string | Date | readonly Json[] | ReadonlySet<Json> | ReadonlyMap<string, Json> | { readonly [key: string]: Json | undefined };

/** A request, as JSON or as an object. */
export type Request = JsonText | object;

/** What the policy says of one tool call, by which rules, and why: as `tollgate eval` prints it. */
export interface Decision {
  effect: Effect;
  /** The full names of the rules that made it. */
  rules: string[];
  /** Why, in the order of the rules; the default's has the rule `""`. */
  reasons: { rule: string; id?: string; text: string }[];
  /** What must be done besides; who cannot refuses the call. */
  obligations: { name: string; args: Record<string, any> }[];
  /** Every score, `null` where it could not be computed. */
  scores: Record<string, number | null>;
  /** What the shadow rules that matched would have done. */
  shadow: { rule: string; effect: Effect; text: string }[];
  /** The errors that were met; the key beside `message` says where. */
  errors: { message: string; rule?: string; score?: string; path?: string; data?: string; limit?: string }[];
  /** The digest of the plan that decided. */
  policy: string;
}

/** A decision with what became of every rule, and what every score is made of. */
export interface Explanation {
  decision: Decision;
  rules: Record<string, any>[];
  scores: Record<string, any>[];
}

/** What could become of a tool's call, whatever its arguments. */
export interface ToolOutlook {
  tool: string;
  allow: boolean;
  review: boolean;
  deny: boolean;
}

/** Anything that Tollgate complains of. */
export class TollgateError extends Error {}

/** The plan cannot be used. */
export class LoadError extends TollgateError {}

/** Data, a session's facts or a recorded call do not fit the policy. */
export class DataError extends TollgateError {}

/** The request cannot be decided. */
export class RequestError extends TollgateError {
  /** Its deny, where `decide` was asked to be strict. */
  readonly decision?: Decision;
}

/** The limits of each decision. */
export interface Limits {
  /** Bytes of a request. */
  inputBytes?: number;
  /** Nesting of arrays and objects in a request and in data. */
  depth?: number;
  /** Evaluation steps. */
  steps?: number;
  /** Bytes of one data document. */
  dataBytes?: number;
}

export interface DecideOptions {
  /** Throws `RequestError` for a request that cannot be decided. */
  strict?: boolean;
}

/** A policy with its data. Each worker thread loads its own. */
export class Engine {
  private constructor();

  /** An engine for a plan, given as its bytes or as the path of its file. Throws `LoadError`, or what reading the file throws. */
  static load(plan: Uint8Array | string | URL, limits?: Limits): Engine;

  /** The digest of the plan. */
  readonly policy: string;

  /** The full names of data that must be bound before anything but `deny` is decided. */
  unbound(): string[];

  /** Binds data under its full name, or under its last part where that is unique. Strings and bytes are JSON. Throws `DataError`. */
  setData(name: string, value: JsonText | Json | object): void;

  /** Binds several data at once: all of them, or none where one does not fit. Throws `DataError`. */
  setAll(data: Record<string, JsonText | Json | object>): void;

  /** Decides a request. What cannot be decided is denied, with an entry in the decision's errors: nothing is thrown, unless `strict` asks for it. */
  decide(request: Request, options?: DecideOptions): Decision;

  /** The deny of a request that the host could not make: what is wrong, and where in it. */
  refuse(message: string, path?: string): Decision;

  /** The decision, with what became of every rule and the value of every condition. Slow. */
  explain(request: Request): Explanation;

  /**
   * What could become of each declared tool for the agent of a request, whose tool and arguments are passed over. A tool said to be denied always is.
   * Throws `RequestError`.
   */
  allowedTools(request: Request): ToolOutlook[];

  /** An engine of the same policy with the same data, whose data can then be replaced apart. */
  fork(): Engine;

  /** A conversation that begins with those facts, of the policy's type `Session`. Throws `DataError`. */
  session(facts?: Request): Session;
}

/** A conversation: it decides requests, which bring no `session` of their own, and remembers the calls that were made. */
export class Session {
  private constructor();

  /** How many calls it holds. */
  readonly length: number;

  /** Decides a request, as an engine does. */
  decide(request: Request, options?: DecideOptions): Decision;

  /** The deny of a request that the host could not make. */
  refuse(message: string, path?: string): Decision;

  /**
   * Remembers a call: what was decided of it, and what the tool gave, where it was called. A string is a tool's text, bytes are JSON. Throws `DataError`:
   * then the conversation has a call that the policy does not know of, and must end.
   */
  record(request: Request, effect: Effect, result?: Uint8Array | Json | object): void;
}

/** A tool call that a model wants to make. */
export interface ToolCall {
  id: string;
  name: string;
  args: any;
}

/** Whether a call may be made. */
export interface Verdict {
  /** The call, with the arguments that it may be made with. */
  call: ToolCall;
  allowed: boolean;
  /** Why it may not; what the rules said of one that may. */
  reasons: string[];
  decision: Decision;
  /** What was decided. */
  request: object;
}

/** What a graph's state becomes. */
export interface Update {
  /** For each call that is refused, the tool's message that says why. */
  messages: { role: 'tool'; content: string; tool_call_id: string; name: string; status: 'error' }[];
  /** The calls that may be made. */
  allowedCalls: { name: string; args: any; id: string; type: 'tool_call' }[];
}

export interface GateOptions<State> {
  /** What the host knows of the call: agent, user, context. A `tool` or `args` in it is passed over. */
  facts: (state: State) => object | Promise<object>;
  /** The server of each tool that has one. */
  servers?: Record<string, string>;
  /** Asks a person; only `true` is an approval. What it throws goes on to the caller, as LangGraph's `interrupt` must. */
  review?: (call: ToolCall, decision: Decision) => boolean | Promise<boolean>;
  /**
   * What fulfils each obligation but `approval`, given with its arguments and the decision, before the call is made. It may give the call another form; what it throws
   * refuses the call.
   */
  duties?: Record<string, (call: ToolCall, args: Record<string, any>, decision: Decision) => ToolCall | void | Promise<ToolCall | void>>;
}

/**
 * Decides tool calls, obeys obligations, and refuses whenever it cannot. Only a call's name and arguments are the model's word; everything else comes from
 * `facts`. Beyond what `review` throws, nothing is thrown.
 */
export class Gate<State = any> {
  /** A gate for an engine, or for one conversation by a session, whose calls it then records. */
  constructor(decider: Engine | Session, options: GateOptions<State>);

  /**
   * The node of a graph: decides the tool calls of the last message. Those in `allowedCalls` may be made, and nothing else. With a session one call of a
   * message may be made, since what the next is allowed depends on what became of it: `done` records that. Refused calls are recorded here.
   */
  readonly node: (state: State) => Promise<Update>;

  /** Whether a call may be made: `{id, name, args}` or `{id, function: {name, arguments}}`, as models' messages have it. */
  check(state: State, call: object): Promise<Verdict>;

  /** Records a call in the session, where the gate has one, with what the tool gave. Where that fails, every further call is refused. */
  record(verdict: Verdict, result?: Uint8Array | Json | object): void;

  /** Records what became of the call that the last message led to. One of which nothing is said counts as made, without a result. */
  done(result?: Uint8Array | Json | object): void;

  /**
   * A handler of MCP's `tools/call` that runs another one where the call may be made. `facts` gets `{request, extra}`; with a session, calls are made one
   * after the other.
   */
  mcp<Request extends { params: { name: string; arguments?: any } }, Extra, Result>(
    handler: (request: Request, extra: Extra) => Promise<Result>,
  ): (request: Request, extra: Extra) => Promise<Result | { isError: true; content: { type: 'text'; text: string }[] }>;
}
