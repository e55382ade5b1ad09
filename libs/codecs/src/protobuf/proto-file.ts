import { WeirError } from '@weir/model';

/** A field of a message as a .proto file declares it. */
export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar type, the full name of an enum or a message of this file, or a name of another file. */
  readonly type: string;
  /** What `type` is; `other` when another file has to tell. */
  readonly kind: 'scalar' | 'enum' | 'message' | 'other';
  readonly repeated: boolean;
}

/** A message as a .proto file declares it. */
export interface ProtoMessage {
  /** With its package and the messages that it stands in. */
  readonly name: string;
  readonly fields: readonly ProtoField[];
  /** Messages declared inside, in their order. */
  readonly messages: readonly ProtoMessage[];
}

const SCALARS: ReadonlySet<string> = new Set(['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes']);
const TOKEN = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_.][\w.]*|[+-]?[0-9][\w.+-]*|[{}[\]()<>;=,:+-])/gy;
const MAX_DEPTH = 64;

interface Scope {
  readonly path: string;
  readonly fields: { name: string; number: number; type: string; repeated: boolean; scope: string }[];
  readonly messages: Scope[];
}

/**
 * The messages of a .proto file (language versions 2 and 3), in their order; what is no message or enum is passed over. `references` are files
 * that it imports. Throws PROTOBUF_SCHEMA.
 */
export function parseProto(text: string, references: readonly string[] = []): readonly ProtoMessage[] {
  const names = new Map<string, 'enum' | 'message'>();
  for (const reference of references) new ProtoParser(reference, names).file();
  return new ProtoParser(text, names).file().map((scope) => resolvedMessage(scope, names));
}

class ProtoParser {
  readonly #tokens: readonly string[];
  readonly #names: Map<string, 'enum' | 'message'>;
  #at = 0;

  constructor(text: string, names: Map<string, 'enum' | 'message'>) {
    this.#tokens = tokensOf(text);
    this.#names = names;
  }

  file(): readonly Scope[] {
    const messages: Scope[] = [];
    let path = '';
    while (this.#at < this.#tokens.length) {
      const word = this.#next();
      if (word === 'package') path = this.#next();
      if (word === 'message') messages.push(this.#message(path, 0));
      else if (word === 'enum') this.#enum(path);
      else if (word !== ';') this.#passStatement();
    }
    return messages;
  }

  #message(outer: string, depth: number, named: string = this.#next()): Scope {
    if (depth > MAX_DEPTH) throw badProto(`it nests deeper than ${MAX_DEPTH}`);
    const scope: Scope = { path: joined(outer, named), fields: [], messages: [] };
    this.#names.set(scope.path, 'message');
    this.#expect('{');
    this.#body(scope, depth);
    return scope;
  }

  /** Up to the closing brace of a message, or of a oneof in it. */
  #body(scope: Scope, depth: number): void {
    for (let word = this.#next(); word !== '}'; word = this.#next()) {
      switch (word) {
        case ';':
          break;
        case 'message':
          scope.messages.push(this.#message(scope.path, depth + 1));
          break;
        case 'enum':
          this.#enum(scope.path);
          break;
        case 'oneof':
          this.#next();
          this.#expect('{');
          this.#body(scope, depth);
          break;
        case 'option':
        case 'reserved':
        case 'extensions':
        case 'extend':
          this.#passStatement();
          break;
        default:
          this.#field(scope, word, depth);
      }
    }
  }

  #field(scope: Scope, first: string, depth: number): void {
    const isLabel = first === 'repeated' || first === 'optional' || first === 'required';
    let type = isLabel ? this.#next() : first;
    let repeated = first === 'repeated';
    if (type === 'map' && this.#peek() === '<') {
      while (this.#next() !== '>');
      type = 'map';
      repeated = true;
    }
    const name = this.#next();
    this.#expect('=');
    const number = Number(this.#next());
    if (!Number.isInteger(number) || number < 1) throw badProto(`the field ${name} has no number`);
    if (type === 'group') {
      if (this.#peek() === '[') this.#passStatement('{');
      else this.#expect('{');
      this.#at--;
      scope.messages.push(this.#message(scope.path, depth + 1, name));
    } else this.#passStatement();
    scope.fields.push({ name, number, type, repeated, scope: scope.path });
  }

  #enum(outer: string): void {
    this.#names.set(joined(outer, this.#next()), 'enum');
    this.#passStatement();
  }

  /** Behind what ends with a semicolon, or with braces. */
  #passStatement(until = ''): void {
    for (let depth = 0; ; ) {
      const word = this.#next();
      if (word === until && depth === 0) return;
      if (word === '{' || word === '[') depth++;
      else if (word === '}' || word === ']') depth--;
      if (depth < 0 || (depth === 0 && (word === ';' || word === '}'))) return;
    }
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const word = this.#tokens[this.#at++];
    if (word === undefined) throw badProto('it ends in the middle');
    return word;
  }

  #expect(wanted: string): void {
    const word = this.#next();
    if (word !== wanted) throw badProto(`${word} stands where ${wanted} should`);
  }
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index !== at) break;
    at += match[0].length;
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  if (at < text.length) throw badProto(`${JSON.stringify(text.slice(at, at + 20))} is none of its words`);
  return tokens;
}

function resolvedMessage({ path, fields, messages }: Scope, names: ReadonlyMap<string, 'enum' | 'message'>): ProtoMessage {
  return {
    name: path,
    fields: fields.map(({ scope, ...field }) => ({ ...field, ...resolvedType(field.type, scope, names) })),
    messages: messages.map((message) => resolvedMessage(message, names)),
  };
}

/** A name means what stands in the innermost scope that has it. */
function resolvedType(type: string, scope: string, names: ReadonlyMap<string, 'enum' | 'message'>): Pick<ProtoField, 'type' | 'kind'> {
  if (SCALARS.has(type)) return { type, kind: 'scalar' };
  if (type === 'map' || type === 'group') return { type, kind: 'message' };
  if (type.startsWith('.')) return { type: type.slice(1), kind: names.get(type.slice(1)) ?? 'other' };
  for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
    const kind = names.get(joined(outer, type));
    if (kind !== undefined) return { type: joined(outer, type), kind };
    if (outer === '') return { type, kind: 'other' };
  }
}

function joined(outer: string, name: string): string {
  return outer === '' ? name : `${outer}.${name}`;
}

/** A mistake in a .proto file. */
export function badProto(what: string): WeirError {
  return new WeirError('PROTOBUF_SCHEMA', `The schema of Protocol Buffers cannot be used: ${what}.`, { remedy: 'Mend the schema.' });
}
