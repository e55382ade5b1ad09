/** What an instruction sequence is made of before it is laid out: bytes, nested sequences, blocks and branches to them by name. */
export type Code = number | readonly Code[] | Block | Branch;

interface Block {
  readonly opcode: number;
  readonly label: string;
  readonly body: readonly Code[];
}

interface Branch {
  readonly branch: number;
  readonly to: readonly string[];
}

/** A local variable or parameter of a function. */
export interface Local {
  readonly local: number;
}

/** An operand: a local, a 32-bit constant, or instructions that leave one value. */
export type Operand = Local | number | readonly Code[];

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export const V128 = 0x7b;
const EMPTY = 0x40;

export interface FunctionSpec {
  readonly exported?: string;
  readonly params: readonly number[];
  /** Undefined for a function that answers nothing. */
  readonly result?: number;
  /** Types of the locals behind the parameters. */
  readonly locals?: readonly number[];
  /** Receives the parameters, then the locals. */
  readonly body: (...variables: readonly Local[]) => readonly Code[];
}

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const byte = Number(rest & 127n);
    if ((rest >> 7n === 0n && byte < 64) || (rest >> 7n === -1n && byte >= 64)) return [...bytes, byte];
    bytes.push(byte | 128);
  }
}

/** The instructions of an operand. */
export function operand(value: Operand): readonly Code[] {
  if (typeof value === 'number') return [0x41, ...signed(BigInt(value | 0))];
  return 'local' in value ? [0x20, ...unsigned(value.local)] : value;
}

export function set({ local }: Local, value: Operand): readonly Code[] {
  return [operand(value), 0x21, unsigned(local)];
}

/** Instructions that branch to the end of the block with `exit`. */
export function block(label: string, ...body: readonly Code[]): Code {
  return { opcode: 0x02, label, body };
}

/** A block that a branch to it begins anew. */
export function loop(label: string, ...body: readonly Code[]): Code {
  return { opcode: 0x03, label, body };
}

export function when(condition: Operand, ...body: readonly Code[]): Code {
  return [operand(condition), { opcode: 0x04, label: '', body }];
}

export function exit(label: string): Code {
  return { branch: 0x0c, to: [label] };
}

export function exitWhen(label: string, condition: Operand): Code {
  return [operand(condition), { branch: 0x0d, to: [label] }];
}

/** Branches to the label with this number; the last one is for all that are greater. */
export function exitTo(labels: readonly string[], index: Operand): Code {
  return [operand(index), { branch: 0x0e, to: labels }];
}

export function answer(value: Operand): Code {
  return [operand(value), 0x0f];
}

export function call(index: number, ...args: readonly Operand[]): readonly Code[] {
  return [...args.map(operand), 0x10, unsigned(index)];
}

/** A module with one imported memory (`env.memory`), mutable i32 globals, and functions that call each other by position. */
export function assemble(functions: readonly FunctionSpec[], globals: readonly number[]): Uint8Array<ArrayBuffer> {
  const exported = functions.flatMap(({ exported: name }, index) => (name === undefined ? [] : [[...text(name), 0x00, ...unsigned(index)]]));
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, functions.map(({ params, result }) => [0x60, ...unsigned(params.length), ...params, ...(result === undefined ? [0] : [1, result])])),
    ...section(2, [[...text('env'), ...text('memory'), 0x02, 0x00, 0x01]]),
    ...section(3, functions.map((_, index) => unsigned(index))),
    ...section(6, globals.map((type) => [type, 0x01, ...(type === F64 ? [0x44, 0, 0, 0, 0, 0, 0, 0, 0] : [0x41, 0x00]), 0x0b])),
    ...section(7, exported),
    ...section(10, functions.map(bodyOf)),
  ]);
}

function bodyOf({ params, locals = [], body }: FunctionSpec): number[] {
  const variables = [...params, ...locals].map((_, local) => ({ local }));
  const bytes = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type])];
  layOut(body(...variables), [], bytes);
  bytes.push(0x0b);
  return [...unsigned(bytes.length), ...bytes];
}

/** Appends the bytes of the code, with each label as the number of blocks between. */
function layOut(code: Code, labels: readonly string[], bytes: number[]): void {
  if (typeof code === 'number') bytes.push(code);
  else if ('opcode' in code) {
    bytes.push(code.opcode, EMPTY);
    layOut(code.body, [code.label, ...labels], bytes);
    bytes.push(0x0b);
  } else if ('branch' in code) {
    const depths = code.to.map((label) => labels.indexOf(label));
    if (depths.includes(-1)) throw new Error(`No block is called ${code.to.join()}.`);
    bytes.push(code.branch, ...(code.branch === 0x0e ? unsigned(depths.length - 1) : []), ...depths.flatMap(unsigned));
  } else for (const part of code) layOut(part, labels, bytes);
}

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const content = [...unsigned(entries.length), ...entries.flat()];
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  return [...unsigned(value.length), ...Buffer.from(value, 'latin1')];
}
