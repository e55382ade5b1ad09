import type { RegisteredSchema, SchemaSource } from '@weir/connector-api';
import { FRAME_BYTES, RegisteredSchemas } from '../registered-schemas.ts';
import type { Trouble } from '../trouble.ts';
import type { ProtobufField } from './protobuf-field.ts';
import { messageAt, messagesOf, unfit } from './protobuf-fit.ts';
import type { ProtobufInput } from './protobuf-input.ts';
import type { ProtoMessage } from './proto-file.ts';

const NO_FRAME: Trouble = { code: 'SCHEMA_FRAME', message: 'The value does not begin with the id of a schema and the place of its message.' };
/** How deep a message may stand in others. */
const MAX_PATH = 64;
/** How many places of messages are kept for each schema; damaged values may name any. */
const MAX_PATHS = 1_000;

/** Takes what stands in front of a message (Confluent's wire format): a zero, the id of a schema, and the place of the message in it. */
export interface Frames {
  readonly prepare?: (bytes: Buffer, starts: Int32Array, ends: Int32Array, count: number) => Promise<void> | undefined;
  /** Moves the input behind it; answers why the value cannot be read. */
  pass(input: ProtobufInput): Trouble | undefined;
}

/** Takes any id and any place. */
export const anyFrame: Frames = {
  pass: (input) => (input.fetch.bytes[input.at] === 0 && input.end - input.at > FRAME_BYTES && passPath(input, input.at + FRAME_BYTES) ? undefined : NO_FRAME),
};

/** What is known of a schema: by the place of a message whether it can be read. */
interface Checked {
  readonly id: number;
  readonly messages: readonly ProtoMessage[];
  /** Of the first message, which most schemas hold alone. */
  readonly first: Trouble | undefined;
  readonly others: Map<string, Trouble | undefined>;
}

/** Takes what a registry knows, and of that what the fields can be read from. */
export class RegistryFrames implements Frames {
  readonly #fields: readonly ProtobufField[];
  readonly #schemas: RegisteredSchemas<Checked>;

  constructor(registry: SchemaSource, fields: readonly ProtobufField[]) {
    this.#fields = fields;
    this.#schemas = new RegisteredSchemas(registry, { type: 'PROTOBUF', compile: (registered) => this.#checked(registered) });
  }

  prepare(bytes: Buffer, starts: Int32Array, ends: Int32Array, count: number): Promise<void> | undefined {
    return this.#schemas.prepare(bytes, starts, ends, count);
  }

  pass(input: ProtobufInput): Trouble | undefined {
    const { at, end } = input;
    const { bytes } = input.fetch;
    const known = this.#schemas.of(bytes, at, end);
    if ('trouble' in known) return known.trouble;
    const from = at + FRAME_BYTES;
    if (from < end && bytes[from] === 0) {
      input.at = from + 1;
      return known.first;
    }
    if (!passPath(input, from)) return NO_FRAME;
    return this.#other(known, bytes.toString('hex', from, input.at), input, from);
  }

  #checked(registered: RegisteredSchema): Checked {
    const messages = messagesOf(registered);
    return { id: registered.id, messages, first: this.#trouble(registered.id, messages, [0]), others: new Map() };
  }

  #other(known: Checked, key: string, input: ProtobufInput, from: number): Trouble | undefined {
    if (known.others.has(key)) return known.others.get(key);
    const behind = input.at;
    const path = pathAt(input, from);
    input.at = behind;
    const trouble = this.#trouble(known.id, known.messages, path);
    if (known.others.size >= MAX_PATHS) known.others.clear();
    known.others.set(key, trouble);
    return trouble;
  }

  #trouble(id: number, messages: readonly ProtoMessage[], path: readonly number[]): Trouble | undefined {
    const message = messageAt(messages, path);
    const problem = message === undefined ? `it has no message at ${path.join('.')}` : unfit(message, this.#fields);
    return problem === undefined ? undefined : { code: 'SCHEMA_MISMATCH', message: `Schema ${id} does not fit: ${problem}.` };
  }
}

/** Moves behind the place of a message: as zigzag varints the number of its numbers, and these; no numbers stand for the first message. */
function passPath(input: ProtobufInput, from: number): boolean {
  input.at = from;
  const count = input.zigzag();
  if (count < 0 || count > MAX_PATH) return false;
  for (let i = 0; i < count; i++) input.zigzag();
  return !input.isDamaged;
}

function pathAt(input: ProtobufInput, from: number): readonly number[] {
  input.at = from;
  const path = Array.from({ length: input.zigzag() }, () => input.zigzag());
  return path.length === 0 ? [0] : path;
}
